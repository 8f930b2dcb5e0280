"""Phrases as people write them: nearly all about children are found, hardly any harmless one is."""

import pytest

from benchmarks.words.measure import held_out, left_alone, phrases, share_of
from compliance.lexicon.lexicon import default_lexicon

LEXICON = default_lexicon()


@pytest.mark.parametrize("phrase", [phrase for phrase in phrases("children") if not held_out(phrase)])
def test_phrase_about_a_child_is_found(phrase: str) -> None:
    """Nouns, ages, school years, family, hashtags, other letters; the part that the rules were tuned on."""
    assert LEXICON.find(phrase)


@pytest.mark.parametrize("phrase", [phrase for phrase in phrases("harmless") if not held_out(phrase)])
def test_phrase_that_only_sounds_like_it_is_left_alone(phrase: str) -> None:
    """Kidneys, school buildings, old whisky, firms of five years."""
    assert LEXICON.find(phrase) == ()


def test_phrases_that_were_held_out_fare_nearly_as_well() -> None:
    """What was learned by heart does not count."""
    assert share_of("", filter(held_out, phrases("children")), LEXICON).share >= 0.95
    assert left_alone("", filter(held_out, phrases("harmless")), LEXICON).share >= 0.98


@pytest.mark.parametrize("text", ["ма льчик", "k id", "реб енок", "chil dren", "маль-\nчик", "к\tи\tд"])
def test_word_broken_by_a_blank_is_found(text: str) -> None:
    """In two, or at the end of a line."""
    assert LEXICON.find(text)


@pytest.mark.parametrize("text", ["от рока до джаза", "до чек", "к. 19", "у чеков", "pats an"])
def test_two_words_are_not_put_together_to_a_child(text: str) -> None:
    """отрок, дочек, кид and patsan only by chance."""
    assert LEXICON.find(text) == ()


@pytest.mark.parametrize("age", range(1, 30))
def test_ages_below_sixteen_are_found_in_every_construction(age: int) -> None:
    """And none of sixteen or more."""
    texts = [
        f"{age}-year-old", f"{age} years old", f"aged {age}", f"he's {age}", f"turned {age}", f"my nephew is {age}",
        f"сыну {age} лет", f"{age} лет сыну", f"ему {age}", f"в возрасте {age} лет", f"{age}-летний", f"{age}летняя",
        f"Маше {age} лет", f"мне {age} лет", f"исполнилось {age}",
    ]  # fmt: skip
    assert [text for text in texts if bool(LEXICON.find(text)) != (age < 16)] == []
