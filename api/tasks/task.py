"""A task: what is to be done, how far it is, and what came of it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec


class TaskKind(StrEnum):
    """What can be done by a task."""

    IMPORT = "import"
    TRAIN = "train"
    PUBLISH = "publish"
    BACKUP = "backup"
    JUDGE = "judge"
    COMPARE = "compare"


class TaskState(StrEnum):
    """Where a task stands."""

    ENQUEUED = "enqueued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN: Final = (TaskState.ENQUEUED, TaskState.RUNNING)
MOST_STARTS: Final = 5  # of an import that is interrupted again and again


class TaskProgress(msgspec.Struct, frozen=True):
    """How far a task is: so much of so much, of what `stage` names; `remark` is for people."""

    stage: str
    done: int
    total: int | None = None
    remark: str | None = None


class TaskFailure(msgspec.Struct, frozen=True):
    """Why a task failed: `code` is for programs, `detail` for people."""

    code: str
    detail: str


class TaskAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A task as the notebook has it; times are UTC, in ISO 8601."""

    id: str
    kind: TaskKind
    state: TaskState
    options: Mapping[str, Any] = {}
    by: str | None = None
    enqueued: str
    began: str | None = None
    ended: str | None = None
    starts: int = 0
    cancel: bool = False
    progress: TaskProgress | None = None
    report: Mapping[str, Any] | None = None
    failure: TaskFailure | None = None

    @property
    def is_open(self) -> bool:
        """Whether something may still come of it."""
        return self.state in OPEN

    @property
    def goes_on(self) -> bool:
        """Whether it is done once more, when whoever did it has gone: what is stored already comes back unchanged."""
        return self.kind is TaskKind.IMPORT and self.starts < MOST_STARTS and not self.cancel
