"""A table with a cup of coffee, fruit, or both."""

import math

import numpy as np

from demo.scenes.ink import Ink, curve
from demo.scenes.light import bokeh, disc, distance, fractal, glow, gradient, paint, plain_noise, shine
from demo.scenes.view import Array, Colour, View, mix, rgb, smooth


def still_life(view: View) -> Array:
    """A cup of coffee or a bowl of fruit on a wooden table, the room out of focus behind."""
    room = view.choose(
        (
            ("#6f5a4a", "#b8946f"),
            ("#3f4a52", "#8a9298"),
            ("#c9b8a0", "#efe4d2"),
            ("#4a5a4a", "#a8b08a"),
            ("#2b2622", "#6f5440"),
        )
    )
    edge = view.pick(0.48, 0.58)
    picture = gradient(view, [(0, rgb(room[0])), (edge, rgb(room[1])), (1, rgb(room[1]))])
    paint(picture, fractal(view, 120, 3) * 0.4, rgb(room[1]))
    side = view.choose((-1, 1))
    window = disc(view, view.width * (0.5 - side * 0.42), view.height * 0.16, 95, 75)
    shine(picture, window * 0.75, rgb("#fff3dc"))
    bokeh(view, picture, 16, ("#ffe6b0", "#fff7e6", "#ffcf8a", "#d8e6c0"), 0.02, edge - 0.05, 22)
    wood = view.choose((("#5a351f", "#b87f4e"), ("#8a6a4a", "#d9bb91"), ("#3a2a20", "#7d5a40"), ("#a89a88", "#e6ddce")))
    drop = np.clip((view.y / view.height - edge) / (1 - edge), 0, 1)
    spread = (view.x / view.width - 0.5) / (0.55 + drop)
    fibre = plain_noise(view.rng, view.height, view.width, 130 * view.unit, 3 * view.unit)
    rings = np.sin((spread * 30 + fibre * 1.4 + fractal(view, 120, 3) * 5) * 1.4)
    plank = np.abs(((drop**0.7 * 4) % 1) - 0.5) > 0.485
    tone = mix(rgb(wood[0]), rgb(wood[1]), np.clip(0.55 + fibre * 0.5 - 0.25 + rings * 0.07, 0, 1))
    tone = tone * np.where(plank, 0.62, 1.0)[..., None] * (0.8 + 0.25 * drop)[..., None]
    paint(
        picture,
        np.broadcast_to(smooth(edge * view.height - 3, edge * view.height + 3, view.y), picture.shape[:2]),
        tone,
    )
    light = glow(view, view.width * (0.5 - side * 0.25), view.height * (edge + 0.16), 120, 2.0)
    shine(picture, light * 0.3 * (drop > 0), rgb("#fff0d0"))
    fruit, cup = view.chance(0.6), view.chance(0.75)
    if fruit or not cup:
        bowl = view.chance(0.4) and not cup
        _fruits(view, picture, view.width * (0.5 + (side * 0.2 if cup else 0)), view.height * (edge + 0.24), side, bowl)
    if cup:
        _cup(
            view,
            picture,
            view.width * (0.5 - (side * 0.14 if fruit else view.pick(-0.1, 0.1))),
            view.height * (edge + 0.3),
            view.pick(84, 104) * view.unit,
            side,
        )
    return picture


def _ball(
    view: View, picture: Array, x: float, y: float, r: float, dark: Colour, light: Colour, side: int, speck: Array
) -> None:
    """A lit sphere with its soft shadow; r in units, the light from the window's side."""
    far = distance(view, x, y)
    shadow = np.exp(
        -((distance(view, x + side * r * 0.5 * view.unit, y + r * 0.82 * view.unit, 3.4) / (r * 1.05)) ** 2)
    )
    paint(picture, shadow * 0.6, rgb("#1f140d"))
    u, v = (view.x - x) / (r * view.unit), (view.y - y) / (r * view.unit)
    depth = np.sqrt(np.clip(1 - u * u - v * v, 0, 1))
    lit = np.clip(-u * side * 0.55 - v * 0.5 + depth * 0.6, 0, 1)
    tone = mix(dark, light, np.clip(lit + (speck - 0.5) * 0.28, 0, 1))
    bounce = np.clip(v * 0.8 - 0.35, 0, 1)[..., None] * rgb("#b8793f") * 0.35
    paint(picture, smooth(r + 0.7, r - 0.7, far), np.clip(tone + bounce, 0, 1))
    shine(
        picture,
        glow(view, x - side * r * 0.36 * view.unit, y - r * 0.4 * view.unit, r * 0.13) ** 2 * 0.75,
        rgb("#ffffff"),
    )


def _fruits(view: View, picture: Array, x: float, base: float, side: int, bowl: bool) -> None:
    kinds = (
        ("#6f1414", "#e8473a"),
        ("#a85a0a", "#ffb03a"),
        ("#4f6f14", "#b8d850"),
        ("#8f6a0a", "#f7dc58"),
        ("#4a1a3f", "#9a4f8f"),
    )
    speck = fractal(view, 7, 3, 0.7)
    spots = [(-0.62, -0.1, 27), (0.55, -0.14, 25), (-0.05, -0.72, 24)] if bowl else [(-0.62, 0.0, 28), (0.3, -0.12, 26)]
    spots += [] if bowl else [(-0.12, 0.42, 21), (0.95, 0.3, 17)][: view.count(1, 2)]
    for dx, dy, r in spots:
        dark, light = (rgb(code) for code in view.choose(kinds))
        size = r * view.pick(0.92, 1.08)
        px, py = x + dx * 46 * view.unit, base + dy * 46 * view.unit - (24 * view.unit if bowl else 0)
        _ball(view, picture, px, py, size, dark, light, side, speck)
        stem = Ink(view)
        top = py - size * 0.86 * view.unit
        stem.line(
            curve((px, top), (px + 1 * view.unit, top - 5 * view.unit), (px + 5 * view.unit, top - 9 * view.unit), 6),
            rgb("#4a331f"),
            2 * view.unit,
        )
        if view.chance(0.5):
            stem.polygon(
                curve(
                    (px + 2 * view.unit, top - 4 * view.unit),
                    (px + 10 * view.unit, top - 16 * view.unit),
                    (px + 20 * view.unit, top - 8 * view.unit),
                ),
                rgb("#5f8f3a"),
            )
        stem.onto(picture, soften=0.4 * view.unit)
    if bowl:
        s, ink = 74 * view.unit, Ink(view)
        clay = rgb(view.choose(("#e9e2d4", "#4f7286", "#b5673f", "#6f8a6a")))
        for k in range(24):
            a, b = -1 + k / 12, -1 + (k + 1) / 12
            tone = clay * (0.6 + 0.45 * max(0.0, 1 - (a + side * 0.4) ** 2 * 0.6))
            low_a, low_b = math.sqrt(1 - min(a * a, 1)), math.sqrt(1 - min(b * b, 1))
            ink.polygon(
                [
                    (x + a * s, base - 22 * view.unit),
                    (x + b * s, base - 22 * view.unit),
                    (x + b * s * 0.9, base - 22 * view.unit + low_b * s * 0.62),
                    (x + a * s * 0.9, base - 22 * view.unit + low_a * s * 0.62),
                ],
                tone,
            )
        ink.box(x - s, base - 25 * view.unit, x + s, base - 20 * view.unit, clay * 1.05)
        paint(
            picture,
            np.exp(-((distance(view, x + side * 12 * view.unit, base + 24 * view.unit, 4.5) / 66) ** 2)) * 0.55,
            rgb("#1f140d"),
        )
        ink.onto(picture, soften=0.7 * view.unit)


def _cup(view: View, picture: Array, x: float, base: float, s: float, side: int) -> None:
    glaze = rgb(view.choose(("#f6f2ea", "#e8e0d0", "#3f5a6a", "#c9644a", "#7f9a86", "#2f3034")))
    paint(
        picture,
        np.exp(-((distance(view, x + side * s * 0.22, base + s * 0.05, 4.2) / (s / view.unit * 0.92)) ** 2)) * 0.6,
        rgb("#1f140d"),
    )
    ink = Ink(view)
    ink.oval(x, base, s * 0.78, s * 0.2, glaze * 0.78)
    ink.oval(x, base - s * 0.03, s * 0.78, s * 0.2, glaze * 0.96)
    ink.oval(x, base - s * 0.02, s * 0.5, s * 0.12, glaze * 0.8)
    ink.ring(x + s * 0.46 * side, base - s * 0.3, s * 0.27, s * 0.2, glaze * 0.86, s * 0.075)
    top, rx, ry = base - s * 0.62, s * 0.48, s * 0.14
    steps = 40
    for k in range(steps):
        a, b = -1 + 2 * k / steps, -1 + 2 * (k + 1) / steps
        lit = 0.62 + 0.46 * max(0.0, 1 - (a + side * 0.45) ** 2 * 0.75)
        rim_a, rim_b = math.sqrt(max(1 - a * a, 0)), math.sqrt(max(1 - b * b, 0))
        low = s * 0.3
        ink.polygon(
            [
                (x + a * rx, top + rim_a * ry * 0.2),
                (x + b * rx, top + rim_b * ry * 0.2),
                (x + b * low, base - s * 0.06 + rim_b * s * 0.07),
                (x + a * low, base - s * 0.06 + rim_a * s * 0.07),
            ],
            np.clip(glaze * lit, 0, 1),
        )
    ink.oval(x, top, rx, ry, np.clip(glaze * 1.06, 0, 1))
    ink.oval(x, top + s * 0.012, rx * 0.93, ry * 0.9, glaze * 0.62)
    ink.oval(x, top + s * 0.03, rx * 0.89, ry * 0.8, rgb("#5a331c"))
    ink.oval(x, top + s * 0.032, rx * 0.8, ry * 0.7, rgb("#a86f42"))
    if view.chance(0.6):
        foam = rgb("#f2dfc0")
        for k in range(3):
            y = top + s * (0.075 - 0.04 * k)
            for out in (-1, 1):
                ink.oval(
                    x + out * rx * 0.2,
                    y - s * 0.02,
                    rx * (0.3 - 0.06 * k),
                    ry * 0.24,
                    foam if k % 2 == 0 else rgb("#a86f42"),
                )
    ink.onto(picture, soften=0.7 * view.unit)
    for k in range(2):
        drift = fractal(view, 30, 3) - 0.5
        up = np.clip((top - view.y) / s, 0, None)
        middle = (
            x + (k - 0.5) * s * 0.3 + np.sin(up * 5 + k * 2 + view.pick(0, 6)) * s * 0.11 * up + drift * s * 0.3 * up
        )
        wisp = (
            np.exp(-(((view.x - middle) / (s * (0.035 + 0.07 * up))) ** 2))
            * np.exp(-up * 1.4)
            * (up > 0)
            * smooth(0, 0.15, up)
        )
        shine(picture, wisp * 0.34, rgb("#ffffff"))
