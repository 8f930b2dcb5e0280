"""The caption grammar: Russian agreement, English articles, and sentences for every scene."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.captions import advert_words, child_words, ordinary_words, sentence
from demo.grammar import CASES, Noun, decline, english, load_grammar
from demo.scenes import SCENES


@pytest.mark.parametrize(
    ("adjective", "kind", "forms"),
    [
        ("тихий", "n", "тихое тихого тихое тихим"),
        ("багряный", "m", "багряный багряного багряный багряным"),
        ("вечерний", "f", "вечерняя вечерней вечернюю вечерней"),
        ("утренний", "p", "утренние утренних утренние утренними"),
        ("золотой", "p", "золотые золотых золотые золотыми"),
        ("большой", "m", "большой большого большой большим"),
        ("большой", "f", "большая большой большую большой"),
        ("свежий", "f", "свежая свежей свежую свежей"),
        ("рыжий", "p", "рыжие рыжих рыжие рыжими"),
        ("полосатый", "ma", "полосатый полосатого полосатого полосатым"),
        ("городской", "p", "городские городских городские городскими"),
    ],
)
def test_a_russian_adjective_agrees(adjective: str, kind: str, forms: str) -> None:
    """Gender, number, case and a living noun decide the ending."""
    assert [decline(adjective, kind, case) for case in CASES] == forms.split()


def test_an_english_noun_takes_the_article_it_allows() -> None:
    """Plurals and stuff have no `a`; a vowel turns it into `an`."""
    assert english(Noun("1", ("sunset",), ()), "golden", "a") == "a golden sunset"
    assert english(Noun("1", ("beach",), ()), "empty", "a") == "an empty beach"
    assert english(Noun("+", ("waves",), ()), "soft", "a") == "soft waves"
    assert english(Noun("~", ("snow",), ()), "fresh", "the") == "the fresh snow"


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_scene_has_words_in_both_languages(language: str) -> None:
    """The grammar knows the scenes that can be drawn, and no others."""
    assert set(load_grammar(language).scenes) == set(SCENES)


@given(seed=st.integers(0, 2**32), scene=st.sampled_from(list(SCENES)), language=st.sampled_from(["ru", "en"]))
def test_a_sentence_is_complete(seed: int, scene: str, language: str) -> None:
    """No slot stays open, the first letter is a capital, the end is marked, the script is the language's."""
    text = sentence(np.random.default_rng(seed), load_grammar(language), scene)
    assert not re.search(r"[{}@]|None|  ", text)
    assert text[0].isupper()
    assert text[-1] in ".!?"
    assert bool(re.search("[а-яё]", text.lower())) is (language == "ru")
    assert bool(re.search("[a-z]", text.lower())) is (language == "en")


@given(seed=st.integers(0, 2**32), scene=st.sampled_from(list(SCENES)))
def test_a_post_has_one_to_three_authors_and_few_tags(seed: int, scene: str) -> None:
    """Authors are handles and differ, tags are single words that occur once."""
    words = ordinary_words(np.random.default_rng(seed), scene)
    authors = [caption.author for caption in words.captions]
    assert 1 <= len(authors) <= 3
    assert len(set(authors)) == len(authors)
    assert all(re.fullmatch(r"u\d{3}", author) for author in authors)
    assert len(set(words.tags)) == len(words.tags) <= 6
    assert all(tag.isalnum() for tag in words.tags)


@given(seed=st.integers(0, 2**32))
def test_ordinary_words_name_no_child(seed: int) -> None:
    """What is not about a child does not read as if it were."""
    words = ordinary_words(np.random.default_rng(seed), "city_park")
    words_of_child = " ".join([*(caption.text for caption in words.captions), *words.tags]).lower()
    assert not re.search(
        r"\b(дет|ребён|мальчи|девоч|дочк|сын|child|kid|toddler|boy|girl|son\b|daughter)", words_of_child
    )


def test_a_child_can_be_named_in_a_tag_only() -> None:
    """Without a word in the caption, the first hashtag tells."""
    words = child_words(np.random.default_rng(4), "city_park", spoken=False)
    known = {tag for language in ("ru", "en") for tag in load_grammar(language).patterns["child_tags"]}
    assert words.tags[0] in known


def test_an_advertisement_sells() -> None:
    """An advertisement speaks of prices, places left or orders."""
    words = advert_words(np.random.default_rng(2), "bridge")
    sells = r"скидк|акци|цен|купи|достав|sale|price|deal|free|book|order"
    assert re.search(sells, words.captions[0].text.lower())
