"""Taking a whole source of posts into the store, going on where an earlier run was stopped."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingest.bulk.journal import Journal
from ingest.bulk.report import Report
from ingest.bulk.run import Progress, Run, take_all
from ingest.changes.withdrawal import OnReject
from ingest.photos.photo_source import InlinePhotos
from ingest.photos.web_photos import WebPhotos
from ingest.sources.open_source import open_source
from photosense.house import House
from training.publish import CLOCKS_APART, catch_up, fill_in

_DECIDING = (
    "min_words",
    "min_words_with_photo",
    "max_hashtags",
    "same_photo",
    "near_photo",
    "modalities",
    "photo_hosts",
    "renditions",
    "photo_notes",
    "photo_place",
    "photo_names",
)


def take_run(
    house: House,
    run: Run,
    progress: Progress,
    *,
    lenient: bool = False,
    child: bool | None = None,
    on_reject: OnReject | None = None,
    anew: bool = False,
) -> Report:
    """Take posts in; a run that was stopped goes on where it was."""
    conditions = {
        **_conditions(house, lenient=lenient),
        "photos": str(run.folder.resolve()),
        "child": child,
        "on_reject": on_reject,
    }
    journal = Journal(house.settings.journal_path, run.source, conditions)
    if anew:
        journal.forget()
    with _following(house):
        return take_all(run, house.pipeline(lenient=lenient, child=child, on_reject=on_reject), journal, progress)


def sent_run(house: House, file: Path) -> Run:
    """What was sent over HTTP: photos stand in the lines or behind URLs, and no path of this machine is read."""
    settings = house.settings
    letters = settings.letters_path / file.name
    return Run(open_source(file), InlinePhotos(WebPhotos(settings.photo_hosts)), file.parent, letters)


def _conditions(house: House, *, lenient: bool) -> dict[str, Any]:
    """What decides what becomes of a line: under other conditions a run begins anew."""
    settings = house.settings
    return {
        **{name: getattr(settings, name) for name in _DECIDING},
        "encoder": house.photos.encoder.id,
        "model": house.store.active,
        "server": settings.qdrant_url,
        "ads": house.ads and [house.ads.bias, house.ads.threshold, len(house.ads.weights)],
        "lenient": lenient,
    }


@contextmanager
def _following(house: House) -> Iterator[None]:
    """Where another model was put in force meanwhile, give what was taken in its vectors at the end.

    What an import left that was killed gets them at the start.
    """
    began, before = datetime.now(UTC), house.store.in_force()
    if house.models.topics is not None:
        catch_up(house.store, house.settings.models_path, house.models.topics)
    try:
        yield
    finally:
        if house.store.in_force() != before:
            model = house.renewed().models.topics
            if model is not None:
                fill_in(house.store, model, began - CLOCKS_APART)
