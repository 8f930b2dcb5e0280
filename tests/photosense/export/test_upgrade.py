"""Stores of former formats come through an upgrade: frozen homes that the versions of then wrote themselves."""

import shutil
import tarfile
from pathlib import Path

import pytest

from api.answers import Hit
from api.search.question import Question
from common.digest import file_digest
from common.faults import Fate, faults
from compliance.country import resolve
from compliance.facts import Child, from_payload
from photosense.errors import PhotosenseError
from photosense.export.upgrade import upgrade_store
from photosense.house import open_house
from photosense.settings import Settings
from qdrant.edge.former import store_format
from qdrant.engine.about import FORMAT, FORMER
from qdrant.errors import StoreError
from qdrant.filters import Range
from tests.support.command import Command

FORMATS = Path(__file__).parents[2] / "data" / "formats"
POSTS = ("kid", *(f"p{number}" for number in range(8)), "said")


def frozen(format_: int, folder: Path) -> Path:
    """The home that a version of then left, below a folder."""
    with tarfile.open(FORMATS / f"format-{format_}.tar.xz") as packed:
        packed.extractall(folder, filter="data")
    home = folder / "photosense-data"
    (folder / "home").rename(home)
    return home


def digests(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file_digest(file) for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("format_", FORMER)
def test_a_former_format_comes_through(photosense: Command, tmp_path: Path, format_: int) -> None:
    """Every post with its words, fields and facts; what is held stays held; the old store is kept as it was."""
    home = frozen(format_, tmp_path)
    before = digests(home / "store")
    outcome = photosense("upgrade")
    assert outcome.code == 0, outcome.err
    assert f"10 posts went from format {format_} to {FORMAT} in " in outcome.out
    assert digests(home / f"store-format-{format_}") == before
    assert store_format(home / "store") == FORMAT
    assert photosense("verify").code == 0
    with open_house(Settings(home=home, threads=1)) as house:
        points = {point.id: point for point in house.store.scroll()}
        assert sorted(points) == sorted(POSTS)
        assert points["p3"].post["captions"][0] == {"text": "Снежная вершина и тропа, кадр 3", "author": "u3"}
        assert points["p3"].attrs == {"album": "горы", "price": 3, "taken": "2024-06-04"}
        children = {post: from_payload(points[post].facts).child for post in ("kid", "said", "p6")}
        # Its author is called u6, a program's code; the version that wrote format 3 took it for an age, and held it.
        author = Child.REVIEW if format_ == 3 else Child.CLEAR
        assert children == {"kid": Child.CHILD, "said": Child.CHILD, "p6": author}
        held = {post for post, child in children.items() if child is not Child.CLEAR}
        assert [point.id for point in house.store.scroll(Range('typed.number."price"', at_least=7))] == ["p7"]
        hits = house.service().search(Question("волны", None, limit=10), resolve(None, None, False)).hits
        assert {"p0", "p2", "p4"} <= {hit.id for hit in hits if isinstance(hit, Hit)} <= points.keys() - held
        assert ("photosense train" in outcome.out) == (house.models.topics is None)
    assert "nothing to do" in photosense("upgrade").out


def test_an_older_one_is_not_served_and_says_what_to_do(photosense: Command, tmp_path: Path) -> None:
    """Nor is one of a version to come."""
    home = frozen(1, tmp_path)
    assert "`photosense upgrade` brings it forward" in photosense("status").err
    record = home / "store" / "store.json"
    record.write_text(record.read_text().replace('"format": 1', '"format": 9'))
    assert "has format 9, which is newer than this version" in photosense("upgrade").err


def test_an_upgrade_that_is_cut_short_leaves_the_old_one_in_force_and_the_next_goes_on(tmp_path: Path) -> None:
    """Whatever step fails, there is a store that opens, with every post."""
    with faults(Fate.FAIL, 10**9, tmp_path) as counted:
        upgrade_store(Settings(home=frozen(2, tmp_path)))
    for number in range(1, counted.count, counted.count // 4):
        shutil.rmtree(tmp_path / "photosense-data")
        settings = Settings(home=frozen(2, tmp_path))
        with faults(Fate.FAIL, number, tmp_path):
            try:
                upgrade_store(settings)
            except (PhotosenseError, StoreError):
                assert store_format(settings.store_path) in (2, FORMAT)
        upgrade_store(settings)
        assert store_format(settings.store_path) == FORMAT
        with open_house(settings, with_model=False) as house:
            assert house.store.count() == len(POSTS)
