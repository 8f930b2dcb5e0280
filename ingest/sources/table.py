"""CSV and TSV: a row is a post, a column is a field; a header says which."""

import csv
import json
import re
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
        return (_line(number, row, table.header) for number, row in table.rows() if number > after)


class Table:
    """Rows of cells, and the header above them."""

    def __init__(self, stream: Stream, file: Path) -> None:
        self._lines = split_lines(stream.chunks(), as_they_are=True)
        self._number = 0
        first = next((line for line in self._lines if line.data is None or line.data.strip()), None)
        missing = f"{file} has no header: name the columns in the first row, as docs/posts.md describes."
        if first is None or first.data is None:
            raise InputMissing(missing)
        head = first.data.decode("utf-8", "replace")
        self._number = first.number
        self._between = max("\t,;", key=head.count)
        try:
            self.header = [name.strip() for name in next(csv.reader([head], delimiter=self._between), [])]
        except csv.Error:  # a lone carriage return, as in bytes that are no table
            raise InputMissing(missing) from None

    def rows(self) -> Iterator[tuple[int, Row | Reason]]:
        """Give each row with the number of its last line, or the reason why it is none."""
        csv.field_size_limit(LONGEST)
        reader = csv.reader(self._texts(), delimiter=self._between)
        while True:
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield self._number, _broken(f"the row does not end ({error}); is a quote missing?")
                continue
            if not row:  # a blank line
                continue
            if any(cell != cell.encode("utf-8", "replace").decode("utf-8") for cell in row):
                yield self._number, _broken("the row is no UTF-8; save the table as UTF-8")
            elif row == [_TOO_LONG]:
                yield self._number, Reason("line_too_long", "The row is longer than 32 MB: give photos by their paths.")
            elif len(row) != len(self.header):
                yield self._number, _broken(f"the row has {len(row)} cells, its header {len(self.header)}")
            else:
                yield self._number, row

    def _texts(self) -> Iterator[str]:
        for line in self._lines:
            self._number = line.number
            text = _TOO_LONG if line.data is None else line.data.decode("utf-8", "surrogateescape")
            yield f"{text}\n"  # within quotes it belongs to the cell


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
            return json.loads(cell)
        except ValueError:
            return cell
    return cell


def _json(name: str, cell: str) -> Any:
    try:
        return json.loads(cell)
    except ValueError as error:
        raise ValueError(f"the cell `{name}` is no JSON ({error}); captions of one author fit into `text`") from None


def _broken(what: str) -> Reason:
    return Reason("broken_row", f"Here {what}.")
