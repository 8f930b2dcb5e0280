"""A clock that jumps is noticed, one that goes as time does is not."""

from datetime import UTC, datetime, timedelta

import pytest

from common.clock_watch import ClockWatch

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("shown", "passed", "jump"),
    [
        (timedelta(hours=3), 3 * 3600, None),
        (timedelta(minutes=4), 0, None),
        (timedelta(days=300), 60, timedelta(days=300, seconds=-60)),
        (timedelta(days=-2), 60, timedelta(days=-2, seconds=-60)),
    ],
    ids=["asked rarely", "set right", "forward", "back"],
)
def test_a_jump_is_what_time_did_not_go(shown: timedelta, passed: float, jump: timedelta | None) -> None:
    """Once: what was noticed is the new time."""
    seconds = [0.0]
    watch = ClockWatch(lambda: seconds[0])
    assert watch.jump(NOON) is None
    seconds[0] = passed
    assert watch.jump(NOON + shown) == jump
    assert watch.jump(NOON + shown) is None
