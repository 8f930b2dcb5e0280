"""The evidence of a period: what the audit file says is counted, by day and country, and nothing else."""

import hashlib
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.consent import Consent
from compliance.country import Country
from compliance.errors import ComplianceError
from compliance.facts import Child
from compliance.records.audit import Audit, Event
from compliance.records.evidence import EventGroup, Tally, read_evidence

RUSSIA, NOWHERE = Country("RU", "site"), Country(None, "unknown")
FIRST, LAST = date(2024, 9, 1), date(2024, 9, 30)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = datetime(2024, 8, 31, 23, 59, 59, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A record that begins before September and goes on after it; the rules change within."""
    file, clock = tmp_path / "audit.ndjson", Clock()
    audit = Audit(file, "aaaa", clock)
    audit.in_force(1, "rules.yaml")
    audit.refused("kids", "child-en", RUSSIA)
    clock.at += timedelta(seconds=1)  # the first moment of the period
    audit.refused("kids", "child-en", RUSSIA)
    audit.refused("мальчик", "boy-girl-ru", NOWHERE)
    audit.withheld(3, RUSSIA)
    audit.withheld(2, RUSSIA)
    clock.at = datetime(2024, 9, 30, 23, 59, 59, tzinfo=UTC)  # the last one
    audit = Audit(file, "bbbb", clock)
    audit.in_force(2, "rules.yaml")
    audit.decided("p1", "child", "moderator-7")
    audit.undone("p1", "review", "moderator-7")
    audit.consented("p2", Consent("form-4", clock.at, frozenset({"RU", "KZ"}), clock.at + timedelta(days=9)))
    audit.revoked("p2", "consent-ended")
    audit.taken_down("t-1", 2, "moderator-7")
    audit.deleted("p3")
    clock.at += timedelta(seconds=1)
    audit.withheld(9, RUSSIA)
    return file


def test_lines_of_the_period_are_counted_by_day_country_rule_and_policy(file: Path) -> None:
    """Both days are included, what lies before and after is not."""
    evidence = read_evidence(file, FIRST, LAST)
    assert evidence.counts[EventGroup(FIRST, "refused", "RU", "child-en", "aaaa")] == Tally(1, 0)
    assert evidence.counts[EventGroup(FIRST, "refused", "", "boy-girl-ru", "aaaa")] == Tally(1, 0)
    assert evidence.counts[EventGroup(FIRST, "withheld", "RU", "", "aaaa")] == Tally(2, 5)
    assert evidence.total(Event.REFUSED) == 2
    assert evidence.total(Event.WITHHELD, of=lambda tally: tally.sum) == 5
    assert {event: evidence.total(event) for event in (Event.DECIDED, Event.DELETED, Event.TAKEN_DOWN)} == {
        Event.DECIDED: 1,
        Event.DELETED: 1,
        Event.TAKEN_DOWN: 1,
    }
    assert (evidence.lines, evidence.lines_of_period) == (15, 11)
    by_day = evidence.by(lambda kind: kind.day)
    assert list(by_day) == [FIRST, LAST]
    assert by_day[FIRST]["refused"] == Tally(2, 0)


def test_acts_of_people_are_listed_with_who_and_what_came_of_it(file: Path) -> None:
    """Posts appear as hashes; deletions and questions are counted only."""
    acts = read_evidence(file, FIRST, LAST).acts
    assert [act.event for act in acts] == ["policy", "decided", "undone", "consented", "revoked", "taken_down"]
    assert (acts[0].by, acts[0].subject, acts[0].outcome) == ("rules.yaml", "aaaa", "version 2, hash bbbb")
    assert (acts[1].by, acts[1].outcome, len(acts[1].subject)) == ("moderator-7", "child", 64)
    assert (acts[3].by, acts[3].outcome) == ("form-4", "KZ, RU; until 2024-10-09T23:59:59+00:00")
    assert (acts[5].subject, acts[5].outcome) == ("t-1", "2 posts removed")


def test_runs_of_rules_are_told_with_their_first_and_last_line(file: Path) -> None:
    """Also the run that began before the period."""
    one, two = read_evidence(file, FIRST, LAST).policies
    assert (one.policy, one.version, one.file) == ("aaaa", 1, "rules.yaml")
    assert (two.policy, two.version) == ("bbbb", 2)
    assert one.since.date() == date(2024, 8, 31)
    assert two.until.date() == date(2024, 10, 1)


def test_file_proves_what_it_is(file: Path) -> None:
    """Its hash, its lines, its first and last moment; damaged lines by number, without what stands in them."""
    whole = file.read_bytes()
    file.write_bytes(whole + b'{"at": "2024-09-02\n[]\n{"event": "refused"}\n{"at": "never", "event": "x"}\n')
    evidence = read_evidence(file, None, None)
    assert evidence.digest == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (evidence.lines, evidence.lines_of_period, list(evidence.damaged)) == (19, 15, [16, 17, 18, 19])
    assert evidence.damaged[16] == "it is no JSON"
    assert evidence.damaged[18] == "it has no 'at'"
    assert "never" not in "".join(evidence.damaged.values())
    assert (evidence.since, evidence.until) == (date(2024, 8, 31), date(2024, 10, 1))


def test_what_visitors_were_answered_adds_up(tmp_path: Path) -> None:
    """Refused questions, sentences, hits left out and posts answered with 451, by country; lost lines are told."""
    audit = Audit(tmp_path / "audit.ndjson")
    audit.refused("kids", "child-en", RUSSIA)
    audit.withheld(2, RUSSIA)
    audit.omitted(3, NOWHERE)
    audit.blocked("p1", RUSSIA)
    audit.blocked("p1", NOWHERE)
    evidence = read_evidence(tmp_path / "audit.ndjson", None, None)
    countries = evidence.by(lambda kind: kind.country)
    assert countries["RU"]["withheld"] == Tally(1, 2)
    assert countries[""]["omitted"] == Tally(1, 3)
    assert (countries["RU"]["blocked"].lines, countries[""]["blocked"].lines) == (1, 1)


def test_openings_by_the_site_are_named_one_by_one(tmp_path: Path) -> None:
    """By their hashes."""
    audit = Audit(tmp_path / "audit.ndjson")
    audit.site_opened(["p1", "p2"], Child.CLEAR)
    evidence = read_evidence(tmp_path / "audit.ndjson", None, None)
    assert [(act.event, act.by, act.outcome, len(act.subject)) for act in evidence.acts] == [
        ("site_opened", "site", "clear", 64)
    ] * 2
    assert evidence.acts[0].subject in audit.hashes("p1")


@pytest.mark.parametrize("by", ["Anna Ivanova", "https://photos.example/p/1", "мама", "a@b.example"])
def test_names_and_links_of_old_records_are_not_shown(tmp_path: Path, by: str) -> None:
    """They were typed in before identifiers were asked for."""
    audit = Audit(tmp_path / "audit.ndjson")
    audit.decided("p1", "child", by)
    audit.consented("p2", Consent(by, datetime(2024, 9, 14, tzinfo=UTC)))
    assert [act.by for act in read_evidence(tmp_path / "audit.ndjson", None, None).acts] == ["(not shown)"] * 2


def test_chain_that_is_broken_is_said(file: Path) -> None:
    """And all lines that can be read are counted."""
    whole = read_evidence(file, FIRST, LAST)
    assert whole.soundness is not None
    assert whole.soundness.breaks == ()
    file.write_bytes(file.read_bytes().replace(b'"count": 3', b'"count": 4'))
    evidence = read_evidence(file, FIRST, LAST)
    assert evidence.soundness is not None
    assert "does not follow the line before" in str(evidence.soundness)


@pytest.mark.parametrize("days", [(None, date(2020, 1, 1)), (date(2030, 1, 1), None)], ids=["before", "after"])
def test_empty_period_has_no_counts(file: Path, days: tuple[date | None, date | None]) -> None:
    """And is no error."""
    evidence = read_evidence(file, *days)
    assert (evidence.counts, evidence.acts, evidence.lines_of_period) == ({}, [], 0)
    assert evidence.lines == 15


def test_missing_file_is_said(tmp_path: Path) -> None:
    """With what to do."""
    with pytest.raises(ComplianceError, match=r"There is no audit file .* --home"):
        read_evidence(tmp_path / "audit.ndjson", None, None)


def test_folder_in_its_place_is_said(tmp_path: Path) -> None:
    """It cannot be read as a file."""
    with pytest.raises(ComplianceError, match="cannot be read"):
        read_evidence(tmp_path, None, None)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(
    ["at", "event", "country", "rule", "policy", "count", "consent", "by", "post", "version", "file"]
)


@given(
    st.lists(st.dictionaries(NAMES, VALUES | st.just("2024-09-14T00:00:00+00:00") | st.just("consented")), max_size=6)
)
def test_no_line_brings_the_report_down(
    tmp_path_factory: pytest.TempPathFactory, entries: list[dict[str, object]]
) -> None:
    """Whatever stands in the file, each line is either counted or named as damaged."""
    file = tmp_path_factory.getbasetemp() / "wild.ndjson"
    file.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    evidence = read_evidence(file, date.min, date.max)
    assert evidence.lines_of_period + len(evidence.damaged) == evidence.lines == len(entries)
