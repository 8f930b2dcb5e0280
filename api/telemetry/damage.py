"""What a check of the home found, as far as whoever asks for the status is to know."""

from collections.abc import Callable
from typing import NamedTuple


class Damage(NamedTuple):
    """What the last check of the home found, in a sentence for everybody, and whether that can be served."""

    says: str
    serves: bool


DamageReport = Callable[[], Damage | None]
"""Tells what the last check found; None where all was whole, or nobody looked."""


def no_damage() -> Damage | None:
    """Of a service without a home nobody checks anything."""
    return None
