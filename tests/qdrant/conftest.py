"""Every store in turn, for the tests of the contract."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from qdrant.store import Store
from qdrant.vector_kind import THETA
from tests.support.points import MODEL, STORES, TOPICS, every


# Whoever talks to an owner talks to the embedded engine: the shorter way is gone by all other tests of it.
@pytest.fixture(params=every(name for name in STORES if name != "edge"))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened = STORES[request.param](tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def modelled(store: Store) -> Store:
    store.add_vector(THETA.of(MODEL), TOPICS)
    store.activate(MODEL)
    return store
