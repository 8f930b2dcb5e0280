"""Choosing the engine: a server when there is an address of one, else the embedded one; only that is imported."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from qdrant.engine.protocol import Engine
from qdrant.engine.store import Bounds, EngineStore
from qdrant.errors import StoreDown
from qdrant.server.settings import ServerSettings
from qdrant.store import Store


def open_store(
    path: Path,
    url: str | None = None,
    api_key: str | None = None,
    settings: ServerSettings | None = None,
    bounds: Bounds | None = None,
) -> Store:
    """Open the store of the server at `url`, or the one in the folder `path`."""
    return open_server(url, api_key, settings, bounds=bounds) if url else open_folder(path, bounds)


def open_folder(path: Path, bounds: Bounds | None = None) -> EngineStore:
    """Open the store in a folder of this machine, or make a new one there; one process may have it open."""

    def engine() -> Engine:
        from qdrant.edge.engine import EdgeEngine

        return EdgeEngine(path)

    return EngineStore(_made(engine, path, "qdrant-edge-py"), bounds)


def open_shared(path: Path, bounds: Bounds | None = None, *, apart: bool = False) -> EngineStore:
    """Open the store in a folder of this machine beside any number of other processes.

    One of them has it open and answers the others: this one, where nobody has; `apart` starts a process for it, so that
    nothing that the engine does stops this one.
    """

    def engine() -> Engine:
        from qdrant.owner.door import Door
        from qdrant.owner.engine import OwnedEngine
        from qdrant.owner.start import link_to, opened, start_apart

        door = Door(path)
        if apart:
            return OwnedEngine(door, lambda: link_to(door, start_apart))
        if (link := door.connect()) is None:
            own = opened(door)
            if own is not None:
                return own
        else:
            link.close()
        return OwnedEngine(door, lambda: link_to(door, start_apart))

    return EngineStore(_made(engine, path, "qdrant-edge-py"), bounds)


def open_server(
    url: str,
    api_key: str | None = None,
    settings: ServerSettings | None = None,
    *,
    client: Any = None,
    bounds: Bounds | None = None,
) -> EngineStore:
    """Open the store on a Qdrant server, 1.18 or later, or make a new one there; `client` stays its owner's.

    Any number of processes may search and write: versions are compared on the server.
    """

    def engine() -> Engine:
        from qdrant.server.engine import ServerEngine

        return ServerEngine(url, api_key, settings or ServerSettings(), client)

    return EngineStore(_made(engine, url, "qdrant-client"), bounds)


def _made(engine: Callable[[], Engine], location: object, package: str) -> Engine:
    try:
        return engine()
    except ImportError as error:
        raise StoreDown(
            f"The store {location} needs the package {package}, which does not load ({error}): pip install {package}."
        ) from error
