"""How a task of a home is done: by a process with the settings of the service, which get to it on no command line."""

import json
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
from pydantic import SecretStr

from api.tasks.task import TaskAnswer, TaskKind
from api.tasks.task_runner import Launch, TaskRunner
from photosense.settings import Settings
from photosense.work.task_settings import task_book

_COMMAND: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from photosense.work.process import main; main(int(sys.argv[2]))"
)
_LEFT: Final = 24 * 3600.0  # seconds: nobody sends lines for so long
_NOT_NEEDED: Final = ("api_key", "webhooks")  # to do a task


def task_runner(settings: Settings) -> TaskRunner:
    """What has the tasks of a home done."""
    lock = settings.tasks_path.with_suffix(".lock")
    return TaskRunner(task_book(settings), lock, partial(_launch, settings), partial(_clear, settings))


def _launch(settings: Settings, held: int, task: TaskAnswer) -> Launch:
    order = {
        "settings": _plain(settings),
        "kind": task.kind,
        "options": task.options,
        "file": str(_lines_of(settings, task)) if task.kind is TaskKind.IMPORT else None,
    }
    return Launch([sys.executable, "-c", _COMMAND, json.dumps(sys.path), str(held)], msgspec.json.encode(order))


def _clear(settings: Settings, task: TaskAnswer) -> None:
    """Of an import that is over the lines go, and those that nobody enqueued; what was turned away stays."""
    _lines_of(settings, task).unlink(missing_ok=True)
    open_tasks = {one.id for one in task_book(settings).list(1000, [TaskKind.IMPORT]) if one.is_open}
    for file in settings.imports_path.glob("*.ndjson"):
        if file.stem not in open_tasks and time.time() - file.stat().st_mtime > _LEFT:
            file.unlink(missing_ok=True)


def _lines_of(settings: Settings, task: TaskAnswer) -> Path:
    return settings.imports_path / f"{task.id}.ndjson"


def _plain(settings: Settings) -> dict[str, Any]:
    """Settings as they were given, secrets as they are."""
    given = settings.model_dump(mode="json", exclude_unset=True, exclude=set(_NOT_NEEDED))
    for name in given:
        if isinstance(value := getattr(settings, name), SecretStr):
            given[name] = value.get_secret_value()
    return given
