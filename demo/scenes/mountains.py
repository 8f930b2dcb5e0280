"""Mountains, dunes and hills."""

import numpy as np

from demo.scenes.land import below, mirror, ridge, treeline
from demo.scenes.light import blur, level, paint, sample, tile
from demo.scenes.plants import firs, round_tree
from demo.scenes.sky import DAY, GOLDEN, clouds, open_sky, sun
from demo.scenes.terrain import Camera, render, slice_map
from demo.scenes.view import Array, View, mix, rgb, smooth


def snowy_mountains(view: View) -> Array:
    """Peaks under snow in clear air, often over a dark fir wood or a still lake."""
    golden = view.chance(0.35)
    palette = view.choose(GOLDEN if golden else DAY)
    horizon = view.pick(0.52, 0.6)
    picture = open_sky(view, palette, horizon)
    clouds(view, picture, horizon, view.pick(0.2, 0.5), rgb("#fff7ee"), mix(rgb(palette[1]), rgb("#8a96a8"), 0.5))
    haze = mix(rgb(palette[2]), rgb(palette[1]), 0.4)
    back = ridge(view, horizon + 0.03, view.pick(0.2, 0.3), 170, 6, 0.48)
    paint(picture, below(view, back), mix(rgb("#7f93ad"), haze, 0.55))
    rough = tile(view.rng, 512, 4, 7, 0.5)
    folds = 1 - np.abs(2 * rough - 1)
    heights = level(folds**1.5 * 0.75 + tile(view.rng, 512, 3, 3) * 0.6)
    camera = Camera(0.15, horizon + 0.04, 0.3, 1.5, view.pick(0.42, 0.54), 0.62, view.pick(0, 1), view.pick(0, 1), 2.1)
    rows = slice_map(view, heights, camera, (view.choose((-0.85, 0.85)), 0.3))
    speck = sample(tile(view.rng, 256, 20, 4, 0.7), rows.u * 3, rows.v * 3)
    snow = smooth(0.2, 0.42, rows.height + (speck - 0.5) * 0.42 - np.abs(rows.slope) * 0.12)
    rock = mix(rgb("#343a45"), rgb("#8a7d74"), np.clip(0.45 + rows.slope * 0.6 + (speck - 0.5) * 0.4, 0, 1))
    bright = rgb("#ffe6c9") if golden else rgb("#fbfdff")
    white = mix(rgb("#7d95bf"), bright, smooth(-0.55, 0.5, rows.slope))
    colours = mix(rock, white, snow)
    colours = mix(colours, np.broadcast_to(haze, colours.shape), np.clip((rows.away - 0.45) * 0.5, 0, 0.6))
    render(view, picture, camera, rows, colours)
    shore = view.pick(0.76, 0.84)
    wood = treeline(view, shore + 0.02, view.pick(0.06, 0.1), 120, 6)
    paint(picture, below(view, wood), mix(rgb("#1f2f33"), haze, 0.22))
    if view.chance(0.55):
        mirror(view, picture, shore, view.pick(0.02, 0.12), rgb("#1d3a4a"), 0.82)
    else:
        floor = ridge(view, shore + 0.06, 0.05, 200, 3)
        white_ground = mix(rgb("#a9bbd6"), bright, 0.65)
        texture = tile(view.rng, 256, 4, 5)
        field = sample(texture, view.x / view.width, view.y / view.height * 4)
        paint(picture, below(view, floor), mix(white_ground * 0.88, white_ground, field))
        firs(view, picture, view.count(7, 14), 0.98, (0.16, 0.36), rgb("#182a2b"), snow=0.5, sides=True)
    return picture


def desert_dunes(view: View) -> Array:
    """Sand waves with sharp crests, one side lit and one in shadow."""
    palette = view.choose(DAY + GOLDEN + (("#6f9ac4", "#c9cfc4", "#f2dfb8"),))
    horizon = view.pick(0.3, 0.42)
    picture = open_sky(view, palette, horizon)
    low_sun = view.chance(0.4)
    if low_sun:
        sun(view, picture, view.width * view.pick(0.2, 0.8), view.height * (horizon - 0.1), rgb("#ffd9a0"), 9)
    rng = view.rng
    bend = tile(rng, 512, 3, 3, 0.4)
    across = (np.arange(512, dtype=np.float32) / 512)[:, None]
    along = (np.arange(512, dtype=np.float32) / 512)[None, :]
    phase = (across * 4 + along * 2 + bend * 1.7) % 1.0
    crest = np.where(phase < 0.68, smooth(0, 0.68, phase), 1 - ((phase - 0.68) / 0.32))
    heights = level(crest * (0.45 + 0.55 * tile(rng, 512, 2, 2)) + tile(rng, 512, 2, 2) * 0.7)
    heights = blur(heights, 1.2)
    camera = Camera(view.pick(0.2, 0.26), horizon, 0.13, 2.2, 0.17, 0.62, view.pick(0, 1), view.pick(0, 1))
    rows = slice_map(view, heights, camera, (view.choose((-0.9, 0.9)), view.pick(0.1, 0.45)))
    warm = view.choose((("#8c4a24", "#f0b36b"), ("#94592f", "#f6c98a"), ("#7c4a3a", "#eab587"), ("#a0703f", "#f4d9a6")))
    ripples = sample(tile(rng, 256, 40, 2), rows.u * 2.2 + sample(bend, rows.u, rows.v) * 0.3, rows.v * 9)
    fade = np.clip(0.35 / rows.away - 0.2, 0, 1)
    light = smooth(-0.42, 0.5, rows.slope + (ripples - 0.5) * 0.22 * fade)
    colours = mix(rgb(warm[0]), rgb(warm[1]), light)
    colours = mix(colours, np.broadcast_to(rgb(palette[2]), colours.shape), np.clip((rows.away - 0.4) * 0.34, 0, 0.7))
    render(view, picture, camera, rows, colours)
    return picture


def green_hills(view: View) -> Array:
    """Rolling meadows with patches of wood under summer clouds."""
    palette = view.choose(DAY + GOLDEN[:1])
    horizon = view.pick(0.4, 0.5)
    picture = open_sky(view, palette, horizon)
    clouds(view, picture, horizon, view.pick(0.35, 0.6), rgb("#fffdf6"), rgb("#9fb1c4"))
    haze = mix(rgb(palette[2]), rgb("#9db8c4"), 0.4)
    paint(picture, below(view, ridge(view, horizon + 0.02, 0.09, 160, 5, 0.45)), mix(rgb("#6b8f86"), haze, 0.6))
    rng = view.rng
    heights = level(tile(rng, 512, 3, 4, 0.34) ** 1.2)
    camera = Camera(view.pick(0.17, 0.2), horizon + 0.02, 0.14, 2.0, 0.17, 0.62, view.pick(0, 1), view.pick(0, 1))
    rows = slice_map(view, heights, camera, (view.choose((-0.9, 0.9)), 0.3))
    patch = sample(tile(rng, 256, 5, 2), rows.u * 2, rows.v * 2)
    grass = mix(rgb("#3f6b2b"), rgb("#9cbf4f"), np.clip(0.5 + rows.slope * 1.5, 0, 1))
    field = mix(grass, np.broadcast_to(rgb("#c9bd62"), grass.shape), smooth(0.6, 0.66, patch) * 0.6)
    texture = sample(tile(rng, 256, 30, 4, 0.7), rows.u * 4, rows.v * 4)
    wood = smooth(0.56, 0.62, sample(tile(rng, 256, 7, 3), rows.u * 1.5, rows.v * 1.5) + (texture - 0.5) * 0.25)
    field = field * (0.86 + 0.28 * texture)[..., None]
    field = mix(field, mix(rgb("#1c3a1f"), rgb("#4a7034"), texture), wood)
    shadow = smooth(0.55, 0.7, sample(tile(rng, 256, 3, 3), rows.u, rows.v))
    field = field * (1 - 0.32 * shadow)[..., None]
    field = mix(field, np.broadcast_to(haze, field.shape), np.clip((rows.away - 0.25) * 0.42, 0, 0.75))
    render(view, picture, camera, rows, field)
    if view.chance(0.7):
        side = view.choose((view.pick(0.1, 0.28), view.pick(0.7, 0.9)))
        scale = view.pick(55, 85)
        round_tree(view, picture, side * view.width, view.height * view.pick(0.8, 0.9), scale, ("#27451f", "#7da03f"))
    return picture
