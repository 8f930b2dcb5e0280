"""Words that are spelled apart: c h i l d, к-и-д, chi.ld, m alysh; and words broken in two: маль чик."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from compliance.lexicon.folding import Word

_LONGEST = 20
_WIDEST_GAP = 5
_SHORT = 2
_LEAST = 3


def spelled_apart(text: str, words: Sequence[Word], may_begin: Callable[[str], bool]) -> Iterator[tuple[int, int, str]]:
    """Neighbours that may be one word: (start, end, letters).

    Joined are parts with nothing but punctuation, or a hyphen and the end of a line, between them, parts of one or two
    letters, and a single letter with the longer part beside it; two whole words with a blank between are two words.
    """
    for first in range(len(words) - 1):
        if len(words[first].text) > _LONGEST:
            continue
        tight = apart = single = True
        joined, long_parts = "", 0
        for at in range(first, len(words)):
            word = words[at]
            if at > first:
                gap = text[words[at - 1].end : word.start]
                if len(gap) > _WIDEST_GAP:
                    break
                tight = tight and (not any(map(str.isspace, gap)) or _hyphenated(gap))
            apart = apart and len(word.text) <= _SHORT
            long_parts += len(word.text) > 1
            single = long_parts <= 1
            joined += word.text
            # With one part only, whatever follows may still be close to it.
            if at > first and not (tight or apart or single):
                break
            if len(joined) > _LONGEST or not may_begin(joined):
                break
            if at > first and not (len(joined) <= _LEAST and any(map(_is_number, words[first : at + 1]))):
                yield words[first].start, word.end, joined


def _is_number(word: Word) -> bool:
    # "к. 19" is a house, although k19 could be read as "кид".
    return word.text.isdigit() and len(word.text) > 1


def _hyphenated(gap: str) -> bool:
    return gap[0] in "-\u2010\u2011" and gap[1:].isspace() and "\n" in gap


def broken_in_two(text: str, words: Sequence[Word]) -> Iterator[tuple[int, int, str, str]]:
    """Neighbours with nothing but blanks between them: (start, end, one part, the other)."""
    for one, two in pairwise(words):
        gap = text[one.end : two.start]
        short = len(one.text) < _SHORT or len(two.text) < _SHORT or len(one.text) + len(two.text) <= 2 * _SHORT
        if gap.isspace() and len(gap) <= _WIDEST_GAP and not short and len(one.text) + len(two.text) <= _LONGEST:
            yield one.start, two.end, one.text, two.text
