"""Backups: whole or not at all, and verified before anything is restored."""

import json
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from qdrant.edge.backup import restore
from qdrant.edge.files import checksum
from qdrant.errors import BackupRefused, StoreDown, StoreFull
from qdrant.open_store import open_folder
from qdrant.store import Search, Store, Target
from qdrant.vector_kind import THETA
from tests.support.folders import copy_home
from tests.support.points import MODEL, TOPICS, ids, point, theta


def filled(folder: Path) -> Store:
    opened = open_folder(folder)
    opened.add_vector(THETA.of(MODEL), TOPICS)
    opened.activate(MODEL)
    opened.upsert([point(f"p{n}", vectors={THETA.of(MODEL): theta(1.0)}, attrs={"n": n}) for n in range(30)])
    return opened


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(filled(tmp_path / "store")) as opened:
        yield opened


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store, and beside it its backup, to be copied."""
    folder = tmp_path_factory.mktemp("whole")
    with closing(filled(folder / "store")) as opened:
        opened.backup(folder / "saved")
    return folder


def test_a_restored_store_is_the_one_that_was_saved(store: Store, tmp_path: Path) -> None:
    """What came after the backup is not in it; the store it was taken of goes on."""
    saved = store.backup(tmp_path / "saved")
    store.upsert([point("later")])
    assert (saved.posts, store.count()) == (30, 31)
    assert 0 < saved.bytes < 8 * 2**20  # what the engine preallocates is zeros, which nobody has to keep
    restored = restore(tmp_path / "saved", tmp_path / "again" / "store")
    assert restored.posts == 30
    again = open_folder(tmp_path / "again" / "store")
    assert (again.count(), again.active, again.info().attrs) == (30, MODEL, {"n": ["number", "word"]})
    assert len(ids(again.candidates(Search(50, near={THETA: Target(theta(1.0))})).hits[THETA])) == 30
    again.close()


def test_a_backup_of_before_is_restored_and_its_zeros_count(whole: Path, tmp_path: Path) -> None:
    """Its manifest does not say what its checksums are of: every byte."""
    saved = copy_home(whole / "saved", tmp_path / "saved")
    manifest = json.loads((saved / "manifest.json").read_bytes())
    del manifest["sums"]
    manifest["files"] = {
        name: [size, checksum(saved / "store" / name)] for name, (size, _) in manifest["files"].items()
    }
    (saved / "manifest.json").write_text(json.dumps(manifest))
    assert restore(saved, tmp_path / "again").posts == 30
    with closing(open_folder(tmp_path / "again")) as again:
        assert again.count() == 30
    victim = next(saved.rglob("page_0.dat"))
    with victim.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"x")
    with pytest.raises(BackupRefused, match="page_0"):
        restore(saved, tmp_path / "third")


def test_nothing_is_replaced(store: Store, tmp_path: Path) -> None:
    """Neither a folder that exists by a backup, nor a store by a restore."""
    store.backup(tmp_path / "saved")
    with pytest.raises(BackupRefused, match="exists already"):
        store.backup(tmp_path / "saved")
    with pytest.raises(BackupRefused, match="move it away first"):
        restore(tmp_path / "saved", tmp_path / "store")


@pytest.mark.parametrize("harm", ["changed", "missing", "cut", "no manifest", "garbled manifest", "no backup"])
def test_a_damaged_backup_is_refused(whole: Path, tmp_path: Path, harm: str) -> None:
    """Before anything is put in place; the sentence names the backup."""
    saved = copy_home(whole / "saved", tmp_path / "saved")
    victim = next(saved.rglob("page_0.dat"))
    match harm:
        case "changed":
            with victim.open("r+b") as file:
                file.seek(100)
                file.write(b"other")
        case "missing":
            victim.unlink()
        case "cut":
            victim.write_bytes(b"short")
        case "no manifest":
            (saved / "manifest.json").unlink()
        case "garbled manifest":
            (saved / "manifest.json").write_text('{"posts": "many", "files": []}')
        case "no backup":
            saved = whole / "store"
    with pytest.raises(BackupRefused, match=str(saved)):
        restore(saved, tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_a_full_disk_is_told_before_anything_is_copied(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a backup nor a restore begins when it cannot end."""
    saved = store.backup(tmp_path / "saved").folder
    monkeypatch.setattr("qdrant.edge.folder.RESERVE", 2**62)
    with pytest.raises(StoreFull):
        store.backup(tmp_path / "second")
    with pytest.raises(StoreFull):
        restore(saved, tmp_path / "again")
    there = ["saved", "store", "store.compaction", "store.lock", "store.turn"]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == there


def test_a_place_that_cannot_be_written_is_named(store: Store, tmp_path: Path) -> None:
    """The sentence says which."""
    (tmp_path / "file").write_text("mine")
    with pytest.raises(StoreDown, match="file"):
        store.backup(tmp_path / "file" / "saved")
