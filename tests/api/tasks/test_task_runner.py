"""The runner: tasks are done by processes of their own, one at a time, and end with whoever has them done."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from api.tasks.task import TaskAnswer, TaskKind, TaskProgress, TaskState
from api.tasks.task_book import TaskBook
from api.tasks.task_runner import Launch, TaskRunner
from tests.support.service import until

# What a process does, by the kind of the task; it reads its order first.
SCRIPTS = {
    TaskKind.IMPORT: "say(progress={'stage': 'posts', 'done': 3, 'total': 4}); print('noise'); say(report=order)",
    TaskKind.BACKUP: "say(failure={'code': 'refused', 'detail': 'The disk is full.'}); sys.exit(2)",
    TaskKind.JUDGE: "os.kill(os.getpid(), 9)",
    TaskKind.TRAIN: "say(progress={'stage': 'passes', 'done': 1}); sys.stdin.read(); open(order['gone'], 'w')",
}
SCRIPT = """
import json, os, sys
order = json.loads(sys.stdin.readline())
def say(**word): print(json.dumps(word), flush=True)
"""


@pytest.fixture
def book(tmp_path: Path) -> TaskBook:
    return TaskBook(tmp_path / "tasks.sqlite")


@contextmanager
def runner(book: TaskBook, folder: Path, ended: list[str]) -> Iterator[None]:
    def launch(_: int, task: TaskAnswer) -> Launch:
        order = {"options": task.options, "gone": str(folder / "gone")}
        return Launch([sys.executable, "-c", SCRIPT + SCRIPTS[task.kind]], msgspec.json.encode(order))

    with TaskRunner(book, folder / "tasks.lock", launch, lambda task: ended.append(task.id)).running():
        yield


def over(book: TaskBook, task: TaskAnswer) -> Callable[[], bool]:
    return lambda: not book.get(task.id).is_open


def test_tasks_are_done_and_say_what_came_of_them(book: TaskBook, tmp_path: Path) -> None:
    """A report, a reason, or that the process ended without a word; and then somebody clears up."""
    ended: list[str] = []
    tasks = [book.add(kind, {"bytes": 7}) for kind in (TaskKind.IMPORT, TaskKind.BACKUP, TaskKind.JUDGE)]
    with runner(book, tmp_path, ended):
        until(lambda: len(ended) == len(tasks))
    imported, saved, judged = (book.get(task.id) for task in tasks)
    assert (imported.state, imported.report["options"]) == (TaskState.SUCCEEDED, {"bytes": 7})
    assert imported.progress == TaskProgress("posts", 3, 4)
    assert (saved.state, saved.failure.detail) == (TaskState.FAILED, "The disk is full.")
    assert (judged.state, judged.failure.code) == (TaskState.FAILED, "ended")
    assert ended == [task.id for task in tasks]


def test_a_task_that_runs_is_cancelled(book: TaskBook, tmp_path: Path) -> None:
    """Its process is told to end, and the next task begins."""
    task, following = book.add(TaskKind.TRAIN, {}), book.add(TaskKind.IMPORT, {})
    ended: list[str] = []
    with runner(book, tmp_path, ended):
        until(lambda: book.get(task.id).progress is not None)
        book.cancel(task.id)
        until(over(book, following))
    assert book.get(task.id).state is TaskState.CANCELLED
    assert book.get(following.id).state is TaskState.SUCCEEDED


def test_two_runners_of_a_home_do_one_task_at_a_time(book: TaskBook, tmp_path: Path) -> None:
    """Who comes second waits for his place, and has it when the first has gone; what ran then was interrupted."""
    task, following = book.add(TaskKind.TRAIN, {}), book.add(TaskKind.IMPORT, {})
    ended: list[str] = []
    with runner(book, tmp_path, ended):
        first = threading.Event()
        with runner(book, tmp_path, ended):
            until(lambda: book.get(task.id).progress is not None)
            assert book.get(following.id).state is TaskState.ENQUEUED
            first.set()
    assert (book.get(task.id).state, book.get(task.id).failure.code) == (TaskState.FAILED, "interrupted")
    with runner(book, tmp_path, ended):
        until(over(book, following))
    assert book.get(following.id).state is TaskState.SUCCEEDED
