"""Nights in the open: the milky way, and a village in snow."""

import math

import numpy as np

from demo.scenes.ink import Ink
from demo.scenes.land import below, mirror, ridge, treeline
from demo.scenes.light import disc, fractal, glow, lamp, paint, shine
from demo.scenes.plants import firs
from demo.scenes.sky import DUSK, NIGHT, clouds, open_sky, stars
from demo.scenes.view import Array, View, mix, rgb, smooth


def starry_sky(view: View) -> Array:
    """The milky way over dark hills, sometimes with a tent that glows."""
    palette = view.choose((*NIGHT, ("#050818", "#0c1a3a", "#2c4a5c"), ("#0a0820", "#1a1640", "#4a3358")))
    horizon = view.pick(0.74, 0.84)
    picture = open_sky(view, palette, horizon)
    angle, middle = view.pick(0.7, 1.25) * view.choose((-1, 1)), view.pick(0.35, 0.65)
    along = (view.x / view.width - middle) * math.cos(angle) + (view.y / view.height - 0.4) * math.sin(angle)
    across = -(view.x / view.width - middle) * math.sin(angle) + (view.y / view.height - 0.4) * math.cos(angle)
    cloud = fractal(view, 90, 6, 0.58)
    dust = fractal(view, 60, 6, 0.6)
    wobble = (cloud - 0.5) * 0.09
    band = np.exp(-(((across + wobble) / 0.13) ** 2)) * (0.55 + 0.6 * np.exp(-((along / 0.4) ** 2)))
    lane = np.exp(-(((across + (dust - 0.5) * 0.16) / 0.035) ** 2)) * smooth(0.3, 0.6, dust)
    milk = np.clip(band * (0.25 + cloud) - lane * 0.55 * band, 0, 1)
    tint = mix(
        rgb("#7f93d6"),
        rgb("#f0cfae"),
        np.clip(np.exp(-((across / 0.06) ** 2)) * np.exp(-((along / 0.3) ** 2)) * 1.1, 0, 1),
    )
    picture += milk[..., None] * tint * 0.62
    fine = view.rng.random((view.height, view.width), dtype=np.float32)
    picture += (smooth(0.955, 1.0, fine + milk * 0.035) * milk * 0.75)[..., None]
    stars(view, picture, 760, 1.0)
    ground_glow = rgb(view.choose(("#c9855a", "#5a8f86", "#7a5f8f")))
    shine(
        picture,
        glow(view, view.width * view.pick(0.1, 0.9), view.height * (horizon + 0.02), 120, 2.6) * 0.5,
        ground_glow,
    )
    lake = view.chance(0.35)
    for i in range(2):
        line = (
            ridge(view, horizon + 0.05 * i, 0.12 - 0.03 * i, 120, 6)
            if i == 0
            else treeline(view, horizon + 0.06, 0.07, 140, 8)
        )
        paint(picture, below(view, line), mix(rgb("#05070d"), rgb(palette[2]), 0.28 - 0.2 * i))
    if lake:
        mirror(view, picture, horizon + 0.06, 0.08, rgb("#03060f"), 0.8)
    elif view.chance(0.6):
        _tent(view, picture, view.width * view.pick(0.25, 0.75), view.height * 0.95, view.pick(26, 38) * view.unit)
    return picture


def _tent(view: View, picture: Array, x: float, base: float, s: float) -> None:
    shine(picture, glow(view, x, base - s * 0.3, 40, 1.5) * 0.55, rgb("#ff9d4a"))
    ink = Ink(view)
    warm = rgb(view.choose(("#ffb04f", "#ff9a5a", "#f2d06a")))
    ink.polygon([(x - s, base), (x - s * 0.12, base - s * 0.85), (x + s * 0.9, base)], warm)
    ink.polygon(
        [(x - s * 0.12, base - s * 0.85), (x + s * 0.5, base - s * 0.78), (x + s * 1.35, base), (x + s * 0.9, base)],
        warm * 0.62,
    )
    ink.polygon([(x - s * 0.3, base), (x - s * 0.12, base - s * 0.6), (x + s * 0.1, base)], rgb("#fff0c4"))
    ink.onto(picture, soften=0.5 * view.unit)


def winter_village(view: View) -> Array:
    """Wooden houses under snow with warm windows, smoke over the roofs and falling flakes."""
    palette = view.choose(
        (*DUSK, ("#1a2748", "#34497a", "#7d8fb5"), ("#0e1733", "#243a66", "#51688f"), ("#5c6f92", "#93a1bd", "#d9c6c8"))
    )
    horizon = view.pick(0.5, 0.58)
    picture = open_sky(view, palette, horizon)
    night = float(rgb(palette[0]).mean()) < 0.25
    if night:
        stars(view, picture, 150, horizon * 0.8)
    clouds(view, picture, horizon, 0.3, mix(rgb(palette[2]), rgb("#ffffff"), 0.15), rgb(palette[1]))
    if night and view.chance(0.5):
        x, y = view.width * view.pick(0.12, 0.88), view.height * view.pick(0.1, 0.2)
        shine(picture, glow(view, x, y, 25) * 0.45, rgb("#dfe8ff"))
        paint(picture, disc(view, x, y, 11, 1.2), rgb("#fbf7e6"))
    air = rgb(palette[2])
    paint(picture, below(view, ridge(view, horizon + 0.02, 0.16, 150, 5)), mix(rgb("#5f7297"), air, 0.45))
    paint(picture, below(view, treeline(view, horizon + 0.03, 0.1, 110, 7)), mix(rgb("#1c2b3f"), air, 0.25))
    snow_light = mix(rgb("#dfe8f8"), air, 0.28)
    snow_dark = mix(rgb("#7f94bd"), rgb(palette[1]), 0.35)
    relief = fractal(view, 90, 5, 0.45, stretch=3)
    for i in range(3):
        line = ridge(view, horizon + 0.07 + 0.13 * i, 0.05, 200, 3, 0.4)
        depth = np.clip((view.y - line[None, :]) / (60 * view.unit), 0, 1)
        paint(picture, below(view, line), mix(snow_light, snow_dark, np.clip(relief * 0.8 - 0.1 + depth * 0.4, 0, 1)))
        scale = (15, 25, 42)[i]
        count = (5, 4, 2)[i]
        order = view.rng.permutation(count)
        for k in order:
            x = view.width * (0.06 + (k + view.pick(0.15, 0.75)) / count * 0.9)
            at = min(max(int(x), 0), view.width - 1)
            _cottage(
                view,
                picture,
                x,
                float(line[at]) + scale * 0.45 * view.unit,
                scale * view.unit * view.pick(0.85, 1.15),
                snow_light,
                night,
            )
        firs(
            view,
            picture,
            4 - i,
            horizon + 0.11 + 0.13 * i,
            (0.06 + 0.05 * i, 0.12 + 0.08 * i),
            rgb("#16262d"),
            snow=0.75,
            sides=i == 2,
        )
    flakes = Ink(view)
    for _ in range(view.count(60, 200)):
        r = view.rng.gamma(2, 0.45) * view.unit
        flakes.oval(view.pick(0, view.width), view.pick(0, view.height), r, r, rgb("#ffffff"), view.pick(0.4, 0.9))
    flakes.onto(picture, soften=0.6 * view.unit)
    return picture


def _cottage(view: View, picture: Array, x: float, base: float, s: float, snow: Array, night: bool) -> None:
    wall = rgb(view.choose(("#5a3d2c", "#6b4630", "#4a3a34", "#7a5238", "#54463c"))) * (0.72 if night else 1)
    ink = Ink(view)
    long = view.pick(1.2, 1.7)
    left, right, eave = x - s * 0.8, x - s * 0.8 + s * long + s * 0.6, base - s * 0.75
    ink.box(left, eave, right, base, wall)
    for k in range(6):
        ink.line([(left, base - s * 0.125 * k), (right, base - s * 0.125 * k)], wall * 0.75, 0.6 * view.unit)
    gable = left + s * 1.0
    ink.polygon([(left, eave), (left + s * 0.5, eave - s * 0.62), (gable, eave)], wall * 0.92)
    ink.polygon(
        [
            (left + s * 0.44, eave - s * 0.72),
            (right - s * 0.25, eave - s * 0.72),
            (right + s * 0.14, eave + s * 0.06),
            (gable + s * 0.06, eave + s * 0.06),
        ],
        snow,
    )
    ink.polygon(
        [
            (left + s * 0.44, eave - s * 0.72),
            (left + s * 0.58, eave - s * 0.72),
            (gable + s * 0.12, eave + s * 0.08),
            (gable - s * 0.04, eave + s * 0.08),
        ],
        snow * 0.86,
    )
    ink.polygon(
        [
            (left + s * 0.5, eave - s * 0.76),
            (left + s * 0.5, eave - s * 0.6),
            (left - s * 0.04, eave + s * 0.1),
            (left - s * 0.16, eave + s * 0.06),
        ],
        snow * 0.95,
    )
    chimney = right - s * 0.5
    ink.box(chimney, eave - s * 1.02, chimney + s * 0.2, eave - s * 0.6, wall * 0.8)
    ink.box(chimney - s * 0.04, eave - s * 1.1, chimney + s * 0.24, eave - s * 1.0, snow)
    ink.polygon(
        [
            (left - s * 0.2, base + s * 0.1),
            (left, base - s * 0.1),
            (right, base - s * 0.08),
            (right + s * 0.25, base + s * 0.1),
        ],
        snow * 0.94,
    )
    ink.onto(picture, soften=0.25 * view.unit)
    panes = Ink(view)
    warm = rgb(view.choose(("#ffc766", "#ffb24a", "#ffd98a")))
    spots = [left + s * 0.34, gable + s * 0.28, gable + s * 0.75]
    for wx in spots:
        if wx + s * 0.26 < right:
            panes.box(wx, eave + s * 0.18, wx + s * 0.26, eave + s * 0.5, warm)
            panes.line([(wx + s * 0.13, eave + s * 0.18), (wx + s * 0.13, eave + s * 0.5)], wall * 0.8, s * 0.03)
            panes.line([(wx, eave + s * 0.32), (wx + s * 0.26, eave + s * 0.32)], wall * 0.8, s * 0.03)
    panes.onto(picture)
    for wx in spots:
        if wx + s * 0.26 < right:
            lamp(view, picture, wx + s * 0.13, eave + s * 0.34, s / view.unit * 0.4, warm * 0.5)
            lamp(view, picture, wx + s * 0.13, base + s * 0.22, s / view.unit * 0.3, warm * 0.45, 2.4)
    puff = Ink(view)
    px, py = chimney + s * 0.1, eave - s * 1.1
    drift = view.pick(-0.5, 0.7)
    for k in range(12):
        r = s * (0.07 + 0.02 * k)
        puff.oval(
            px + drift * s * (k / 8) ** 1.5 + view.pick(-1, 1) * r * 0.3,
            py - s * 0.13 * k,
            r,
            r * 0.8,
            rgb("#e3e6ee"),
            0.6 * (1 - k / 12),
        )
    puff.onto(picture, soften=s * 0.07, strength=0.6)
