"""Allowances: how many requests a minute one may send, a key or an address, before it is told to wait."""

import math
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

MINUTE: Final = 60.0
_MOST: Final = 100_000  # names that are remembered: who was not seen for longest begins anew


@dataclass(frozen=True, slots=True)
class Spent:
    """What a request left of an allowance: requests, seconds until it is whole again, and until the next one."""

    policy: str
    rate: int
    left: int
    whole: int
    wait: int

    @property
    def is_over(self) -> bool:
        """Whether the request was one too many."""
        return self.wait > 0

    def headers(self) -> dict[str, str]:
        """As answers tell it, after the draft of the IETF."""
        told = {
            "RateLimit-Policy": f'"{self.policy}";q={self.rate};w={MINUTE:.0f}',
            "RateLimit": f'"{self.policy}";r={self.left};t={self.whole}',
        }
        return {**told, "Retry-After": str(self.wait)} if self.is_over else told


class Allowance:
    """A bucket for each name, that fills evenly; what is refused takes nothing from it."""

    def __init__(self, policy: str, rate: int) -> None:
        self._policy = policy
        self._rate = rate
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def spend(self, name: str, now: float) -> Spent:
        """Take one request at a time in seconds."""
        before, level = self._buckets.pop(name, (now, float(self._rate)))
        each = MINUTE / self._rate
        level = min(self._rate, level + max(0.0, now - before) / each)  # a clock that is put back gives nothing
        wait = 0 if level >= 1 else max(1, math.ceil((1 - level) * each))
        level -= 0 if wait else 1
        self._buckets[name] = (now, level)
        if len(self._buckets) > _MOST:
            self._buckets.popitem(last=False)
        return Spent(self._policy, self._rate, int(level), math.ceil((self._rate - level) * each), wait)
