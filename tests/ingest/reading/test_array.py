"""Arrays of posts are cut into their elements, however their bytes come in."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import PostRejected
from ingest.reading.array import ArraySplitter
from ingest.reading.lines import InputLine

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def cut(body: bytes, size: int, longest: int = 2**20) -> list[InputLine]:
    """All elements of a body that comes in pieces of a size."""
    splitter = ArraySplitter(longest)
    parts = [splitter.feed(body[at : at + size]) for at in range(0, len(body), size)]
    return [line for part in (*parts, splitter.end()) for line in part]


def told(lines: Sequence[InputLine]) -> list[tuple[int, object]]:
    """The number and the text of each, or the reason why it has none."""
    return [(line.number, line.fault.reason if line.fault else line.data) for line in lines]


@given(st.lists(VALUES, max_size=5), st.integers(1, 20), st.sampled_from(["", "\n ", "\ufeff"]))
def test_elements_are_what_they_were(values: list[object], size: int, before: str) -> None:
    """Texts with brackets, quotes and commas included, in whatever pieces they come, with blanks or a mark before."""
    body = (before + json.dumps(values, indent=1 if size % 2 else None, ensure_ascii=bool(size % 3))).encode()
    lines = cut(body, size)
    assert [line.number for line in lines] == list(range(1, len(values) + 1))
    assert [json.loads(line.data or b"") for line in lines] == values


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
def test_what_is_wrong_with_an_array_fails_what_it_is_about(size: int) -> None:
    """A missing comma, a spare one, what follows the end, and no end: the elements before are taken."""
    assert told(cut(b"[1 2, 3]", size)) == [(1, b"1 2"), (2, b"3")]
    assert told(cut(b"[1,]", size)) == [(1, b"1"), (2, b"")]
    assert told(cut(b"[1] [2] x", size)) == [(1, b"1"), (2, "broken_json")]
    assert told(cut(b'[1, {"a": ["', size)) == [(1, b"1"), (2, "broken_json")]
    assert told(cut(b'["' + b"x" * 40 + b'", 2]', size, longest=20)) == [(1, None), (2, b"2")]
    assert told(cut(b" [ ] ", size)) == []


@pytest.mark.parametrize("body", [b"", b" \n", b'{"id": "a"}', b'"[1]"', b"x", b"\xef\xbb"])
def test_what_is_no_array_is_refused_as_a_whole(body: bytes) -> None:
    """The sentence says what to send."""
    with pytest.raises(PostRejected, match=r"no JSON array: send `\[\{"):
        cut(body, 1)
