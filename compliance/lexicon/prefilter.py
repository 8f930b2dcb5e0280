"""A glance at a text: which places in it are worth a careful look. Most words of most texts promise nothing."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from operator import or_

import numpy as np

from common.arrays import Bool, Index, UInt64
from compliance.lexicon.disguise import Disguises
from compliance.lexicon.folding import Word, fold
from compliance.lexicon.line import Line
from compliance.lexicon.lookalike import script
from compliance.lexicon.phrases import Phrases
from compliance.lexicon.spelled_apart import spelled_apart
from compliance.lexicon.terms import SCRIPTS, Language, Terms
from compliance.lexicon.unknown_word import UnknownWords

# A pattern spans this many words at most, and so does an exception.
REACH = 8
_NEAR = 5
_HIT, _EMPTY, _BEGINS, _CONTINUES, _SINGLE, _MEMBER, _BETWEEN, _ODD, _BACKWARDS, _FIRST_FREE = (
    1 << at for at in range(10)
)
_BITS = 63
_KEPT, _LONGEST_KEPT = 1 << 16, 64
_SHORT_TEXT = 48
_LONGEST_JOIN = 20
_BLANK = np.array([chr(code).isspace() for code in range(0x3001)])


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a text to search: whether a word may be found there, and the rules whose patterns may apply."""

    start: int
    end: int
    words: bool
    phrases: frozenset[str]


class Glance:
    """What each blank-separated part of a text promises: a word, the beginning of one, or half of a phrase."""

    def __init__(
        self,
        rules: Sequence[Terms],
        disguises: Disguises,
        sequences: Mapping[Language, Phrases],
        tells: Callable[[Word], bool],
        sign: re.Pattern[str],
        second: UnknownWords,
    ) -> None:
        self._second = second
        self._disguises = disguises
        self._sequences = sequences
        self._tells = tells
        self._sign = sign
        self._near: list[tuple[Terms, re.Pattern[str], int]] = []
        self._needs: list[int] = []
        self._needed: dict[str, int] = {}
        self._always = False
        bit = _FIRST_FREE
        for terms in rules:
            if not terms.patterns:
                continue
            need = 0
            for near in terms.near if bit << len(terms.near) < 1 << _BITS else ():
                self._near.append((terms, near, bit))
                need, bit = need | bit, bit << 1
            self._needed[terms.id] = need
            self._always = self._always or not need
            self._needs.append(need)
        self._promises = Remembered(self._promise)
        self._joins = Remembered(self._join)
        self._steps = Remembered(self._step)
        self._latest: tuple[str, list[str], list[int]] = ("", [], [])

    def odd(self, text: str) -> tuple[bool, bool]:
        """Whether some word is to be read as it was meant, and whether one is written backwards."""
        every = reduce(or_, self._look(text)[1], 0)
        self._latest = ("", [], [])
        return bool(every & _ODD), bool(every & _BACKWARDS)

    def _look(self, text: str) -> tuple[list[str], list[int]]:
        # Windows and odd words of one text are asked for one after the other; it is kept no longer than that.
        latest, parts, promises = self._latest
        if latest is not text:
            parts = text.split()
            promises = list(map(self._promises.__getitem__, parts))
            self._latest = (text, parts, promises)
        return parts, promises

    def windows(self, text: str) -> Iterator[Window]:
        """The parts of the text that are worth a search."""
        parts, promises = self._look(text)
        if self._always or len(parts) <= _SHORT_TEXT:
            if self._always or self._worth(parts, promises):
                yield self._window(0, len(text), reduce(or_, promises, 0), words=True)
        else:
            yield from self._windows_of_long(text, parts, promises)

    def _worth(self, parts: Sequence[str], promises: Sequence[int]) -> bool:
        every = reduce(or_, promises, 0)
        if every & _HIT or any(need and need & every == need for need in self._needs):
            return True
        if every & _MEMBER and self._in_sequence(parts, promises):
            return True
        if not every & _BEGINS:
            return False
        some = [at for at, promise in enumerate(promises) if not promise & _EMPTY]
        return any(
            promises[one] & _BEGINS
            and (promises[two] & _CONTINUES or promises[one] & _SINGLE)
            and self._joins[f"{parts[one]} {parts[two]}"]
            for one, two in pairwise(some)
        )

    def _in_sequence(self, parts: Sequence[str], promises: Sequence[int]) -> bool:
        return any(
            promises[one] & promises[two] & _MEMBER and self._steps[f"{parts[one]} {parts[two]}"]
            for left_out in (_EMPTY, _EMPTY | _BETWEEN)
            for one, two in pairwise(at for at, promise in enumerate(promises) if not promise & left_out)
        )

    def _windows_of_long(self, text: str, parts: Sequence[str], promises: Sequence[int]) -> Iterator[Window]:
        every = np.fromiter(promises, np.uint64, len(parts))
        some = np.flatnonzero((every & np.uint64(_EMPTY)) == 0)
        flags = every[some]
        worth = (flags & np.uint64(_HIT)) != 0
        begins = (flags & np.uint64(_BEGINS)) != 0
        joins = begins[:-1] & (((flags[1:] & np.uint64(_CONTINUES)) != 0) | ((flags[:-1] & np.uint64(_SINGLE)) != 0))
        for at, one, two in zip(*(positions.tolist() for positions in _pairs(joins, some)), strict=True):
            if self._joins[f"{parts[one]} {parts[two]}"]:
                worth[at] = True
        words = worth.copy()
        for own in (np.arange(len(flags)), np.flatnonzero((flags & np.uint64(_BETWEEN)) == 0)):
            members = (flags[own] & np.uint64(_MEMBER)) != 0
            for at in np.flatnonzero(members[:-1] & members[1:]).tolist():
                if self._steps[f"{parts[some[own[at]]]} {parts[some[own[at + 1]]]}"]:
                    worth[own[at]] = True
        there = int(np.bitwise_or.reduce(flags)) if len(flags) else 0
        for need in self._needs:
            if need & there == need:
                worth |= _together(flags, need)
        if not worth.any():
            return
        starts, ends = _edges(text)
        for first, last in _runs(np.flatnonzero(worth), len(flags)):
            mask = int(np.bitwise_or.reduce(flags[first : last + 1]))
            has_words = bool(words[first : last + 1].any())
            yield self._window(int(starts[some[first]]), int(ends[some[last]]), mask, has_words)

    def _window(self, start: int, end: int, mask: int, words: bool) -> Window:
        return Window(start, end, words, frozenset(rule for rule, need in self._needed.items() if need & mask == need))

    def _promise(self, part: str) -> int:
        words = fold(part).words
        sign = _HIT if not part.isascii() and self._sign.search(part) else 0
        if not words:
            return sign or _EMPTY
        promise = sign | self._half(words)
        if self._second.rewrite(part):
            promise |= _ODD
        if any(self._second.backwards(word.text) for word in words):
            promise |= _BACKWARDS
        lines = {language: Line(words, script(name)).tokens for language, name in SCRIPTS.items()}
        promise |= self._part_of_sequence(lines)
        if any(map(self._tells, words)) or any(
            self._disguises.rules_of(joined) for _, _, joined in spelled_apart(part, words, self._disguises.may_begin)
        ):
            promise |= _HIT
        for terms, near, bit in self._near:
            if any(map(near.fullmatch, lines[terms.language])):
                promise |= bit
        return promise

    def _part_of_sequence(self, lines: Mapping[Language, Sequence[str]]) -> int:
        promise = 0
        for language, tokens in lines.items():
            phrases = self._sequences[language]
            ends = phrases.ends(tokens)
            if len(ends) == 1:
                promise |= _BETWEEN
            if any(token in phrases.words for end in ends for token in end):
                promise |= _MEMBER
            if any(phrases.find(tokens)):
                promise |= _HIT
        return promise

    def _step(self, pair: str) -> int:
        one, two = (fold(part).words for part in pair.split())
        for language, name in SCRIPTS.items():
            phrases, reading = self._sequences[language], script(name)
            ends = [phrases.ends(Line(words, reading).tokens) for words in (one, two)]
            if any(phrases.follow(before[1], after[0]) for before in ends[0] for after in ends[1]):
                return True
        return False

    def _half(self, words: Sequence[Word]) -> int:
        first, last = words[0].text, words[-1].text
        promise = 0
        if any(map(self._disguises.may_begin, _tails(words))):
            promise |= _BEGINS
        if len(first) <= 2 or self._disguises.may_end(first):
            promise |= _CONTINUES
        if len(last) == 1:
            promise |= _SINGLE
        return promise

    def _join(self, pair: str) -> int:
        one, two = pair.split()
        firsts = (word.text for word in fold(two).words[:1])
        return any(self._disguises.may_begin(tail + first) for first in firsts for tail in _tails(fold(one).words))


class Remembered(dict[str, int]):
    """A dictionary that works out what it does not hold, and never grows beyond measure."""

    def __init__(self, work_out: Callable[[str], int]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, part: str) -> int:
        promise = self._work_out(part)
        if len(part) <= _LONGEST_KEPT:
            if len(self) >= _KEPT:
                self.clear()
            self[part] = promise
        return promise


def _tails(words: Sequence[Word]) -> Iterable[str]:
    joined = ""
    for word in reversed(words):
        joined = word.text + joined
        if len(joined) > _LONGEST_JOIN:
            return
        yield joined


def _together(flags: UInt64, need: int) -> Bool:
    """Where a word of every kind that is needed stands within reach."""
    bits = [1 << at for at in range(_BITS) if need >> at & 1]
    close = np.zeros(len(flags), bool)
    positions = [np.flatnonzero(flags & np.uint64(bit)) for bit in bits]
    if not bits or not all(map(len, positions)):
        return close
    first, *others = positions
    for other in others:
        until, since = np.searchsorted(other, first + _NEAR, "right"), np.searchsorted(other, first - _NEAR)
        first = first[until > since]
    close[first] = True
    return close


def _pairs(joins: Bool, some: Index) -> tuple[Index, ...]:
    at = np.flatnonzero(joins)
    return at, some[at], some[at + 1]


def _edges(text: str) -> tuple[Index, Index]:
    """Where each part that `split` gives begins and ends."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    blank = np.concatenate(([True], _BLANK[np.minimum(codes, 0x3000)] & (codes <= 0x3000), [True]))
    edges = np.flatnonzero(blank[1:] != blank[:-1])
    return edges[::2], edges[1::2]


def _runs(worth: Index, count: int) -> Iterator[tuple[int, int]]:
    """The places widened by what a phrase may reach, those that touch taken together."""
    breaks = np.flatnonzero(np.diff(worth) > 2 * REACH + 1)
    firsts, lasts = worth[np.concatenate(([0], breaks + 1))], worth[np.concatenate((breaks, [len(worth) - 1]))]
    for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
        yield max(first - REACH, 0), min(last + REACH, count - 1)
