"""Owners in processes of their own: started when they are needed, once, and again after a kill."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from qdrant.engine.store import EngineStore
from qdrant.errors import StoreDamaged, StoreError
from qdrant.filters import any_of
from qdrant.open_store import open_folder, open_shared
from qdrant.store import Search
from tests.support.points import ids, point


def owner_of(folder: Path) -> int:
    """The process that has a store open."""
    return int((folder.parent / f"{folder.name}.lock").read_text().split()[0])


def is_closed(folder: Path) -> bool:
    """Whether a store was closed in order."""
    return json.loads((folder / "files.json").read_text())["held"] is not None


def together(*work: Callable[[], object]) -> None:
    """Do things at the same time, to their end."""
    threads = [threading.Thread(target=one) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_one_process_owns_it_for_all(tmp_path: Path) -> None:
    """Several who come at once find one owner, see what each other writes, and the last one closes the store."""
    folder, stores = tmp_path / "store", list[EngineStore]()
    together(*[lambda: stores.append(open_shared(folder, apart=True))] * 3)
    first, second, third = stores
    assert owner_of(folder) != os.getpid()
    first.upsert([point("p", words={"sea": 1.0})])
    assert second.count() == 1
    assert ids(third.candidates(Search(5, words={"sea": 1.0})).words) == ["p"]
    first.close()
    second.close()
    assert not is_closed(folder)
    third.close()
    assert is_closed(folder)
    with closing(open_folder(folder)) as alone:
        assert alone.count() == 1


def test_a_killed_owner_comes_back(tmp_path: Path) -> None:
    """Kill -9 in the middle of a bulk: nothing that was acknowledged is lost, nothing is doubled, nobody fails."""
    folder, acknowledged, failures = tmp_path / "store", list[str](), list[str]()
    writer, reader = open_shared(folder, apart=True), open_shared(folder, apart=True)
    over = threading.Event()

    def write() -> None:
        for batch in range(60):
            posts = [f"p{batch}-{number}" for number in range(20)]
            try:
                writer.upsert([point(post, words={"sea": 1.0}) for post in posts])
            except StoreError as error:
                failures.append(str(error))
            acknowledged.extend(posts)
        over.set()

    def read() -> None:
        while not over.is_set():
            try:
                assert len(reader.candidates(Search(5, words={"sea": 1.0})).words) <= 5
            except StoreError as error:
                failures.append(str(error))

    def kill() -> None:
        for _ in range(3):
            before = len(acknowledged)
            while len(acknowledged) < before + 100 and not over.is_set():
                time.sleep(0.005)
            os.kill(owner_of(folder), signal.SIGKILL)

    together(write, read, kill)
    assert failures == []
    with closing(reader):
        stored = [one.id for one in reader.scroll(any_of("vis", ["open"]))]
    writer.close()
    assert sorted(stored) == sorted(acknowledged)


def test_what_is_wrong_with_a_store_travels(tmp_path: Path) -> None:
    """The sentence of the process that could not open it is that of whoever asked for it."""
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "holiday.txt").write_text("mine")
    with pytest.raises(StoreDamaged, match=r"is no photosense store \(store.json is missing"):
        open_shared(tmp_path / "store", apart=True)


def test_who_finds_it_free_owns_it_for_the_others(tmp_path: Path) -> None:
    """Without a process for it: who opens it first answers the second, and the second goes on by itself after."""
    folder = tmp_path / "store"
    first = open_shared(folder)
    second = open_shared(folder)
    first.upsert([point("p")])
    assert owner_of(folder) == os.getpid()
    assert second.count() == 1
    first.close()
    assert second.count() == 1
    assert owner_of(folder) != os.getpid()
    second.close()
