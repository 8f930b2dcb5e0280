"""The service's own description at `/openapi.json`."""

from fastapi import FastAPI, Response
from starlette.responses import JSONResponse

from api.routes.guarded import GuardedRoutes


def document_routes(app: FastAPI) -> GuardedRoutes:
    """Build the route."""
    routes = GuardedRoutes()

    @routes.get("/openapi.json")
    async def document() -> Response:
        """Describe every address, answer and problem."""
        return JSONResponse(app.openapi())

    return routes
