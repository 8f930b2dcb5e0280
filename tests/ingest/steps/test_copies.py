"""Copies: the same words, the same file, the same look; dropped, linked or kept, and never open beside a held one."""

from base64 import b64encode
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from compliance.facts import UNKNOWN
from compliance.records.takedown_register import BITS_APART
from ingest.photos.photo_source import InlinePhotos
from ingest.pipeline import Pipeline
from ingest.post import Post
from ingest.steps.copies import NEAR, Known, bands_around, keys_of
from qdrant.open_store import open_folder
from qdrant.store import Store
from tests.support.crawl import lines, make_pipeline
from tests.support.reference_store import ReferenceStore
from vision.fingerprint import Fingerprint

SEA, SNOW, CITY = "закат над морем, тихие волны", "снежные вершины, горная тропа", "огни ночного города, мост"


@pytest.fixture(params=["edge", "reference"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened = open_folder(tmp_path / "store") if request.param == "edge" else ReferenceStore()
    yield opened
    opened.close()


def photo(seed: int, width: int = 480, quality: int = 90, kind: str = "JPEG") -> str:
    """A scene of soft shapes; the same seed is the same scene, at any size and quality."""
    coarse = np.random.default_rng(seed).integers(0, 255, (6, 8, 3)).astype(np.uint8)
    scene = Image.fromarray(coarse).resize((480, 360), Image.Resampling.BICUBIC)
    buffer = BytesIO()
    scene.resize((width, width * 3 // 4)).save(buffer, kind, quality=quality)
    return "data:;base64," + b64encode(buffer.getvalue()).decode()


def take(pipeline: Pipeline, *sent: dict[str, Any]) -> list[str]:
    return [result.reason or result.status for result in pipeline.take(lines(*sent), InlinePhotos())]


def marks(pipeline: Pipeline, *sent: dict[str, Any]) -> list[dict[str, str]]:
    return [dict(result.marks) for result in pipeline.take(lines(*sent), InlinePhotos())]


def child(store: Store, name: str) -> str:
    (point,) = store.get([name])
    assert point is not None
    return str(point.payload["child"])


class TestWords:
    def test_the_same_words_without_a_photo_add_nothing(self, store: Store) -> None:
        """Beside a post that has a photo as well, its bare words are turned away; later, and in the same batch."""
        pipeline = make_pipeline(store)
        first, bare = {"id": "p1", "text": SEA, "photo": photo(1)}, {"id": "p2", "text": f"  {SEA.upper()}"}
        assert take(pipeline, first, bare) == ["stored", "duplicate_text"]
        assert take(pipeline, bare) == ["duplicate_text"]

    def test_words_first_and_the_photo_later_are_two_posts(self, store: Store) -> None:
        """A photo is more than was there."""
        pipeline = make_pipeline(store)
        assert take(pipeline, {"id": "p1", "text": SEA}, {"id": "p2", "text": SEA, "photo": photo(1)}) == ["stored"] * 2


class TestSamePhoto:
    SENT = ({"id": "p1", "text": SEA, "photo": photo(1)}, {"id": "p2", "text": SNOW, "photo": photo(1)})

    @pytest.mark.parametrize("batches", [1, 2], ids=["one batch", "two batches"])
    @pytest.mark.parametrize(
        ("wish", "became", "marked"),
        [("drop", "duplicate_photo", {}), ("link", "stored", {"duplicate_photo": "p1"}), ("keep", "stored", {})],
    )
    def test_the_site_decides(self, store: Store, wish: str, became: str, marked: dict[str, str], batches: int) -> None:
        """The same file under other words is dropped, linked to the first post, or kept, as the setting says."""
        pipeline = make_pipeline(store, same_photo=wish)
        first, second = self.SENT
        parts = [self.SENT] if batches == 1 else [[first], [second]]
        results = [result for part in parts for result in pipeline.take(lines(*part), InlinePhotos())]
        assert [result.reason or result.status for result in results] == ["stored", became]
        assert results[1].marks == marked

    def test_new_words_for_ones_own_photo_are_no_copy(self, store: Store) -> None:
        """A post may be sent again with its photo, and one that was kept may be as well when copies are dropped."""
        take(make_pipeline(store, same_photo="keep"), *self.SENT)
        again = [{**post, "text": CITY + post["id"]} for post in self.SENT]
        assert take(make_pipeline(store), *again) == ["stored", "stored"]


class TestNearPhoto:
    FIRST, NEAR = {"id": "p1", "text": SEA, "photo": photo(1)}, {"id": "p2", "text": SNOW}

    @pytest.mark.parametrize(
        "changes",
        [
            pytest.param({"width": 240}, id="smaller"),
            pytest.param({"quality": 40}, id="recompressed"),
            pytest.param({"kind": "PNG"}, id="another format"),
            pytest.param({"width": 700, "kind": "WEBP"}, id="larger, another format"),
        ],
    )
    def test_a_copy_for_the_eye_is_linked(self, store: Store, changes: dict[str, Any]) -> None:
        """It is kept, and its mark names the post that it looks like; the store remembers."""
        pipeline = make_pipeline(store)
        assert marks(pipeline, self.FIRST) == [{}]
        assert marks(pipeline, {**self.NEAR, "photo": photo(1, **changes)}) == [{"near_duplicate": "p1"}]
        (point,) = store.get(["p2"])
        assert point is not None
        assert point.payload["marks"] == '{"near_duplicate":"p1"}'

    def test_it_is_dropped_when_that_is_asked(self, store: Store) -> None:
        """One that was linked before stays, also when its words change."""
        near = {**self.NEAR, "photo": photo(1, 240)}
        take(make_pipeline(store), self.FIRST, near)
        strict = make_pipeline(store, near_photo="drop")
        assert take(strict, {"id": "p3", "text": CITY, "photo": photo(1, 300)}) == ["near_duplicate"]
        assert take(strict, {**near, "text": CITY}) == ["stored"]

    def test_strangers_are_not_linked(self, store: Store) -> None:
        """Other scenes have no mark, however many there are; neither have plain surfaces."""
        sent = [{"id": f"p{seed}", "text": f"{SEA} {seed}", "photo": photo(seed, 64)} for seed in range(40)]
        buffer = [BytesIO(), BytesIO()]
        for number, colour in enumerate(("white", "navy")):
            Image.new("RGB", (64, 64), colour).save(buffer[number], "PNG")
            encoded = "data:;base64," + b64encode(buffer[number].getvalue()).decode()
            sent.append({"id": colour, "text": f"{SEA} {colour}", "photo": encoded})
        assert marks(make_pipeline(store), *sent) == [{}] * 42


class TestChildren:
    """Two posts with one photo are open together or held together."""

    @pytest.mark.parametrize("wish", ["drop", "link", "keep"])
    @pytest.mark.parametrize("copy", [photo(1), photo(1, 240)], ids=["same file", "same look"])
    @pytest.mark.parametrize("batches", [1, 2], ids=["one batch", "two batches"])
    def test_a_copy_about_a_child_puts_the_first_on_review(
        self, store: Store, wish: str, copy: str, batches: int
    ) -> None:
        """Whatever becomes of the copy, the post that shows the same photo is withheld until somebody has looked."""
        pipeline = make_pipeline(store, same_photo=wish, near_photo=wish)
        first = {"id": "p1", "text": SEA, "photo": photo(1)}
        second = {"id": "p2", "text": SNOW, "photo": copy, "child": True}
        for part in ([first, second],) if batches == 1 else ([first], [second]):
            take(pipeline, *part)
        assert child(store, "p1") == "review"

    @pytest.mark.parametrize("copy", [photo(1), photo(1, 240)], ids=["same file", "same look"])
    @pytest.mark.parametrize("batches", [1, 2], ids=["one batch", "two batches"])
    def test_a_copy_of_a_held_photo_is_not_open(self, store: Store, copy: str, batches: int) -> None:
        """Who posts a child's photo again gets it reviewed, under whatever words and whatever the site says of it."""
        pipeline = make_pipeline(store, same_photo="link")
        held = {"id": "p1", "text": SEA, "photo": photo(1), "child": True}
        sent = {"id": "p2", "text": SNOW, "photo": copy}, {"id": "p3", "text": CITY, "photo": copy, "child": False}
        for part in ([held, *sent],) if batches == 1 else ([held], sent):
            take(pipeline, *part)
        assert [child(store, name) for name in ("p1", "p2", "p3")] == ["child", "review", "review"]


@given(st.integers(0, 2**64 - 1), st.sets(st.integers(0, 63), max_size=NEAR))
def test_every_near_look_is_found(look: int, flipped: set[int]) -> None:
    """Hashes that differ in three bits or fewer share a key, unless all bands that are left are plain."""
    other = look ^ sum(1 << bit for bit in flipped)
    ours, theirs = (keys_of(Post("p"), Fingerprint("ab", value)) for value in (look, other))
    known = Known()
    known.add("p1", theirs.stored(), UNKNOWN)
    if set(ours.bands) & set(theirs.bands):
        assert known.looking_like(ours, "p2") == ["p1"]
    else:
        assert min(len(ours.bands), len(theirs.bands)) < 4


@given(st.integers(0, 2**64 - 1), st.lists(st.integers(0, 63), max_size=BITS_APART))
def test_keys_around_a_look_find_every_photo_that_a_takedown_covers(look: int, flipped: list[int]) -> None:
    """Whatever bits differ, unless a plain band could hide it, which is said."""
    other = look
    for bit in flipped:
        other ^= 1 << bit
    around = bands_around(look)
    plain = any(
        (look >> 16 * band & 0xFFFF).bit_count() in (0, 1, 15, 16) for band in range(4)
    )  # or one bit away from it
    assert (around is None) == plain
    keys = keys_of(Post(id="p1"), Fingerprint("0" * 64, other))
    assert around is None or not keys.look or around & set(keys.stored())
