"""Every word of the lexicon is found however it is disguised."""

import os
import re
from collections.abc import Callable

import pytest

from benchmarks.words.measure import in_disguise, inflections
from benchmarks.words.ways import LATER_WAYS, WAYS
from compliance.lexicon.lexicon import default_lexicon

LEXICON = default_lexicon()
FORMS = sorted({form for terms in LEXICON.rules for form in terms.forms if form.isalpha()})
SHORT = 7  # letters: a longer word is never mistaken for another
ONE_IN = int(os.environ.get("PHOTOSENSE_TEST_FORMS_ONE_IN", "5"))  # of the longer ones; `make explore` takes all


@pytest.mark.parametrize(("number", "way"), list(enumerate(WAYS.values())), ids=list(WAYS))
def test_no_disguise_hides_any_word(number: int, way: Callable[[str], str]) -> None:
    """All short forms of all nouns, both languages; of the longer ones a part, in each disguise another one."""
    long = [form for form in FORMS if len(form) > SHORT]
    forms = [form for form in FORMS if len(form) <= SHORT] + long[number % ONE_IN :: ONE_IN]
    disguised = {form: way(form) for form in forms}
    hidden = [form for form, text in disguised.items() if not LEXICON.find(f"view {text} here")]
    # Written in digits alone a word is a number, and so is p74.
    assert [form for form in hidden if not re.fullmatch(r"[a-z]?\d+", disguised[form].replace(" ", ""))] == []


@pytest.mark.parametrize("way", LATER_WAYS)
def test_disguises_of_later_hide_hardly_any_word(way: str) -> None:
    """Of every twentieth form at most one in a hundred; a short word broken in two may be two words."""
    texts = in_disguise(inflections(LEXICON)[::20], [way])
    hidden = [text for text in texts if not LEXICON.find(text)]
    assert len(hidden) <= len(texts) * (0.12 if way == "one blank in the middle" else 0.01)


def test_every_plain_inflection_is_found() -> None:
    """All cases and numbers, Russian ones in Latin letters as well."""
    assert [form for form in inflections(LEXICON) if not LEXICON.find(form)] == []


def test_there_are_enough_words_to_speak_of() -> None:
    """Both languages with all cases."""
    assert len(FORMS) > 800


@pytest.mark.parametrize(
    "text", ["girI", "chiId", "5-yеar-оld", "аged 7", "ей\u200b 12", "маLьчик", "малbчик", "мальlш", "κiδ"]
)
def test_particular_tricks_are_seen_through(text: str) -> None:
    """A capital I for l, Cyrillic letters within an English age, Greek letters."""
    assert LEXICON.find(text)
