"""Photos that the program draws by itself: each scene is a function of a random generator and a size."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

import numpy as np

from common.arrays import UInt8
from demo.scenes.bridges import bridge
from demo.scenes.childhood import child
from demo.scenes.city import night_city
from demo.scenes.coast import lighthouse, tropical_beach
from demo.scenes.football import football_field
from demo.scenes.light import develop
from demo.scenes.meadows import balloons, flower_field, lavender_field
from demo.scenes.mountains import desert_dunes, green_hills, snowy_mountains
from demo.scenes.nights import starry_sky, winter_village
from demo.scenes.park import city_park
from demo.scenes.rain import rainy_street
from demo.scenes.table import still_life
from demo.scenes.view import Array, Draw, View
from demo.scenes.water import foggy_lake, sailing_boats, sunset_sea
from demo.scenes.window import window_cat
from demo.scenes.woods import autumn_forest, birch_grove, waterfall


def _take(scene: Callable[[View], Array], rng: np.random.Generator, width: int, height: int) -> UInt8:
    view = View(rng, width, height)
    return develop(view, scene(view))


_PAINTERS: tuple[Callable[[View], Array], ...] = (
    sunset_sea, snowy_mountains, night_city, autumn_forest, desert_dunes, flower_field, sailing_boats, football_field,
    rainy_street, starry_sky, green_hills, foggy_lake, winter_village, lavender_field, waterfall, city_park, window_cat,
    balloons, lighthouse, still_life, birch_grove, tropical_beach, bridge, child,
)  # fmt: skip

SCENES: Mapping[str, Draw] = MappingProxyType({scene.__name__: partial(_take, scene) for scene in _PAINTERS})
