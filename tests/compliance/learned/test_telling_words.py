"""Telling words: those that hardly any posts have but those about children, and questions refused for them."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.errors import ComplianceError
from compliance.facts import Child
from compliance.gate import SAYS, Action, Gate, Verdict
from compliance.learned.telling_words import (
    AUTHORS,
    FILE,
    KEPT,
    TellingWords,
    WordCounts,
    Wording,
    at_least,
    load_telling,
    save_telling,
)
from compliance.lexicon.lexicon import default_lexicon
from compliance.policy import Rule, Treatment, load_policy


def words_of(text: str) -> list[tuple[str, str]]:
    return [(word.removesuffix("s"), word) for word in re.findall(r"\w+", text.lower())]


OPEN = ("street", Child.CLEAR, 100)
NAMES = {"петя"}


def tallied(
    *posts: tuple[str, Child, int], authors: int = AUTHORS, written: Callable[[str], str] = str
) -> dict[str, float]:
    """What so many posts of each kind tell, by so many people in turn, who write as `written` does."""
    counts = WordCounts(words_of, NAMES.__contains__)
    for words, child, times in posts:
        for number in range(times):
            counts.count(words.split(), child, [Wording(f"u{number % authors}", written(words))])
    return counts.shares()


def test_a_word_tells_where_nearly_all_its_posts_are_about_children() -> None:
    """Those that others have as well tell less, and those of other posts, or of a single one, nothing."""
    shares = tallied(
        ("bucket", Child.CHILD, 1),
        ("sandcastle beach", Child.CHILD, 60),
        ("sandcastle pool", Child.CONSENTED, 40),
        ("beach pool", Child.CLEAR, 100),
        ("street", Child.UNSEEN, 100),
    )
    assert list(shares) == ["sandcastle"]
    assert shares["sandcastle"] > 0.95


@pytest.mark.parametrize(("posts", "least", "most"), [(1, 0.0, 0.3), (10, 0.7, 0.8), (52, 0.95, 0.96), (5000, 0.99, 1)])
def test_few_posts_tell_little(posts: int, least: float, most: float) -> None:
    """A word of one post about a child is no proof; more than fifty without exception are."""
    assert least <= at_least(posts, posts) <= most


def test_what_a_word_tells_grows_with_its_posts() -> None:
    """All posts that have it are about children, and still twenty-five of them prove less than sixty."""
    few, many = (tallied(("sandcastle", Child.CHILD, posts), OPEN)["sandcastle"] for posts in (25, 60))
    assert (few, many) == (pytest.approx(at_least(25, 25), abs=1e-4), pytest.approx(at_least(60, 60), abs=1e-4))
    assert few < 0.91 < 0.95 < many < 1


@pytest.mark.parametrize("word", ["осень", "kvorlina"])
def test_what_one_family_says_tells_nothing(word: str) -> None:
    """However many posts two parents send: neither their child's name can be tried out, nor a season be closed."""
    posts = (word, Child.CHILD, 90), OPEN
    assert tallied(*posts, authors=2) == tallied(*posts, authors=AUTHORS - 1) == {}
    assert list(tallied(*posts)) == [word]


def test_words_of_nobody_tell_nothing() -> None:
    """Where the site names no authors, nobody knows whether many people say a word."""
    counts = WordCounts(words_of, NAMES.__contains__)
    for number in range(200):
        child = number % 2 == 0
        counts.count(
            ["sandcastle"] if child else ["street"], Child.CHILD if child else Child.CLEAR, [Wording(None, "a")]
        )
    assert counts.shares() == {}


@pytest.mark.parametrize(
    ("written", "tells"),
    [
        pytest.param("near sandcastle", True, id="small"),
        pytest.param("Sandcastle! near sandcastle", True, id="large where a sentence begins"),
        pytest.param("near SANDCASTLE, near sandcastle", True, id="shouted"),
        pytest.param("near Sandcastle", False, id="large within a sentence"),
        pytest.param("near Sandcastle, near sandcastle", False, id="large in half of the places"),
        pytest.param("Sandcastle", False, id="never written small"),
        pytest.param("#Sandcastle near SANDCASTLE", False, id="nobody can tell"),
    ],
)
def test_a_name_tells_nothing(written: str, tells: bool) -> None:
    """A word that people write like a name is one, whoever says it."""
    assert bool(tallied(("sandcastle", Child.CHILD, 60), OPEN, written=lambda _: written)) is tells


def test_a_name_that_anybody_may_have_tells_nothing() -> None:
    """Written small or not."""
    assert tallied(("петя куличик", Child.CHILD, 60), OPEN).keys() == {"куличик"}


def test_a_word_that_other_posts_need_tells_nothing() -> None:
    """However few they are beside those about children: who looks for them has no other word."""
    seldom = ("sandcastle", Child.CHILD, 300), ("sandcastle", Child.CLEAR, 4)
    assert tallied(*seldom, ("street", Child.CLEAR, 395)) == {}
    assert tallied(*seldom, ("street", Child.CLEAR, 396)) != {}


def test_what_waits_for_review_is_not_counted() -> None:
    """It says nothing yet; and a word counts once in a post."""
    assert tallied(("sandcastle", Child.REVIEW, 100)) == {}
    twice = tallied(("sandcastle sandcastle", Child.CHILD, 60), ("sea", Child.CLEAR, 60))
    assert twice == tallied(("sandcastle", Child.CHILD, 60), ("sea", Child.CLEAR, 60))


def test_where_most_posts_are_about_children_no_word_tells() -> None:
    """Else a site of school photos could be asked for nothing."""
    assert tallied(("sea", Child.CHILD, 100), ("street", Child.CLEAR, 99)) == {}
    assert tallied(("sea", Child.CHILD, 100), ("street", Child.CLEAR, 100)) != {}


@given(st.integers(1, 10**6).flatmap(lambda posts: st.tuples(st.integers(0, posts), st.just(posts))))
def test_what_is_said_is_below_what_was_seen(counts: tuple[int, int]) -> None:
    """The share is a share, and never flatters."""
    children, posts = counts
    assert -1e-9 <= at_least(children, posts) <= children / posts + 1e-9


REFUSING = Rule("test", frozenset(), frozenset({Child.CHILD}), Treatment.OMIT, True, "No.")
ALLOWED = Verdict(Action.ALLOW)


@pytest.mark.parametrize(
    ("text", "refuse", "expected"),
    [
        pytest.param(
            "two sandcastles at sea", True, Verdict(Action.REFUSE, "telling-word", "No."), id="a telling word"
        ),
        pytest.param("a pool at sea", True, ALLOWED, id="one that tells too little"),
        pytest.param("a boy band", True, ALLOWED, id="one that the lexicon knows and lets pass here"),
        pytest.param("two sandcastles at sea", False, ALLOWED, id="a rule that refuses no questions"),
        pytest.param("", True, ALLOWED, id="no words"),
    ],
)
def test_question_with_a_telling_word_is_refused(text: str, refuse: bool, expected: Verdict) -> None:
    """In whatever form it is said, where the rule refuses questions; without an ear none is."""
    rule = REFUSING if refuse else Rule("test", frozenset(), frozenset({Child.CHILD}), Treatment.OMIT, False, "No.")
    gate = Gate(
        load_policy(),
        default_lexicon(),
        telling_words=TellingWords({"sandcastle": 0.97, "pool": 0.9, "boy": 0.99}, 0.95, words_of),
    )
    assert gate.query(text, rule) == expected
    assert Gate(load_policy(), default_lexicon()).query(text, rule) == ALLOWED
    assert SAYS["telling-word"]


def test_folder_keeps_the_words(tmp_path: Path) -> None:
    """A small file beside the model, whatever the script; a model that was trained without has none."""
    assert load_telling(tmp_path, "m1") == {}
    save_telling({"куличик": 0.97, "sandcastle": KEPT}, "m1", tmp_path)
    assert load_telling(tmp_path, "m1") == {"куличик": 0.97, "sandcastle": KEPT}
    assert [file.name for file in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize(
    "change",
    [
        {"model": "m2"},
        {"shares": {"sandcastle": 1.5}},
        {"shares": {"sandcastle": None}},
        {"shares": ["sandcastle"]},
        {"shares": None},
    ],
    ids=["of another model", "no share", "no number", "no shares", "nothing"],
)
def test_words_that_do_not_fit_are_refused(tmp_path: Path, change: dict[str, object]) -> None:
    """They are never taken for none."""
    save_telling({"sandcastle": 0.97}, "m1", tmp_path)
    (tmp_path / FILE).write_text(json.dumps(json.loads((tmp_path / FILE).read_text()) | change))
    with pytest.raises(ComplianceError, match="photosense train"):
        load_telling(tmp_path, "m1")
    (tmp_path / FILE).write_text("{")
    with pytest.raises(ComplianceError, match="photosense train"):
        load_telling(tmp_path, "m1")
