"""What can be wrong with the rules of compliance."""

from pathlib import Path


class ComplianceError(Exception):
    """Anything that compliance refuses to work with."""


class RulesError(ComplianceError):
    """A rules file says something that cannot be followed."""

    def __init__(self, file: Path, where: str, problem: str, remedy: str) -> None:
        super().__init__(f"{file} at {where}: {problem}. {remedy}.")
        self.file = file
        self.where = where


class DetectorError(ComplianceError):
    """The photo detector cannot be read, or not be learned from what was given."""


class RecordNotWritten(ComplianceError):
    """A record cannot be written, as on a full disk: what was to be recorded did not happen."""
