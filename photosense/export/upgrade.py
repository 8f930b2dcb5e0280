"""A store of a former format goes forward by itself: each post becomes the line of an export, and that a post of today.

The old store is kept beside. Whatever ends an upgrade half-way leaves the old one in force, and the next one goes on.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from compliance.facts import from_payload, to_payload
from compliance.lexicon.lexicon import default_lexicon
from compliance.precedence import with_photo
from ingest.post import Post
from ingest.steps.copies import keys_of
from photosense.errors import PhotosenseError
from photosense.export.post_line import point_from, post_line
from photosense.settings import Settings
from photosense.soundness.store import check_store
from qdrant.edge.former import FormerStore, keep_beside, store_format, take_the_place
from qdrant.engine.about import FORMAT, FORMER, About
from qdrant.engine.protocol import batches
from qdrant.engine.store import EngineStore
from qdrant.open_store import open_folder
from qdrant.points import Fields, StoredPoint
from qdrant.vector_kind import Owner
from topic_model.artifact import load_model
from topic_model.document import IMAGE
from topic_model.errors import TopicModelError

_ASIDE: Final = ".upgrade"


class Upgrade(NamedTuple):
    """What an upgrade did: from which format, where the old store is, how many posts, and the model that stayed."""

    former: int
    kept: Path
    posts: int
    model: str | None
    lost_model: str | None


def upgrade_store(settings: Settings, progress: Callable[[int], None] = lambda _: None) -> Upgrade | None:
    """Bring the store of a home forward; None where it is of today's format."""
    store = settings.store_path
    if not store.exists():
        raise PhotosenseError(f"{store} is no store: name the home with --home.")
    former = store_format(store)
    if former == FORMAT:
        return None
    if former not in FORMER:
        raise PhotosenseError(
            f"{store} has format {former}, which is newer than this version ({FORMAT}): take the version that wrote it."
        )
    kept, aside = store.with_name(f"{store.name}-format-{former}"), settings.home / _ASIDE
    try:
        shutil.rmtree(aside, ignore_errors=True)
        with closing(FormerStore(store, before=lambda: keep_beside(store, kept))) as old:
            model, lost = _model_of(settings, old.about.active)
            about = _about(old.about, model)
            with closing(open_folder(aside, settings.bounds)) as new:
                _fill(new, _points(old, former, model, about), about, progress)
                if model is not None:
                    new.activate(model)
                _check(new, old.count(), kept)
                posts = new.count()
        take_the_place(store, aside)
    except OSError as error:
        raise PhotosenseError(
            f"{error.filename or settings.home} cannot be written: {error.strerror}. The old store is in force; make "
            "room, then ask again."
        ) from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        for beside in ("lock", "turn"):
            aside.with_name(f"{_ASIDE}.{beside}").unlink(missing_ok=True)
    return Upgrade(former, kept, posts, model, lost)


def _model_of(settings: Settings, active: str | None) -> tuple[str | None, str | None]:
    """The model in force where this version reads it; else which one is lost."""
    if active is None:
        return None, None
    try:
        load_model(settings.models_path / active)
    except TopicModelError:
        return None, active
    return active, None


def _about(old: About, model: str | None) -> About:
    """The vectors that come along: those of the model, and those that belong to none."""
    kept = {vector: size for vector, size in old.vectors.items() if vector.kind.owner is not Owner.MODEL}
    return About({**kept, **{vector: old.vectors[vector] for vector in old.of_models(model)}})


def _fill(new: EngineStore, points: Iterator[Any], about: About, progress: Callable[[int], None]) -> None:
    for vector, size in about.vectors.items():
        new.add_vector(vector, size)
    count = 0
    for part in batches(points):
        new.upsert(part)
        count += len(part)
        progress(count)


def _points(old: FormerStore, former: int, model: str | None, about: About) -> Iterator[Any]:
    lexicon = default_lexicon()
    now = datetime.now(UTC)
    for point in old.points(model):
        try:
            yield point_from(_line(point, former, now), about, lexicon)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise PhotosenseError(
                f"The post {point.payload.get(Fields.ID)!r} cannot be read ({error}): the old store is in force, as it "
                "was. Take it out with the version that wrote it."
            ) from None


def _line(point: StoredPoint, former: int, now: datetime) -> Mapping[str, Any]:
    """The line of a post of a former format, with what that did not know."""
    line = post_line(point)
    line[Fields.FACTS] = _facts(line)
    if former == 1:
        shown = {name: value for name, value in line[Fields.POST].items() if value is not None}
        post = msgspec.convert({"id": line[Fields.ID], **shown, "attrs": line[Fields.ATTRS] or {}}, Post)
        line[Fields.CONTENT] = keys_of(post, None).stored()
        line[Fields.DIGEST] = ""  # of another make: what is sent again is compared anew
    for name in (Fields.ADDED, Fields.CHANGED):
        line[name] = line[name] or now.isoformat(timespec="microseconds")
    return line


def _facts(line: Mapping[str, Any]) -> Mapping[str, object]:
    """Facts as they stand today: a photo that nobody looked at was open by its words once."""
    facts = from_payload(line[Fields.FACTS])
    if facts.score is None and line[Fields.DOCUMENT].get(IMAGE):
        facts = with_photo(facts, None, None)
    return to_payload(facts)


def _check(new: EngineStore, posts: int, kept: Path) -> None:
    """Refuse a new store that is not all of the old one."""
    verdict = check_store(new)
    count = new.count()
    if count != posts or verdict.faults:
        says = verdict.faults[0].says if verdict.faults else f"{count:,} of {posts:,} posts came through."
        raise PhotosenseError(f"The upgrade is not whole: {says} The old store is in force, and a copy is {kept}.")
