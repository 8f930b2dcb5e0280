"""What the law needs, against itself and the store: the records' chains, and posts that must not stand as they do."""

from collections.abc import Iterable
from pathlib import Path

from compliance.records.audit import read_salt, salt_file
from compliance.records.chain import verify
from compliance.records.takedown_register import Takedowns
from compliance.records.tombstones import Tombstones
from moderation.returns import stone_over
from moderation.takedowns import takedown_of
from photosense.soundness.verdict import RESTORE, PartVerdict
from qdrant.points import StoredPoint

_START = "start the service (or any command of this home) anew: what the records name goes, or is held, then"


class LawCheck:
    """Looks at posts as they are read, for what takedowns and tombstones say of them."""

    def __init__(self, takedowns: Takedowns, tombstones: Tombstones) -> None:
        self._takedowns, self._tombstones = takedowns, tombstones
        self._shown: dict[str, str] = {}

    def watch(self, point: StoredPoint) -> None:
        """Look at a post."""
        try:
            if (takedown := takedown_of(point, self._takedowns)) is not None:
                self._shown[point.id] = f"it was taken down ({takedown}) and is stored"
            elif stone_over(point, self._tombstones) is not None:
                self._shown[point.id] = "it was held before, as a tombstone remembers, and is open"
        except (ValueError, TypeError, KeyError, AttributeError):
            return  # a post that cannot be read is told with the store

    def verdict(self) -> PartVerdict:
        """What was seen."""
        takedowns, tombstones = len(self._takedowns.all()), len(self._tombstones)
        says = f"no stored post is one of {takedowns:,} takedowns, none is open that {tombstones:,} tombstones hold"
        verdict = PartVerdict("law", says)
        verdict.add_posts(self._shown, _START)
        return verdict


def check_records(paths: Iterable[Path]) -> PartVerdict:
    """Check the chain of each record."""
    verdict = PartVerdict("records")
    says = []
    for path in paths:
        soundness = verify(path)
        says.append(str(soundness))
        for fault in soundness.breaks:
            verdict.add(f"{path.name}: {fault}.", f"{RESTORE} into an empty home and compare the two files")
    verdict.says = " ".join(says)
    return verdict


def check_salt(audit: Path) -> PartVerdict:
    """Check that the audit has the salt that its hashes were made with."""
    verdict = PartVerdict("salt", "the audit has the salt of its hashes")
    if audit.exists() and read_salt(salt_file(audit)) is None:
        verdict.add(f"{salt_file(audit).name} is missing or no salt: no post is found in the audit any more.", RESTORE)
    return verdict
