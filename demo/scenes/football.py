"""A football match of grown players, seen from the stand."""

import math
from collections.abc import Callable

import numpy as np

from demo.scenes.ink import Ink, Point
from demo.scenes.land import below, plane, treeline
from demo.scenes.light import glow, paint, sample, shine, tile
from demo.scenes.sky import DAY, GOLDEN, clouds, open_sky
from demo.scenes.view import Array, Colour, View, mix, rgb, smooth

SKIN = ("#e8c0a0", "#c99672", "#8d5f43", "#f0cdb0")


def football_field(view: View) -> Array:
    """A match seen from the stand: mown stripes, white lines, grown players far away."""
    floodlit = view.chance(0.3)
    palette = ("#0c1430", "#16244a", "#2b3d66") if floodlit else view.choose(DAY + GOLDEN[:1])
    horizon = view.pick(0.3, 0.36)
    picture = open_sky(view, palette, horizon)
    clouds(view, picture, horizon, 0.4, rgb("#fffdf8") * (0.4 if floodlit else 1), rgb(palette[1]))
    _stand(view, picture, horizon, floodlit)
    across, away, near = plane(view, horizon, 0.5)
    stripes = np.sin(away * view.pick(5, 7)) if view.chance(0.6) else np.sin(across * view.pick(6, 9))
    rough = sample(tile(view.rng, 256, 40, 3, 0.8), across * 0.4, away * 0.7)
    grass = mix(rgb("#2f7a2c"), rgb("#5fae45"), np.clip(0.5 + 0.33 * np.tanh(stripes * 6) + (rough - 0.5) * 0.5, 0, 1))
    paint(
        picture,
        np.broadcast_to(np.clip(view.y - horizon * view.height, 0, 1), near.shape),
        grass * (0.9 if floodlit else 1),
    )
    lines = Ink(view)
    white, w, h = rgb("#f4f6ee"), view.width, view.height
    far, close = horizon + 0.05, 0.93

    def at(side: float, deep: float) -> tuple[float, float]:
        """A point of the pitch: side from -1 to 1, deep from 0 (far line) to 1 (near line)."""
        flat = 1 / (1 / (far - horizon + 0.28) * (1 - deep) + 1 / (close - horizon + 0.28) * deep)
        return w * (0.5 + side * flat * 1.12), h * (horizon - 0.28 + flat)

    def stroke(points: list[tuple[float, float]]) -> None:
        lines.line([at(*point) for point in points], white, 1.7 * view.unit, 0.85)

    stroke([(-1, 0), (1, 0), (1, 1), (-1, 1), (-1, 0)])
    stroke([(0, 0), (0, 1)])
    stroke([(0.22 * math.cos(a), 0.5 + 0.2 * math.sin(a)) for a in np.linspace(0, 2 * math.pi, 48)])
    for end in (-1, 1):
        stroke([(end, 0.22), (end * 0.72, 0.22), (end * 0.72, 0.78), (end, 0.78)])
        stroke([(end, 0.36), (end * 0.89, 0.36), (end * 0.89, 0.64), (end, 0.64)])
        (x0, y0), (x1, y1) = at(end * 0.995, 0.42), at(end * 0.995, 0.58)
        lines.line([(x0, y0), (x0, y0 - h * 0.06), (x1, y1 - h * 0.075), (x1, y1)], white, 2.2 * view.unit)
    lines.onto(picture, soften=0.4 * view.unit)
    _teams(view, picture, at)
    return picture


def _stand(view: View, picture: Array, horizon: float, floodlit: bool) -> None:
    w, h, u = view.width, view.height, view.unit
    if view.chance(0.35) and not floodlit:
        paint(picture, below(view, treeline(view, horizon + 0.012, 0.1, 130, 9)), rgb("#2c4a33"))
        return
    ink = Ink(view)
    ink.polygon(
        [(-5, h * horizon), (-5, h * (horizon - 0.15)), (w + 5, h * (horizon - 0.15)), (w + 5, h * horizon)],
        rgb("#4d5560"),
    )
    ink.polygon(
        [
            (-5, h * (horizon - 0.2)),
            (w + 5, h * (horizon - 0.2)),
            (w + 5, h * (horizon - 0.165)),
            (-5, h * (horizon - 0.165)),
        ],
        rgb("#dfe3e6") * (0.6 if floodlit else 1),
    )
    crowd = [rgb(code) for code in ("#c9403a", "#e9e4d8", "#2d4f8f", "#e0b04a", "#3c3f48", "#8f5a4a", "#5f8fb8")]
    for row in range(9):
        y = h * (horizon - 0.138 + 0.0145 * row)
        for k in range(74):
            if view.chance(0.8):
                ink.oval(
                    w * (k + view.pick(0.2, 0.8)) / 74, y, 1.7 * u, 2.1 * u, view.choose(crowd) * view.pick(0.55, 0.95)
                )
    boards = [rgb(code) for code in ("#b8322f", "#f0f0ea", "#23508f", "#e6b93c", "#2f7f5f")]
    for k in range(10):
        ink.box(w * k / 10, h * (horizon - 0.008), w * (k + 1) / 10 + 1, h * (horizon + 0.016), boards[k % 5] * 0.9)
    ink.onto(picture, soften=0.5 * u)
    if floodlit:
        for x in (0.08, 0.36, 0.64, 0.92):
            shine(picture, glow(view, w * x, h * 0.07, 15) * 0.95, rgb("#f2f6ff"))
        shine(picture, np.broadcast_to(smooth(0, 0.4, view.y / h) * 0.1, picture.shape[:2]), rgb("#eaf2ff"))


def _teams(view: View, picture: Array, point_of: Callable[[float, float], Point]) -> None:
    shirts = [
        rgb(code)
        for code in view.choose(
            (("#c8262c", "#f3f3ee"), ("#2257a8", "#f2c531"), ("#f3f3ee", "#24262c"), ("#e07b2a", "#27467f"))
        )
    ]
    shadow, ink = Ink(view), Ink(view, 3)
    men = sorted((view.pick(0.05, 0.92), view.pick(-0.9, 0.9), i % 2) for i in range(view.count(11, 17)))
    ball = point_of(view.pick(-0.5, 0.5), view.pick(0.4, 0.8))
    for deep, side, team in men:
        x, y = point_of(side, deep)
        s = view.height * (0.055 + 0.065 * deep)
        stride = view.pick(-0.16, 0.16)
        shadow.oval(x + s * 0.22, y, s * 0.3, s * 0.05, rgb("#12300f"), 0.5)
        figure(ink, x, y, s, shirts[team], shirts[1 - team] * 0.5, rgb(view.choose(SKIN)), stride)
    shadow.oval(ball[0] + 2 * view.unit, ball[1], 3.4 * view.unit, 1.2 * view.unit, rgb("#12300f"), 0.5)
    ink.oval(ball[0], ball[1] - 2.4 * view.unit, 2.5 * view.unit, 2.5 * view.unit, rgb("#fbfbf7"))
    shadow.onto(picture, soften=view.unit)
    ink.onto(picture, soften=0.3 * view.unit)


def figure(ink: Ink, x: float, y: float, s: float, shirt: Colour, shorts: Colour, skin: Colour, stride: float) -> None:
    """A grown person on the run, s pixels tall, feet at (x, y)."""
    hip, neck = y - s * 0.46, y - s * 0.82
    for side in (-1, 1):
        knee = (x + side * stride * s * 0.7 + side * s * 0.04, y - s * 0.24)
        foot = (x + side * stride * s * 1.3 + side * s * 0.03, y - (s * 0.06 if side * stride < 0 else 0))
        ink.line([(x + side * s * 0.05, hip), knee, foot], skin * 0.95, s * 0.085)
        ink.line([knee, foot], shirt * 0.85, s * 0.07)
        elbow = (x + side * s * 0.18, y - s * 0.62)
        ink.line(
            [(x + side * s * 0.1, neck + s * 0.05), elbow, (x + side * s * 0.2 - stride * s, y - s * 0.5)],
            skin,
            s * 0.06,
        )
        ink.line([(x + side * s * 0.1, neck + s * 0.05), elbow], shirt * 0.9, s * 0.075)
    ink.polygon(
        [
            (x - s * 0.1, hip - s * 0.04),
            (x + s * 0.1, hip - s * 0.04),
            (x + s * 0.13 + abs(stride) * s * 0.3, y - s * 0.31),
            (x - s * 0.13 - abs(stride) * s * 0.3, y - s * 0.31),
        ],
        shorts,
    )
    ink.polygon([(x - s * 0.13, neck), (x + s * 0.13, neck), (x + s * 0.1, hip), (x - s * 0.1, hip)], shirt)
    ink.oval(x, y - s * 0.92, s * 0.065, s * 0.08, skin)
    ink.oval(x, y - s * 0.95, s * 0.066, s * 0.055, rgb("#3a2a20"))
