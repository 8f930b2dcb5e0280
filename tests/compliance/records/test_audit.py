"""The audit file records that something was refused, never what."""

import json
import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from compliance.country import Country
from compliance.facts import Child
from compliance.records.audit import Audit

RUSSIA = Country("RU", "site")


def lines(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_each_event_is_one_line_with_time_and_policy(tmp_path: Path) -> None:
    """Opened, refused, withheld, deleted; nothing withheld is no event."""
    audit = Audit(tmp_path / "deep" / "audit.ndjson", "abc", now=lambda: datetime(2024, 9, 14, tzinfo=UTC))
    audit.refused("мальчик у моря", "boy-girl-ru", RUSSIA)
    audit.withheld(3, RUSSIA)
    audit.withheld(0, RUSSIA)
    audit.deleted("post-1")
    written = lines(tmp_path / "deep" / "audit.ndjson")
    assert [line["event"] for line in written] == ["opened", "refused", "withheld", "deleted"]
    assert {(line["at"], line["policy"]) for line in written} == {("2024-09-14T00:00:00+00:00", "abc")}
    assert (written[1]["rule"], written[1]["country"], written[2]["count"]) == ("boy-girl-ru", "RU", 3)


def test_query_is_never_in_the_file_and_its_disguises_hash_the_same(tmp_path: Path) -> None:
    """The salted hash is over the folded text, so repeats can be counted."""
    file = tmp_path / "audit.ndjson"
    for text in ("Мальчик", "мальчик!", "м\u200bальчик", "девочка"):
        Audit(file).refused(text, "rule", RUSSIA)
    Audit(file).refused(None, "photo", RUSSIA)
    hashes = [line["query"] for line in lines(file)[1:]]
    assert len(set(hashes[:3])) == 1
    assert hashes[3] != hashes[0]
    assert hashes[4] is None
    assert "альчик" not in file.read_text()


def test_two_files_have_two_salts(tmp_path: Path) -> None:
    """The same query cannot be followed from one site's file to another's."""
    for name in ("a", "b"):
        Audit(tmp_path / name).refused("kids", "child-en", RUSSIA)
    assert lines(tmp_path / "a")[1]["query"] != lines(tmp_path / "b")[1]["query"]


@pytest.mark.parametrize("content", ["{}\n", "[]\n", "broken\n"], ids=["no salt", "a list", "not JSON"])
def test_failing_file_is_logged_once_and_fails_no_request(
    tmp_path: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A foreign file is left as it is."""
    file = tmp_path / "audit.ndjson"
    file.write_text(content)
    audit = Audit(file)
    with caplog.at_level(logging.ERROR):
        audit.refused("kids", "child-en", RUSSIA)
        audit.withheld(1, RUSSIA)
    assert len(caplog.records) == 1
    assert file.read_text() == content


def test_folder_that_cannot_be_made_fails_no_request(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Here the parent is a file."""
    (tmp_path / "file").write_text("")
    Audit(tmp_path / "file" / "audit.ndjson").deleted("post-1")
    assert "cannot be written" in caplog.text


def test_without_a_path_nothing_is_recorded() -> None:
    """The audit is optional."""
    audit = Audit(None)
    audit.refused("kids", "child-en", RUSSIA)
    audit.deleted("post-1")


def test_rules_are_recorded_when_they_change_and_only_then(tmp_path: Path) -> None:
    """Old and new hash, version and file; a start under the same rules leaves no line."""
    file = tmp_path / "audit.ndjson"
    for policy, version in (("aaaa", 1), ("aaaa", 1), ("bbbb", 2), ("bbbb", 2), ("aaaa", 1)):
        Audit(file, policy).in_force(version, "rules.yaml")
    policies = [line for line in lines(file) if line["event"] == "policy"]
    assert [(line["before"], line["policy"], line["version"]) for line in policies] == [
        (None, "aaaa", 1),
        ("aaaa", "bbbb", 2),
        ("bbbb", "aaaa", 1),
    ]
    assert {line["file"] for line in policies} == {"rules.yaml"}


def test_rules_of_a_long_file_are_those_of_its_last_whole_line(tmp_path: Path) -> None:
    """A line that was cut short says nothing, and takes no other with it."""
    file = tmp_path / "audit.ndjson"
    audit = Audit(file, "aaaa")
    for _ in range(600):
        audit.withheld(1, RUSSIA)
    with file.open("a") as stream:
        stream.write('{"at": "2024-09-')
    Audit(file, "aaaa").in_force(1, "rules.yaml")
    assert file.read_text().endswith('{"at": "2024-09-')
    Audit(file, "bbbb").in_force(2, "rules.yaml")
    assert json.loads(file.read_text().splitlines()[-1])["before"] == "aaaa"
    assert len(file.read_text().splitlines()) == 603


def test_judging_again_is_one_line_with_what_posts_became(tmp_path: Path) -> None:
    """By the encoder whose detector judged, and no post is named."""
    Audit(tmp_path / "audit.ndjson").judged(9, {Child.REVIEW: 2, Child.CHILD: 1}, "eyes-1")
    written = lines(tmp_path / "audit.ndjson")[-1]
    assert (written["event"], written["photos"], written["count"]) == ("judged", 9, 3)
    assert (written["became"], written["encoder"]) == ({"child": 1, "review": 2}, "eyes-1")
