"""Tombstones remember what was held, whatever happens to their file, until a reviewer clears that very content."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from compliance.errors import ComplianceError, RecordNotWritten
from compliance.facts import Child, Facts, Source
from compliance.precedence import TOMBSTONE
from compliance.records.chain import twin_file
from compliance.records.tombstones import Cause, Remains, Tombstones

LOOK = 0x0123456789ABCDEF
SHOWN = Remains("p1", ("both:1", "photo:1", "words:1", f"look:{LOOK:016x}"), "whole-1", pictured=True)
OTHER = Remains("p2", ("both:2", "photo:2", "words:2", f"look:{LOOK ^ 0xFFFFFFFF:016x}"), "whole-2", pictured=True)
WORDS = Remains("p3", ("both:3", "words:3"), "whole-3", pictured=False)
HELD = Facts(Child.CHILD, Source.HOST)
FOUND = Facts(Child.CHILD, Source.TEXT, rules=("boy-girl",))
Change = Callable[[list[bytes]], list[bytes]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tombstones.ndjson"


def elsewhere(**changes: object) -> Remains:
    """What was held, under another id and with nothing in common but what is named."""
    return replace(OTHER, **changes)


def buried(path: Path | None = None, remains: Remains = SHOWN, facts: Facts = HELD) -> Tombstones:
    tombstones = Tombstones(path)
    tombstones.add(Cause.DELETED, [(remains, facts)])
    return tombstones


@pytest.mark.parametrize(
    ("again", "held"),
    [
        pytest.param(replace(OTHER, post="p1"), True, id="the id, with other content"),
        pytest.param(elsewhere(content=("photo:1",)), True, id="the photo, under another id"),
        pytest.param(elsewhere(content=(f"look:{LOOK ^ 0b111111:016x}",)), True, id="its look"),
        pytest.param(elsewhere(content=(f"look:{LOOK ^ 0b1111111:016x}",)), False, id="another look"),
        pytest.param(elsewhere(content=("words:1",), pictured=False), True, id="its words without a photo"),
        pytest.param(elsewhere(content=("words:1",)), False, id="its words beside another photo"),
        pytest.param(OTHER, False, id="nothing of it"),
    ],
)
def test_what_was_held_is_recognised_by_its_id_and_its_content(path: Path, again: Remains, held: bool) -> None:
    """Also by who opens the file later."""
    assert (buried(path).match(again) is not None) == held
    assert (Tombstones(path).match(again) is not None) == held


def test_the_latest_of_several_tombstones_is_told(path: Path) -> None:
    """A decision that came between two of them is older than the last."""
    tombstones = buried(path)
    tombstones.add(Cause.TAKEN_DOWN, [(SHOWN, HELD)])
    match = tombstones.match(SHOWN)
    assert match is not None
    assert match.cause == Cause.TAKEN_DOWN


def test_words_that_were_all_of_a_post_are_recognised_beside_any_photo() -> None:
    """A photo is added quickly."""
    assert buried(remains=WORDS).match(elsewhere(content=("words:3",))) is not None


@pytest.mark.parametrize("child", Child)
def test_what_was_open_leaves_no_tombstone_but_by_a_takedown(path: Path, child: Child) -> None:
    """A consent goes with the post it was given for, which is about a child."""
    tombstones, facts = Tombstones(path), Facts(child, Source.REVIEWER)
    tombstones.add(Cause.DELETED, [(SHOWN, facts)])
    assert len(tombstones) == (child in (Child.CHILD, Child.REVIEW, Child.CONSENTED))
    assert all(stone.child != Child.CONSENTED for stone in tombstones.of_post("p1"))
    tombstones.add(Cause.TAKEN_DOWN, [(SHOWN, facts)])
    assert tombstones.match(elsewhere(content=("photo:1",))) is not None


@pytest.mark.parametrize(
    ("again", "held"),
    [
        pytest.param(SHOWN, True, id="as it was"),
        pytest.param(replace(SHOWN, content=("both:9", "photo:1")), False, id="changed, as an edit is judged"),
        pytest.param(elsewhere(content=("both:9", "photo:1")), True, id="in another post"),
    ],
)
def test_what_a_detector_alone_held_is_judged_afresh_under_its_id_once_it_changed(again: Remains, held: bool) -> None:
    """Nobody had decided anything; in another post it is a copy."""
    assert (buried(facts=FOUND).match(again) is not None) == held


def test_what_waits_for_a_person_counts_as_decided() -> None:
    """A mark on what a detector found outlives every change."""
    marked = replace(FOUND, rules=(f"{TOMBSTONE}h-1",))
    assert buried(facts=marked).match(replace(SHOWN, content=("photo:9",))) is not None


def test_content_that_was_replaced_holds_others_and_not_the_post_itself() -> None:
    """The post lives on, and its facts decide; what it showed may come elsewhere."""
    tombstones = Tombstones()
    tombstones.add(Cause.REPLACED, [(SHOWN, HELD)])
    assert tombstones.match(replace(OTHER, post="p1")) is None
    assert tombstones.match(elsewhere(content=("photo:1",))) is not None


def test_while_a_post_is_stored_its_own_tombstones_say_nothing() -> None:
    """What becomes of it is decided by its facts; those of others count."""
    assert buried().match(SHOWN, stored=True) is None
    assert buried().match(elsewhere(content=("photo:1",)), stored=True) is not None


def test_a_clearance_lifts_what_came_before_for_that_very_content(path: Path) -> None:
    """Not for other content, not for another id of a post that was held, and not for what is held later."""
    tombstones = buried(path)
    tombstones.add(Cause.DELETED, [(replace(WORDS, post="p9"), HELD)])
    copy = elsewhere(content=("photo:1",))
    tombstones.lift(copy, "m1")
    for known in (tombstones, Tombstones(path)):
        assert known.match(copy) is None
        assert known.match(replace(copy, post="p7")) is None
        assert known.match(replace(copy, whole="other")) is not None
        assert known.match(replace(copy, post="p9")) is not None
    tombstones.add(Cause.DELETED, [(copy, HELD)])
    assert Tombstones(path).match(copy) is not None


def test_a_clearance_lifts_the_hold_by_the_id_for_what_the_reviewer_saw(path: Path) -> None:
    """Posted again as it was cleared it is open; with anything else it waits."""
    buried(path).lift(SHOWN, "m1")
    assert Tombstones(path).match(SHOWN) is None
    assert Tombstones(path).match(replace(SHOWN, whole="other")) is not None


def test_a_clearance_of_what_nobody_held_is_not_written(path: Path) -> None:
    """Most clearances are of posts that the detector alone held."""
    Tombstones(path).lift(SHOWN, "m1")
    assert not path.exists()


def test_a_hold_that_is_undone_takes_its_tombstone_away_and_no_other(path: Path) -> None:
    """Two reviewers held it at two moments; one of them was wrong."""
    tombstones, moments = Tombstones(path), ["2030-05-01T10:00:00+00:00", "2030-05-01T11:00:00+00:00"]
    for at in moments:
        tombstones.add(Cause.HELD, [(SHOWN, Facts(Child.CHILD, Source.REVIEWER, by="m1", at=at))])
    for number, at in enumerate(moments):
        assert Tombstones(path).match(elsewhere(content=("photo:1", f"look:{LOOK:016x}"))) is not None, number
        tombstones.withdraw("p1", at)
    assert Tombstones(path).match(SHOWN) is None
    assert Tombstones(path).match(elsewhere(content=(f"look:{LOOK:016x}",))) is None


def test_what_is_remembered_is_not_written_twice(path: Path) -> None:
    """A post that is deleted and sent every night makes the file no longer."""
    for _ in range(3):
        buried(path)
    assert len(path.read_bytes().splitlines()) == 1


def test_neither_an_id_nor_a_word_stands_in_the_file(path: Path) -> None:
    """It tells nobody what was held."""
    remains = replace(SHOWN, post="anna-7-years")
    buried(path, remains, replace(HELD, rules=("copy-of:anna-6-years",)))
    assert b"anna" not in path.read_bytes()


@pytest.mark.parametrize("post", ["p\u2028", "p\u0085", "p\n", "p\ud800", "п"])
def test_an_id_may_hold_any_character(path: Path, post: str) -> None:
    """It is hashed; the chain stays whole."""
    buried(path, replace(SHOWN, post=post))
    assert Tombstones(path).match(replace(OTHER, post=post)) is not None
    soundness = Tombstones(path).soundness()
    assert soundness is not None
    assert soundness.breaks == ()


@pytest.mark.parametrize(
    ("damage", "left"),
    [
        pytest.param(lambda data: data + b'{"state": "held", "id"', 2, id="a torn last line"),
        pytest.param(lambda data: data + b'{"state": "held"}\n[1]\n{"state": "lifted"}\n', 2, id="lines of others"),
        pytest.param(lambda data: data.split(b"\n", 1)[1], 1, id="a line left out"),
    ],
)
def test_damage_hides_no_other_line(path: Path, damage: Callable[[bytes], bytes], left: int) -> None:
    """What can be read holds, and stops no start."""
    buried(path).add(Cause.DELETED, [(WORDS, HELD)])
    for file in (path, twin_file(path)):
        file.write_bytes(damage(file.read_bytes()))
    tombstones = Tombstones(path)
    assert len(tombstones) == left
    assert tombstones.match(WORDS) is not None


def test_tombstones_that_cannot_be_read_or_written_stop_what_needs_them(tmp_path: Path) -> None:
    """Nobody could tell what must not be shown; and what is not remembered is not deleted."""
    (tmp_path / "folder").mkdir()
    with pytest.raises(ComplianceError, match="what was held would be shown"):
        Tombstones(tmp_path / "folder")
    (tmp_path / "home").write_text("")
    tombstones = Tombstones(tmp_path / "home" / "tombstones.ndjson")
    with pytest.raises(RecordNotWritten, match="nothing was recorded"):
        tombstones.add(Cause.DELETED, [(SHOWN, HELD)])
    assert tombstones.match(SHOWN) is None
