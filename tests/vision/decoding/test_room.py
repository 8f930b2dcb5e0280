"""So much for all together, in the order of those who ask."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from vision.decoding.room import Room


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as threads:
        yield threads


def waits(room: Room, threads: ThreadPoolExecutor, megabytes: float | None) -> "Future[float]":
    """Ask in a thread, and give what is left once it has its share; wait until it has asked."""
    asked = len(room._waiting) + 1

    def ask() -> float:
        with room.share(megabytes):
            return room._left

    coming = threads.submit(ask)
    while len(room._waiting) < asked and not coming.done():
        threading.Event().wait(0.001)
    return coming


def test_shares_that_fit_are_held_together(threads: ThreadPoolExecutor) -> None:
    """Up to the last megabyte, and given back."""
    room = Room(10)
    with room.share(4), room.share(5):
        assert waits(room, threads, 1).result(10) == 0
    assert waits(room, threads, 0).result(10) == 10


@pytest.mark.parametrize("megabytes", [11, None], ids=["more than there is", "nobody knows"])
def test_who_wants_more_than_there_is_gets_all_of_it_alone(
    threads: ThreadPoolExecutor, megabytes: float | None
) -> None:
    """It waits until nobody else holds a share."""
    room = Room(10)
    with room.share(1):
        coming = waits(room, threads, megabytes)
        assert not coming.done()
    assert coming.result(10) == 0


def test_small_ones_do_not_overtake_a_large_one(threads: ThreadPoolExecutor) -> None:
    """Else a stream of them would keep it waiting for ever."""
    room = Room(10)
    with room.share(4):
        large, small = waits(room, threads, 8), waits(room, threads, 1)
        assert not large.done()
        assert not small.done()
    assert (large.result(10), small.result(10)) in ((2, 9), (2, 1))


def test_what_fails_gives_its_share_back(threads: ThreadPoolExecutor) -> None:
    """A photo that does not decode holds nothing."""
    room = Room(10)
    with pytest.raises(ValueError, match="broken"), room.share(10):
        raise ValueError("broken")
    assert waits(room, threads, 10).result(10) == 0
