"""Coasts: a lighthouse on its cape, and a beach with palms."""

import math

import numpy as np

from demo.scenes.ink import Ink, curve
from demo.scenes.land import below, glitter, mirror, plane, ridge
from demo.scenes.light import fractal, glow, paint, shine
from demo.scenes.sky import DAY, DUSK, GOLDEN, GREY, SUNSETS, clouds, open_sky
from demo.scenes.view import Array, View, mix, rgb, smooth


def lighthouse(view: View) -> Array:
    """A striped lighthouse on a rocky cape, by day or with its lamp lit at dusk."""
    dusk = view.chance(0.55)
    palette = view.choose(DUSK + SUNSETS[:2] if dusk else DAY + GREY)
    horizon = view.pick(0.6, 0.68)
    picture = open_sky(view, palette, horizon)
    lit = mix(rgb(palette[2]), rgb("#ffffff"), 0.3)
    clouds(view, picture, horizon, view.pick(0.3, 0.6), lit, mix(rgb(palette[1]), rgb("#5f6b80"), 0.35))
    waves = mirror(view, picture, horizon, 0.6, mix(rgb("#12405c"), rgb(palette[0]), 0.5) * 0.75, 0.5)
    side = view.choose((-1, 1))
    x = view.width * (0.5 + side * view.pick(0.14, 0.24))
    share = np.arange(view.width) / view.width - x / view.width
    reach = view.pick(0.3, 0.42)
    top = horizon - 0.05
    fall = np.clip(np.where(share * side > 0, np.abs(share) * 0.12, np.abs(share) / reach), 0, 1.3)
    rough = ridge(view, 0, 0.09, 26, 5, 0.6) / view.height
    line = (top + 0.28 * fall**1.6 + (rough + 0.045) * (0.3 + fall)) * view.height
    rock = below(view, line)
    stone = fractal(view, 60, 6, 0.6, stretch=0.45)
    edge = fractal(view, 9, 3, 0.6, stretch=2.5)
    relief = np.clip((stone - np.roll(stone, 3, axis=1)) * 9 * side + (edge - np.roll(edge, 2, axis=0)) * 1.6, -1, 1)
    depth = np.clip((view.y - line[None, :]) / (view.height * 0.3), 0, 1)
    tone = mix(rgb("#33343a"), rgb("#a89d8c"), np.clip(0.5 + relief * 0.55 + (stone - 0.5) * 0.5 - depth * 0.3, 0, 1))
    grass = mix(rgb("#4d5f33"), rgb("#7f8f4e"), edge)
    tone = mix(tone, grass, smooth(0.16, 0.02, depth + (stone - 0.5) * 0.2) * 0.9)
    paint(picture, rock, tone * (0.6 if dusk else 1.0))
    surf = np.exp(-(((view.y - line[None, :] - 3 * view.unit) / (5 * view.unit)) ** 2)) * smooth(0.4, 0.6, edge)
    sea = np.clip((view.y - (horizon + 0.06) * view.height) / (20 * view.unit), 0, 1)
    paint(picture, surf * sea * (line[None, :] > view.height * (horizon + 0.05)) * 0.7, rgb("#eef4f5"))
    base, tall = float(line[min(max(int(x), 0), view.width - 1)]) + 3 * view.unit, view.height * view.pick(0.36, 0.44)
    _tower(view, picture, x, base, tall, dusk)
    if dusk:
        glitter(view, picture, waves * (1 - rock), horizon, x - side * 20 * view.unit, rgb("#ffdf9a") * 0.25, 10)
    return picture


def _tower(view: View, picture: Array, x: float, base: float, tall: float, lamp: bool) -> None:
    wide, narrow = tall * 0.125, tall * 0.08
    ink = Ink(view, 3)
    band = rgb(view.choose(("#c23b32", "#b5322e", "#24324a")))
    stripes = view.choose((5, 5, 7))
    ink.box(x + wide, base - tall * 0.15, x + wide * 3.4, base, rgb("#efe9dd"))
    roof = [
        (x + wide * 0.8, base - tall * 0.15),
        (x + wide * 2.2, base - tall * 0.25),
        (x + wide * 3.6, base - tall * 0.15),
    ]
    ink.polygon(roof, band)
    ink.box(
        x + wide * 1.9, base - tall * 0.11, x + wide * 2.4, base - tall * 0.05, rgb("#ffd98a" if lamp else "#51606e")
    )
    for i in range(stripes):
        low, high = i / stripes, (i + 1) / stripes
        left, right = wide + (narrow - wide) * low, wide + (narrow - wide) * high
        y0, y1 = base - tall * low, base - tall * high
        tone = rgb("#f6f1e7") if i % 2 == 0 else band
        ink.polygon([(x - left, y0), (x - right, y1 - 0.5), (x + right, y1 - 0.5), (x + left, y0)], tone)
    head = base - tall
    ink.box(x - narrow * 1.35, head - tall * 0.02, x + narrow * 1.35, head, rgb("#2b2f36"))
    ink.box(x - narrow * 0.75, head - tall * 0.11, x + narrow * 0.75, head, rgb("#fff0b8" if lamp else "#9db6c4"))
    ink.line([(x, head - tall * 0.11), (x, head)], rgb("#2b2f36"), 1.2 * view.unit)
    ink.polygon(
        [(x - narrow, head - tall * 0.11), (x, head - tall * 0.19), (x + narrow, head - tall * 0.11)], band * 0.85
    )
    colours, cover = ink.layer()
    round_ = np.clip(1.08 - np.clip((view.x - x) / wide + 0.25, 0, 1.2) * 0.5, 0.4, 1.08)
    shade = np.where(view.x < x + wide, round_, 0.85) * (0.62 if lamp else 1.0)
    glass = (view.y < head) & (view.y > head - tall * 0.11)
    paint(picture, cover, colours * np.where(glass, 1.0, shade)[..., None])
    if lamp:
        y = head - tall * 0.055
        for tilt in (view.pick(-0.08, 0.06), view.pick(-0.06, 0.1)):
            side = 1 if tilt > 0 else -1
            far = (view.x - x) * side
            ray = np.exp(-(((view.y - y - far * tilt) / (4 * view.unit + np.abs(far) * 0.07)) ** 2)) * (far > 0)
            shine(picture, ray * np.exp(-np.abs(far) / (190 * view.unit)) * 0.6, rgb("#fff1c0"))
        shine(picture, glow(view, x, y, 13), rgb("#ffe9a6"))


def tropical_beach(view: View) -> Array:
    """White sand, clear turquoise water and leaning palms."""
    palette = view.choose((("#1f77c4", "#66b5e6", "#cdeaf2"), ("#2f86c9", "#84c6ea", "#e2f2ee"), GOLDEN[2]))
    horizon = view.pick(0.42, 0.5)
    picture = open_sky(view, palette, horizon)
    clouds(view, picture, horizon, view.pick(0.3, 0.5), rgb("#ffffff"), rgb("#b5c7d8"))
    if view.chance(0.5):
        isle = ridge(view, horizon, view.pick(0.03, 0.07), 70, 4)
        side = np.arange(view.width) / view.width
        hump = np.exp(-(((side - view.pick(0.2, 0.8)) / 0.16) ** 2))
        paint(picture, below(view, horizon * view.height - (horizon * view.height - isle) * hump), rgb("#4f7f7f"))
    edge = int(horizon * view.height)
    waves = mirror(view, picture, horizon, 0.5, rgb("#0f7f9a"), 0.25)
    _, _, near = plane(view, horizon)
    shallow = mix(rgb("#1178a5"), rgb("#6fdcd0"), smooth(0.0, 0.55, near + waves * 0.06))
    picture[edge:] = mix(picture[edge:], shallow[edge:], 0.75)
    lean = view.choose((-1, 1))
    line = view.height * (view.pick(0.72, 0.78) - lean * (view.x[0] / view.width - 0.5) * 0.22)
    line = line + (np.sin(view.x[0] / view.width * view.pick(4, 8) + view.pick(0, 6)) * 7 * view.unit)
    sand_grain = fractal(view, 30, 5, 0.6, stretch=2)
    sand = mix(rgb("#e3c99a"), rgb("#fbf0d6"), sand_grain)
    wet = smooth(26, 4, (view.y - line[None, :]) / view.unit)
    sand = mix(sand, np.broadcast_to(rgb("#b59a72"), sand.shape), wet * 0.6)
    paint(picture, below(view, line), sand)
    wobble = (fractal(view, 30, 3) - 0.5) * 10
    for offset, wide, strength in ((0, 3.5, 0.95), (-13, 2.2, 0.65), (-27, 1.5, 0.4)):
        crest = np.exp(-((((view.y - line[None, :]) / view.unit - offset + wobble) / wide) ** 2))
        paint(picture, crest * strength, rgb("#ffffff"))
    for i in range(view.count(1, 3)):
        foot = view.width * (0.5 - lean * (0.42 - 0.13 * i + view.pick(-0.03, 0.03)))
        base = view.height * (0.97 - 0.05 * i)
        _palm(view, picture, foot, base, view.height * view.pick(0.58, 0.76) * (1 - 0.12 * i), lean)
    return picture


def _palm(view: View, picture: Array, x: float, base: float, tall: float, side: int) -> None:
    ink = Ink(view)
    lean = side * tall * view.pick(0.12, 0.38)
    trunk = curve((x, base), (x + lean * 0.25, base - tall * 0.6), (x + lean, base - tall), 22)
    shadow = [(x + side * k * 4 * view.unit, base + math.sin(k) * view.unit) for k in range(16)]
    ink.line(shadow, rgb("#a98e66"), 5 * view.unit)
    for i in range(len(trunk) - 1):
        tone = mix(rgb("#6f5640"), rgb("#a58a68"), (i % 2) * 0.5 + 0.2)
        ink.line([trunk[i], trunk[i + 1]], tone, tall * (0.036 - 0.0008 * i))
    tip_x, tip_y = trunk[-1]
    for i in range(13):
        angle = math.pi * (0.02 + i / 12 * 0.96) * -1 + view.pick(-0.12, 0.12)
        reach = tall * view.pick(0.3, 0.4)
        droop = reach * (0.5 + 0.35 * abs(math.cos(angle)))
        end = (tip_x + math.cos(angle) * reach, tip_y + math.sin(angle) * reach * 0.55 + droop * 0.75)
        bend = (tip_x + math.cos(angle) * reach * 0.6, tip_y + math.sin(angle) * reach * 0.75 - reach * 0.1)
        spine = curve((tip_x, tip_y), bend, end, 18)
        tone = mix(rgb("#1c4a2c"), rgb("#8ab552"), view.pick(0.0, 0.85))
        fringe = []
        for k, (px, py) in enumerate(spine):
            leaf = reach * (0.24 * math.sin((k + 1.2) / 20 * math.pi) + 0.02)
            fringe.append((px + math.cos(angle) * leaf * 0.35, py + leaf * (1.0 if k % 2 else 0.62)))
        upper = [(px, py - reach * 0.05 * math.sin(k / 18 * math.pi)) for k, (px, py) in enumerate(spine)]
        ink.polygon(upper + fringe[::-1], tone)
        for k in range(1, 18):
            ink.line([spine[k], fringe[k]], tone * 0.78, 0.6 * view.unit)
        ink.line(upper, mix(tone, rgb("#dceca0"), 0.35), 1.1 * view.unit)
    for _ in range(4):
        ink.oval(
            tip_x + view.pick(-5, 5) * view.unit, tip_y + 5 * view.unit, 4 * view.unit, 4 * view.unit, rgb("#5d4128")
        )
    ink.onto(picture)
