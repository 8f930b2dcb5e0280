"""`photosense move`: from the embedded engine to a server and back, it is the same export."""

import os
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from qdrant_client import QdrantClient

from compliance.consent import Consent
from compliance.facts import Child
from ingest.photos.photo_source import InlinePhotos
from moderation.desk import Decision, Desk
from photosense.commands.upkeep.move import target_of
from photosense.errors import PhotosenseError
from photosense.export.move import check_empty, move_store
from photosense.export.post_line import post_line
from photosense.house import open_house
from photosense.settings import Settings
from qdrant.open_store import open_folder
from qdrant.store import Store
from qdrant.vector_kind import THETA
from tests.support.command import Command
from tests.support.crawl import crawl, lines, post
from tests.support.points import MODEL, STORES, TOPICS, every, point, theta

URL = os.environ.get("PHOTOSENSE_TEST_QDRANT_URL")  # before the command of a test forgets it


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with decisions, a consent for one country, and thetas of a model."""
    settings = Settings(home=tmp_path_factory.mktemp("moved") / "photosense-data")
    with open_house(settings) as house:
        house.pipeline().take(lines(*crawl(4), post("held", text="a day at the sea", child=True)), InlinePhotos())
        desk = Desk(house.store, house.law)
        desk.decide([Decision("p01", Child.CHILD)], "m1")
        consent = Consent("form-1", house.law.gate.now(), frozenset({"DE"}))
        desk.decide([Decision("p03", Child.CONSENTED, consent)], "m1")
        house.store.add_vector(THETA.of(MODEL), TOPICS)
        house.store.put_vectors(THETA.of(MODEL), [("p00", theta(0.25, 0.75)), ("held", theta(1.0))])
        house.store.activate(MODEL)
    return settings.home


def exported(store: Store) -> dict[str, Mapping[str, Any]]:
    """The lines of an export, by post."""
    return {point.id: post_line(point) for point in store.scroll(features=True)}


@pytest.mark.parametrize("engine", every(["client-local", "server"]))
def test_there_and_back_is_the_same_export(home: Path, tmp_path: Path, engine: str) -> None:
    """Posts down to their times, facts with their history, vectors, the model in force."""
    settings = Settings(home=tmp_path)
    with closing(open_folder(home / "store")) as ours, closing(STORES[engine](tmp_path)) as server:
        assert move_store(ours, server, "the server") == 5
        with target_of(settings, "home", "the home") as back:
            assert move_store(server, back, "the home") == 5
        assert not list(settings.store_path.glob(".*"))
        with closing(open_folder(settings.store_path)) as back:
            assert exported(server) == exported(ours) == exported(back)
            assert [store.in_force() for store in (ours, server, back)] == [MODEL] * 3
            assert set(server.info().attrs) == set(ours.info().attrs)
    with pytest.raises(PhotosenseError, match="move it away first"), target_of(settings, "home", "the home"):
        pass


def test_what_was_cut_short_goes_on_and_what_holds_others_is_refused(home: Path, tmp_path: Path) -> None:
    """A part that came through is no harm; a stranger's post is told."""
    with closing(open_folder(home / "store")) as ours, closing(open_folder(tmp_path / "part")) as part:
        (first, *_) = ours.scroll(features=True)
        move_store(ours, part, "it")
        part.delete([first.id])
        assert move_store(ours, part, "it") == 5
        assert exported(part) == exported(ours)
        part.upsert([point("stranger")])
        with pytest.raises(PhotosenseError, match="does not hold what was sent to it"):
            move_store(ours, part, "it")
        with pytest.raises(PhotosenseError, match="it is not empty, it holds 6 posts: a move mixes nothing"):
            check_empty(part, "it")


def test_a_server_that_does_not_answer_is_told_and_nothing_changes(photosense: Command, home: Path) -> None:
    """Nor does what is there already move, or go where something is."""
    before = sorted(path.name for path in home.iterdir())
    outcome = photosense("move", "--to", "http://127.0.0.1:9", "--home", home)
    assert outcome.code == 2
    assert "127.0.0.1:9" in outcome.err
    assert "there already, by the settings" in photosense("move", "--to", "home", "--home", home).err
    assert sorted(path.name for path in home.iterdir()) == before


@pytest.fixture
def url() -> Iterator[str]:
    """A server, and a collection that is not there."""
    if not URL:
        pytest.skip("PHOTOSENSE_TEST_QDRANT_URL names no server to try")
    client = QdrantClient(url=URL, check_compatibility=False)
    client.delete_collection("photosense_test-1")
    yield URL
    client.delete_collection("photosense_test-1")
    client.close()


@pytest.mark.server
def test_the_command_moves_a_home_to_a_server_and_back(
    photosense: Command, home: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says what to set, and refuses what is not empty."""
    monkeypatch.setenv("PHOTOSENSE_QDRANT_COLLECTION", "photosense_test")
    before = photosense("export", "before.ndjson", "--home", home)
    assert before.code == 0, before.err
    moved = photosense("move", "--to", url, "--home", home)
    assert moved.code == 0, moved.err
    assert f"set PHOTOSENSE_QDRANT_URL={url}" in moved.out
    assert "is not empty, it holds 5 posts" in photosense("move", "--to", url, "--home", home).err
    monkeypatch.setenv("PHOTOSENSE_QDRANT_URL", url)
    assert "exists: move it away first" in photosense("move", "--to", "home", "--home", home).err
    (home / "store").rename(home / "store-before")
    back = photosense("move", "--to", "home", "--home", home)
    assert back.code == 0, back.err
    monkeypatch.delenv("PHOTOSENSE_QDRANT_URL")
    with closing(open_folder(home / "store")) as ours, closing(open_folder(home / "store-before")) as earlier:
        assert exported(ours) == exported(earlier)


@pytest.mark.server
def test_an_import_fills_a_server(
    photosense: Command, home: Path, url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An empty home beside an empty collection; what is not empty is refused."""
    assert photosense("export", "all.ndjson", "--home", home).code == 0
    monkeypatch.setenv("PHOTOSENSE_QDRANT_URL", url)
    monkeypatch.setenv("PHOTOSENSE_QDRANT_COLLECTION", "photosense_test")
    outcome = photosense("import", "all.ndjson", "--home", "other")
    assert (outcome.code, "5 of 5 posts are in other." in outcome.out) == (0, True), outcome.err
    other = Settings(home=tmp_path / "other", qdrant_url=url, qdrant_collection="photosense_test")
    with closing(open_folder(home / "store")) as ours, open_house(other) as house:
        assert exported(house.store).keys() == exported(ours).keys()
    assert "holds posts already" in photosense("import", "all.ndjson", "--home", "another").err
