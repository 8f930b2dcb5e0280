"""One contract, every store: what is found, and in which order."""

import itertools
from collections.abc import Iterable

import numpy as np
import pytest

from qdrant.errors import ModelMissing, PointRefused
from qdrant.filters import All, any_of
from qdrant.points import point_id, tie_break, word_id
from qdrant.store import Search, Standing, Store, Target
from qdrant.vector_kind import THETA
from tests.support.points import MODEL, OPEN, ids, point, theta


class TestSearching:
    def test_the_nearest_theta_comes_first(self, modelled: Store) -> None:
        """L1 distance orders; equal distances are ordered by id."""
        modelled.upsert(
            [
                point("far", vectors={THETA.of(MODEL): theta(0.0, 1.0)}),
                point("twin-b", vectors={THETA.of(MODEL): theta(0.9, 0.1)}),
                point("twin-a", vectors={THETA.of(MODEL): theta(0.9, 0.1)}),
                point("without"),
            ]
        )
        hits = modelled.candidates(Search(5, near={THETA: Target(theta(1.0))})).hits[THETA]
        assert ids(hits) == [*sorted(["twin-a", "twin-b"], key=point_id), "far"]
        assert [hit.score for hit in hits] == pytest.approx([0.2, 0.2, 2.0], abs=1e-5)

    def test_rare_words_weigh_more(self, store: Store) -> None:
        """Words in common find posts, before any model exists; a rarer word counts for more."""
        store.upsert([point(f"sea{n}", words={"sea": 1.0}) for n in range(8)] + [point("owl", words={"owl": 1.0})])
        candidates = store.candidates(Search(20, words={"sea": 1.0, "owl": 1.0}))
        assert ids(candidates.words) == ["owl", *equals(f"sea{n}" for n in range(8))]
        assert candidates.hits == {}

    def test_limits(self, modelled: Store) -> None:
        """Limit zero finds nothing; a limit over the size finds all."""
        modelled.upsert([point(f"p{n}", vectors={THETA.of(MODEL): theta(1.0)}) for n in range(3)])
        assert modelled.candidates(Search(0, near={THETA: Target(theta(1.0))})).hits[THETA] == []
        assert len(modelled.candidates(Search(1000, near={THETA: Target(theta(1.0))})).hits[THETA]) == 3

    def test_the_filter_holds_inside(self, modelled: Store) -> None:
        """A withheld point never takes a place among the candidates; a missing field does not pass."""
        held = [
            point(f"held{n}", vis="held", vectors={THETA.of(MODEL): theta(1.0)}, words={"sea": 1.0}) for n in range(20)
        ]
        modelled.upsert([*held, point("shown", vectors={THETA.of(MODEL): theta(0.0, 1.0)}, words={"sea": 1.0})])
        candidates = modelled.candidates(Search(3, near={THETA: Target(theta(1.0))}, words={"sea": 1.0}, filter=OPEN))
        assert (ids(candidates.hits[THETA]), ids(candidates.words)) == (["shown"], ["shown"])
        both = All((OPEN, any_of("child", ["consented"])))
        assert modelled.candidates(Search(3, near={THETA: Target(theta(1.0))}, filter=both)).hits[THETA] == []
        assert modelled.count(any_of("tags", ["sea"])) == 0

    def test_searching_thetas_without_a_model_says_so(self, store: Store) -> None:
        """The error names the way out."""
        with pytest.raises(ModelMissing, match="photosense train"):
            store.candidates(Search(5, near={THETA: Target(theta(1.0))}))

    def test_equals_are_cut_at_the_same_place_whatever_the_limit(self, modelled: Store) -> None:
        """Pages are stable: the first three of many equals are the first three of any larger limit."""
        posts = [f"p{number}" for number in range(300)]
        modelled.upsert([point(post, vectors={THETA.of(MODEL): theta(1.0)}, words={"sea": 1.0}) for post in posts])
        by_id, by_hair = sorted(posts, key=point_id), equals(posts)
        for limit in (3, 20, 299, 300):
            candidates = modelled.candidates(Search(limit, near={THETA: Target(theta(0.5, 0.5))}, words={"sea": 1.0}))
            assert (ids(candidates.hits[THETA]), ids(candidates.words)) == (by_id[:limit], by_hair[:limit])

    def test_several_searches_are_answered_in_order(self, modelled: Store) -> None:
        """Each with its own arms, filter and limit; one that asks for nothing finds nothing."""
        modelled.upsert(
            [
                point("a", vectors={THETA.of(MODEL): theta(1.0)}, words={"sea": 1.0}),
                point("b", vectors={THETA.of(MODEL): theta(0.0, 1.0)}, words={"owl": 1.0}, vis="held"),
            ]
        )
        searches = [
            Search(5, words={"owl": 1.0}),
            Search(5),
            Search(1, near={THETA: Target(theta(0.0, 1.0))}, words={"sea": 1.0}),
            Search(5, near={THETA: Target(theta(0.0, 1.0))}, filter=OPEN),
        ]
        answers = [(ids(one.hits.get(THETA, [])), ids(one.words)) for one in modelled.candidates_of(searches)]
        assert answers == [([], ["b"]), ([], []), (["b"], ["a"]), (["a"], [])]
        assert modelled.candidates_of([]) == []

    def test_words_that_share_a_number_do_not_find_each_other(self, store: Store) -> None:
        """The sparse vector knows words by 32 bits; what a hit really says decides."""
        one, other = two_words_of_one_number()
        assert one != other
        assert word_id(one) == word_id(other)
        store.upsert([point("one", words={one: 1.0}), point("other", words={other: 1.0})])
        assert ids(store.candidates(Search(5, words={one: 1.0})).words) == ["one"]
        assert ids(store.candidates(Search(5, words={other: 1.0})).words) == ["other"]

    def test_the_answer_says_whether_all_were_compared(self, modelled: Store) -> None:
        """A small store compares everything, unless it is asked not to."""
        modelled.upsert([point("a", vectors={THETA.of(MODEL): theta(1.0)})])
        assert modelled.candidates(Search(5, near={THETA: Target(theta(1.0))})).exact
        assert ids(modelled.candidates(Search(5, near={THETA: Target(theta(1.0))}, exact=False)).hits[THETA]) == ["a"]


class TestExamples:
    @pytest.fixture
    def several(self, modelled: Store) -> Store:
        thetas = {"sea": (1.0,), "shore": (0.5, 0.5), "wood": (0.0, 1.0), "sky": (0.4, 0.0, 0.6)}
        modelled.upsert([point(post, vectors={THETA.of(MODEL): theta(*mixed)}) for post, mixed in thetas.items()])
        modelled.upsert([point("wordless")])
        return modelled

    def test_liked_posts_pull_and_unliked_ones_push(self, several: Store) -> None:
        """Hits are nearest to what liked posts share and unliked ones lack; no example finds itself."""
        assert ids(several.candidates(Search(5, like=("sea",))).hits[THETA]) == ["shore", "sky", "wood"]
        assert ids(several.candidates(Search(5, like=("shore",), unlike=("wood",))).hits[THETA]) == ["sea", "sky"]
        assert ids(several.candidates(Search(1, like=("sea", "wood"))).hits[THETA]) == ["shore"]

    def test_examples_obey_the_filter(self, several: Store) -> None:
        """What may not be shown is not found by an example either."""
        several.set_facts({"shore": Standing("held", "child", {})})
        assert ids(several.candidates(Search(5, like=("sea",), filter=OPEN)).hits[THETA]) == ["sky", "wood"]

    @pytest.mark.parametrize(
        "search",
        [
            pytest.param(Search(5, like=("nope",)), id="not stored"),
            pytest.param(Search(5, like=("wordless",)), id="without topics"),
            pytest.param(Search(5, unlike=("sea",)), id="nothing liked"),
        ],
    )
    def test_an_example_that_cannot_be_one_is_refused(self, several: Store, search: Search) -> None:
        """The sentence names the post, or says what is missing."""
        with pytest.raises(PointRefused, match="example"):
            several.candidates(search)


def equals(posts: Iterable[str]) -> list[str]:
    """Order posts that say the same: by the hair that their ids add to their weights, then by the ids."""
    return sorted(posts, key=lambda post: (-np.float32(tie_break({"w": 1.0}, post)["w"]), point_id(post)))


def two_words_of_one_number() -> tuple[str, str]:
    """By the birthdays of a hundred thousand words, some two share their 32 bits."""
    words: dict[int, str] = {}
    for number in itertools.count():
        word = f"word{number}"
        if (same := words.setdefault(word_id(word), word)) != word:
            return same, word
    raise AssertionError("endless")
