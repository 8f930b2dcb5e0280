"""Fields in bloom and balloons over them."""

import math

import numpy as np

from demo.scenes.ink import Ink
from demo.scenes.land import below, ground, plane, ridge, treeline
from demo.scenes.light import fractal, paint, sample, tile
from demo.scenes.plants import blades, round_tree
from demo.scenes.sky import DAY, DUSK, GOLDEN, clouds, open_sky, sun
from demo.scenes.view import Array, Colour, View, mix, rgb, smooth

BLOOMS = (
    ("#d3302b", "#f05a3c", "#f4ece0"),
    ("#f2c230", "#f7dd6a", "#ffffff"),
    ("#e86fa0", "#f6b1cb", "#fff4f7"),
    ("#4d6fd1", "#7f9bea", "#f3c94b"),
    ("#d3302b", "#f2c230", "#5d6fd6"),
)


def flower_field(view: View) -> Array:
    """A meadow of poppies, daisies or cornflowers up to the lens."""
    palette = view.choose(DAY + GOLDEN[:2])
    horizon = view.pick(0.3, 0.42)
    picture = open_sky(view, palette, horizon)
    clouds(view, picture, horizon, view.pick(0.35, 0.55), rgb("#fffdf8"), rgb("#b3c3d3"))
    haze = mix(rgb(palette[2]), rgb("#86a392"), 0.45)
    paint(picture, below(view, ridge(view, horizon + 0.01, 0.08, 170, 4)), mix(rgb("#557a66"), haze, 0.6))
    paint(picture, below(view, treeline(view, horizon + 0.015, 0.05, 140, 9)), mix(rgb("#2f5233"), haze, 0.3))
    ground(view, picture, horizon, rgb("#31571f"), rgb("#83a843"), 1.2)
    bloom = [rgb(code) for code in view.choose(BLOOMS)]
    across, away, near = plane(view, horizon)
    square = tile(view.rng, 256, 30, 3, 0.8)
    carpet = sample(square, across * 0.3, away * 0.5)
    share = smooth(0.5, 0.62, carpet) * smooth(0.5, 0.03, near) * np.clip(near * 60, 0, 1)
    paint(picture, share * 0.85, mix(bloom[0], bloom[1], fractal(view, 14, 3)))
    ink = Ink(view)
    rows = np.sort(view.rng.uniform(0, 1, 520) ** 1.25)
    for row in rows:
        y = view.height * (horizon + (1 - horizon) * (0.06 + 0.9 * row))
        size = (0.7 + 8.5 * row**1.4) * view.unit * view.pick(0.65, 1.2)
        x = view.pick(-0.02, 1.02) * view.width
        tone = bloom[0] if view.chance(0.6) else view.choose(bloom[1:])
        if row > 0.25:
            stem = rgb("#3c6428") * view.pick(0.8, 1.3)
            ink.line([(x, y), (x + view.pick(-2, 2) * size * 0.4, y + size * 3.4)], stem, max(size * 0.12, 0.5))
        _flower(ink, view, x, y, size, tone * view.pick(0.82, 1.08), row > 0.3)
    ink.onto(picture, soften=0.3 * view.unit)
    blades(view, picture, 70, 1.02, 70, [rgb("#2f5a1e"), rgb("#5f8b35"), rgb("#8fb14f")])
    front = Ink(view)
    for _ in range(view.count(5, 9)):
        x, y = view.pick(0, 1) * view.width, view.pick(0.84, 1.02) * view.height
        _flower(front, view, x, y, view.pick(13, 20) * view.unit, view.choose(bloom[:2]), True)
    front.onto(picture, soften=1.8 * view.unit)
    return picture


def _flower(ink: Ink, view: View, x: float, y: float, size: float, tone: Colour, petals: bool) -> None:
    if not petals:
        ink.oval(x, y, size, size * 0.75, tone)
        return
    turn = view.pick(0, 2 * math.pi)
    for i in range(6):
        angle = turn + i * math.pi / 3
        shade = tone * (0.82 + 0.25 * (math.sin(angle) < 0))
        ink.oval(x + math.cos(angle) * size * 0.55, y + math.sin(angle) * size * 0.4, size * 0.5, size * 0.42, shade)
    ink.oval(
        x,
        y,
        size * 0.27,
        size * 0.22,
        rgb("#f3c648") if float(tone[0]) < 0.85 or float(tone[1]) > 0.6 else rgb("#2c2226"),
    )


def lavender_field(view: View) -> Array:
    """Purple rows that run to the horizon, a tree or a house at their end."""
    palette = view.choose(GOLDEN + DAY[:1] + DUSK[2:])
    horizon = view.pick(0.34, 0.44)
    picture = open_sky(view, palette, horizon)
    clouds(
        view, picture, horizon, view.pick(0.25, 0.5), mix(rgb(palette[2]), rgb("#fff6ea"), 0.5), rgb(palette[1]) * 0.85
    )
    if view.chance(0.4):
        sun(view, picture, view.width * view.pick(0.2, 0.8), view.height * (horizon - 0.06), rgb("#ffdf9a"), 9)
    haze = rgb(palette[2])
    for i in range(2):
        hill = ridge(view, horizon + 0.012 * i, 0.09 - 0.035 * i, 160, 4)
        paint(picture, below(view, hill), mix(rgb("#5f6f8c"), haze, 0.55 - 0.22 * i))
    across, away, near = plane(view, horizon, 0.03)
    centre = view.pick(-0.25, 0.25)
    drop = np.maximum(view.y / view.height - horizon, 1e-4)
    lane = (view.x / view.width - 0.5 - centre) / drop + centre * 4
    rows = view.pick(0.9, 1.3)
    rough = sample(tile(view.rng, 256, 36, 3, 0.8), across * 0.3, away * 0.55)
    wave = np.cos((lane * rows + (rough - 0.5) * 0.16) * 2 * math.pi)
    bush = smooth(-0.45, 0.35, wave)
    fade = smooth(0.0, 0.12, near)
    speck = sample(tile(view.rng, 256, 60, 2, 0.9), across * 0.5, away * 0.8)
    light = np.clip(0.5 + wave * 0.3 + (rough - 0.5) * 0.9 + (speck - 0.5) * 1.2, 0, 1)
    purple = mix(rgb("#3f2a6b"), rgb("#a98be0"), light)
    purple = mix(purple, np.broadcast_to(rgb("#6f8a4a"), purple.shape), smooth(0.72, 0.85, speck) * 0.4)
    soil = mix(rgb("#4a4030"), rgb("#93875a"), rough)
    surface = mix(mix(np.broadcast_to(rgb("#8f78c4"), soil.shape), soil, fade * 0.9), purple, bush * fade)
    surface = mix(np.broadcast_to(mix(rgb("#8169b8"), haze, 0.3), surface.shape), surface, smooth(-0.02, 0.2, near))
    paint(picture, np.broadcast_to(np.clip(view.y - horizon * view.height + 0.5, 0, 1), near.shape), surface)
    if view.chance(0.75):
        x = view.width * view.pick(0.15, 0.85)
        if view.chance(0.6):
            round_tree(view, picture, x, view.height * (horizon + 0.025), view.pick(26, 44), ("#2a4426", "#75904a"))
        else:
            _farmhouse(view, picture, x, view.height * (horizon + 0.02), view.pick(36, 52) * view.unit)
    return picture


def _farmhouse(view: View, picture: Array, x: float, base: float, s: float) -> None:
    ink = Ink(view)
    ink.box(x - s, base - s * 0.55, x + s * 0.6, base, rgb("#e2cfaa"))
    ink.box(x + s * 0.6, base - s * 0.4, x + s * 1.1, base, rgb("#c9b48e"))
    roof = [
        (x - s * 1.06, base - s * 0.53),
        (x - s * 0.8, base - s * 0.85),
        (x + s * 0.45, base - s * 0.85),
        (x + s * 0.68, base - s * 0.53),
    ]
    ink.polygon(roof, rgb("#b0623f"))
    ink.polygon(
        [(x + s * 0.6, base - s * 0.4), (x + s * 0.62, base - s * 0.58), (x + s * 1.14, base - s * 0.4)], rgb("#96523a")
    )
    for i in range(3):
        ink.box(x - s * 0.8 + i * s * 0.45, base - s * 0.4, x - s * 0.65 + i * s * 0.45, base - s * 0.2, rgb("#5d6f80"))
    for beside in (-1.3, 1.25, 1.5):
        ink.polygon(
            [
                (x + beside * s - s * 0.1, base),
                (x + beside * s, base - s * view.pick(0.9, 1.3)),
                (x + beside * s + s * 0.1, base),
            ],
            rgb("#2d4a30"),
        )
    ink.onto(picture, soften=0.3 * view.unit)


def balloons(view: View) -> Array:
    """Hot-air balloons at sunrise over valleys."""
    palette = view.choose((*GOLDEN, ("#5f86b8", "#c2c6cf", "#fbdcb4"), DAY[1], ("#46629a", "#c98f96", "#ffc98e")))
    horizon = view.pick(0.68, 0.78)
    picture = open_sky(view, palette, horizon)
    clouds(
        view, picture, horizon, view.pick(0.15, 0.4), mix(rgb(palette[2]), rgb("#ffffff"), 0.4), rgb(palette[1]) * 0.9
    )
    if view.chance(0.6):
        sun(view, picture, view.width * view.pick(0.1, 0.9), view.height * (horizon - 0.05), rgb("#ffe2a8"), 9)
    haze = rgb(palette[2])
    rocky = view.chance(0.5)
    earth = ("#a07a63", "#6f4d3f") if rocky else ("#5f8064", "#2f4a35")
    for i in range(4):
        line = ridge(view, horizon + 0.07 * i, 0.08, 120 - 12 * i, 5, 0.55 if rocky else 0.42)
        tone = mix(rgb(earth[0]), rgb(earth[1]), i / 3)
        light = sample(tile(view.rng, 128, 14, 4, 0.6), view.x / view.width * 2, view.y / view.height * 4)
        surface = mix(tone, haze, 0.68 - 0.2 * i) * (0.9 + 0.2 * light)[..., None]
        mist = smooth(0.0, 0.09, view.y / view.height - line[None, :] / view.height)
        paint(picture, below(view, line), mix(surface, np.broadcast_to(haze, surface.shape), mist * (0.4 - 0.1 * i)))
    crowd = sorted(view.pick(0.08, 0.5) ** 1.4 for _ in range(view.count(4, 9)))
    crowd[-1] = view.pick(0.42, 0.62)
    for i, near in enumerate(crowd):
        x = view.width * (0.1 + 0.8 * ((i * 0.381 + view.pick(0.0, 0.16)) % 1))
        y = view.height * (view.pick(0.12, 0.42) if near > 0.3 else view.pick(0.15, horizon - 0.08))
        _balloon(
            view,
            picture,
            x,
            y,
            near * 130 * view.unit + 5 * view.unit,
            mix(haze, rgb("#ffffff"), 0.1),
            max(0.5 - near, 0) * 0.9,
        )
    return picture


def _balloon(view: View, picture: Array, x: float, y: float, r: float, haze: Colour, air: float) -> None:
    sets = (
        ("#d8412f", "#f6c445", "#f4efe2"),
        ("#2c6cb0", "#f4efe2", "#e8863a"),
        ("#7a3f98", "#f2a7c0", "#f6d76a"),
        ("#1f8a7a", "#f6e7b4", "#e2574c"),
        ("#c8324c", "#f4efe2", "#2f4d8f"),
        ("#f09a2e", "#d8412f", "#5a2d6b"),
    )
    tones = [rgb(code) for code in view.choose(sets)]
    whole, sky = view, picture
    view, picture = whole.around(sky, x, y, r * 2)
    u, v = (view.x - x) / r, (view.y - y) / r
    tail = np.clip(v, 0, 1.32)
    half = np.where(v < 0.25, np.sqrt(np.clip(1 - v * v, 0, 1)), np.clip(0.968 - (tail - 0.25) * 0.72, 0.18, 1))
    body = (
        np.clip((half - np.abs(u)) * r + 0.5, 0, 1)
        * np.clip((v + 1) * r + 0.5, 0, 1)
        * np.clip((1.3 - v) * r + 0.5, 0, 1)
    )
    around = np.clip(u / np.maximum(half, 0.05), -1, 1)
    gores = np.arcsin(around) / math.pi * 10 + view.pick(0, 2)
    bands = view.chance(0.35)
    index = np.floor(v * 3.2 + 4 if bands else gores).astype(np.int32) % len(tones)
    index = np.broadcast_to(index, body.shape)
    seam = np.abs((gores % 1) - 0.5)
    shade = 0.72 + 0.42 * np.sqrt(np.clip(1 - (around + 0.35) ** 2 * 0.75, 0, 1)) - 0.16 * np.clip(v, -1, 1)
    shade = shade - smooth(0.42, 0.5, seam) * 0.1
    colour = np.clip(np.stack(tones)[index] * shade[..., None], 0, 1)
    paint(picture, body, mix(colour, np.broadcast_to(haze, colour.shape), air))
    ink = Ink(whole, 3)
    dark = mix(rgb("#4a3324"), haze, air)
    for side in (-1, 1):
        ink.line([(x + side * r * 0.17, y + r * 1.28), (x + side * r * 0.11, y + r * 1.6)], dark, max(r * 0.02, 0.4))
    ink.box(x - r * 0.13, y + r * 1.58, x + r * 0.13, y + r * 1.78, dark)
    ink.onto(sky)
