"""Opening ideas: what was worked out is kept, and never believed when it is of something else."""

from pathlib import Path

import pytest

from topic_model.ideas.ideas import Ideas, index_of
from topic_model.ideas.open_ideas import FILE, open_ideas
from topic_model.ideas.read_ideas import read_ideas, shipped_sources


def plain(ideas: Ideas) -> list[object]:
    return [(idea.name, idea.words, idea.forms, idea.slips) for idea in ideas.all]


NOWHERE = Path("/dev/null/bytecode")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    open_ideas(folder, NOWHERE)
    return folder


def test_what_is_kept_is_what_was_worked_out(kept: Path) -> None:
    """The second start reads the same ideas, and writes nothing."""
    written = (kept / FILE).stat().st_mtime_ns
    ideas = read_ideas(shipped_sources())
    worked_out = plain(Ideas(ideas, index_of(ideas)))
    assert plain(open_ideas(kept, NOWHERE)) == plain(open_ideas()) == worked_out
    assert (kept / FILE).stat().st_mtime_ns == written


def test_what_is_kept_beside_the_bytecode_serves_every_home(kept: Path, tmp_path: Path) -> None:
    """A new home need not work out what the first one did, and holds no copy of it."""
    bytecode, home = tmp_path / "bytecode", tmp_path / "home"
    bytecode.mkdir()
    home.mkdir()
    open_ideas(home, bytecode)
    assert (bytecode / FILE).read_bytes() == (kept / FILE).read_bytes()
    assert open_ideas(home, bytecode).all
    assert not list(home.iterdir())


@pytest.mark.parametrize("damage", [b"[]", b'{"digest": "of other ideas", "ideas": []}'])
def test_what_is_damaged_or_of_other_ideas_is_worked_out_anew(kept: Path, tmp_path: Path, damage: bytes) -> None:
    """Nobody has to delete a file after an update."""
    (tmp_path / FILE).write_bytes(damage)
    assert len(open_ideas(tmp_path, NOWHERE).all) == len(open_ideas(kept, NOWHERE).all)
    assert (tmp_path / FILE).read_bytes() == (kept / FILE).read_bytes()


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """Ideas work without a home."""
    assert open_ideas(tmp_path / "gone", NOWHERE).all
    assert not (tmp_path / "gone").exists()
