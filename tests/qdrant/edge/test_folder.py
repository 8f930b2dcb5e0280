"""The embedded store's folder: one owner, nothing lost at closing, every damage told."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from qdrant.edge.folder import active_in
from qdrant.errors import StoreBusy, StoreDamaged, StoreError
from qdrant.open_store import open_folder
from qdrant.points import point_id
from qdrant.store import Search, Target
from qdrant.vector_kind import THETA
from tests.support.folders import copy_home
from tests.support.points import MODEL, TOPICS, ids, point, theta


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of forty posts, closed in order."""
    folder = tmp_path_factory.mktemp("made") / "store"
    store = open_folder(folder)
    store.add_vector(THETA.of(MODEL), TOPICS)
    store.activate(MODEL)
    store.upsert([point(f"p{n}", vectors={THETA.of(MODEL): theta(1.0)}, words={"sea": 1.0}) for n in range(40)])
    store.close()
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return copy_home(made, tmp_path / "store")


def shard(folder: Path) -> Path:
    (path,) = folder.glob("shard-*")
    return path


def segment(folder: Path) -> Path:
    (path,) = (shard(folder) / "segments").iterdir()
    return path


def kept(folder: Path) -> set[Path]:
    """All that lies there but for journals, which the engine opens and closes."""
    return {file for file in folder.rglob("*") if "journal" not in file.name}


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def zeroed(file: Path) -> None:
    size = file.stat().st_size
    file.write_bytes(b"")
    os.truncate(file, size)


def in_place_of_the_folder(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("mine")


def strangers(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "holiday.txt").write_text("mine")


DAMAGES: dict[str, Callable[[Path], object]] = {
    "a file in its place": in_place_of_the_folder,
    "a stranger's folder": strangers,
    "no record": lambda folder: (folder / "store.json").unlink(),
    "a garbled record": lambda folder: (folder / "store.json").write_text("{"),
    "an empty record": lambda folder: emptied(folder / "store.json"),
    "another format": lambda folder: (folder / "store.json").write_text('{"format": 99}'),
    "no list of files": lambda folder: (folder / "files.json").unlink(),
    "no shard": lambda folder: shutil.rmtree(shard(folder)),
    "no segments": lambda folder: shutil.rmtree(shard(folder) / "segments"),
    "a missing segment": lambda folder: shutil.rmtree(segment(folder)),
    "no journal": lambda folder: shutil.rmtree(shard(folder) / "wal"),
    "a cut journal": lambda folder: cut(shard(folder) / "wal" / "open-1"),
    "an empty configuration": lambda folder: emptied(shard(folder) / "edge_config.json"),
    "an empty segment configuration": lambda folder: emptied(segment(folder) / "segment.json"),
    "cut payloads": lambda folder: cut(segment(folder) / "payload_storage" / "page_0.dat"),
    "cut thetas": lambda folder: cut(next((segment(folder) / f"vector_storage-theta_{MODEL}").rglob("chunk_0.mmap"))),
    "cut ids": lambda folder: cut(segment(folder) / "mutable_id_tracker.mappings"),
    "thetas that are nothing but zeros": lambda folder: zeroed(
        segment(folder) / f"vector_storage-theta_{MODEL}" / "vectors" / "status.dat"
    ),
    "words that are nothing but zeros": lambda folder: zeroed(
        segment(folder) / "vector_storage-words" / "store" / "page_0.dat"
    ),
    "missing versions": lambda folder: (segment(folder) / "mutable_id_tracker.versions").unlink(),
}


def test_the_active_model_is_told_without_opening(tmp_path: Path) -> None:
    """Nothing is told of a store that is not there, and one that is damaged is refused."""
    assert active_in(tmp_path / "store") is None
    with closing(open_folder(tmp_path / "store")) as store:
        store.add_vector(THETA.of("m1"), 3)
        store.activate("m1")
        assert active_in(tmp_path / "store") == "m1"
    (tmp_path / "store" / "store.json").write_text("{")
    with pytest.raises(StoreDamaged, match="restore"):
        active_in(tmp_path / "store")


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_folder_is_refused_and_left_alone(folder: Path, damage: str) -> None:
    """Never a silent empty store, never a crash: the sentence names the path and how to restore it."""
    DAMAGES[damage](folder)
    before = kept(folder)
    with pytest.raises(StoreDamaged, match=r"store.*(restore it with `photosense restore|other|wrote it)"):
        open_folder(folder)
    assert kept(folder) == before


@pytest.mark.parametrize("damage", [None, "a missing segment", "cut payloads", "cut thetas", "cut ids", "no record"])
def test_after_a_crash_what_only_grows_is_checked_as_well(folder: Path, tmp_path: Path, damage: str | None) -> None:
    """A folder whose owner died opens; one that was then cut does not."""
    store = open_folder(folder)
    store.upsert([point("late", vectors={THETA.of(MODEL): theta(1.0)})])
    died = tmp_path / "died" / "store"
    shutil.copytree(folder, died)
    store.close()
    if damage is None:
        again = open_folder(died)
        assert again.count() == 41
        again.close()
    else:
        DAMAGES[damage](died)
        with pytest.raises(StoreDamaged, match="restore"):
            open_folder(died)


def test_what_was_acknowledged_is_there_after_reopening(folder: Path) -> None:
    """Points, models, the active model and the fields to filter by survive closing."""
    store = open_folder(folder)
    store.upsert([point("last", attrs={"place": "Ural"})])
    store.close()
    again = open_folder(folder)
    assert (again.active, again.count()) == (MODEL, 41)
    assert len(again.candidates(Search(50, near={THETA: Target(theta(1.0))})).hits[THETA]) == 40
    assert again.info().attrs == {"place": ["word"]}
    again.close()


@pytest.fixture
def half_switched(folder: Path, tmp_path: Path) -> Path:
    """A store whose process was killed after the record named the model m2, and before the old thetas went."""
    store = open_folder(folder)
    store.add_vector(THETA.of("m2"), 3)
    shutil.copytree(folder, tmp_path / "died" / "store")
    store.activate("m2")
    shutil.copy(folder / "store.json", tmp_path / "died" / "store" / "store.json")
    store.close()
    return tmp_path / "died" / "store"


def test_a_switch_that_was_cut_short_leaves_no_thetas_for_a_later_model(half_switched: Path) -> None:
    """Killed after the record changed and before the old thetas went: a model that comes back starts empty."""
    again = open_folder(half_switched)
    assert again.active == "m2"
    again.add_vector(THETA.of(MODEL), TOPICS)
    again.activate(MODEL)
    assert again.candidates(Search(5, near={THETA: Target(theta(1.0))})).hits[THETA] == []
    again.close()


def test_after_such_a_switch_the_store_can_be_compacted(half_switched: Path) -> None:
    """Vectors that nobody knows any more are not copied."""
    again = open_folder(half_switched)
    again.optimize()
    assert (again.count(), again.info().sizes(THETA)) == (40, {"m2": 3})
    again.close()


def test_a_store_that_cannot_be_closed_in_order_is_let_go_all_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next owner is not kept out by a process that gave up."""
    store = open_folder(folder)
    with monkeypatch.context() as broken:
        broken.setattr("qdrant.edge.folder.sizes", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            store.close()
    again = open_folder(folder)
    assert again.count() == 40
    again.close()


def test_a_closed_store_says_so(folder: Path) -> None:
    """Whoever asks too late is told what to do."""
    store = open_folder(folder)
    store.close()
    with pytest.raises(StoreError, match="The store is closed"):
        store.count()


def test_files_of_others_in_the_shard_do_no_harm(folder: Path) -> None:
    """A folder that a file manager left its marks in opens all the same."""
    (folder / ".DS_Store").write_bytes(b"\0")
    (shard(folder) / "Thumbs.db").write_bytes(b"\0")
    store = open_folder(folder)
    assert store.count() == 40
    store.close()


def test_a_second_opener_is_told_who_owns_it(folder: Path) -> None:
    """One process owns the folder; the sentence names it and the way out, and the owner goes on."""
    store = open_folder(folder)
    with pytest.raises(StoreBusy, match=rf"in use by process {os.getpid()}.*wait until it is done"):
        open_folder(folder)
    store.upsert([point("a")])
    store.close()


def test_the_folder_is_free_again_when_its_owner_died(folder: Path) -> None:
    """A lock that outlives its process would keep everybody out."""
    script = (
        "import os, pathlib, sys\n"
        "from qdrant.open_store import open_folder\n"
        "store = open_folder(pathlib.Path(sys.argv[1]))\n"
        "os._exit(7)\n"
    )
    assert subprocess.run([sys.executable, "-c", script, str(folder)], check=False).returncode == 7
    store = open_folder(folder)
    assert store.count() == 40
    store.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
def test_a_folder_of_somebody_else_is_refused(folder: Path) -> None:
    """The sentence names the folder; nothing of it is changed."""
    for path in (folder, folder.parent, *folder.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    script = (
        "import os, pathlib\n"
        "from qdrant.errors import StoreError\n"
        "from qdrant.open_store import open_folder\n"
        "import qdrant.edge.engine\n"
        "os.setgid(65534); os.setuid(65534)\n"
        "try:\n"
        f"    open_folder(pathlib.Path({str(folder)!r}))\n"
        "except StoreError as error:\n"
        "    print(type(error).__name__, error)\n"
    )
    output = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert output.startswith("StoreDown")
    assert str(folder.parent) in output


def test_a_place_that_cannot_be_one_is_named(tmp_path: Path) -> None:
    """A folder below a file can never be made."""
    (tmp_path / "file").write_text("mine")
    with pytest.raises(StoreError, match="Give a writable folder"):
        open_folder(tmp_path / "file" / "store")


class TestCompaction:
    def test_nothing_is_left_on_disk_of_what_was_deleted(self, tmp_path: Path) -> None:
        """Neither its words nor its id, its theta or its caption, in any file; what stays is whole."""
        store = open_folder(tmp_path / "store")
        store.add_vector(THETA.of(MODEL), TOPICS)
        store.activate(MODEL)
        rare = theta(0.123456789, 0.876543211)
        secret = point(
            "gone", post={"captions": [{"text": "Xq7#kk!secretive-caption"}]}, vectors={THETA.of(MODEL): rare}
        )
        store.upsert(
            [secret, *(point(f"p{n}", vectors={THETA.of(MODEL): theta(1.0)}, words={"sea": 1.0}) for n in range(700))]
        )
        traces = [b"Xq7#kk!secretive-caption", rare[:2].tobytes(), _key("gone")]
        assert all(_holding(tmp_path / "store", trace) for trace in traces), "the test must be able to see them"
        store.delete(["gone"])
        store.optimize()
        assert [_holding(tmp_path / "store", trace) for trace in traces] == [[], [], []]
        assert store.count() == 700
        assert (
            len(ids(store.candidates(Search(800, near={THETA: Target(theta(1.0))}, words={"sea": 1.0})).words)) == 700
        )
        assert store.upsert([point("later")]) == ["stored"]
        store.close()
        again = open_folder(tmp_path / "store")
        assert again.count() == 701
        again.close()

    def test_words_of_deleted_posts_count_no_more(self, tmp_path: Path) -> None:
        """After a compaction a word is as rare as it is among the posts that are left."""
        store = open_folder(tmp_path / "store")
        store.upsert([point(f"p{n}", words={"sea": 1.0, f"own{n}": 1.0}) for n in range(20)])
        store.delete([f"p{n}" for n in range(10)])
        store.optimize()
        left = store.candidates(Search(20, words={"sea": 1.0})).words[0].score
        fresh = open_folder(tmp_path / "fresh")
        fresh.upsert([point(f"p{n}", words={"sea": 1.0, f"own{n}": 1.0}) for n in range(10, 20)])
        assert left == pytest.approx(fresh.candidates(Search(20, words={"sea": 1.0})).words[0].score)
        store.close()
        fresh.close()

    def test_one_that_was_cut_short_is_as_if_it_never_began(self, folder: Path) -> None:
        """The copy in the making is cleared away; the old one is whole."""
        shutil.copytree(shard(folder), folder / "shard-2")
        (folder / "shard-2" / "edge_config.json").unlink()
        store = open_folder(folder)
        assert store.count() == 40
        assert [path.name for path in folder.glob("shard-*")] == ["shard-1"]
        store.close()


def _key(post: str) -> bytes:
    return point_id(post).bytes


def _holding(folder: Path, trace: bytes) -> list[str]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    return [file.name for file in files if trace in file.read_bytes() or trace[::-1] in file.read_bytes()]


@pytest.mark.parametrize(
    "name", ["payload_storage/page_0.dat", "words/store/page_0.dat", "chunk_0.mmap", "vis-map/page_0.dat"]
)
def test_a_file_that_rotted_is_refused(folder: Path, name: str) -> None:
    """One bit in payloads, words, thetas or an index of fields: the engine would believe it."""
    file = next(file for file in sorted(shard(folder).rglob("*")) if str(file).endswith(name))
    held = bytearray(file.read_bytes())
    at = next(number for number, byte in enumerate(held) if byte)
    held[at] ^= 16
    file.write_bytes(held)
    with pytest.raises(StoreDamaged, match=rf"{file.name} is not what was left.*restore it with"):
        open_folder(folder)


def test_a_copy_with_other_holes_is_the_same(folder: Path, tmp_path: Path) -> None:
    """Files that were copied without their holes, or with more of them, hold what they held."""
    dense = tmp_path / "dense" / "store"
    for file in folder.rglob("*"):
        if file.is_file():
            (dense / file.relative_to(folder)).parent.mkdir(parents=True, exist_ok=True)
            (dense / file.relative_to(folder)).write_bytes(file.read_bytes())
    with closing(open_folder(dense)) as store:
        assert store.count() == 40


def test_a_letter_of_what_a_store_says_of_itself_is_missed(folder: Path) -> None:
    """Another model would be searched, or a field forgotten."""
    record = folder / "store.json"
    record.write_text(record.read_text().replace('"size": 6', '"size": 7'))
    with pytest.raises(StoreDamaged, match=r"store\.json is missing or damaged"):
        open_folder(folder)
