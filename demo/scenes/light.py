"""Noise, gradients and glow: the light of every scene, and the lens and film through which it is seen."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageFilter

from common.arrays import UInt8
from demo.scenes.view import Array, Colour, View, mix, rgb, smooth


def plain_noise(rng: np.random.Generator, height: int, width: int, cell_x: float, cell_y: float) -> Array:
    """Smooth random values from about 0 to 1 whose bumps are about one cell wide."""
    rows, columns = int(height / cell_y) + 4, int(width / cell_x) + 4
    lattice = rng.random((rows, columns), dtype=np.float32)
    left, top = rng.uniform(1, 2, 2)
    box = (left, top, left + width / cell_x, top + height / cell_y)
    return np.asarray(Image.fromarray(lattice).resize((width, height), Image.Resampling.BICUBIC, box=box))


def level(values: Array) -> Array:
    """The same values stretched to run from 0 to 1."""
    low, high = float(values.min()), float(values.max())
    return np.asarray((values - low) / max(high - low, 1e-6), dtype=np.float32)


def fractal(view: View, cell: float, octaves: int = 5, gain: float = 0.5, stretch: float = 1.0) -> Array:
    """Fractal noise over the whole picture, from 0 to 1; cell in units, stretch widens it."""
    total = np.zeros((view.height, view.width), dtype=np.float32)
    size, weight = cell * view.unit, 1.0
    for _ in range(octaves):
        total += weight * plain_noise(view.rng, view.height, view.width, max(size * stretch, 1), max(size, 1))
        size, weight = size / 2, weight * gain
    return level(total)


def profile(view: View, cell: float, octaves: int = 5, gain: float = 0.5, width: int | None = None) -> Array:
    """Fractal noise along a line, from 0 to 1: the outline of hills, roofs or trees."""
    columns = view.width if width is None else width
    total = np.zeros(columns, dtype=np.float32)
    size, weight = cell * view.unit * columns / view.width, 1.0
    for _ in range(octaves):
        total += weight * plain_noise(view.rng, 1, columns, max(size, 1), 1)[0]
        size, weight = size / 2, weight * gain
    return level(total)


def tile(rng: np.random.Generator, size: int = 256, cells: int = 6, octaves: int = 5, gain: float = 0.5) -> Array:
    """A square of fractal noise that repeats without a seam, for planes that run to the horizon."""
    total = np.zeros((size, size), dtype=np.float32)
    count, weight = cells, 1.0
    for _ in range(octaves):
        lattice = np.pad(rng.random((count, count), dtype=np.float32), 2, mode="wrap")
        picture = Image.fromarray(lattice)
        total += weight * np.asarray(
            picture.resize((size, size), Image.Resampling.BICUBIC, box=(2, 2, 2 + count, 2 + count))
        )
        count, weight = count * 2, weight * gain
        if count > size:
            break
    return level(total)


def sample(square: Array, u: Array, v: Array) -> Array:
    """The tile's value at (u, v), counted in tiles, between its pixels linearly."""
    size = square.shape[0]
    across, down = np.broadcast_arrays(u * size, v * size)
    left, top = np.floor(across), np.floor(down)
    share_x, share_y = (across - left).astype(np.float32), (down - top).astype(np.float32)
    x0, y0 = left.astype(np.int32) % size, top.astype(np.int32) % size
    x1, y1 = (x0 + 1) % size, (y0 + 1) % size
    upper = square[y0, x0] * (1 - share_x) + square[y0, x1] * share_x
    lower = square[y1, x0] * (1 - share_x) + square[y1, x1] * share_x
    return np.asarray(upper * (1 - share_y) + lower * share_y, dtype=np.float32)


def gradient(view: View, stops: Sequence[tuple[float, Colour]]) -> Array:
    """A picture that runs through the stops from top (0) to bottom (1)."""
    heights = [height for height, _ in stops]
    rows = view.y[:, 0] / view.height
    channels = [np.interp(rows, heights, [float(colour[i]) for _, colour in stops]) for i in range(3)]
    column = np.stack(channels, axis=-1).astype(np.float32)
    return np.repeat(column[:, None, :], view.width, axis=1)


def distance(view: View, x: float, y: float, squash: float = 1.0) -> Array:
    """How far each pixel is from the point, in units; squash above 1 flattens the circles."""
    return np.asarray(np.hypot(view.x - x, (view.y - y) * squash) / view.unit, dtype=np.float32)


def glow(view: View, x: float, y: float, radius: float, squash: float = 1.0) -> Array:
    """Light that fades from the point, half as strong one radius (in units) away."""
    return np.asarray(1 / (1 + (distance(view, x, y, squash) / radius) ** 2), dtype=np.float32)


def lamp(view: View, picture: Array, x: float, y: float, radius: float, colour: Colour, squash: float = 1.0) -> None:
    """A small light: a glow that ends six radii (in units) away."""
    part, area = view.around(picture, x, y, radius * 6 * view.unit)
    if area.size:
        shine(area, np.clip(glow(part, x, y, radius, squash) - 1 / 37, 0, 1), colour)


def bokeh(view: View, picture: Array, count: int, tones: tuple[str, ...], low: float, high: float, size: float) -> None:
    """Lights out of focus between two heights (shares of the picture); size in units."""
    for _ in range(count):
        x, y = view.pick(0, view.width), view.height * view.pick(low, high)
        r = size * view.pick(0.5, 1.2)
        part, area = view.around(picture, x, y, r * 1.2 * view.unit)
        far = distance(part, x, y)
        ball = smooth(r * 1.06, r * 0.94, far) * (0.75 + 0.25 * np.clip(far / r, 0, 1) ** 3)
        shine(area, ball * view.pick(0.12, 0.4), rgb(view.choose(tones)))


def disc(view: View, x: float, y: float, radius: float, edge: float = 1.0) -> Array:
    """A round mask with a soft edge; radius and edge in units."""
    return smooth(radius + edge, radius - edge, distance(view, x, y))


def shine(picture: Array, light: Array, colour: Colour) -> None:
    """Add light as a photo does: what is bright already takes little more."""
    picture += (1 - np.clip(picture, 0, 1)) * np.clip(light[..., None] * colour, 0, 1)


def paint(picture: Array, mask: Array, colour: Array) -> None:
    """Cover the picture with a colour (or another picture) where the mask is 1."""
    picture += (colour - picture) * mask[..., None]


def blur(picture: Array, radius: float) -> Array:
    """The picture, or a mask, out of focus by so many pixels."""
    bytes_ = np.clip(picture * 255 + 0.5, 0, 255).astype(np.uint8)
    return np.asarray(Image.fromarray(bytes_).filter(ImageFilter.GaussianBlur(radius)), dtype=np.float32) / 255


def develop(view: View, picture: Array, grain: float = 0.011) -> UInt8:
    """The picture as a camera would give it: bloom, lens softness, white balance, exposure, vignette and grain."""
    rng = view.rng
    small = np.clip(picture[::4, ::4], 0, 1)
    bright = blur(np.clip(small - 0.72, 0, 1) * 2.2, max(4 * view.unit, 0.5))
    halo = Image.fromarray((np.clip(bright, 0, 1) * 255).astype(np.uint8))
    bloom = np.asarray(halo.resize((view.width, view.height), Image.Resampling.BICUBIC), dtype=np.float32) / 255
    result = 1 - (1 - np.clip(picture, 0, 1)) * (1 - bloom * 0.22)
    soft = blur(result, view.unit * 0.45)
    warmth, tint = rng.normal(0, 0.022), rng.normal(0, 0.01)
    soft *= np.array([1 + warmth, 1 + tint, 1 - warmth], dtype=np.float32) * rng.uniform(0.94, 1.05)
    fall = distance(view, view.width / 2, view.height / 2) / 300
    soft *= (1 - rng.uniform(0.08, 0.2) * fall**2)[..., None]
    curve = rng.uniform(0.0, 0.5)
    soft = np.clip(soft, 0, 1)
    soft = mix(soft, soft * soft * (3 - 2 * soft), curve * 0.6)
    speck = rng.standard_normal((view.height, view.width, 1), dtype=np.float32)
    soft += speck * grain * rng.uniform(0.5, 1.3) * (1.15 - soft)
    return np.asarray(np.clip(soft * 255 + 0.5, 0, 255), dtype=np.uint8)
