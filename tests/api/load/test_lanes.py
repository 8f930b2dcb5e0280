"""Each kind of work has a lane: what crowds one leaves the others, health and readiness free."""

import asyncio
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from api.app import Parts, create_app
from api.load.lanes import Lanes
from api.settings import ServiceSettings
from ingest.photos.photo_parts import PhotoParts
from ingest.photos.photo_stage import ThreadDecoder
from qdrant.filters import Filter
from qdrant.store import Info
from tests.support.asgi import Answer, answered, whole
from tests.support.reference_store import ReferenceStore
from tests.support.small_world import as_base64, photo_file
from vision.look import Look

PHOTO = as_base64(photo_file("sea"))
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


@pytest.fixture
def keeper() -> Iterator[Gatekeeper]:
    keeper = Gatekeeper()
    yield keeper
    keeper.let.set()


@pytest.fixture
def app(keeper: Gatekeeper) -> FastAPI:
    """One of each kind at once; a search may wait, a photo not."""
    settings = ServiceSettings(
        searches=1, searches_waiting=1, photo_questions=1, photo_questions_waiting=0, bulks=1, wait_seconds=3600
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


def test_an_open_bulk_crowds_out_bulks_alone(app: FastAPI) -> None:
    """A second one is refused at once, before it is read; it is taken when the first has ended."""
    media = "application/x-ndjson"

    async def story() -> None:
        parts: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        first = asyncio.create_task(answered(app, "/v1/posts:bulk", parts.get, media))
        await asyncio.sleep(0.01)
        assert_busy(await answered(app, "/v1/posts:bulk", asyncio.Event().wait, media), "bulks")
        assert (await ask(app, "/v1/search", {"text": "sea"})).status == 200
        await parts.put({"type": "http.request", "body": b'{"id": "a", "text": "sea wave beach"}\n'})
        assert (await first).body["status"] == "stored"
        again = whole(b'{"id": "a", "text": "sea wave beach"}\n')
        assert (await answered(app, "/v1/posts:bulk", again, media)).body["status"] == "unchanged"

    asyncio.run(story())


def test_there_are_as_many_lanes_as_cores_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """And on every machine enough that 32 visitors may ask at once."""
    for cores in (1, 2, 64):
        monkeypatch.setattr("os.cpu_count", lambda cores=cores: cores)
        lanes = Lanes.of(ServiceSettings())
        assert lanes.searches._at_once == lanes.photos._at_once == cores
        assert lanes.searches._most_waiting >= 32
        assert lanes.bulks._most_waiting == 0
