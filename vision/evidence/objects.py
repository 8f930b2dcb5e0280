"""Evidence by boxes of people and things: how many people there are, how high, and what is beside them."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from vision.encoder import Pixels
from vision.evidence.boxes import Boxes, find_boxes
from vision.evidence.evidence import EvidenceRows, numbers_alone
from vision.evidence.evidence_spec import ObjectSpec
from vision.networks.network import Network

_NUMBERS: Final = ("people", "tallest", "smallest", "height_ratio", "score", "broadest")


class Objects:
    """A network that finds people and things."""

    def __init__(self, identity: str, spec: ObjectSpec, boxes: Network) -> None:
        self.id = identity
        self._spec = spec
        self._boxes = boxes

    @property
    def side(self) -> int:
        """The longer side of what it sees."""
        return max(self._spec.boxes.input.height, self._spec.boxes.input.width)

    @property
    def names(self) -> tuple[str, ...]:
        """What is told of people, and the things that are looked for."""
        return tuple(f"{self._spec.name}.{number}" for number in (*_NUMBERS, *self._spec.things))

    def measure(self, photos: Sequence[Pixels]) -> EvidenceRows:
        """Tell it of each photo."""
        return numbers_alone([self._of(photo) for photo in photos])

    def _of(self, photo: Pixels) -> tuple[float, ...]:
        boxes = find_boxes(photo, self._boxes, self._spec.boxes)
        things = [boxes.of_class(number).scores for number in self._spec.things.values()]
        sure = [float(scores.max(initial=0.0)) for scores in things]
        return (*_of_people(boxes.of_class(self._spec.person), photo), *sure)


def _of_people(people: Boxes, photo: Pixels) -> tuple[float, ...]:
    if not len(people.scores):
        return (0.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    heights = people.heights / photo.shape[0]
    widths = (people.edges[:, 2] - people.edges[:, 0]) / photo.shape[1]
    tallest, smallest = float(heights.max()), float(heights.min())
    ratio = smallest / max(tallest, 1e-6)
    broadest = float((widths / np.maximum(heights, 1e-6)).max())
    return (float(len(heights)), tallest, smallest, ratio, float(people.scores.max()), broadest)
