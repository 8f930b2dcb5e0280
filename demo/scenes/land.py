"""Ground, ridges and water: planes that run to the horizon and what stands on it."""

import numpy as np

from demo.scenes.light import paint, profile, sample, tile
from demo.scenes.view import Array, Colour, View, mix, smooth


def plane(view: View, horizon: float, eye: float = 0.08) -> tuple[Array, Array, Array]:
    """Ground coordinates (across, away) of each pixel below the horizon, and how near it is (0 far, 1 at the feet)."""
    drop = np.maximum(view.y - horizon * view.height, 0.0) / view.height
    depth = 1 / (drop + eye * 0.2 + 0.004)
    across = (view.x / view.width - 0.5) * view.width / view.height * depth
    near = drop / (1 - horizon)
    return (
        np.asarray(across, dtype=np.float32),
        np.broadcast_to(depth, across.shape).astype(np.float32),
        np.broadcast_to(near, across.shape).astype(np.float32),
    )


def below(view: View, line: Array) -> Array:
    """A mask of what lies under a line of heights in pixels, its edge smooth."""
    return np.asarray(np.clip(view.y - line[None, :] + 0.5, 0, 1), dtype=np.float32)


def ridge(view: View, base: float, rise: float, cell: float, octaves: int = 6, gain: float = 0.5) -> Array:
    """Heights in pixels of a chain of hills that stands `rise` (share of the height) above `base`."""
    return (base - profile(view, cell, octaves, gain) * rise) * view.height


def treeline(view: View, base: float, rise: float, cell: float = 90, spike: float = 7) -> Array:
    """Heights in pixels of a far wood: a rolling line with crowns."""
    roll, crowns = profile(view, cell, 3), profile(view, spike, 2, 0.6)
    return (base - rise * (0.55 * roll + 0.45 * crowns)) * view.height


def mirror(
    view: View, picture: Array, horizon: float, ripple: float, deep: Colour, clear: float = 0.85, lift: float = 1.0
) -> Array:
    """Water from the horizon down that reflects what is above it; returns the waves, about -1 to 1."""
    edge = round(horizon * view.height)
    across, away, near = plane(view, horizon)
    square = tile(view.rng, 256, 16, 4, 0.6)
    waves = sample(square, across * 0.05, away * 0.16) + sample(square, across * 0.13 + 0.3, away * 0.42) - 1.0
    waves = np.asarray(waves * (0.35 + 0.65 * near), dtype=np.float32)
    rows = np.arange(edge, view.height)
    if not rows.size:
        return waves
    part = waves[edge:]
    shift = part * ripple * view.unit * (6 + 60 * near[edge:])
    source_y = np.clip(edge - 1 - (rows[:, None] - edge) * lift - np.abs(shift) * 1.6, 0, max(edge - 1, 0))
    source_x = np.clip(np.arange(view.width)[None, :] + shift * 0.6, 0, view.width - 1)
    mirrored = picture[source_y.astype(np.int32), source_x.astype(np.int32)]
    share = np.clip((1 - clear) + 0.5 * near[edge:] * (1 - clear) + part * 0.35 * min(ripple * 2, 1), 0, 1)
    picture[edge:] = mix(mirrored, np.broadcast_to(deep, mirrored.shape), share)
    return waves


def glitter(view: View, picture: Array, waves: Array, horizon: float, x: float, colour: Colour, width: float) -> None:
    """The path of light that a low sun or a moon lays on water."""
    drop = np.maximum(view.y - horizon * view.height, 0) / view.unit
    path = np.exp(-(((view.x - x) / view.unit / (width + drop * 0.22)) ** 2))
    spark = smooth(-0.12, 0.5, waves + path * 0.28 - 0.1) * path
    spark = spark * np.clip(drop * 2, 0, 1)
    picture += (1 - np.clip(picture, 0, 1)) * (spark * 0.95)[..., None] * colour


def ground(view: View, picture: Array, horizon: float, dark: Colour, light: Colour, grain: float = 1.0) -> None:
    """A rough floor of earth, grass or snow between two colours, finer far away."""
    across, away, _ = plane(view, horizon)
    square = tile(view.rng, 256, 12, 5, 0.65)
    rough = 0.55 * sample(square, across * 0.07, away * 0.14) + 0.45 * sample(square, across * 0.31, away * 0.6)
    share = np.clip(0.5 + (rough - 0.5) * 2.2 * grain, 0, 1)
    below_it = np.clip(view.y - horizon * view.height + 0.5, 0, 1)
    paint(picture, np.broadcast_to(below_it, share.shape), mix(dark, light, share))
