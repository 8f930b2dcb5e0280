"""What is left alone whatever rule finds it: a good boy is a dog where a dog is named and nobody else."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import or_

_REMEMBERED, _LONGEST_KEPT = 1 << 15, 64


@dataclass(frozen=True, slots=True)
class Exemption:
    """Expressions that are left alone, anywhere or only in some company.

    Each of `near` must find a word in the same text, and so must `named`, where it is given; `unless` must find none:
    an exception must not let a child through that stands next to the dog.
    """

    expressions: tuple[re.Pattern[str], ...]
    near: tuple[re.Pattern[str], ...]
    named: re.Pattern[str] | None
    unless: re.Pattern[str] | None


class Exemptions:
    """All that is left alone, and the single words that show whether it applies."""

    def __init__(self, exemptions: Sequence[Exemption]) -> None:
        self._words: list[re.Pattern[str]] = []
        # Per exemption: the bits of the words that must be there, and of those that must not.
        self._needs = [
            (each, self._bits(each.near + (each.named,) * bool(each.named)), self._bits((each.unless,)))
            for each in exemptions
        ]
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._mask)

    def apply(self, tokens: Iterable[str]) -> Sequence[Exemption]:
        """Those whose company is there."""
        there = reduce(or_, map(self._look, set(tokens)), 0)
        return [each for each, needs, bars in self._needs if needs & there == needs and not bars & there]

    def _look(self, token: str) -> int:
        return self._remembered(token) if len(token) <= _LONGEST_KEPT else self._mask(token)

    def _bits(self, patterns: Sequence[re.Pattern[str] | None]) -> int:
        own = [pattern for pattern in patterns if pattern is not None]
        self._words += own
        return sum(1 << at for at in range(len(self._words) - len(own), len(self._words)))

    def _mask(self, token: str) -> int:
        return sum(1 << at for at, pattern in enumerate(self._words) if pattern.fullmatch(token))
