"""Files and folders are put in place whole, or not at all."""

import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from common.files import new_file, new_folder, write_file

ROOT = Path(__file__).parents[2]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def break_off(file: Path) -> NoReturn:
    file.write_text("ne")
    raise RuntimeError("midway")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("content", ["слово", "слово".encode()], ids=["text", "bytes"])
def test_file_holds_what_was_written(tmp_path: Path, content: str | bytes) -> None:
    """A text as UTF-8, bytes as they are, and nothing lies beside it."""
    write_file(tmp_path / "words", content)
    assert (tmp_path / "words").read_text("utf-8") == "слово"
    assert names(tmp_path) == ["words"]


def test_file_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    """Until the new one is whole, readers have the old one."""
    file = tmp_path / "words"
    write_file(file, "old")
    with new_file(file) as aside:
        aside.write_text("new")
        assert file.read_text() == "old"
    assert file.read_text() == "new"


def test_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    """Half a file is nobody's, and nothing lies about."""
    file = tmp_path / "words"
    write_file(file, "old")
    with pytest.raises(RuntimeError, match="midway"), new_file(file) as aside:
        break_off(aside)
    assert file.read_text() == "old"
    assert names(tmp_path) == ["words"]


def test_failed_write_of_the_first_file_leaves_none(tmp_path: Path) -> None:
    """A text that cannot be encoded is refused before anything is begun."""
    with pytest.raises(UnicodeEncodeError):
        write_file(tmp_path / "words", "\ud800")
    assert names(tmp_path) == []


def test_file_that_cannot_be_replaced_is_refused(tmp_path: Path) -> None:
    """Where a folder stands no file is put, and nothing lies about."""
    (tmp_path / "words").mkdir()
    with pytest.raises(IsADirectoryError):
        write_file(tmp_path / "words", "new")
    assert names(tmp_path) == ["words"]


def test_no_folder_is_made_for_a_file(tmp_path: Path) -> None:
    """A slip in the name of a folder is told, not followed."""
    with pytest.raises(FileNotFoundError):
        write_file(tmp_path / "wrods" / "words", "new")


def test_rights_are_those_that_a_file_had_or_the_usual_ones(tmp_path: Path) -> None:
    """A new file may be read as any other; one that was private stays private."""
    file, plain = tmp_path / "key", tmp_path / "plain"
    plain.touch()
    write_file(file, "one")
    assert mode(file) == mode(plain)
    file.chmod(0o600)
    write_file(file, "two")
    assert mode(file) == 0o600


def test_link_stays_a_link(tmp_path: Path) -> None:
    """What it leads to is replaced: a home may lie on another disk."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "home").symlink_to("disk")
    (tmp_path / "disk" / "old").touch()
    (tmp_path / "words").symlink_to("disk/words")
    with new_folder(tmp_path / "home") as aside:
        (aside / "new").touch()
    write_file(tmp_path / "words", "new")
    assert names(tmp_path / "disk") == ["new", "words"]
    assert (tmp_path / "home").is_symlink()
    assert (tmp_path / "words").is_symlink()


@pytest.mark.parametrize("old", [True, False], ids=["over an old one", "where none was"])
def test_folder_appears_when_it_is_whole(tmp_path: Path, old: bool) -> None:
    """With all that was put into it, in place of the old one with all of that."""
    folder = tmp_path / "model"
    if old:
        (folder / "deep").mkdir(parents=True)
        (folder / "deep" / "phi").write_text("old")
    with new_folder(folder) as aside:
        (aside / "deep").mkdir()
        (aside / "deep" / "theta").write_text("new")
        assert folder.exists() == old
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")} == {
        "model",
        "model/deep",
        "model/deep/theta",
    }


def test_failed_folder_leaves_the_old_one(tmp_path: Path) -> None:
    """Whatever was put into the new one by then is gone."""
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "phi").write_text("old")
    with pytest.raises(RuntimeError, match="midway"), new_folder(folder) as aside:
        break_off(aside / "phi")
    assert (folder / "phi").read_text() == "old"
    assert names(tmp_path) == ["model"]


def test_folder_that_went_missing_leaves_the_old_one(tmp_path: Path) -> None:
    """The old one comes back to its place where the new one cannot be put there."""
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "phi").write_text("old")
    with pytest.raises(OSError, match="No such file"), new_folder(folder) as aside:
        aside.rmdir()
    assert (folder / "phi").read_text() == "old"
    assert names(tmp_path) == ["model"]


def test_a_folder_in_the_making_takes_files_and_folders_of_the_same_kind(tmp_path: Path) -> None:
    """Whoever fills it may put things in place as anywhere else."""
    with new_folder(tmp_path / "backup") as backup:
        write_file(backup / "about", "whole")
        with new_folder(backup / "store") as store:
            write_file(store / "about", "whole")
    assert names(tmp_path / "backup") == ["about", "store"]
    assert names(tmp_path / "backup" / "store") == ["about"]


def test_what_is_no_file_is_written_to() -> None:
    """A report may go to /dev/stdout, or into a pipe; neither is replaced."""
    script = "from pathlib import Path; from common.files import write_file; write_file(Path('/dev/stdout'), 'told')"
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=True, timeout=30)
    assert run.stdout == b"told"


@pytest.mark.parametrize("writer_name", ["new_file", "new_folder"])
def test_what_a_killed_writer_left_goes_with_the_next_write(tmp_path: Path, writer_name: str) -> None:
    """The old one stands all the time, and a writer that lives is left alone."""
    target = tmp_path / "target"
    script = f"""
import sys, time
from pathlib import Path
from common.files import {writer_name}
with {writer_name}(Path(sys.argv[1])) as aside:
    print("begun", flush=True)
    time.sleep(60)
"""
    command = [sys.executable, "-c", script, str(target)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "begun\n"
        write_file(tmp_path / "other", "while it lives")
        assert len(names(tmp_path)) == 2
        writer.send_signal(signal.SIGKILL)
    write_file(tmp_path / "other", "when it is dead")
    assert names(tmp_path) == ["other"]
