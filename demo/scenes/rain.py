"""A wet street with lamps, shop windows and umbrellas."""

import math

import numpy as np

from demo.scenes.ink import Ink, curve
from demo.scenes.land import mirror
from demo.scenes.light import blur, fractal, lamp, paint
from demo.scenes.sky import open_sky
from demo.scenes.view import Array, Colour, View, mix, rgb, smooth

LAMPS = ("#ffd58a", "#ffc069", "#ffe7b8", "#fff4dc", "#cfe3ff")


def rainy_street(view: View) -> Array:
    """A wet street at dusk: blurred lamps, their reflections, and people under umbrellas."""
    palette = view.choose(
        (("#3a4352", "#566071", "#8b8a8a"), ("#232b40", "#414a63", "#82708a"), ("#4c5a63", "#74828a", "#a9aaa2"))
    )
    horizon = view.pick(0.5, 0.56)
    picture = open_sky(view, palette, horizon)
    vanish = view.pick(0.4, 0.6)
    _facades(view, picture, horizon, vanish, rgb(palette[2]))
    fog = np.exp(-((np.abs(view.x / view.width - vanish) / 0.16) ** 2)) * np.exp(
        -(((view.y / view.height - horizon) / 0.2) ** 2)
    )
    paint(picture, fog * 0.75, rgb(palette[2]))
    for _ in range(view.count(22, 34)):
        side = view.pick(-1, 1)
        x = view.width * (vanish + side * abs(side) * 0.55)
        y = view.height * (horizon - view.pick(0.0, 0.06) - abs(side) * view.pick(0, 0.3))
        tone = rgb(view.choose(("#ffcf87", "#ffb35c", "#fff0d0", "#ff6d57", "#7fd6c2", "#8fb8ff", "#ffd58a")))
        r = view.pick(2.5, 8) * (0.5 + abs(side)) * view.unit
        part, area = view.around(picture, x, y, r * 1.3)
        ball = smooth(1.12, 0.9, np.hypot(part.x - x, part.y - y) / r)
        area += ball[..., None] * tone * 0.4
        lamp(view, picture, x, y, r * 1.6 / view.unit, tone * 0.3)
    mirror(view, picture, horizon, 0.28, rgb("#1c2028"), 0.62, 1.25)
    edge = int(horizon * view.height)
    wet = blur(picture[edge:], 1.6 * view.unit)
    drop = np.clip((view.y[edge:] - edge) / (view.height - edge), 0, 1)
    rough = fractal(view, 34, 5, 0.6, stretch=3.5)[edge:]
    asphalt = mix(rgb("#23262d"), rgb("#5b5d64"), rough)
    picture[edge:] = mix(wet, asphalt, np.clip(smooth(0.42, 0.72, rough) * 0.6 + drop * 0.1, 0, 0.8))
    walkers = sorted(view.pick(0.0, 0.55) for _ in range(view.count(4, 8)))
    walkers[-1] = view.pick(0.6, 0.95)
    for i, near in enumerate(walkers):
        x = view.width * (0.08 + 0.84 * ((i * 0.618 + view.pick(0, 0.12)) % 1))
        _umbrella(
            view,
            picture,
            x,
            view.height * (horizon + 0.05 + 0.36 * near),
            (26 + 120 * near) * view.unit,
            rgb(palette[2]),
            0.5 * (1 - near),
        )
    rain = Ink(view)
    for _ in range(view.count(120, 240)):
        x, y, s = view.pick(0, view.width), view.pick(-0.1, 1) * view.height, view.pick(6, 20) * view.unit
        rain.line([(x, y), (x - s * 0.14, y + s)], rgb("#dfe6ee"), 0.6 * view.unit, 0.28)
    rain.onto(picture, soften=0.4 * view.unit)
    return picture


def _facades(view: View, picture: Array, horizon: float, vanish: float, air: Colour) -> None:
    ink, lit = Ink(view), Ink(view)
    vx, vy = view.width * vanish, view.height * horizon
    tones = ("#5b4a44", "#4a4f5a", "#6b5a4c", "#55433f", "#47525a", "#7a6a58")
    for side in (-1, 1):
        far = 0.06
        while far < 1:
            near = min(far * view.pick(1.45, 1.9), 1.25)
            roof = view.pick(0.75, 1.25)
            tone = mix(rgb(view.choose(tones)), air, 0.62 * (1 - far) ** 1.5)

            def at(depth: float, up: float, side: int = side) -> tuple[float, float]:
                return (
                    vx + side * depth * view.width * 0.62,
                    vy - depth * up * view.height * 0.6 + depth * 0.1 * view.height,
                )

            ink.polygon([at(far, 0), at(far, roof), at(near, roof), at(near, 0)], tone)
            ink.polygon([at(far, roof), at(far, roof + 0.04), at(near, roof + 0.04), at(near, roof)], tone * 0.6)
            floors, bays = 4, max(2, int((near - far) * 9) + 2)
            for floor in range(floors):
                low, high = roof * (0.3 + 0.17 * floor), roof * (0.3 + 0.17 * floor + 0.1)
                for bay in range(bays):
                    a = far + (near - far) * (bay + 0.25) / bays
                    b = far + (near - far) * (bay + 0.72) / bays
                    glass = rgb(view.choose(LAMPS)) * view.pick(0.6, 0.95) if view.chance(0.3) else tone * 0.5
                    lit.polygon([at(a, low), at(a, high), at(b, high), at(b, low)], glass)
            shop = rgb(view.choose(("#ffd08a", "#ffe2b0", "#f2a65a", "#b8e0d2", "#ffc8c0")))
            a, b = far + (near - far) * 0.1, far + (near - far) * 0.9
            lit.polygon([at(a, 0.04), at(a, 0.2), at(b, 0.2), at(b, 0.04)], mix(shop, air, 0.35 * (1 - far)))
            lit.polygon(
                [at(a, 0.2), at(a, 0.25), at(b, 0.25), at(b, 0.2)],
                rgb(view.choose(("#7a2f2f", "#2f4f4a", "#2c3c5e", "#6b4a24"))),
            )
            far = near
    ink.onto(picture, soften=0.6 * view.unit)
    lit.onto(picture, soften=0.9 * view.unit, strength=0.9)


def _umbrella(view: View, picture: Array, x: float, foot: float, s: float, air: Colour, haze: float) -> None:
    coat = mix(rgb(view.choose(("#22252d", "#3a2f3a", "#2b3a45", "#4a3a30", "#5a2f32"))), air, haze)
    cloth = mix(
        rgb(view.choose(("#c8323a", "#e0a82e", "#2f6fb0", "#2b2f38", "#3f8f7a", "#d86f9a", "#e6e0d2"))), air, haze
    )
    for flip, strength, soft in ((-0.55, 0.42, 2.2), (1.0, 1.0, 0.3)):
        ink = Ink(view)

        def up(share: float, flip: float = flip) -> float:
            return foot - s * share * flip

        for leg, swing in ((-0.055, -0.03), (0.05, 0.05)):
            ink.line([(x + s * leg * 0.6, up(0.4)), (x + s * (leg + swing), up(0.0))], coat * 0.7, s * 0.06)
        ink.polygon(
            [(x - s * 0.13, up(0.32)), (x - s * 0.09, up(0.74)), (x + s * 0.09, up(0.74)), (x + s * 0.14, up(0.32))],
            coat,
        )
        ink.oval(x, up(0.8), s * 0.055, s * 0.065 * abs(flip), mix(rgb("#c79a7d"), air, haze))
        ink.line([(x + s * 0.07, up(0.6)), (x + s * 0.07, up(1.08))], rgb("#2a2a2c"), s * 0.015)
        cx = x + s * 0.07
        dome = [(cx + s * 0.37 * math.cos(a), up(0.86 + 0.27 * math.sin(a))) for a in np.linspace(0, math.pi, 24)]
        hem = []
        for k in range(4):
            left = cx - s * 0.37 + k * s * 0.185
            hem += curve((left, up(0.86)), (left + s * 0.0925, up(0.91)), (left + s * 0.185, up(0.86)), 6)
        ink.polygon(dome + hem, cloth)
        for rib_at in (-0.5, 0.0):
            start = (cx + rib_at * s * 0.37, up(0.865))
            rib = curve(start, (cx + rib_at * s * 0.33, up(1.02)), (cx, up(1.13)))
            nxt = curve(
                (cx, up(1.13)), (cx + (rib_at + 0.5) * s * 0.33, up(1.02)), (cx + (rib_at + 0.5) * s * 0.37, up(0.865))
            )
            ink.polygon([*rib, *nxt], cloth * (0.86 if rib_at else 0.74))
        ink.onto(picture, soften=soft * view.unit, strength=strength)
