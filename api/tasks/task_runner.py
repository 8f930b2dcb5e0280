"""The runner: one of the processes of a home, whichever came first, has tasks done, one at a time.

Each is a process of its own, which reads what is to be done from its stdin and says how far it is on its stdout, a line
of JSON each. Its stdin stays open as long as we live: a process whose stdin ends knows that nobody waits for it. The
lock of the home is held by it as well, so nobody begins another task before it is really gone.
"""

import fcntl
import logging
import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

import msgspec

from api.errors import ApiError
from api.tasks.courier import Courier
from api.tasks.task import TaskAnswer, TaskFailure, TaskProgress
from api.tasks.task_book import TaskBook

_PAUSE: Final = 0.3  # seconds between two looks at the queue
_NOTED: Final = 0.5  # seconds between two notes of how far a task is
_PATIENCE: Final = 10.0  # seconds that a task has to end in order
_MOST_WORDS: Final = 2**22  # bytes of one line that a process says
_log = logging.getLogger(__name__)


class Launch(NamedTuple):
    """How a process is begun, and what it is told."""

    command: Sequence[str]
    told: bytes


class TaskWord(msgspec.Struct, frozen=True):
    """What a process says: how far it is, what came of it, or why nothing did."""

    progress: TaskProgress | None = None
    report: dict[str, Any] | None = None
    failure: TaskFailure | None = None


class TaskRunner:
    """Has the tasks of a book done."""

    def __init__(
        self,
        book: TaskBook,
        lock: Path,
        launch: Callable[[int, TaskAnswer], Launch],
        ended: Callable[[TaskAnswer], None] = lambda _: None,
    ) -> None:
        """`launch` says how a task is done, `ended` clears up behind one."""
        self._book = book
        self._lock = lock
        self._launch = launch
        self._ended = ended
        self._courier = Courier(book.outbox)
        self._over = threading.Event()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Have tasks done until the block ends; the one that runs then ends with it."""
        thread = threading.Thread(target=self._wait_for_place, name="photosense-tasks", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def _wait_for_place(self) -> None:
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        held = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            while not self._over.wait(_PAUSE):
                try:
                    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    continue
                self._work(held)
        finally:
            os.close(held)

    def _work(self, held: int) -> None:
        """Do what waits; the place is ours until it is over."""
        courier = threading.Thread(target=self._courier.run, args=(self._over,), name="photosense-courier", daemon=True)
        courier.start()
        while not self._over.wait(_PAUSE):
            self._guarded(self._clear_up)
            self._guarded(lambda: self._do_next(held))
        self._guarded(self._clear_up)
        courier.join()

    def _guarded(self, do: Callable[[], None]) -> None:
        """A notebook that cannot be used now may be later: nothing ends by it."""
        try:
            do()
        except (ApiError, OSError) as error:
            _log.warning("tasks wait: %s", error)

    def _clear_up(self) -> None:
        for task in self._book.interrupt():
            _log.warning("the task %s (%s) was interrupted; it is %s", task.id, task.kind, task.state)
            if not task.is_open:
                self._ended(task)

    def _do_next(self, held: int) -> None:
        task = self._book.take_next()
        if task is None:
            return
        last = self._do(task, held)
        if self._over.is_set() and (last is None or last.report is None):
            return  # it is interrupted, as whoever clears up says
        if last is not None and last.report is not None:
            task = self._book.succeed(task.id, last.report)
        else:
            task = self._book.fail(task.id, last.failure if last and last.failure else _SILENT)
        self._ended(task)

    def _do(self, task: TaskAnswer, held: int) -> TaskWord | None:
        """Have one task done; gives its last word."""
        launch = self._launch(held, task)
        process = subprocess.Popen(  # noqa: S603  # our own interpreter and our own words
            launch.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=(held,),
            start_new_session=True,  # Ctrl-C is for us, who hand it on
        )
        with _closed(process.stdin) as into, _closed(process.stdout) as out:
            try:
                with suppress(BrokenPipeError):
                    into.write(launch.told + b"\n")
                    into.flush()
                return self._follow(task, process, out)
            finally:
                _end(process)

    def _follow(self, task: TaskAnswer, process: subprocess.Popen[bytes], out: IO[bytes]) -> TaskWord | None:
        """Note how far it is, until it ends, or is told to."""
        last, latest = None, None
        noted = 0.0
        with selectors.DefaultSelector() as selector:
            selector.register(out, selectors.EVENT_READ)
            lines = _Lines()
            while not self._over.is_set():
                if selector.select(_PAUSE):
                    part = os.read(out.fileno(), 1 << 16)
                    if not part:
                        self._note(task, latest)
                        return last
                    for word in lines.feed(part):
                        last, latest = word, word.progress or latest
                if time.monotonic() - noted >= _NOTED:
                    noted = time.monotonic()
                    if self._note(task, latest):
                        process.send_signal(signal.SIGINT)
                        return None
        process.send_signal(signal.SIGINT)
        return last

    def _note(self, task: TaskAnswer, progress: TaskProgress | None) -> bool:
        """Note how far a task is; gives whether somebody wants it to end. A full disk ends nothing."""
        try:
            if progress is not None:
                self._book.advance(task.id, progress)
            return self._book.is_cancelled(task.id)
        except ApiError as error:
            _log.warning("how far the task %s is cannot be noted: %s", task.id, error)
            return False


class _Lines:
    """Words from pieces of what a process says; what is no word of ours is skipped."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, part: bytes) -> Iterator[TaskWord]:
        *lines, self._rest = (self._rest + part).split(b"\n")
        if len(self._rest) > _MOST_WORDS:
            self._rest = b""
        for line in lines:
            with suppress(msgspec.MsgspecError):
                yield msgspec.json.decode(line, type=TaskWord)


@contextmanager
def _closed(pipe: IO[bytes] | None) -> Iterator[IO[bytes]]:
    """A pipe of a process, closed at the end, whoever is gone by then."""
    if pipe is None:
        raise ValueError("the process was begun without this pipe")
    try:
        yield pipe
    finally:
        with suppress(OSError):
            pipe.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Wait for its end; whoever does not end in time is killed, with all that it began."""
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


_SILENT: Final = TaskFailure(
    "ended", "The process of the task ended without a word; the log of the service may tell more. Ask again."
)
