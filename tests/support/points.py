"""Points for the tests of the stores: small, and as much like real ones as the test needs."""

import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qdrant_client import QdrantClient

from qdrant.engine.store import EngineStore
from qdrant.filters import any_of
from qdrant.open_store import open_folder, open_server
from qdrant.owner.door import Door
from qdrant.owner.engine import OwnedEngine
from qdrant.owner.open_engine import OpenEngine
from qdrant.owner.start import link_to, start_apart
from qdrant.points import PhotoPoint
from qdrant.server.settings import ServerSettings
from qdrant.store import Store
from tests.support.reference_store import ReferenceStore

MODEL, TOPICS = "m1", 6
OPEN = any_of("vis", ["open"])


def theta(*values: float) -> np.ndarray:
    """Pad with zeros to a theta of all topics."""
    padded = np.zeros(TOPICS, dtype=np.float32)
    padded[: len(values)] = values
    return padded


def point(name: str, /, **changes: Any) -> PhotoPoint:
    """Build a point whose Document says the words it is found by."""
    words = changes.get("words", {"sea": 1})
    tokens = {word: 1 for word in words if not word.startswith("#")}
    tags = {word[1:]: 1 for word in words if word.startswith("#")}
    fields: dict = {
        "vis": "open",
        "child": "clear",
        "post": {"captions": [{"text": name}]},
        "document": {"text": tokens, "tag": tags},
    }
    return PhotoPoint(**{"id": name, **fields, **changes})


def ids(hits: list) -> list[str]:
    """Name the posts that were found."""
    return [hit.point.id for hit in hits]


def on_a_server(_: Path) -> Store:
    """Open a collection of its own on the server that is there for tests."""
    url = os.environ.get("PHOTOSENSE_TEST_QDRANT_URL")
    if not url:
        pytest.skip("PHOTOSENSE_TEST_QDRANT_URL names no server to try")
    client = QdrantClient(url=url, check_compatibility=False)
    client.delete_collection("photosense_test-1")
    client.close()
    return open_server(url, settings=ServerSettings(collection="photosense_test"))


def on_the_client(_: Path) -> Store:
    """Open the client's local mode, which keeps everything in memory."""
    return open_server("local", client=QdrantClient(":memory:"))


def every(names: Iterable[str]) -> list:
    """Parameters for tests of several stores; those of a real server are marked."""
    return [pytest.param(name, marks=[pytest.mark.server] if name == "server" else []) for name in names]


def beside_its_owner(folder: Path) -> EngineStore:
    """Open a folder through the door of its owner, who is a thread here."""
    door = Door(folder / "store")
    threading.Thread(target=OpenEngine(door).serve, args=(30, 0)).start()
    return EngineStore(OwnedEngine(door, lambda: link_to(door, start_apart)))


STORES: dict[str, Callable[[Path], Store]] = {
    "edge": lambda folder: open_folder(folder / "store"),
    "owned": beside_its_owner,
    "reference": lambda _: ReferenceStore(),
    "client-local": on_the_client,
    "server": on_a_server,
}
