"""Files of ideas: what is read of them, and what is refused with a sentence."""

import pytest

from topic_model.errors import IdeasWrong
from topic_model.ideas.idea import Language
from topic_model.ideas.read_ideas import LONGEST, read_ideas, shipped_sources, word_of

NAMES = [idea.name for idea in read_ideas(shipped_sources())]


def test_a_line_is_an_idea() -> None:
    """Words of both languages, the usual one first; slips are apart, and forms of another stem are found."""
    (idea,) = read_ideas({"f.yaml": "woman: woman, lady; womman | женщина, дама; женшина"})
    assert [word.text for word in idea.words[Language.ENGLISH]] == ["woman", "lady"]
    assert idea.usual(Language.RUSSIAN) == "женщина"
    assert [word.text for word in idea.slips] == ["womman", "женшина"]
    assert [word.text for word in idea.forms] == ["women"]


def test_words_become_the_tokens_of_texts() -> None:
    """A phrase is its tokens in order, without the words that say nothing; a number in digits stays."""
    assert word_of("трактор на поле").tokens == ("трактор", "поле")
    assert word_of("traffic lights").tokens == ("traffic", "light")
    assert word_of("2").tokens == ("2",)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("dog: dog, собака", "one bar"),
        ("dog: dog | собака | хунд", "one bar"),
        ("dog: dog |", "one side of the bar is empty"),
        ("dog: Dog | собака", "'Dog' is not written in small letters"),
        ("dog: собака | dog", "is not written in small letters of its side's language"),
        ("dog: dog, the | собака", "'the' has 0 words that say something"),
        ("dog: red dog in green grass by water | собака", f"1 to {LONGEST} are wanted"),
        ("dog: dog | собака\ndog: hound | пёс", "has this idea already"),
        ("dog: [dog, hound]", "an idea is one line"),
        ("- dog", "holds no ideas"),
        ('dog: "dog', "is no YAML"),
    ],
)
def test_what_is_no_idea_is_refused(text: str, sentence: str) -> None:
    """The sentence names the file, and says what to write."""
    with pytest.raises(IdeasWrong, match=r"^f\.yaml") as refusal:
        read_ideas({"f.yaml": text})
    assert sentence in str(refusal.value)


def test_an_empty_file_holds_no_ideas() -> None:
    """A theme that nobody wrote yet is no error."""
    assert read_ideas({"f.yaml": "# nothing yet\n"}) == []


def test_what_ships_can_be_read() -> None:
    """Each idea that ships has both sides, and its name for itself."""
    assert len(set(NAMES)) == len(NAMES) > 1000
