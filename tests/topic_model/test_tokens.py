"""Tokens: one token for all that people mean by a word, in both languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topic_model.tokens import is_name, stop_words, surfaces, tag_token, tokenize, word_token


@pytest.mark.parametrize(
    ("text", "words", "tags"),
    [
        pytest.param("Закаты над морями", {"закат", "море"}, set(), id="Russian forms meet in the lemma"),
        pytest.param("Boats sailing", {"boat", "sail"}, set(), id="English forms meet in the stem"),
        pytest.param("Ёлка и елка", {"елка"}, set(), id="yo is ye"),
        pytest.param("ЗАКАТ Закат", {"закат"}, set(), id="case does not matter"),
        pytest.param("sunset #sunset #Закат_2024", {"sunset"}, {"sunset", "закат_2024"}, id="hashtags are lifted out"),
        pytest.param("see https://photos.example/x?y=1 www.x.example", {"see"}, set(), id="links are out"),
        pytest.param("mail me a.b@c.example @someone", {"mail"}, set(), id="addresses and mentions are out"),
        pytest.param("2024 год 15", {"год"}, set(), id="bare numbers are out"),
        pytest.param("the и над of", set(), set(), id="stop words are out"),
        pytest.param("a я ж b", set(), set(), id="single letters are out"),
        pytest.param("зaкaт", {"закат"}, set(), id="Latin look-alikes in a Russian word"),
        pytest.param("sunsеt", {"sunset"}, set(), id="Cyrillic look-alikes in an English word"),
        pytest.param("the dog's bone", {"dog", "bone"}, set(), id="possessive"),
        pytest.param("ﬁne wine", {"fine", "wine"}, set(), id="ligatures"),
        pytest.param("северо-западный ветер", {"северо", "западный", "ветер"}, set(), id="hyphens part words"),
        pytest.param("", set(), set(), id="nothing"),
    ],
)
def test_text_becomes_tokens(text: str, words: set[str], tags: set[str]) -> None:
    """Each kind of text gives exactly the tokens that a reader would expect."""
    tokens = tokenize(text)
    assert (set(tokens.text), set(tokens.tag)) == (words, tags)


def test_words_are_counted() -> None:
    """A word said twice counts twice, whatever its form."""
    assert tokenize("море, моря и морем").text == {"море": 3}


@pytest.mark.parametrize(
    ("tag", "token"),
    [("#Закат", "закат"), ("sun_set", "sun_set"), ("sun set", "sun_set"), ("##", ""), ("ёж", "еж"), ("x" * 200, "")],
)
def test_a_hashtag_has_one_spelling(tag: str, token: str) -> None:
    """Signs, case and blanks do not make two tags of one."""
    assert tag_token(tag) == token


def test_stop_words_of_both_languages_are_known() -> None:
    """The shipped lists are read, comments aside."""
    assert {"the", "и", "который"} <= stop_words()
    assert not any("#" in word for word in stop_words())


def test_surfaces_give_back_what_people_wrote() -> None:
    """Explanations show words, not stems."""
    assert dict(surfaces("Evening boats")) == {word_token("evening"): "evening", "boat": "boats"}


@given(st.text(max_size=300))
def test_any_text_gives_clean_tokens(text: str) -> None:
    """Whatever is typed: no empty token, no stop word, no number, nothing but letters and digits."""
    tokens = tokenize(text)
    for token in tokens.text:
        assert len(token) >= 1
        assert not token.isdigit()
        assert all(letter.isalnum() for letter in token)
    assert "" not in tokens.tag


@given(st.text(alphabet="абвгдежзиклмнопрстуфхцчшщыьэюяabcdefghijklmnopqrstuvwxyz -#", max_size=120))
def test_posts_and_queries_meet_whatever_the_case(text: str) -> None:
    """Upper and lower case of the same text are the same tokens."""
    assert tokenize(text) == tokenize(text.upper())


@pytest.mark.parametrize(
    ("token", "name"), [("петя", True), ("роза", True), ("петрович", True), ("река", False), ("max", False)]
)
def test_names_are_known(token: str, name: bool) -> None:
    """Russian ones, those that are words as well too."""
    assert is_name(token) is name
