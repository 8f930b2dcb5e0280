"""Allowances: so many requests a minute, evenly given, and never more by a trick of the clock."""

import pytest

from api.load.allowance import MINUTE, Allowance


def test_a_minute_has_its_requests_and_not_one_more() -> None:
    """They may come at once; then one at a time, as the bucket fills."""
    allowance = Allowance("key", 60)
    assert [allowance.spend("a", 0.0).left for _ in range(60)] == list(range(59, -1, -1))
    over = allowance.spend("a", 0.0)
    assert (over.is_over, over.wait, over.left) == (True, 1, 0)
    assert not allowance.spend("a", 1.0).is_over
    assert allowance.spend("a", 1.0).is_over
    assert sum(not allowance.spend("a", 1.0 + second).is_over for second in range(1, 61)) == 60


def test_what_is_refused_costs_nothing() -> None:
    """Who goes on asking waits no longer than who does not."""
    allowance = Allowance("key", 2)
    for _ in range(100):
        last = allowance.spend("a", 0.0)
    assert last.wait == MINUTE / 2
    assert not allowance.spend("a", MINUTE / 2).is_over


def test_nobody_pays_for_others() -> None:
    """Each name has its own bucket."""
    allowance = Allowance("address", 1)
    assert not allowance.spend("a", 0.0).is_over
    assert allowance.spend("a", 0.0).is_over
    assert not allowance.spend("b", 0.0).is_over


def test_a_clock_that_is_put_back_gives_nothing() -> None:
    """Neither requests nor an error."""
    allowance = Allowance("address", 1)
    allowance.spend("a", 1000.0)
    assert allowance.spend("a", 0.0).is_over
    assert allowance.spend("a", 59.0).is_over
    assert not allowance.spend("a", 60.0).is_over


@pytest.mark.parametrize(("rate", "told"), [(60, '"key";r=59;t=1'), (1, '"key";r=0;t=60'), (6000, '"key";r=5999;t=1')])
def test_what_answers_tell(rate: int, told: str) -> None:
    """The policy, what is left, and when all of it is there again; how long to wait only to who has to."""
    allowance = Allowance("key", rate)
    headers = allowance.spend("a", 0.0).headers()
    assert headers == {"RateLimit-Policy": f'"key";q={rate};w=60', "RateLimit": told}
    for _ in range(rate):
        headers = allowance.spend("a", 0.0).headers()
    assert int(headers["Retry-After"]) >= 1
