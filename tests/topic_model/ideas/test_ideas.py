"""Finding ideas by words: inflected, as phrases, misspelt, and where a word means several things."""

import pytest

from topic_model.ideas.idea import Language
from topic_model.ideas.ideas import SENSES, Ideas, said_otherwise
from topic_model.ideas.open_ideas import open_ideas
from topic_model.ideas.read_ideas import read_ideas
from topic_model.tokens import word_token

IDEAS = Ideas(
    read_ideas(
        {
            "f.yaml": """
dog: dog, hound | собака, пёс; сабака
hot dog: hot dog | хот-дог
bat-animal: bat | летучая мышь
bat-sport: bat | бита
lead-metal: lead | свинец
leash: leash, lead | поводок
run: run | бежать, бегать, бег
man: man | мужчина
two: two; 2 | два, пара
box: box | коробка
boxing: boxing | бокс
"""
        }
    )
)
SHIPPED = open_ideas()


def named(text: str) -> list[tuple[str, list[str]]]:
    return [(meaning.typed, [idea.name for idea in meaning.senses]) for meaning in IDEAS.read([text])]


@pytest.mark.parametrize(
    ("text", "meanings"),
    [
        ("Собаки", [("собаки", ["dog"])]),
        ("бегущая собака", [("бегущая", ["run"]), ("собака", ["dog"])]),
        ("running dogs", [("running", ["run"]), ("dogs", ["dog"])]),
        ("two men", [("two", ["two"]), ("men", ["man"])]),
        ("2 собаки", [("2", ["two"]), ("собаки", ["dog"])]),
        ("сабака", [("сабака", ["dog"])]),
        ("hot dogs", [("hot dogs", ["hot dog"])]),
        ("the dog is hot", [("dog", ["dog"])]),
        ("летучие мыши", [("летучие мыши", ["bat-animal"])]),
        ("мыши", []),
        ("bat", [("bat", ["bat-animal", "bat-sport"])]),
        ("lead", [("lead", ["lead-metal"])]),
        ("boxing", [("boxing", ["boxing"])]),
        ("boxes", [("boxes", ["box"])]),
        ("", []),
    ],
)
def test_words_mean_ideas(text: str, meanings: list[tuple[str, list[str]]]) -> None:
    """Whatever their form; what means something together is read together; the first word of an idea means it."""
    assert named(text) == meanings


def test_choices_are_all_that_a_word_may_mean() -> None:
    """The likelier first, and which words are ambiguous is a list that people can read."""
    assert [idea.name for idea in IDEAS.choices(["lead"])] == ["lead-metal", "leash"]
    assert {tokens: len(ideas) for tokens, ideas in IDEAS.ambiguous().items()} == {"bat": 2, "box": 2}


def test_a_word_is_translated_where_its_meaning_is_clear() -> None:
    """By the usual word; of two meanings nobody knows which."""
    assert IDEAS.translated("hound", Language.RUSSIAN) == "собака"
    assert IDEAS.translated("собака", Language.ENGLISH) == "dog"
    assert IDEAS.translated("bat", Language.RUSSIAN) is None
    assert IDEAS.translated("xyzzy", Language.RUSSIAN) is None


def test_every_word_that_ships_finds_its_idea() -> None:
    """It is the only one or the likeliest, or one of the choices of an ambiguous word."""
    for idea in SHIPPED.all:
        for word in said_otherwise(idea):
            assert idea in SHIPPED.choices(word.tokens), (idea.name, word.text)


def test_what_ships_is_hardly_ambiguous() -> None:
    """A word with so many meanings that nobody could tell them apart is none to search by."""
    ambiguous = SHIPPED.ambiguous()
    assert len(ambiguous) < 0.04 * sum(len(list(said_otherwise(idea))) for idea in SHIPPED.all)
    assert all(1 < len(senses) <= SENSES for senses in ambiguous.values())


def test_a_single_word_is_folded_as_texts_are() -> None:
    """What people write in posts, and words of ideas, become one token."""
    for idea in SHIPPED.all:
        for word in said_otherwise(idea):
            if word.text.isalpha() and len(word.tokens) == 1:
                assert word.tokens == (word_token(word.text),)
