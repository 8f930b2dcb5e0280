"""Phrases of several words, found by their words one after the other: first day of school, детский сад."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from compliance.lexicon.terms import Language, Terms

# Between two words of an English phrase these may stand: "her first day of the school".
_BETWEEN: dict[Language, frozenset[str]] = {
    "en": frozenset({"", "s", "the", "a", "an", "my", "our", "his", "her", "their", "your", "this"}),
    "ru": frozenset({""}),
}
# A phrase has fewer words than this.
_MOST = 16


class Phrases:
    """The phrases of all rules of one language."""

    def __init__(self, rules: Sequence[Terms], language: Language) -> None:
        self.between = _BETWEEN[language]
        self._openings: defaultdict[str, list[tuple[str, tuple[frozenset[str], ...]]]] = defaultdict(list)
        self._places: defaultdict[str, set[int]] = defaultdict(set)
        number = 0
        for terms in rules:
            for phrase in terms.phrases if terms.language == language else ():
                for form in phrase[0]:
                    self._openings[form].append((terms.id, phrase))
                for at, forms in enumerate(phrase):
                    for form in forms:
                        self._places[form].add(number * _MOST + at)
                number += 1
        self.words = frozenset(self._places)

    def find(self, tokens: Sequence[str]) -> Iterator[tuple[str, int, int]]:
        """Each phrase as its rule, its first token and its last."""
        for first, token in enumerate(tokens):
            for rule, phrase in self._openings.get(token, ()):
                at = first
                for forms in phrase[1:]:
                    at += 1
                    while at < len(tokens) and tokens[at] in self.between and tokens[at] not in forms:
                        at += 1
                    if at >= len(tokens) or tokens[at] not in forms:
                        break
                else:
                    yield rule, first, at

    def ends(self, tokens: Sequence[str]) -> tuple[tuple[str, str], ...]:
        """The first and the last token of those that may belong to a phrase, and of all."""
        own = [token for token in tokens if token not in self.between]
        return tuple((some[0], some[-1]) for some in (own, tokens) if some)

    def follow(self, one: str, two: str) -> bool:
        """Whether the second word comes after the first in any phrase."""
        after = self._places.get(two, set())
        return any(place + 1 in after for place in self._places.get(one, ()))
