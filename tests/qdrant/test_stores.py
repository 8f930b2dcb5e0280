"""One contract, every store: both engines and the numpy reference are held to the same sentences."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qdrant_client import QdrantClient

from qdrant.edge import EdgeStore
from qdrant.errors import ModelMissing, PointRefused, StoreBusy, StoreDamaged, StoreFull
from qdrant.filters import All, any_of
from qdrant.points import PhotoPoint, Written
from qdrant.server import ServerStore
from qdrant.store import Held, Search, Store
from tests.support.reference_store import ReferenceStore

MODEL, TOPICS = "m1", 6
OPEN = any_of("vis", ["open"])


def theta(*values: float) -> np.ndarray:
    padded = np.zeros(TOPICS, dtype=np.float32)
    padded[: len(values)] = values
    return padded


def point(post: str, **changes: object) -> PhotoPoint:
    fields: dict = {
        "vis": "open",
        "child": "clear",
        "post": {"captions": [{"text": post}]},
        "document": {"text": {"sea": 1}},
    }
    return PhotoPoint(id=post, **{**fields, **changes})


def ids(hits: list) -> list[str]:
    return [hit.point.id for hit in hits]


def on_a_server(_: Path) -> Store:
    url = os.environ.get("PHOTOSENSE_TEST_QDRANT_URL")
    if not url:
        pytest.skip("PHOTOSENSE_TEST_QDRANT_URL names no server to try")
    client = QdrantClient(url=url, check_compatibility=False)
    client.delete_collection("photosense_test")
    client.close()
    return ServerStore(url, collection="photosense_test")


STORES: dict[str, Callable[[Path], Store]] = {
    "edge": lambda folder: EdgeStore(folder / "store"),
    "reference": lambda _: ReferenceStore(),
    "client-local": lambda _: ServerStore("local", client=QdrantClient(":memory:")),
    "server": on_a_server,
}


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened = STORES[request.param](tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def modelled(store: Store) -> Store:
    store.add_model(MODEL, TOPICS)
    store.activate(MODEL)
    return store


class TestWriting:
    def test_a_stored_post_is_read_back_whole(self, modelled: Store) -> None:
        """What was written comes back: post, attrs, facts, Document and theta."""
        sent = point(
            "p1",
            attrs={"place": "Карелия"},
            facts={"source": "text"},
            document={"text": {"море": 2.0}, "image": {"blue": 3.5}},
            thetas={MODEL: theta(0.25, 0.75)},
            version=3,
        )
        assert modelled.upsert([sent]) == [Written.STORED]
        (found,) = modelled.get(["p1"])
        assert found is not None
        assert (found.id, found.version, found.attrs, found.facts) == (
            "p1",
            3,
            {"place": "Карелия"},
            {"source": "text"},
        )
        assert found.post == sent.post
        assert found.document() == sent.document
        np.testing.assert_allclose(found.theta, theta(0.25, 0.75), atol=1e-6)

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
        (found,) = store.get(["p1"])
        assert found is not None
        assert found.version == 3

    def test_replacing_a_post_drops_its_old_theta(self, modelled: Store) -> None:
        """A theta belongs to the version it was inferred from."""
        modelled.upsert([point("p1", version=1, thetas={MODEL: theta(1.0)})])
        modelled.upsert([point("p1", version=2)])
        assert modelled.candidates(Search(5, theta=theta(1.0))).by_theta == []

    def test_more_than_one_batch_is_written(self, store: Store) -> None:
        """Any number of points may be sent at once."""
        store.upsert([point(f"p{number}") for number in range(1203)])
        assert store.count() == 1203
        assert len({found.id for found in store.scroll()}) == 1203

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
            modelled.upsert([point("good"), point("p1", thetas={MODEL: bad})])
        assert modelled.count() == 0
        with pytest.raises(PointRefused):
            modelled.candidates(Search(5, theta=bad))

    @pytest.mark.parametrize(
        "changes",
        [
            pytest.param({"id": ""}, id="empty id"),
            pytest.param({"id": "x" * 257}, id="long id"),
            pytest.param({"version": -1}, id="negative version"),
            pytest.param({"version": 2**63}, id="version beyond 64 bits"),
            pytest.param({"post": {"captions": "\ud800"}}, id="lone surrogate"),
            pytest.param({"attrs": {"n": 2**70}}, id="number beyond 64 bits"),
            pytest.param({"thetas": {"m9": theta(1.0)}}, id="theta of an unknown model"),
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


class TestReading:
    def test_an_absent_post_is_none(self, store: Store) -> None:
        """Asking for several keeps their order and leaves gaps as None."""
        store.upsert([point("a"), point("b")])
        found = store.get(["b", "nope", "a"])
        assert [post and post.id for post in found] == ["b", None, "a"]

    def test_a_held_post_keeps_all_but_its_openness(self, modelled: Store) -> None:
        """Holding changes facts and visibility, keeps content and theta, and takes the words out of the index."""
        for post in ("a", "b"):
            modelled.upsert([point(post, words={"sea": 1.0}, thetas={MODEL: theta(1.0)}, version=3)])
        assert modelled.hold({"a": Held("held", "child", {"source": "host"}), "nope": Held("held", "child", {})}) == 1
        (found,) = modelled.get(["a"])
        assert found is not None
        assert (found.version, found.facts, found.payload["child"]) == (3, {"source": "host"}, "child")
        assert modelled.count(any_of("vis", ["held"])) == 1
        assert ids(modelled.candidates(Search(5, words={"sea": 1.0})).by_words) == ["b"]
        assert ids(modelled.candidates(Search(5, theta=theta(1.0))).by_theta) == ["a", "b"]
        assert ids(modelled.candidates(Search(5, theta=theta(1.0), filter=OPEN)).by_theta) == ["b"]

    def test_delete_tells_what_was_there(self, store: Store) -> None:
        """A deleted post is gone from reading, searching and counting; an absent one is no error."""
        store.upsert([point("a", words={"sea": 1.0}), point("b", words={"sea": 1.0})])
        assert store.delete(["a", "nope"]) == [True, False]
        assert store.get(["a"]) == [None]
        assert ids(store.candidates(Search(5, words={"sea": 1.0})).by_words) == ["b"]
        assert store.delete(["a"]) == [False]

    def test_scrolling_may_be_narrowed(self, store: Store) -> None:
        """A filter decides what a walk through the store meets."""
        store.upsert([point("a", content=["x"]), point("b", content=["y"]), point("c", content=["z", "x"])])
        assert sorted(found.id for found in store.scroll(any_of("content", ["x"]))) == ["a", "c"]

    def test_a_filter_without_matches_counts_zero(self, store: Store) -> None:
        """Empty is an answer, not an error."""
        store.upsert([point("a")])
        assert store.count(any_of("vis", ["elsewhere"])) == 0
        assert store.count(any_of("vis", [])) == 0


class TestSearching:
    def test_the_nearest_theta_comes_first(self, modelled: Store) -> None:
        """L1 distance orders; equal distances are ordered by id."""
        modelled.upsert(
            [
                point("far", thetas={MODEL: theta(0.0, 1.0)}),
                point("twin-b", thetas={MODEL: theta(0.9, 0.1)}),
                point("twin-a", thetas={MODEL: theta(0.9, 0.1)}),
                point("without"),
            ]
        )
        hits = modelled.candidates(Search(5, theta=theta(1.0))).by_theta
        assert ids(hits) == ["twin-a", "twin-b", "far"]
        assert [hit.score for hit in hits] == pytest.approx([0.2, 0.2, 2.0], abs=1e-5)

    def test_rare_words_weigh_more(self, store: Store) -> None:
        """Words in common find posts, before any model exists; a rarer word counts for more."""
        store.upsert([point(f"sea{n}", words={"sea": 1.0}) for n in range(8)] + [point("owl", words={"owl": 1.0})])
        found = store.candidates(Search(20, words={"sea": 1.0, "owl": 1.0}))
        assert ids(found.by_words) == ["owl", *(f"sea{n}" for n in range(8))]
        assert found.by_theta == []

    def test_limits(self, modelled: Store) -> None:
        """Limit zero finds nothing; a limit over the size finds all."""
        modelled.upsert([point(f"p{n}", thetas={MODEL: theta(1.0)}) for n in range(3)])
        assert modelled.candidates(Search(0, theta=theta(1.0))).by_theta == []
        assert len(modelled.candidates(Search(1000, theta=theta(1.0))).by_theta) == 3

    def test_the_filter_holds_inside(self, modelled: Store) -> None:
        """A withheld point never takes a place among the candidates; a missing field does not pass."""
        held = [point(f"held{n}", vis="held", thetas={MODEL: theta(1.0)}, words={"sea": 1.0}) for n in range(20)]
        modelled.upsert([*held, point("shown", thetas={MODEL: theta(0.0, 1.0)}, words={"sea": 1.0})])
        found = modelled.candidates(Search(3, theta=theta(1.0), words={"sea": 1.0}, filter=OPEN))
        assert (ids(found.by_theta), ids(found.by_words)) == (["shown"], ["shown"])
        both = All((OPEN, any_of("child", ["consented"])))
        assert modelled.candidates(Search(3, theta=theta(1.0), filter=both)).by_theta == []
        assert modelled.count(any_of("no_such_field", ["open"])) == 0

    def test_searching_thetas_without_a_model_says_so(self, store: Store) -> None:
        """The error names the way out."""
        with pytest.raises(ModelMissing, match="photosense train"):
            store.candidates(Search(5, theta=theta(1.0)))


class TestModels:
    def test_a_new_model_is_filled_and_then_switched(self, modelled: Store) -> None:
        """The old thetas serve until the new ones are complete; then only the new ones exist."""
        modelled.upsert([point("a", thetas={MODEL: theta(1.0)}), point("b", thetas={MODEL: theta(0.0, 1.0)})])
        modelled.add_model("m2", 3)
        modelled.put_thetas("m2", [("b", np.array([1, 0, 0], np.float32)), ("gone", np.array([1, 0, 0], np.float32))])
        assert ids(modelled.candidates(Search(5, theta=theta(1.0))).by_theta) == ["a", "b"]
        modelled.activate("m2")
        assert modelled.active == "m2"
        assert ids(modelled.candidates(Search(5, theta=np.array([0, 1, 0], np.float32))).by_theta) == ["b"]
        assert modelled.info().models == {"m2": 3}

    def test_a_model_can_come_back(self, modelled: Store) -> None:
        """Adding a model twice, or after it was dropped, starts it empty and works."""
        modelled.upsert([point("a", thetas={MODEL: theta(1.0)})])
        modelled.add_model(MODEL, TOPICS)
        modelled.add_model("m2", 3)
        modelled.activate("m2")
        modelled.add_model(MODEL, TOPICS)
        modelled.activate(MODEL)
        assert modelled.candidates(Search(5, theta=theta(1.0))).by_theta == []

    def test_an_unknown_model_cannot_be_activated(self, store: Store) -> None:
        """Nobody switches to thetas that do not exist."""
        with pytest.raises(ModelMissing, match="m9"):
            store.activate("m9")


weights = st.dictionaries(st.sampled_from([f"w{n}" for n in range(12)]), st.sampled_from([1.0, 2.0]), max_size=5)
mixtures = st.lists(st.integers(0, 8), min_size=TOPICS, max_size=TOPICS).filter(any)


@pytest.mark.parametrize("engine_name", [name for name in STORES if name != "reference"])
@settings(max_examples=25, deadline=None)
@given(
    posts=st.lists(st.tuples(mixtures, weights, st.sampled_from(["open", "held"])), min_size=1, max_size=40),
    asked=mixtures,
    words=weights,
    filtered=st.booleans(),
)
def test_the_engine_answers_like_the_judge(tmp_path_factory, engine_name, posts, asked, words, filtered) -> None:
    """Whatever is stored and asked, engine and numpy agree: same scores to 1e-4, ties free to change places."""
    judge, engine = ReferenceStore(), STORES[engine_name](tmp_path_factory.mktemp("engine"))
    query = np.array(asked, np.float32) / sum(asked)
    for store in (judge, engine):
        store.add_model(MODEL, TOPICS)
        store.activate(MODEL)
        store.upsert(
            [
                point(f"p{n}", vis=vis, words=own, thetas={MODEL: np.array(mix, np.float32) / sum(mix)})
                for n, (mix, own, vis) in enumerate(posts)
            ]
        )
    search = Search(100, theta=query, words=words, filter=OPEN if filtered else None)
    for expected, got in zip(judge.candidates(search), engine.candidates(search), strict=True):
        assert {hit.point.id: pytest.approx(hit.score, abs=1e-4) for hit in expected} == {
            hit.point.id: hit.score for hit in got
        }
    engine.close()


class TestEmbedded:
    def test_what_was_acknowledged_is_there_after_reopening(self, tmp_path: Path) -> None:
        """Points, models and the active model survive closing."""
        store = EdgeStore(tmp_path / "store")
        store.add_model(MODEL, TOPICS)
        store.activate(MODEL)
        store.upsert([point("a", thetas={MODEL: theta(1.0)})])
        store.close()
        again = EdgeStore(tmp_path / "store")
        assert (again.active, ids(again.candidates(Search(5, theta=theta(1.0))).by_theta)) == (MODEL, ["a"])
        again.close()

    def test_a_second_opener_is_told_who_owns_it(self, tmp_path: Path) -> None:
        """One process owns the folder; the sentence names it and the way out, and the owner goes on."""
        store = EdgeStore(tmp_path / "store")
        with pytest.raises(StoreBusy, match=rf"process {os.getpid()}.*HTTP"):
            EdgeStore(tmp_path / "store")
        store.upsert([point("a")])
        store.close()

    @pytest.mark.parametrize(
        "harm", ["foreign", "no about", "garbled about", "other format", "no shard", "no segments"]
    )
    def test_a_damaged_folder_is_refused_and_left_alone(self, tmp_path: Path, harm: str) -> None:
        """Never a silent empty store: the sentence names the folder and what to do."""
        folder = tmp_path / "store"
        if harm == "foreign":
            folder.mkdir()
            (folder / "holiday.txt").write_text("mine")
        else:
            store = EdgeStore(folder)
            store.upsert([point("a")])
            store.close()
            about = folder / "store.json"
            {
                "no about": about.unlink,
                "garbled about": lambda: about.write_text("{"),
                "other format": lambda: about.write_text('{"format": 99}'),
                "no shard": lambda: shutil.rmtree(folder / "shard"),
                "no segments": lambda: shutil.rmtree(folder / "shard" / "segments"),
            }[harm]()
        with pytest.raises(StoreDamaged, match=r"store"):
            EdgeStore(folder)
        assert folder.exists()

    def test_a_full_disk_refuses_writes_before_the_engine_dies_of_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With less than the reserve free, writing raises StoreFull and reading goes on."""
        store = EdgeStore(tmp_path / "store")
        store.upsert([point("a")])
        monkeypatch.setattr("qdrant.folder.RESERVE", 2**62)
        with pytest.raises(StoreFull, match="free some space"):
            store.upsert([point("b")])
        assert [found and found.id for found in store.get(["a", "b"])] == ["a", None]
        store.close()
