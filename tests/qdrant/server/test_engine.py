"""The server's store beyond the contract: what is said to the server, and what goes wrong on the way."""

import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import orjson
import pytest
from qdrant_client import QdrantClient, models

from qdrant.engine.about import About
from qdrant.engine.write_plan import Written
from qdrant.errors import StoreDown, StoreError, StoreFull
from qdrant.filters import All, any_of
from qdrant.open_store import open_server
from qdrant.points import Fields, PhotoPoint, point_id
from qdrant.server.patience import Patience
from qdrant.server.refusals import meant
from qdrant.server.settings import ServerSettings
from qdrant.store import Search, Target
from qdrant.vector_kind import THETA
from tests.support.qdrant_stand_in import COLLECTION, collection, healthy, refusal, result, serving

HASTY = ServerSettings(patience=Patience(tries=1, failures=10**6), grpc_port=0)
ONE, OTHER = np.array([1, 0], np.float32), np.array([0, 1], np.float32)


def point(post: str, **changes: object) -> PhotoPoint:
    fields: dict = {"vis": "open", "child": "clear", "post": {}, "document": {}}
    return PhotoPoint(id=post, **{**fields, **changes})


class TestReaching:
    def test_a_closed_port_is_named_with_the_way_out(self) -> None:
        """The sentence gives the URL, what is expected there and what to do."""
        with socket.create_server(("127.0.0.1", 0)) as freed:
            url = f"http://127.0.0.1:{freed.getsockname()[1]}"
        with pytest.raises(StoreDown, match=rf"{url} .*Qdrant server is expected.*PHOTOSENSE_QDRANT_URL"):
            open_server(url)

    def test_a_silent_server_is_given_up(self) -> None:
        """Somebody who takes the call and says nothing is down as well."""
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"http://127.0.0.1:{silent.getsockname()[1]}"
            with pytest.raises(StoreDown, match=f"No answer from {url}.*timed out"):
                open_server(url, settings=replace(HASTY, timeout=0.5))

    @pytest.mark.parametrize(
        "url", ["", "qdrant.example:6333", "ftp://qdrant.example", "http://", "http://[::1", "/srv"]
    )
    def test_what_is_no_address_is_refused(self, url: str) -> None:
        """Before anything is sent anywhere."""
        with pytest.raises(StoreDown, match=r"http://qdrant\.example:6333"):
            open_server(url)

    @pytest.mark.parametrize(
        ("status", "body", "kind", "sentence"),
        [
            pytest.param(401, b"Invalid API key or JWT", StoreDown, "401.*PHOTOSENSE_QDRANT_API_KEY", id="wrong key"),
            pytest.param(403, refusal("read only"), StoreDown, "read only.*may read and write", id="weak key"),
            pytest.param(500, refusal("panicked"), StoreDown, "500 .panicked.*log", id="failure"),
            pytest.param(500, refusal("No space left on device: WAL"), StoreFull, "larger disk", id="full disk"),
            pytest.param(502, b"<html>" + b"x" * 9999, StoreDown, "502", id="a proxy's page"),
            pytest.param(503, b"", StoreDown, "without a word.*moment", id="starting"),
            pytest.param(429, refusal("slow down"), StoreDown, "busy", id="too fast"),
            pytest.param(301, b"", StoreDown, "301", id="moved"),
            pytest.param(200, b"hello", StoreDown, "cannot be spoken to", id="no json"),
            pytest.param(200, b"\xff\xfe\x00", StoreDown, "cannot be spoken to", id="no text"),
            pytest.param(200, b"{}", StoreDown, "cannot be spoken to", id="empty"),
            pytest.param(200, b"null", StoreDown, "cannot be spoken to", id="null"),
            pytest.param(200, b'{"result": null}', StoreDown, "cannot be spoken to", id="without result"),
            pytest.param(200, b'{"result": [7]}', StoreDown, "cannot be spoken to", id="another result"),
        ],
    )
    @pytest.mark.parametrize("late", [False, True], ids=["at once", "after opening"])
    def test_every_answer_is_put_into_our_words(
        self, late: bool, status: int, body: bytes, kind: type[StoreError], sentence: str
    ) -> None:
        """No exception of the client gets out, neither in opening nor later, and no message runs on for pages."""
        with serving(healthy(About({THETA.of("m1"): 2}, "m1")) if late else {"*": (status, body)}) as server:
            if late:
                store = open_server(server.url, settings=HASTY)
                server.answers = {
                    f"GET {COLLECTION}": collection(About({THETA.of("m1"): 2}, "m1")),
                    "*": (status, body),
                }
                calls = [
                    lambda: store.get(["a"]),
                    lambda: store.upsert([point("a")]),
                    lambda: store.delete(["a"]),
                    lambda: store.candidates(Search(5, near={THETA: Target(ONE)}, words={"sea": 1.0})),
                    lambda: list(store.scroll()),
                    lambda: store.add_vector(THETA.of("m2"), 2),
                    lambda: store.put_vectors(THETA.of("m1"), [("a", ONE)]),
                    store.info,
                    store.count,
                ]
            else:
                calls = [lambda: open_server(server.url, settings=HASTY)]
            for call in calls:
                with pytest.raises(kind, match=sentence) as caught:
                    call()
                assert len(str(caught.value)) < 600
            if late:
                store.close()

    def test_asked_to_wait_it_says_how_long(self) -> None:
        """A server that sheds load tells when to come back."""

        class Busy(Exception):
            retry_after_s = 7

        assert "ask again in 7 s" in str(meant(Busy(), "http://qdrant.example"))

    @pytest.mark.parametrize("version", ["1.17.1", "1.9", "0.11.0", "v2", ""])
    def test_an_old_server_is_told_to_upgrade(self, version: str) -> None:
        """It could not add a model to a live collection: better to say so at the start."""
        with (
            serving({"*": (200, orjson.dumps({"title": "qdrant", "version": version}))}) as server,
            pytest.raises(StoreDown, match=r"needs 1\.18 or later"),
        ):
            open_server(server.url)


class Hurried(QdrantClient):
    """A client that lets somebody else write between the reading of what is stored and the writing."""

    meanwhile: Callable[[], object] = staticmethod(lambda: None)

    def upsert(self, *args: Any, **kwargs: Any) -> models.UpdateResult:
        self.meanwhile, meanwhile = staticmethod(lambda: None), self.meanwhile
        meanwhile()
        return super().upsert(*args, **kwargs)


class TestVersions:
    @pytest.mark.parametrize(
        ("ours", "theirs", "stays"),
        [(1, 2, "theirs"), (None, 2, "theirs"), (3, 2, "ours"), (3, None, "ours"), (None, None, "ours")],
    )
    def test_the_newer_one_stays_whoever_writes_last(self, ours: int | None, theirs: int | None, stays: str) -> None:
        """Two processes have read the same: the server compares, and who was too late is told that it is stale."""
        client = Hurried(":memory:")
        store, other = open_server("local", client=client), open_server("local", client=client)
        store.upsert([point("a", digest="first"), point("b", digest="first")])
        sent = [point("a", version=ours, digest="ours"), point("b", version=7, digest="ours")]
        client.meanwhile = lambda: other.upsert([point("a", version=theirs, digest="theirs")])
        outcomes = store.upsert(sent)
        kept = [one.payload[Fields.DIGEST] for one in store.get(["a", "b"]) if one is not None]
        assert kept == [stays, "ours"]
        assert outcomes == [Written.STORED if stays == "ours" else Written.STALE, Written.STORED]


class TestSpeaking:
    def test_every_write_waits_and_is_ordered(self) -> None:
        """What returned is written, on every replica in the same order."""
        with serving(healthy(About({THETA.of("m1"): 2, THETA.of("m2"): 2}, "m1"), indexed=())) as server:
            store = open_server(server.url)
            server.answers[f"POST {COLLECTION}/points"] = result(
                [{"id": str(point_id("a")), "payload": {"id": "a"}, "version": 1}]
            )
            store.upsert([point("b", words={"sea": 1.0}, vectors={THETA.of("m1"): ONE})])
            store.delete(["a"])
            store.put_vectors(THETA.of("m1"), [("a", ONE)])
            store.add_vector(THETA.of("m3"), 2)
            store.activate("m1")
            store.close()
        requests = [request for request, _ in server.requests]
        reads = ("GET", "PATCH", f"POST {COLLECTION}/points?", f"POST {COLLECTION}/points/query")
        writes = [
            request for request in requests if not request.startswith(reads) and request != f"POST {COLLECTION}/points"
        ]
        # An index for each field and the version, points, delete, thetas, two for the new model, one for the old one.
        assert len(writes) == len(Fields.INDEXED) + 7
        for request in writes:
            options = parse_qs(request.partition("?")[2])
            assert (request, options["wait"], options["ordering"]) == (request, ["true"], ["medium"])

    def test_a_search_is_one_round_trip(self) -> None:
        """Both arms and the filter travel together; the filter is an allow-list inside both."""
        answers = healthy(About({THETA.of("m1"): 2}, "m1"))
        vector = {"theta_m1": [1.0, 0.0]}
        hit = {"id": str(point_id("a")), "version": 1, "score": 0.5, "payload": {"id": "a"}, "vector": vector}
        answers[f"POST {COLLECTION}/points/query/batch"] = result([{"points": [hit]}, {"points": []}])
        with serving(answers) as server:
            store = open_server(server.url)
            server.requests.clear()
            wanted = All((any_of("vis", ["open"]), any_of("child", ["clear", "consented"])))
            candidates = store.candidates(Search(5, near={THETA: Target(ONE)}, words={"sea": 1.0}, filter=wanted))
            store.close()
        assert [(hit.score, hit.point.id) for hit in candidates.hits[THETA]] == [(0.5, "a")]
        np.testing.assert_array_equal(candidates.hits[THETA][0].point.theta, ONE)
        ((_, body),) = server.requests
        assert [search["using"] for search in body["searches"]] == ["theta_m1", "words"]
        for search in body["searches"]:
            assert search["limit"] == 6  # one more than asked for shows whether equals go on behind the end
            assert search["filter"] == {
                "must": [{"key": "vis", "match": {"value": "open"}}],
                "should": [{"key": "child", "match": {"value": value}} for value in ("clear", "consented")],
            }

    def test_a_new_collection_has_its_fields_before_its_first_point(self) -> None:
        """Words weighed by rarity, the record, strictness, the wished layout, an index for each field, the alias."""
        answers = healthy(About(), indexed=())
        answers[f"GET {COLLECTION}/exists"] = result({"exists": False})
        answers["GET /aliases"] = result({"aliases": [{"alias_name": "photosense", "collection_name": "photosense-1"}]})
        answers[f"PUT {COLLECTION}-1"] = result(True)
        answers["POST /collections/aliases"] = result(True)
        settings = replace(HASTY, shards=3, replicas=2, write_replicas=2, payload_on_disk=False)
        with serving(answers) as server:
            open_server(server.url, settings=settings).close()
        bodies: dict[str, list[dict]] = {}
        for request, body in server.requests:
            bodies.setdefault(request.partition("?")[0], []).append(body)
        (made,) = bodies[f"PUT {COLLECTION}-1"]
        assert made["sparse_vectors"] == {"words": {"modifier": "idf"}}
        assert made["metadata"] == {
            "photosense": {"format": 4, "active": None, "vectors": []},
            "photosense_attrs": [],
        }
        assert made["strict_mode_config"]["unindexed_filtering_retrieve"] is False
        layout = (made["shard_number"], made["replication_factor"], made["write_consistency_factor"])
        assert (layout, made["on_disk_payload"]) == ((3, 2, 2), False)
        indexes = {body["field_name"]: body["field_schema"] for body in bodies[f"PUT {COLLECTION}-1/index"]}
        assert indexes.keys() == {*Fields.INDEXED, Fields.VERSION}
        assert indexes["vis"] == {"type": "keyword", "is_tenant": True}
        assert (indexes["child"], indexes["added"]) == ("keyword", "datetime")
        (renamed,) = bodies["POST /collections/aliases"]
        alias = {"collection_name": "photosense-1", "alias_name": "photosense"}
        assert renamed == {"actions": [{"create_alias": alias}]}

    def test_another_process_may_make_the_collection_first(self) -> None:
        """Two services that start together share it."""
        answers = healthy(About({THETA.of("m1"): 2}, "m1"))
        answers[f"GET {COLLECTION}/exists"] = result({"exists": False})
        answers[f"GET {COLLECTION}-1/exists"] = result({"exists": True})
        answers[f"PUT {COLLECTION}-1"] = (409, refusal("Collection `photosense-1` already exists!"))
        answers["POST /collections/aliases"] = result(True)
        with serving(answers) as server:
            store = open_server(server.url)
            assert store.active == "m1"
            store.close()

    def test_a_collection_without_an_alias_is_taken_as_it_is(self) -> None:
        """Whoever made it by that very name need not make it again."""
        with serving(healthy(About({THETA.of("m1"): 2}, "m1"))) as server:
            store = open_server(server.url)
            store.add_vector(THETA.of("m2"), 2)
            store.close()
        assert f"PATCH {COLLECTION}" in [request.partition("?")[0] for request, _ in server.requests]

    @pytest.mark.filterwarnings("ignore:Api key is used with an insecure connection:UserWarning")
    def test_the_key_travels_as_a_header(self) -> None:
        """Every request carries it."""
        with serving(healthy(About())) as server:
            open_server(server.url, api_key="sesame").close()
        assert {headers["api-key"] for headers in server.headers} == {"sesame"}
