"""The address that tells whoever looks after a home what it holds beside its posts."""

from collections.abc import Callable

from fastapi import Response

from api.answers import HomeAnswer
from api.errors import NotFound
from api.openapi import gives
from api.responses import answer
from api.routes.guarded import GuardedRoutes

HomeStatus = Callable[[], HomeAnswer]
"""Looks at a home."""


def home_routes(status: HomeStatus | None) -> GuardedRoutes:
    """Build the route; without a home there is nothing to tell."""
    routes = GuardedRoutes("/v1", "status")

    @routes.get("/home", responses=gives(HomeAnswer, 401, 404, 503))
    def home() -> Response:
        """Tell of models, small photos, records and the last backup."""
        if status is None:
            raise NotFound("This service has no home of its own: its store is all there is.")
        return answer(status())

    return routes
