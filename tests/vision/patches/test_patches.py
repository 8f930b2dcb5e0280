"""The words that the patches encoder sees in made-up photos."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.vision.decoding.test_decode import saved
from vision.decoding.decode import decode
from vision.make_encoder import make_encoder
from vision.patches.palette import COLOURS
from vision.patches.patches import PatchesEncoder

ENCODER = PatchesEncoder()


def plain(rgb: tuple[int, int, int], height: int = 120, width: int = 160) -> np.ndarray:
    """A photo of one colour."""
    return np.full((height, width, 3), rgb, dtype=np.uint8)


def stacked(*colours: tuple[int, int, int]) -> np.ndarray:
    """Bands of colours, the first at the top."""
    return np.concatenate([plain(colour, height=120 // len(colours)) for colour in colours])


def noise(seed: int, height: int = 120, width: int = 160) -> np.ndarray:
    """A photo of nothing but noise."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def stripes(axis: int) -> np.ndarray:
    """Black and white stripes that change along an axis; along 2, along the falling diagonal."""
    down, right = np.mgrid[:128, :128]
    along = (down, right, down + right)[axis]
    return np.where(along % 16 < 8, 0, 255).astype(np.uint8)[..., None].repeat(3, axis=2)


def words(photo: np.ndarray) -> dict[str, float]:
    """The words of one photo."""
    return ENCODER.encode([photo])[0]


def strongest(photo: np.ndarray, prefix: str, suffix: str = "") -> str:
    """The heaviest word of a kind."""
    kind = {word: weight for word, weight in words(photo).items() if word.startswith(prefix) and word.endswith(suffix)}
    return max(kind, key=kind.__getitem__)


def overlap(first: np.ndarray, second: np.ndarray) -> float:
    """The share of weight that two photos have in common."""
    a, b = words(first), words(second)
    return sum(min(a[word], b[word]) for word in a.keys() & b.keys()) / 200


@pytest.mark.parametrize("name", sorted(COLOURS))
def test_named_colour_is_its_own_strongest_word(name: str) -> None:
    """A photo of a named colour says that name, on the whole and in each place."""
    rgb = COLOURS[name]
    photo = plain((rgb >> 16, rgb >> 8 & 255, rgb & 255))
    for position in ("@top", "@middle", "@bottom", "@centre"):
        assert strongest(photo, "colour:", position) == f"colour:{name}{position}"
    assert strongest(photo, "colour:") == f"colour:{name}"


def test_places_are_told_apart() -> None:
    """Blue over green is not green over blue, though their colours on the whole are the same."""
    blue, green = (60, 130, 230), (60, 140, 50)
    sky_above, sky_below = words(stacked(blue, green)), words(stacked(green, blue))
    assert "colour:azure@top" in sky_above
    assert "colour:azure@bottom" not in sky_above
    assert "colour:azure@bottom" in sky_below
    assert sky_above["colour:azure"] == pytest.approx(sky_below["colour:azure"], rel=0.05)
    assert overlap(stacked(blue, green), stacked(green, blue)) < 0.85


def test_centre_is_seen() -> None:
    """A red thing in the middle of snow is found in the centre and not at the top."""
    photo = plain((250, 250, 250))
    photo[45:75, 60:100] = (208, 28, 28)
    assert "colour:red@centre" in words(photo)
    assert "colour:red@top" not in words(photo)


@pytest.mark.parametrize(
    ("level", "word"),
    [(5, "light:night"), (65, "light:dark"), (110, "light:dim"), (155, "light:bright"), (250, "light:glaring")],
)
def test_brightness_has_words(level: int, word: str) -> None:
    """From night to glare, light has its words."""
    assert strongest(plain((level,) * 3), "light:") == word


@pytest.mark.parametrize(
    ("photo", "word"),
    [
        pytest.param(plain((120, 120, 120)), "tone:grey", id="no colour"),
        pytest.param(plain((250, 20, 20)), "tone:vivid", id="much colour"),
        pytest.param(plain((200, 120, 60)), "tone:warm", id="warm"),
        pytest.param(plain((60, 120, 200)), "tone:cool", id="cool"),
        pytest.param(stripes(0), "contrast:strong", id="contrast"),
        pytest.param(stacked((230,) * 3, (40,) * 3), "layout:bright-above", id="sky above dark land"),
        pytest.param(stacked((40,) * 3, (230,) * 3), "layout:bright-below", id="snow under night"),
        pytest.param(
            np.concatenate([plain((20,) * 3), plain((230,) * 3)], axis=1), "layout:one-sided", id="one side lit"
        ),
        pytest.param(plain((90,) * 3), "layout:balanced", id="evenly lit"),
    ],
)
def test_tone_contrast_and_layout_have_words(photo: np.ndarray, word: str) -> None:
    """What a photo is like as a whole is said in a word."""
    assert word in words(photo)


@pytest.mark.parametrize(
    ("photo", "direction"),
    [
        pytest.param(stripes(0), "horizontal", id="horizontal"),
        pytest.param(stripes(1), "vertical", id="vertical"),
        pytest.param(stripes(2), "rising", id="rising"),
        pytest.param(stripes(2)[:, ::-1].copy(), "falling", id="falling"),
    ],
)
def test_direction_of_edges_is_named(photo: np.ndarray, direction: str) -> None:
    """Stripes have edges of their own direction and of no other."""
    assert strongest(photo, "edge:sharp-", "@middle") == f"edge:sharp-{direction}@middle"


def test_plain_surface_has_no_edges() -> None:
    """A wall has no edges and a plain texture, however its camera rustles."""
    wall = np.clip(120 + np.random.default_rng(1).normal(0, 0.6, (120, 160, 3)), 0, 255).astype(np.uint8)
    edges = {word for word in words(wall) if word.startswith(("edge:", "outline:"))}
    assert edges == {
        f"{kind}:none@{position}" for kind in ("edge", "outline") for position in ("top", "middle", "bottom")
    }
    assert strongest(wall, "texture:fine") == "texture:fine-smooth-plain"


def test_alike_photos_share_more_words_than_strangers() -> None:
    """The same scene in slightly other light is nearer than another scene."""
    beach = stacked((150, 196, 236), (40, 140, 200), (220, 190, 140))
    dusk = stacked((140, 186, 228), (36, 130, 190), (210, 180, 130))
    forest = stacked((90, 140, 60), (30, 70, 30), (60, 50, 30))
    assert overlap(beach, dusk) > 0.75
    assert overlap(beach, forest) < 0.6
    assert overlap(beach, noise(2)) < 0.35


@settings(max_examples=25, deadline=None)
@given(height=st.integers(1, 260), width=st.integers(1, 260), seed=st.integers(0, 99))
def test_any_photo_has_200_of_weight(height: int, width: int, seed: int) -> None:
    """Whatever the size, weights are positive, finite and sum to 200, and every word can be said."""
    weights = words(noise(seed, height, width))
    assert sum(weights.values()) == pytest.approx(200, abs=0.05)
    assert all(0 < weight <= 200 for weight in weights.values())
    assert all(" " not in word and ENCODER.describe(word) for word in weights)


def test_batch_equals_alone_and_again() -> None:
    """A photo has the same words alone, in any batch, and from another encoder of the same id."""
    photos = [noise(1), stripes(0), plain((200, 30, 30)), noise(4, 300, 90)]
    alone = [words(photo) for photo in photos]
    other = make_encoder("patches")
    assert ENCODER.encode(photos) == alone
    assert other.encode(photos[::-1])[::-1] == alone
    assert other.id == ENCODER.id == "patches-2"
    assert ENCODER.encode([]) == []


@pytest.mark.parametrize("target", [224, 299, 448])
def test_a_photo_decoded_larger_for_another_encoder_keeps_its_words(target: int) -> None:
    """Of the weight of its words at most a few percent fall elsewhere; strangers share less."""
    scene, other = (
        Image.fromarray(noise(seed, 9, 12)).resize((1600, 1200), Image.Resampling.BICUBIC) for seed in (5, 6)
    )
    for format_ in ("JPEG", "PNG"):
        file = saved(scene, format_)
        own = decode(file, target=ENCODER.side)
        assert overlap(own, decode(file, target=target)) > 0.95
        assert overlap(own, decode(saved(other, format_), target=ENCODER.side)) < 0.85


def test_photo_is_left_as_it_was() -> None:
    """Encoding reads the pixels and changes none."""
    photo = noise(9)
    before = photo.copy()
    words(photo)
    assert np.array_equal(photo, before)


@pytest.mark.parametrize(
    "photo",
    [
        pytest.param(np.zeros((10, 10), dtype=np.uint8), id="grey"),
        pytest.param(np.zeros((10, 10, 4), dtype=np.uint8), id="alpha"),
        pytest.param(np.zeros((10, 10, 3)), id="fractions"),
        pytest.param(np.zeros((0, 10, 3), dtype=np.uint8), id="no rows"),
    ],
)
def test_other_arrays_are_refused(photo: np.ndarray) -> None:
    """An array that is no decoded photo is named with its shape and type."""
    with pytest.raises(ValueError, match="expected height x width x 3 of uint8"):
        ENCODER.encode([photo])


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("colour:orange@top", "orange at the top"),
        ("colour:sky-blue", "sky blue"),
        ("colour:red@centre", "red in the centre"),
        ("edge:sharp-horizontal@bottom", "sharp horizontal edges at the bottom"),
        ("outline:none@middle", "no outlines in the middle"),
        ("texture:fine-rough-speckle", "fine rough speckle texture"),
        ("light:glaring", "very bright"),
        ("layout:bright-above", "brighter at the top"),
    ],
)
def test_words_are_said_for_people(word: str, expected: str) -> None:
    """A visual word reads as plain words."""
    assert ENCODER.describe(word) == expected
