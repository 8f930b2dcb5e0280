"""The lexicon: finds the words and phrases that speak of a child under 16, however they are written."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock, Thread

from compliance.errors import RulesError
from compliance.lexicon.dictionary import is_russian_word
from compliance.lexicon.disguise import Disguises
from compliance.lexicon.escaped import unescaped
from compliance.lexicon.exemption import Exemptions
from compliance.lexicon.folding import SIGNS, Word, fold
from compliance.lexicon.line import Line, Spans
from compliance.lexicon.lookalike import script
from compliance.lexicon.phrases import Phrases
from compliance.lexicon.prefilter import REACH, Glance, Window
from compliance.lexicon.spelled_apart import broken_in_two, spelled_apart
from compliance.lexicon.terms import SCRIPTS, Language, Terms, load_terms
from compliance.lexicon.unknown_word import UnknownWords

SHIPPED_FILES = tuple(sorted((Path(__file__).parents[1] / "data").glob("lexicon*.yaml")))
_REMEMBERED_LENGTH = 64
_LONGEST_CHANCE = 7
_one_reads = Lock()


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that applies, its sentence for people, and where in the text."""

    rule: str
    says: str
    start: int | None
    end: int | None


class Lexicon:
    """Rules that have been proven on their own examples, ready to search texts."""

    def __init__(self, rules: Sequence[Terms], today: Callable[[], date] = date.today) -> None:
        self.rules = tuple(rules)
        self.today = today
        self._terms = {terms.id: terms for terms in rules}
        self._exemptions = Exemptions(rules[0].left_alone if rules else ())
        self._disguises = Disguises(rules)
        self._signs = {sign: terms.id for terms in rules for sign in terms.signs}
        self._sign = re.compile("|".join(map(re.escape, self._signs)) or r"(?!)")
        # Words repeat, texts hardly: what a word is found to be is kept, the texts themselves never.
        self._remembered = lru_cache(maxsize=1 << 16)(self._rules_of)
        self._may_begin = lru_cache(maxsize=1 << 14)(self._disguises.may_begin)
        self._sequences: dict[Language, Phrases] = {language: Phrases(rules, language) for language in SCRIPTS}
        # A slip is believed in English and Russian, whose other words a dictionary knows.
        own = [terms for terms in rules if not terms.listed]
        members = (forms for terms in own for phrase in terms.phrases for forms in phrase)
        words = set[str]().union(*(terms.forms for terms in own), *members)
        self._second = UnknownWords(words, self._disguises.latin)
        self._glance = Glance(rules, self._disguises, self._sequences, self._tells, self._sign, self._second)

    def __reduce__(self) -> tuple[type["Lexicon"], tuple[tuple[Terms, ...], Callable[[], date]]]:
        """Go to another process by rules and calendar alone: what is remembered is remembered anew there."""
        return Lexicon, (self.rules, self.today)

    def find(self, text: str) -> tuple[Finding, ...]:
        """Everything in the text that speaks of a child, in the order of the text."""
        spans = self._all_spans(text)
        shown = unescaped(text)
        if shown:
            origins = ((shown.origin(start, end), rule) for start, end, rule in self._all_spans(shown.text))
            spans = sorted({*spans, *((*origin, rule) for origin, rule in origins if origin)})
        return tuple(Finding(rule, self._terms[rule].says, start, end) for start, end, rule in spans)

    def _all_spans(self, text: str) -> list[tuple[int, int, str]]:
        spans = list(self._spans(text))
        odd, backwards = self._glance.odd(text)
        if odd:
            spans += self._as_meant(text)
        if backwards:
            spans += self._from_right_to_left(text)
        return sorted(set(spans)) if odd or backwards else spans

    def _spans(self, text: str) -> Iterator[tuple[int, int, str]]:
        for window in self._glance.windows(text):
            for start, end, rule in self._search(text[window.start : window.end], window):
                yield window.start + start, window.start + end, rule

    def _as_meant(self, text: str) -> Iterator[tuple[int, int, str]]:
        rewritten = self._second.rewrite(text)
        if not rewritten:
            return
        for first, last in rewritten.surroundings(2 * REACH):
            for start, end, rule in self._spans(rewritten.text[first:last]):
                origin = rewritten.origin(first + start, first + end)
                if origin:
                    yield *origin, rule

    def _from_right_to_left(self, text: str) -> Iterator[tuple[int, int, str]]:
        for start, end, rule in self._spans(text[::-1]):
            start, end = len(text) - end, len(text) - start
            if any(self._second.backwards(word.text) for word in fold(text[start:end]).words):
                yield start, end, rule

    def _search(self, text: str, window: Window) -> list[tuple[int, int, str]]:
        words = fold(text).words
        lines: dict[Language, Line] = {language: Line(words, script(name)) for language, name in SCRIPTS.items()}
        hits = {
            *self._phrases(lines, window.phrases),
            *self._in_sequence(lines),
            *(self._words(text, words) if window.words else ()),
        }
        excepted = {rule: self._excepted(rule, lines, text) for rule in {rule for rule, _, _ in hits}}
        found = {(rule, start, end) for rule, start, end in hits if not excepted[rule].cover(start, end)}
        return sorted((start, end, rule) for rule, start, end in self._not_left_alone(found, lines, text))

    def _excepted(self, rule: str, lines: dict[Language, Line], text: str) -> Spans:
        terms = self._terms[rule]
        line = lines[terms.language]
        return Spans(line.matches(terms.exceptions, text))

    def _not_left_alone(
        self, hits: set[tuple[str, int, int]], lines: dict[Language, Line], text: str
    ) -> set[tuple[str, int, int]]:
        # Words of one script read alike in both lines.
        readings = {line.text: line for line in lines.values()}.values() if hits else ()
        spans = Spans(
            span
            for line in readings
            for each in self._exemptions.apply(line.tokens)
            for span in line.matches(each.expressions, text)
        )
        return {(rule, start, end) for rule, start, end in hits if not spans.cover(start, end)}

    def _words(self, text: str, words: Sequence[Word]) -> Iterator[tuple[str, int, int]]:
        for word in words:
            for rule in self._rules_of_word(word):
                yield rule, word.start, word.end
        for start, end, joined in spelled_apart(text, words, self._may_begin):
            for rule in self._disguises.rules_of(joined):
                yield rule, start, end
        for start, end, one, two in broken_in_two(text, words):
            for rule in self._broken(one, two):
                yield rule, start, end
        if not text.isascii():
            for match in self._sign.finditer(text):
                yield self._signs[match.group()], match.start(), match.end()

    def _phrases(self, lines: dict[Language, Line], rules: frozenset[str]) -> Iterator[tuple[str, int, int]]:
        for terms in (self._terms[rule] for rule in rules):
            line = lines[terms.language]
            for pattern in terms.patterns:
                for match in pattern.finditer(line.text):
                    yield terms.id, *line.span(*match.span())

    def _in_sequence(self, lines: dict[Language, Line]) -> Iterator[tuple[str, int, int]]:
        for language, line in lines.items():
            for rule, first, last in self._sequences[language].find(line.tokens):
                yield rule, *line.tokens_span(first, last)

    def _tells(self, word: Word) -> bool:
        return bool(self._rules_of_word(word))

    def _rules_of_word(self, word: Word) -> frozenset[str]:
        rules_of = self._remembered if len(word.text) <= _REMEMBERED_LENGTH else self._rules_of
        return rules_of(word.text, word.pieces)

    def _broken(self, one: str, two: str) -> frozenset[str]:
        # "от рока" is no отрок: two words that the dictionary knows are two words, unless the chance is too small.
        if not self._may_begin(one + two) or not (rules := self._disguises.rules_of_whole(one + two)):
            return frozenset()
        likely = one + two in self._disguises.latin or (is_russian_word(one) and is_russian_word(two))
        return frozenset() if len(one + two) <= _LONGEST_CHANCE and likely else rules

    def _rules_of(self, text: str, pieces: tuple[str, ...]) -> frozenset[str]:
        # A sign at an end is a letter ("babie$") or punctuation ("kid!"): both readings are tried.
        readings = {text, text.strip(SIGNS), text.lstrip(SIGNS), *pieces}
        return frozenset(rule for reading in readings if reading for rule in self._disguises.rules_of(reading))


def proven(rules: Sequence[Terms]) -> Lexicon:
    """The lexicon of these rules, if each finds its own `matches` and none of its `misses`."""
    lexicon = Lexicon(rules)
    for terms in rules:
        for text in terms.matches:
            if all(finding.rule != terms.id for finding in lexicon.find(text)):
                raise RulesError(terms.file, terms.proofs[text], f"it does not match {text!r}", "Widen it")
        for text in terms.misses:
            if any(finding.rule == terms.id for finding in lexicon.find(text)):
                raise RulesError(terms.file, terms.proofs[text], f"it matches {text!r}", "Narrow it, or add to except")
    return lexicon


def load_lexicon(*files: Path) -> Lexicon:
    """The lexicon of these files, proven on its own examples."""
    return proven(load_terms(files))


def default_lexicon() -> Lexicon:
    """The lexicon that ships with photosense; the tests have proven it on its examples. One thread reads it for all."""
    with _one_reads:
        return _shipped()


def read_ahead() -> None:
    """Begin to read the lexicon that ships with photosense: it takes a second, in which others wait for the store."""
    Thread(target=_read_quietly, name="lexicon", daemon=True).start()


def _read_quietly() -> None:
    with suppress(RulesError, OSError):  # whoever needs it is told
        default_lexicon()


@cache
def _shipped() -> Lexicon:
    return Lexicon(load_terms(SHIPPED_FILES))
