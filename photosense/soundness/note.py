"""What the last check of a home found: written down, so that the service, `status` and whoever looks can tell of it."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from common.files import write_file
from photosense.settings import Settings
from photosense.soundness.verdict import PartVerdict

NOTE: Final = "checked.json"


class LastCheck(NamedTuple):
    """When it was, how long it took, and which parts of the home were damaged."""

    at: datetime
    seconds: float
    damaged: tuple[str, ...]

    def __str__(self) -> str:
        """Say it in a sentence; it names parts alone, for anybody may read it."""
        if not self.damaged:
            return f"all was whole on {self.at:%Y-%m-%d %H:%M} UTC"
        return (
            f"the check of {self.at:%Y-%m-%d %H:%M} UTC found damage in {', '.join(self.damaged)}: `photosense verify` "
            "says what, and what to do"
        )


def note_check(settings: Settings, verdicts: Sequence[PartVerdict], seconds: float) -> LastCheck:
    """Write down what was found just now."""
    damaged = [verdict.part for verdict in verdicts if not verdict.is_whole]
    check = LastCheck(datetime.now(UTC), seconds, tuple(damaged))
    noted = {"at": check.at.isoformat(timespec="seconds"), "seconds": round(seconds, 1), "damaged": damaged}
    write_file(settings.home / NOTE, json.dumps(noted), private=True)
    return check


def last_check(settings: Settings) -> LastCheck | None:
    """What was found last; None where nobody looked yet."""
    try:
        noted: dict[str, Any] = json.loads((settings.home / NOTE).read_bytes())
        at = datetime.fromisoformat(noted["at"])
        return LastCheck(at, float(noted["seconds"]), tuple(map(str, noted["damaged"])))
    except (OSError, ValueError, KeyError, TypeError):
        return None
