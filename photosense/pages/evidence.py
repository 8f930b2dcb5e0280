"""The evidence pack for people: one HTML page that needs nothing else and prints well, and two tables as CSV."""

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Final

from common.files import new_file, write_file
from compliance.records.audit import Event
from compliance.records.chain import Soundness
from compliance.records.evidence import EventGroup, Evidence, Tally
from compliance.records.identifier import public_identifier
from compliance.records.takedown_register import Takedown
from photosense.errors import PhotosenseError

PAGE: Final = "evidence.html"
MOST_ACTS: Final = 200  # on the page; the table beside it has all
MOST_DAMAGED: Final = 20
NO_COUNTRY: Final = "not known"
_DONE: Final = {
    Event.DECIDED: "decisions",
    Event.UNDONE: "taken back",
    Event.CONSENTED: "consents",
    Event.REVOKED: "consents ended",
    Event.TAKEN_DOWN: "takedowns",
    Event.DELETED: "deletions",
    Event.JUDGED: "times judged again",
    Event.SITE_OPENED: "openings by the site",
    Event.LOOKED: "held photos looked at",
    Event.POLICY: "changes of rules",
}


_ANSWERS: Final = frozenset({Event.REFUSED, Event.WITHHELD, Event.OMITTED, Event.BLOCKED})


@dataclass(frozen=True, slots=True)
class Register:
    """The takedowns as the register has them, and the tombstones; damage says why the register cannot be trusted."""

    takedowns: Sequence[Takedown] = ()
    damage: str | None = None
    missing: Sequence[str] = ()  # ids that the record has and the register has not
    tombstones: int = 0
    tombstones_soundness: Soundness | None = None


@dataclass(frozen=True, slots=True)
class Pack:
    """What the pack is made of; says has the sentence of each rule of the lexicon."""

    evidence: Evidence
    register: Register
    says: dict[str, str]
    made: datetime


def write_pack(pack: Pack, folder: Path) -> Path:
    """Write the page and the tables into a folder; gives the page."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_file(folder / PAGE, page(pack))
        counts = (
            (*kind._replace(country=kind.country or _nobody(kind)), *tally)
            for kind, tally in sorted(pack.evidence.counts.items())
        )
        _write(folder / "counts.csv", (*EventGroup._fields, *Tally._fields), counts)
        acts = ((act.at.isoformat(), *act[1:]) for act in pack.evidence.acts)
        _write(folder / "acts.csv", ("at", "event", "by", "subject", "outcome", "policy"), acts)
    except OSError as error:
        raise PhotosenseError(
            f"The evidence cannot be written to {folder}: {error.strerror}. Give a writable folder with --out."
        ) from None
    return folder / PAGE


def page(pack: Pack) -> str:
    """The page."""
    evidence = pack.evidence
    return Template((files("photosense") / "templates" / PAGE).read_text("utf-8")).substitute(
        since=evidence.since,
        until=evidence.until,
        made=f"{pack.made:%Y-%m-%d %H:%M} UTC",
        version=version("photosense"),
        totals=_totals(evidence),
        policies=_policies(evidence),
        countries=_questions(evidence, ("country",), lambda kind: (kind.country or NO_COUNTRY,)),
        days=_questions(evidence, ("day", "country"), lambda kind: (str(kind.day), kind.country or NO_COUNTRY)),
        rules=_rules(evidence, pack.says),
        done=_done(evidence),
        acts=_acts(evidence),
        register=_register(pack.register, evidence),
        record=_record(evidence),
    )


def _totals(evidence: Evidence) -> str:
    tiles = {
        "questions refused": evidence.total(Event.REFUSED),
        "answers with withheld hits": evidence.total(Event.WITHHELD),
        "hits withheld": evidence.total(Event.WITHHELD, of=lambda tally: tally.sum),
        "answers that left hits out": evidence.total(Event.OMITTED),
        "hits left out": evidence.total(Event.OMITTED, of=lambda tally: tally.sum),
        "posts answered with 451": evidence.total(Event.BLOCKED),
        **{name: evidence.total(event, of=_of(event)) for event, name in _DONE.items()},
        "lines lost on a full disk": evidence.total(Event.LOST, of=lambda tally: tally.sum),
    }
    return "".join(f"<div><dt>{name}</dt><dd>{count:,}</dd></div>" for name, count in tiles.items())


def _of(event: Event) -> Callable[[Tally], int]:
    """What is counted of an event: its lines, or the posts that a line of the site's openings names."""
    return (lambda tally: tally.sum) if event == Event.SITE_OPENED else (lambda tally: tally.lines)


def _policies(evidence: Evidence) -> str:
    runs = [
        run for run in evidence.policies if evidence.since <= run.until.date() and run.since.date() <= evidence.until
    ]
    before = [run for run in evidence.policies if run.until.date() < evidence.since][-1:]
    by_policy = {run.policy: run for run in evidence.policies if run.version is not None}
    rows = []
    for run in [*before, *runs]:
        its = by_policy.get(run.policy)
        name = f"{escape(its.file)}, version {its.version}" if its else "not told"
        rows.append((_code(run.policy), name, _moment(run.since), _moment(run.until)))
    return _table(("hash", "rules file", "first line under it", "last line under it"), rows)


def _questions(evidence: Evidence, names: Sequence[str], part: Callable[[EventGroup], tuple[str, ...]]) -> str:
    rows = [
        (
            *map(escape, key),
            *map(
                _count,
                (
                    events.get(Event.REFUSED, Tally()).lines,
                    *events.get(Event.WITHHELD, Tally()),
                    *events.get(Event.OMITTED, Tally()),
                    events.get(Event.BLOCKED, Tally()).lines,
                ),
            ),
        )
        for key, events in evidence.by(part).items()
        if not _ANSWERS.isdisjoint(events)
    ]
    columns = (
        "#questions refused",
        "#answers with withheld hits",
        "#hits withheld",
        "#answers that left hits out",
        "#hits left out",
        "#posts answered with 451",
    )
    return _table((*names, *columns), rows)


def _rules(evidence: Evidence, says: dict[str, str]) -> str:
    refused = {
        rule: events[Event.REFUSED].lines
        for rule, events in evidence.by(lambda kind: kind.rule).items()
        if Event.REFUSED in events
    }
    rows = [
        (_code(rule), escape(says.get(rule, "")), _count(count))
        for rule, count in sorted(refused.items(), key=lambda entry: -entry[1])
    ]
    return _table(("rule", "it says", "#questions refused"), rows)


def _done(evidence: Evidence) -> str:
    rows = [
        (str(day), *(_count(_of(event)(events.get(event, Tally()))) for event in _DONE))
        for day, events in evidence.by(lambda kind: kind.day).items()
        if any(event in events for event in _DONE)
    ]
    return _table(("day", *(f"#{name}" for name in _DONE.values())), rows)


def _acts(evidence: Evidence) -> str:
    rows = [
        (
            _moment(act.at),
            *map(escape, (act.event.replace("_", " "), act.by)),
            _code(act.subject[:16]),
            escape(act.outcome),
        )
        for act in evidence.acts[:MOST_ACTS]
    ]
    more = len(evidence.acts) - len(rows)
    rest = f'<p class="note">{more:,} more are in acts.csv.</p>' if more > 0 else ""
    return _table(("when", "what", "by or record", "subject (hash)", "outcome"), rows) + rest


def _register(register: Register, evidence: Evidence) -> str:
    wrong = []
    if register.damage:
        wrong.append(f"<b>The register cannot be trusted.</b> {escape(register.damage)}")
    if register.missing:
        missing = escape(", ".join(register.missing))
        wrong.append(f"<b>The register lacks takedowns that the record has:</b> {missing}.")
    verdict = (
        "".join(f'<p class="wrong">{sentence}</p>' for sentence in wrong)
        or f'<p class="right">{len(register.takedowns):,} takedowns in all. Each line carries the hash of the one '
        "before, and the chain is whole: none was changed, left out or put in between.</p>"
    )
    rows = [
        (
            escape(each.at),
            escape(each.id),
            escape(public_identifier(each.by)),
            escape(each.reason),
            ", ".join(sorted({mark.partition(":")[0] for mark in each.marks})),
            _count(each.posts),
            escape(each.done or "not yet"),
        )
        for each in register.takedowns
        if str(evidence.since) <= each.at[:10] <= str(evidence.until)
    ]
    names = ("when", "takedown", "by", "reason", "remembered by", "#posts", "all gone")
    return verdict + _table(names, rows) + _tombstones(register)


def _tombstones(register: Register) -> str:
    soundness = register.tombstones_soundness
    if soundness is None or not soundness.lines:
        return '<p class="note">No tombstone: no held post went, and no reviewer held one.</p>'
    return (
        f"<p>Tombstones that remember what was held, should it come again: {register.tombstones:,}.</p>"
        f'<p class="{"wrong" if soundness.breaks else "right"}">{escape(str(soundness))}</p>'
    )


def _record(evidence: Evidence) -> str:
    if evidence.first is None or evidence.last is None:
        return '<p class="wrong">It has no whole line.</p>'
    says = (
        f"<p>{evidence.lines:,} lines in all, {evidence.lines_of_period:,} of them of this period; the first from "
        f"{_moment(evidence.first)}, the last from {_moment(evidence.last)}.</p>"
        f"<p>SHA-256 of the file as it was read: <code>{evidence.digest}</code></p>"
    )
    if evidence.soundness is not None:
        verdict = "wrong" if evidence.soundness.breaks else "right"
        says += f'<p class="{verdict}">{escape(str(evidence.soundness))}</p>'
    if not evidence.damaged:
        return says + '<p class="right">Every line is whole.</p>'
    named = "; ".join(f"line {number}: {why}" for number, why in list(evidence.damaged.items())[:MOST_DAMAGED])
    more = f"; and {len(evidence.damaged) - MOST_DAMAGED:,} more" if len(evidence.damaged) > MOST_DAMAGED else ""
    verdict = f"<b>Damaged lines: {len(evidence.damaged):,}.</b> They are counted nowhere"
    return f'{says}<p class="wrong">{verdict}: {named}{more}.</p>'


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; columns whose names begin with # are numbers."""
    if not rows:
        return '<p class="note">Nothing in this period.</p>'
    kinds = [' class="n"' if name.startswith("#") else "" for name in names]
    head = "".join(f"<th{kind}>{name.lstrip('#')}</th>" for kind, name in zip(kinds, names, strict=True))
    body = "".join(
        f"<tr>{''.join(f'<td{kind}>{cell}</td>' for kind, cell in zip(kinds, row, strict=True))}</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _count(count: int) -> str:
    return f"{count:,}" if count else "-"


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>" if text else ""


def _moment(at: datetime) -> str:
    return f'<span class="when">{at:%Y-%m-%d %H:%M:%S}</span>'


def _nobody(kind: EventGroup) -> str:
    return NO_COUNTRY if kind.event in _ANSWERS else ""


def _write(file: Path, names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    # Spreadsheets know UTF-8 by its mark.
    with new_file(file) as aside, aside.open("w", encoding="utf-8-sig", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(names)
        table.writerows([_plain(cell) for cell in row] for row in rows)


def _plain(cell: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = str(cell)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
