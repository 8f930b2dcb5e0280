"""Likeness: a photo in any disguise is like the photo itself, and like no other."""

import numpy as np
import pytest
from PIL import Image

from common.album import VIEWS, WORDS, Album
from tests.support.disguises import DISGUISES, jpeg, textured
from vision.decoding.decode import decode
from vision.fingerprint import looks
from vision.likeness import Likeness, questions


def likeness_of_file(photo: Image.Image) -> Likeness:
    return looks(decode(jpeg(photo)))[1]


@pytest.fixture(scope="module")
def album() -> Album:
    """What is kept of twenty photos."""
    kept = Album()
    for seed in range(20):
        kept.put(f"p{seed}", likeness_of_file(textured(seed)).kept)
    return kept


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_disguised_photo_is_like_itself_alone(album: Album, disguise: str) -> None:
    """Of twenty photos each is found by its disguised copy, and no other is."""
    for seed in range(20):
        copy = likeness_of_file(DISGUISES[disguise](textured(seed)))
        assert album.alike(questions(copy.asked)) == [f"p{seed}"]


def test_strangers_are_like_no_photo(album: Album) -> None:
    """Two hundred other photos find none of the twenty."""
    strangers = (likeness_of_file(textured(seed)) for seed in range(100, 300))
    assert [found for stranger in strangers for found in album.alike(questions(stranger.asked))] == []


def test_a_larger_photo_is_a_copy_of_the_part_that_was_kept() -> None:
    """Who posts the whole photo after a crop of it was held is found out as well."""
    crops = Album()
    crops.put("crop", likeness_of_file(DISGUISES["crop 10 % of each edge"](textured(3))).kept)
    assert crops.alike(questions(likeness_of_file(textured(3)).asked)) == ["crop"]


def test_what_is_kept_asks_as_well(album: Album) -> None:
    """Of a stored photo the seven views are left: they find a mirrored copy of it."""
    mirrored = likeness_of_file(DISGUISES["mirrored"](textured(5)))
    assert album.alike(questions(mirrored.kept)) == ["p5"]


@pytest.mark.parametrize(
    "pixels",
    [
        pytest.param(np.full((60, 80, 3), 99, np.uint8), id="plain"),
        pytest.param(np.arange(0, 180, dtype=np.uint8)[None, :, None].repeat(80, 0).repeat(3, 2), id="ramp"),
        pytest.param(np.repeat(np.uint8([[[0] * 3] * 50 + [[200] * 3] * 50]), 80, 0), id="two halves"),
    ],
)
def test_plain_photos_are_like_nothing(pixels: np.ndarray) -> None:
    """Walls, skies and ramps have no likeness: every other one would be a copy of them."""
    likeness = looks(pixels)[1]
    assert not any(likeness.kept)
    assert len(questions(likeness.asked)) == 0


def test_a_likeness_has_seven_views_and_eight_turns_of_each_question() -> None:
    """A photo with detail everywhere asks with all its views in all turns."""
    likeness = likeness_of_file(textured(1))
    assert len(likeness.kept) == VIEWS * WORDS * 8
    assert questions(likeness.asked).shape == (len(likeness.asked) // 32 * 8, WORDS)
