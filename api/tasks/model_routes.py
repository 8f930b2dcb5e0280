"""Addresses of models: which there are, which is in force, and putting another one in force."""

from typing import Annotated

from fastapi import Path, Request, Response

from api.answers import ModelsAnswer
from api.errors import NotFound
from api.openapi import gives, gives_task
from api.responses import answer
from api.routes.guarded import GuardedRoutes
from api.tasks.home_tasks import HomeTasks
from api.tasks.task import TaskKind
from api.tasks.task_book import TaskRefused
from api.tasks.task_routes import asker, home_of
from api.visitor import caller


def model_routes(tasks: HomeTasks | None) -> GuardedRoutes:
    """Build the routes; a service without a home has no models to choose from."""
    routes = GuardedRoutes("/v1/models", "models")
    home = home_of(tasks)

    @routes.get("", responses=gives(ModelsAnswer, 401, 404, 503))
    def listing() -> Response:
        """List the models of the home, the newest first."""
        return answer(home().models())

    @routes.post("/{model_id}:publish", status_code=202, responses=gives_task(401, 404, 409, 503, 507))
    def publish(request: Request, model_id: Annotated[str, Path(max_length=100)]) -> Response:
        """Put a model in force, by a task: its vectors are filled in, then it answers."""
        known = {row.id: row for row in home().models().models}
        if model_id not in known:
            raise NotFound(f"There is no model {model_id[:40]!r} in this home: GET /v1/models lists them.")
        if known[model_id].state == "in_force":
            raise TaskRefused(f"The model {model_id} is in force already.", "in_force")
        return _enqueued(request, model_id)

    @routes.post(":rollback", status_code=202, responses=gives_task(401, 404, 409, 503, 507))
    def rollback(request: Request) -> Response:
        """Put the model in force that was before the one that is, by a task."""
        before = home().models().before
        if before is None:
            raise TaskRefused("No model of before is kept: GET /v1/models lists those there are.", "no_model_before")
        return _enqueued(request, before)

    def _enqueued(request: Request, model: str) -> Response:
        return answer(home().book.add(TaskKind.PUBLISH, {"model": model}, asker(caller(request))), 202)

    return routes
