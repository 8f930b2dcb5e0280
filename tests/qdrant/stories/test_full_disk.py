"""On a small disk of its own: a full one refuses writes, and nothing worse."""

import contextlib
import itertools
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from qdrant.errors import StoreFull
from qdrant.open_store import open_folder
from qdrant.store import Search, Standing, Store, Target
from qdrant.vector_kind import THETA
from tests.support.points import MODEL, TOPICS, ids, point, theta

SIZE = 700  # MB, of which 256 stay free


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system in memory, where one may be mounted."""
    mount = tmp_path / "disk"
    mount.mkdir()
    mounted = os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "tmpfs", str(mount)], capture_output=True, check=False
    )
    if not mounted or mounted.returncode:
        pytest.skip("NO MOUNT: only root may mount the small disk that this fills")
    yield mount
    subprocess.run(["umount", str(mount)], check=True)


def test_a_full_disk_refuses_writes_and_goes_on_when_there_is_room(disk: Path) -> None:
    """The process lives, reads go on, writes and new models are refused with a sentence; then work resumes."""
    store = open_folder(disk / "store")
    store.add_vector(THETA.of(MODEL), TOPICS)
    store.activate(MODEL)
    store.upsert([point("before", vectors={THETA.of(MODEL): theta(1.0)}, words={"sea": 1.0})])
    with (disk / "filler").open("wb") as filler:
        while os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize > 200 * 2**20:
            filler.write(b"x" * 2**20)
            filler.flush()
    for write in (
        lambda: store.upsert([point("during")]),
        lambda: store.add_vector(THETA.of("m2"), 3),
        lambda: store.put_vectors(THETA.of(MODEL), [("before", theta(0.0, 1.0))]),
        store.optimize,
        lambda: store.backup(disk / "saved"),
    ):
        with pytest.raises(StoreFull, match=f"at {disk}.*free some space"):
            write()
    assert ids(store.candidates(Search(5, near={THETA: Target(theta(1.0))}, words={"sea": 1.0})).words) == ["before"]
    assert store.delete(["nothing"]) == [False]
    (disk / "filler").unlink()
    assert store.upsert([point("after")]) == ["stored"]
    assert {post.id for post in store.scroll()} == {"before", "after"}
    store.close()
    again = open_folder(disk / "store")
    assert again.count() == 2
    again.close()


def test_even_the_last_block_does_not_kill_the_process(disk: Path) -> None:
    """What takes no room may go into the reserve, but not to its end; reading goes on all the same."""
    store = open_folder(disk / "store")
    store.upsert([point("before", words={"sea": 1.0})])
    with contextlib.suppress(OSError), (disk / "filler").open("wb", buffering=0) as filler:
        while True:
            filler.write(b"x" * 2**16)
    for write in (lambda: store.delete(["before"]), lambda: store.set_facts({"before": Standing("held", "child", {})})):
        with pytest.raises(StoreFull):
            write()
    assert ids(store.candidates(Search(5, words={"sea": 1.0})).words) == ["before"]
    (disk / "filler").unlink()
    assert store.delete(["before"]) == [True]
    store.close()


def test_writing_until_the_disk_is_full_ends_in_a_sentence(disk: Path) -> None:
    """Long captions, batch after batch, until no more fit: what was acknowledged is all there."""
    store = open_folder(disk / "store")
    acknowledged = fill(store)
    assert acknowledged > 500
    assert store.count() == acknowledged
    store.close()
    again = open_folder(disk / "store")
    assert again.count() == acknowledged
    again.close()


def fill(store: Store) -> int:
    """Write a hundred posts at a time, and say how many were taken before the store was full."""
    for batch in itertools.count():
        texts = [os.urandom(10_000).hex() for _ in range(100)]
        try:
            store.upsert(
                [point(f"{batch}-{number}", post={"captions": [{"text": text}]}) for number, text in enumerate(texts)]
            )
        except StoreFull:
            return 100 * batch
    raise AssertionError("endless")


def test_a_batch_that_would_not_fit_is_refused_before_it_begins(disk: Path) -> None:
    """Its size is known beforehand: no half of it is written."""
    store = open_folder(disk / "store")
    text = os.urandom(1_000_000).hex()
    with pytest.raises(StoreFull, match="are needed"):
        store.upsert([point(f"p{number}", post={"captions": [{"text": text}]}) for number in range(120)])
    assert store.count() == 0
    store.close()
