"""Choosing the engine: a server when there is an address of one, else the embedded store."""

from pathlib import Path

from qdrant.errors import StoreDown
from qdrant.store import Store


def open_store(path: Path, url: str | None = None, api_key: str | None = None) -> Store:
    """Open the store of the server at `url`, or the one in the folder `path`; only that engine is imported."""
    try:
        if url:
            from qdrant.server import ServerStore

            return ServerStore(url, api_key)
        from qdrant.edge import EdgeStore

        return EdgeStore(path)
    except ImportError as error:
        asked, package = (url, "qdrant-client") if url else (path, "qdrant-edge-py")
        raise StoreDown(
            f"The store {asked} needs the package {package}, which does not load ({error}): pip install {package}."
        ) from error
