"""The service's own description at `/openapi.json`."""

from fastapi import APIRouter, FastAPI, Response
from starlette.responses import JSONResponse


def document_routes(app: FastAPI) -> APIRouter:
    """Build the route."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/openapi.json")
    async def document() -> Response:
        """Describe every address, answer and problem."""
        return JSONResponse(app.openapi())

    return routes
