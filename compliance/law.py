"""The law of a house: what decides, and where it is written down."""

import threading
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from compliance.consent import ConsentEnds
from compliance.gate import Gate
from compliance.held_photos import HeldPhotos
from compliance.lexicon.lexicon import Lexicon, default_lexicon
from compliance.policy import load_policy
from compliance.records.audit import Audit
from compliance.records.takedown_register import Takedowns
from compliance.records.tombstones import Tombstones


def _default_gate() -> Gate:
    return Gate(load_policy())


@dataclass(frozen=True, slots=True)
class Law:
    """The gate, the records (audit, takedowns, tombstones, ends of consents), held photos.

    What is not given decides by the example policy and writes nothing down. Who holds `turn` writes facts alone:
    what was read of a post must still stand when its facts are written.
    """

    gate: Gate = field(default_factory=_default_gate)
    audit: Audit = field(default_factory=lambda: Audit(None))
    takedowns: Takedowns = field(default_factory=Takedowns)
    tombstones: Tombstones = field(default_factory=Tombstones)
    ends: ConsentEnds = field(default_factory=ConsentEnds)
    held_photos: HeldPhotos = field(default_factory=HeldPhotos)
    turn: AbstractContextManager[Any] = field(default_factory=threading.Lock)

    @property
    def lexicon(self) -> Lexicon:
        """Words about children: those that ship, read and proven when somebody first asks for them."""
        return default_lexicon()
