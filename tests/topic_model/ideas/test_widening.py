"""Widening: own words first, and beside each what says the same, as far as a model knows it."""

import numpy as np
import pytest

from topic_model.document import TEXT
from topic_model.ideas.ideas import Ideas
from topic_model.ideas.read_ideas import read_ideas
from topic_model.ideas.widening import NOTHING_MORE, WIDENED, widen
from topic_model.model import TopicModel
from topic_model.training.recipe import Recipe
from topic_model.training.train import train
from topic_model.vocabulary import TokenBounds

IDEAS = Ideas(
    read_ideas(
        {
            "f.yaml": """
dog: dog, hound, pack dog | собака
young man: young man, lad | парень
traffic light: traffic light | светофор
bat-animal: bat | летучая мышь
bat-sport: bat | дубинка
two: two; 2 | два
tower: tower | башня
"""
        }
    )
)


@pytest.fixture(scope="module")
def english() -> TopicModel:
    """A model that knows English words alone."""
    return train(
        [
            {TEXT: {"dog": 3.0, "hound": 1.0, "snow": 2.0, "two": 1.0}},
            {TEXT: {"traffic": 1.0, "light": 1.0, "dog": 1.0}},
        ]
        * 2,
        Recipe(topics=2, background=0, passes=3, threads=1, regularisers=(), bounds={TEXT: TokenBounds(max_share=1.0)}),
    )


def others(text: str) -> dict[str, dict[str, float]]:
    widened = widen([text], IDEAS).others
    return {token: {" ".join(other.tokens): other.share for other in more} for token, more in widened.items()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("собака", {"собака": {"dog": 1, "hound": 1}}),
        ("dog", {"dog": {"hound": 1, "собака": 1}}),
        ("светофор", {"светофор": {"traffic light": 1}}),
        ("traffic light", {"traffic": {"светофор": 1}, "light": {"светофор": 1}}),
        ("bat", {"bat": {"летучий мышь": 0.5, "дубинка": 0.5}}),
        ("парень", {"парень": {"young man": 1, "lad": 1}}),
        ("2", {"2": {"two": 1, "два": 1}}),
        ("снег", {}),
    ],
)
def test_a_word_stands_for_its_idea(text: str, expected: dict[str, dict[str, float]]) -> None:
    """A phrase only where it is the usual one of its language; of several meanings each has its part."""
    assert others(text) == expected


def test_own_words_weigh_more_where_they_are_known(english: TopicModel) -> None:
    """Where nobody knows them, what says the same has all their weight."""
    known = widen(["dog"], IDEAS)
    assert known.words({"dog": 1.0}, english) == {"dog": 1.0, "hound": WIDENED, "собака": WIDENED}
    unknown = widen(["собака"], IDEAS)
    assert unknown.words({"собака": 1.0}, english) == {"собака": 1.0, "dog": 1.0, "hound": 1.0}
    assert unknown.words({"собака": 1.0}, None) == {"собака": 1.0, "dog": WIDENED, "hound": WIDENED}


def test_a_model_hears_the_commoner_words_more(english: TopicModel) -> None:
    """Together as much as the word that it does not know, or a part of one that it knows; of others nothing."""
    heard = widen(["собака"], IDEAS).document({TEXT: {"собака": 2.0}}, english)[TEXT]
    assert heard == {"собака": 2.0, "dog": pytest.approx(1.6), "hound": pytest.approx(0.4)}
    assert widen(["dog"], IDEAS).document({TEXT: {"dog": 1.0}}, english)[TEXT] == {"dog": 1.0, "hound": WIDENED}
    assert widen(["башня"], IDEAS).document({TEXT: {"башня": 1.0}}, english)[TEXT] == {"башня": 1.0}
    assert widen(["2"], IDEAS).document({}, english) == {TEXT: {"two": 1.0}}
    lights = widen(["светофор"], IDEAS).document({TEXT: {"светофор": 1.0}}, english)[TEXT]
    assert lights == {"светофор": 1.0, "traffic": 0.5, "light": 0.5}


def test_classes_of_words_have_a_column_each(english: TopicModel) -> None:
    """The own word counts whole, the others by their weight; a number that is no token has a column as well."""
    tokens, table = widen(["dog", "2"], IDEAS).table(["dog", "snow"], english)
    assert tokens == ["dog", "snow", "hound", "собака", "two", "два"]
    assert np.array_equal(table, [[1, 0, 0], [0, 1, 0], [WIDENED, 0, 0], [WIDENED, 0, 0], [0, 0, 1], [0, 0, 1]])
    tokens, table = widen(["башня"], IDEAS).table(["башня"], english)
    assert dict(zip(tokens, table[:, 0], strict=True)) == {"башня": 1.0, "tower": 1.0}


def test_without_ideas_nothing_is_added(english: TopicModel) -> None:
    """Every way to search is then as it was."""
    plain = widen(["собака"], None)
    assert plain is NOTHING_MORE
    assert plain.words({"собака": 1.0}, english) == {"собака": 1.0}
    assert plain.document({TEXT: {"собака": 1.0}}, english) == {TEXT: {"собака": 1.0}}
    tokens, table = plain.table(["собака"], english)
    assert (tokens, table.tolist()) == (["собака"], [[1.0]])


def test_an_unknown_word_has_a_substitute(english: TopicModel) -> None:
    """The commonest that says the same, where a model counts single words; a known one stays."""
    widening = widen(["собака hound башня"], IDEAS)
    assert widening.substitute(["собака", "hound", "башня"], english) == ["dog", "hound", "башня"]
    assert widening.is_known("собака", english)
    assert not widening.is_known("башня", english)
    assert not widening.is_known("собака", None)


def test_it_says_what_is_searched() -> None:
    """To people: all texts, the usual ones of a language, and what a token of a post was written as."""
    widening = widen(["светофор и собака"], IDEAS)
    assert set(widening.texts()) == {"traffic light", "светофор", "dog", "hound", "собака"}
    assert widening.translations == ("traffic light  dog",)
    assert widen(["два dogs у sea"], IDEAS).translations == ("two dog  sea", "два собака у ")
    assert widening.as_said("hound") == "hound"
    assert widening.as_said("light") == "traffic light"
    assert widening.is_said("собака", {"dog"})
    assert not widening.is_said("собака", {"snow"})
    assert widening.is_said("светофор", {"traffic", "light"})
    assert not widening.is_said("светофор", {"light"})
