"""A child with a balloon or a kite, as a kind silhouette."""

import math

import numpy as np

from demo.scenes.ink import Ink, curve
from demo.scenes.land import below, ridge
from demo.scenes.light import fractal, gradient, paint
from demo.scenes.plants import blades, round_tree
from demo.scenes.sky import clouds, sun
from demo.scenes.view import Array, View, mix, rgb


def child(view: View) -> Array:
    """A small dark figure with a balloon or a kite on a hill, against a kind sky."""
    palette = view.choose(
        (
            ("#7fb6dc", "#cfe3d8", "#fbe9c4"),
            ("#f0a58a", "#f8cf9f", "#fff0cf"),
            ("#8fa6d8", "#e3bfcf", "#fde0c0"),
            ("#6fb3c9", "#b8dccf", "#f6f0cf"),
        )
    )
    horizon = view.pick(0.66, 0.74)
    picture = gradient(
        view, [(0, rgb(palette[0])), (0.4, rgb(palette[1])), (horizon, rgb(palette[2])), (1, rgb(palette[2]))]
    )
    clouds(view, picture, horizon, view.pick(0.3, 0.5), rgb("#fffaf0"), mix(rgb(palette[0]), rgb("#ffffff"), 0.35))
    sun(
        view,
        picture,
        view.width * view.pick(0.2, 0.8),
        view.height * view.pick(0.3, 0.5),
        rgb("#fff0c0"),
        view.pick(14, 24),
        0.85,
    )
    for i in range(2):
        line = ridge(view, horizon + 0.05 * i, 0.1, 190, 3, 0.35)
        paint(picture, below(view, line), mix(rgb("#5f8f5f"), rgb(palette[2]), 0.55 - 0.25 * i))
    arch = horizon + 0.1 - 0.06 * np.cos((view.x[0] / view.width - 0.5) * 3.4)
    paint(
        picture,
        below(view, arch * view.height),
        mix(rgb("#2f4a2f"), rgb("#5a7a44"), fractal(view, 20, 4, 0.6, stretch=3)),
    )
    x = view.width * view.pick(0.32, 0.68)
    base = float(arch[min(int(x), view.width - 1)]) * view.height + 2 * view.unit
    s = view.height * view.pick(0.16, 0.21)
    dark, side = rgb("#23302e"), view.choose((-1, 1))
    if view.chance(0.5):
        round_tree(view, picture, view.width * (0.5 - side * 0.4), base + 6 * view.unit, 62, ("#29462d", "#6f9450"))
    ink = Ink(view, 3)
    hand = (x + side * s * 0.34, base - s * 0.86)
    dress = rgb(view.choose(("#c8483f", "#e0a13a", "#3f7fa8", "#7a5a9a", "#3f8f6a")))
    for leg in (-0.08, 0.08):
        ink.line([(x + s * leg, base - s * 0.35), (x + s * leg * 1.5, base)], dark, s * 0.09)
        ink.oval(x + s * leg * 1.5 + side * s * 0.03, base, s * 0.075, s * 0.035, dark)
    ink.polygon(
        [
            (x - s * 0.11, base - s * 0.68),
            (x + s * 0.11, base - s * 0.68),
            (x + s * 0.22, base - s * 0.28),
            (x - s * 0.22, base - s * 0.28),
        ],
        dress,
    )
    ink.line([(x + side * s * 0.08, base - s * 0.64), hand], dark, s * 0.07)
    ink.line([(x - side * s * 0.08, base - s * 0.64), (x - side * s * 0.26, base - s * 0.42)], dark, s * 0.07)
    ink.oval(x, base - s * 0.83, s * 0.15, s * 0.16, dark)
    if view.chance(0.5):
        for out in (-1, 1):
            ink.oval(x + out * s * 0.17, base - s * 0.88, s * 0.06, s * 0.08, dark)
    if view.chance(0.5):
        _toy_balloons(view, ink, hand, s, side)
    else:
        _kite(view, ink, hand, s, side)
    ink.onto(picture, soften=0.3 * view.unit)
    blades(view, picture, 60, 1.02, 34, [rgb("#2a452a"), rgb("#4f7038")])
    return picture


def _toy_balloons(view: View, ink: Ink, hand: tuple[float, float], s: float, side: int) -> None:
    for i in range(view.choose((1, 1, 3))):
        tone = rgb(view.choose(("#e0443c", "#f2b53a", "#3f8fd0", "#e77fa8", "#4fae7a")))
        x, y = hand[0] + side * s * view.pick(0.0, 0.35) + (i - 0.5) * s * 0.3, hand[1] - s * view.pick(0.9, 1.2)
        ink.line(curve(hand, (hand[0], (hand[1] + y) / 2), (x, y + s * 0.26)), rgb("#4a4a48"), 0.7 * view.unit)
        ink.polygon([(x - s * 0.04, y + s * 0.29), (x, y + s * 0.22), (x + s * 0.04, y + s * 0.29)], tone * 0.8)
        ink.oval(x, y, s * 0.21, s * 0.25, tone)
        ink.oval(x + s * 0.03, y + s * 0.04, s * 0.17, s * 0.2, np.clip(tone * 1.08, 0, 1))
        ink.oval(x - s * 0.08, y - s * 0.1, s * 0.045, s * 0.06, mix(tone, rgb("#ffffff"), 0.65))


def _kite(view: View, ink: Ink, hand: tuple[float, float], s: float, side: int) -> None:
    x, y = hand[0] + side * s * view.pick(0.9, 1.3), hand[1] - s * view.pick(1.5, 2.1)
    tones = [
        rgb(code) for code in view.choose((("#e0443c", "#f2c53a"), ("#3f8fd0", "#f4efe2"), ("#7a4fa8", "#f29fb8")))
    ]
    ink.line(curve(hand, (x - side * s * 0.1, hand[1]), (x, y)), rgb("#55534f"), 0.7 * view.unit)
    tail = [(x - side * s * 0.1 * k - math.sin(k * 1.3) * s * 0.07, y + s * (0.3 + 0.11 * k)) for k in range(7)]
    ink.line(tail, tones[1] * 0.8, view.unit)
    for px, py in tail[1:]:
        ink.polygon(
            [
                (px - s * 0.06, py - s * 0.03),
                (px + s * 0.06, py + s * 0.03),
                (px + s * 0.06, py - s * 0.03),
                (px - s * 0.06, py + s * 0.03),
            ],
            tones[0],
        )
    up, right, down, left = (
        (x + side * s * 0.14, y - s * 0.34),
        (x + s * 0.26, y),
        (x - side * s * 0.1, y + s * 0.34),
        (x - s * 0.26, y),
    )
    for a, b, tone in (
        (up, right, tones[0]),
        (right, down, tones[1]),
        (down, left, tones[0] * 0.85),
        (left, up, tones[1] * 0.92),
    ):
        ink.polygon([a, b, (x, y)], tone)
