"""Every address of an app, so that a test can ask for an entry for each."""

from collections.abc import Iterator
from typing import Any


def addresses(routes: Any) -> Iterator[str]:
    """Yield `METHOD /path` for each route, those of included routers and mounted folders too."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from addresses(included.routes)
        elif getattr(route, "methods", None):
            yield from (f"{method} {route.path_format}" for method in route.methods - {"HEAD"})
        else:
            yield f"MOUNT {route.path}"
