"""What all bodies take together is bounded; small ones are not counted."""

import asyncio

import pytest

from api.app import Parts, create_app
from api.errors import Busy
from api.load.body_room import BodyRoom
from api.settings import ServiceSettings
from tests.support.asgi import Answer, answered, whole
from tests.support.reference_store import ReferenceStore

MB = 2**20


def test_a_share_grows_and_is_given_back() -> None:
    """By what was announced, and by what came beyond it; a refusal takes nothing."""
    room = BodyRoom(10 * MB)
    one, other = room.open(), room.open()
    one.grow(4 * MB)
    one.grow(3 * MB)
    other.grow(5 * MB)
    assert room.taken == 9 * MB
    with pytest.raises(Busy, match="large bodies"):
        other.grow(7 * MB)
    assert room.taken == 9 * MB
    one.close()
    other.grow(10 * MB)
    other.close()
    other.close()
    assert room.taken == 0


def test_small_bodies_are_not_counted() -> None:
    """No search by text is refused for it, however many photos are on their way."""
    room = BodyRoom(MB)
    room.open().grow(MB)
    room.open().grow(60_000)
    assert room.taken == MB


def test_large_bodies_beyond_the_room_are_refused_before_they_are_read() -> None:
    """Two of the largest fit; a third is refused though nothing of it came in; a text is searched; later it fits."""
    app = create_app(ServiceSettings(max_body_mb=1), Parts(ReferenceStore()))

    async def story() -> list[Answer]:
        never, answers = asyncio.Event(), []

        async def silent() -> None:
            await never.wait()

        open_ = [asyncio.create_task(answered(app, "/v1/search", silent, length=MB)) for _ in range(2)]
        await asyncio.sleep(0)
        answers.append(await answered(app, "/v1/annotate", silent, length=MB // 2))
        answers.append(await answered(app, "/v1/search", whole(b'{"text": "sea"}'), length=15))
        for task in open_:
            task.cancel()
        await asyncio.gather(*open_, return_exceptions=True)
        body = b'{"text": "sea"' + b" " * (MB // 2) + b"}"
        answers.append(await answered(app, "/v1/search", whole(body), length=len(body)))
        return answers

    refused, text, later = asyncio.run(story())
    assert (refused.status, refused.body["code"], refused.headers[b"retry-after"]) == (503, "busy", b"5")
    assert (text.status, later.status) == (200, 200)


def test_a_length_that_is_too_large_is_refused_before_it_is_read() -> None:
    """A body that announces more than the limit is not waited for."""
    app = create_app(ServiceSettings(max_body_mb=1), Parts(ReferenceStore()))

    async def never() -> None:
        await asyncio.Event().wait()

    answer = asyncio.run(asyncio.wait_for(answered(app, "/v1/search", never, length=MB + 1), 60))
    assert (answer.status, answer.body["code"]) == (413, "too_large")
