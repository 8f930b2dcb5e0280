"""Parquet: a row is a post, a column is a field; needs the extra `parquet`."""

import base64
import datetime as dt
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ingest.errors import ExtraMissing, InputBroken
from ingest.reading.lines import InputLine
from ingest.reason import Reason
from ingest.sources.stream import head_of, unreadable

MAGIC: Final = b"PAR1"
_ROWS: Final = 64
_STRANGE: Final = (ValueError, OverflowError)  # a time of nanoseconds, a date behind the year 9999, no UTF-8


class ParquetSource:
    """A Parquet file of posts; `photo` may hold the bytes themselves, and `attrs.<name>` is a field under attrs."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._rows = self._read = 0

    @property
    def share(self) -> float:
        """How much of it has been read."""
        return self._read / self._rows if self._rows else 0.0

    def signature(self) -> bytes:
        """Tell it from another file of the same name."""
        return head_of(self.file)

    def lines(self, after: int = 0) -> Iterator[InputLine]:
        """Give the rows, the first has the number 1."""
        try:
            import pyarrow as arrow
            import pyarrow.parquet as parquet
        except ImportError:
            raise ExtraMissing(
                f"{self.file} is Parquet, which needs an extra: pip install 'photosense[parquet]', "
                "or save it as NDJSON."
            ) from None
        try:
            with parquet.ParquetFile(self.file) as table:
                self._rows = table.metadata.num_rows
                number = 0
                for batch in table.iter_batches(_ROWS):
                    for row in _rows_of(batch) if number + batch.num_rows > after else ():
                        number += 1
                        if number > after:
                            yield _line(number, row)
                    number = max(number, min(number + batch.num_rows, after)) if number < after else number
                    self._read = number
        except arrow.ArrowException as error:
            raise InputBroken(f"{self.file} is no whole Parquet file ({str(error)[:200]}): write it again.") from error
        except OSError as error:
            raise unreadable(self.file, error) from error


def _rows_of(batch: Any) -> Iterator[Mapping[str, Any] | Reason]:
    """The rows of a batch; one with a cell that Python has no value for fails no other."""
    try:
        rows = batch.to_pylist()
    except _STRANGE:
        rows = [_row_alone_of(batch.slice(place, 1)) for place in range(batch.num_rows)]
    yield from rows


def _row_alone_of(batch: Any) -> Mapping[str, Any] | Reason:
    try:
        row: Mapping[str, Any] = batch.to_pylist()[0]
    except _STRANGE as error:
        return Reason("broken_row", f"Here a cell is no value that can be read ({str(error)[:200]}).")
    return row


def _line(number: int, row: Mapping[str, Any] | Reason) -> InputLine:
    place = f"row {number}"
    return InputLine(number, None, place, row) if isinstance(row, Reason) else InputLine(number, _as_json(row), place)


def _as_json(row: Mapping[str, Any]) -> bytes:
    """Give a row as a post; an empty cell is no field."""
    post: dict[str, Any] = {}
    for name, value in row.items():
        if value is None:
            continue
        if name.startswith("attrs."):
            post.setdefault("attrs", {})[name.removeprefix("attrs.")] = value
        elif name == "attrs" and isinstance(value, dict):  # a struct has every key in every row
            post.setdefault("attrs", {}).update({key: each for key, each in value.items() if each is not None})
        else:
            post[name] = _photo(value) if name == "photo" else value
    return json.dumps(post, ensure_ascii=False, default=_plain).encode("utf-8", "surrogatepass")


def _photo(value: Any) -> Any:
    """Bytes as a `data:` URI; data sets also wrap them up together with a path."""
    if isinstance(value, dict):
        value = value.get("bytes") or value.get("path")
    return f"data:;base64,{base64.b64encode(value).decode()}" if isinstance(value, bytes) else value


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return (value if value.tzinfo else value.replace(tzinfo=dt.UTC)).isoformat().replace("+00:00", "Z")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)
