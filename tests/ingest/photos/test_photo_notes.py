"""What the files of photos say becomes captions, tags and fields of its post, and is judged like what is sent."""

import json
from pathlib import Path
from typing import Any

import pytest

from compliance.law import Law
from ingest.bulk.check import Checker
from ingest.bulk.run import Run, check_all, take_all
from ingest.draft import Draft
from ingest.intake import Intake
from ingest.photos.photo_notes import with_name, with_notes
from ingest.photos.photo_parts import PhotoParts
from ingest.photos.photo_source import InlinePhotos
from ingest.pipeline import Pipeline
from ingest.post import Caption, GeoPoint, Post
from photosense.settings import Settings
from qdrant.points import StoredPoint
from tests.support.crawl import ENCODER, lines
from tests.support.disguises import textured
from tests.support.noted_photo import exif, iptc, noted
from tests.support.reference_store import ReferenceStore
from topic_model.models import Models
from vision.notes.notes import Notes


class Taken:
    """A folder of photos that was taken in."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.store = ReferenceStore()
        parts = PhotoParts(ENCODER)
        self.pipeline = Pipeline(self.store, Models(), parts, Law(), Intake(Settings(**settings)))
        self.report = take_all(Run.of(folder, folder.parent / "letters.ndjson"), self.pipeline)

    def post(self, name: str) -> StoredPoint:
        """A post, as it is stored."""
        (point,) = self.store.get([name])
        assert point is not None
        return point


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four photos: one with notes, one with a sidecar beside its notes, two with names alone."""
    folder = tmp_path / "photos"
    (folder / "Крым 2019").mkdir(parents=True)
    said = iptc((120, "Закат над морем".encode()), (25, b"sea"), (25, b"old boat"), (90, "Ялта".encode()))
    (folder / "a.jpg").write_bytes(noted(textured(1), notes=exif(), segment=said))
    (folder / "b.jpg").write_bytes(noted(textured(2), notes=exif(), segment=iptc((120, b"two dogs"))))
    (folder / "b.json").write_text(json.dumps({"text": "Two dogs", "attrs": {"camera": "Zenit"}}), "utf-8")
    (folder / "Крым 2019" / "лодки у причала 3.jpg").write_bytes(noted(textured(3)))
    (folder / "IMG_1234.jpg").write_bytes(noted(textured(4)))
    return folder


def test_notes_of_a_folder_are_stored_and_searched(folder: Path) -> None:
    """Caption, keywords, time, camera and lens; what is sent stands before them, and the place is left where it is."""
    taken = Taken(folder)
    point = taken.post("a.jpg")
    assert [caption["text"] for caption in point.post["captions"]] == ["Закат над морем"]
    assert point.post["tags"] == ["sea", "old boat"]
    assert point.attrs == {"taken": "2024-05-01T10:11:12+03:00", "camera": "Canon EOS 5D", "lens": "EF50mm f/1.8"}
    assert {"закат", "море", "#old_boat", "boat"} <= set(point.words)
    both = taken.post("b.jpg")
    assert [caption["text"] for caption in both.post["captions"]] == ["Two dogs"]
    assert both.attrs["camera"] == "Zenit"


def test_a_name_that_people_gave_is_a_caption_where_there_is_no_other(folder: Path) -> None:
    """Folders count too; a number that the camera counts by says nothing."""
    taken = Taken(folder)
    (caption,) = taken.post("Крым 2019/лодки у причала 3.jpg").post["captions"]
    assert caption["text"] == "Крым 2019, лодки у причала"
    assert taken.post("IMG_1234.jpg").post["captions"] == []


def test_the_place_is_read_where_it_is_wanted(folder: Path) -> None:
    """As a field that one can filter by."""
    attrs = Taken(folder, photo_place=True).post("a.jpg").attrs
    assert attrs["place"] == {"lat": 43.5, "lon": -34.1}
    assert attrs["city"] == "Ялта"


def test_a_site_has_to_ask(folder: Path, tmp_path: Path) -> None:
    """Of other sources, and of posts over HTTP, notes are left alone; a folder's are where that is set."""
    file = tmp_path / "posts.ndjson"
    file.write_text('{"id": "p1", "photo": "photos/a.jpg"}\n')
    assert Taken(file).post("p1").attrs == {}
    assert Taken(file, photo_notes=True).post("p1").attrs["camera"] == "Canon EOS 5D"
    assert Taken(folder, photo_notes=False).post("a.jpg").attrs == {}
    for wanted in (None, True):
        store = ReferenceStore()
        intake = Intake(Settings(photo_notes=wanted))
        pipeline = Pipeline(store, Models(), PhotoParts(ENCODER), Law(), intake)
        pipeline.take(lines({"id": "p1", "photo": _base64(folder / "a.jpg")}), InlinePhotos())
        (point,) = store.get(["p1"])
        assert point is not None
        assert point.post["tags"] == (["sea", "old boat"] if wanted else [])


@pytest.mark.parametrize(
    "segment",
    [
        iptc((120, "мой сын, 5 лет".encode())),
        iptc((25, b"kindergarten")),
        iptc((120, b"boats"), (25, b"toddler")),
    ],
    ids=["caption", "keyword", "one of several"],
)
def test_what_a_file_says_of_a_child_holds_its_post(folder: Path, segment: bytes) -> None:
    """Also where the owner says of all photos that they are clear."""
    (folder / "a.jpg").write_bytes(noted(textured(5), segment=segment))
    (folder / "a.json").write_text('{"child": false}')
    point = Taken(folder).post("a.jpg")
    assert (point.payload["vis"], point.facts["child"]) == ("held", "review")


def test_steps_see_what_the_file_says(folder: Path, tmp_path: Path) -> None:
    """A photo that needs words has them in its file; the check of a folder says the same as taking it in."""
    settings = Settings(min_words_with_photo=2)
    assert Taken(folder, min_words_with_photo=2).report.reasons == {"too_few_words": 1}
    wrong: list[Draft] = []
    checker = Checker(Law().lexicon, Intake(settings))
    report = check_all(Run.of(folder, tmp_path / "letters.ndjson"), checker, wrong.append)
    assert (report.statuses["valid"], [draft.sent.id for draft in wrong]) == (3, ["IMG_1234.jpg"])


def test_no_more_is_added_than_a_post_may_have() -> None:
    """Captions, tags and fields that were sent take no harm from a file that says much."""
    notes = Notes(("new", "Old"), tuple(f"k{n}" for n in range(50)), camera="c", lens="l", place=(1.0, 2.0))
    sent = Post("p", captions=(Caption("old"),), tags=("#K1",), attrs={f"a{n}": n for n in range(63)})
    post = with_notes(sent, notes, place=True)
    assert [caption.text for caption in post.captions] == ["old", "new"]
    assert (len(post.tags), post.tags[:3]) == (50, ("#K1", "k0", "k2"))
    assert (len(post.attrs), post.attrs["camera"]) == (64, "c")
    assert with_notes(Post("p"), notes, place=True).attrs["place"] == GeoPoint(1.0, 2.0)
    assert with_name(sent) is sent


def _base64(file: Path) -> str:
    from base64 import b64encode

    return b64encode(file.read_bytes()).decode()
