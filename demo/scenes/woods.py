"""Woods: autumn, birches, and a waterfall among rocks."""

import numpy as np

from demo.scenes.ink import Ink, curve
from demo.scenes.land import below, mirror, ridge, treeline
from demo.scenes.light import blur, fractal, glow, gradient, paint, plain_noise, profile, shine
from demo.scenes.plants import blades, foliage
from demo.scenes.view import Array, View, mix, rgb, smooth


def autumn_forest(view: View) -> Array:
    """Golden and red leaves, dark trunks, a path under fallen leaves."""
    warm = view.choose(
        (("#b5451f", "#e08a1e", "#f4c542"), ("#8f2f1f", "#d4602a", "#f2a93b"), ("#a8741f", "#e2b23a", "#f5e08a"))
    )
    leaves = [rgb(code) for code in warm]
    horizon = view.pick(0.55, 0.63)
    light = mix(leaves[2], rgb("#fff6dc"), 0.6)
    picture = gradient(view, [(0, mix(light, leaves[1], 0.35)), (horizon, light), (1, light)])
    x_light = view.width * view.pick(0.3, 0.7)
    for i in range(4):
        near = i / 3
        cover = smooth(horizon + 0.06, horizon - 0.2 - 0.1 * near, view.y / view.height) * (0.86 - 0.05 * i)
        gap = 1 - glow(view, x_light, view.height * (horizon - 0.13), 95 + 40 * near) * (0.5 + 0.25 * near)
        haze = 0.62 * (1 - near)
        _trunks(
            view,
            picture,
            9 - i * 2,
            horizon + 0.01 + near * 0.12,
            2.2 + near**1.6 * 15,
            mix(rgb("#2c211c"), light, haze),
            x_light if i == 3 else None,
        )
        colours = [mix(c * (1.0 - 0.14 * near), light, haze) for c in leaves]
        foliage(view, picture, np.broadcast_to(cover, (view.height, view.width)) * gap, colours, 6 + 5 * near)
        if i == 1:
            floor = below(view, ridge(view, horizon + 0.02, 0.02, 120, 3))
            fine = fractal(view, 5, 3, 0.8, stretch=2.2)
            hue = fractal(view, 26, 3, stretch=2)
            litter = mix(
                mix(leaves[0] * 0.75, leaves[1], fine),
                np.broadcast_to(leaves[2], (view.height, view.width, 3)),
                smooth(0.5, 0.8, hue) * 0.7,
            )
            depth = np.clip((view.y / view.height - horizon) / (1 - horizon), 0, 1)
            litter = mix(
                np.broadcast_to(light, litter.shape), litter * (0.55 + 0.6 * fine)[..., None], 0.45 + 0.5 * depth
            )
            paint(picture, floor, litter)
            bend = x_light + np.sin(depth * 3 + view.pick(0, 6)) * 30 * view.unit * depth
            width = (4 + 105 * depth**1.2) * view.unit
            path = smooth(1.15, 0.7, np.abs(view.x - bend) / width + (fine - 0.5) * 0.5) * (depth > 0)
            paint(picture, path * 0.6, mix(rgb("#6b5443"), light, 0.25 + 0.2 * fine))
    shine(picture, glow(view, x_light, view.height * (horizon - 0.14), 60) * 0.55, light)
    falling = Ink(view)
    for _ in range(view.count(10, 26)):
        x, y, s = view.pick(0, view.width), view.pick(0.1, 0.97) * view.height, view.pick(1.5, 3.8) * view.unit
        falling.oval(x, y, s, s * view.pick(0.4, 0.8), view.choose(leaves))
    falling.onto(picture, soften=0.7 * view.unit)
    return picture


def _trunks(
    view: View, picture: Array, count: int, base: float, wide: float, colour: Array, free: float | None
) -> None:
    ink = Ink(view)
    for i in range(count):
        x = view.width * (i + view.pick(0.1, 0.9)) / count
        if free is not None and abs(x - free) < view.width * 0.2:
            x += view.width * (0.27 if x > free else -0.27)
        w, foot = wide * view.unit * view.pick(0.7, 1.25), view.height * (base + view.pick(-0.012, 0.03))
        lean = view.pick(-14, 14) * view.unit
        shape = [(x - w * 0.75, foot), (x - w * 0.45, foot - w), (x - w * 0.3 + lean, -5), (x + w * 0.3 + lean, -5)]
        ink.polygon([*shape, (x + w * 0.45, foot - w), (x + w * 0.8, foot)], colour * view.pick(0.8, 1.2))
        for _ in range(3):
            y = foot * view.pick(0.15, 0.65)
            side = view.choose((-1, 1))
            px = x + lean * (1 - y / foot)
            ink.line(
                [(px, y), (px + side * view.pick(25, 60) * view.unit, y - view.pick(25, 60) * view.unit)],
                colour,
                w * 0.16,
            )
    ink.onto(picture, soften=0.3 * view.unit)


def birch_grove(view: View) -> Array:
    """White trunks with black marks, fresh or golden leaves above, grass below."""
    golden = view.chance(0.35)
    leaf = (
        ("#8a6a1e", "#d9a92f", "#f3dc7a")
        if golden
        else view.choose((("#3f6b2a", "#7fab3f", "#c3d96b"), ("#4b7a35", "#8fbf55", "#d8e58f")))
    )
    leaves = [rgb(code) for code in leaf]
    horizon = view.pick(0.6, 0.7)
    air = mix(leaves[2], rgb("#f2f7ee"), 0.62)
    picture = gradient(view, [(0, mix(air, rgb("#9cc4e4"), 0.45)), (horizon, air), (1, air)])
    for i in range(3):
        cover = smooth(horizon + 0.05, horizon - 0.34, view.y / view.height) * 0.68
        far = [mix(c, air, 0.55 - 0.2 * i) for c in leaves]
        _birches(view, picture, 12 - 3 * i, horizon + 0.015 * i, 2.2 + 2.2 * i, air, 0.6 - 0.22 * i)
        foliage(view, picture, np.broadcast_to(cover, (view.height, view.width)), far, 5 + 2 * i)
    fine = fractal(view, 5, 3, 0.8)
    grass = mix(
        mix(leaves[0] * 0.7, leaves[1], fine),
        np.broadcast_to(leaves[2], (view.height, view.width, 3)),
        smooth(0.45, 0.8, fractal(view, 46, 3, stretch=3)) * 0.6,
    )
    depth = np.clip((view.y / view.height - horizon) / (1 - horizon), 0, 1)
    grass = mix(mix(leaves[1], air, 0.4), grass, 0.25 + 0.75 * depth)
    paint(picture, below(view, ridge(view, horizon + 0.03, 0.035, 150, 4)), grass)
    for _ in range(5):
        at = view.pick(0, view.height)
        streak = np.exp(-(((view.y - at * 0.3 - view.height * 0.72) / (6 * view.unit)) ** 2)) * fractal(
            view, 30, 2, stretch=5
        )
        paint(picture, streak * 0.28, leaves[0] * 0.5)
    _birches(view, picture, 6, horizon + 0.12, 8.5, air, 0.06)
    _birches(view, picture, 3, horizon + 0.26, 17, air, 0.0)
    crown = smooth(0.34, 0.0, view.y / view.height) * 0.72
    foliage(view, picture, np.broadcast_to(crown, (view.height, view.width)), [c * 0.95 for c in leaves], 9)
    blades(view, picture, 90, 1.02, 42, [leaves[0] * 0.8, leaves[1], mix(leaves[1], leaves[2], 0.5)])
    return picture


def _birches(view: View, picture: Array, count: int, base: float, wide: float, air: Array, haze: float) -> None:
    ink = Ink(view)
    spots = Ink(view)
    for i in range(count):
        x = view.width * (i + view.pick(0.05, 0.95)) / count
        w, foot = wide * view.unit * view.pick(0.75, 1.15), view.height * (base + view.pick(-0.015, 0.025))
        lean = view.pick(-24, 24) * view.unit
        white = mix(rgb("#e9e6dd") * view.pick(0.9, 1.03), air, haze)
        ink.polygon(
            [
                (x - w * 0.62, foot),
                (x - w * 0.45, foot - 2 * w),
                (x - w * 0.3 + lean, -4),
                (x + w * 0.3 + lean, -4),
                (x + w * 0.45, foot - 2 * w),
                (x + w * 0.66, foot),
            ],
            white,
        )
        spots.polygon(
            [
                (x + w * 0.05, foot),
                (x + w * 0.1 + lean, -4),
                (x + w * 0.32 + lean, -4),
                (x + w * 0.46, foot - 2 * w),
                (x + w * 0.66, foot),
            ],
            white * 0.72,
            0.55,
        )
        dark = mix(rgb("#26221f"), air, haze)
        y = foot
        while y > 0:
            y -= w * view.pick(0.25, 1.5) + 1.5 * view.unit
            px, half = x + lean * (1 - y / foot), w * (0.45 - 0.14 * (1 - y / foot))
            side, reach = view.choose((-1, 1)), half * view.pick(0.3, 1.3)
            start = px + side * half
            spots.polygon([(start, y - w * 0.07), (start - side * reach, y), (start, y + w * 0.09)], dark)
        spots.polygon(
            [
                (x - w * 0.62, foot),
                (x - w * 0.2, foot - w * view.pick(0.7, 1.4)),
                (x + w * 0.1, foot - w * 0.4),
                (x + w * 0.4, foot - w),
                (x + w * 0.66, foot),
            ],
            dark,
        )
    white, body = ink.layer(0.3 * view.unit)
    colours, cover = spots.layer(0.3 * view.unit)
    paint(picture, body, mix(white, colours, cover))


def waterfall(view: View) -> Array:
    """Water falling white over wet rocks into a green pool."""
    leaves = [
        rgb(code)
        for code in view.choose(
            (("#1d3a1c", "#3f6f2c", "#8fb850"), ("#22401f", "#4d7a33", "#b0c765"), ("#3a3318", "#8f6f24", "#d6a83a"))
        )
    ]
    lip = view.pick(0.2, 0.3)
    pool = view.pick(0.72, 0.8)
    picture = gradient(view, [(0, rgb("#cfe3e6")), (lip, rgb("#e4efe6")), (1, rgb("#e4efe6"))])
    for i in range(2):
        wood = treeline(view, lip + 0.05 * i, 0.2 - 0.07 * i, 90, 8)
        paint(picture, below(view, wood), mix(leaves[0], rgb("#cfe3da"), 0.5 - 0.3 * i))
    stone = fractal(view, 70, 6, 0.6)
    cracks = fractal(view, 16, 4, 0.6, stretch=0.5)
    strata = fractal(view, 12, 3, 0.6, stretch=7)
    rock = mix(
        rgb("#1c2023"), rgb("#857f74"), np.clip(stone * 0.9 + (cracks - 0.5) * 0.8 + (strata - 0.5) * 0.5 - 0.1, 0, 1)
    )
    moss = smooth(0.5, 0.75, fractal(view, 46, 4) + (strata - 0.5) * 0.3)
    rock = mix(rock, mix(leaves[0], leaves[1] * 0.9, cracks), moss * 0.75)
    cliff = ridge(view, lip + 0.05, 0.09, 90, 5, 0.6)
    paint(picture, below(view, cliff), rock)
    centre = view.pick(0.38, 0.62)
    _streams(view, picture, centre, lip, pool)
    edge = np.abs(view.x / view.width - centre)
    cover = smooth(0.13, 0.5, edge) * smooth(pool + 0.1, lip - 0.1, view.y / view.height) * 0.92
    foliage(view, picture, np.broadcast_to(cover, (view.height, view.width)), leaves, 8)
    waves = mirror(view, picture, pool, 0.35, mix(leaves[0], rgb("#0f3a3c"), 0.6), 0.55)
    foam = glow(view, centre * view.width, pool * view.height, 60, 3.2) ** 1.5
    ripple = smooth(-0.1, 0.5, waves + foam * 0.6 - 0.1)
    water = np.clip(view.y - pool * view.height, 0, 1)
    paint(picture, np.clip(foam * 0.8 + ripple * foam, 0, 1) * water * 0.85, rgb("#f1f7f7"))
    mist = glow(view, centre * view.width, (pool - 0.02) * view.height, 46, 1.7) * (0.35 + 0.8 * fractal(view, 50, 3))
    paint(picture, np.clip(mist * 0.85, 0, 0.85), rgb("#eef5f5"))
    _boulders(view, picture, pool, leaves[0])
    return picture


def _streams(view: View, picture: Array, centre: float, lip: float, pool: float) -> None:
    down = np.clip((view.y / view.height - lip) / (pool - lip), 0, 1)
    for i in range(view.count(1, 3)):
        middle = centre + (0 if i == 0 else view.pick(-0.17, 0.17))
        half = (view.pick(0.05, 0.085) if i == 0 else view.pick(0.012, 0.03)) * (1 + 0.5 * down)
        sway = (profile(view, 60, 3, width=view.height)[:, None] - 0.5) * 0.035
        offset = (view.x / view.width - middle - sway) / half
        threads = plain_noise(view.rng, view.height, view.width, 2.6 * view.unit, 70 * view.unit)
        veils = plain_noise(view.rng, view.height, view.width, 9 * view.unit, 110 * view.unit)
        body = smooth(1.25, 0.55, np.abs(offset) + (threads - 0.5) * 0.9)
        body = body * smooth(lip - 0.005, lip + 0.012, view.y / view.height)
        white = mix(rgb("#9fb9c4"), rgb("#ffffff"), np.clip(threads * 0.7 + veils * 0.6, 0, 1))
        paint(picture, np.clip(body * (0.72 + 0.4 * veils), 0, 1), white)


def _boulders(view: View, picture: Array, pool: float, moss: Array) -> None:
    texture = fractal(view, 14, 4, 0.65)
    for i in range(view.count(5, 9)):
        near = (i + 1) / 9
        x = view.width * view.choose((view.pick(-0.05, 0.34), view.pick(0.66, 1.05)))
        y, r = view.height * (pool + 0.02 + near * 0.22), (10 + 38 * near * view.pick(0.6, 1.1)) * view.unit
        outline = curve((x - r, y), (x - r * 0.9, y - r * 1.2), (x - r * 0.1, y - r * view.pick(0.7, 0.95)))
        outline += curve(outline[-1], (x + r * 0.9, y - r * view.pick(0.7, 1.1)), (x + r * 1.05, y))
        ink = Ink(view)
        ink.polygon([*outline, (x + r * 0.8, y + r * 0.16), (x - r * 0.8, y + r * 0.16)], rgb("#555555"))
        _, cover = ink.layer(0.5 * view.unit)
        height = np.clip((y - view.y) / r, 0, 1)
        tone = mix(rgb("#1d2022"), rgb("#8b867b"), np.clip(height * 0.75 + (texture - 0.5) * 0.9, 0, 1))
        tone = mix(
            tone, np.broadcast_to(moss * 1.6, tone.shape), smooth(0.55, 0.85, height + (texture - 0.5) * 0.7) * 0.6
        )
        paint(picture, cover, tone)
        paint(
            picture,
            blur(
                np.exp(-(((view.x - x) / r) ** 4)) * np.exp(-(((view.y - y - r * 0.16) / (1.6 * view.unit)) ** 2)), 1.0
            )
            * 0.5,
            rgb("#e8f0f0"),
        )
