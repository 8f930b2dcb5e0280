"""Addresses of hosts: a look-up that takes too long is given up."""

import threading

import pytest

from ingest.photos.addresses import answer_within, resolve_host


def test_a_look_up_that_hangs_is_given_up() -> None:
    """The system's cannot be stopped: whoever waits for it goes on, as if there were no address."""
    over = threading.Event()
    with pytest.raises(OSError):  # noqa: PT011 - a TimeoutError says nothing more
        answer_within(0.01, over.wait)
    over.set()


def test_an_answer_comes_through_and_so_does_an_error() -> None:
    """In time, nothing is different."""
    assert resolve_host("localhost", 80)
    with pytest.raises(OSError):  # noqa: PT011 - systems word it each in its way
        resolve_host("no-such-host.invalid", 80)
