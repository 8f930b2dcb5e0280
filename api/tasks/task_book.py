"""The book of tasks: a queue that every process of the home reads and writes, and that outlives them all."""

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sqlite3 import Connection
from typing import Any, Final

import msgspec
from msgspec import structs

from api.errors import ApiError
from api.notebook import Notebook
from api.tasks.outbox import OUTBOX_TABLE, Outbox
from api.tasks.task import OPEN, TaskAnswer, TaskFailure, TaskKind, TaskProgress, TaskState
from api.tasks.webhook import TaskEvent, Webhook

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS tasks (
    place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, kind TEXT, state TEXT, ended TEXT, record BLOB
);
"""
_MOST_OPEN: Final = 100
_MOST_KEPT: Final = 1000  # that have ended
_KEPT: Final = timedelta(days=30)
_EVENTS: Final = {
    TaskState.SUCCEEDED: TaskEvent.SUCCEEDED,
    TaskState.FAILED: TaskEvent.FAILED,
    TaskState.CANCELLED: TaskEvent.CANCELLED,
}


class TaskUnknown(ApiError):
    """There is no such task."""

    status = 404
    code = "task_unknown"


class TaskRefused(ApiError):
    """A task cannot be begun, or cannot be cancelled any more."""

    status = 409

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class TooManyTasks(ApiError):
    """As many tasks wait as may."""

    status = 503
    code = "too_many_tasks"


class TaskBook:
    """Tasks in the order in which they were asked for; those that ended are kept for a month."""

    def __init__(
        self,
        path: Path | None = None,
        hooks: Sequence[Webhook] = (),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._notebook = Notebook(path, _TABLES + OUTBOX_TABLE)
        self._now = now
        self.outbox = Outbox(self._notebook, hooks, now)

    @staticmethod
    def new_id() -> str:
        """An id that nobody guesses or has had."""
        return f"t_{secrets.token_hex(8)}"

    def add(
        self, kind: TaskKind, options: Mapping[str, Any], by: str | None = None, task_id: str | None = None
    ) -> TaskAnswer:
        """Put a task into the queue; but for imports, a second one of a kind waits for none."""
        task = TaskAnswer(
            id=task_id or self.new_id(),
            kind=kind,
            state=TaskState.ENQUEUED,
            options=options,
            by=by,
            enqueued=self._time(),
        )
        with self._notebook.writing() as tables:
            waiting = tables.execute("SELECT id, kind FROM tasks WHERE state IN (?, ?)", OPEN).fetchall()
            if len(waiting) >= _MOST_OPEN:
                raise TooManyTasks(f"{len(waiting)} tasks wait already: ask again when some of them are done.")
            same = [one for one, of in waiting if of == kind and kind is not TaskKind.IMPORT]
            if same:
                raise TaskRefused(
                    f"A task of this kind is open already, {same[0]}: wait for it, or cancel it first.", "task_open"
                )
            tables.execute(
                "INSERT INTO tasks (id, kind, state, record) VALUES (?, ?, ?, ?)",
                (task.id, task.kind, task.state, msgspec.json.encode(task)),
            )
            self._forget_old(tables)
        return task

    def get(self, task_id: str) -> TaskAnswer:
        """One task."""
        for (record,) in self._notebook.rows("SELECT record FROM tasks WHERE id = ?", task_id):
            return _read(record)
        raise TaskUnknown(f"There is no task {task_id[:40]!r}: GET /v1/tasks lists those of the last month.")

    def list(
        self, limit: int = 100, kinds: Collection[TaskKind] = tuple(TaskKind), state: TaskState | None = None
    ) -> Sequence[TaskAnswer]:
        """The latest tasks of these kinds, the latest first."""
        marks = ", ".join("?" * len(kinds))
        where = f"kind IN ({marks})" + (" AND state = ?" if state else "")
        values = [*kinds, *([state] if state else []), limit]
        rows = self._notebook.rows(f"SELECT record FROM tasks WHERE {where} ORDER BY place DESC LIMIT ?", *values)  # noqa: S608 - marks alone
        return [_read(record) for (record,) in rows]

    def cancel(self, task_id: str) -> TaskAnswer:
        """Cancel a task that waits; one that runs is told to end, and has ended a moment later."""
        with self._notebook.writing() as tables:
            task = self._one(tables, task_id)
            if not task.is_open:
                raise TaskRefused(f"The task {task.id} has {task.state} already: it cannot be cancelled.", "task_over")
            if task.state is TaskState.RUNNING:
                return self._put(tables, structs.replace(task, cancel=True))
            return self._ended(tables, task, TaskState.CANCELLED)

    def take_next(self) -> TaskAnswer | None:
        """The task that waits longest, which runs from now."""
        if not self._notebook.rows("SELECT 1 FROM tasks WHERE state = ? LIMIT 1", TaskState.ENQUEUED):
            return None
        with self._notebook.writing() as tables:
            row = tables.execute(
                "SELECT record FROM tasks WHERE state = ? ORDER BY place LIMIT 1", (TaskState.ENQUEUED,)
            ).fetchone()
            if row is None:
                return None
            task = _read(row[0])
            begun = structs.replace(task, state=TaskState.RUNNING, began=self._time(), starts=task.starts + 1)
            return self._put(tables, begun)

    def advance(self, task_id: str, progress: TaskProgress) -> None:
        """Note how far a task is."""
        with self._notebook.writing() as tables:
            self._put(tables, structs.replace(self._one(tables, task_id), progress=progress))

    def is_cancelled(self, task_id: str) -> bool:
        """Whether somebody wants a running task to end."""
        return self.get(task_id).cancel

    def succeed(self, task_id: str, report: Mapping[str, Any]) -> TaskAnswer:
        """Note what came of a task."""
        with self._notebook.writing() as tables:
            return self._ended(tables, structs.replace(self._one(tables, task_id), report=report), TaskState.SUCCEEDED)

    def fail(self, task_id: str, failure: TaskFailure) -> TaskAnswer:
        """Note why nothing came of a task; one that was to be cancelled is."""
        with self._notebook.writing() as tables:
            task = self._one(tables, task_id)
            if task.cancel:
                return self._ended(tables, task, TaskState.CANCELLED)
            return self._ended(tables, structs.replace(task, failure=failure), TaskState.FAILED)

    def interrupt(self) -> Sequence[TaskAnswer]:
        """Say of tasks that run, while nobody runs any, that they ended with the process; an import waits once more."""
        rows = self._notebook.rows("SELECT id FROM tasks WHERE state = ?", TaskState.RUNNING)
        interrupted = []
        for (task_id,) in rows:
            task = self.get(task_id)
            if task.goes_on:
                with self._notebook.writing() as tables:
                    task = self._put(tables, structs.replace(task, state=TaskState.ENQUEUED))
            else:
                task = self.fail(task_id, TaskFailure("interrupted", _INTERRUPTED[task.kind]))
            interrupted.append(task)
        return interrupted

    def _one(self, tables: Connection, task_id: str) -> TaskAnswer:
        row = tables.execute("SELECT record FROM tasks WHERE id = ?", (task_id,)).fetchone()
        if row is None:
            raise TaskUnknown(f"There is no task {task_id[:40]!r}: GET /v1/tasks lists those of the last month.")
        return _read(row[0])

    def _put(self, tables: Connection, task: TaskAnswer) -> TaskAnswer:
        tables.execute(
            "UPDATE tasks SET state = ?, ended = ?, record = ? WHERE id = ?",
            (task.state, task.ended, msgspec.json.encode(task), task.id),
        )
        return task

    def _ended(self, tables: Connection, task: TaskAnswer, state: TaskState) -> TaskAnswer:
        """Whoever is told of it is noted in the same step, so that no end is told to nobody."""
        task = self._put(tables, structs.replace(task, state=state, ended=self._time()))
        self.outbox.put(tables, _EVENTS[state], task)
        return task

    def _forget_old(self, tables: Connection) -> None:
        before = (self._now() - _KEPT).isoformat(timespec="seconds")
        tables.execute("DELETE FROM tasks WHERE ended < ?", (before,))
        tables.execute(
            "DELETE FROM tasks WHERE place IN "
            "(SELECT place FROM tasks WHERE ended IS NOT NULL ORDER BY place DESC LIMIT -1 OFFSET ?)",
            (_MOST_KEPT,),
        )

    def _time(self) -> str:
        return self._now().isoformat(timespec="seconds")


_INTERRUPTED: Final = {
    TaskKind.IMPORT: "The service ended while it ran, again and again: send the posts again; those that are stored "
    "come back as unchanged.",
    TaskKind.TRAIN: "The service ended while it ran; the model in force is as it was. Ask again with resume: true, "
    "and it goes on from the last pass.",
    TaskKind.PUBLISH: "The service ended while it ran: ask again; what is filled in already is kept.",
    TaskKind.BACKUP: "The service ended while it ran, and nothing was saved: ask again.",
    TaskKind.COMPARE: "The service ended while it ran: ask again.",
    TaskKind.JUDGE: "The service ended while it ran; what was judged by then is in force: ask again for the others.",
}


def _read(record: bytes) -> TaskAnswer:
    return msgspec.json.decode(record, type=TaskAnswer)
