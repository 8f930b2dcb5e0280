"""Folding removes what hides a word, keeps its place, and takes time in step with the length."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.lexicon.folding import fold
from compliance.lexicon.lexicon import default_lexicon
from compliance.lexicon.lookalike import join_yeru, script, squeeze
from compliance.lexicon.spelled_apart import spelled_apart


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Ёлка Йод", "елка иод"),
        ("STRASSE Straße", "strasse strasse"),
        ("ｆｕｌｌ　ｗｉｄｔｈ", "full width"),
        ("z\u200be\u00adr\u2060o", "zero"),
        ("s̶t̶r̶u̶c̶k̶", "struck"),
        ("🅱🅾🆇", "box"),
        ("sea, sun; (sand)!", "sea sun sand"),
        ("🌅", ""),
        ("", ""),
    ],
)
def test_text_is_folded_to_plain_words(text: str, plain: str) -> None:
    """Case, width, marks, invisible characters and punctuation go."""
    assert fold(text).plain == plain


@pytest.mark.parametrize(
    ("text", "pieces"),
    [("MyKid5", ("my", "kid", "5")), ("5yo", ("5", "yo")), ("NASA", ("nasa",)), ("МойСын", ("мои", "сын"))],
)
def test_word_knows_its_pieces(text: str, pieces: tuple[str, ...]) -> None:
    """Capitals and digits part a hashtag."""
    assert fold(text).words[0].pieces == pieces


@given(st.text())
def test_words_stand_in_order_where_they_say(text: str) -> None:
    """Start and end are of the original text."""
    words = fold(text).words
    assert all(text[word.start : word.end] == word.raw for word in words)
    assert all(one.end <= two.start for one, two in pairwise(words))


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    """A folded text has nothing left to fold."""
    once = fold(text).plain
    assert fold(once).plain == once


@pytest.mark.parametrize(
    ("name", "word", "term", "expected"),
    [
        ("latin", "chiiild", "child", True),
        ("latin", "ten", "teen", False),
        ("latin", "teeen", "teen", True),
        ("latin", "сон", "son", False),
        ("latin", "k1д", "kid", True),
        ("cyrillic", "peбенok", "ребенок", True),
        ("cyrillic", "подпасок", "подпасок", True),
    ],
)
def test_disguise_may_repeat_letters_but_not_lose_them(name: str, word: str, term: str, expected: bool) -> None:
    """Sound-alikes are believed in mixed words only: a Russian dream is no son."""
    reading = script(name)
    same = squeeze(reading.skeleton(word)) == squeeze(reading.skeleton(term))
    assert (same and reading.stands_for(word, term)) is expected


def test_yeru_is_put_together_from_its_halves() -> None:
    """мальlш reads малыш once ы is joined."""
    assert join_yeru("малblш") == "малыш"


@pytest.mark.parametrize("name", ["latin", "cyrillic"])
def test_stand_ins_of_one_character_share_a_skeleton(name: str) -> None:
    """Otherwise the look-up would not reach every candidate."""
    reading = script(name)
    for table in (reading.looks, reading.sounds):
        for character, letters in table.items():
            assert {reading.skeleton(letter) for letter in letters} == {reading.skeleton(character)}


@pytest.mark.parametrize("part", ["a-", "c h i l x ", "к и д а ", "sea ", "a", "aA", "1 "])
def test_work_on_spelled_words_grows_with_the_length_and_no_faster(part: str) -> None:
    """Counted, not timed: at most twenty questions for each word, and twice the text asks about twice as often."""

    def questions(length: int) -> int:
        calls = 0

        def always(_: str) -> bool:
            nonlocal calls
            calls += 1
            return True

        text = part * (length // len(part))
        words = fold(text).words
        assert len(list(spelled_apart(text, words, always))) <= 20 * len(words)
        assert calls <= 21 * len(words)
        return calls

    assert questions(20_000) <= 2.1 * questions(10_000) + 50


def test_a_million_characters_are_searched_to_the_end() -> None:
    """One child at the very end of a long text is found, and nothing else."""
    text = "sunset over the sea " * 50_000 + "мальчик"
    assert [finding.start for finding in default_lexicon().find(text)] == [1_000_000]
