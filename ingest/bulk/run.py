"""Taking a whole source: in batches, with a journal, so that a run that was killed goes on where it was."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ingest.bulk.check import Checker
from ingest.bulk.dead_letters import Letters
from ingest.bulk.journal import Journal, Position
from ingest.bulk.report import Report
from ingest.draft import REJECTED, Draft
from ingest.photos.photo_source import FolderPhotos, PhotoSource
from ingest.pipeline import Pipeline
from ingest.reading.lines import InputLine
from ingest.sources.folder import FolderSource
from ingest.sources.open_source import folder_of, open_source
from ingest.sources.source import PostSource

LINES_AT_ONCE: Final = 256
BYTES_AT_ONCE: Final = 2**22  # of posts that carry their photos with them

Progress = Callable[[Report, float], None]
"""Told after each batch: the report so far, and how much of the source is read, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Run:
    """What is taken: a source, its photos, and where the lines go that are turned away."""

    source: PostSource
    photos: PhotoSource
    folder: Path
    letters: Path

    @property
    def is_gallery(self) -> bool:
        """Whether it is a folder of photos, which no other page shows."""
        return isinstance(self.source, FolderSource)

    @classmethod
    def of(cls, path: Path, letters: Path, folder: Path | None = None, web: PhotoSource | None = None) -> "Run":
        """Open a file or folder of posts; photos lie beside it, or in `folder`, or `web` fetches them."""
        source = open_source(path)
        folder = folder or folder_of(source)
        return cls(source, FolderPhotos(folder, web), folder, letters)


def take_all(run: Run, pipeline: Pipeline, journal: Journal | None = None, progress: Progress | None = None) -> Report:
    """Take every line of a source; what is rejected is kept beside its reason."""
    report, position = _begin(run, pipeline, journal)
    started = time.perf_counter() - position.seconds
    with Letters(run.letters, run.folder, position.letters) as letters:
        for drafts in pipeline.flow(line_batches(run.source.lines(position.line)), run.photos, gallery=run.is_gallery):
            _count(drafts, report, letters, position)
            report.seconds = position.seconds = time.perf_counter() - started
            if journal:
                position.letters, position.counts = letters.flushed(), report.counts()
                journal.write(position)
            if progress:
                progress(report, run.source.share)
        report.dead_letters = letters.publish(run.source.file)
    if journal:
        journal.forget()
    report.seconds = time.perf_counter() - started
    report.stages = pipeline.seconds.read()
    return report


def check_all(run: Run, checker: Checker, wrong: Callable[[Draft], None], progress: Progress | None = None) -> Report:
    """Read every line, store nothing, and tell of each that could not be taken."""
    report = Report()
    for drafts in checker.check(line_batches(run.source.lines()), run.photos, gallery=run.is_gallery):
        for draft in drafts:
            if draft.result is not None:
                report.add(draft.result)
                if draft.result.status == REJECTED:
                    wrong(draft)
        if progress:
            progress(report, run.source.share)
    return report


def line_batches(lines: Iterable[InputLine]) -> Iterator[list[InputLine]]:
    """Cut lines into lists that are read in one go."""
    batch: list[InputLine] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line.data or b"")
        if len(batch) == LINES_AT_ONCE or size >= BYTES_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _begin(run: Run, pipeline: Pipeline, journal: Journal | None) -> tuple[Report, Position]:
    """Go on where the same run was, if what it did is still there."""
    position = journal.read() if journal else None
    if position is None or not Letters(run.letters, run.folder, position.letters).whole:
        return Report(), Position()
    if position.last is not None and not pipeline.has(position.last):  # another store stands in its place
        return Report(), Position()
    report = Report(resumed_after=position.line)
    for name, counts in position.counts.items():
        getattr(report, name).update(counts)
    return report, position


def _count(drafts: Iterable[Draft], report: Report, letters: Letters, position: Position) -> None:
    for draft in drafts:
        result = draft.result
        if result is None:
            continue
        report.add(result)
        position.line = max(position.line, draft.line.number)
        if result.status == REJECTED:
            letters.write(draft.line, result)
        else:
            position.last = result.id
