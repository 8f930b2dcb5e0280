"""Drawn shapes with clean edges: polygons, lines and dabs, made larger than the photo and reduced."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from demo.scenes.view import Array, Colour, View

Point = tuple[float, float]


class Ink:
    """A clear sheet over the picture to draw on in pixels of the photo; `onto` lays it down."""

    def __init__(self, view: View, scale: int = 2) -> None:
        self._scale = scale
        self._size = (view.width, view.height)
        self._sheet = Image.new("RGBA", (view.width * scale, view.height * scale))
        self._pen = ImageDraw.Draw(self._sheet)
        self._used = [float(view.width), float(view.height), 0.0, 0.0]

    def polygon(self, points: Sequence[Point], colour: Colour, alpha: float = 1.0) -> None:
        """A filled outline."""
        k = self._scale
        self._touch(points, 0)
        self._pen.polygon([(x * k, y * k) for x, y in points], fill=_fill(colour, alpha))

    def line(self, points: Sequence[Point], colour: Colour, width: float = 1.0, alpha: float = 1.0) -> None:
        """A stroke through the points."""
        k = self._scale
        self._touch(points, width)
        ends = [(x * k, y * k) for x, y in points]
        self._pen.line(ends, fill=_fill(colour, alpha), width=max(1, round(width * k)), joint="curve")

    def oval(self, x: float, y: float, rx: float, ry: float, colour: Colour, alpha: float = 1.0) -> None:
        """A filled ellipse around a centre."""
        k = self._scale
        self._touch(((x - rx, y - ry), (x + rx, y + ry)), 0)
        box = ((x - rx) * k, (y - ry) * k, (x + rx) * k, (y + ry) * k)
        self._pen.ellipse(box, fill=_fill(colour, alpha))

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour, alpha: float = 1.0) -> None:
        """A filled rectangle."""
        k = self._scale
        if right > left and bottom > top:
            self._touch(((left, top), (right, bottom)), 0)
            edges = (left * k, top * k, max(right * k - 1, left * k), max(bottom * k - 1, top * k))
            self._pen.rectangle(edges, fill=_fill(colour, alpha))

    def ring(self, x: float, y: float, rx: float, ry: float, colour: Colour, width: float) -> None:
        """The outline of an ellipse."""
        k = self._scale
        self._touch(((x - rx, y - ry), (x + rx, y + ry)), 0)
        box = ((x - rx) * k, (y - ry) * k, (x + rx) * k, (y + ry) * k)
        self._pen.ellipse(box, outline=_fill(colour, 1.0), width=max(1, round(width * k)))

    def layer(self, soften: float = 0.0) -> tuple[Array, Array]:
        """The colours and the cover (0 to 1) of the whole sheet, out of focus by so many pixels."""
        return self._read((0, 0, *self._size), soften)

    def onto(self, picture: Array, soften: float = 0.0, strength: float = 1.0) -> None:
        """Lay the sheet over the picture."""
        room = soften * 3 + 2
        left, top = (max(int(edge - room), 0) for edge in self._used[:2])
        right, bottom = (min(int(edge + room) + 1, size) for edge, size in zip(self._used[2:], self._size, strict=True))
        if right > left and bottom > top:
            ink, cover = self._read((left, top, right, bottom), soften)
            part = picture[top:bottom, left:right]
            part += (ink - part) * (cover * strength)[..., None]

    def _read(self, area: tuple[int, int, int, int], soften: float) -> tuple[Array, Array]:
        k = self._scale
        left, top, right, bottom = area
        sheet = self._sheet.crop((left * k, top * k, right * k, bottom * k)).reduce(k)
        if soften:
            # Premultiplied, so that the clear surroundings do not bleed into the colours.
            sheet = sheet.convert("RGBa").filter(ImageFilter.GaussianBlur(soften)).convert("RGBA")
        values = np.asarray(sheet, dtype=np.float32) / 255
        return values[..., :3], values[..., 3]

    def _touch(self, points: Sequence[Point], width: float) -> None:
        for x, y in points:
            self._used = [
                min(self._used[0], x - width),
                min(self._used[1], y - width),
                max(self._used[2], x + width),
                max(self._used[3], y + width),
            ]


def _fill(colour: Colour, alpha: float) -> tuple[int, int, int, int]:
    red, green, blue = (int(min(max(float(part), 0.0), 1.0) * 255 + 0.5) for part in colour)
    return red, green, blue, int(alpha * 255 + 0.5)


def curve(start: Point, bend: Point, end: Point, steps: int = 12) -> list[Point]:
    """Points along a bent line that is pulled towards `bend`."""
    points = []
    for i in range(steps + 1):
        t = i / steps
        a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t * t
        points.append((a * start[0] + b * bend[0] + c * end[0], a * start[1] + b * bend[1] + c * end[1]))
    return points
