"""What was found of one part of a home: what it is when it is whole, or what is damaged and what to do."""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

RESTORE: Final = "restore it with `photosense restore BACKUP`"
MOST_SHOWN: Final = 5  # faults of one kind that are told one by one


class Fault(NamedTuple):
    """What is damaged, in a sentence, and the way to heal it."""

    says: str
    way_out: str


@dataclass(slots=True)
class PartVerdict:
    """What was looked at, and what is wrong with it."""

    part: str
    says: str = ""
    faults: list[Fault] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    def add(self, says: str, way_out: str) -> None:
        """Note a fault."""
        self.faults.append(Fault(says, way_out))

    def add_posts(self, faults: dict[str, str], way_out: str) -> None:
        """Note what is wrong with posts, by their ids: the first of them one by one, then how many more."""
        for post, says in list(faults.items())[:MOST_SHOWN]:
            self.add(f"The post {post[:60]!r}: {says}.", way_out)
        if len(faults) > MOST_SHOWN:
            self.add(f"{len(faults) - MOST_SHOWN:,} more posts like these.", way_out)
