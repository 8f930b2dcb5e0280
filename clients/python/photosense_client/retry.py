"""When a request is sent again, and after how long."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from photosense_client.errors import Outdated, PhotosenseError, ServiceBusy, ServiceUnreachable

_UNDER_WAY: Final = "idempotency_under_way"  # the attempt before, whose answer was lost, is not done yet


@dataclass(frozen=True, slots=True)
class Retry:
    """How often and how patiently a request is sent again.

    Every request may be: what must not be done twice carries an `Idempotency-Key`.

    Attributes:
        attempts: How often a request is sent at most; 1 means never again.
        first_wait: Seconds before the second attempt; each further wait is twice as long, less a random part.
        longest_wait: No wait is longer. If the service asks for a longer one (`Retry-After`), the error is raised.
    """

    attempts: int = 5
    first_wait: float = 0.5
    longest_wait: float = 60.0

    def seconds(self, attempt: int, error: PhotosenseError) -> float | None:
        """Return the seconds to wait after an attempt that failed, or None if there is to be no further one.

        Args:
            attempt: The number of the attempt, from 1.
            error: Why it failed.
        """
        if attempt >= self.attempts:
            return None
        if isinstance(error, ServiceUnreachable) or (isinstance(error, Outdated) and error.code == _UNDER_WAY):
            return self._backoff(attempt)
        if not isinstance(error, ServiceBusy):
            return None
        asked = error.retry_after
        if asked is None:
            return self._backoff(attempt)
        return asked if asked <= self.longest_wait else None

    def _backoff(self, attempt: int) -> float:
        longest = min(self.longest_wait, self.first_wait * 2.0 ** (attempt - 1))
        return longest * random.uniform(0.5, 1.0)  # many that were refused at once come back one by one
