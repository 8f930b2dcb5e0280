"""Finding which rules' words a word is, as written or in disguise."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from compliance.lexicon.dictionary import english_words
from compliance.lexicon.lookalike import Script, join_yeru, script, squeeze
from compliance.lexicon.terms import SCRIPTS, Terms

_LONGEST = 40
_CODE = 3  # characters of an id such as p74
_REMEMBERED = 1 << 14


@dataclass(slots=True)
class _Index:
    """The words of all rules of one language, by what their disguises have in common."""

    script: Script
    whole: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    stems: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    beginnings: set[str] = field(default_factory=set)
    endings: set[str] = field(default_factory=set)
    foreign: set[str] = field(default_factory=set)  # of another language, in these letters: no pioneer is a "pioner"

    def add(self, word: str, rule: str, is_stem: bool = False) -> None:
        skeleton = squeeze(self.script.skeleton(word))
        (self.stems if is_stem else self.whole).setdefault(skeleton, []).append((word, rule))
        for end in range(len(skeleton), 0, -1):
            if skeleton[:end] in self.beginnings:
                break  # and with it whatever it begins with
            self.beginnings.add(skeleton[:end])
        for at in range(1, len(skeleton)):
            if skeleton[at:] in self.endings:
                break
            self.endings.add(skeleton[at:])

    def rules(self, word: str, skeleton: str) -> Iterable[str]:
        yield from self.whole_words(word, skeleton)
        for end in range(3, min(len(skeleton), _LONGEST) + 1):
            for stem, rule in self.stems.get(skeleton[:end], ()):
                if self.script.stands_for(_first_runs(word, self.script, end), stem):
                    yield rule

    def whole_words(self, word: str, skeleton: str) -> Iterable[str]:
        ordinary = word in english_words()  # a grill is no "grl" with a stroke for its i; a kidd may be a kid
        for term, rule in self.whole.get(skeleton, ()):
            plain = squeeze(word) == squeeze(term) and term not in self.foreign
            if (not ordinary or plain or word == term) and self.script.stands_for(word, term):
                yield rule


class Disguises:
    """All words of the lexicon, ready to be recognised."""

    def __init__(self, rules: Sequence[Terms]) -> None:
        self._indexes = {language: _Index(script(name)) for language, name in SCRIPTS.items()}
        # With a blank at both ends of the word, "^kids" is looked for as " kids" and "kids$" as "kids ".
        self._inside = [
            (part.replace("^", " ").replace("$", " "), terms.id) for terms in rules for part in terms.inside
        ]
        parts = {part for part, _ in self._inside}
        self._any_inside = re.compile("|".join(map(re.escape, sorted(parts))) or r"(?!)")
        # Words repeat, in one text and in many; whoever wants to know of one asks for several things at once.
        self._remembered_readings = lru_cache(maxsize=_REMEMBERED)(self._work_out_readings)
        self._remembered_rules = lru_cache(maxsize=_REMEMBERED)(self._work_out_rules)
        self.latin: set[str] = set()
        english = {word for terms in rules if terms.language == "en" for word in terms.forms}
        for terms in rules:
            for word in terms.forms:
                self._indexes[terms.language].add(word, terms.id)
            for word in terms.latin - english:  # чилдрен is children again
                self.latin.add(word)
                self._indexes["en"].add(word, terms.id)
                self._indexes["en"].foreign.add(word)
            for stem in terms.stems:
                self._indexes[terms.language].add(stem, terms.id, is_stem=True)

    def rules_of(self, word: str) -> frozenset[str]:
        """The ids of the rules that this folded word falls under."""
        return self._remembered_rules(word) if len(word) <= _LONGEST else self._work_out_rules(word)

    def _work_out_rules(self, word: str) -> frozenset[str]:
        if word.isdigit() or (len(word) == _CODE and word[0].isalpha() and word[1:].isdigit()):
            return frozenset()  # A number is a number, although 6361 could be read as "беби", and p74 is no PTA.
        ends = f" {word} "
        rules = {rule for part, rule in self._inside if part in ends} if self._any_inside.search(ends) else set()
        for index, reading, skeleton in self._readings(word):
            rules.update(index.rules(reading, skeleton))
        return frozenset(rules)

    def rules_of_whole(self, word: str) -> frozenset[str]:
        """The ids of the rules that have this very word, not only its beginning or a part of it."""
        return frozenset(
            rule for index, reading, skeleton in self._readings(word) for rule in index.whole_words(reading, skeleton)
        )

    def may_begin(self, word: str) -> bool:
        """Whether any term begins like this; when not, adding letters cannot make it one."""
        return any(skeleton in index.beginnings for index, _, skeleton in self._readings(word))

    def may_end(self, word: str) -> bool:
        """Whether any term ends like this."""
        return any(skeleton in index.endings for index, _, skeleton in self._readings(word))

    def _readings(self, word: str) -> Iterable[tuple[_Index, str, str]]:
        return self._remembered_readings(word) if len(word) <= _LONGEST else self._work_out_readings(word)

    def _work_out_readings(self, word: str) -> tuple[tuple[_Index, str, str], ...]:
        return tuple(
            (index, reading, squeeze(index.script.skeleton(reading)))
            for reading in {word, join_yeru(word)}
            for index in self._indexes.values()
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
