"""Soft classes: shares of albums that posts which may be seen have, and nothing of any other."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.app import Parts, create_app
from api.settings import ServiceSettings
from tests.support.http_client import PROXY, TestClient, client_from, problem_of
from tests.support.small_world import MODALITIES, World, as_base64, photo_file, small_world
from topic_model.models import Models

# Every post of the album "city", so that it can be held, taken away or fenced off.
CITY = [f"city-{number}" for number in range(2, 30, 3)]


def classes(client: TestClient, country: str = "DE", **body: object) -> dict[str, float]:
    """Shares by album."""
    answer = client.post("/v1/classify", json={"modality": "album", **body}, headers={"X-Country": country})
    assert answer.status_code == 200, answer.text
    return {one["value"]: one["share"] for one in answer.json()["classes"]}


@pytest.fixture
def own(tmp_path: Path) -> World:
    """A world of its own, to be changed."""
    return small_world(tmp_path)


@pytest.fixture
def behind_proxy(own: World) -> Iterator[TestClient]:
    """Visitors of it, by their country, and the site."""
    settings = ServiceSettings(api_key="the-key", trusted_proxies=(f"{PROXY}/32",), modalities=MODALITIES)
    with client_from(create_app(settings, Parts(own.store, models=Models(own.model))), PROXY) as client:
        yield client


@pytest.mark.parametrize("album", ["sea", "mountains", "city"])
def test_words_and_photos_are_of_the_right_class(proxy: TestClient, album: str) -> None:
    """The album of such posts comes first, from words or from a photo; shares make 1, and a limit cuts."""
    words = {"sea": "волна чайка", "mountains": "snow summit", "city": "трамвай, фонарь"}[album]
    by_words = classes(proxy, text=words)
    assert max(by_words, key=by_words.__getitem__) == album
    assert set(by_words) == {"sea", "mountains", "city"}
    assert sum(by_words.values()) == pytest.approx(1, abs=1e-5)
    assert next(iter(classes(proxy, photo=as_base64(photo_file(album, 77)))), None) == album
    assert list(classes(proxy, text=words, limit=1)) == [album]


def test_a_class_of_withheld_posts_is_not_told(behind_proxy: TestClient) -> None:
    """Once all its posts are held it has no share, and the others' make 1 without it; it has where nothing is held."""
    key = {"authorization": "Bearer the-key"}
    assert "city" in classes(behind_proxy, text="трамвай, море")
    for post in CITY:
        done = behind_proxy.put(f"/v1/posts/{post}/compliance", json={"by": "m1", "child": "child"}, headers=key)
        assert done.status_code == 200, done.text
    for country in ("DE", "RU", "XX"):
        left = classes(behind_proxy, country, text="трамвай, море")
        assert set(left) == {"sea", "mountains"}
        assert sum(left.values()) == pytest.approx(1, abs=1e-5)
    assert "city" in classes(behind_proxy, "IS", text="трамвай, море")


def test_a_class_of_posts_that_are_gone_is_not_told(own: World, behind_proxy: TestClient) -> None:
    """What was taken away is remembered by the model until it learns anew, and told to nobody."""
    for post in CITY:
        own.store.delete([post])
    assert set(classes(behind_proxy, "IS", text="трамвай, море")) == {"sea", "mountains"}


def test_what_is_not_declared_or_not_learned_is_said(proxy: TestClient, world: World) -> None:
    """The first is a mistake of whoever asks, the second is for whoever runs the service."""
    answer = proxy.post("/v1/classify", json={"text": "море", "modality": "genre"})
    assert "album" in problem_of(answer, 422, "wrong_field")["detail"]
    settings = ServiceSettings(modalities={"genre": "attrs.genre", **MODALITIES})
    with client_from(create_app(settings, Parts(world.store, models=Models(world.model)))) as client:
        answer = client.post("/v1/classify", json={"text": "море", "modality": "genre"}).json()
        assert answer["classes"] == []
        assert "add-modality" in answer["notice"]
        unknown = client.post("/v1/classify", json={"text": "абракадабр", "modality": "album"}).json()
        assert unknown["classes"] == []
        assert unknown["notice"]
