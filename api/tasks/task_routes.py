"""Addresses of tasks: work that takes longer than a request, enqueued, watched and cancelled."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Literal, Self

from fastapi import Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from api.access.scopes import Scope
from api.answers import LineAnswer, TasksAnswer
from api.bodies import IMPORTED, read_body
from api.errors import BadRequest, NotFound
from api.idempotency.repeats import Repeats
from api.load.lanes import Lanes
from api.openapi import NDJSON, gives, gives_lines, gives_task, takes, takes_lines
from api.responses import NEVER_CACHED, answer
from api.routes.guarded import GuardedRoutes
from api.routes.posts.bulk import OnRejectName
from api.tasks.home_tasks import HomeTasks
from api.tasks.task import TaskAnswer, TaskKind, TaskState
from api.tasks.task_book import TaskRefused, TaskUnknown
from api.visitor import Caller, caller

_FIELDS_OF = {
    TaskKind.TRAIN: {"topics", "background", "committee", "passes", "seed", "held_out", "resume", "publish"},
    TaskKind.JUDGE: {"open_unseen"},
    TaskKind.BACKUP: set[str](),
    TaskKind.COMPARE: {"model"},
}


class TaskBody(BaseModel):
    """What is to be done: train a model, compare one with that in force, back up the home, judge stored posts again."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["train", "compare", "backup", "judge"]
    model: Annotated[str | None, Field(max_length=100, description="Which one is compared with that in force.")] = None
    topics: Annotated[int | None, Field(ge=2, le=2000, description="Of a new model; as in the settings.")] = None
    background: Annotated[int | None, Field(ge=0, le=2000)] = None
    committee: Annotated[int | None, Field(ge=1, le=16)] = None
    passes: Annotated[int | None, Field(ge=1, le=1000)] = None
    seed: Annotated[int | None, Field(ge=0, le=2**31)] = None
    held_out: Annotated[int | None, Field(ge=0, le=1_000_000)] = None
    resume: Annotated[bool | None, Field(description="Go on from the last pass of a training that was stopped.")] = None
    publish: Annotated[
        bool | None, Field(description="Put the new model in force at once, as is usual; false: it waits for that.")
    ] = None
    open_unseen: Annotated[
        bool | None, Field(description="Judging may clear photos that nobody looked at; only where all were measured.")
    ] = None

    @model_validator(mode="after")
    def _of_its_kind(self) -> Self:
        for name in self.model_fields_set - {"kind"} - _FIELDS_OF[TaskKind(self.kind)]:
            if getattr(self, name) is not None:
                raise ValueError(f"{name} is nothing that a task of the kind {self.kind} takes")
        if self.kind == "compare" and not self.model:
            raise ValueError("say which model is compared with that in force")
        return self

    @property
    def options(self) -> dict[str, Any]:
        """What was said beside the kind."""
        return self.model_dump(exclude_none=True, exclude={"kind"})


def task_routes(tasks: HomeTasks | None, lanes: Lanes, repeats: Repeats) -> GuardedRoutes:
    """Build the routes; a service without a home has no tasks."""
    routes = GuardedRoutes(tag="tasks")
    home = home_of(tasks)

    def one(request: Request, task_id: str) -> TaskAnswer:
        task = home().book.get(task_id)
        if task.kind not in _kinds_for(caller(request)):
            raise TaskUnknown(f"There is no task {task_id[:40]!r} that this key may see: it has no scope admin.")
        return task

    @routes.post(
        IMPORTED,
        status_code=202,
        openapi_extra=takes_lines(arrays=False),
        responses=gives_task(400, 401, 404, 408, 415, 422, 503, 507),
    )
    async def send_import(request: Request, on_reject: OnRejectName = None) -> Response:
        """Keep posts, one JSON object a line, and take them in by a task."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != NDJSON:
            raise BadRequest(f"Send the posts as {NDJSON}, one JSON object a line.", "unsupported_media_type", 415)
        async with lanes.bulks.turn():
            options = {} if on_reject is None else {"on_reject": on_reject.value}
            by, known = asker(caller(request)), partial(repeats.look, request)
            return answer(await home().keep_import(request.stream(), options, by, known), 202)

    @routes.post(
        "/v1/tasks",
        status_code=202,
        openapi_extra=takes(TaskBody),
        responses=gives_task(400, 401, 404, 408, 409, 413, 415, 422, 503, 507),
    )
    async def begin(request: Request) -> Response:
        """Enqueue a task: train a model, back up the home, or judge stored posts again."""
        body = await read_body(request, TaskBody)
        kind = TaskKind(body.kind)
        if kind is TaskKind.BACKUP and not home().backs_up:
            raise TaskRefused(
                "No folder for backups is named: set `backups`, or run `photosense backup PLACE`.", "no_backup_folder"
            )
        book, by = home().book, asker(caller(request))
        return answer(await run_in_threadpool(book.add, kind, body.options, by), 202)

    @routes.get("/v1/tasks", responses=gives(TasksAnswer, 401, 404, 422, 503))
    def listing(
        request: Request,
        kind: Annotated[TaskKind | None, Query(description="Tasks of this kind alone.")] = None,
        state: Annotated[TaskState | None, Query(description="Tasks in this state alone.")] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> Response:
        """List tasks of the last month, the latest first; without the scope admin, imports alone."""
        kinds = [one for one in _kinds_for(caller(request)) if kind in (None, one)]
        return answer(TasksAnswer(home().book.list(limit, kinds, state)))

    @routes.get("/v1/tasks/{task_id}", responses=gives(TaskAnswer, 401, 404, 503))
    def read(request: Request, task_id: str) -> Response:
        """Tell how far a task is, and what came of it."""
        return answer(one(request, task_id))

    @routes.get("/v1/tasks/{task_id}/rejected", responses=gives_lines(LineAnswer, 401, 404))
    def rejected(request: Request, task_id: str) -> Response:
        """Give the lines that an import turned away, each with its reason and the post as it was sent."""
        task = one(request, task_id)
        return StreamingResponse(home().rejected_lines(task), headers=NEVER_CACHED, media_type=NDJSON)

    @routes.post("/v1/tasks/{task_id}:cancel", status_code=202, responses=gives_task(401, 404, 409, 503))
    def cancel(request: Request, task_id: str) -> Response:
        """Cancel a task; one that runs ends a moment later, and what it stored by then stays."""
        return answer(home().book.cancel(one(request, task_id).id), 202)

    return routes


def home_of(tasks: HomeTasks | None) -> Callable[[], HomeTasks]:
    """The tasks of the home, or the sentence that there is none."""

    def home() -> HomeTasks:
        if tasks is None:
            raise NotFound("This service has no home of its own, and so no tasks and no models to choose from.")
        return tasks

    return home


def asker(asking: Caller) -> str:
    """Who asked for a task: the prefix of his key, or by what else he may."""
    return asking.key or asking.means.value


def _kinds_for(asking: Caller) -> list[TaskKind]:
    return list(TaskKind) if asking.may(Scope.ADMIN) else [TaskKind.IMPORT]
