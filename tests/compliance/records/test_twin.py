"""The twin of a register: rot in one file is mended by the other, and what two agree on is not."""

from pathlib import Path

import pytest

from compliance.records.chain import Chain, head_file, twin_file, verify
from compliance.records.takedown_register import Takedowns, post_mark
from compliance.records.twin import mend


@pytest.fixture
def register(tmp_path: Path) -> Path:
    """A register of three takedowns."""
    path = tmp_path / "takedowns.ndjson"
    takedowns = Takedowns(path)
    for number in range(3):
        takedowns.finish(takedowns.begin("m1", "order", {post_mark(f"p{number}")}, 1).id)
    return path


def flipped(file: Path, place: int) -> None:
    content = bytearray(file.read_bytes())
    content[place] ^= 4
    file.write_bytes(content)


@pytest.mark.parametrize("place", [0, 60, -1, -30, None])
def test_a_register_that_rotted_is_mended(register: Path, place: int | None) -> None:
    """Anywhere, also in its last line, or was lost: what was taken down stays so."""
    whole = register.read_bytes()
    if place is None:
        register.unlink()
    else:
        flipped(register, place)
    assert all(Takedowns(register).match(f"p{number}", None, None, None) for number in range(3))
    assert register.read_bytes() == whole
    assert verify(register).breaks == ()


def test_a_register_whose_first_line_and_last_letter_rotted_is_mended(tmp_path: Path) -> None:
    """Such a file of two looks like one of before the chain, whose last line is torn: it once took its twin along."""
    register = tmp_path / "takedowns.ndjson"
    takedowns = Takedowns(register)
    takedowns.finish(takedowns.begin("m1", "order", {post_mark("p0")}, 1).id)
    whole = register.read_bytes()
    first = whole.index(b"\n")
    register.write_bytes(b"?" * first + whole[first : first + 1] + whole[first + 1 : -1] + b"?")
    Takedowns(register)
    assert register.read_bytes() == twin_file(register).read_bytes() == whole


def test_a_twin_or_a_head_that_rotted_is_made_anew(register: Path) -> None:
    """The register is whole, and goes on."""
    whole = twin_file(register).read_bytes()
    assert whole == register.read_bytes()
    kept = head_file(register).read_bytes()
    flipped(twin_file(register), 50)
    Takedowns(register)
    Takedowns(register)
    assert head_file(register).read_bytes() == kept
    assert twin_file(register).read_bytes() == whole
    head = head_file(register).read_text()
    head_file(register).write_text(head.replace('"hash": "', '"hash": "0'))
    Takedowns(register).begin("m1", "order", {post_mark("p9")}, 0)
    assert verify(register).breaks == ()
    assert register.read_bytes().startswith(whole)


def test_a_register_of_before_gets_its_twin(register: Path) -> None:
    """At the next start, and after lines that it missed."""
    twin_file(register).unlink()
    Chain(register).append({"state": "done", "id": "nobody"})
    mend(register)
    assert twin_file(register).read_bytes() == register.read_bytes()


def test_what_both_lost_is_told_and_not_hidden(register: Path) -> None:
    """Lines that the head remembers, and no file has."""
    for file in (register, twin_file(register)):
        file.write_bytes(file.read_bytes().split(b"\n")[0] + b"\n")
    mend(register)
    assert "can no longer be found" in verify(register).breaks[0]
    for file in (register, twin_file(register)):
        flipped(file, 5)
    before = register.read_bytes()
    mend(register)
    assert register.read_bytes() == before
