"""Lines of NDJSON come out whole and numbered, however the bytes were cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.reading.lines import InputLine, LineSplitter

MARK = b"\xef\xbb\xbf"


def split(*chunks: bytes, longest: int = 1000) -> list[InputLine]:
    splitter = LineSplitter(longest)
    return [line for chunk in chunks for line in splitter.feed(chunk)] + list(splitter.end())


def split_whole(data: bytes, longest: int) -> list[InputLine]:
    """What splitting says when all bytes are there at once, in the plainest words."""
    lines = []
    for number, piece in enumerate(data.split(b"\n"), 1):
        kept = piece.removeprefix(MARK).strip(b" \t\r")
        if len(piece) > longest:
            lines.append(InputLine(number, None))
        elif kept:
            lines.append(InputLine(number, kept))
    return lines


class TestLineSplitter:
    @given(
        st.lists(st.sampled_from([b"\n", b"\r\n", b" ", MARK, b"\xbf", b"{}", b"abc"]) | st.binary(max_size=9)),
        st.lists(st.integers(0, 80)),
        st.integers(1, 20),
    )
    def test_any_cut_gives_the_same_lines(self, pieces: list[bytes], cuts: list[int], longest: int) -> None:
        """Bytes cut anywhere, also within a character, give the lines of the whole."""
        data = b"".join(pieces)
        edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
        chunks = [data[start:end] for start, end in pairwise(edges)]
        assert split(*chunks, longest=longest) == split_whole(data, longest)

    @pytest.mark.parametrize(
        ("data", "expected"),
        [
            pytest.param(b"a\nb\n", [(1, b"a"), (2, b"b")], id="line feeds"),
            pytest.param(b"a\r\nb\r\n", [(1, b"a"), (2, b"b")], id="CRLF"),
            pytest.param(b"a\nb", [(1, b"a"), (2, b"b")], id="no last line feed"),
            pytest.param(b"a\n\n \t\r\nb\n", [(1, b"a"), (4, b"b")], id="blank lines are counted"),
            pytest.param(MARK + b"a\n" + MARK + b"b", [(1, b"a"), (2, b"b")], id="byte order marks"),
            pytest.param(b"", [], id="nothing"),
            pytest.param(b"\n\n", [], id="only line feeds"),
            pytest.param(MARK, [], id="only a mark"),
        ],
    )
    def test_what_is_no_part_of_a_line_is_left_out(self, data: bytes, expected: list[tuple[int, bytes]]) -> None:
        """Line ends, marks and blanks around a line are not part of it."""
        assert split(data) == [InputLine(*line) for line in expected]

    @pytest.mark.parametrize("ending", ["вал", "клоп", "\ufeff"], ids=["л", "п", "a mark that ends a line"])
    def test_a_cut_line_keeps_its_last_letter(self, ending: str) -> None:
        """Letters whose bytes also occur in a byte order mark stay whole at the end of a line."""
        sent = f'{{"text": "{ending}'.encode()
        assert split(sent + b"\n") == [InputLine(1, sent)]

    def test_a_line_over_the_cap_is_skipped_by_number(self) -> None:
        """A line that is too long is given without its data, and the next ones are read as usual."""
        assert split(b"a\n", b"b" * 6, b"b" * 6, b"\nccccc\ndddddd", longest=5) == [
            InputLine(1, b"a"),
            InputLine(2, None),
            InputLine(3, b"ccccc"),
            InputLine(4, None),
        ]
