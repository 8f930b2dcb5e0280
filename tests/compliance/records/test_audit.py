"""The audit file records that something was refused, never what."""

import hashlib
import json
import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from compliance.consent import Consent
from compliance.country import Country
from compliance.errors import RecordNotWritten
from compliance.facts import Child
from compliance.records.audit import Audit
from tests.support.full_disk import room

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


@pytest.mark.parametrize("content", ["{}\n", "[]\n", "broken\n"], ids=["no record", "a list", "not JSON"])
def test_foreign_lines_are_left_as_they_are_and_recording_goes_on(tmp_path: Path, content: str) -> None:
    """They count as lines of before the chain."""
    file = tmp_path / "audit.ndjson"
    file.write_text(content)
    Audit(file).refused("kids", "child-en", RUSSIA)
    assert file.read_text().startswith(content)
    assert str(Audit(file).soundness()) == (
        "The chain of audit.ndjson is whole: 3 lines, 1 of them of before the chain."
    )


def test_salt_lies_in_a_file_of_its_own(tmp_path: Path) -> None:
    """Who is handed the record cannot try out ids on it; two processes have one salt."""
    file, salt = tmp_path / "audit.ndjson", tmp_path / "audit.salt"
    for _ in range(2):
        Audit(file).deleted("post-1")
    assert salt.read_text().strip() not in file.read_text()
    assert salt.stat().st_mode & 0o777 == 0o600
    assert [line["event"] for line in lines(file)] == ["opened", "deleted", "deleted"]
    assert {line["post"] for line in lines(file)[1:]} == Audit(file).hashes("post-1")


def test_a_file_of_before_is_continued_with_a_salt_apart(tmp_path: Path) -> None:
    """Its own first line gives its salt away, so that the lines to come have another; a post is found under both."""
    file = tmp_path / "audit.ndjson"
    old = hashlib.sha256(b"abc\nbridge").hexdigest()
    file.write_text(
        '{"at": "2024-09-14T00:00:00+00:00", "policy": "aaaa", "event": "opened", "salt": "abc"}\n'
        f'{{"at": "2024-09-14T00:00:00+00:00", "policy": "aaaa", "event": "deleted", "post": "{old}"}}\n'
    )
    audit = Audit(file, "aaaa")
    audit.deleted("bridge")
    assert len({line["post"] for line in lines(file) if line["event"] == "deleted"}) == 2
    assert {line["post"] for line in lines(file) if line["event"] == "deleted"} == audit.hashes("bridge")
    assert lines(file)[2]["unchained"] == 2
    assert "whole" in str(audit.soundness())


def test_disk_that_is_full_fails_no_question_and_the_lost_lines_are_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged once; the first line after it says how many are missing, so that the counts still add up."""
    file = tmp_path / "audit.ndjson"
    audit = Audit(file)
    audit.withheld(1, RUSSIA)
    with room(file.stat().st_size), caplog.at_level(logging.ERROR):
        for _ in range(3):
            audit.withheld(1, RUSSIA)
    audit.withheld(1, RUSSIA)
    assert len(caplog.records) == 1
    assert [(line["event"], line.get("count")) for line in lines(file)[1:]] == [
        ("withheld", 1),
        ("lost", 3),
        ("withheld", 1),
    ]
    assert "whole" in str(audit.soundness())


def test_a_consent_that_cannot_be_recorded_is_refused(tmp_path: Path) -> None:
    """With a sentence: a consent has a record."""
    file = tmp_path / "audit.ndjson"
    audit = Audit(file)
    audit.deleted("post-1")
    with room(file.stat().st_size), pytest.raises(RecordNotWritten, match="without a record there is no consent"):
        audit.consented("post-1", Consent("form-4", datetime(2024, 9, 14, tzinfo=UTC)))


def test_answers_to_visitors_are_told_apart(tmp_path: Path) -> None:
    """The sentence in place of a hit, hits left out without a word, and a post that was asked for by its id."""
    file = tmp_path / "audit.ndjson"
    audit = Audit(file)
    audit.withheld(2, RUSSIA)
    audit.omitted(3, RUSSIA)
    audit.omitted(0, RUSSIA)
    audit.blocked("post-1", RUSSIA)
    audit.site_opened(["post-2", "post-3"], Child.CLEAR)
    audit.site_opened([], Child.CLEAR)
    assert [(line["event"], line.get("count")) for line in lines(file)[1:]] == [
        ("withheld", 2),
        ("omitted", 3),
        ("blocked", None),
        ("site_opened", 2),
    ]
    assert "post-" not in file.read_text()


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
    assert [(line["replaces"], line["policy"], line["version"]) for line in policies] == [
        (None, "aaaa", 1),
        ("aaaa", "bbbb", 2),
        ("bbbb", "aaaa", 1),
    ]
    assert {line["file"] for line in policies} == {"rules.yaml"}


def test_rules_of_a_long_file_are_those_of_its_last_whole_line(tmp_path: Path) -> None:
    """A line that was cut short says nothing, takes no other with it, and is kept beside."""
    file = tmp_path / "audit.ndjson"
    audit = Audit(file, "aaaa")
    for _ in range(600):
        audit.withheld(1, RUSSIA)
    with file.open("a") as stream:
        stream.write('{"at": "2024-09-')
    Audit(file, "aaaa").in_force(1, "rules.yaml")
    assert file.read_text().endswith('{"at": "2024-09-')
    Audit(file, "bbbb").in_force(2, "rules.yaml")
    assert json.loads(file.read_text().splitlines()[-1])["replaces"] == "aaaa"
    assert len(file.read_text().splitlines()) == 602
    assert (tmp_path / "audit.ndjson.torn").read_text() == '{"at": "2024-09-\n'


def test_judging_again_is_one_line_with_what_posts_became(tmp_path: Path) -> None:
    """By the encoder whose detector judged, and no post is named."""
    Audit(tmp_path / "audit.ndjson").judged(9, {Child.REVIEW: 2, Child.CHILD: 1}, "eyes-1")
    written = lines(tmp_path / "audit.ndjson")[-1]
    assert (written["event"], written["photos"], written["count"]) == ("judged", 9, 3)
    assert (written["became"], written["encoder"]) == ({"child": 1, "review": 2}, "eyes-1")
