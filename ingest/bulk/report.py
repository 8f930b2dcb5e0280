"""The report of a run: nothing vanishes without a reason."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from ingest.draft import Result


@dataclass(slots=True)
class Report:
    """Counts by status, by reason of rejection and by mark; how long it took, and how long each stage worked."""

    statuses: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    marks: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    stages: dict[str, float] = field(default_factory=dict)
    resumed_after: int = 0
    dead_letters: Path | None = None

    @property
    def lines(self) -> int:
        """How many lines were read."""
        return self.statuses.total()

    def add(self, result: Result) -> None:
        """Count one result."""
        self.statuses[result.status] += 1
        if result.reason:
            self.reasons[result.reason] += 1
        self.marks.update(result.marks.keys())

    def counts(self) -> dict[str, dict[str, int]]:
        """Give all counts as plain data, for a run that goes on later."""
        return {"statuses": dict(self.statuses), "reasons": dict(self.reasons), "marks": dict(self.marks)}
