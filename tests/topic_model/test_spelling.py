"""Slips of the keyboard: the word that was meant, or none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topic_model.spelling import Speller, edit_distance

WORDS = {"собака": 5.0, "закат": 3.0, "мост": 2.0, "bridg": 4.0, "sunset": 3.0, "sunsets": 1.0, "waterfal": 1.0}
LETTERS = st.text("abcdeж", max_size=7)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("сабака", "собака"),
        ("закатт", "закат"),
        ("зкаат", "закат"),
        ("зктаа", None),  # two slips in a short word
        ("sunest", "sunset"),
        ("sunst", "sunset"),
        ("watrefall", "waterfal"),
        ("brigd", "bridg"),
        ("dog", None),
        ("мостик", None),
        ("xyzzyq", None),
        ("12345", None),
        ("sunset", None),  # known words have no slip
    ],
)
def test_the_word_that_was_meant(typed: str, expected: str | None) -> None:
    """One slip in a short word, two in a long one; of equals the more common."""
    assert Speller(WORDS).nearest(typed) == expected


def test_nobody_is_sent_into_the_other_alphabet() -> None:
    """A Russian word is no slip of an English one."""
    assert Speller({"sunset": 1.0}).nearest("sunsет") is None


def test_without_words_there_is_nothing_to_mean() -> None:
    """An empty vocabulary corrects nobody."""
    assert Speller({}).nearest("sunset") is None


@given(LETTERS, LETTERS)
def test_distance_is_one_like_any_other(one: str, other: str) -> None:
    """Zero for the same word only, the same both ways, and never more than the longer word has letters."""
    between = edit_distance(one, other, 10)
    assert (between == 0) == (one == other)
    assert between == edit_distance(other, one, 10)
    assert between <= max(len(one), len(other))


@given(LETTERS, LETTERS, st.integers(0, 3))
def test_a_bound_changes_no_answer_below_it(one: str, other: str, most: int) -> None:
    """Stopping early is only faster."""
    assert edit_distance(one, other, most) == min(edit_distance(one, other, 10), most + 1)


@given(st.sampled_from(sorted(WORDS)), st.data())
def test_a_swap_is_one_slip(word: str, data: st.DataObject) -> None:
    """Two neighbours in the wrong order."""
    at = data.draw(st.integers(0, len(word) - 2))
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    assert edit_distance(word, swapped, 5) == (swapped != word)
