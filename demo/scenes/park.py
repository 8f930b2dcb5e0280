"""A bench by a path in a city park."""

import numpy as np

from demo.scenes.ink import Ink
from demo.scenes.land import ground, treeline
from demo.scenes.light import fractal, glow, paint, shine
from demo.scenes.plants import foliage, round_tree
from demo.scenes.sky import DAY, GOLDEN, open_sky
from demo.scenes.view import Array, View, mix, rgb, smooth


def _lawn(view: View, picture: Array, horizon: float, tones: tuple[str, str]) -> None:
    ground(view, picture, horizon, rgb(tones[0]), rgb(tones[1]), 0.9)
    light = smooth(0.45, 0.7, fractal(view, 60, 4, 0.5, stretch=3.5))
    floor = np.clip(view.y - horizon * view.height, 0, 1) * light * 0.35
    paint(picture, floor, rgb("#e9e59a"))


def city_park(view: View) -> Array:
    """A bench by a path under old trees, lamps and sun spots."""
    autumn = view.chance(0.3)
    tones = ("#6f5a1f", "#d9b24a") if autumn else ("#35591f", "#8fb651")
    leaves = ("#8f4a1a", "#f0bc45") if autumn else view.choose((("#2c4f22", "#93bb4a"), ("#24481f", "#7fae45")))
    palette = view.choose(DAY + GOLDEN)
    horizon = view.pick(0.46, 0.54)
    picture = open_sky(view, palette, horizon)
    air = mix(rgb(palette[2]), rgb("#dfe6c9"), 0.5)
    for i in range(2):
        far = [mix(rgb(code), air, 0.55 - 0.22 * i) for code in (*leaves, leaves[1])]
        line = treeline(view, horizon + 0.02, 0.34 - 0.12 * i, 150, 26)
        cover = smooth(-6 * view.unit, 26 * view.unit, view.y - line[None, :]) * (
            view.y < (horizon + 0.02) * view.height
        )
        foliage(view, picture, cover * 0.95, far, 7 + 3 * i, 0.95)
    _lawn(view, picture, horizon, tones)
    side = view.choose((-1, 1))
    drop = np.clip((view.y / view.height - horizon) / (1 - horizon), 0, 1)
    middle = view.width * (0.5 + side * (0.06 - 0.42 * drop**1.4 + 0.1 * np.sin(drop * 4)))
    half = view.width * (0.012 + 0.24 * drop**1.15)
    grit = fractal(view, 4, 3, 0.8, stretch=1.6)
    path = smooth(1.06, 0.94, np.abs(view.x - middle) / half + (grit - 0.5) * 0.08) * (drop > 0)
    paint(picture, path, mix(rgb("#b5a283"), rgb("#e6d8ba"), grit))
    bench_x = view.width * (0.5 + side * view.pick(0.1, 0.2))
    _lamp(view, picture, view.width * (0.5 - side * 0.02), view.height * (horizon + 0.07), 78 * view.unit)
    bars = fractal(view, 50, 4, 0.5, stretch=4)
    shade = smooth(0.48, 0.66, bars) * smooth(0.0, 0.15, drop) * 0.38
    paint(picture, shade, rgb(tones[0]) * 0.5)
    round_tree(
        view,
        picture,
        view.width * (0.5 + side * view.pick(0.34, 0.46)),
        view.height * (horizon + 0.13),
        view.pick(95, 125),
        leaves,
    )
    if view.chance(0.6):
        round_tree(
            view,
            picture,
            view.width * (0.5 - side * view.pick(0.4, 0.5)),
            view.height * (horizon + 0.08),
            view.pick(70, 95),
            leaves,
        )
    bench(view, picture, bench_x, view.height * (horizon + 0.25), view.pick(70, 92) * view.unit)
    if autumn:
        litter = Ink(view)
        for _ in range(160):
            y = view.height * (horizon + (1 - horizon) * view.pick(0.15, 1))
            r = (0.6 + 2.6 * (y / view.height - horizon)) * view.unit * 1.6
            litter.oval(view.pick(0, view.width), y, r, r * 0.55, rgb(view.choose(("#d8772a", "#e8b23e", "#b5481f"))))
        litter.onto(picture, soften=0.3 * view.unit)
    return picture


def _lamp(view: View, picture: Array, x: float, base: float, s: float) -> None:
    ink = Ink(view)
    dark = rgb("#262b2b")
    ink.line([(x, base), (x, base - s)], dark, s * 0.03)
    ink.box(x - s * 0.04, base - s * 0.1, x + s * 0.04, base, dark)
    ink.oval(x, base - s * 1.04, s * 0.07, s * 0.07, rgb("#fff3d4"))
    ink.box(x - s * 0.06, base - s * 0.98, x + s * 0.06, base - s * 0.95, dark)
    ink.onto(picture)
    shine(picture, glow(view, x, base - s * 1.04, 7) * 0.4, rgb("#ffeec4"))


def bench(view: View, picture: Array, x: float, base: float, s: float) -> None:
    """A wooden bench on iron legs; s is its width in pixels."""
    shadow, ink = Ink(view), Ink(view, 3)
    shadow.oval(x + s * 0.05, base, s * 0.58, s * 0.07, rgb("#1c2412"), 0.5)
    iron, wood = rgb("#25282a"), rgb(view.choose(("#8a5a34", "#a06f42", "#6f7f52", "#7a4a30")))
    for off in (-0.42, 0.42):
        ink.line([(x + s * off, base), (x + s * off, base - s * 0.24)], iron, s * 0.03)
        ink.line([(x + s * off * 0.94, base - s * 0.05), (x + s * off * 0.94, base - s * 0.5)], iron, s * 0.025)
        ink.line([(x + s * off, base - s * 0.34), (x + s * off * 1.02, base - s * 0.34)], iron, s * 0.05)
    for k in range(3):
        y = base - s * (0.33 + 0.075 * k)
        ink.polygon(
            [(x - s * 0.47, y), (x + s * 0.47, y), (x + s * 0.465, y - s * 0.05), (x - s * 0.465, y - s * 0.05)],
            wood * (0.9 + 0.1 * k),
        )
    for k in range(3):
        y = base - s * (0.2 + 0.028 * k)
        ink.polygon(
            [
                (x - s * (0.52 - 0.015 * k), y),
                (x + s * (0.52 - 0.015 * k), y),
                (x + s * (0.515 - 0.015 * k), y - s * 0.02),
                (x - s * (0.515 - 0.015 * k), y - s * 0.02),
            ],
            wood * (1.15 - 0.08 * k),
        )
    shadow.onto(picture, soften=2 * view.unit)
    ink.onto(picture, soften=0.3 * view.unit)
