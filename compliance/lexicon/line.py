"""A text as one line of folded words, for patterns that span words, and the way back to where they stood."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import accumulate

from compliance.lexicon.folding import Word
from compliance.lexicon.lookalike import Script

# A sentence ends at a stop before a blank; after these words a stop is theirs, unless a capital follows.
_STOP = re.compile(r"(\w{0,8})[.!?…;]{1,3}[\"'»”)]{0,3}\s{1,9}(?=([^\W\d_])?)")
_SHORTENED = frozenset(
    (
        *(
            "yr",
            "yrs",
            "mo",
            "mos",
            "mth",
            "mths",
            "wk",
            "wks",
            "y",
            "o",
            "yo",
            "st",
            "dr",
            "mr",
            "mrs",
            "vs",
            "approx",
        ),
        *("г", "гг", "л", "м", "мес", "ул"),
    )
)


def ends_within(text: str, start: int, end: int) -> bool:
    """Whether a sentence ends in this part of a text: what spans it was said of two things."""
    return any(
        match[1].casefold() not in _SHORTENED or (match[2] or "").isupper()
        for match in _STOP.finditer(text, start, end)
    )


# Between two words, one of them of three letters or more: a comma, a hash, a spaced dash, but no "& sons". A comma
# beside a number belongs to an age: "my son, 40".
_SIGN = r"\W{0,6}(?!& ?[Ss]ons)[^\w\s.'\"’‘”“«»!?\-\u2010\u2011]\W{0,6}"
_LETTER = r"[^\W\d_]"
_PARTED = re.compile(rf"{_LETTER}{{3}}{_SIGN}{_LETTER}|{_LETTER}{_SIGN}{_LETTER}{{3}}|\s[-\u2010-\u2015]\s|\W{{8}}")


def parted(text: str, start: int, end: int) -> bool:
    """Whether a sign stands between two words of this part of a text that makes two things of them."""
    return ends_within(text, start, end) or bool(_PARTED.search(text, start, end))


class Line:
    """The words with one blank between them, "5-year-old" as "5 year old", words of mixed script in this one."""

    def __init__(self, words: Sequence[Word], reading: Script) -> None:
        self._words = words
        self._written = [word.text if _simple(word) else _written(word.pieces, reading) for word in words]
        self.text = " ".join(self._written)
        self.tokens = self.text.split(" ")

    def tokens_span(self, first: int, last: int) -> tuple[int, int]:
        """Where in the original text these tokens stand."""
        start = sum(map(len, self.tokens[:first])) + first
        return self.span(start, start + sum(map(len, self.tokens[first : last + 1])) + last - first)

    @cached_property
    def _ends(self) -> list[int]:
        return [end + at for at, end in enumerate(accumulate(map(len, self._written)))]

    @cached_property
    def _starts(self) -> dict[int, int]:
        return {end - len(written): at for at, (end, written) in enumerate(zip(self._ends, self._written, strict=True))}

    @cached_property
    def _last(self) -> dict[int, int]:
        return {end: at for at, end in enumerate(self._ends)}

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where in the original text a part of the line stands, as the whole words that it touches."""
        first, last = bisect_right(self._ends, start), bisect_left(self._ends, end)
        return self._words[first].start, self._words[last].end

    def matches(self, expressions: Iterable[re.Pattern[str]], text: str) -> Iterator[tuple[int, int]]:
        """Where in the original text the expressions match whole words within one thing that is said."""
        for match in (match for each in expressions for match in each.finditer(self.text)):
            # "pup1l" and "pup11" read "pup 1 l" and "pup 11", and are no puppies of some age.
            first, last = self._starts.get(match.start()), self._last.get(match.end())
            if first is not None and last is not None and (first < last or " " not in match[0]):
                start, end = self._words[first].start, self._words[last].end
                if not parted(text, start, end):
                    yield start, end


class Spans:
    """Parts of a text, those that touch or overlap taken together."""

    def __init__(self, parts: Iterable[tuple[int, int]]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(parts):
            if self._ends and start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._starts.append(start)
                self._ends.append(end)

    def cover(self, start: int, end: int) -> bool:
        """Whether one of the parts holds all of this."""
        at = bisect_right(self._starts, start) - 1
        return at >= 0 and end <= self._ends[at]


def _simple(word: Word) -> bool:
    return word.text.isascii() and word.text.isalpha() and len(word.pieces) == 1


@lru_cache(maxsize=1 << 16)
def _written(pieces: tuple[str, ...], reading: Script) -> str:
    return " ".join(reading.plain(piece) if _mixed(piece, reading) else piece for piece in pieces)


def _mixed(piece: str, reading: Script) -> bool:
    own = sum(character in reading.letters for character in piece)
    return 0 < own < len(piece)
