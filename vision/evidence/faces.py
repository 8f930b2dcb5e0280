"""Evidence by faces: how many there are, how large, and how old the youngest of them looks."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from PIL import Image

from common.arrays import Float32
from vision.encoder import Pixels
from vision.errors import EncoderError
from vision.evidence.boxes import Boxes, find_boxes
from vision.evidence.evidence import EvidenceRows, numbers_alone
from vision.evidence.evidence_spec import FaceSpec
from vision.networks.network import Network, prepare_batch

NO_FACE: Final = 60.0  # years that stand where no face tells any
CHILD, MINOR = 13, 18  # years below which a face is a child's, or that of somebody not grown up
_NUMBERS: Final = ("count", "size", "score", "youngest", "age_of_largest", "under_13", "under_18", "any_under_13")


class Faces:
    """Two networks: one finds faces, the other tells how old each looks."""

    def __init__(self, identity: str, spec: FaceSpec, boxes: Network, ages: Network) -> None:
        self.id = identity
        self._spec = spec
        self._boxes = boxes
        self._ages = ages

    @property
    def side(self) -> int:
        """The longer side of what the finder sees."""
        return max(self._spec.boxes.input.height, self._spec.boxes.input.width)

    @property
    def names(self) -> tuple[str, ...]:
        """What is told of the faces of a photo."""
        return tuple(f"{self._spec.name}.{number}" for number in _NUMBERS)

    def measure(self, photos: Sequence[Pixels]) -> EvidenceRows:
        """Tell it of each photo."""
        return numbers_alone([self._of(photo) for photo in photos])

    def _of(self, photo: Pixels) -> tuple[float, ...]:
        faces = find_boxes(photo, self._boxes, self._spec.boxes)
        if not len(faces.scores):
            return (0.0, 0.0, 0.0, NO_FACE, NO_FACE, 0.0, 0.0, 0.0)
        chances = self._chances(photo, faces)
        years = chances @ np.arange(chances.shape[1])
        child, minor = (faces.scores * chances[:, :age].sum(axis=1) for age in (CHILD, MINOR))
        sides = faces.sides / max(photo.shape[:2])
        return (
            float(len(sides)),
            float(sides.max()),
            float(faces.scores.max()),
            float(years.min()),
            float(years[sides.argmax()]),
            float(child.max()),
            float(minor.max()),
            float(1 - np.prod(1 - child)),
        )

    def _chances(self, photo: Pixels, faces: Boxes) -> Float32:
        """How likely each face is of each age, in years."""
        squares = [_square(photo, edges, self._spec.ages.margin) for edges in faces.edges]
        tensor = self._spec.ages.tensor
        chances = self._ages.run(prepare_batch(squares, self._spec.ages.input))[tensor]
        if chances.ndim != 2 or chances.shape[1] <= MINOR or not np.isfinite(chances).all():
            raise EncoderError(
                f"The tensor {tensor} of {self._spec.name} tells ages in the shape {chances.shape}, or holds NaN: "
                f"expected a probability of each year from 0 to at least {MINOR}; name another under [ages]."
            )
        return chances


def _square(photo: Pixels, edges: Float32, margin: float) -> Pixels:
    """A square around a face; beyond the photo it is black."""
    left, top, right, bottom = edges.tolist()
    half = max(right - left, bottom - top, 1.0) * margin / 2
    across, down = (left + right) / 2, (top + bottom) / 2
    square = [round(value) for value in (across - half, down - half, across + half, down + half)]
    return np.asarray(Image.fromarray(photo).crop((square[0], square[1], square[2], square[3])))
