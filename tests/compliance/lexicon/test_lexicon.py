"""The lexicon finds what its rules say and tells where; each rule is proven on its own examples."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.errors import RulesError
from compliance.lexicon.lexicon import (
    SHIPPED_FILES,
    Finding,
    Lexicon,
    default_lexicon,
    load_lexicon,
    proven,
    read_ahead,
)
from compliance.lexicon.line import ends_within
from compliance.lexicon.terms import load_terms

LEXICON = default_lexicon()
SHIPPED = [(terms.id, text) for terms in LEXICON.rules for text in terms.matches]
MISSED = [text for terms in LEXICON.rules for text in terms.misses]
RULE = """
version: 1
parts: {{age: "1[0-5]|[1-9]"}}
rules:
  - {{id: one, says: It is one., language: en, {}}}
"""


def lexicon(folder: Path, rule: str) -> Lexicon:
    file = folder / "lexicon.yaml"
    file.write_text(RULE.format(rule))
    return load_lexicon(file)


def rules_found(text: str) -> set[str]:
    return {finding.rule for finding in LEXICON.find(text)}


@pytest.mark.parametrize(("rule", "text"), SHIPPED, ids=[f"{rule}: {text}" for rule, text in SHIPPED])
def test_each_rule_finds_its_own_matches(rule: str, text: str) -> None:
    """The examples in the file are tests."""
    assert rule in rules_found(text)


@pytest.mark.parametrize("text", MISSED)
def test_near_misses_are_found_by_no_rule_at_all(text: str) -> None:
    """Stricter than at start-up, where only the rule itself must miss them."""
    assert rules_found(text) == set()


def test_finding_tells_the_rule_its_sentence_and_the_place() -> None:
    """The place is in the text as it was written, invisible characters and all."""
    assert LEXICON.find("our k\u200bi\u0301d, yes") == (Finding("child-en", "The text names a child.", 4, 9),)
    text = "море и р е б е н о к, ей 12."
    assert {text[finding.start : finding.end] for finding in LEXICON.find(text)} == {"р е б е н о к", "ей 12"}


def test_findings_come_in_the_order_of_the_text() -> None:
    """The first one is what an answer names."""
    findings = LEXICON.find("girl, мальчик, kid")
    assert [finding.rule for finding in findings] == ["boy-girl", "boy-girl-ru", "child-en"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("baby blue sky", False, id="excepted"),
        pytest.param("baby blue sky over a baby", True, id="another one beside it"),
        pytest.param("a baby blue baby", True, id="right after it"),
        pytest.param("a boy in baby blue", True, id="another rule"),
        pytest.param("a 7 year old dog and a 7 year old", True, id="an age after an excepted age"),
    ],
)
def test_exception_excuses_only_what_it_covers(text: str, expected: bool) -> None:
    """A harmless phrase does not smuggle the rest of the text."""
    assert bool(LEXICON.find(text)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [(f"{age}-year-old", age < 16) for age in (1, 5, 9, 10, 15, 16, 17, 20, 51, 100)]
    + [(f"aged {age}", age < 16) for age in (7, 15, 16, 70)]
    + [(f"ей {age} лет", age < 16) for age in (3, 15, 16, 33)]
    + [(f"{age}-летняя", age < 16) for age in (4, 15, 16, 45)],
)
def test_ages_are_found_up_to_fifteen(text: str, expected: bool) -> None:
    """Sixteen is not under sixteen."""
    assert bool(LEXICON.find(text)) is expected


@given(st.text(max_size=60))
def test_any_text_is_searched_without_an_error(text: str) -> None:
    """Every finding lies within the text."""
    for finding in LEXICON.find(text):
        assert finding.start is not None
        assert finding.end is not None
        assert 0 <= finding.start < finding.end <= len(text)


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_child_between_any_two_texts_is_found(before: str, after: str) -> None:
    """What stands around on lines of its own cannot hide a word."""
    assert "boy-girl-ru" in rules_found(f"{before}\n\n\n\n\n\nмальчик\n\n\n\n\n\n{after}")


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        pytest.param("lemmas: [cat], matches: [dog], misses: [sea]", "does not match 'dog'", id="match missed"),
        pytest.param("lemmas: [cat], matches: [cat], misses: [two cats]", "matches 'two cats'", id="miss found"),
        pytest.param("lemmas: [cat], matches: [cat]", "matches and misses are expected", id="no misses"),
        pytest.param("lemma: [cat], matches: [cat], misses: [sea]", "unknown key 'lemma'", id="unknown key"),
        pytest.param("words: [no], matches: [no], misses: [sea]", "not [False]", id="YAML's own false"),
        pytest.param('patterns: ["("], matches: [a], misses: [b]', "not an expression", id="broken expression"),
        pytest.param('patterns: ["<size>"], matches: [a], misses: [b]', "none of the parts", id="unknown part"),
    ],
)
def test_rule_that_is_wrong_stops_the_start(tmp_path: Path, rule: str, says: str) -> None:
    """The message names the file, the rule and the text."""
    with pytest.raises(RulesError) as caught:
        lexicon(tmp_path, rule)
    assert all(part in str(caught.value) for part in (says, "line 5", "rule one", "lexicon.yaml"))


def test_each_shipped_rule_finds_what_proves_it_and_nothing_else() -> None:
    """A start takes them as proven: they are, here, and by the years of this day and of a later one."""
    assert len(load_lexicon(*SHIPPED_FILES).rules) == len(LEXICON.rules) > 40
    assert proven(load_terms(SHIPPED_FILES, lambda: date(2031, 1, 1))).rules


def test_many_threads_read_it_once() -> None:
    """Whoever comes while it is read waits for the same one."""
    read_ahead()
    with ThreadPoolExecutor(4) as pool:
        assert len(set(map(id, pool.map(lambda _: default_lexicon(), range(8))))) == 1


def test_wrong_entry_is_named_by_its_own_line(tmp_path: Path) -> None:
    """In a long rule the reader is led to the very text."""
    lines = [
        "rules:",
        "  - id: one",
        "    says: A.",
        "    language: en",
        "    words: [cat]",
        "    matches:",
        "      - cat",
    ]
    (tmp_path / "lexicon.yaml").write_text("\n".join([*lines, "      - dog", "    misses: [sea]", ""]))
    with pytest.raises(RulesError, match=r"at line 8, rule one: it does not match 'dog'"):
        load_lexicon(tmp_path / "lexicon.yaml")


@pytest.mark.parametrize(
    "content",
    [
        "version: 1\n",
        "rules: []\n",
        "rules: [one]\n",
        "rules: [{id: one, language: de, says: A.}]\n",
        "rules:\n" + "  - {id: one, says: A., language: en, words: [cat], matches: [cat], misses: [dog]}\n" * 2,
    ],
    ids=["no rules", "empty", "not a mapping", "unknown language", "id twice"],
)
def test_file_that_is_no_lexicon_is_refused(tmp_path: Path, content: str) -> None:
    """Its shape is checked before its words."""
    (tmp_path / "lexicon.yaml").write_text(content)
    with pytest.raises(RulesError):
        load_lexicon(tmp_path / "lexicon.yaml")


def test_rules_of_a_site_replace_the_shipped_ones(tmp_path: Path) -> None:
    """Parts stand in patterns, forms are inflected, and a text is found only by what the file says."""
    rule = 'lemmas: [pony], patterns: ["size <age>"], matches: [two ponies, size 7], misses: [size 70]'
    own = lexicon(tmp_path, rule)
    assert own.find("a child") == ()
    assert [finding.rule for finding in own.find("p0ny of size 15")] == ["one", "one"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a five years old tree", False, id="one sentence"),
        pytest.param("He is five years old. Trees all around", True, id="two sentences"),
        pytest.param("five years old. trees all around", True, id="two without a capital"),
        pytest.param("Kid! Rock on", True, id="an exclamation"),
        pytest.param("Kid Rock on stage", False, id="a singer"),
        pytest.param("a 5 yr. old tree", False, id="a word that is cut short"),
        pytest.param("5 yr. Old trees around", True, id="cut short at the end of a sentence"),
        pytest.param("два новорождённых. Котята рядом", True, id="two sentences in Russian"),
    ],
)
def test_exception_holds_within_one_sentence(text: str, expected: bool) -> None:
    """What two sentences say was said of two things."""
    assert bool(LEXICON.find(text)) is expected


@pytest.mark.parametrize(
    "text", ["a" * 200_000, "." * 200_000, "\"'" * 100_000, "y. " * 60_000], ids=lambda text: text[:3]
)
def test_end_of_a_sentence_is_looked_for_in_time_that_grows_with_the_text(text: str) -> None:
    """A long word or a long row of stops costs no more than others."""
    assert ends_within(text, 0, len(text)) is False


@pytest.mark.parametrize(("text", "expected"), [("p74", False), ("PTA", True), ("80y", True), ("k1d5", True)])
def test_letter_before_two_digits_is_the_number_of_something(text: str, expected: bool) -> None:
    """The id of a post is no association of parents because its digits look like letters."""
    assert bool(LEXICON.find(text)) is expected


@pytest.mark.parametrize(
    "text",
    [
        "#firstdayofschool",
        "#первоклассникиназарядке",
        "маьлчик на пони",
        "a kindergaretn party",
        "кичьлам с мячом",
        "redarg tsrif",
    ],
)
def test_word_that_no_dictionary_knows_is_read_as_it_was_meant(text: str) -> None:
    """Joined hashtags, slips, and words from right to left."""
    assert LEXICON.find(f"sea, {text}, море")


@pytest.mark.parametrize("text", ["#mysong", "chili con carne", "утренний кофе", "Robert Downey", "Девочкин, фамилия"])
def test_plain_word_is_read_as_it_stands(text: str) -> None:
    """Names, rare words and endings are no slips."""
    assert LEXICON.find(text) == ()


def test_place_of_a_word_that_was_meant_is_the_one_where_it_was_written() -> None:
    """Before, within and after what was read anew."""
    text = "море, Маьлчик, #mykindergarten и сын"
    assert {"Маьлчик", "#mykindergarten", "сын"} <= {
        text[finding.start : finding.end] for finding in LEXICON.find(text)
    }


def test_years_of_birth_are_reckoned_from_today() -> None:
    """Who was born fifteen years ago is under sixteen, who was born sixteen years ago is not."""
    rules = load_terms(SHIPPED_FILES, lambda: date(2030, 5, 1))
    assert Lexicon(rules).find("born 2015")
    assert not Lexicon(rules).find("born 2014")
