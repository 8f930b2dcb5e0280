"""Posts of a JSON array from a stream of bytes, cut as they come in, so that memory stays flat; numbered from 1."""

import re
from collections.abc import Iterator
from typing import Final

from ingest.errors import PostRejected
from ingest.reading.lines import LONGEST, InputLine
from ingest.reason import Reason

_BLANK: Final = b" \t\r\n"
_MARK: Final = b"\xef\xbb\xbf"
_IN_TEXT: Final = re.compile(rb'["\\]')
_OUTSIDE: Final = re.compile(rb'["\[\]{},]')


class ArraySplitter:
    """Cuts chunks into the elements of one array, each given as a line; what is wrong with one fails no other."""

    def __init__(self, longest: int = LONGEST) -> None:
        self._longest = longest
        self._rest = bytearray()
        self._number = 0
        self._depth = 0  # 0: before the array or behind it
        self._in_text = self._is_escaped = self._skipping = self._is_over = self._goes_on = False

    def feed(self, chunk: bytes) -> Iterator[InputLine]:
        """Take a chunk and give the elements that it completes."""
        at = start = 0
        if self._depth == 0:
            if self._is_over:
                yield from self._behind(chunk)
                return
            at = start = self._begin(chunk)
        while at < len(chunk) and self._depth:
            if self._is_escaped:
                self._is_escaped, at = False, at + 1
                continue
            found = (_IN_TEXT if self._in_text else _OUTSIDE).search(chunk, at)
            if found is None:
                break
            mark, at = found[0], found.end()
            if mark == b"\\":
                self._is_escaped = True
            elif mark == b'"':
                self._in_text = not self._in_text
            elif mark in b"[{":
                self._depth += 1
            elif mark in b"]}" and self._depth > 1:
                self._depth -= 1
            elif self._depth == 1:  # a comma between two elements, or the end
                self._keep(chunk[start : found.start()])
                start = at
                yield from self._take(is_last=mark != b",")
        if self._depth:
            self._keep(chunk[start:])
        elif self._is_over:
            yield from self._behind(chunk[at:])

    def end(self) -> Iterator[InputLine]:
        """Say so where the array has no end."""
        if not self._is_over:
            if not self._depth:
                raise _no_array()
            yield self._fault("The array has no end: what stands before was taken, send the rest again.")

    def _begin(self, chunk: bytes) -> int:
        """Find where the array begins; gives where its first element does."""
        whole = bytes(self._rest) + chunk
        before = whole.removeprefix(_MARK).lstrip(_BLANK)
        if not before or _MARK.startswith(whole):
            self._rest = bytearray(whole if _MARK.startswith(whole) else b" ")  # no mark comes behind blanks
            return len(chunk)
        if not before.startswith(b"["):
            raise _no_array()
        self._rest = bytearray()
        self._depth = 1
        return chunk.index(b"[") + 1

    def _keep(self, piece: bytes) -> None:
        if self._skipping or len(self._rest) + len(piece) > self._longest:
            self._skipping = True
            self._rest = bytearray()
        else:
            self._rest += piece

    def _take(self, *, is_last: bool) -> Iterator[InputLine]:
        data, skipped = bytes(self._rest).strip(_BLANK), self._skipping
        self._rest, self._skipping = bytearray(), False
        if is_last:
            self._depth, self._is_over = 0, True
        if data or skipped or not is_last or self._goes_on:  # `[]` has no element, `[1,]` a second one that is none
            self._number += 1
            yield InputLine(self._number, None if skipped else data)
        self._goes_on = True

    def _behind(self, chunk: bytes) -> Iterator[InputLine]:
        if chunk.strip(_BLANK) and not self._skipping:
            self._skipping = True  # said once
            yield self._fault("Something stands behind the end of the array: send one array.")

    def _fault(self, sentence: str) -> InputLine:
        return InputLine(self._number + 1, None, fault=Reason("broken_json", sentence))


def _no_array() -> PostRejected:
    return PostRejected(
        "broken_json",
        "The body is no JSON array: send `[{...}, {...}]`, or one post a line as application/x-ndjson.",
    )
