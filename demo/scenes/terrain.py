"""Landscapes in three dimensions: a height map seen from above the ground, as mountains, dunes and hills need."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from demo.scenes.light import sample
from demo.scenes.view import Array, View, smooth


@dataclass(frozen=True, slots=True)
class Camera:
    """Where the eye is: height over the map's zero, the horizon on the picture, and how far it sees (in tiles)."""

    height: float
    horizon: float
    near: float = 0.05
    far: float = 2.2
    tall: float = 0.25
    spread: float = 0.62
    left: float = 0.0
    ahead: float = 0.0
    ramp: float = 3.0


@dataclass(frozen=True, slots=True)
class Slices:
    """The map read along rows of equal distance: one row a step away from the eye, one column a column of the photo."""

    u: Array
    v: Array
    away: Array
    height: Array
    slope: Array


def slice_map(view: View, heights: Array, camera: Camera, sun: tuple[float, float] = (-0.8, 0.35)) -> Slices:
    """Heights and light along the rows: slope is how much the ground there faces the sun, about -1 to 1."""
    steps = 260
    away = camera.near * (camera.far / camera.near) ** np.linspace(0, 1, steps, dtype=np.float32)[:, None]
    across = (view.x / view.width - 0.5) * 2 * camera.spread * view.width / view.height / 1.33
    u = camera.left + across * away
    v = np.broadcast_to(camera.ahead + away, u.shape).astype(np.float32)
    size = heights.shape[0]
    lit = (np.roll(heights, 1, 1) - np.roll(heights, -1, 1)) * -sun[0]
    lit = (lit + (np.roll(heights, 1, 0) - np.roll(heights, -1, 0)) * -sun[1]) * size * camera.tall / 4
    lit = lit / np.sqrt(1 + lit * lit)
    # The map sinks to zero at the feet: a hill higher than the eye there would be drawn as a curtain.
    rise = smooth(camera.near, camera.near * camera.ramp, away)
    return Slices(u, v, np.broadcast_to(away, u.shape), sample(heights, u, v) * rise, sample(lit, u, v))


def render(view: View, picture: Array, camera: Camera, rows: Slices, colours: Array) -> None:
    """Draw the map over the picture, the near ground hiding what is behind it; colours has a row for each slice."""
    lines = camera.horizon + (camera.height - rows.height * camera.tall) / rows.away * 0.75
    screen = np.minimum.accumulate(lines * view.height, axis=0)
    over = 2
    tall = view.height * over
    marks = np.clip(np.ceil(screen * over), 0, tall).astype(np.int32)
    steps, width = marks.shape
    counts = np.bincount((marks * width + np.arange(width)).ravel(), minlength=(tall + 1) * width)
    hidden = counts.reshape(tall + 1, width)[::-1].cumsum(axis=0)[::-1]
    first = hidden[1:]
    land = first < steps
    after = np.minimum(first, steps - 1)
    before = np.maximum(after - 1, 0)
    columns = np.arange(width)[None, :]
    low, high = screen[before, columns], screen[after, columns]
    middle = (np.arange(tall, dtype=np.float32)[:, None] + 0.5) / over
    share = np.clip((low - middle) / np.maximum(low - high, 1e-3), 0, 1)[..., None]
    ground = colours[before, columns] * (1 - share) + colours[after, columns] * share
    ground = ground * land[..., None]
    cover = land.reshape(view.height, over, width).mean(axis=1)
    total = ground.reshape(view.height, over, width, 3).mean(axis=1)
    picture *= (1 - cover)[..., None]
    picture += total


def soften(heights: Array, radius: int) -> Array:
    """The same map with its small bumps taken away."""
    size = heights.shape[0]
    small = Image.fromarray(np.ascontiguousarray(heights, dtype=np.float32)).resize(
        (size // radius, size // radius), Image.Resampling.BOX
    )
    return np.asarray(small.resize((size, size), Image.Resampling.BICUBIC), dtype=np.float32)
