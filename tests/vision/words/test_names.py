"""Names: what a network is sure to see, as people call it, and not as it was taught."""

import pytest

from compliance.lexicon.lexicon import default_lexicon
from topic_model.ideas.idea import Language
from topic_model.ideas.open_ideas import open_ideas
from vision.words.names import SURE, all_names, everyday_names, names_of


def test_many_finer_names_that_are_not_sure_are_a_sure_one_together() -> None:
    """Which of the spaniels it is nobody can tell, but that it is one, and a dog."""
    seen = {"cocker_spaniel": 0.2, "Brittany_spaniel": 0.2, "Sussex_spaniel": 0.2, "volcano": 0.2, "harp": 0.2}
    assert names_of(seen, 1.0) == {"dog": pytest.approx(0.6), "spaniel": pytest.approx(0.6)}


def test_a_class_without_a_word_of_everyday_has_its_own_name() -> None:
    """Where it has one, its own is not said: a Cardigan is a dog, and none to wear."""
    assert names_of({"parking_meter": 1.0}, 1.0) == {"parking meter": 1.0}
    assert names_of({"Cardigan": 1.0}, 1.0) == {"dog": 1.0, "corgi": 1.0}


def test_what_a_temperature_flattened_is_as_sure_as_before() -> None:
    """Shares of 0.8 and 0.2, flattened by 2, are two and one of three."""
    sure = names_of({"accordion": 2 / 3, "harp": 1 / 3}, 2.0)
    assert sure == {"accordion": pytest.approx(0.8)}
    assert all(share >= SURE for share in sure.values())


def test_nothing_seen_has_no_name() -> None:
    """A photo in which all is equally unlikely says nothing."""
    assert names_of({}, 2.0) == {}
    assert names_of({name.replace(" ", "_"): 1.0 for name in list(all_names())[:1000:7]}, 1.0).keys() <= {"dog"}


def test_every_word_of_everyday_is_understood_in_both_languages() -> None:
    """So that who asks in Russian finds what a network named in English; and each class is one that networks have."""
    known, ideas = set(all_names()), open_ideas()
    for name, words in everyday_names().items():
        assert name in known
        for word in words:
            senses = [sense for meaning in ideas.read([word]) for sense in meaning.senses]
            assert senses, word
            assert all(sense.words[Language.RUSSIAN] for sense in senses)


def test_no_word_of_everyday_tells_of_children() -> None:
    """Whether a child is there is for the detector and for people to say."""
    words = {word for words in everyday_names().values() for word in words}
    assert [word for word in sorted(words) if default_lexicon().find(word)] == []
