"""Commands that look after the store: what they do is told, what they cannot do as well."""

import json
import os
import shutil
from pathlib import Path

import pytest

from compliance.country import Country
from photosense.house import open_house
from photosense.settings import Settings
from qdrant.open_store import open_folder
from qdrant.vector_kind import THETA
from tests.support.command import Command
from tests.support.crawl import SCENES, photo
from tests.support.points import point


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Three posts with fields of their own, where the command looks by itself."""
    home = tmp_path / "photosense-data"
    store = open_folder(home / "store")
    store.upsert([point(f"p{n}", words={"sea": 1.0}, attrs={"place": spot}) for n, spot in enumerate(["a", "b", "b"])])
    store.close()
    return home


def test_a_backup_brings_everything_back(photosense: Command, home: Path, tmp_path: Path) -> None:
    """Lose the home folder, restore it, search again."""
    result = photosense("backup", tmp_path / "saved")
    assert (result.code, result.out.strip()) == (0, f"3 posts and no model are saved in {tmp_path / 'saved'}.")
    shutil.rmtree(home)
    result = photosense("restore", tmp_path / "saved")
    assert (result.code, result.out.splitlines()[0]) == (0, "3 posts are restored in photosense-data.")
    with open_house(Settings(home=home)) as house:
        assert house.store.count() == 3


def test_the_model_comes_along(photosense: Command, home: Path, tmp_path: Path) -> None:
    """A store whose model is missing would not open."""
    store = open_folder(home / "store")
    store.add_vector(THETA.of("m1"), 2)
    store.activate("m1")
    store.close()
    (home / "models" / "m1").mkdir(parents=True)
    (home / "models" / "m1" / "phi.npy").write_bytes(b"numbers")
    assert "the model m1" in photosense("backup", tmp_path / "saved").out
    shutil.rmtree(home)
    photosense("restore", tmp_path / "saved")
    assert (home / "models" / "m1" / "phi.npy").read_bytes() == b"numbers"


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        pytest.param(["backup", "."], "exists already", id="a folder that exists"),
        pytest.param(["backup", "photosense-data/saved"], "lies in the home", id="the home itself"),
        pytest.param(["restore", "nowhere"], "exists: move it away first", id="a store in the way"),
        pytest.param(["restore", "nowhere", "--home", "other"], "is no backup of a store", id="no backup"),
        pytest.param(["search", "sea", "--filter", "{"], "is no JSON", id="a broken filter"),
        pytest.param(["search", "sea", "--filter", "{}"], "is no filter", id="an empty filter"),
        pytest.param(["search", "sea", "--filter", '{"field": "attrs.x", "equals": 1}'], "attrs.x", id="no such field"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(photosense: Command, home: Path, command: list[str], sentence: str) -> None:
    """Exit code 2, one sentence on stderr, and the store is as it was."""
    result = photosense(*command)
    assert (result.code, result.out) == (2, "")
    assert sentence in result.err
    assert "Traceback" not in result.err
    store = open_folder(home / "store")
    assert store.count() == 3
    store.close()


def test_a_server_restores_its_snapshots_itself(
    photosense: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command says where the request is described."""
    monkeypatch.setenv("PHOTOSENSE_QDRANT_URL", "http://127.0.0.1:1")
    assert "docs/running.md" in photosense("restore", tmp_path / "saved").err


def test_a_store_that_is_used_is_looked_after(photosense: Command, home: Path) -> None:
    """Another process has it open, and goes on with it."""
    with open_house(Settings(home=home)) as house:
        assert "3 posts" in photosense("backup", "saved").out
        assert "compact" in photosense("optimize").out
        assert house.store.count() == 3


@pytest.mark.usefixtures("home")
def test_search_and_status_know_the_fields_of_the_site(photosense: Command) -> None:
    """What status lists can be filtered by."""
    assert "attrs.place" in photosense("status").out
    result = photosense(
        "search", "sea", "--country", "IS", "--filter", json.dumps({"field": "attrs.place", "equals": "b"})
    )
    assert result.code == 0, result.err
    assert "p0" not in result.out
    assert "p1" in result.out


def test_the_photos_of_a_folder_are_kept_in_small(photosense: Command, tmp_path: Path) -> None:
    """From ingestion to status, backup and restore; the secret of their addresses stays; what is left over is swept."""
    (tmp_path / "photos").mkdir()
    for scene in SCENES:
        (tmp_path / "photos" / f"{scene}.png").write_bytes(photo(scene))
        (tmp_path / "photos" / f"{scene}.txt").write_text(f"a quiet evening, {scene}")
    assert photosense("ingest", "photos").code == 0
    home = tmp_path / "photosense-data"
    with open_house(Settings(home=home)) as house:
        read = house.service().post("sea.png", Country("IS", "site"))
    assert read.post.photo is not None
    assert "of 3 photos, 0.0 MB" in photosense("status").out
    assert photosense("backup", "saved").code == 0
    kept = {file.name: file.read_bytes() for file in (home / "renditions").rglob("*.jpg")}
    assert len(kept) == 6
    assert (home / "renditions.secret").is_file()
    shutil.rmtree(home)
    assert photosense("restore", "saved").code == 0
    assert {file.name: file.read_bytes() for file in (home / "renditions").rglob("*.jpg")} == kept
    assert not (home / "renditions.secret").exists()
    with open_house(Settings(home=home)) as house:
        house.store.delete(["city.png"])
    for file in (home / "renditions").rglob("*.jpg"):
        os.utime(file, (0, 0))
    assert photosense("optimize").code == 0
    assert "of 2 photos" in photosense("status").out
