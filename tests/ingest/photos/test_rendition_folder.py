"""The folder of renditions: what a post shows is what can be read of it, whatever became of it."""

import os
from pathlib import Path
from typing import Any

import pytest

from compliance.law import Law
from ingest.draft import Result
from ingest.intake import Intake
from ingest.photos.photo_parts import PhotoParts
from ingest.photos.photo_source import InlinePhotos
from ingest.photos.rendition_folder import RenditionFolder, shown_photo
from ingest.pipeline import Pipeline
from moderation.takedowns import Remover, apply_register
from photosense.settings import Settings
from qdrant.errors import StoreFull
from qdrant.points import StoredPoint
from tests.support.crawl import ENCODER, encoded, lines, post
from tests.support.reference_store import ReferenceStore
from topic_model.models import Models
from vision.rendition import LARGE, SIZES, SMALL

MADE = {SMALL: b"small", LARGE: b"large"}


class Site:
    """A store with a folder of renditions beside it."""

    def __init__(self, path: Path, renditions: bool | None = True) -> None:
        self.store, self.law, self.folder = ReferenceStore(), Law(), RenditionFolder(path)
        parts = PhotoParts(ENCODER, renditions=self.folder)
        self.pipeline = Pipeline(
            self.store, Models(), parts, self.law, Intake(Settings(renditions=renditions, same_photo="keep"))
        )
        self.remover = Remover(self.store, self.law, self.folder)

    def take(self, *posts: dict[str, Any]) -> list[Result]:
        return self.pipeline.take(lines(*posts), InlinePhotos())

    def point(self, name: str) -> StoredPoint:
        (point,) = self.store.get([name])
        assert point is not None
        return point

    def shows(self, name: str) -> bool:
        photo = shown_photo(self.point(name))
        files = [self.folder.read(name, photo, size) for size in SIZES]
        assert self.folder.has(name, photo) == all(files) == any(files)
        return all(files)

    @property
    def files(self) -> set[str]:
        return {path.name for path in self.folder.path.rglob("*") if path.is_file()}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "renditions")


@pytest.fixture
def folder(tmp_path: Path) -> RenditionFolder:
    return RenditionFolder(tmp_path / "renditions")


class TestTheFolder:
    def test_gives_back_what_was_written(self, folder: RenditionFolder) -> None:
        """By post, photo and size; of another post or photo there is nothing, nor before anything was written."""
        assert folder.read("p", "a", SMALL) is None
        assert folder.kept() == (0, 0)
        folder.write("p", "a", MADE)
        assert [folder.read("p", "a", size) for size in SIZES] == [b"small", b"large"]
        for post_id, photo in (("p", "b"), ("q", "a"), ("p", "")):
            assert not folder.has(post_id, photo)
            assert folder.read(post_id, photo, SMALL) is None
        assert folder.kept() == (1, 10 + 2 * 32)

    def test_shows_nothing_that_rotted(self, folder: RenditionFolder) -> None:
        """One changed letter of picture or sum, or one less: it goes, so that the same post brings it anew."""
        folder.write("p", "a", MADE)
        (file,) = folder.path.rglob("*-320.jpg")
        whole = file.read_bytes()
        for rotten in (b"smell" + whole[5:], whole[:-1] + b"?", whole[:-1], b""):
            file.write_bytes(rotten)
            assert folder.damaged() == [file]
            assert folder.read("p", "a", SMALL) is None
            assert not file.exists()
        assert not folder.has("p", "a")
        assert folder.read("p", "a", LARGE) == b"large"

    def test_a_large_one_that_rotted_is_made_anew_as_well(self, folder: RenditionFolder) -> None:
        """It was missing for good: what is sent again is made anew where the small one is missing."""
        folder.write("p", "a", MADE)
        (file,) = folder.path.rglob("*-1600.jpg")
        file.write_bytes(b"rotten")
        assert folder.read("p", "a", LARGE) is None
        assert not folder.has("p", "a")

    def test_shows_what_was_made_before_there_were_sums(self, folder: RenditionFolder) -> None:
        """Such a file ends as its picture does."""
        folder.write("p", "a", MADE)
        (file,) = folder.path.rglob("*-320.jpg")
        file.write_bytes(b"a picture\xff\xd9")
        assert folder.read("p", "a", SMALL) == b"a picture\xff\xd9"
        assert folder.damaged() == []

    @pytest.mark.parametrize("name", ["../../up", "a/b", "x" * 256, "\udcff", "p-a", ".", ""])
    def test_takes_any_id(self, folder: RenditionFolder, name: str) -> None:
        """However odd, its files lie in the folder, and go with it."""
        folder.write(name, "a", MADE)
        assert folder.read(name, "a", LARGE) == b"large"
        assert all(path.is_relative_to(folder.path) for path in folder.path.parent.rglob("*-320.jpg"))
        folder.remove([name])
        assert folder.kept() == (0, 0)

    def test_removes_what_a_post_shows_no_more(self, folder: RenditionFolder) -> None:
        """The photo that is named stays, and so does another post's."""
        for post_id, photo in (("p", "a"), ("p", "b"), ("q", "a")):
            folder.write(post_id, photo, MADE)
        folder.remove(["p", "nobody"], but="b")
        assert [folder.has("p", "a"), folder.has("p", "b"), folder.has("q", "a")] == [False, True, True]

    def test_sweeps_what_nobody_shows(self, folder: RenditionFolder) -> None:
        """What is so young that its post may still come stays."""
        for post_id, photo in (("p", "a"), ("p", "b"), ("gone", "a"), ("coming", "c")):
            folder.write(post_id, photo, MADE)
        for file in folder.path.rglob("*.jpg"):
            if "-c-" not in file.name:
                os.utime(file, (0, 0))
        assert folder.sweep([("p", "a"), ("q", "")]) == 4
        assert [folder.has("p", "a"), folder.has("p", "b"), folder.has("gone", "a")] == [True, False, False]
        assert folder.has("coming", "c")


class TestAPost:
    def test_has_renditions_of_its_photo(self, site: Site) -> None:
        """Two files, and none of a post without a photo."""
        site.take(post("p1", photo=encoded("sea", 1), child=False), post("p2", "city"))
        assert site.shows("p1")
        assert not site.shows("p2")
        assert len(site.files) == 2

    def test_with_another_photo_shows_that_one_alone(self, site: Site) -> None:
        """The old one is gone from the disk; without a photo, all are."""
        site.take(post("p1", photo=encoded("sea", 1), version=1))
        before = site.folder.read("p1", shown_photo(site.point("p1")), LARGE)
        site.take(post("p1", photo=encoded("city", 2), version=2))
        after = site.folder.read("p1", shown_photo(site.point("p1")), LARGE)
        assert None not in (before, after)
        assert before != after
        assert len(site.files) == 2
        site.take(post("p1", version=3))
        assert site.files == set()

    def test_of_an_older_version_changes_nothing(self, site: Site) -> None:
        """A line that is stale leaves neither its photo nor a gap."""
        site.take(post("p1", photo=encoded("sea", 1), version=2))
        files = site.files
        (result,) = site.take(post("p1", photo=encoded("city", 2), version=1))
        assert result.status == "stale"
        assert site.files == files
        assert site.shows("p1")

    def test_that_comes_twice_in_a_batch_shows_what_came_last(self, site: Site) -> None:
        """As the store has it."""
        site.take(post("p1", photo=encoded("sea", 1)), post("p1", photo=encoded("city", 2)))
        assert site.shows("p1")
        assert len(site.files) == 2

    def test_that_is_turned_away_leaves_none(self, site: Site) -> None:
        """Neither a copy of the same words and photo, nor a photo that was taken down."""
        one = post("p1", photo=encoded("sea", 1))
        site.take(one)
        assert site.take({**one, "id": "p2"})[0].reason == "duplicate"
        site.remover.take_down("m1", "order 7", post="p1")
        assert site.files == set()
        assert site.take({**one, "id": "p3"})[0].reason == "taken_down"
        assert site.files == set()

    def test_that_is_deleted_takes_them_along(self, site: Site) -> None:
        """Another post with the same photo keeps its own."""
        photo = encoded("sea", 1)
        site.take(post("p1", photo=photo), post("p2", "city", photo=photo))
        assert len(site.files) == 4
        assert site.remover.delete("p1")
        assert len(site.files) == 2
        assert site.shows("p2")

    def test_that_a_restored_store_brings_back_goes_with_its_renditions(self, site: Site) -> None:
        """Who applies the register removes both."""
        site.take(post("p1", photo=encoded("sea", 1)))
        Remover(ReferenceStore(), site.law).take_down("m1", "order 7", post="p1")
        assert apply_register(site.store, site.law, site.folder) == 1
        assert site.files == set()

    def test_that_comes_again_unchanged_gets_those_that_it_lacks(self, tmp_path: Path) -> None:
        """Who switches renditions on sends the same lines once more."""
        site = Site(tmp_path / "renditions", renditions=False)
        one = post("p1", photo=encoded("sea", 1))
        site.take(one)
        assert site.files == set()
        wanted = Site(tmp_path / "renditions")
        wanted.pipeline = Pipeline(
            site.store,
            Models(),
            PhotoParts(ENCODER, renditions=site.folder),
            site.law,
            Intake(Settings(renditions=True)),
        )
        assert wanted.take(one)[0].status == "unchanged"
        assert site.shows("p1")


class FullStore(ReferenceStore):
    """A store whose disk is full."""

    def upsert(self, points: Any) -> Any:
        raise StoreFull("The disk is full.")


class TestTrouble:
    def test_a_store_that_refuses_leaves_nothing_that_is_read(self, site: Site) -> None:
        """What was written before is of the photo that the post does not show, and goes with the next write."""
        site.take(post("p1", photo=encoded("sea", 1)))
        store = site.store
        writer = site.pipeline._keeper._writer
        writer._store = _full(store)
        with pytest.raises(StoreFull):
            site.take(post("p1", photo=encoded("city", 2)))
        writer._store = store
        assert site.shows("p1")
        assert len(site.files) == 4
        site.take(post("p1", photo=encoded("mountains", 3)))
        assert site.shows("p1")
        assert len(site.files) == 2

    def test_a_folder_that_cannot_be_written_costs_the_renditions_alone(self, tmp_path: Path) -> None:
        """The post is stored, and its result says what is missing."""
        (tmp_path / "file").write_text("in the way")
        site = Site(tmp_path / "file" / "renditions")
        (result,) = site.take(post("p1", photo=encoded("sea", 1)))
        assert (result.status, list(result.marks)) == ("stored", ["no_renditions"])
        assert "Not a directory" in result.marks["no_renditions"]
        assert not site.shows("p1")
        assert site.remover.delete("p1")


@pytest.mark.parametrize(
    ("setting", "gallery", "kept"),
    [(None, True, True), (None, False, False), (True, False, True), (False, True, False)],
)
def test_who_gets_renditions(tmp_path: Path, setting: bool | None, gallery: bool, kept: bool) -> None:
    """A folder of photos does unless they are switched off, others where they are switched on."""
    site = Site(tmp_path / "renditions", setting)
    batches = [lines(post("p1", photo=encoded("sea", 1)))]
    assert [draft for drafts in site.pipeline.flow(batches, InlinePhotos(), gallery=gallery) for draft in drafts]
    assert bool(site.files) == kept


def _full(store: ReferenceStore) -> FullStore:
    full = FullStore()
    full.__dict__.update(store.__dict__)
    return full
