"""Fixtures of the tests of ingestion."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.pipeline import Pipeline
from qdrant.open_store import open_folder
from qdrant.store import Store
from tests.support.crawl import make_pipeline
from tests.support.reference_store import ReferenceStore


@pytest.fixture(params=["edge", "reference"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """The embedded store, and the one that judges it."""
    opened = open_folder(tmp_path / "store") if request.param == "edge" else ReferenceStore()
    yield opened
    opened.close()


@pytest.fixture
def pipeline(store: Store) -> Pipeline:
    """A pipeline into the store, without a model."""
    return make_pipeline(store)
