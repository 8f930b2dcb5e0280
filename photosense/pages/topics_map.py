"""The map of topics: a circle each, near ones side by side, drawn as SVG without overlaps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from common.arrays import Float64
from topic_model.model import TopicModel
from topic_model.topic_map import topic_plane

MOST = 80  # circles that a person can still tell apart; the smallest topics stay away
_WIDTH, _HEIGHT = 1060.0, 520.0
_LARGEST, _SMALLEST = 62.0, 7.0
_INSIDE = 24.0  # a smaller circle has its label below
_ROOMY = 30  # with more circles than this, each is smaller
_LETTER, _LINE = 7.6, 16.0
_GAP = 7.0
_ROUNDS = 600
_BESIDE = 6  # points whose colours a colour is told from
_WHEEL = np.arange(0, 360, 15.0)


@dataclass(frozen=True, slots=True)
class Bubble:
    """A topic's circle and its label, inside it or below."""

    topic: int
    x: float
    y: float
    radius: float
    label: tuple[str, ...]

    @property
    def first_line(self) -> float:
        """Baseline of the first line of the label."""
        if self.radius >= _INSIDE:
            return self.y - _LINE * (len(self.label) - 1) / 2 + 5
        return self.y + self.radius + _LINE - 1


def hues(points: Float64) -> list[float]:
    """A colour for each point, told from those of the points beside it that have theirs."""
    chosen: list[float] = []
    for place, point in enumerate(points):
        nearest = np.argsort(np.linalg.norm(points[:place] - point, axis=1), kind="stable")[:_BESIDE]
        taken = np.array([chosen[other] for other in nearest])
        between = np.abs(_WHEEL[:, None] - taken)
        chosen.append(float(_WHEEL[np.minimum(between, 360 - between).min(axis=1, initial=180).argmax()]))
    return chosen


def apart(points: Float64, halves: Float64) -> Float64:
    """Push boxes (given by half their sizes) from each other until none overlaps, or patience ends."""
    points = points + np.arange(len(points))[:, None] * 1e-3  # two at the same place must know where to go
    for _ in range(_ROUNDS):
        way = points[:, None] - points[None]
        over = halves[:, None] + halves[None] + _GAP - np.abs(way)
        hit = np.asarray((over > 0).all(axis=2))
        np.fill_diagonal(hit, False)
        if not hit.any():
            break
        along = over.argmin(axis=2)
        push = np.zeros_like(way)
        for axis in (0, 1):
            moved = hit & (along == axis)
            push[..., axis][moved] = (over[..., axis] * np.where(way[..., axis] >= 0, 1, -1))[moved]
        points = points + 0.3 * push.sum(axis=1)
    return points


def bubbles(model: TopicModel, labels: Mapping[int, tuple[str, ...]]) -> tuple[list[Bubble], dict[int, float]]:
    """Place the largest labelled topics, and give every one its colour."""
    topics = sorted(labels, key=lambda topic: -model.topic_shares[topic])
    near = topic_plane(model, topics)
    colours = dict(zip(topics, hues(near), strict=True))
    drawn = topics[:MOST]
    shares = np.asarray([float(model.topic_shares[topic]) for topic in drawn])
    crowd = min(1.0, (_ROOMY / max(len(drawn), 1)) ** 0.5)
    radii = np.maximum(_SMALLEST, _LARGEST * crowd * np.sqrt(shares / max(shares.max(initial=0), 1e-12)))
    halves = np.array([_half(radius, labels[topic]) for topic, radius in zip(drawn, radii, strict=True)]).reshape(-1, 2)
    points = apart(near[: len(drawn)] * np.array([_WIDTH, _HEIGHT]) / 2, halves)
    circles = [
        Bubble(topic, float(x), float(y - half[1] + radius), float(radius), labels[topic])
        for topic, (x, y), radius, half in zip(drawn, points, radii, halves, strict=True)
    ]
    return circles, colours


def draw(circles: Sequence[Bubble], colours: Mapping[int, float], shares: Mapping[int, str]) -> str:
    """Draw the map as SVG; every circle leads to its topic."""
    boxes = [(bubble, _half(bubble.radius, bubble.label)) for bubble in circles]
    left = min((bubble.x - half[0] for bubble, half in boxes), default=0) - _GAP
    right = max((bubble.x + half[0] for bubble, half in boxes), default=1) + _GAP
    top = min((bubble.y - bubble.radius for bubble in circles), default=0) - _GAP
    bottom = max((bubble.y - bubble.radius + 2 * half[1] for bubble, half in boxes), default=1) + _GAP
    drawn = "".join(_bubble(bubble, colours[bubble.topic], shares[bubble.topic]) for bubble in circles)
    view = f"{left:.0f} {top:.0f} {right - left:.0f} {bottom - top:.0f}"
    return f'<svg class="map" viewBox="{view}" role="group" aria-label="Map of topics">{drawn}</svg>'


def _half(radius: float, label: Sequence[str]) -> tuple[float, float]:
    width = max(map(len, label), default=0) * _LETTER
    height = _LINE * len(label)
    if radius >= _INSIDE:
        return max(radius, width / 2), max(radius, height / 2)
    return max(radius, width / 2), radius + height / 2


def _bubble(bubble: Bubble, hue: float, share: str) -> str:
    lines = "".join(
        f'<tspan x="{bubble.x:.1f}" y="{bubble.first_line + index * _LINE:.1f}">{escape(line)}</tspan>'
        for index, line in enumerate(bubble.label)
    )
    title = escape(f"{', '.join(bubble.label)}: {share} of the corpus")
    return (
        f'<a class="bubble" href="#topic-{bubble.topic}" data-topic="{bubble.topic}" style="--hue:{hue:.0f}">'
        f"<title>{title}</title>"
        f'<circle cx="{bubble.x:.1f}" cy="{bubble.y:.1f}" r="{bubble.radius:.1f}"/><text>{lines}</text></a>'
    )
