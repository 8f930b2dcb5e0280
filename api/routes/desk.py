"""The desk at `/desk`: plain files that hold nothing; what they show they ask the service for, as anybody must."""

from collections.abc import Awaitable, Callable
from importlib.resources import files
from pathlib import Path
from typing import Final

from fastapi import Response
from starlette.responses import FileResponse

from api.routes.guarded import GuardedRoutes

_TYPES: Final = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def desk_routes() -> GuardedRoutes:
    """Build a route for each file of the desk."""
    routes = GuardedRoutes()
    folder = Path(str(files("api"))) / "web" / "desk"
    for file in sorted(folder.rglob("*.*")):
        name = file.relative_to(folder).as_posix()
        routes.add_api_route("/desk" if name == "index.html" else f"/desk/{name}", _giving(file), methods=["GET"])
    return routes


def _giving(file: Path) -> Callable[[], Awaitable[Response]]:
    async def give() -> Response:
        return FileResponse(file, headers=_HEADERS, media_type=_TYPES[file.suffix])

    return give
