"""Words that no dictionary knows, read as they were meant: #firstdayofschool, a slip, a word from right to left."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

from compliance.lexicon.dictionary import english_words, is_russian_word
from compliance.lexicon.folding import fold

_PART = re.compile(r"#?[^\W\d_]+(?:[*|%$#@][^\W\d_]+)*[\w]*")
_WORD = re.compile(r"\S+")
_LOST_SHORT_I = re.compile("(?<=[аеиоуыэюя])и")
_REMEMBERED = 1 << 15
# A slip is believed in words of so many letters, two that changed places in shorter ones.
_LEAST, _LEAST_SWAPPED, _MOST = 6, 4, 24
_LONGEST_TAG = 60
# Short words that a hashtag may hold; others of one or two letters would let it fall apart anyhow.
_LINKS = frozenset(
    {
        "в",
        "во",
        "и",
        "на",
        "с",
        "со",
        "к",
        "из",
        "у",
        "за",
        "до",
        "от",
        "по",
        "а",
        "о",
        "об",
        "не",
        "мы",
        "я",
        "он",
        "она",
        "мой",
        "моя",
        "нам",
        "мне",
        "год",
        "лет",
        "of",
        "in",
        "at",
        "my",
        "to",
        "me",
        "is",
        "a",
        "i",
        "on",
    }
)


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A text with some words as they were meant, and where each stretch of it stood."""

    text: str
    stretches: tuple[tuple[int, int, int, int], ...]

    def origin(self, start: int, end: int) -> tuple[int, int] | None:
        """Where a part of the new text stood; nothing if it holds no word that was replaced."""
        # The first stretch that ends behind the start, and the last that starts before the end.
        first = bisect_right(self.stretches, start, key=_new_end)
        last = bisect_left(self.stretches, end, key=_new_start) - 1
        if first > last:
            return None
        new_start, _, old_start, _ = self.stretches[first]
        _, new_end, _, old_end = self.stretches[last]
        return old_start - max(new_start - start, 0), old_end + max(end - new_end, 0)

    def surroundings(self, reach: int) -> Iterator[tuple[int, int]]:
        """The parts of the new text that lie within so many words of what was replaced, none twice."""
        words = [match.span() for match in _WORD.finditer(self.text)]
        starts = [start for start, _ in words]
        runs: list[list[int]] = []
        for new_start, new_end, _, _ in self.stretches:
            first = max(bisect_right(starts, new_start) - 1 - reach, 0)
            last = min(bisect_left(starts, new_end) - 1 + reach, len(words) - 1)
            if runs and first <= runs[-1][1] + 1:
                runs[-1][1] = last
            else:
                runs.append([first, last])
        for first, last in runs:
            yield words[first][0], words[last][1]


_new_start: Callable[[tuple[int, int, int, int]], int] = itemgetter(0)
_new_end: Callable[[tuple[int, int, int, int]], int] = itemgetter(1)


class UnknownWords:
    """Knows the words of the lexicon, and which of them an unknown word may have been."""

    def __init__(self, words: Iterable[str], in_latin: Iterable[str]) -> None:
        words = frozenset(words)
        self._known = words.union(in_latin)
        self._english = english_words()
        # Most are short for one word alone: a list for each would take twice as long to make.
        self._slips: dict[str, str] = {}
        self._more_slips: dict[str, list[str]] = {}
        for word in words:
            if word.isalpha() and _LEAST_SWAPPED <= len(word) <= _MOST:
                for short in _shortened(word):
                    if self._slips.setdefault(short, word) is not word:
                        self._more_slips.setdefault(short, []).append(word)
        self.meant = lru_cache(maxsize=_REMEMBERED)(self._meant)

    def rewrite(self, text: str) -> Rewritten | None:
        """The text as it was meant; nothing if every word is plain."""
        parts: list[str] = []
        stretches: list[tuple[int, int, int, int]] = []
        at = length = 0
        for match in _PART.finditer(text):
            meant = self.meant(match.group())
            if meant is not None:
                parts += [text[at : match.start()], meant]
                length += match.start() - at
                stretches.append((length, length + len(meant), match.start(), match.end()))
                length, at = length + len(meant), match.end()
        return Rewritten("".join((*parts, text[at:])), tuple(stretches)) if stretches else None

    def backwards(self, part: str) -> bool:
        """Whether the letters make a word from right to left only."""
        word = _letters(part)
        if len(word) < 3 or word == word[::-1] or self.ordinary(word):
            return False
        return word[::-1] in self._known or (not word.isascii() and _is_russian(word[::-1]))

    def ordinary(self, word: str) -> bool:
        """Whether a dictionary knows the word as it stands."""
        return word in self._known or (word in self._english if word.isascii() else _is_russian(word))

    def _meant(self, part: str) -> str | None:
        word = _letters(part)
        if part.startswith("#") and 6 <= len(word) <= _LONGEST_TAG and not self.ordinary(word):
            pieces = self._pieces(word)
            if len(pieces) > 1:
                return " ".join(pieces)
        if not _LEAST_SWAPPED <= len(word) <= _MOST or self.ordinary(word):
            return None
        if not word.isalpha():
            return None
        return next(self._corrections(word), None)

    def _corrections(self, word: str) -> Iterator[str]:
        for short in _shortened(word):
            one = self._slips.get(short)
            for term in (one, *self._more_slips.get(short, ())) if one else ():
                if _swapped(word, term) or (len(word) >= _LEAST and _one_slip(word, term)):
                    yield term

    def _pieces(self, tag: str) -> Sequence[str]:
        """The words of a hashtag: as few and as long as they come."""
        # For each end the cost and the pieces so far.
        best: dict[int, tuple[float, tuple[str, ...]]] = {0: (0.0, ())}
        for end in range(1, len(tag) + 1):
            ways = [
                (best[start][0] + 1 + 4 / (end - start) ** 2, (*best[start][1], tag[start:end]))
                for start in range(max(0, end - _MOST), end)
                if start in best and self._piece(tag[start:end])
            ]
            if ways:
                best[end] = min(ways)
        return best[len(tag)][1] if len(tag) in best else ()

    def _piece(self, word: str) -> bool:
        if word.isdigit() or word in _LINKS:
            return True
        return len(word) > 2 and self.ordinary(word)


def _is_russian(word: str) -> bool:
    # Folding makes й an и and ё an е; the dictionary knows the ё that is not written, but no lost й.
    return (
        is_russian_word(word)
        or is_russian_word(_LOST_SHORT_I.sub("й", word))
        or any(is_russian_word(word[:at] + "й" + word[at + 1 :]) for at, letter in enumerate(word) if letter == "и")
    )


def _letters(part: str) -> str:
    return "".join(word.text for word in fold(part).words)


def _shortened(word: str) -> set[str]:
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def _swapped(word: str, term: str) -> bool:
    """Whether two neighbours changed places."""
    apart = [at for at, (one, two) in enumerate(zip(word, term, strict=False)) if one != two]
    return (
        len(word) == len(term)
        and len(apart) == 2
        and apart[1] == apart[0] + 1
        and word[apart[0]] == term[apart[1]]
        and word[apart[1]] == term[apart[0]]
    )


def _one_slip(word: str, term: str) -> bool:
    """A letter more, less or other, but not at the beginning, and none put or changed at the end: that is an ending."""
    first = next((at for at, (one, two) in enumerate(zip(word, term, strict=False)) if one != two), None)
    if first is None:
        return len(word) == len(term) + 1 and word[-1] == word[-2]
    if first == 0:
        return False
    if len(word) == len(term):
        return first < len(word) - 1 and word[first + 1 :] == term[first + 1 :]
    if len(word) + 1 == len(term):
        return word[first:] == term[first + 1 :]
    return len(word) == len(term) + 1 and word[first + 1 :] == term[first:]
