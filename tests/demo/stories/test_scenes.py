"""The drawn photos: size, variety, and the same picture for the same seed."""

import numpy as np
import pytest

from common.arrays import UInt8
from demo.scenes import SCENES


def _draw(scene: str, seed: int, width: int = 96, height: int = 72) -> UInt8:
    return SCENES[scene](np.random.default_rng(seed), width, height)


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize(("width", "height"), [(96, 72), (60, 90)], ids=["wide", "tall"])
def test_a_scene_has_the_size_asked_and_is_not_flat(scene: str, width: int, height: int) -> None:
    """Each scene gives bytes of the asked size, with light and dark in them."""
    picture = _draw(scene, 3, width, height)
    assert (picture.shape, picture.dtype) == ((height, width, 3), np.uint8)
    assert picture.std() > 12


@pytest.mark.parametrize("scene", SCENES)
def test_seeds_give_different_pictures_of_a_scene(scene: str) -> None:
    """Another seed is another photo, not the same one with other grain."""
    first, second = (_draw(scene, seed).astype(int) for seed in (1, 2))
    assert np.abs(first - second).mean() > 5


def test_the_same_seed_gives_the_same_pixels() -> None:
    """Nothing but the generator decides what is drawn."""
    assert np.array_equal(_draw("waterfall", 5), _draw("waterfall", 5))


def test_scenes_differ_in_colour() -> None:
    """A field of lavender, dunes and a night are far apart in their mean colours."""
    means = {
        scene: np.mean([_draw(scene, seed).mean(axis=(0, 1)) for seed in range(4)], axis=0)
        for scene in ("lavender_field", "desert_dunes", "starry_sky", "birch_grove")
    }
    names = list(means)
    distances = [np.abs(means[a] - means[b]).max() for i, a in enumerate(names) for b in names[:i]]
    assert min(distances) > 20


def test_there_are_many_scenes_and_one_of_a_child() -> None:
    """The world has at least eighteen scenes besides the child's."""
    assert "child" in SCENES
    assert len(SCENES) >= 19
