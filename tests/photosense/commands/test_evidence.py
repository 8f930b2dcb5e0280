"""`photosense compliance report`: a page and two tables that a lawyer can read, from the record alone."""

import csv
import json
from pathlib import Path

import pytest

from compliance.country import Country
from compliance.facts import Child, Facts, Source
from compliance.records.audit import Audit
from compliance.records.chain import twin_file
from compliance.records.takedown_register import Takedowns, post_mark
from compliance.records.tombstones import Cause, Remains
from photosense.house import open_house
from photosense.settings import Settings
from tests.support.command import Command

TODAY = ("--out", "pack")


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service that refused, withheld and took down."""
    home = tmp_path_factory.mktemp("taught") / "photosense-data"
    with open_house(Settings(home=home)) as house:
        house.law.audit.refused("a boy with a kite, <script>", "boy-girl-en", Country("RU", "site"))
        house.law.audit.refused(None, "photo", Country(None, "unknown"))
        house.law.audit.withheld(3, Country("KZ", "site"))
        house.law.audit.decided("post-1", "clear", "=moderator <7>")
        done = house.law.takedowns.begin("moderator-2", "order 31 & more", {post_mark("post-1")}, 1)
        house.law.audit.taken_down(done.id, 1, "moderator-2")
        gone = Remains("post-1", (), "", pictured=False), Facts(Child.CHILD, Source.HOST)
        house.law.tombstones.add(Cause.DELETED, [gone])
    return home


def table(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_pack_holds_what_was_recorded_and_nothing_that_was_asked(
    photosense: Command, home: Path, tmp_path: Path
) -> None:
    """The page needs nothing else, quotes nobody, and the tables say the same."""
    result = photosense("compliance", "report", *TODAY)
    assert result.code == 0, result.err
    page = (tmp_path / "pack" / "evidence.html").read_text()
    for words in (
        "<td>KZ</td>",
        "The photo of the question shows a child.",
        "rules.yaml, version 1",
        "order 31 &amp; more",
    ):
        assert words in page
    for words in ("kite", "<script", "http:", "https:", "src=", "href=", "post-1", str(tmp_path), "<7>"):
        assert words not in page
    assert "the chain is whole" in page
    assert "Tombstones that remember what was held, should it come again: 1." in page
    assert "The chain of tombstones.ndjson is whole" in page
    assert "Every line is whole." in page
    counts = {
        (row["event"], row["country"]): (row["lines"], row["sum"]) for row in table(tmp_path / "pack" / "counts.csv")
    }
    assert counts[("withheld", "KZ")] == ("1", "3")
    assert counts[("refused", "not known")] == ("1", "0")
    acts = table(tmp_path / "pack" / "acts.csv")
    assert [act["event"] for act in acts] == ["policy", "decided", "taken_down"]
    assert acts[1]["by"] == "(not shown)"
    assert str(home) not in result.out


def test_store_may_be_in_use(photosense: Command, home: Path) -> None:
    """The service goes on while the report is made."""
    with open_house(Settings(home=home)):
        assert photosense("compliance", "report", *TODAY).code == 0


@pytest.mark.usefixtures("home")
def test_empty_period_gives_a_pack_that_says_so(photosense: Command, tmp_path: Path) -> None:
    """A lawyer may need to show that nothing happened."""
    result = photosense("compliance", "report", "--from", "2001-01-01", "--to", "2001-12-31")
    assert result.code == 0
    assert "Nothing was recorded in this period" in result.out
    page = (tmp_path / "evidence-2001-01-01-2001-12-31" / "evidence.html").read_text()
    assert "Nothing in this period." in page


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(("--from", "2024-13-01"), "--from '2024-13-01' is no day: write it like 2024-09-01.", id="no day"),
        pytest.param(("--to", "yesterday"), "--to 'yesterday' is no day", id="no date"),
        pytest.param(("--from", "2024-09-02", "--to", "2024-09-01"), "comes after --to 2024-09-01", id="backwards"),
        pytest.param(("--home", "elsewhere"), "There is no audit file elsewhere/audit.ndjson", id="no file"),
        pytest.param(("--out", "taken"), "cannot be written to taken", id="a file in the way"),
    ],
)
def test_what_cannot_be_done_is_said(
    photosense: Command, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    """A sentence and exit code 2."""
    (tmp_path / "taken").write_text("")
    result = photosense("compliance", "report", *arguments)
    assert result.code == 2
    assert says in result.err


def test_register_that_does_not_hold_is_shown(photosense: Command, home: Path, tmp_path: Path) -> None:
    """A line that was changed, and one that is missing altogether."""
    register = home / "takedowns.ndjson"
    Takedowns(register).begin("moderator-2", "order 32", {post_mark("post-2")}, 0)
    first, second = register.read_text().splitlines()
    for file in (register, twin_file(register)):
        file.write_text(first.replace("order 31", "order 30") + "\n" + second + "\n")
    result = photosense("compliance", "report", *TODAY)
    assert result.code == 0
    assert "does not hold" in result.out
    assert "The register cannot be trusted." in (tmp_path / "pack" / "evidence.html").read_text()
    register.unlink()
    twin_file(register).unlink()
    photosense("compliance", "report", *TODAY)
    missing = json.loads(first)["id"]
    assert f"takedowns that the record has:</b> {missing}" in (tmp_path / "pack" / "evidence.html").read_text()


def test_damaged_lines_are_named(photosense: Command, home: Path, tmp_path: Path) -> None:
    """By number; the rest is counted."""
    with (home / "audit.ndjson").open("a") as stream:
        stream.write("half a li\n")
    Audit(home / "audit.ndjson").withheld(1, Country("RU", "site"))
    result = photosense("compliance", "report", *TODAY)
    assert "Damaged lines: 1" in result.out
    assert "line 8: it is no JSON" in (tmp_path / "pack" / "evidence.html").read_text()


def test_house_records_the_rules_once(tmp_path: Path) -> None:
    """Opening it again under the same rules leaves no line; other rules leave one."""
    home = tmp_path / "photosense-data"
    rules = tmp_path / "strict.yaml"
    rules.write_text('version: 3\ngroups:\n  "*": {withhold: [child, review], action: omit, refuse_queries: true}\n')
    for given in (None, None, rules, rules):
        with open_house(Settings(home=home, rules=given)):
            pass
    entries = [json.loads(line) for line in (home / "audit.ndjson").read_text().splitlines()]
    assert [(line["event"], line.get("file"), line.get("version")) for line in entries] == [
        ("opened", None, None),
        ("policy", "rules.yaml", 1),
        ("policy", "strict.yaml", 3),
    ]
    assert entries[2]["replaces"] == entries[1]["policy"]


def test_status_says_that_a_service_follows_other_rules(photosense: Command, tmp_path: Path) -> None:
    """While the service runs; asking leaves no line in its record."""
    home, rules = tmp_path / "photosense-data", tmp_path / "strict.yaml"
    rules.write_text('version: 3\ngroups:\n  "*": {withhold: [child, review], action: omit, refuse_queries: true}\n')
    with open_house(Settings(home=home)):
        before = (home / "audit.ndjson").read_bytes()
        assert "is not what the service follows" not in photosense("status").out
        (tmp_path / "photosense.toml").write_text(f'rules = "{rules}"\n')
        out = photosense("status").out
        assert (home / "audit.ndjson").read_bytes() == before
    assert "strict.yaml is not what the service follows" in out


def test_status_says_whether_the_records_are_whole(photosense: Command, home: Path) -> None:
    """A line that was changed is a sentence, and stops nothing."""
    assert "The chain of takedowns.ndjson is whole: 2 lines." in photosense("status").out
    audit = home / "audit.ndjson"
    audit.write_bytes(audit.read_bytes().replace(b'"count": 3', b'"count": 2'))
    result = photosense("status")
    assert result.code == 0
    assert "The chain of audit.ndjson is broken: line 6 does not follow the line before" in result.out
