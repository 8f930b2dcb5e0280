"""Skies: gradients by the hour, clouds in perspective, the sun and the stars."""

import numpy as np

from demo.scenes.light import disc, fractal, glow, gradient, paint, sample, shine, tile
from demo.scenes.view import Array, Colour, View, mix, rgb, smooth

DAY = (("#2f6fb5", "#7fb2de", "#cfe4ee"), ("#3a7cc2", "#8fbfe6", "#dbeaf0"), ("#4a86bd", "#9cc3dd", "#e6ece6"))
GOLDEN = (("#4c6ea3", "#d9a783", "#f9d79c"), ("#5d7aa8", "#e3b894", "#fbe3b4"), ("#6d86b0", "#e8b58c", "#ffd48a"))
DUSK = (("#1b2450", "#6a4a86", "#e58a78"), ("#151d45", "#4b3f7c", "#c9728a"), ("#20305e", "#7d5c8f", "#f0a488"))
GREY = (("#8f9aa4", "#aab3b9", "#c6cbcb"), ("#7f8a95", "#a0a9af", "#bfc5c6"))
NIGHT = (("#060a1c", "#0d1838", "#20305c"), ("#04081a", "#0b1430", "#2a2f58"))

SUNSETS = (
    ("#2b3a6b", "#c4677a", "#ffb35c"),
    ("#3d3566", "#d9675d", "#ffc56b"),
    ("#4b6a9c", "#e79a6f", "#ffd98c"),
    ("#5b2f55", "#d4574a", "#ff9e4a"),
    ("#27406f", "#9a7ba6", "#f7b78a"),
)


def open_sky(view: View, palette: tuple[str, str, str], horizon: float) -> Array:
    """A clear sky of three colours from the zenith to the horizon (a share of the height)."""
    high, middle, low = (rgb(code) for code in palette)
    return gradient(view, [(0, high), (horizon * 0.6, middle), (horizon, low), (1, low)])


def clouds(
    view: View, picture: Array, horizon: float, cover: float, lit: Colour, shade: Colour, sun_x: float = 0.5
) -> Array:
    """Clouds that thin out towards the horizon as real ones do; returns how dense they are at each pixel."""
    square = tile(view.rng, 256, 5, 6, 0.52)
    edge = horizon * view.height
    up = np.maximum(edge - view.y, 0.0) / view.height
    depth = 1 / (up + 0.09)
    u = (view.x / view.width - 0.5) * depth * 0.36 + view.pick(0, 1)
    v = depth * 0.34 + view.pick(0, 1)
    body = sample(square, u, v)
    toward = sample(square, u + (sun_x - 0.5) * 0.03 + 0.004, v + 0.02)
    density = smooth(1 - cover - 0.16, 1 - cover + 0.24, body) * smooth(0.0, 0.1, up)
    light = np.clip(0.55 + (body - toward) * 4.2 - (body - 0.6) * 0.7, 0, 1)
    paint(picture, density * 0.93, mix(shade, lit, light))
    return density


def cirrus(view: View, picture: Array, horizon: float, colour: Colour, strength: float = 0.5) -> None:
    """Long thin clouds drawn out along the wind."""
    veil = fractal(view, 40, 5, 0.55, stretch=5)
    height = smooth(horizon, horizon - 0.3, view.y / view.height)
    paint(picture, smooth(0.5, 0.95, veil) * height * strength, colour)


def sun(view: View, picture: Array, x: float, y: float, colour: Colour, size: float = 11, power: float = 1.0) -> None:
    """The sun's disc with the wide light around it; x and y in pixels, size in units."""
    shine(picture, glow(view, x, y, size * 7, 1.2) * 0.42 * power, colour)
    shine(picture, glow(view, x, y, size * 2.2) * 0.6 * power, colour)
    paint(picture, disc(view, x, y, size, 1.6) * min(power, 1), mix(colour, rgb("#fffdf2"), 0.75))


def stars(view: View, picture: Array, count: int, horizon: float) -> None:
    """Stars of many brightnesses, a few of them large."""
    rng = view.rng
    height = int(view.height * horizon)
    light = np.zeros((view.height, view.width, 3), dtype=np.float32)
    rows, columns = rng.integers(0, max(height, 1), count), rng.integers(0, view.width, count)
    tints = np.array([[0.75, 0.85, 1.0], [1.0, 1.0, 1.0], [1.0, 0.9, 0.75]], dtype=np.float32)
    bright = np.clip(rng.pareto(1.7, count) * 0.16, 0.05, 1.2).astype(np.float32)
    np.add.at(light, (rows, columns), tints[rng.integers(0, 3, count)] * bright[:, None])
    picture += light
    for i in np.argsort(bright)[-max(4, count // 90) :]:
        x, y = float(columns[i]) + 0.5, float(rows[i]) + 0.5
        part, area = view.around(picture, x, y, 9 * view.unit)
        area += (glow(part, x, y, 1.1) ** 1.6)[..., None] * tints[int(rng.integers(3))] * 0.8


def aerial(colour: Colour, haze: Colour, share: float) -> Colour:
    """The colour of something far away, seen through air."""
    return mix(colour, haze, share)
