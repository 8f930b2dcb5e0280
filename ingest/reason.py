"""Reasons: nothing is turned away without one."""

from typing import NamedTuple


class Reason(NamedTuple):
    """Why something is turned away: a stable word, and a sentence that tells what was wrong and what is expected."""

    reason: str
    detail: str
