"""Slices: which kinds of questions a text belongs to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosense.evaluation.slices import ALL, slices_of

LENGTHS = {"one word", "two or three words", "long"}
COLOUR = "number or colour"


@pytest.mark.parametrize(
    ("text", "slices"),
    [
        ("dog", {"one word", "English"}),
        ("собака", {"one word", "Russian"}),
        ("#sunset", {"one word", "English"}),
        ("dog on beach", {"two or three words", "English"}),
        ("Вечер, лодки у причала", {"long", "Russian"}),
        ("two dogs", {"two or three words", "English", COLOUR}),
        ("красную лодку", {"two or three words", "Russian", COLOUR}),
        ("две собаки", {"two or three words", "Russian", COLOUR}),
        ("ЖЁЛТЫЕ", {"one word", "Russian", COLOUR}),
        ("3 boats", {"two or three words", "English", COLOUR}),
        ("a grey horse and a redwood", {"long", "English", COLOUR}),
        ("закат sunset", {"two or three words", "English"}),
        ("2024", {"one word", COLOUR}),
        ("???", {"one word"}),
    ],
)
def test_a_text_has_its_slices(text: str, slices: set[str]) -> None:
    """Length by words as typed, language by letters, colours and numbers in any form."""
    assert set(slices_of(text, unknown=False)) == slices
    assert set(slices_of(text, unknown=True)) == slices | {"with an unknown word"}


def test_reading_is_not_red() -> None:
    """Words that merely begin like a colour or a number are none."""
    for text in ("reddit", "tent", "синица", "пятно"):
        assert COLOUR not in set(slices_of(text, unknown=False))


@given(st.text(max_size=50))
def test_every_text_has_one_length_and_no_unknown_slice(text: str) -> None:
    """Each text is of one length and one language at most; every name is known."""
    slices = list(slices_of(text, unknown=False))
    assert len(LENGTHS & set(slices)) == 1
    assert len({"Russian", "English"} & set(slices)) <= 1
    assert len(slices) == len(set(slices))
    assert set(slices) <= set(ALL)
