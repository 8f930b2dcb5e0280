"""One contract, every store: what is written, and what is refused."""

import numpy as np
import pytest

from qdrant.engine.write_plan import Written
from qdrant.errors import PointRefused
from qdrant.filters import any_of
from qdrant.points import PhotoPoint
from qdrant.store import Search, Store, Target
from qdrant.vector_kind import THETA
from tests.support.points import MODEL, point, theta


class TestWriting:
    def test_a_stored_post_is_read_back_whole(self, modelled: Store) -> None:
        """What was written comes back: post, attrs, facts, Document and theta."""
        sent = point(
            "p1",
            attrs={"place": "Карелия"},
            facts={"source": "text"},
            document={"text": {"море": 2.0}, "image": {"blue": 3.5}},
            vectors={THETA.of(MODEL): theta(0.25, 0.75)},
            version=3,
        )
        assert modelled.upsert([sent]) == [Written.STORED]
        (stored,) = modelled.get(["p1"])
        assert stored is not None
        assert (stored.id, stored.version, stored.attrs, stored.facts) == (
            "p1",
            3,
            {"place": "Карелия"},
            {"source": "text"},
        )
        assert stored.post == sent.post
        assert stored.document() == sent.document
        np.testing.assert_allclose(stored.theta, theta(0.25, 0.75), atol=1e-6)

    def test_sending_twice_changes_nothing(self, store: Store) -> None:
        """The same content again is unchanged and stays one post."""
        assert store.upsert([point("p1", digest="a")]) == [Written.STORED]
        assert store.upsert([point("p1", digest="a")]) == [Written.UNCHANGED]
        assert store.count() == 1

    @pytest.mark.parametrize(
        ("first", "second", "outcome"),
        [
            pytest.param(2, 1, Written.STALE, id="older is stale"),
            pytest.param(2, 2, Written.UNCHANGED, id="equal is unchanged"),
            pytest.param(2, 3, Written.STORED, id="newer is stored"),
            pytest.param(2, None, Written.STALE, id="unversioned never replaces versioned"),
            pytest.param(None, None, Written.STORED, id="unversioned with other content is stored"),
            pytest.param(None, 1, Written.STORED, id="versioned replaces unversioned"),
        ],
    )
    def test_the_newest_version_wins(
        self, store: Store, first: int | None, second: int | None, outcome: Written
    ) -> None:
        """Versions decide what replaces what; without them, content does."""
        store.upsert([point("p1", version=first, digest="a")])
        assert store.upsert([point("p1", version=second, digest="b", vis="held")]) == [outcome]
        assert store.count(any_of("vis", ["held"])) == (outcome is Written.STORED)

    def test_one_batch_may_hold_a_post_twice(self, store: Store) -> None:
        """Within a batch the order of lines holds, as if they had been sent one by one."""
        sent = [
            point("p1", version=2, digest="b"),
            point("p1", version=1, digest="a"),
            point("p1", version=3, digest="c"),
        ]
        assert store.upsert(sent) == [Written.STORED, Written.STALE, Written.STORED]
        (stored,) = store.get(["p1"])
        assert stored is not None
        assert stored.version == 3

    def test_replacing_a_post_drops_its_old_theta(self, modelled: Store) -> None:
        """A theta belongs to the version it was inferred from."""
        modelled.upsert([point("p1", version=1, vectors={THETA.of(MODEL): theta(1.0)})])
        modelled.upsert([point("p1", version=2)])
        assert modelled.candidates(Search(5, near={THETA: Target(theta(1.0))})).hits[THETA] == []

    def test_more_than_one_batch_is_written(self, store: Store) -> None:
        """Any number of points may be sent at once."""
        store.upsert([point(f"p{number}") for number in range(1203)])
        assert store.count() == 1203
        assert len({stored.id for stored in store.scroll()}) == 1203

    def test_nothing_to_write_is_fine(self, store: Store) -> None:
        """An empty batch is answered with an empty list."""
        assert store.upsert([]) == []

    @pytest.mark.parametrize(
        "bad",
        [
            pytest.param(np.array([0.5, 0.6, 0, 0, 0, 0], np.float32), id="sums to more than one"),
            pytest.param(np.array([1.5, -0.5, 0, 0, 0, 0], np.float32), id="negative"),
            pytest.param(np.array([np.nan, 1, 0, 0, 0, 0], np.float32), id="not a number"),
            pytest.param(np.array([np.inf, 0, 0, 0, 0, 0], np.float32), id="infinite"),
            pytest.param(np.array([0.5, 0.5], np.float32), id="another length"),
        ],
    )
    def test_a_theta_that_is_no_distribution_is_refused(self, modelled: Store, bad: np.ndarray) -> None:
        """Engines take NaN silently; the store does not, and writes nothing of the batch."""
        with pytest.raises(PointRefused, match=r"theta|shape"):
            modelled.upsert([point("good"), point("p1", vectors={THETA.of(MODEL): bad})])
        assert modelled.count() == 0
        with pytest.raises(PointRefused):
            modelled.candidates(Search(5, near={THETA: Target(bad)}))

    @pytest.mark.parametrize(
        "changes",
        [
            pytest.param({"id": ""}, id="empty id"),
            pytest.param({"id": "x" * 257}, id="long id"),
            pytest.param({"version": -1}, id="negative version"),
            pytest.param({"version": 2**63}, id="version beyond 64 bits"),
            pytest.param({"post": {"captions": "\ud800"}}, id="lone surrogate"),
            pytest.param({"attrs": {"n": 2**70}}, id="number beyond 64 bits"),
            pytest.param({"vectors": {THETA.of("m9"): theta(1.0)}}, id="theta of an unknown model"),
            pytest.param({"attrs": {"n": {"deep": {"er": 1}}}}, id="nested attr"),
            pytest.param({"attrs": {"n": [["a"]]}}, id="list of lists"),
            pytest.param({"attrs": {"n": float("nan")}}, id="attr that is no number"),
            pytest.param({"words": {"sea": 1e300}}, id="word too heavy"),
            pytest.param({"words": {"sea": float("nan")}}, id="word without weight"),
        ],
    )
    def test_a_point_that_breaks_the_rules_is_refused(self, store: Store, changes: dict) -> None:
        """The message names the post and what is expected; nothing is written."""
        with pytest.raises(PointRefused):
            store.upsert(
                [
                    PhotoPoint(
                        **{
                            **{f: getattr(point("p1"), f) for f in ("id", "vis", "child", "post", "document")},
                            **changes,
                        }
                    )
                ]
            )
        assert store.count() == 0
