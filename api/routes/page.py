"""The page at `/` and the component that other sites embed: plain files under a strict policy of content."""

from importlib.resources import files
from pathlib import Path

from fastapi import Response
from starlette.responses import FileResponse

from api.routes.guarded import GuardedRoutes

_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_SHOWN = ("*", "page/**/*", "photo-search/**/*")
_ADDRESSES = {"index.html": "/", "topics.html": "/topics"}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' https: data: blob:; "
        "object-src 'none'; base-uri 'none'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cache-Control": "no-cache",
}


def page_routes() -> GuardedRoutes:
    """Build a route for each file of the page and of the component."""
    routes = GuardedRoutes()
    folder = Path(str(files("api"))) / "web"
    for file in sorted(file for pattern in _SHOWN for file in folder.glob(pattern)):
        if file.suffix in _TYPES:
            name = file.relative_to(folder).as_posix()
            address = _ADDRESSES.get(name, f"/{name}")
            routes.add_api_route(address, _giving(file), methods=["GET"])
    return routes


def _giving(file: Path):  # type: ignore[no-untyped-def]  # a route function per file; FastAPI reads its signature
    async def give() -> Response:
        headers = {**_HEADERS, "Access-Control-Allow-Origin": "*"} if file.suffix in (".js", ".css") else _HEADERS
        return FileResponse(file, headers=headers, media_type=_TYPES[file.suffix])

    return give
