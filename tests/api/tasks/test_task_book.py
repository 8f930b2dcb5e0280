"""The book of tasks: a queue that several processes share, and that says honestly what became of each task."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.notebook import NotebookUnreadable
from api.tasks.task import MOST_STARTS, TaskFailure, TaskKind, TaskProgress, TaskState
from api.tasks.task_book import TaskBook, TaskRefused, TaskUnknown, TooManyTasks

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def book(tmp_path: Path) -> TaskBook:
    return TaskBook(tmp_path / "tasks.sqlite", now=lambda: NOW)


def test_tasks_are_taken_in_the_order_of_asking(book: TaskBook, tmp_path: Path) -> None:
    """Whoever opens the same file sees the same tasks: how far they are, and what came of them."""
    first, second = (book.add(TaskKind.IMPORT, {"bytes": size}, "ps_1") for size in (1, 2))
    other = TaskBook(tmp_path / "tasks.sqlite")
    assert [task.id for task in other.list()] == [second.id, first.id]
    begun = other.take_next()
    assert begun is not None
    assert (begun.id, begun.state, begun.starts, begun.by) == (first.id, TaskState.RUNNING, 1, "ps_1")
    other.advance(first.id, TaskProgress("posts", 7, 10))
    assert book.get(first.id).progress == TaskProgress("posts", 7, 10)
    other.succeed(first.id, {"lines": 10})
    assert (book.get(first.id).state, book.get(first.id).report) == (TaskState.SUCCEEDED, {"lines": 10})
    assert [task.id for task in book.list(state=TaskState.ENQUEUED)] == [second.id]
    assert book.list(kinds=[TaskKind.TRAIN]) == []


def test_one_task_of_a_kind_is_open_but_for_imports(book: TaskBook) -> None:
    """Who clicks twice is told which one is open; and the queue has an end."""
    train = book.add(TaskKind.TRAIN, {})
    with pytest.raises(TaskRefused, match=train.id):
        book.add(TaskKind.TRAIN, {})
    book.cancel(train.id)
    book.add(TaskKind.TRAIN, {})
    for _ in range(99):
        book.add(TaskKind.IMPORT, {})
    with pytest.raises(TooManyTasks, match="ask again"):
        book.add(TaskKind.IMPORT, {})


def test_a_task_is_cancelled_at_once_or_told_to_end(book: TaskBook) -> None:
    """What waits is cancelled; what runs is cancelled when it has ended, unless it was faster; what is over stays."""
    waiting = book.add(TaskKind.BACKUP, {})
    assert book.cancel(waiting.id).state is TaskState.CANCELLED
    with pytest.raises(TaskRefused, match="cancelled already"):
        book.cancel(waiting.id)
    book.add(TaskKind.TRAIN, {})
    running = book.take_next()
    assert running is not None
    assert book.cancel(running.id).state is TaskState.RUNNING
    assert book.is_cancelled(running.id)
    assert book.fail(running.id, TaskFailure("ended", "It ended.")).state is TaskState.CANCELLED
    with pytest.raises(TaskUnknown, match="no task"):
        book.cancel("t_nothing")


def test_an_interrupted_import_waits_again_and_others_say_what_happened(book: TaskBook) -> None:
    """An import is done once more, but not for ever; of any other task the sentence says how to go on."""
    imported = book.add(TaskKind.IMPORT, {})
    for starts in range(1, MOST_STARTS + 1):
        assert book.take_next().starts == starts
        (interrupted,) = book.interrupt()
    assert (interrupted.id, interrupted.state, interrupted.failure.code) == (imported.id, "failed", "interrupted")
    assert "come back as unchanged" in interrupted.failure.detail
    for kind in (TaskKind.TRAIN, TaskKind.PUBLISH, TaskKind.BACKUP, TaskKind.JUDGE):
        book.add(kind, {})
        book.take_next()
        (interrupted,) = book.interrupt()
        assert (interrupted.kind, interrupted.state) == (kind, TaskState.FAILED)
        assert "again" in interrupted.failure.detail.lower()
    assert book.interrupt() == []


def test_what_ended_is_kept_for_a_month(tmp_path: Path) -> None:
    """Older tasks go when a new one comes."""
    old = TaskBook(tmp_path / "tasks.sqlite", now=lambda: NOW - timedelta(days=31))
    old.cancel(old.add(TaskKind.TRAIN, {}).id)
    book = TaskBook(tmp_path / "tasks.sqlite", now=lambda: NOW)
    new = book.add(TaskKind.TRAIN, {})
    assert [task.id for task in book.list()] == [new.id]


def test_a_damaged_book_says_so(tmp_path: Path) -> None:
    """The sentence says what to do; nothing of it is guessed."""
    (tmp_path / "tasks.sqlite").write_bytes(b"no book at all " * 100)
    with pytest.raises(NotebookUnreadable, match=r"tasks\.sqlite .* move it away"):
        TaskBook(tmp_path / "tasks.sqlite").list()
