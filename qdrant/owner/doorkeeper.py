"""The doorkeeper: answers what comes through the door by an engine, a thread for each connection."""

import logging
import secrets
import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Final

from qdrant.edge.engine import EdgeEngine
from qdrant.errors import StoreDown, StoreError
from qdrant.owner.answers import DoorAnswers
from qdrant.owner.door import VERSION, Door, is_own, receive, send

HELLO, LEAVE = "hello", "leave"
TURN, END = "turn", "end"
OK, FAILED = 0, 1
_log = logging.getLogger(__name__)
_TICK: Final = 0.5  # seconds
_WAIT: Final = 5.0  # seconds for what is being answered when the door closes


class Doorkeeper:
    """Keeps the door of a store open until `close`; how many come in at once is for them to decide."""

    def __init__(self, engine: EdgeEngine, door: Door) -> None:
        self._engine = engine
        self._answers = DoorAnswers(engine)
        self._door = door
        self._listener = door.listen()
        self._links: dict[socket.socket, str] = {}
        self._change = threading.Condition()
        self._over = self._waits = False
        self._left: list[socket.socket] = []  # of those who wait until all is closed
        threading.Thread(target=self._listen, name="door", daemon=True).start()

    def wait_until_left(self, first: float, others: float, each_moment: Callable[[], None]) -> None:
        """Wait until everybody has gone, and so many seconds for the first one, or others, to come."""
        with self._change:
            self._waits, seconds = True, first
            while not self._over and self._change.wait_for(lambda: self._over or bool(self._links), seconds):
                while not self._change.wait_for(lambda: self._over or not self._links, _TICK):
                    each_moment()
                seconds = others

    def close(self) -> None:
        """Let nobody in any more, and let go of those who are there once they have their answers."""
        with self._change:
            self._over = True
        self._door.remove()
        self._listener.close()
        with self._change:
            for link in self._links:
                _shut(link, socket.SHUT_RD)
            self._change.wait_for(lambda: not self._links, _WAIT)
            for link in self._links:
                _shut(link, socket.SHUT_RDWR)

    def let_go(self) -> None:
        """Tell those who wait for it that everything is closed."""
        for link in self._left:
            link.close()

    def _listen(self) -> None:
        while True:
            try:
                link, _ = self._listener.accept()
            except OSError as error:
                if self._over:
                    return
                _log.warning("nobody can come in at the moment: %s", error)  # as when too many files are open
                time.sleep(_TICK)
                continue
            try:
                threading.Thread(target=self._serve, args=(link,), name="client", daemon=True).start()
            except RuntimeError as error:  # there are too many threads: whoever came asks again
                _log.warning("%s", error)
                link.close()

    def _serve(self, link: socket.socket) -> None:
        try:
            if is_own(link) and self._let_in(link):
                self._answer_all(link)
        except (OSError, EOFError, ValueError, TypeError):
            pass  # it has gone, or speaks of something else
        finally:
            with self._change:
                self._links.pop(link, None)
                self._change.notify_all()
            if link not in self._left:
                link.close()

    def _let_in(self, link: socket.socket) -> bool:
        name, version, client = receive(link)
        if name != HELLO:
            return False
        if version != VERSION:
            send(link, [FAILED, "StoreBusy", _other_version(str(version))])
            return False
        with self._change:
            if self._over:
                return False
            self._links[link] = str(client)
            self._change.notify_all()
        send(link, [OK, *self._answers.state(None), None])
        return True

    def _answer_all(self, link: socket.socket) -> None:
        """Answer one message after another.

        The turn to write ends when all is done that came through a link, whether or not whoever asked is still there:
        what he has asked does not come upon what the next one writes.
        """
        with ExitStack() as turn:
            while True:
                name, known, *given = receive(link)
                if name == LEAVE:
                    self._leave(link)
                    return
                if name in (TURN, END):
                    turn.close()
                if name == TURN:
                    turn.enter_context(self._engine.writer)
                send(link, self._answer(name, known, given))

    def _answer(self, name: str, known: int, given: list[Any]) -> Any:
        try:
            value = self._answers.answer(name, given)
        except StoreError as error:
            return [FAILED, type(error).__name__, str(error)]
        except Exception:
            number = secrets.token_hex(4)
            _log.exception("%s failed, number %s", name, number)
            return [
                FAILED,
                StoreDown.__name__,
                f"The process that has the store open failed (number {number} in {self._door.log}): ask again, and "
                "tell us what stands there.",
            ]
        return [OK, *self._answers.state(known), value]

    def _leave(self, link: socket.socket) -> None:
        """The last one who leaves in order waits until the store is closed."""
        with self._change:
            client = self._links[link]
            if self._waits and all(other == client for other in self._links.values()):
                self._over = True
                self._left.append(link)
                self._change.notify_all()


def _other_version(version: str) -> str:
    return (
        f"The store is open in a process of photosense {VERSION}, this is photosense {version}: stop what runs there, "
        "then ask again."
    )


def _shut(link: socket.socket, how: int) -> None:
    try:
        link.shutdown(how)
    except OSError:
        return
