"""Bridges: hung on cables or standing on arches, by day, at dusk and at night."""

import math

import numpy as np

from demo.scenes.ink import Ink
from demo.scenes.land import below, glitter, mirror, ridge
from demo.scenes.light import blur, fractal, lamp, paint
from demo.scenes.sky import DAY, DUSK, GOLDEN, NIGHT, clouds, open_sky, stars
from demo.scenes.view import Array, Colour, View, mix, rgb


def bridge(view: View) -> Array:
    """A long bridge over a wide water, by day, at dusk or lit at night."""
    hour = view.count(0, 2)
    palette = view.choose((DAY + GOLDEN, DUSK, NIGHT)[hour])
    horizon = view.pick(0.6, 0.68)
    picture = open_sky(view, palette, horizon)
    if hour == 2:
        stars(view, picture, 120, horizon * 0.7)
    lit = mix(rgb(palette[2]), rgb("#ffffff"), 0.35 if hour < 2 else 0.05)
    clouds(view, picture, horizon, view.pick(0.25, 0.5), lit, mix(rgb(palette[1]), rgb("#6f7b90"), 0.25))
    for i in range(2):
        shore = ridge(view, horizon + 0.004, view.pick(0.09, 0.15) - 0.05 * i, 150, 5)
        paint(
            picture,
            below(view, shore),
            mix(rgb("#1c2a3c"), rgb(palette[2]), (0.6 - 0.28 * i) * (0.5 if hour == 2 else 1)),
        )
    red = view.chance(0.5)
    steel = rgb("#b5402f") if red else rgb(view.choose(("#4d5a68", "#6a7480", "#8a8578")))
    steel = steel * (1.0, 0.66, 0.62)[hour]
    if view.chance(0.7):
        lamps = _hanging(view, picture, horizon, steel, hour)
    else:
        lamps = _arches(view, picture, horizon, mix(rgb("#a59580"), steel, 0.2) * (1.0, 0.66, 0.6)[hour])
    if hour:
        for x, y in lamps:
            lamp(view, picture, x, y, 3.2, rgb("#ffd489") * 0.9)
    waves = mirror(view, picture, horizon, 0.42, rgb(("#1d4a66", "#1c2a4a", "#070d1e")[hour]), 0.55)
    if hour:
        for x, _ in lamps[::2]:
            glitter(view, picture, waves, horizon, x, rgb("#ffc46b") * 0.6, 2.5)
    return picture


def _hanging(view: View, picture: Array, horizon: float, steel: Colour, hour: int) -> list[tuple[float, float]]:
    ink = Ink(view)
    w, h, u = view.width, view.height, view.unit
    left, right = view.pick(0.18, 0.26), view.pick(0.74, 0.82)
    deck = horizon - view.pick(0.07, 0.11)
    tilt = view.pick(-0.02, 0.02)
    top = deck - view.pick(0.3, 0.38)

    def road(share: float) -> float:
        return h * (deck + tilt * (share - 0.5) - 0.018 * math.sin(share * math.pi))

    shares = [i / 60 for i in range(-2, 63)]
    towers = (left, right)
    cable = []
    for share in shares:
        if share < left:
            t = (left - share) / (left + 0.05)
            level_ = top + (deck - top) * min(t, 1) ** 0.9
        elif share > right:
            t = (share - right) / (1.05 - right)
            level_ = top + (deck - top) * min(t, 1) ** 0.9
        else:
            t = (share - left) / (right - left) * 2 - 1
            level_ = top + (deck - 0.02 - top) * (1 - t * t)
        cable.append((share * w, h * level_))
    for (x, y), share in zip(cable, shares, strict=True):
        ink.line([(x, y), (x, road(share))], steel * 0.85, 0.55 * u)
    ink.line(cable, steel * 0.9, 2.2 * u)
    ink.polygon(
        [(s * w, road(s)) for s in shares] + [(s * w, road(s) + 6.5 * u) for s in reversed(shares)], steel * 0.75
    )
    ink.line([(s * w, road(s)) for s in shares], np.clip(steel * 1.3, 0, 1), 1.6 * u)
    for share in towers:
        for off in (-6, 6):
            x = share * w + off * u
            ink.polygon(
                [
                    (x - 3 * u, h * (horizon + 0.004)),
                    (x - 2.2 * u, h * top),
                    (x + 2.2 * u, h * top),
                    (x + 3 * u, h * (horizon + 0.004)),
                ],
                steel,
            )
            ink.box(x + 0.6 * u, h * top, x + 2.2 * u, h * horizon, steel * 0.75)
        for level_ in (0.0, 0.3, 0.62):
            y = h * (top + (deck - top) * level_)
            ink.box(share * w - 7 * u, y, share * w + 7 * u, y + 5 * u, steel * 0.92)
        ink.box(
            share * w - 14 * u,
            h * (horizon - 0.016),
            share * w + 14 * u,
            h * (horizon + 0.004),
            rgb("#8f8a80") * (1, 0.6, 0.35)[hour],
        )
    ink.onto(picture)
    return [(s * w, road(s) - 3 * u) for s in shares[2::4]]


def _arches(view: View, picture: Array, horizon: float, stone: Colour) -> list[tuple[float, float]]:
    w, h, u = view.width, view.height, view.unit
    deck = horizon - view.pick(0.15, 0.2)
    count = view.count(3, 5)
    ink = Ink(view)
    ink.box(-5, h * deck, w + 5, h * (horizon + 0.005), stone)
    ink.box(-5, h * deck - 3 * u, w + 5, h * deck + 3 * u, np.clip(stone * 1.2, 0, 1))
    colours, cover = ink.layer()
    hole = Ink(view)
    span = w / count
    for i in range(count):
        x = (i + 0.5) * span
        hole.oval(x, h * horizon, span * 0.4, h * (horizon - deck) * 0.82, stone)
    _, gaps = hole.layer()
    rim = np.clip(blur(gaps, 3 * u) * 1.6, 0, 1)
    blocks = 0.85 + 0.3 * fractal(view, 7, 3, 0.6, stretch=2)
    surface = colours * blocks[..., None] * (1 - 0.35 * rim)[..., None]
    paint(picture, cover * (1 - gaps), surface)
    return [((i + 0.5) * span / 2, h * deck - 9 * u) for i in range(count * 2)]
