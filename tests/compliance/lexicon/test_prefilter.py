"""A glance never overlooks what a search of the whole text would find, and its work grows with the length."""

import random
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.words.measure import phrases
from compliance.lexicon.lexicon import Lexicon, default_lexicon
from compliance.lexicon.prefilter import Glance, Remembered, Window

LEXICON = default_lexicon()
PARTS = ("👶", "c", "к", "-", "…", "\u200b", "5", "years", "лет", "ма", "\ud800", "🌅", "a")
CHILDREN, HARMLESS = phrases("children"), phrases("harmless")


class Everything(Glance):
    """Looks at the whole text for every rule."""

    def windows(self, text: str) -> list[Window]:  # type: ignore[override]
        return [Window(0, len(text), True, frozenset(self._needed))]


@cache
def thorough() -> Lexicon:
    lexicon = Lexicon(LEXICON.rules)
    lexicon._glance.__class__ = Everything
    return lexicon


@pytest.mark.parametrize("text", CHILDREN + HARMLESS)
def test_glance_sees_every_rule_that_a_full_search_sees(text: str) -> None:
    """Alone, where the words that must be near stand in the same short text."""
    assert LEXICON.find(text) == thorough().find(text)


@pytest.mark.parametrize(
    "phrase", ["5 лет сыну", "ему уже семь лет", "she is only 12", "five years old", "wee one", "маль чик"]
)
def test_phrase_of_several_words_is_found_in_a_long_text(phrase: str) -> None:
    """Neither of its words tells anything alone."""
    assert LEXICON.find(f"{'sea ' * 200}{phrase}{' sea' * 200}")


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(CHILDREN))
def test_phrase_in_the_midst_of_a_long_text_is_found(seed: int, phrase: str) -> None:
    """Far from everything else, and where it stands."""
    drawn = random.Random(seed)
    around = [" ".join(f"dune{drawn.randrange(900)}" for _ in range(100)) for _ in range(2)]
    text = f"{around[0]}. {phrase}. {around[1]}"
    findings = LEXICON.find(text)
    assert findings
    for finding in findings:
        assert finding.start is not None
        assert finding.end is not None
        assert finding.end > len(around[0])
        assert finding.start < len(around[0]) + len(phrase) + 3


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(["👶", "c", "к", "-", "…", "\u200b", "5", "years", "лет", "ма", "\ud800", "🌅", "a"]),
        max_size=120,
    )
)
def test_wild_mixtures_are_searched_without_an_error(parts: list[str]) -> None:
    """Signs alone, half words, lone surrogates, short and long texts."""
    for finding in LEXICON.find(" ".join(parts)):
        assert finding.rule in {terms.id for terms in LEXICON.rules}


@pytest.mark.parametrize("part", ["she is 5 ", "c h ", "маль ", "a-", "до 5 ", "sea ", "кид", "5 лет "])
def test_characters_searched_grow_with_the_length_and_no_faster(part: str) -> None:
    """Counted, not timed: the places never overlap, so that no character is searched twice."""

    def searched(length: int) -> int:
        windows = list(LEXICON._glance.windows(part * (length // len(part))))
        assert all(one.end <= two.start for one, two in pairwise(windows))
        return sum(window.end - window.start for window in windows)

    assert searched(20_000) <= min(2.2 * searched(10_000) + 100, 20_000)


def test_what_is_remembered_has_a_limit() -> None:
    """Words of strangers do not fill the memory, and long ones are not kept at all."""
    remembered = Remembered(len)
    assert all(remembered[f"word{at}"] == len(f"word{at}") for at in range(70_000))
    assert remembered["x" * 5000] == 5000
    assert len(remembered) <= 1 << 16
    assert max(map(len, remembered)) <= 64
