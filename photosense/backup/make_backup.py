"""Making a backup of a home, a single one or the next of a series, also while it is served."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from common.files import new_folder
from photosense.backup.home_copy import save_home
from photosense.backup.series import backups_in, drop_oldest, next_place, share
from photosense.errors import PhotosenseError
from photosense.house import open_house
from photosense.service.home_status import note_backup
from photosense.settings import Settings
from photosense.soundness.home import content_verdicts
from qdrant.store import Store

_STORE: Final = "store"
_REFUSED: Final = ("store", "files")  # parts of a home that are not saved where they are damaged


@dataclass(frozen=True, slots=True)
class BackupMade:
    """What was saved, where, and of a series: how many bytes are shared, how many are kept, how many went."""

    place: Path
    posts: int
    model: str | None
    seconds: float
    shared: int | None = None
    kept: int = 1
    dropped: int = 0


def make_backup(settings: Settings, folder: Path, keep: int | None) -> BackupMade:
    """Save into a folder that does not exist yet; with `keep`, into the next one of a series."""
    place = folder if keep is None else next_place(folder, datetime.now(UTC))
    if settings.home.resolve() in place.resolve().parents:
        raise PhotosenseError(f"{place} lies in the home, and would be lost with it: name a place elsewhere.")
    before = next(reversed(backups_in(folder)), None) if keep else None
    began, shared = time.monotonic(), None
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with (
            open_house(settings, with_model=False, with_detector=False) as house,
            new_folder(place) as aside,
        ):
            _refuse_damage(settings, house.store)
            saved = house.store.backup(aside / _STORE)
            active = house.store.active
            if active and not (settings.models_path / active).is_dir():
                raise PhotosenseError(
                    f"{settings.models_path / active}, the model in force, is missing: train anew.",
                    "model_folder_missing",
                )
            save_home(settings, aside, saved.posts, active, before)  # after the store: it knows of all its takedowns
            if before is not None:
                shared = share(aside, before)
        note_backup(settings, saved.posts, active)
    except OSError as error:
        raise PhotosenseError(
            f"The backup {place} cannot be written: {error.strerror}. Name a writable folder.",
            "backup_not_written",
        ) from error
    dropped = drop_oldest(folder, keep) if keep is not None else []
    kept = len(backups_in(folder)) if keep is not None else 1
    return BackupMade(place, saved.posts, active, time.monotonic() - began, shared, kept, len(dropped))


def _refuse_damage(settings: Settings, store: Store) -> None:
    """A backup of what is damaged would push out those that are whole."""
    damaged = [verdict for verdict in content_verdicts(settings, store) if verdict.part in _REFUSED and verdict.faults]
    for verdict in damaged:
        raise PhotosenseError(
            f"The store is damaged, and nothing was saved: {verdict.faults[0].says} "
            "`photosense verify` says what to do.",
            "store_damaged",
        )
