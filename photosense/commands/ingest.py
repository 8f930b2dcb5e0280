"""`photosense ingest`: a file or folder of posts into the store, or through the checks alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from rich.console import Console

from compliance.lexicon.lexicon import default_lexicon
from ingest.bulk.check import Checker
from ingest.bulk.dead_letters import folder_of_letters
from ingest.bulk.journal import Journal
from ingest.bulk.report import Report
from ingest.bulk.run import Progress, Run, check_all, take_all
from ingest.changes.withdrawal import OnReject
from ingest.draft import REJECTED, Draft
from ingest.intake import Intake
from ingest.photos.web_photos import WebPhotos
from ingest.steps.ads_model import load_ads
from photosense.errors import PhotosenseError
from photosense.house import House
from photosense.progress import console, progress
from photosense.remarks.eyes import say_eyes
from photosense.remarks.unseen_photos import say_held, say_unseen
from photosense.settings import Settings
from photosense.terminal import plain, print_report
from training.publish import CLOCKS_APART, fill_in
from vision.decoding.pool import DecodePool

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
)


class SiteWord(StrEnum):
    """What the site says of every post of a run that says nothing of a child itself."""

    CLEAR = "clear"
    CHILD = "child"


def take_posts(
    house: House,
    path: Path,
    photos: Path | None = None,
    *,
    lenient: bool = False,
    word: SiteWord | None = None,
    on_reject: OnReject | None = None,
    anew: bool = False,
) -> Report:
    """Take posts in; a run that was stopped goes on where it was."""
    settings = house.settings
    run = _run(settings, path, photos)
    child = None if word is None else word is SiteWord.CHILD
    conditions = {**_conditions(house, lenient=lenient), "child": child, "on_reject": on_reject}
    journal = Journal(settings.journal_path, run.source, conditions)
    if anew:
        journal.forget()
    if house.ads is None:
        console.print("Advertisements are not looked for: `photosense ads train good.txt bad.txt` teaches them.")
    try:
        with _following(house), progress("posts") as update:
            pipeline = house.pipeline(lenient=lenient, child=child, on_reject=on_reject)
            report = take_all(run, pipeline, journal, _progress_of(update))
    except KeyboardInterrupt:
        raise PhotosenseError("Stopped. What was taken is stored, and the same command goes on from there.") from None
    say_unseen(house)
    if word is SiteWord.CLEAR:
        say_held(house)
    say_eyes(house)
    return report


def check_posts(settings: Settings, path: Path, photos: Path | None, *, lenient: bool, out: Console) -> int:
    """Say what is wrong, a line each; 1 when anything is."""
    run = _run(settings, path, photos)

    def wrong(draft: Draft) -> None:
        result = draft.result
        if result is not None:
            where = draft.line.place or f"line {draft.line.number}"
            named = "" if result.id is None else f" ({plain(result.id)})"
            out.print(
                f"{plain(where)}{named}: [bold]{result.reason}[/] {plain(result.detail or '')}",
                soft_wrap=True,
                highlight=False,
            )

    with DecodePool() as decoder, progress("checked") as update:
        ads = load_ads(settings.ads_path)
        checker = Checker(default_lexicon(), Intake(settings, ads, lenient, processes=settings.processes), decoder)
        report = check_all(run, checker, wrong, _progress_of(update))
    print_report(out, report)
    return 1 if report.statuses[REJECTED] else 0


def _run(settings: Settings, path: Path, photos: Path | None) -> Run:
    letters = settings.letters_path
    if photos is None and path.resolve().parent == letters.resolve():
        photos = folder_of_letters(path)  # only of our own letters is it believed where their photos are
    return Run.of(path, letters / f"{path.stem}.ndjson", photos, WebPhotos(settings.photo_hosts))


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
    """Where another model was put in force meanwhile, give what was taken in its vectors at the end."""
    began, before = datetime.now(UTC), house.store.in_force()
    try:
        yield
    finally:
        if house.store.in_force() != before:
            model = house.renewed().models.topics
            if model is not None:
                fill_in(house.store, model, began - CLOCKS_APART)


def _progress_of(update: Any) -> Progress:
    """Show lines done, an estimate of all lines, and the rate."""

    def show(report: Report, share: float) -> None:
        total = round(report.lines / share) if share else None
        rate = report.lines / report.seconds if report.seconds else 0.0
        update(report.lines, total, f"{rate:,.0f} a second")

    return show
