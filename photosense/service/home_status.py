"""What a home holds beside its posts, for whoever looks after it: models, small photos, records, the last backup."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from api.answers import (
    BackupStatus,
    CheckStatus,
    HomeAnswer,
    ModelRow,
    ModelsAnswer,
    QualityRemark,
    RecordStatus,
    RenditionStatus,
)
from common.files import write_file
from compliance.law import Law
from ingest.photos.rendition_folder import RenditionFolder
from photosense.settings import Settings
from photosense.soundness.note import last_check
from qdrant.store import Store
from qdrant.vector_kind import THETA
from topic_model.artifact import load_quality
from topic_model.verdict import quality_remarks
from training.publish import PublishedModels

BACKUP: Final = "backup.json"


def home_status(settings: Settings, store: Store, law: Law, renditions: RenditionFolder | None) -> HomeAnswer:
    """Look at it now."""
    kept = renditions.kept() if renditions else None
    records = (record.soundness() for record in (law.audit, law.takedowns, law.tombstones))
    return HomeAnswer(
        models=_models(settings, store),
        parts=list(store.info().parts),
        renditions=RenditionStatus(kept.photos, kept.bytes) if kept else None,
        records=[RecordStatus(each.path.name, each.lines, not each.breaks) for each in records if each is not None],
        backup=_last_backup(settings),
        check=_last_check(settings),
    )


def home_models(settings: Settings, store: Store) -> ModelsAnswer:
    """The models of a home, and which was in force before."""
    active = store.in_force()
    before = PublishedModels(settings.models_path).before(active) if active else None
    return ModelsAnswer(_models(settings, store), before)


def note_backup(settings: Settings, posts: int, model: str | None) -> None:
    """Remember that a backup was made just now."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    write_file(settings.home / BACKUP, json.dumps({"at": at, "posts": posts, "model": model}))


def _last_check(settings: Settings) -> CheckStatus | None:
    last = last_check(settings)
    return None if last is None else CheckStatus(last.at.isoformat(timespec="seconds"), last.damaged)


def _last_backup(settings: Settings) -> BackupStatus | None:
    try:
        noted = json.loads((settings.home / BACKUP).read_bytes())
        return BackupStatus(str(noted["at"]), int(noted["posts"]), noted["model"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _models(settings: Settings, store: Store) -> list[ModelRow]:
    """The models of the home, the newest first."""
    active, filled = store.in_force(), store.info().sizes(THETA)
    folders = [one for one in settings.models_path.glob("*/") if (one / "model.json").is_file()]
    rows = []
    for folder in sorted(folders, key=lambda one: (-one.stat().st_mtime, one.name)):
        quality = load_quality(folder)
        rows.append(
            ModelRow(
                id=folder.name,
                learned=datetime.fromtimestamp(folder.stat().st_mtime, UTC).isoformat(timespec="seconds"),
                topics=filled.get(folder.name),
                live_topics=quality.live_topics if quality else None,
                documents=quality.documents if quality else None,
                perplexity=_rounded(quality.perplexity) if quality else {},
                usual=_rounded(quality.usual) if quality else {},
                verdict=[QualityRemark(*remark) for remark in quality_remarks(quality, held_out=True)]
                if quality
                else [],
                state="in_force" if folder.name == active else "ready" if folder.name in filled else "kept",
            )
        )
    return rows


def _rounded(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 1) for name, value in figures.items()}
