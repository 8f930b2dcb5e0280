"""Words for the light and tone of a whole photo and for how its parts compare."""

from typing import Final

import numpy as np

from common.arrays import Float32, Float64, UInt8
from vision.patches.texture import bands_of

PHRASES: Final[dict[str, str]] = {
    "light:night": "very dark",
    "light:dark": "dark",
    "light:dim": "dim light",
    "light:bright": "bright",
    "light:glaring": "very bright",
    "tone:grey": "hardly any colour",
    "tone:muted": "muted colours",
    "tone:rich": "rich colours",
    "tone:vivid": "vivid colours",
    "tone:cool": "cool tones",
    "tone:neutral": "neutral tones",
    "tone:warm": "warm tones",
    "contrast:flat": "flat contrast",
    "contrast:gentle": "gentle contrast",
    "contrast:strong": "strong contrast",
    "layout:bright-below": "brighter at the bottom",
    "layout:level": "as bright at the top as at the bottom",
    "layout:bright-above": "brighter at the top",
    "layout:balanced": "both sides equally bright",
    "layout:one-sided": "one side brighter",
}
# Each row is one scale of neighbouring words in the order above, at the values where a word is wholly meant.
_LIGHT: Final = (20.0, 65.0, 110.0, 155.0, 215.0)
_COLOURFUL: Final = (8.0, 40.0, 80.0, 140.0)
_WARMTH: Final = (-40.0, 0.0, 40.0)
_CONTRAST: Final = (20.0, 50.0, 80.0)
_ABOVE: Final = (-60.0, 0.0, 60.0)
_LEAN: Final = (0.0, 50.0)


def light_histogram(pixels: UInt8, grey: Float32) -> Float64:
    """Shares over the words of PHRASES: each scale holds 1, split between the two words around the value measured."""
    colourful = pixels.max(axis=2).mean() - pixels.min(axis=2).mean()
    warmth = pixels[..., 0].mean() - pixels[..., 2].mean()
    rows = grey.mean(axis=1)
    band = bands_of(len(rows))
    above = rows[band == 0].mean() - rows[band == band[-1]].mean()
    half = grey.shape[1] // 2
    lean = abs(grey[:, :half].mean() - grey[:, -half:].mean())
    measured = (
        (grey.mean(), _LIGHT),
        (colourful, _COLOURFUL),
        (warmth, _WARMTH),
        (grey.std(), _CONTRAST),
        (above, _ABOVE),
        (lean, _LEAN),
    )
    return np.concatenate([_split(float(value), scale) for value, scale in measured])


def _split(value: float, scale: tuple[float, ...]) -> Float64:
    """Share 1 between the two steps around a value, so that photos of nearly the same light share their words."""
    at = np.interp(value, scale, np.arange(len(scale)))
    return np.maximum(0.0, 1.0 - np.abs(np.arange(len(scale)) - at))
