"""English stems, held against NLTK's, by which documents were made before."""

from importlib.resources import files

from hypothesis import given
from hypothesis import strategies as st
from nltk.stem.porter import PorterStemmer

from topic_model.stemmer import stem

JUDGE = PorterStemmer()
SUFFIXES = (
    "s", "es", "ies", "sses", "ed", "ied", "eed", "ing", "ly", "y", "ational", "tional", "enci", "anci", "izer", "bli",
    "alli", "entli", "eli", "ousli", "ization", "ation", "ator", "alism", "iveness", "fulness", "ousness", "aliti",
    "iviti", "biliti", "fulli", "logi", "icate", "ative", "alize", "iciti", "ical", "ful", "ness", "al", "ance", "ence",
    "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "sion", "tion", "ion", "ou", "ism", "ate", "iti", "ous",
    "ive", "ize", "e", "ll",
)  # fmt: skip


def test_every_word_of_a_dictionary_has_the_stem_that_nltk_gives() -> None:
    """Thousands of words, each with usual endings, and none differs."""
    words = (files("compliance") / "data/english_words.txt").read_text("utf-8").lower().split()
    assert len(words) > 5_000
    forms = {word + end for word in words for end in ("", "s", "ing", "ed", "ly", "ness")}
    assert {word for word in forms if stem(word) != JUDGE.stem(word)} == set()


@given(st.text("abcdefghijklmnopqrstuvwxyz0é", max_size=9), st.lists(st.sampled_from(SUFFIXES), max_size=3))
def test_any_letters_have_the_stem_that_nltk_gives(root: str, suffixes: list[str]) -> None:
    """Whatever stands before whatever endings, digits and foreign letters too."""
    word = root + "".join(suffixes)
    assert stem(word) == JUDGE.stem(word)


def test_words_that_follow_no_rule_keep_their_stems() -> None:
    """The exceptions, and words too short to have a stem."""
    assert [stem(word) for word in ("skies", "dying", "news", "is", "")] == ["sky", "die", "news", "is", ""]
