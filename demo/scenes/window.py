"""A cat on a window sill."""

import math

import numpy as np

from demo.scenes.ink import Ink, curve
from demo.scenes.light import bokeh, fractal, gradient, paint, plain_noise, shine
from demo.scenes.view import Array, Colour, View, mix, rgb, smooth


def window_cat(view: View) -> Array:
    """A cat that sits on the sill and looks out; curtain, flower pot, light from outside."""
    outside = view.choose(
        (
            (("#9cc7e8", "#cfe0c0", "#7fa860"), ("#fff3c4", "#d8f0a8", "#ffffff")),
            (("#f2b98a", "#f6d3a0", "#b88a5a"), ("#ffd28a", "#ffb060", "#fff0c4")),
            (("#b8c4d0", "#cfd6dc", "#e6eaf0"), ("#ffffff", "#e8f0ff", "#cfdcec")),
            (("#1f2b50", "#3a3f6f", "#5a4a6a"), ("#ffc06a", "#ffe0a0", "#ff8a6a", "#8fc0ff")),
        )
    )
    sky, balls = outside
    picture = gradient(view, [(0, rgb(sky[0])), (0.45, rgb(sky[1])), (0.8, rgb(sky[2])), (1, rgb(sky[2]))])
    blotch = fractal(view, 80, 3)
    paint(picture, smooth(0.5, 0.8, blotch) * 0.5, rgb(sky[2]))
    bokeh(view, picture, 30, balls, 0.1, 0.72, 20)
    w, h, u = view.width, view.height, view.unit
    sill = h * view.pick(0.74, 0.8)
    warm = rgb(view.choose(("#f2ece0", "#e6d8c3", "#d9dde0", "#c9a27a")))
    ink = Ink(view)
    for x0, x1 in ((0, 0.045), (0.955, 1.0), (0.485, 0.515)):
        ink.box(w * x0, 0, w * x1, sill, warm * 0.86)
        ink.box(w * x0, 0, w * (x0 + (x1 - x0) * 0.3), sill, warm)
    ink.box(0, 0, w, h * 0.035, warm * 0.9)
    ink.box(0, h * 0.2, w, h * 0.222, warm * 0.84)
    ink.box(0, sill, w, h, warm * 0.97)
    ink.box(0, sill + 26 * u, w, h, warm * 0.7)
    ink.onto(picture, soften=0.7 * u)
    grain = plain_noise(view.rng, view.height, view.width, 90 * u, 2.5 * u)
    board = smooth(sill - 1, sill + 1, view.y) * (1 - smooth(sill + 25 * u, sill + 27 * u, view.y))
    paint(picture, board * 0.16 * grain, warm * 0.45)
    side = view.choose((-1, 1))
    shine(picture, board * np.exp(-(((view.x - w * (0.5 + side * 0.1)) / (w * 0.3)) ** 2)) * 0.4, rgb(sky[1]))
    _curtain(view, picture, side, rgb(view.choose(("#f3ead8", "#d98f7a", "#8fa9b8", "#e3c46f", "#b7a3c9", "#f0f0ee"))))
    _pot(view, picture, w * (0.5 + side * view.pick(0.24, 0.32)), sill + 8 * u, view.pick(40, 54) * u)
    _cat(view, picture, w * (0.5 - side * view.pick(0.02, 0.16)), sill + 12 * u, view.pick(150, 185) * u, side)
    return picture


def _curtain(view: View, picture: Array, side: int, cloth: Colour) -> None:
    share = view.x / view.width if side < 0 else 1 - view.x / view.width
    edge = 0.2 - 0.05 * np.sin(view.y / view.height * 2.6) + 0.05 * (1 - view.y / view.height)
    folds = np.sin((share / edge) * 19 + view.pick(0, 6)) * 0.5 + np.sin((share / edge) * 7.7) * 0.5
    cover = smooth(0.008, -0.004, share - edge)
    paint(picture, cover * 0.93, np.clip(cloth * (0.8 + 0.18 * folds + 0.22 * share / edge)[..., None], 0, 1))


def _pot(view: View, picture: Array, x: float, base: float, s: float) -> None:
    shadow, ink = Ink(view), Ink(view)
    shadow.oval(x, base, s * 0.6, s * 0.1, rgb("#3a2f25"), 0.5)
    shadow.onto(picture, soften=2 * view.unit)
    bloom = view.choose(("#d8475a", "#e98bb0", "#f2d04f", "#f6f0f0", ""))
    for _ in range(26):
        angle, reach = view.pick(-2.9, -0.24), s * view.pick(0.4, 1.35)
        tip = (x + math.cos(angle) * reach * 0.75, base - s * 0.7 + math.sin(angle) * reach)
        bend = (x + math.cos(angle) * reach * 0.2, tip[1])
        tone = mix(rgb("#2a5a2c"), rgb("#86b552"), view.pick(0, 1))
        ink.line(curve((x, base - s * 0.6), bend, tip), tone * 0.8, s * 0.025)
        ink.oval(tip[0], tip[1], s * view.pick(0.08, 0.16), s * view.pick(0.06, 0.11), tone)
        if bloom and view.chance(0.35):
            for k in range(5):
                a = k * 1.257
                ink.oval(
                    tip[0] + math.cos(a) * s * 0.07,
                    tip[1] + math.sin(a) * s * 0.06,
                    s * 0.06,
                    s * 0.055,
                    rgb(bloom) * view.pick(0.85, 1.05),
                )
            ink.oval(tip[0], tip[1], s * 0.035, s * 0.035, rgb("#f3d56a"))
    clay = rgb(view.choose(("#b5633f", "#d9d2c4", "#5f7f8c", "#8f4a3a")))
    for k in range(8):
        a, b = -1 + k / 4, -1 + (k + 1) / 4
        tone = clay * (0.72 + 0.4 * math.sqrt(max(0.0, 1 - (a + 0.35) ** 2 * 0.7)))
        ink.polygon(
            [
                (x + a * s * 0.45, base - s * 0.66),
                (x + b * s * 0.45, base - s * 0.66),
                (x + b * s * 0.33, base),
                (x + a * s * 0.33, base),
            ],
            tone,
        )
        ink.polygon(
            [
                (x + a * s * 0.5, base - s * 0.74),
                (x + b * s * 0.5, base - s * 0.74),
                (x + b * s * 0.5, base - s * 0.6),
                (x + a * s * 0.5, base - s * 0.6),
            ],
            tone * 1.08,
        )
    ink.onto(picture, soften=0.5 * view.unit)


def _cat(view: View, picture: Array, x: float, base: float, s: float, side: int) -> None:
    fur = view.choose(
        (
            ("#d98a45", "#a8582a", "#f2c995"),
            ("#7d7f86", "#4a4c54", "#b8babf"),
            ("#2b2b30", "#17171b", "#50505a"),
            ("#e9e2d6", "#b9a68e", "#ffffff"),
            ("#8a6f55", "#4f3b2c", "#c2a689"),
        )
    )
    main, dark, light = (rgb(code) for code in fur)
    shadow, ink = Ink(view), Ink(view)
    shadow.oval(x, base + s * 0.01, s * 0.36, s * 0.045, rgb("#33281f"), 0.6)
    shadow.onto(picture, soften=3 * view.unit)
    tail = curve(
        (x - side * s * 0.2, base - s * 0.05),
        (x - side * s * 0.52, base - s * 0.02),
        (x - side * s * 0.5, base - s * view.pick(-0.2, 0.25)),
        18,
    )
    ink.line(tail, main, s * 0.07)
    ink.oval(*tail[-1], s * 0.036, s * 0.036, main)
    ink.oval(x, base - s * 0.22, s * 0.25, s * 0.235, main)
    ink.polygon(
        [
            *curve((x - s * 0.23, base - s * 0.18), (x - s * 0.17, base - s * 0.5), (x - s * 0.08, base - s * 0.66)),
            *curve((x + s * 0.1, base - s * 0.66), (x + s * 0.19, base - s * 0.5), (x + s * 0.22, base - s * 0.16)),
        ],
        main,
    )
    for out in (-0.08, 0.08):
        ink.oval(x + s * out, base - s * 0.02, s * 0.075, s * 0.04, main)
    hx, hy = x + side * s * 0.02, base - s * 0.72
    ink.oval(hx, hy, s * 0.165, s * 0.14, main)
    for out in (-1, 1):
        ear = [
            (hx + out * s * 0.155, hy - s * 0.02),
            (hx + out * s * 0.13, hy - s * 0.235),
            (hx + out * s * 0.03, hy - s * 0.11),
        ]
        ink.polygon(ear, main)
    _, cover = ink.layer(view.unit)
    strokes = plain_noise(view.rng, view.height, view.width, 2.2 * view.unit, 9 * view.unit)
    bands = np.sin((view.y - base) / s * 42 + np.sin((view.x - x) / s * 9) * 1.2 + strokes)
    lit = np.clip(0.5 + side * (view.x - x) / s * 1.7 + (strokes - 0.5) * 0.5, 0, 1)
    tone = mix(
        mix(dark, main, smooth(0, 0.55, lit)), np.broadcast_to(light, picture.shape), smooth(0.7, 1.05, lit) * 0.8
    )
    stripes = view.choose((0.0, 0.45, 0.6))
    back = smooth(0.0, 0.5, bands) * stripes * smooth(0.02, 0.12, np.abs(view.x - x) / s)
    tone = mix(tone, np.broadcast_to(dark, tone.shape), back)
    ragged = np.clip(smooth(0.3, 0.7, cover + (strokes - 0.5) * 0.35), 0, 1)
    paint(picture, ragged, tone)
    face = Ink(view, 3)
    if view.chance(0.55):
        eye = rgb(view.choose(("#b8d24f", "#e8b53a", "#7fc0d8")))
        for out in (-1, 1):
            ex = hx + out * s * 0.066
            face.oval(ex, hy - s * 0.005, s * 0.034, s * 0.03, rgb("#1c1a18"))
            face.oval(ex, hy - s * 0.005, s * 0.029, s * 0.026, eye)
            face.oval(ex + side * s * 0.004, hy - s * 0.005, s * 0.009, s * 0.025, rgb("#121210"))
            face.oval(ex - s * 0.009, hy - s * 0.014, s * 0.006, s * 0.006, rgb("#ffffff"))
            face.polygon(
                [
                    (hx + out * s * 0.13, hy - s * 0.07),
                    (hx + out * s * 0.122, hy - s * 0.19),
                    (hx + out * s * 0.06, hy - s * 0.11),
                ],
                rgb("#d99a8f"),
                0.75,
            )
            for k in range(3):
                start = (hx + out * s * 0.05, hy + s * (0.05 + 0.01 * k))
                face.line(
                    curve(
                        start,
                        (hx + out * s * 0.15, hy + s * (0.03 + 0.02 * k)),
                        (hx + out * s * 0.25, hy + s * (0.03 + 0.04 * k)),
                        6,
                    ),
                    rgb("#f6f2ea"),
                    0.7 * view.unit,
                )
        muzzle = mix(light, rgb("#ffffff"), 0.4)
        for out in (-1, 1):
            face.oval(hx + out * s * 0.03, hy + s * 0.055, s * 0.04, s * 0.032, muzzle)
        face.polygon(
            [(hx - s * 0.018, hy + s * 0.025), (hx + s * 0.018, hy + s * 0.025), (hx, hy + s * 0.046)], rgb("#c97a78")
        )
        face.onto(picture, soften=0.4 * view.unit)
    rim = np.clip(cover - np.roll(cover, side * max(int(3 * view.unit), 1), axis=1), 0, 1)
    shine(picture, rim * 0.55, rgb("#fff2d8"))
