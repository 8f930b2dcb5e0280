"""Each kind of work has a lane: what crowds one leaves the others, health and readiness free."""

import asyncio
import json
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from fastapi import FastAPI

from api.app import Parts, create_app
from api.load import lanes
from api.load.lanes import Lanes
from api.load.stop import Stop
from api.settings import ServiceSettings
from ingest.photos.photo_parts import PhotoParts
from ingest.photos.photo_stage import ThreadDecoder
from qdrant.filters import Filter
from qdrant.points import StoredPoint
from qdrant.store import Candidates, Info, Search
from tests.support.asgi import Answer, answered, whole
from tests.support.reference_store import ReferenceStore
from tests.support.small_world import as_base64, photo_file
from vision.look import Look

PHOTO = as_base64(photo_file("sea"))
BULK = "application/x-ndjson"
POST = b'{"id": "%s", "text": "sea wave beach %s"}\n'
ORDER = {"by": "m1", "reason": "order 7", "photo": PHOTO}


class Gatekeeper:
    """Holds whoever comes until they are let, and counts them."""

    def __init__(self) -> None:
        self.came = 0
        self.let = threading.Event()

    def pass_by(self) -> None:
        self.came += 1
        assert self.let.wait(60)


class HeldDecoder(ThreadDecoder):
    """Decodes when it is let."""

    def __init__(self, keeper: Gatekeeper) -> None:
        super().__init__(299)
        self._keeper = keeper

    def look_now(self, data: bytes) -> Look:
        self._keeper.pass_by()
        return super().look_now(data)


class HeldStore(ReferenceStore):
    """Tells of itself when it is let, and counts at once."""

    def __init__(self, keeper: Gatekeeper) -> None:
        super().__init__()
        self._keeper = keeper

    def info(self) -> Info:
        self._keeper.pass_by()
        return super().info()

    def count(self, where: Filter | None = None) -> int:
        return 0


class CountingStore(ReferenceStore):
    """Counts what it was asked to find."""

    searches = 0

    def candidates(self, search: Search) -> Candidates:
        self.searches += 1
        return super().candidates(search)


class HeldReads(ReferenceStore):
    """Reads posts when it is let, as whoever deletes them does first, in the turn of the law."""

    def __init__(self, keeper: Gatekeeper) -> None:
        super().__init__()
        self._keeper = keeper

    def get(self, ids: Sequence[str]) -> list[StoredPoint | None]:
        if ids:
            self._keeper.pass_by()
        return super().get(ids)


@pytest.fixture
def keeper() -> Iterator[Gatekeeper]:
    keeper = Gatekeeper()
    yield keeper
    keeper.let.set()


@pytest.fixture
def app(keeper: Gatekeeper) -> FastAPI:
    """One of each kind at once; a search and a bulk may wait, a photo not."""
    settings = ServiceSettings(
        searches=1,
        searches_waiting=1,
        photo_questions=1,
        photo_questions_waiting=0,
        bulks=1,
        bulks_waiting=1,
        wait_seconds=3600,
    )
    return create_app(settings, Parts(HeldStore(keeper), photos=PhotoParts(decoder=HeldDecoder(keeper))))


async def ask(app: FastAPI, path: str, body: dict[str, Any] | None = None) -> Answer:
    """POST the body, or GET."""
    if body is None:
        return await answered(app, path, whole(b""), method="GET")
    return await answered(app, path, whole(json.dumps(body).encode()))


async def until_came(keeper: Gatekeeper, count: int) -> None:
    while keeper.came < count:
        await asyncio.sleep(0.001)


def assert_busy(answer: Answer, kind: str) -> None:
    assert (answer.status, answer.body["code"], answer.headers[b"retry-after"]) == (503, "busy", b"5")
    assert kind in answer.body["detail"]


def test_photos_crowd_out_photos_alone(app: FastAPI, keeper: Gatekeeper) -> None:
    """While one is looked at, further questions and takedowns by photo are refused, and all else is answered."""

    async def story() -> None:
        first = asyncio.create_task(ask(app, "/v1/search", {"photo": PHOTO}))
        await until_came(keeper, 1)
        for path, body in {
            "/v1/search": {"photo": PHOTO, "text": "sea"},
            "/v1/annotate": {"photo": PHOTO},
            "/v1/match": {"photo": PHOTO, "text": "sea"},
            "/v1/takedowns": ORDER,
        }.items():
            assert_busy(await ask(app, path, body), "questions by photo")
            large = await answered(app, path, asyncio.Event().wait, length=2**20)  # and nothing of it ever comes
            assert_busy(large, "questions by photo")
        assert (await ask(app, "/v1/search", {"text": "sea"})).status == 200
        assert (await ask(app, "/v1/takedowns", {"by": "m1", "reason": "order 7", "post_id": "p1"})).status == 200
        assert (await ask(app, "/healthz")).status == (await ask(app, "/readyz")).status == 200
        keeper.let.set()
        assert (await first).status == 200
        assert (await ask(app, "/v1/takedowns", ORDER)).status == 200

    asyncio.run(story())


def test_searches_crowd_out_searches_alone(app: FastAPI, keeper: Gatekeeper) -> None:
    """One is answered, one waits, a third is refused, by whatever address; photos, health and readiness are not."""

    async def story() -> None:
        first = asyncio.create_task(ask(app, "/v1/status"))
        await until_came(keeper, 1)
        second = asyncio.create_task(ask(app, "/v1/search", {"text": "sea"}))
        await asyncio.sleep(0.01)
        for path, body in {
            "/v1/search": {"text": "sea", "offset": 1},
            "/v1/annotate": {"text": "sea"},
            "/v1/posts/p1": None,
            "/v1/posts/p1/similar": None,
            "/v1/topics": None,
            "/v1/status": None,
        }.items():
            assert_busy(await ask(app, path, body), "searches")
        assert not second.done()
        assert (await ask(app, "/healthz")).status == (await ask(app, "/readyz")).status == 200
        photo = asyncio.create_task(ask(app, "/v1/search", {"photo": PHOTO}))
        await until_came(keeper, 2)
        keeper.let.set()
        assert [answer.status for answer in await asyncio.gather(first, second, photo)] == [200] * 3

    asyncio.run(story())


def test_a_refusal_waits_for_one_search_at_most() -> None:
    """It goes through the loop several times before it is one, and each time another search could come first."""
    store = CountingStore()
    app = create_app(ServiceSettings(searches=2, searches_waiting=8, wait_seconds=3600), Parts(store))

    async def story() -> None:
        await ask(app, "/v1/search?q=sea")  # which reads when consents end
        first = [asyncio.create_task(ask(app, "/v1/search?q=sea")) for _ in range(10)]
        before = store.searches
        while store.searches == before:
            await asyncio.sleep(0)
        late = [asyncio.create_task(ask(app, "/v1/search?q=sea")) for _ in range(10)]
        while not late[-1].done():
            await asyncio.sleep(0)
        assert_busy(late[-1].result(), "searches")
        assert store.searches <= before + 2
        assert {answer.status for answer in await asyncio.gather(*first)} == {200}
        await asyncio.gather(*late)

    asyncio.run(story())


def test_an_open_bulk_crowds_out_bulks_alone(app: FastAPI) -> None:
    """A second one waits, a third is refused at once, and neither is read; the second is taken when the first ended."""

    async def story() -> None:
        parts: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        first = asyncio.create_task(answered(app, "/v1/posts:bulk", parts.get, BULK))
        await asyncio.sleep(0.01)
        second = asyncio.create_task(answered(app, "/v1/posts:bulk", whole(POST % (b"b", b"one")), BULK))
        await asyncio.sleep(0.01)
        assert_busy(await answered(app, "/v1/posts:bulk", asyncio.Event().wait, BULK), "bulks")
        assert (await ask(app, "/v1/search", {"text": "sea"})).status == 200
        assert not second.done()
        await parts.put({"type": "http.request", "body": POST % (b"a", b"two")})
        assert (await first).body["status"] == (await second).body["status"] == "stored"

    asyncio.run(story())


def test_an_upload_in_small_pieces_is_taken_whole() -> None:
    """A site that sends thirty small bulks at once, where four may be open, is not refused one of them."""
    app = create_app(ServiceSettings(), Parts(ReferenceStore()))

    async def story() -> None:
        bodies = [whole(POST % (b"p%d" % number, b"%d" % number)) for number in range(30)]
        answers = await asyncio.gather(*(answered(app, "/v1/posts:bulk", body, BULK) for body in bodies))
        assert [(answer.status, answer.body["status"]) for answer in answers] == [(200, "stored")] * 30

    asyncio.run(story())


def test_a_bulk_waits_for_its_turn_no_longer_than_was_said() -> None:
    """Behind an upload that goes on it is told to come again, and its place is free."""
    app = create_app(ServiceSettings(bulks=1, bulks_waiting=1, wait_seconds=0.01), Parts(ReferenceStore()))

    async def story() -> None:
        first = asyncio.create_task(answered(app, "/v1/posts:bulk", asyncio.Event().wait, BULK))
        await asyncio.sleep(0.01)
        for _ in range(3):
            assert_busy(await answered(app, "/v1/posts:bulk", asyncio.Event().wait, BULK), "bulks")
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)

    asyncio.run(story())


def test_deletions_stand_in_line_with_other_changes(keeper: Gatekeeper, monkeypatch: pytest.MonkeyPatch) -> None:
    """One waits for its turn; the next is refused at once, by either address."""
    monkeypatch.setattr(lanes, "CHANGES", 1)
    monkeypatch.setattr(lanes, "CHANGES_WAITING", 1)
    app = create_app(ServiceSettings(wait_seconds=3600), Parts(HeldReads(keeper)))

    async def story() -> None:
        first = [asyncio.create_task(answered(app, "/v1/posts/a", whole(b""), method="DELETE")) for _ in range(2)]
        await until_came(keeper, 1)
        await asyncio.sleep(0.01)
        assert_busy(await answered(app, "/v1/posts/a", whole(b""), method="DELETE"), "changes of posts")
        assert_busy(await ask(app, "/v1/posts:delete", {"ids": ["a"]}), "changes of posts")
        keeper.let.set()
        assert {answer.status for answer in await asyncio.gather(*first)} == {404}

    asyncio.run(story())


@pytest.mark.parametrize("path", ["/v1/search?q=sea", "/v1/suggest?q=se"])
def test_whoever_waits_for_the_turn_of_the_law_keeps_nobody_else_waiting(keeper: Gatekeeper, path: str) -> None:
    """A question that comes while a consent may end waits for who changes posts now; health is told meanwhile."""
    app = create_app(ServiceSettings(), Parts(HeldReads(keeper)))

    async def story() -> None:
        changing = asyncio.create_task(answered(app, "/v1/posts/a", whole(b""), method="DELETE"))
        await until_came(keeper, 1)
        question = asyncio.create_task(ask(app, path))
        await asyncio.sleep(0.01)
        assert (await ask(app, "/healthz")).status == 200
        assert not question.done()
        keeper.let.set()
        assert ((await question).status, (await changing).status) == (200, 404)

    asyncio.run(story())


def test_there_are_as_many_lanes_as_cores_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four searches at least: one computes while others wait for the store. And 32 visitors may ask at once."""
    for cores in (1, 2, 64):
        monkeypatch.setattr("os.cpu_count", lambda cores=cores: cores)
        made = Lanes.of(ServiceSettings(), Stop())
        assert (made.photos._at_once, made.searches._at_once) == (cores, max(4, cores))
        assert made.searches._most_waiting >= 32
