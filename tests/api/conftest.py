"""The small world over HTTP: built once, because every test but those of writing only reads it."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI

from api.app import Parts, create_app
from api.settings import ServiceSettings
from ingest.vectors import add_vectors
from tests.support.http_client import PROXY, STRANGER, TestClient, client_from
from tests.support.reference_store import ReferenceStore
from tests.support.small_world import MODALITIES, World, small_world, words_only_world
from topic_model.models import Models


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return small_world(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="session")
def app(world: World) -> FastAPI:
    return create_app(
        ServiceSettings(trusted_proxies=(f"{PROXY}/32",), modalities=MODALITIES),
        Parts(world.store, models=Models(world.model), version="1.2.3"),
    )


@pytest.fixture(scope="session")
def site(app: FastAPI) -> Iterator[TestClient]:
    """The host site's backend on this machine, without a key."""
    with client_from(app) as client:
        yield client


@pytest.fixture(scope="session")
def proxy(app: FastAPI) -> Iterator[TestClient]:
    """A proxy whose country header is believed."""
    with client_from(app, PROXY) as client:
        yield client


@pytest.fixture(scope="session")
def stranger(app: FastAPI) -> Iterator[TestClient]:
    """Somebody out there."""
    with client_from(app, STRANGER) as client:
        yield client


@pytest.fixture
def empty_store() -> ReferenceStore:
    return ReferenceStore()


@pytest.fixture
def fresh(world: World, empty_store: ReferenceStore) -> Iterator[TestClient]:
    """The site's backend at a store without posts, which knows the model."""
    assert world.model is not None
    add_vectors(empty_store, world.model)
    empty_store.activate(world.model.id)
    with client_from(create_app(ServiceSettings(), Parts(empty_store, models=Models(world.model)))) as client:
        yield client


@pytest.fixture(scope="session")
def words_only() -> Iterator[TestClient]:
    """The site's backend at a store with posts before any model was trained."""
    with client_from(create_app(ServiceSettings(), Parts(words_only_world().store))) as client:
        yield client
