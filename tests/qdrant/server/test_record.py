"""The record in a collection: whose collection it is, and how a process follows what another one changed."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from qdrant_client import QdrantClient

from qdrant.engine.about import About
from qdrant.engine.write_plan import Written
from qdrant.errors import ModelMissing, PointRefused, StoreDamaged
from qdrant.filters import any_of
from qdrant.open_store import open_server
from qdrant.points import PhotoPoint, point_id
from qdrant.server.record import metadata_of
from qdrant.server.refusals import ServerRefused
from qdrant.server.settings import ServerSettings
from qdrant.store import Search, Store, Target
from qdrant.vector_kind import THETA
from tests.support.qdrant_stand_in import COLLECTION, collection, healthy, in_turn, refusal, result, serving

ONE, OTHER = np.array([1, 0], np.float32), np.array([0, 1], np.float32)


def point(post: str, **changes: object) -> PhotoPoint:
    fields: dict = {"vis": "open", "child": "clear", "post": {}, "document": {}}
    return PhotoPoint(id=post, **{**fields, **changes})


@pytest.fixture
def client() -> QdrantClient:
    return QdrantClient(":memory:")


class TestRecord:
    @pytest.mark.parametrize(
        ("metadata", "sentence"),
        [
            pytest.param(None, "no photosense store", id="none"),
            pytest.param({"owner": "someone"}, "no photosense store", id="foreign"),
            pytest.param({"photosense": "yes"}, "no photosense store", id="garbled"),
            pytest.param({"photosense": {"format": 2}}, "no photosense store", id="torn"),
            pytest.param({"photosense": {"format": 99}}, "format 99, this version reads 2", id="another format"),
        ],
    )
    def test_a_collection_that_is_not_ours_is_refused(
        self, client: QdrantClient, metadata: dict | None, sentence: str
    ) -> None:
        """Nothing is written into a stranger's points: the sentence names the collection and what to do."""
        client.create_collection("photosense", vectors_config={}, metadata=metadata)
        with pytest.raises(StoreDamaged, match=rf"photosense at local.*{sentence}.*another collection"):
            open_server("local", client=client)

    def test_it_is_there_after_reopening(self, client: QdrantClient) -> None:
        """Models and points outlive the process, and each collection has its own."""
        store = open_server("local", client=client)
        store.add_vector(THETA.of("m1"), 2)
        store.activate("m1")
        store.upsert([point("a", vectors={THETA.of("m1"): ONE})])
        store.close()
        again = open_server("local", client=client)
        assert (again.active, again.info().sizes(THETA), again.count()) == ("m1", {"m1": 2}, 1)
        other = open_server("local", settings=ServerSettings(collection="other"), client=client)
        assert (other.active, other.count()) == (None, 0)

    def test_a_cut_off_switch_leaves_no_thetas_for_a_later_model(self, client: QdrantClient) -> None:
        """A model that comes back starts empty, even when its old vectors could not be dropped."""
        store = open_server("local", client=client)
        store.add_vector(THETA.of("m1"), 2)
        store.upsert([point("a", vectors={THETA.of("m1"): ONE})])
        client.update_collection("photosense", metadata=metadata_of(About()))
        store.add_vector(THETA.of("m1"), 2)
        store.activate("m1")
        assert store.candidates(Search(5, near={THETA: Target(ONE)})).hits[THETA] == []


class TestOtherProcesses:
    @pytest.fixture
    def pair(self, client: QdrantClient) -> tuple[Store, Store]:
        trainer = open_server("local", client=client)
        trainer.add_vector(THETA.of("m1"), 2)
        trainer.activate("m1")
        trainer.upsert([point("a", vectors={THETA.of("m1"): ONE}, words={"sea": 1.0})])
        service = open_server("local", client=client)
        trainer.add_vector(THETA.of("m2"), 2)
        trainer.put_vectors(THETA.of("m2"), [("a", OTHER)])
        trainer.activate("m2")
        return trainer, service

    @pytest.mark.parametrize(
        ("path", "answer", "read"),
        [
            pytest.param("points", lambda point: [point], lambda store: store.get(["a"])[0], id="get"),
            pytest.param(
                "points/scroll", lambda point: {"points": [point]}, lambda store: next(store.scroll()), id="scroll"
            ),
            pytest.param(
                "points/query/batch",
                lambda point: [{"points": [point]}],
                lambda store: store.candidates(Search(5, words={"sea": 1.0})).words[0].point,
                id="words",
            ),
        ],
    )
    def test_reading_follows_a_switch(self, path: str, answer: Callable, read: Callable) -> None:
        """When the old vectors are gone, posts come with the thetas that are there now."""
        payload = {"id": "a", "document": {"text": '{"sea": 1}'}}
        point = {
            "id": str(point_id("a")),
            "version": 1,
            "score": 1.0,
            "payload": payload,
            "vector": {"theta_m2": [0.0, 1.0]},
        }
        with serving(healthy(About({THETA.of("m1"): 2}, "m1"))) as server:
            store = open_server(server.url)
            server.answers[f"GET {COLLECTION}"] = collection(About({THETA.of("m2"): 2}, "m2"))
            gone = (400, refusal("Wrong input: Not existing vector name error: theta_m1"))
            server.answers[f"POST {COLLECTION}/{path}"] = in_turn(gone, result(answer(point)))
            post = read(store)
            assert (store.active, post.theta.tolist()) == ("m2", [0.0, 1.0])
            store.close()

    def test_an_old_theta_is_not_compared_with_new_ones(self, pair: tuple[Any, Any]) -> None:
        """Same length, another meaning: the search says what to load, and then works."""
        _, service = pair
        with pytest.raises(ModelMissing, match="m2 in place of m1"):
            service.candidates(Search(5, near={THETA: Target(ONE)}))
        assert service.active == "m2"
        assert service.candidates(Search(5, near={THETA: Target(OTHER)})).hits[THETA][0].score == 0.0

    def test_writing_looks_first(self, pair: tuple[Any, Any]) -> None:
        """Thetas of a model that is gone are refused, those of the new one are taken; nobody adds a model twice."""
        trainer, service = pair
        with pytest.raises(PointRefused, match="no theta vector of m1"):
            service.upsert([point("b", vectors={THETA.of("m1"): ONE})])
        assert service.upsert([point("b", vectors={THETA.of("m2"): ONE})]) == [Written.STORED]
        service.add_vector(THETA.of("m2"), 2)
        assert len(trainer.candidates(Search(5, near={THETA: Target(ONE)})).hits[THETA]) == 2

    def test_a_field_that_is_indexed_does_not_undo_a_switch(
        self, pair: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Making an index takes its time: what another process put in place meanwhile stays."""
        trainer, service = pair
        trainer.add_vector(THETA.of("m3"), 2)
        index = service._engine.index
        monkeypatch.setattr(service._engine, "index", lambda *given: (trainer.activate("m3"), index(*given)))
        service.upsert([point("c", attrs={"place": "Ural"})])
        for store in pair:
            info = store.info()
            assert (info.active, info.sizes(THETA), info.attrs) == ("m3", {"m3": 2}, {"place": ["word"]})

    def test_a_field_that_another_process_indexed_can_be_filtered_by(self, pair: tuple[Any, Any]) -> None:
        """Before a field is refused, the record is looked at once more."""
        trainer, service = pair
        trainer.upsert([point("c", attrs={"camera": "old"})])
        assert service.count(any_of('typed.word."camera"', ["old"])) == 1

    def test_a_collection_that_was_dropped_says_so(self) -> None:
        """Deleting it under a running service is told, not hidden behind an empty answer."""
        with serving(healthy(About())) as server:
            store = open_server(server.url)
            server.answers = {"*": (404, refusal("Collection `photosense` doesn't exist!"))}
            with pytest.raises(ServerRefused, match=r"doesn't exist.*snapshot"):
                store.get(["a"])
            store.close()
