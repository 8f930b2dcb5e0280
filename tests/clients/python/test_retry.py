"""What is tried again, how often and after how long, and what never is; shown by a server that is moody."""

import asyncio

import pytest

from photosense_client import (
    AsyncClient,
    Client,
    NotAllowed,
    PushStopped,
    Retry,
    ServiceBusy,
    StoreFull,
    StrangeAnswer,
)
from tests.support.moody_service import MoodyService, Reply, line_results, moody_service, refusal

READY = Reply(body='{"status": "ready"}')
DECIDED = Reply(body='{"posts": []}')
AT_ONCE = Retry(attempts=3, first_wait=0)
POSTS = [{"id": f"p{number}"} for number in (1, 2, 3)]


def bodies(service: MoodyService) -> list[bytes]:
    return [body for _, _, _, body in service.requests]


DELETED = Reply(body='{"total": 1, "deleted": 1, "ids": ["p1"], "missing": [], "more": false, "dry_run": false}')


def test_a_deletion_whose_answer_is_lost_removes_no_further_posts() -> None:
    """It is asked for again with its key, so that the service knows it: it took the next posts of the filter."""
    with moody_service([Reply(breaks=True), DELETED]) as service, Client(service.url, retry=AT_ONCE) as client:
        assert client.delete_many(ids=["p1"]).deleted == 1
        first, second = [headers["Idempotency-Key"] for _, _, headers, _ in service.requests]
        assert first == second


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_what_passes_is_waited_for(status: int) -> None:
    """A busy service, or a gateway that misses it, is asked again, and the answer comes."""
    with moody_service([refusal(status, "busy"), READY]) as service, Client(service.url, retry=AT_ONCE) as client:
        assert client.ready().status == "ready"
        assert len(service.requests) == 2


def test_the_service_says_how_long_to_wait() -> None:
    """Retry-After holds, as a number or a date; one that is too long is no reason to sleep, but to raise."""
    long_ago = "Wed, 21 Oct 2015 07:28:00 GMT"
    patient = Retry(first_wait=1e6, longest_wait=1e6)
    replies = [refusal(429, "busy", **{"Retry-After": "0"}), refusal(503, "busy", **{"Retry-After": long_ago}), READY]
    with moody_service(replies) as service, Client(service.url, retry=patient) as client:
        assert client.ready().status == "ready"
    with moody_service([refusal(503, "busy", **{"Retry-After": "61"})]) as service, Client(service.url) as client:
        with pytest.raises(ServiceBusy) as raised:
            client.ready()
        assert (raised.value.retry_after, len(service.requests)) == (61, 1)


def test_waits_grow_and_end() -> None:
    """Each is up to twice as long as the one before, never longer than the longest, and after the last none follows."""
    retry = Retry(attempts=6, first_wait=1, longest_wait=5)
    error = ServiceBusy(503, "busy", "It is.")
    waits = [retry.seconds(attempt, error) for attempt in range(1, 7)]
    assert waits[-1] is None
    for wait, most in zip(waits, (1, 2, 4, 5, 5), strict=False):
        assert most / 2 <= wait <= most


def test_it_gives_up() -> None:
    """After the last attempt the problem is raised as the service told it."""
    with moody_service([refusal(503, "store_down")]) as service, Client(service.url, retry=AT_ONCE) as client:
        with pytest.raises(ServiceBusy, match="It is store_down"):
            client.ready()
        assert len(service.requests) == 3


def test_what_is_wrong_stays_wrong() -> None:
    """A wrong key, a full store and another program's page are raised at once."""
    for reply, kind in [
        (refusal(401, "key_wrong"), NotAllowed),
        (refusal(507, "store_full"), StoreFull),
        (Reply(body="<html>", media="text/html"), StrangeAnswer),
        (Reply(body='{"health": 1}'), StrangeAnswer),
        (Reply(301, headers={"Location": "https://elsewhere.example/"}), StrangeAnswer),
    ]:
        with moody_service([reply]) as service, Client(service.url, retry=AT_ONCE) as client:
            with pytest.raises(kind):
                client.ready()
            assert len(service.requests) == 1


def test_a_decision_is_known_again() -> None:
    """Where its answer was lost it is sent again under the same key, to be done once; others have none."""
    lost = [Reply(breaks=True), refusal(504, "gateway"), refusal(409, "idempotency_under_way"), DECIDED]
    patient = Retry(attempts=4, first_wait=0)
    with moody_service(lost) as service, Client(service.url, retry=patient) as client:
        client.review("m1", undo=["p1"])
        client.review("m1", undo=["p1"])
        keys = [headers["Idempotency-Key"] for _, _, headers, _ in service.requests]
        assert (len(keys), len({*keys[:4]}), keys[4] in keys[:4]) == (5, 1, False)
    with moody_service([READY]) as service, Client(service.url) as client:
        client.ready()
        assert "Idempotency-Key" not in service.requests[0][2]


def test_a_push_goes_on_where_the_connection_broke() -> None:
    """Posts whose results came are settled; those behind them are sent again, and those alone."""
    replies = [line_results("stored", breaks=True), line_results("stored"), line_results("unchanged")]
    with moody_service(replies) as service, Client(service.url, retry=AT_ONCE) as client:
        lines = list(client.push_each(POSTS))
        assert [(line.line, line.status) for line in lines] == [(1, "stored"), (2, "stored"), (3, "unchanged")]
        assert bodies(service)[1:] == [b'{"id":"p2"}\n{"id":"p3"}\n', b'{"id":"p3"}\n']


def test_a_line_that_the_store_could_not_take_is_sent_again() -> None:
    """It failed, and so did all behind it as far as the push is concerned: order is kept."""
    replies = [
        line_results("stored", "failed", "failed", status=503, **{"Retry-After": "0"}),
        line_results("stored", "stored"),
    ]
    with moody_service(replies) as service, Client(service.url) as client:
        assert client.push(POSTS).statuses == {"stored": 3}
        assert bodies(service)[1] == b'{"id":"p2"}\n{"id":"p3"}\n'


def test_a_push_that_stops_says_how_far_it_came() -> None:
    """The posts before are settled and counted; the cause stands behind the error, in asynchronous code as well."""
    replies = [line_results("stored", "failed", "failed", status=503), line_results("failed", "failed", status=503)]
    with moody_service(replies) as service, Client(service.url, retry=AT_ONCE) as client:
        with pytest.raises(PushStopped, match="after 1 posts, which are settled") as raised:
            client.push(POSTS)
        assert isinstance(raised.value.__cause__, ServiceBusy)
        assert raised.value.report.lines == 1

    async def push(url: str) -> None:
        async with AsyncClient(url, retry=AT_ONCE) as client:
            await client.push(POSTS)

    with moody_service([refusal(401, "key_wrong")]) as service:
        with pytest.raises(PushStopped, match="before any post was settled") as raised:
            asyncio.run(push(service.url))
        assert isinstance(raised.value.__cause__, NotAllowed)
