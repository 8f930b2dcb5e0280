"""What the audit file proves of a period: counts by day and country, the acts of people, the rules in force, damage."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from compliance.consent import parse_time
from compliance.errors import ComplianceError
from compliance.records.audit import Event
from compliance.records.chain import Soundness, verify
from compliance.records.identifier import public_identifier
from compliance.records.volumes import raw_lines, volumes

SITE: Final = "site"
# What people did, and the rules that they set: each is listed. Questions, answers and deletions are counted.
ACTS: Final = frozenset(
    {
        Event.POLICY,
        Event.DECIDED,
        Event.UNDONE,
        Event.CONSENTED,
        Event.REVOKED,
        Event.TAKEN_DOWN,
        Event.SITE_OPENED,
        Event.LOOKED,
    }
)  # fmt: skip


class EventGroup(NamedTuple):
    """What is counted together; country and rule are empty where a line has none."""

    day: date
    event: str
    country: str
    rule: str
    policy: str


class Tally(NamedTuple):
    """So many lines, and what their own counts add up to."""

    lines: int = 0
    sum: int = 0


class Act(NamedTuple):
    """One line of what a person did: by whom, to what (hashed), and what came of it."""

    at: datetime
    event: str
    by: str
    subject: str
    outcome: str
    policy: str


@dataclass(slots=True)
class InForce:
    """A run of lines that were written under one policy; version and file where a line told them."""

    policy: str
    since: datetime
    until: datetime
    version: int | None = None
    file: str = ""


@dataclass(slots=True)
class Evidence:
    """All that the file says of the period, both days included, and what it is as a whole."""

    since: date
    until: date
    counts: dict[EventGroup, Tally] = field(default_factory=dict)
    acts: list[Act] = field(default_factory=list)
    policies: list[InForce] = field(default_factory=list)
    lines: int = 0
    lines_of_period: int = 0
    first: datetime | None = None
    last: datetime | None = None
    damaged: dict[int, str] = field(default_factory=dict)
    digest: str = ""
    soundness: Soundness | None = None

    def total(self, *events: Event, of: Callable[[Tally], int] = lambda tally: tally.lines) -> int:
        """How many lines of these events there are, or what they add up to."""
        return sum(of(tally) for kind, tally in self.counts.items() if kind.event in events)

    def by(self, part: Callable[[EventGroup], Any]) -> dict[Any, dict[str, Tally]]:
        """The tallies of each event by day, country or what else a kind has."""
        groups: dict[Any, dict[str, Tally]] = {}
        for kind, tally in self.counts.items():
            events = groups.setdefault(part(kind), {})
            before = events.get(kind.event, Tally())
            events[kind.event] = Tally(before.lines + tally.lines, before.sum + tally.sum)
        return dict(sorted(groups.items()))


def read_evidence(file: Path, since: date | None, until: date | None) -> Evidence:
    """Read the record once, line by line; without dates the period is that of the record."""
    digest = hashlib.sha256()
    evidence = Evidence(since or date.min, until or date.max)
    lines: Counter[EventGroup] = Counter()
    sums: Counter[EventGroup] = Counter()
    try:
        file.stat()
        for number, line in enumerate((line for volume in volumes(file) for line in raw_lines(volume)), 1):
            digest.update(line)
            evidence.lines = number
            try:
                entry = json.loads(line)
                at, kind = _kind(entry)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                evidence.damaged[number] = _why(error)
                continue
            evidence.first, evidence.last = min(evidence.first or at, at), max(evidence.last or at, at)
            _follow(evidence.policies, at, kind, entry)
            if evidence.since <= kind.day <= evidence.until:
                lines[kind] += 1
                sums[kind] += _whole(entry.get("count", 0))
                if kind.event in ACTS:
                    evidence.acts.extend(_acts(at, kind, entry))
    except FileNotFoundError:
        raise ComplianceError(
            f"There is no audit file {file}: it begins when the service starts for the first time. "
            "Name the home folder of the service with --home."
        ) from None
    except OSError as error:
        raise ComplianceError(f"The audit file {file} cannot be read: {error.strerror}.") from None
    evidence.counts = {kind: Tally(count, sums[kind]) for kind, count in lines.items()}
    evidence.lines_of_period = sum(lines.values())
    evidence.digest = digest.hexdigest()
    evidence.soundness = verify(file)
    evidence.since = since or (evidence.first.date() if evidence.first else date.today())
    evidence.until = until or (evidence.last.date() if evidence.last else date.today())
    return evidence


def _kind(entry: Mapping[str, Any]) -> tuple[datetime, EventGroup]:
    at = parse_time(entry["at"]).astimezone(UTC)
    words = [_word(entry.get(name)) for name in ("event", "country", "rule", "policy")]
    if not words[0]:
        raise ValueError("no event")
    _whole(entry.get("count", 0))
    return at, EventGroup(at.date(), *words)


def _acts(at: datetime, kind: EventGroup, entry: Mapping[str, Any]) -> list[Act]:
    """What one line says was done; the site's openings name each post."""
    if kind.event == Event.SITE_OPENED:
        posts = entry.get("posts")
        child = str(entry.get("child", ""))
        return [Act(at, kind.event, SITE, str(post), child, kind.policy) for post in posts or ()]
    consent = entry.get("consent")
    consent = consent if isinstance(consent, Mapping) else {}
    by = entry.get("by") or consent.get("by") or entry.get("file")
    subject = entry.get("post") or entry.get("takedown") or entry.get("replaces", entry.get("before"))
    match kind.event:
        case Event.CONSENTED:
            where = ", ".join(map(str, consent.get("countries") or ())) or "all countries"
            outcome = f"{where}; {'until ' + str(consent['until']) if consent.get('until') else 'no end'}"
        case Event.TAKEN_DOWN:
            outcome = f"{_whole(entry.get('count', 0))} posts removed"
        case Event.POLICY:
            outcome = f"version {entry.get('version')}, hash {kind.policy}"
        case _:
            outcome = str(entry.get("child", ""))
    return [Act(at, kind.event, public_identifier(str(by or "")), str(subject or ""), outcome, kind.policy)]


def _follow(policies: list[InForce], at: datetime, kind: EventGroup, entry: Mapping[str, Any]) -> None:
    if not policies or policies[-1].policy != kind.policy:
        policies.append(InForce(kind.policy, at, at))
    run = policies[-1]
    run.until = max(run.until, at)
    if kind.event == Event.POLICY:
        run.version, run.file = _whole(entry.get("version", 0)), str(entry.get("file", ""))


def _word(value: object) -> str:
    if value is not None and not isinstance(value, str):
        raise TypeError("a word is expected")
    return value or ""


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("a whole number is expected")
    return value


def _why(error: Exception) -> str:
    """What is wrong with a line, without what stands in it."""
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        return "it is no JSON"
    if isinstance(error, KeyError):
        return f"it has no {error.args[0]!r}"
    return "it is no line of an audit"
