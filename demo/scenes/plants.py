"""Trees, grass and flowers for every scene that has a wood, a park or a meadow in it."""

import math

import numpy as np

from demo.scenes.ink import Ink
from demo.scenes.light import fractal, paint
from demo.scenes.view import Array, Colour, View, mix, rgb, smooth


def fir(ink: Ink, view: View, x: float, base: float, tall: float, colour: Colour, snow: float) -> None:
    """One fir of ragged tiers; tall in pixels."""
    wide = tall * view.pick(0.17, 0.23)
    ink.line([(x, base), (x, base - tall * 0.3)], colour * 0.6, max(tall * 0.035, 0.6))
    tiers = 9
    for i in range(tiers):
        share = i / tiers
        y = base - tall * (0.1 + 0.84 * share)
        half = wide * (1 - share) ** 0.85 + tall * 0.01
        step = tall * 0.2
        left, right = half * view.pick(0.85, 1.15), half * view.pick(0.85, 1.15)
        shade = colour * view.pick(0.85, 1.2)
        droop = tall * 0.035
        body = [(x, y - step), (x + right * 0.5, y - step * 0.35), (x + right, y + droop), (x, y - droop * 0.3)]
        ink.polygon([*body, (x - left, y + droop), (x - left * 0.5, y - step * 0.35)], shade)
        if snow:
            cap = mix(rgb("#c9d8ea"), rgb("#ffffff"), view.pick(0, 1))
            lean = left if view.chance(0.5) else -right
            tip = (x - lean * 0.85, y + droop * 0.3)
            ink.polygon(
                [(x, y - step), (x - lean * 0.5, y - step * 0.38), tip, (x - lean * 0.2, y - step * 0.3)], cap, snow
            )


def firs(
    view: View,
    picture: Array,
    count: int,
    base: float,
    tall: tuple[float, float],
    colour: Colour,
    snow: float = 0.0,
    sides: bool = False,
) -> None:
    """A group of firs, the far ones first; sides keeps the middle of the picture free."""
    ink = Ink(view)
    for i in range(count):
        near = (i + 1) / count
        x = view.pick(0, 1)
        if sides:
            x = view.choose((view.pick(-0.05, 0.27), view.pick(0.73, 1.05)))
        height = view.height * (tall[0] + (tall[1] - tall[0]) * near * view.pick(0.7, 1))
        foot = view.height * (base - 0.05 * (1 - near))
        fir(ink, view, x * view.width, foot, height, colour * view.pick(0.8, 1.25), snow)
    ink.onto(picture)


def crown(ink: Ink, view: View, x: float, y: float, rx: float, ry: float, colours: tuple[str, str], dabs: int) -> None:
    """Leaves as many small dabs, dark below and light above."""
    dark, light = rgb(colours[0]), rgb(colours[1])
    rng = view.rng
    lumps = [(x + rng.normal(0, rx * 0.42), y + rng.normal(0, ry * 0.38), rng.uniform(0.38, 0.6)) for _ in range(9)]
    ink.oval(x, y, rx * 0.62, ry * 0.62, dark)
    size = max(rx / 23, 0.7)
    for layer in range(3):
        for _ in range(dabs // 3):
            cx, cy, reach = lumps[int(rng.integers(9))]
            angle, far = rng.uniform(0, 2 * math.pi), math.sqrt(rng.uniform(0, 1)) * reach
            px = cx + math.cos(angle) * far * rx - layer * rx * 0.03
            py = cy + math.sin(angle) * far * ry - layer * ry * 0.07
            sunny = 0.5 - (py - y) / ry * 0.38 - (px - x) / rx * 0.14 - math.sin(angle) * 0.16
            share = min(max(sunny + rng.normal(0, 0.12) + layer * 0.1 - 0.12, 0), 1)
            ink.oval(px, py, size * rng.uniform(0.7, 1.5), size * rng.uniform(0.6, 1.1), mix(dark, light, share))


def round_tree(
    view: View, picture: Array, x: float, base: float, size: float, colours: tuple[str, str], bark: str = "#4a3a2c"
) -> None:
    """A broad-leaved tree with its shadow; x and base in pixels, size in units."""
    s = size * view.unit
    ink = Ink(view)
    ink.oval(x + s * 0.25, base, s * 0.8, s * 0.09, rgb("#18220f"), 0.45)
    ink.onto(picture, soften=1.5 * view.unit)
    ink = Ink(view)
    trunk = rgb(bark)
    ink.polygon(
        [(x - s * 0.07, base), (x - s * 0.035, base - s), (x + s * 0.035, base - s), (x + s * 0.08, base)], trunk
    )
    for lean in (-0.4, 0.35, 0.12):
        ink.line([(x, base - s * 0.6), (x + lean * s, base - s * 1.15)], trunk, s * 0.035)
    crown(ink, view, x, base - s * 1.25, s * 0.72, s * 0.72, colours, 720)
    ink.onto(picture, soften=0.35 * view.unit)


def foliage(
    view: View, picture: Array, cover: Array, colours: list[Colour], cell: float = 9, light: float = 1.0
) -> None:
    """A mass of leaves where cover (0 to 1) lets it be, in clumps of the given colours."""
    fine = fractal(view, cell, 3, 0.75)
    broad = fractal(view, cell * 5, 3, 0.5)
    hole = smooth(1.02 - float(cover.max()), 1.12 - float(cover.max()), fine * 0.5 + broad * 0.5 + cover - 0.5)
    mask = smooth(0.42, 0.5, cover * 0.75 + (fine - 0.5) * 0.6 + (broad - 0.5) * 0.35) * hole
    hue = np.clip(broad * 1.2 - 0.1 + (fractal(view, cell * 2, 2) - 0.5) * 0.5, 0, 0.999) * (len(colours) - 1)
    low = np.minimum(hue.astype(np.int32), len(colours) - 2)
    palette = np.stack(colours)
    leaf = mix(palette[low], palette[low + 1], hue - low)
    shade = 0.5 + 0.75 * fine**1.1 * light
    paint(picture, mask, np.clip(leaf * shade[..., None], 0, 1))


def blades(view: View, picture: Array, count: int, base: float, tall: float, colours: list[Colour]) -> None:
    """Grass in front of the lens; tall in units."""
    ink = Ink(view)
    for _ in range(count):
        x, h = view.pick(-10, view.width + 10), tall * view.unit * view.pick(0.5, 1.2)
        y, lean = view.height * base + view.pick(0, 12) * view.unit, view.pick(-0.35, 0.35) * tall * view.unit
        wide = view.pick(0.8, 1.8) * view.unit
        tone = view.choose(colours) * view.pick(0.75, 1.2)
        ink.polygon([(x - wide, y), (x + lean * 0.4, y - h * 0.6), (x + lean, y - h), (x + wide, y)], tone)
    ink.onto(picture, soften=0.5 * view.unit)
