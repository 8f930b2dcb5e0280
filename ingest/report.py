"""The report of a run: nothing vanishes without a reason, and what was turned away is kept to be mended."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import orjson

from ingest.errors import InputMissing
from ingest.lines import Line, read_lines
from ingest.photos import FolderPhotos
from ingest.pipeline import REJECTED, Pipeline, Result

LINES_AT_ONCE = 64  # decoded photos of one batch are in memory together


@dataclass(slots=True)
class Report:
    """Counts by status and by reason of rejection."""

    statuses: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    dead_letters: Path | None = None

    @property
    def lines(self) -> int:
        """How many lines were read."""
        return self.statuses.total()

    def add(self, result: Result) -> None:
        """Count one result."""
        self.statuses[result.status] += 1
        if result.reason:
            self.reasons[result.reason] += 1


def ingest_file(
    file: Path, pipeline: Pipeline, dead_letters: Path, progress: Callable[[int], None] | None = None
) -> Report:
    """Take a file of posts; rejected lines go to `dead_letters`, each with its reason, under `post` as it was sent."""
    report = Report()
    photos = FolderPhotos(file.parent)
    aside = dead_letters.with_suffix(".part")
    try:
        dead_letters.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("wb") as rejected:
            for lines in _batches(read_lines(file)):
                results = pipeline.take(lines, photos)
                for line, result in zip(lines, results, strict=True):
                    report.add(result)
                    if result.status == REJECTED:
                        rejected.write(_dead_letter(line, result))
                if progress:
                    progress(report.lines)
    except OSError as error:
        place = error.filename or aside  # a full disk names no file
        raise InputMissing(f"{place} cannot be written: {error.strerror}. Give a writable folder.") from error
    if report.statuses[REJECTED]:
        report.dead_letters = aside.replace(dead_letters)
    else:
        aside.unlink()
        if dead_letters.resolve() != file.resolve():
            dead_letters.unlink(missing_ok=True)  # those of an earlier run, which are mended now
    return report


def _dead_letter(line: Line, result: Result) -> bytes:
    sent = None if line.data is None else line.data[:100_000].decode("utf-8", "replace")
    letter = {"line": line.number, "id": result.id, "reason": result.reason, "detail": result.detail, "post": sent}
    return orjson.dumps(letter, option=orjson.OPT_APPEND_NEWLINE)


def _batches(lines: Iterable[Line]) -> Iterator[list[Line]]:
    rest = iter(lines)
    while batch := list(islice(rest, LINES_AT_ONCE)):
        yield batch
