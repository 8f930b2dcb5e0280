"""Finding which rules' words a word is, as written or in disguise."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from compliance.lookalike import Script, join_yeru, script, squeeze
from compliance.terms import Language, Terms

SCRIPTS: dict[Language, str] = {"en": "latin", "ru": "cyrillic"}
_LONGEST = 40


@dataclass(slots=True)
class _Index:
    """The words of all rules of one language, by what their disguises have in common."""

    script: Script
    whole: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    stems: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    beginnings: set[str] = field(default_factory=set)

    def add(self, word: str, rule: str, is_stem: bool) -> None:
        skeleton = squeeze(self.script.skeleton(word))
        (self.stems if is_stem else self.whole).setdefault(skeleton, []).append((word, rule))
        self.beginnings.update(skeleton[:end] for end in range(1, len(skeleton) + 1))

    def rules(self, word: str, skeleton: str) -> Iterable[str]:
        for term, rule in self.whole.get(skeleton, ()):
            if self.script.stands_for(word, term):
                yield rule
        for end in range(3, min(len(skeleton), _LONGEST) + 1):
            for stem, rule in self.stems.get(skeleton[:end], ()):
                if self.script.stands_for(_first_runs(word, self.script, end), stem):
                    yield rule


class Disguises:
    """All words of the lexicon, ready to be recognised."""

    def __init__(self, rules: Sequence[Terms]) -> None:
        self._indexes = {language: _Index(script(name)) for language, name in SCRIPTS.items()}
        self._inside = [(part, terms.id) for terms in rules for part in terms.inside]
        for terms in rules:
            for word in terms.forms:
                self._indexes[terms.language].add(word, terms.id, False)
            for stem in terms.stems:
                self._indexes[terms.language].add(stem, terms.id, True)

    def rules_of(self, word: str) -> frozenset[str]:
        """The ids of the rules that this folded word falls under."""
        if word.isdigit():
            return frozenset()  # A number is a number, although 6361 could be read as "беби".
        found = {rule for part, rule in self._inside if part in word}
        for reading in {word, join_yeru(word)}:
            for index in self._indexes.values():
                found.update(index.rules(reading, squeeze(index.script.skeleton(reading))))
        return frozenset(found)

    def may_begin(self, word: str) -> bool:
        """Whether any term begins like this; when not, adding letters cannot make it one."""
        return any(
            squeeze(index.script.skeleton(reading)) in index.beginnings
            for index in self._indexes.values()
            for reading in {word, join_yeru(word)}
        )


def _first_runs(word: str, script: Script, count: int) -> str:
    """The beginning of a word that squeezes to that many characters."""
    skeleton = script.skeleton(word)
    runs = 1
    for at in range(1, len(skeleton)):
        if skeleton[at] != skeleton[at - 1]:
            if runs == count:
                return word[:at]
            runs += 1
    return word
