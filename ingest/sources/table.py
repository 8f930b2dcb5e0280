"""CSV and TSV: a row is a post, a column is a field; a header says which."""

import csv
import json
import math
import re
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ingest.errors import InputMissing
from ingest.reading.lines import LONGEST, InputLine, split_lines
from ingest.reason import Reason
from ingest.sources.stream import Stream
from ingest.sources.stream_source import StreamedSource

Row = list[str]

_TEXTUAL: Final = frozenset({"id", "photo", "text", "link", "thumb"})
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WORDS: Final = {"true": True, "false": False}
_BETWEEN_TAGS: Final = re.compile(r"[\s,;]+")
_READ_AGAIN: Final = 4 * LONGEST  # characters behind quotes that do not end


class TableSource(StreamedSource):
    """A table of posts. Which character separates the cells is seen from the header."""

    def lines(self, after: int = 0) -> Iterator[InputLine]:
        """Give the rows below the header, by the number of the line that they end on."""
        table = Table(self._begin(), self.file)
        if "id" not in table.header:
            raise InputMissing(
                f"{self.file} has the columns {', '.join(table.header)[:200]}, and none of them is `id`: "
                "name the columns in the first row as docs/posts.md describes."
            )
        twice = [name for name, count in Counter(table.header).items() if name and count > 1]
        if twice:
            raise InputMissing(f"{self.file} has two columns {twice[0][:80]!r}: give each column a name of its own.")
        return (_line(number, row, table.header) for number, row in table.rows() if number > after)


class Table:
    """Rows of cells, and the header above them."""

    def __init__(self, stream: Stream, file: Path) -> None:
        self._lines = split_lines(stream.chunks(), as_they_are=True)
        first = next((line for line in self._lines if line.data is None or line.data.strip()), None)
        missing = f"{file} has no header: name the columns in the first row, as docs/posts.md describes."
        if first is None or first.data is None:
            raise InputMissing(missing)
        head = first.data.decode("utf-8", "replace")
        self._between = max("\t,;", key=head.count)
        try:
            self.header = [name.strip() for name in next(csv.reader([head], delimiter=self._between), [])]
        except csv.Error:  # a lone carriage return, as in bytes that are no table
            raise InputMissing(missing) from None

    def rows(self) -> Iterator[tuple[int, Row | Reason]]:
        """Give each row with the number of its last line, or the reason why it is none.

        A quote that does not end takes no other row with it: its line is broken, and the next one begins a row again.
        """
        csv.field_size_limit(LONGEST)
        lines = _RowLines(self._lines)
        reader = csv.reader(lines, delimiter=self._between, strict=True)
        while True:
            lines.begin()
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error:
                number, text = lines.first
                lines.back()
                yield number, self._checked(_row_alone(text, self._between))
                continue
            if row:  # else it was a blank line
                yield lines.number, self._checked(row)

    def _checked(self, row: Row | Reason) -> Row | Reason:
        if isinstance(row, Reason):
            return row
        if any(cell != cell.encode("utf-8", "replace").decode("utf-8") for cell in row):
            return _broken("the row is no UTF-8; save the table as UTF-8")
        if row == [_TOO_LONG]:
            return Reason("line_too_long", "The row is longer than 32 MB: give photos by their paths.")
        if len(row) != len(self.header):
            return _broken(f"the row has {len(row)} cells, its header {len(self.header)}")
        return row


class _RowLines:
    """The lines of a table as the reader of rows takes them, with those of the present row, to be read once more."""

    def __init__(self, lines: Iterator[InputLine]) -> None:
        self._lines = lines
        self._again: deque[tuple[int, str]] = deque()
        self._row: list[tuple[int, str]] = []
        self._read_again = 0
        self.number = 0

    def begin(self) -> None:
        """Begin a row."""
        self._row = []

    @property
    def first(self) -> tuple[int, str]:
        """Number and text of the line that the row begins on."""
        return self._row[0]

    def back(self) -> None:
        """Give what follows the first line of the row once more."""
        again = self._row[1:]
        self._read_again += sum(len(text) for _, text in again)
        self._again.extendleft(reversed(again))

    def __iter__(self) -> "_RowLines":
        return self

    def __next__(self) -> str:
        if self._row and self._read_again > _READ_AGAIN:  # from now on a row is a line: memory and time stay flat
            raise StopIteration
        if self._again:
            number, text = self._again.popleft()
        else:
            line = next(self._lines)
            number, text = line.number, _TOO_LONG if line.data is None else line.data.decode("utf-8", "surrogateescape")
            text = f"{text}\n"  # within quotes it belongs to the cell
        self.number = number
        self._row.append((number, text))
        return text


def _row_alone(text: str, between: str) -> Row | Reason:
    """Read a line as a row of its own, as loosely quoted as tables are; a quote that does not end within it is none."""
    asked: list[str] = []

    def once() -> Iterator[str]:
        yield text
        asked.append("more")

    try:
        row = next(csv.reader(once(), delimiter=between))
    except csv.Error as error:  # a lone carriage return
        return _broken(f"the row does not end ({error})")
    if asked:
        return _broken("a quote opens and does not end: close it, and write a quote within a cell twice")
    return row


_TOO_LONG: Final = "\x00too long\x00"


def _line(number: int, row: Row | Reason, header: Sequence[str]) -> InputLine:
    if isinstance(row, Reason):
        return InputLine(number, None, fault=row)
    try:
        return InputLine(number, json.dumps(_post(dict(zip(header, row, strict=True))), ensure_ascii=False).encode())
    except ValueError as error:
        return InputLine(number, None, fault=_broken(str(error)))


def _post(cells: Mapping[str, str]) -> dict[str, Any]:
    """Give a row as a post: an empty cell is no field, `attrs.name` goes under attrs, tags stand between blanks."""
    post: dict[str, Any] = {}
    attrs: dict[str, Any] = {}
    for name, cell in cells.items():
        if cell == "":
            continue
        if name.startswith("attrs."):
            attrs[name.removeprefix("attrs.")] = _value(cell)
        elif name == "tags":
            post[name] = [tag for tag in _BETWEEN_TAGS.split(cell) if tag]
        elif name in ("captions", "attrs"):
            post[name] = _json(name, cell)
        else:
            post[name] = cell if name in _TEXTUAL else _value(cell)
    if attrs:
        post["attrs"] = {**post.get("attrs", {}), **attrs}
    return post


def _value(cell: str) -> Any:
    """Read a number, `true` and `false`, a list or a place as JSON; all else, such as 007, is text."""
    if cell.lower() in _WORDS:
        return _WORDS[cell.lower()]
    if _NUMBER.fullmatch(cell) or cell[0] in "[{":
        try:
            value = json.loads(cell)
        except (ValueError, RecursionError):
            return cell
        return cell if _is_too_large(value) else value
    return cell


def _is_too_large(value: Any) -> bool:
    """Whether it is no number that a post can hold, such as the article 123e4567."""
    if isinstance(value, float):
        return not math.isfinite(value)
    return isinstance(value, int) and not -(2**63) <= value < 2**63


def _json(name: str, cell: str) -> Any:
    try:
        return json.loads(cell)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the cell `{name}` is no JSON ({error}); captions of one author fit into `text`") from None


def _broken(what: str) -> Reason:
    return Reason("broken_row", f"Here {what}.")
