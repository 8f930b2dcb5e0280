"""The rules of the lexicon as data, and every form that their words take."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Literal

import pymorphy3

from compliance.errors import RulesError
from compliance.lexicon.exemption import Exemption
from compliance.lexicon.folding import fold_letters
from compliance.lexicon.lookalike import script
from compliance.lexicon.translit import in_latin
from compliance.yamlfile import location, no_other_keys, read_yaml, strings

Language = Literal["en", "ru"]
SCRIPTS: dict[Language, str] = {"en": "latin", "ru": "cyrillic"}
# Further languages, whose forms are listed one by one, and in whose letters they are read.
_LISTED: Mapping[str, Language] = {
    **dict.fromkeys(("de", "es", "fr", "tr", "uz"), "en"),
    **dict.fromkeys(("be", "kk", "uk", "uz-cyrillic"), "ru"),
}
_LISTS = ("lemmas", "words", "stems", "inside", "phrases", "patterns", "near", "signs", "except", "matches", "misses")
_KEYS = ("id", "says", "language", *_LISTS)
_PART = re.compile(r"<(\w+)>")
_SHORTEST_IN_LATIN = 5


@dataclass(frozen=True, slots=True)
class Terms:
    """One rule of the lexicon: what it says to people, what it looks for, and texts that prove it.

    language is the one in whose letters the rule is read; a listed rule is in a further one, form by form. forms are
    whole words, latin Russian ones in Latin letters, stems their beginnings, inside is looked for anywhere in
    a word (#mybabyphoto), phrases are words one after the other, each in any of its forms, patterns and exceptions are
    expressions over the folded words with one blank between them, near are those that must each find a word for a
    pattern to apply, signs are emoji; left_alone holds for all rules alike. file and where tell where the rule stands,
    proofs the lines of the texts that prove it.
    """

    id: str
    says: str
    language: Language
    listed: bool
    forms: frozenset[str]
    latin: frozenset[str]
    stems: frozenset[str]
    inside: tuple[str, ...]
    phrases: tuple[tuple[frozenset[str], ...], ...]
    patterns: tuple[re.Pattern[str], ...]
    near: tuple[re.Pattern[str], ...]
    signs: frozenset[str]
    exceptions: tuple[re.Pattern[str], ...]
    matches: tuple[str, ...]
    misses: tuple[str, ...]
    proofs: Mapping[str, str]
    file: Path
    where: str
    left_alone: tuple[Exemption, ...] = ()


def load_terms(files: Iterable[Path], today: Callable[[], date] = date.today) -> tuple[Terms, ...]:
    """All rules of the files of a lexicon, each checked for its shape; what a file leaves alone holds for every rule.

    The part <birth_year> is in every file: the years in which somebody was born who is under 16 today.
    """
    analyzer = pymorphy3.MorphAnalyzer()
    loaded: dict[str, Terms] = {}
    born = {"birth_year": "|".join(str(today().year - age) for age in range(16))}
    contents = {file: read_yaml(file) for file in files}
    left_alone = tuple(each for file, content in contents.items() for each in _left_alone(file, content, born))
    for terms in (terms for file, content in contents.items() for terms in _terms_of(file, content, born, analyzer)):
        if terms.id in loaded:
            raise RulesError(terms.file, terms.where, "two rules have this id", "Give each its own")
        loaded[terms.id] = replace(terms, left_alone=left_alone)
    return tuple(loaded.values())


def _parts(file: Path, content: Mapping[str, object], born: Mapping[str, str]) -> Mapping[str, object]:
    parts = content.get("parts", {})
    if not isinstance(parts, dict):
        raise RulesError(file, "parts", "a mapping is expected", "See the shipped file")
    return {**parts, **born}


def _left_alone(file: Path, content: Mapping[str, object], born: Mapping[str, str]) -> Iterable[Exemption]:
    parts = _parts(file, content, born)
    entries = content.get("left_alone", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise RulesError(file, "left_alone", "a list of mappings is expected", "See the shipped file")
    for at, entry in enumerate(entries, 1):
        where = location(entry, f"left_alone number {at}")
        no_other_keys(file, where, entry, ("near", "named", "unless", "except"))
        if "unless" in entry and "named" not in entry:
            raise RulesError(file, where, "unless stands without named", "Say beside which words it is left alone")
        expressions, near = (
            tuple(_pattern(file, where, text, parts) for text in strings(file, where, entry.get(key)))
            for key in ("except", "near")
        )
        named, unless = (
            _pattern(file, where, str(entry[key]), parts) if key in entry else None for key in ("named", "unless")
        )
        yield Exemption(expressions, near, named, unless)


def _terms_of(
    file: Path, content: Mapping[str, object], born: Mapping[str, str], analyzer: pymorphy3.MorphAnalyzer
) -> Iterable[Terms]:
    no_other_keys(file, "the top", content, ("version", "parts", "left_alone", "rules"))
    parts, rules = _parts(file, content, born), content.get("rules")
    if not isinstance(rules, list) or not rules:
        raise RulesError(file, "rules", "a list of rules is expected", "See the shipped file")
    for at, rule in enumerate(rules, 1):
        yield _terms(file, at, rule, parts, analyzer)


def _terms(file: Path, at: int, rule: object, parts: Mapping[str, object], analyzer: pymorphy3.MorphAnalyzer) -> Terms:
    if not isinstance(rule, dict) or not isinstance(rule.get("id"), str):
        raise RulesError(file, location(rule, f"rule number {at}"), "a mapping with an id is expected", "Add the id")
    name = f"rule {rule['id']}"
    where = location(rule, name)
    no_other_keys(file, where, rule, _KEYS)
    known = ("en", "ru", *_LISTED)
    if not isinstance(rule.get("says"), str) or rule.get("language") not in known:
        expected = f"says (a sentence) and language (one of {', '.join(known)}) are expected"
        raise RulesError(file, where, expected, "Add them")
    lists = {key: strings(file, f"{where}.{key}", rule.get(key)) for key in _LISTS}
    listed = rule["language"] in _LISTED
    if listed and lists["lemmas"]:
        raise RulesError(file, where, f"lemmas of {rule['language']!r} cannot be inflected", "List the forms as words")
    if not lists["matches"] or not lists["misses"]:
        raise RulesError(file, where, "matches and misses are expected", "Give texts that prove the rule")
    proofs = {
        text: location(rule, name, key, at) for key in ("matches", "misses") for at, text in enumerate(lists[key])
    }

    def expressions(key: str) -> tuple[re.Pattern[str], ...]:
        return tuple(_pattern(file, location(rule, name, key, at), text, parts) for at, text in enumerate(lists[key]))

    language = _LISTED.get(rule["language"], rule["language"])
    inflect = partial(_russian, analyzer) if language == "ru" else _english
    in_phrase = cache((lambda word: (word,)) if listed else inflect if language == "ru" else _english_in_phrase)
    plain = script(SCRIPTS[language]).plain
    read = (lambda word: plain(fold_letters(word))) if listed else fold_letters
    forms = {*(form for lemma in lists["lemmas"] for form in inflect(lemma)), *lists["words"]}
    latin = {written for form in forms for written in in_latin(form)} if rule["language"] == "ru" else set()
    return Terms(
        rule["id"],
        rule["says"],
        language,
        listed,
        frozenset(map(fold_letters, forms)),
        frozenset(written for written in latin if len(written) >= _SHORTEST_IN_LATIN),
        frozenset(map(fold_letters, lists["stems"])),
        tuple(map(fold_letters, lists["inside"])),
        tuple(_phrase(phrase, in_phrase, read) for phrase in lists["phrases"]),
        expressions("patterns"),
        expressions("near"),
        frozenset(lists["signs"]),
        expressions("except"),
        lists["matches"],
        lists["misses"],
        proofs,
        file,
        where,
    )


def _pattern(file: Path, where: str, pattern: str, parts: Mapping[str, object]) -> re.Pattern[str]:
    def part(match: re.Match[str], known: Mapping[str, object]) -> str:
        if match[1] not in known:
            raise RulesError(file, where, f"{match[0]} is none of the parts", "Define it under parts")
        # A part may hold others, but not itself.
        others = {name: value for name, value in known.items() if name != match[1]}
        return f"(?:{_PART.sub(lambda inner: part(inner, others), str(known[match[1]]))})"

    whole = _PART.sub(lambda match: part(match, parts), pattern)
    try:
        return re.compile(rf"\b(?:{fold_letters(whole)})\b")
    except re.error as error:
        raise RulesError(file, where, f"{pattern!r} is not an expression ({error})", "Correct it") from error


def _english(lemma: str) -> Iterable[str]:
    if lemma.endswith(("s", "x", "ch", "sh")):
        return (lemma, lemma + "es")
    if lemma.endswith("y") and lemma[-2] not in "aeiou":
        return (lemma, lemma[:-1] + "ies")
    return (lemma, lemma + "s")


def _phrase(
    phrase: str, inflect: Callable[[str], Iterable[str]], read: Callable[[str], str]
) -> tuple[frozenset[str], ...]:
    return tuple(
        frozenset(read(form) for word in choice.split("|") for form in inflect(word)) for choice in phrase.split()
    )


def _english_in_phrase(word: str) -> Iterable[str]:
    # Words that are none ("playinged") do no harm: nobody writes them.
    short = word.removesuffix("e")
    return {*_english(word), word + "ed", word + "ing", short + "ed", short + "ing"}


def _russian(analyzer: pymorphy3.MorphAnalyzer, lemma: str) -> Iterable[str]:
    folded = fold_letters(lemma)
    parses = [parse for parse in analyzer.parse(lemma) if fold_letters(parse.normal_form) == folded]
    return {lemma, *(form.word for parse in parses for form in parse.lexeme)}
