"""What takes long goes on beside those who search."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from qdrant.edge.backup import restore
from qdrant.edge.engine import EdgeEngine
from qdrant.engine.about import About
from qdrant.engine.store import EngineStore
from qdrant.errors import BackupRefused, ModelMissing
from qdrant.open_store import open_folder, open_shared
from qdrant.owner import engine as owned
from qdrant.owner.door import Door, receive, send
from qdrant.owner.engine import OwnedEngine
from qdrant.store import Search, Target
from qdrant.vector_kind import THETA
from tests.support.points import MODEL, TOPICS, ids, point, theta

SEA = Search(50, words={"sea": 1.0})


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[tuple[EngineStore, EngineStore]]:
    """Its owner, and another one who uses it."""
    with closing(open_shared(tmp_path / "store")) as owner, closing(open_shared(tmp_path / "store")) as other:
        other.add_vector(THETA.of(MODEL), TOPICS)
        other.activate(MODEL)
        given = {"vectors": {THETA.of(MODEL): theta(1.0)}, "words": {"sea": 1.0}}
        other.upsert([point(f"p{number}", **given) for number in range(40)])
        other.delete([f"p{number}" for number in range(0, 40, 2)])
        yield owner, other


def while_searched(store: EngineStore, work: Callable[[], object]) -> list[set[str]]:
    """What searches found while something else was done."""
    found, over = list[set[str]](), threading.Event()

    def search() -> None:
        while not over.is_set():
            found.append(set(ids(store.candidates(SEA).words)))

    thread = threading.Thread(target=search)
    thread.start()
    work()
    over.set()
    thread.join()
    return found


@pytest.mark.parametrize("who", [0, 1])
def test_compacting_stops_nobody(stores: tuple[EngineStore, EngineStore], who: int) -> None:
    """Each search finds the same posts before, while and after the shards change places, whoever compacts."""
    left = {f"p{number}" for number in range(1, 40, 2)}
    found = while_searched(stores[1 - who], stores[who].optimize)
    assert {frozenset(one) for one in found} == {frozenset(left)}
    for store in stores:
        store.upsert([point("later", words={"sea": 1.0}, version=1)])
        assert set(ids(store.candidates(SEA).words)) == left | {"later"}


def test_a_backup_is_made_beside_the_owner(stores: tuple[EngineStore, EngineStore], tmp_path: Path) -> None:
    """It is whole, as one of a store that was closed, though the store goes on being written to."""
    owner, other = stores
    other.backup(tmp_path / "saved")
    owner.upsert([point("later")])
    restore(tmp_path / "saved", tmp_path / "again")
    with closing(open_folder(tmp_path / "again")) as again:
        assert again.count() == 20
        assert len(again.candidates(SEA).words) == 20
    with pytest.raises(BackupRefused):
        other.backup(tmp_path / "saved")


def test_who_still_asks_for_the_old_model_is_told(stores: tuple[EngineStore, EngineStore]) -> None:
    """What one puts in place is in place for the other with its next answer."""
    owner, other = stores
    owner.add_vector(THETA.of("m2"), TOPICS)
    owner.activate("m2")
    with pytest.raises(ModelMissing):
        other.candidates(Search(5, near={THETA: Target(theta(1.0))}))
    assert other.active == "m2"
    assert other.info().active == "m2"


def test_whoever_had_many_links_to_a_killed_owner_goes_on(tmp_path: Path) -> None:
    """Each link of before is dead; not all of them are tried one by one until patience ends."""
    with closing(open_shared(tmp_path / "store", apart=True)) as store, ThreadPoolExecutor(8) as crowd:
        store.upsert([point("a", words={"sea": 1.0})])
        for _ in range(10):
            assert set(crowd.map(lambda _: store.count(), range(8))) == {1}
        os.kill(int((tmp_path / "store.lock").read_text().split()[0]), signal.SIGKILL)
        assert set(crowd.map(lambda _: ids(store.candidates(SEA).words)[0], range(8))) == {"a"}


def test_nobody_takes_a_killed_owner_for_calm(tmp_path: Path) -> None:
    """Whoever would answer at once, on a loop that others share, is told before it asks; the next one is calm again."""
    with closing(open_shared(tmp_path / "store", apart=True)) as store:
        assert store.is_calm
        os.kill(int((tmp_path / "store.lock").read_text().split()[0]), signal.SIGKILL)
        end = time.monotonic() + 60
        while store.is_calm:
            assert time.monotonic() < end
        assert store.count() == 0
        assert store.is_calm


def test_outlines_follow_what_others_write(stores: tuple[EngineStore, EngineStore]) -> None:
    """Words that another process gave a post are its words here from the next search on."""
    owner, other = stores
    assert "p1" in ids(other.candidates(SEA).words)
    owner.upsert([point("p1", words={"hill": 1.0})])
    assert "p1" not in ids(other.candidates(SEA).words)
    assert ids(other.candidates(Search(5, words={"hill": 1.0})).words) == ["p1"]


class Interrupted(socket.socket):
    """A link that is there, and whose first answer cannot be read."""

    is_whole = False

    def recv_into(self, *given: Any) -> int:
        if not self.is_whole:
            self.is_whole = True
            raise ConnectionResetError("reset on purpose")
        return super().recv_into(*given)


def test_a_word_of_welcome_that_could_not_be_read_is_taken_for_no_answer(tmp_path: Path) -> None:
    """Who comes in then comes in again, by another link."""
    with closing(open_shared(tmp_path / "store")) as store:
        store.upsert([point("one")])
        door, came = Door(tmp_path / "store"), list[socket.socket]()

        def find() -> socket.socket:
            link = door.connect()
            assert link is not None
            came.append(link if came else Interrupted(fileno=link.detach()))
            return came[-1]

        with closing(OwnedEngine(door, find)) as guest:
            assert (guest.size(), guest.name, len(came)) == (1, EdgeEngine.name, 2)


class Interruption:
    """Ctrl-C for whoever waits for the answer to a message, which the owner has got, and works on until `go`."""

    def __init__(self, patch: pytest.MonkeyPatch, owner: EngineStore, name: str) -> None:
        self.go, self.done = threading.Event(), threading.Event()
        self._name, self._is_first, self._links = name, True, list[socket.socket]()
        self._work = getattr(owner._engine, name)
        patch.setattr(owner._engine, name, self._late)
        patch.setattr(owned, "send", self._sent)
        patch.setattr(owned, "receive", self._received)

    def _late(self, *given: Any) -> Any:
        if self._is_first:
            self._is_first = False
            assert self.go.wait(60)
            answer = self._work(*given)
            self.done.set()
            return answer
        return self._work(*given)

    def _sent(self, link: socket.socket, message: Any) -> None:
        if message[0] == self._name and self._is_first:
            self._links.append(link)
        send(link, message)

    def _received(self, link: socket.socket) -> Any:
        if link in self._links:
            self._links.remove(link)
            raise KeyboardInterrupt
        return receive(link)


@pytest.mark.parametrize("who", [0, 1], ids=["the owner", "another"])
@pytest.mark.parametrize(
    ("name", "work"),
    [
        pytest.param("write", lambda store: store.upsert([point("p1", version=1)]), id="writing"),
        pytest.param("switch", lambda store: store.optimize(), id="compacting"),
    ],
)
def test_what_an_interrupted_writer_asked_is_done_before_what_the_next_one_asks(
    stores: tuple[EngineStore, EngineStore],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    work: Callable[[EngineStore], object],
    who: int,
) -> None:
    """The lock of a writer ends with him, and the owner has yet to do what he asked: that came upon what was newer."""
    interruption = Interruption(monkeypatch, stores[0], name)
    with pytest.raises(KeyboardInterrupt):
        work(stores[1])
    next_one = threading.Thread(target=lambda: stores[who].upsert([point("p1", version=2)]))
    next_one.start()
    next_one.join(0.3)
    interruption.go.set()
    next_one.join()
    assert interruption.done.wait(60)
    (stored,) = stores[1].get(["p1"])
    assert stored is not None
    assert stored.version == 2


def test_the_turn_is_had_of_the_next_owner_too(tmp_path: Path) -> None:
    """Who has the turn when the owner is killed goes on, and whoever comes then waits for him."""
    with (
        closing(open_shared(tmp_path / "store", apart=True)) as store,
        closing(open_shared(tmp_path / "store", apart=True)) as other,
    ):
        waiting = threading.Thread(target=lambda: other.upsert([point("b")]))
        with store._engine.turn:
            os.kill(int((tmp_path / "store.lock").read_text().split()[0]), signal.SIGKILL)
            assert store.count() == 0
            waiting.start()
            waiting.join(0.2)
            assert store.count() == 0
        waiting.join()
        assert store.count() == 1


def test_a_late_answer_does_not_take_back_what_is_known(stores: tuple[EngineStore, EngineStore]) -> None:
    """Two threads hear of the store; the one that was told first comes last."""
    engine = stores[1]._engine
    assert isinstance(engine, OwnedEngine)
    edition, now = engine._known
    for late in ((edition[0], edition[1] - 1), edition):
        engine._hear(late, About())
        assert engine._known == (edition, now)
    engine._hear((edition[0] + 1, 1), now)
    engine._hear((edition[0], edition[1] + 1), About())
    assert engine._known == ((edition[0] + 1, 1), now)
