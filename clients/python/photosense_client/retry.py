"""When a request is sent again, and after how long."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from photosense_client.errors import PhotosenseError, ServiceBusy, ServiceUnreachable

_NOT_CARRIED_OUT: Final = (429, 503)  # a gateway that gave up (502, 504) cannot tell what was done behind it


@dataclass(frozen=True, slots=True)
class Retry:
    """How often and how patiently a request is sent again.

    Attributes:
        attempts: How often a request is sent at most; 1 means never again.
        first_wait: Seconds before the second attempt; each further wait is twice as long, less a random part.
        longest_wait: No wait is longer. If the service asks for a longer one (`Retry-After`), the error is raised.
    """

    attempts: int = 5
    first_wait: float = 0.5
    longest_wait: float = 60.0

    def seconds(self, attempt: int, error: PhotosenseError, *, repeatable: bool = True) -> float | None:
        """Return the seconds to wait after an attempt that failed, or None if there is to be no further one.

        Args:
            attempt: The number of the attempt, from 1.
            error: Why it failed.
            repeatable: Whether the request may be carried out twice. If not, it is sent again only when it cannot
                have been carried out.
        """
        if attempt >= self.attempts:
            return None
        if isinstance(error, ServiceUnreachable):
            return self._backoff(attempt) if repeatable or not error.reached else None
        if isinstance(error, ServiceBusy) and (repeatable or error.status in _NOT_CARRIED_OUT):
            asked = error.retry_after
            if asked is None:
                return self._backoff(attempt)
            return asked if asked <= self.longest_wait else None
        return None

    def _backoff(self, attempt: int) -> float:
        longest = min(self.longest_wait, self.first_wait * 2.0 ** (attempt - 1))
        return longest * random.uniform(0.5, 1.0)  # many that were refused at once come back one by one
