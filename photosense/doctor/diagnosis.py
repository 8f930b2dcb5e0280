"""A finding of the doctor: how bad it is, what it is about, and what to do."""

from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple


class Severity(IntEnum):
    """How bad a finding is; the worst of all is the exit code."""

    WELL = 0
    CARE = 1
    ILL = 2


class Diagnosis(NamedTuple):
    """One thing that was looked at; what is well has nothing to do."""

    about: str
    severity: Severity
    says: str
    way_out: str = ""


def well(about: str, says: str) -> Diagnosis:
    """Nothing to do."""
    return Diagnosis(about, Severity.WELL, says)


def care(about: str, says: str, way_out: str) -> Diagnosis:
    """It works, and should be looked at."""
    return Diagnosis(about, Severity.CARE, says, way_out)


def ill(about: str, says: str, way_out: str) -> Diagnosis:
    """It does not work, or not as the law wants it."""
    return Diagnosis(about, Severity.ILL, says, way_out)


def worst(findings: Iterable[Diagnosis]) -> Severity:
    """The worst of them."""
    return max((each.severity for each in findings), default=Severity.WELL)
