"""The sea at sunset and under sail, and a lake in fog."""

import math

import numpy as np

from demo.scenes.ink import Ink, curve
from demo.scenes.land import below, glitter, mirror, plane, ridge, treeline
from demo.scenes.light import fractal, paint
from demo.scenes.sky import DAY, GOLDEN, SUNSETS, cirrus, clouds, open_sky, sun
from demo.scenes.view import Array, Colour, View, mix, rgb, smooth


def sunset_sea(view: View) -> Array:
    """The sun low over the sea with its path on the waves."""
    palette = view.choose(SUNSETS)
    horizon = view.pick(0.5, 0.64)
    picture = open_sky(view, palette, horizon)
    x, y = view.width * view.pick(0.2, 0.8), view.height * (horizon - view.pick(0.03, 0.13))
    warm = rgb("#ffdf9a")
    lit, shade = mix(rgb(palette[2]), rgb("#ffe9d0"), 0.3), mix(rgb(palette[0]), rgb(palette[1]), 0.45)
    clouds(view, picture, horizon, view.pick(0.3, 0.6), lit, shade, x / view.width)
    cirrus(view, picture, horizon, lit, 0.35)
    sun(view, picture, x, y, warm, view.pick(9, 16), 1.1)
    if view.chance(0.4):
        cape = ridge(view, horizon + 0.002, view.pick(0.05, 0.12), 150, 5)
        side = np.arange(view.width) / view.width
        slope = smooth(0.35, 1.0, side if view.chance(0.5) else 1 - side)
        paint(
            picture, below(view, horizon * view.height - (horizon * view.height - cape) * slope), rgb(palette[0]) * 0.55
        )
    waves = mirror(view, picture, horizon, 0.5, rgb(palette[0]) * 0.5, 0.72, 1.0)
    glitter(view, picture, waves, horizon, x, warm, 10)
    if view.chance(0.35):
        _gulls(view, picture, rgb(palette[0]) * 0.3)
    return picture


def _gulls(view: View, picture: Array, colour: Colour) -> None:
    ink = Ink(view, 3)
    for _ in range(view.count(3, 7)):
        x, y, s = view.pick(0.1, 0.9) * view.width, view.pick(0.1, 0.4) * view.height, view.pick(5, 10) * view.unit
        tilt = view.pick(-0.2, 0.2) * s
        for side in (-1, 1):
            wing = curve((x, y), (x + side * s * 0.5, y - s * 0.55), (x + side * s, y - s * 0.1 + side * tilt))
            ink.line(wing, colour, 1.4 * view.unit)
    ink.onto(picture)


def _boat(ink: Ink, view: View, x: float, y: float, s: float, sail: Colour, hull: Colour) -> None:
    lean = view.pick(-0.08, 0.12) * s
    ink.polygon([(x - s * 0.5, y - s * 0.1), (x + s * 0.55, y - s * 0.13), (x + s * 0.36, y), (x - s * 0.36, y)], hull)
    ink.box(x - s * 0.2, y - s * 0.17, x + s * 0.12, y - s * 0.1, hull * 0.4 + 0.55)
    top = (x + s * 0.02 + lean, y - s * 1.5)
    ink.line([(x + s * 0.02, y - s * 0.1), top], rgb("#5c4a3a"), max(s * 0.025, 0.5))
    back = curve(top, (x - s * 0.36 + lean, y - s * 0.7), (x - s * 0.44, y - s * 0.22))
    ink.polygon([*back, (x, y - s * 0.22)], sail)
    front = curve((top[0], top[1] + s * 0.12), (x + s * 0.4 + lean, y - s * 0.7), (x + s * 0.5, y - s * 0.2))
    ink.polygon([*front, (x + s * 0.07, y - s * 0.22)], mix(sail, rgb("#5e7390"), 0.22))


def sailing_boats(view: View) -> Array:
    """Yachts under sail on a fresh blue sea."""
    palette = view.choose(DAY + GOLDEN[:2])
    horizon = view.pick(0.42, 0.55)
    picture = open_sky(view, palette, horizon)
    clouds(view, picture, horizon, view.pick(0.3, 0.6), rgb("#fffaf2"), rgb("#a9b7c9"))
    if view.chance(0.6):
        coast = ridge(view, horizon + 0.003, view.pick(0.03, 0.09), 130, 5)
        paint(picture, below(view, coast), mix(rgb("#48708a"), rgb(palette[2]), 0.35))
    waves = mirror(view, picture, horizon, 0.8, rgb(view.choose(("#0f4a78", "#12607f", "#1b5470"))), 0.3)
    _, _, near = plane(view, horizon)
    foam = smooth(0.42, 0.62, waves) * (0.25 + near * 0.4)
    paint(picture, foam * np.clip((near - 0.02) * 20, 0, 1), rgb("#e8f3f7"))
    ink, wake = Ink(view), Ink(view)
    sails = ("#fdfbf4", "#f7f1e2", "#ffffff", "#d8463c", "#f0b43c", "#2f5e9c")
    fleet = sorted(view.pick(0.01, 0.22) for _ in range(view.count(2, 7)))
    fleet[-1] = view.pick(0.16, 0.3)
    for i, drop in enumerate(fleet):
        x = view.width * ((i * 0.37 + view.pick(0.08, 0.28)) % 0.86 + 0.07)
        y = view.height * (horizon + drop)
        size = (14 + drop * 330) * view.unit * view.pick(0.85, 1.1)
        white = rgb(view.choose(sails[:3] if view.chance(0.7) else sails[3:]))
        for k in range(9):
            fade = size * (0.15 + 0.17 * k)
            sway = math.sin(k * 1.9 + i) * size * 0.05
            wake.oval(x + sway, y + fade * 0.42, size * (0.34 - 0.025 * k), size * 0.028, white, 0.5 - 0.045 * k)
        _boat(ink, view, x, y, size, white, rgb(view.choose(("#f4f4f0", "#24324f", "#7a2f2a", "#3d6a73"))))
    wake.onto(picture, soften=0.9 * view.unit)
    ink.onto(picture)
    return picture


def foggy_lake(view: View) -> Array:
    """A still lake at dawn: woods one behind another in fog, reeds and a small boat."""
    tone = view.choose(
        (("#8fa3b8", "#d9c3bd", "#f6dcc0"), ("#9fb4c4", "#cfd8da", "#eef0e6"), ("#7c8fa8", "#b9a9b8", "#f2c7a8"))
    )
    horizon = view.pick(0.5, 0.58)
    picture = open_sky(view, tone, horizon)
    haze = rgb(tone[2])
    x = view.width * view.pick(0.25, 0.75)
    if view.chance(0.7):
        sun(view, picture, x, view.height * (horizon - view.pick(0.16, 0.26)), rgb("#ffe6c0"), 9, 0.8)
    for i, far in enumerate((0.78, 0.58, 0.3)):
        wood = treeline(view, horizon + 0.004, view.pick(0.16, 0.2) - 0.035 * i, 130, 9)
        colour = mix(rgb("#2a3d44"), haze, far)
        fog = smooth(horizon - 0.14, horizon + 0.01, view.y / view.height)
        shade = mix(np.broadcast_to(colour, picture.shape), np.broadcast_to(haze, picture.shape), fog * 0.75)
        part = below(view, wood)
        if i == 2:
            part = part * smooth(0.1, 0.45, np.abs(view.x / view.width - view.pick(0.35, 0.65)))
        paint(picture, part, shade)
    mirror(view, picture, horizon, 0.05, mix(rgb("#34505c"), rgb(tone[0]), 0.5), 0.86)
    veil = fractal(view, 60, 5, 0.55, stretch=4)
    band = np.exp(-(((view.y / view.height - horizon) / 0.075) ** 2))
    paint(picture, np.clip(band * (0.35 + veil * 0.75), 0, 0.92), mix(haze, rgb("#ffffff"), 0.25))
    if view.chance(0.6):
        ink = Ink(view)
        bx, by, s = view.width * view.pick(0.3, 0.7), view.height * view.pick(0.68, 0.8), view.pick(30, 48) * view.unit
        dark = rgb("#25292b")
        ink.polygon([(bx - s, by - s * 0.16), (bx + s, by - s * 0.18), (bx + s * 0.75, by), (bx - s * 0.75, by)], dark)
        ink.oval(bx, by - s * 0.6, s * 0.1, s * 0.11, dark)
        ink.polygon(
            [
                (bx - s * 0.15, by - s * 0.1),
                (bx - s * 0.13, by - s * 0.5),
                (bx + s * 0.14, by - s * 0.5),
                (bx + s * 0.18, by - s * 0.1),
            ],
            dark,
        )
        ink.line([(bx + s * 0.1, by - s * 0.4), (bx + s * 1.25, by - s * 0.75)], dark, view.unit)
        ink.polygon(
            [(bx - s * 0.75, by), (bx + s * 0.75, by), (bx + s * 0.5, by + s * 0.16), (bx - s * 0.5, by + s * 0.16)],
            dark,
            0.5,
        )
        ink.onto(picture, soften=0.5 * view.unit)
    reeds = Ink(view)
    for _ in range(70):
        rx = view.width * view.choose((view.pick(-0.02, 0.26), view.pick(0.8, 1.02)))
        top = view.height * view.pick(0.72, 0.9)
        lean = view.pick(-9, 12) * view.unit
        reeds.line(
            curve((rx, view.height), (rx, top + 30 * view.unit), (rx + lean, top)),
            rgb("#39413a") * view.pick(0.7, 1.3),
            1.2 * view.unit,
        )
        if view.chance(0.3):
            reeds.oval(rx + lean, top, 1.8 * view.unit, 7 * view.unit, rgb("#4a3526"))
    reeds.onto(picture, soften=0.6 * view.unit)
    return picture
