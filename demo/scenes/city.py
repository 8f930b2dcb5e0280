"""The city at night: lit windows and their light on the water."""

import numpy as np

from demo.scenes.ink import Ink
from demo.scenes.land import mirror
from demo.scenes.light import blur, disc, fractal, glow, paint, shine
from demo.scenes.sky import NIGHT, clouds, open_sky, stars
from demo.scenes.view import Array, Colour, View, mix, rgb, smooth

LAMPS = ("#ffd58a", "#ffc069", "#ffe7b8", "#fff4dc", "#cfe3ff")


def night_city(view: View) -> Array:
    """Towers with lit windows and their light on the water."""
    palette = view.choose((*NIGHT, ("#0a1030", "#24285c", "#6a4a78")))
    horizon = view.pick(0.58, 0.68)
    picture = open_sky(view, palette, horizon)
    stars(view, picture, 90, horizon * 0.6)
    clouds(view, picture, horizon, view.pick(0.2, 0.4), mix(rgb(palette[2]), rgb("#7a6a7c"), 0.3), rgb(palette[1]))
    shine(picture, glow(view, view.width * view.pick(0.3, 0.7), view.height * horizon, 150, 1.8) * 0.5, rgb("#c98a5a"))
    if view.chance(0.35):
        x, y = view.width * view.pick(0.15, 0.85), view.height * view.pick(0.1, 0.22)
        shine(picture, glow(view, x, y, 22) * 0.4, rgb("#cfdcff"))
        paint(picture, disc(view, x, y, 10, 1.2), rgb("#f5f3e4"))
    for i in range(3):
        _skyline(view, picture, horizon, i / 2, rgb(palette[2]))
    lamps = Ink(view)
    y = view.height * (horizon - 0.006)
    for i in range(view.count(14, 26)):
        lamps.oval(
            view.width * (i + view.pick(0.2, 0.8)) / 20, y, 1.7 * view.unit, 1.7 * view.unit, rgb(view.choose(LAMPS))
        )
    lamps.onto(picture)
    halo = blur(np.clip(picture - 0.5, 0, 1), 4.5 * view.unit)
    picture += halo * 1.7
    mirror(view, picture, horizon, 0.34, rgb("#050a18"), 0.78, 1.05)
    edge = int(horizon * view.height)
    lights = np.clip(picture[:edge] - 0.42, 0, 1).sum(axis=0)
    streak = blur(np.clip(np.repeat(lights[None, :, :], 4, axis=0) / 14, 0, 1), 2.2 * view.unit)[0]
    drop = np.clip((view.y - edge) / (view.height - edge), 0, 1)
    dashes = smooth(0.3, 0.75, fractal(view, 5, 3, 0.7, stretch=6))
    path = (drop > 0) * np.exp(-drop * 2.2) * dashes
    picture += path[..., None] * streak[None] * 0.9
    return picture


def _skyline(view: View, picture: Array, horizon: float, near: float, air: Colour) -> None:
    ink, dots = Ink(view), Ink(view)
    base, x = view.height * horizon, -20 * view.unit
    body = mix(air * 0.7, rgb("#10162a"), 0.3 + 0.6 * near)
    while x < view.width:
        wide = view.pick(20, 52) * view.unit * (0.6 + 0.4 * near)
        middle = 1 - abs(x / view.width - 0.5) * 0.7
        tall = view.height * (0.1 + view.rng.beta(1.3, 2.2) * (0.44 - 0.2 * near)) * middle
        top = base - tall
        tone = body * view.pick(0.8, 1.25)
        ink.box(x, top, x + wide, base, tone)
        ink.box(x, top, x + wide * 0.2, base, tone * 1.35)
        shape = view.count(0, 4)
        if shape == 0:
            ink.box(x + wide * 0.25, top - wide * 0.3, x + wide * 0.75, top, tone)
        elif shape == 1 and tall > view.height * 0.25:
            ink.polygon([(x, top + 1), (x + wide / 2, top - wide * 0.8), (x + wide, top + 1)], tone)
            ink.line([(x + wide / 2, top - wide * 1.7), (x + wide / 2, top)], tone, 1.4 * view.unit)
            dots.oval(x + wide / 2, top - wide * 1.7, 1.6 * view.unit, 1.6 * view.unit, rgb("#ff5a4a"))
        _windows(view, dots, x, top, wide, base, near)
        x += wide * view.pick(0.85, 1.25)
    ink.onto(picture)
    dots.onto(picture, strength=0.5 + 0.5 * near)


def _windows(view: View, dots: Ink, x: float, top: float, wide: float, base: float, near: float) -> None:
    pitch_x, pitch_y = (3.6 + 2.2 * near) * view.unit, (4.6 + 3 * near) * view.unit
    lit, tint = view.pick(0.25, 0.62), rgb(view.choose(LAMPS))
    columns, rows = int((wide - 3 * view.unit) / pitch_x), int((base - top - 4 * view.unit) / pitch_y)
    on = view.rng.random((max(rows, 0), max(columns, 0)))
    floor_dark = view.rng.random(max(rows, 0)) < 0.14
    for row, column in zip(*np.nonzero(on < lit), strict=True):
        if floor_dark[row]:
            continue
        tone = tint if on[row, column] < lit * 0.75 else rgb(view.choose(LAMPS))
        left, up = x + 2.4 * view.unit + column * pitch_x, top + 4 * view.unit + row * pitch_y
        dots.box(left, up, left + pitch_x * 0.58, up + pitch_y * 0.55, tone * view.pick(0.62, 1.1))
