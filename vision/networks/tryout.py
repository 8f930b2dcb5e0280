"""A network is tried before it is named: two pictures, drawn here, that it has to tell from each other."""

import time
from dataclasses import dataclass
from math import cos, pi, sin
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from common.arrays import UInt8
from vision.encoder import Words
from vision.errors import EncoderError
from vision.networks.network import Runtime
from vision.networks.network_encoder import NetworkEncoder
from vision.networks.open_network import open_network
from vision.networks.spec import Codebook, read_spec

TRAFFIC_LIGHT, CLOCK = "traffic light", "analog clock"  # as ImageNet names them
_SIDE: Final = 300
_FINER: Final = 4  # drawn so much larger, for soft edges
_ROUNDS: Final = 5


@dataclass(frozen=True, slots=True)
class Tryout:
    """How long a photo takes, and the words of each picture by what it shows, the heaviest first."""

    milliseconds: float
    words: dict[str, list[str]]


def try_description(description: Path, runtime: Runtime = Runtime.ONNXRUNTIME) -> Tryout:
    """Look at the two pictures with the network that is described; one that tells nothing of them is refused."""
    spec = read_spec(description)
    encoder = NetworkEncoder(spec, open_network(spec, runtime))
    # A codebook is learned from the site's photos: no words of it yet.
    codebooks = {spec.prefix(output): 0.0 for output in spec.outputs if isinstance(output, Codebook)}
    tried = encoder.with_totals(codebooks) if codebooks else encoder
    drawn = pictures()
    encoding = tried.see(list(drawn.values()))
    one, other = encoding.features
    if np.abs(one - other).max() <= 1e-3 * max(np.abs(one).max(), 1e-9):
        raise EncoderError(
            f"{spec.network} says the same of two pictures that have nothing in common: "
            "see mean, scale, layout and colours under [input], and which tensors are named."
        )
    words = {shown: _heaviest(tried, of) for shown, of in zip(drawn, encoding.words, strict=True)}
    return Tryout(_milliseconds(tried, drawn[CLOCK]), words)


def pictures() -> dict[str, UInt8]:
    """The two pictures by what they show."""
    return {TRAFFIC_LIGHT: _traffic_light(), CLOCK: _clock()}


def _heaviest(encoder: NetworkEncoder, words: Words) -> list[str]:
    return [encoder.describe(word) for word in sorted(words, key=lambda word: -words[word])]


def _milliseconds(encoder: NetworkEncoder, picture: UInt8) -> float:
    """The shortest of some rounds: others may need the machine too."""
    timings = []
    for _ in range(_ROUNDS):
        begun = time.perf_counter()
        encoder.see([picture])
        timings.append(time.perf_counter() - begun)
    return min(timings) * 1000


class _Sheet:
    """A square to draw on, in units of a 300th of its side."""

    def __init__(self, colour: tuple[int, int, int]) -> None:
        self._image = Image.new("RGB", (_SIDE * _FINER, _SIDE * _FINER), colour)
        self._draw = ImageDraw.Draw(self._image)

    def disc(self, x: float, y: float, radius: float, colour: tuple[int, int, int]) -> None:
        box = (x - radius, y - radius, x + radius, y + radius)
        self._draw.ellipse([edge * _FINER for edge in box], fill=colour)

    def box(self, left: float, top: float, right: float, bottom: float, colour: tuple[int, int, int]) -> None:
        self._draw.rounded_rectangle(
            [edge * _FINER for edge in (left, top, right, bottom)], radius=18 * _FINER, fill=colour
        )

    def line(self, x0: float, y0: float, x1: float, y1: float, width: int, colour: tuple[int, int, int]) -> None:
        self._draw.line([edge * _FINER for edge in (x0, y0, x1, y1)], fill=colour, width=width * _FINER)

    def pixels(self) -> UInt8:
        return np.asarray(self._image.resize((_SIDE, _SIDE), Image.Resampling.BOX))


def _traffic_light() -> UInt8:
    sheet = _Sheet((150, 190, 225))
    sheet.box(138, 230, 162, 330, (70, 70, 70))
    sheet.box(100, 20, 200, 250, (30, 32, 30))
    for y, colour in ((60, (255, 40, 30)), (135, (70, 60, 20)), (210, (20, 60, 30))):
        sheet.disc(150, y, 32, colour)
    return sheet.pixels()


def _clock() -> UInt8:
    sheet, middle, dark = _Sheet((196, 180, 150)), _SIDE / 2, (15, 15, 15)
    sheet.disc(middle, middle, 120, (60, 40, 30))
    sheet.disc(middle, middle, 108, (245, 243, 235))

    def ray(angle: float, begin: float, end: float, width: int) -> None:
        x, y = sin(angle), -cos(angle)
        sheet.line(middle + x * begin, middle + y * begin, middle + x * end, middle + y * end, width, dark)

    for minute in range(60):
        full = minute % 5 == 0
        ray(minute * pi / 30, 88 if full else 98, 104, 6 if full else 2)
    ray(-pi / 3, -10, 55, 9)
    ray(pi / 3, -10, 85, 6)
    sheet.disc(middle, middle, 7, dark)
    return sheet.pixels()
