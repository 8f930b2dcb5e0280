"""`photosense ingest`: a file or folder of posts into the store, or through the checks alone."""

from enum import StrEnum
from pathlib import Path
from typing import Any

from rich.console import Console

from compliance.lexicon.lexicon import default_lexicon
from ingest.bulk.check import Checker
from ingest.bulk.dead_letters import folder_of_letters
from ingest.bulk.report import Report
from ingest.bulk.run import Progress, Run, check_all
from ingest.changes.withdrawal import OnReject
from ingest.draft import REJECTED, Draft
from ingest.intake import Intake
from ingest.photos.web_photos import WebPhotos
from ingest.post import hashed
from ingest.steps.ads_model import load_ads
from photosense.errors import PhotosenseError
from photosense.house import House
from photosense.progress import console, progress
from photosense.remarks.eyes import say_eyes
from photosense.remarks.unseen_photos import say_held, say_unseen
from photosense.settings import Settings
from photosense.terminal import plain, print_report
from photosense.work.import_work import take_run
from vision.decoding.pool import DecodePool


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
    run = _run(house.settings, path, photos)
    child = None if word is None else word is SiteWord.CHILD
    if house.ads is None:
        console.print("Advertisements are not looked for: `photosense ads train good.txt bad.txt` teaches them.")
    try:
        with progress("posts") as update:
            report = take_run(
                house,
                run,
                _progress_of(update),
                lenient=lenient,
                child=child,
                on_reject=on_reject,
                anew=anew,
            )
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
    letters, whole = settings.letters_path, path.resolve()
    name = f"{path.stem}-{hashed(str(whole).encode('utf-8', 'surrogateescape'))[:8]}.ndjson"
    if whole.parent == letters.resolve():
        name = path.name
        photos = photos or folder_of_letters(path)  # only of our own letters is it believed where their photos are
    return Run.of(path, letters / name, photos, WebPhotos(settings.photo_hosts))


def _progress_of(update: Any) -> Progress:
    """Show lines done, an estimate of all lines, and the rate."""

    def show(report: Report, share: float) -> None:
        total = round(report.lines / share) if share else None
        rate = report.lines / report.seconds if report.seconds else 0.0
        update(report.lines, total, f"{rate:,.0f} a second")

    return show
