"""Judgements: what people said of how well a caption fits a photo, in the files of Flickr8k and of With Sense.

Experts give each pair a score from 1 (nothing to do with it) to 4 (describes it): `photo, caption id, scores ...`.
A crowd says yes or no: `photo, caption id, share of yes, yes, no`. Both are tables without a header, between tabs.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from pathlib import Path
from typing import Final, NamedTuple

from ingest.errors import InputBroken
from ingest.reading.lines import split_lines
from ingest.reason import Reason
from ingest.sources.stream import Stream
from ingest.sources.table import Table
from ingest.sources.with_sense import COLUMNS

LOWEST: Final = 1.0
HIGHEST: Final = 4.0
FITTING: Final = 3.0  # experts whose mean is at least this agree that it fits
_ROUNDED: Final = 0.01  # shares of yes are written with few digits
_MOST_VOTES: Final = 10_000
_EXCERPT: Final = 80
_NUMBER: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,20})?")


class Judges(StrEnum):
    """Who judged."""

    EXPERTS = "experts"
    CROWD = "crowd"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What some people said of one caption and one photo: experts 1 to 4 each, a crowd 1 for yes and 0 for no."""

    photo: str
    caption: str
    judges: Judges
    votes: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Their mean from 0 to 1."""
        mean = sum(self.votes) / len(self.votes)
        return (mean - LOWEST) / (HIGHEST - LOWEST) if self.judges is Judges.EXPERTS else mean

    @property
    def fits(self) -> bool:
        """Whether they agree that it fits: a mean of at least 3 of 4, or more yes than no."""
        mean = sum(self.votes) / len(self.votes)
        return mean >= FITTING - 1e-9 if self.judges is Judges.EXPERTS else mean > 0.5

    @property
    def own(self) -> bool:
        """Whether the caption was written for this very photo: such pairs are too easy to measure on."""
        return self.caption.rpartition("#")[0] == self.photo


class Judgements(NamedTuple):
    """The judgements of some files, and why lines of them were left out."""

    all: list[Judgement]
    skipped: Counter[str]


def read_judgements(files: Iterable[Path]) -> Judgements:
    """Read files of either layout; a line that is wrong is counted, a file without a right one is refused."""
    judgements = Judgements([], Counter())
    for file in files:
        first, before = "", len(judgements.all)
        for number, cells in _rows(file):
            try:
                judgements.all.append(_judgement(cells))
            except ValueError as error:
                judgements.skipped["wrong_line"] += 1
                first = first or f" Line {number}: {error}."
        if len(judgements.all) == before:
            raise InputBroken(
                f"{file} holds no judgement.{first} A line is, between tabs, photo, caption id and the experts' "
                "scores from 1 to 4; or photo, caption id, share of yes, number of yes, number of no."
            )
    return judgements


def read_captions(file: Path) -> dict[str, str]:
    """Read captions by their ids: lines `id <tab> caption`, or With Sense's table `image, query_id, query_text`."""
    table = Table(Stream(file), file)
    if set(table.header) >= COLUMNS:
        key, text = table.header.index("query_id"), table.header.index("query_text")
        pairs = [(row[key], row[text]) for _, row in table.rows() if not isinstance(row, Reason)]
    else:
        pairs = [(cells[0], cells[1]) for _, cells in _rows(file) if len(cells) == 2]
    captions = {name.strip(): text.strip() for name, text in pairs if name.strip() and text.strip()}
    if not captions:
        raise InputBroken(
            f"{file} holds no caption: a line is an id such as photo.jpg#0, a tab and the caption; "
            "or a table has the columns image, query_id and query_text."
        )
    return captions


def _rows(file: Path) -> Iterator[tuple[int, list[str]]]:
    """Cells between tabs."""
    for line in split_lines(Stream(file).chunks()):
        text = (line.data or b"").decode("utf-8", "replace")
        yield line.number, [cell.strip() for cell in text.split("\t")]


def _judgement(cells: list[str]) -> Judgement:
    if len(cells) < 3 or not (cells[0] and cells[1]):
        raise ValueError(f"it has {len(cells)} cells")
    photo, caption, *rest = cells
    numbers = [_number(cell) for cell in rest]
    if len(numbers) == 3 and _is_crowd(*numbers):
        yes, no = int(numbers[1]), int(numbers[2])
        return Judgement(photo, caption, Judges.CROWD, (1.0,) * yes + (0.0,) * no)
    if all(LOWEST <= number <= HIGHEST and number.is_integer() for number in numbers):
        return Judgement(photo, caption, Judges.EXPERTS, tuple(numbers))
    raise ValueError(f"{' '.join(rest)[:_EXCERPT]!r} are neither scores nor a share with its votes")


def _is_crowd(share: float, yes: float, no: float) -> bool:
    """Whether the share is that of the votes: three scores of experts never are, for 1 of 1 + 1 is a half."""
    votes = yes + no
    counted = yes.is_integer() and no.is_integer() and min(yes, no) >= 0 and 0 < votes <= _MOST_VOTES
    return counted and abs(share - yes / votes) < _ROUNDED


def _number(cell: str) -> float:
    number = float(cell) if _NUMBER.fullmatch(cell) else float("nan")
    if not isfinite(number):
        raise ValueError(f"{cell[:_EXCERPT]!r} is no number")
    return number
