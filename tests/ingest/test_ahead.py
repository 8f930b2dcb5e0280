"""Stages work ahead of whoever takes their results, so far and no further, and end with them."""

import threading
import time
from collections.abc import Iterator

import pytest

from ingest.ahead import Seconds, ahead


def counting(upto: int, numbers: list[int]) -> Iterator[int]:
    for number in range(upto):
        numbers.append(number)
        yield number


def settled(numbers: list[int]) -> int:
    """How far the thread came when it had time to go as far as it may."""
    length = -1
    while length != len(numbers):
        length = len(numbers)
        time.sleep(0.05)
    return length


def test_all_results_come_in_order() -> None:
    """Nothing is lost on the way through two threads."""
    assert list(ahead(ahead(counting(500, [])), depth=3)) == list(range(500))


@pytest.mark.parametrize("depth", [1, 4])
def test_it_works_ahead_but_not_endlessly(depth: int) -> None:
    """One is in hand, so many wait, one is being made: more are not in memory."""
    numbers: list[int] = []
    results = ahead(counting(100, numbers), depth)
    next(results)
    assert 2 <= settled(numbers) <= depth + 2
    results.close()


def test_an_error_comes_out_where_the_results_do() -> None:
    """After the results before it, and only once."""

    def breaking() -> Iterator[int]:
        yield 1
        raise ValueError("broken here")

    results = ahead(breaking())
    assert next(results) == 1
    with pytest.raises(ValueError, match="broken here"):
        next(results)


def test_a_thread_ends_when_nobody_listens() -> None:
    """Also the threads before it, and what they had opened is closed."""
    closed = threading.Event()

    def open_ended() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    before = threading.active_count()
    results = ahead(ahead(open_ended()))
    next(results)
    results.close()
    assert closed.wait(60)
    assert threading.active_count() <= before


def test_seconds_are_counted_by_stage() -> None:
    """Work on several threads adds up."""
    seconds = Seconds()
    seconds.add("read", 1.5)
    with seconds.of("read"), seconds.of("store"):
        time.sleep(0.02)
    read = seconds.read()
    assert set(read) == {"read", "store"}
    assert read["read"] > 1.5
    assert read["store"] > 0.01
