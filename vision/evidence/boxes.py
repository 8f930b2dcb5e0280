"""Boxes in a photo, as a network that finds things gives them: where something is, how sure, and of which class."""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np

from common.arrays import Float32, Index
from vision.encoder import Pixels
from vision.errors import EncoderError
from vision.evidence.evidence_spec import BoxNetwork
from vision.networks.network import Network, Tensor, prepare_batch
from vision.networks.spec import Input

MOST: Final = 20  # boxes of a photo that are looked at, the surest
_CANDIDATES: Final = 200  # and so many are held against each other
_COLUMNS: Final = 6  # of a row that says all: edges, score, class


class Boxes(NamedTuple):
    """Left, top, right and bottom of each in pixels of the photo, the surest first; scores and classes beside them."""

    edges: Float32
    scores: Float32
    classes: Float32

    @property
    def heights(self) -> Float32:
        """How high each is, in pixels."""
        return np.asarray(self.edges[:, 3] - self.edges[:, 1], np.float32)

    @property
    def sides(self) -> Float32:
        """How long the longer side of each is, in pixels."""
        return np.asarray(np.maximum(self.edges[:, 2] - self.edges[:, 0], self.heights), np.float32)

    def of_class(self, number: int) -> "Boxes":
        """Those of one class."""
        return Boxes(*(part[self.classes == number] for part in self))


def find_boxes(photo: Pixels, network: Network, described: BoxNetwork) -> Boxes:
    """What a network finds in a photo and is sure enough of; of those on one another the surest."""
    edges, scores, classes = _rows(network.run(prepare_batch([photo], described.input)), described)
    if described.edges == "y0 x0 y1 x1":
        edges = edges[:, [1, 0, 3, 2]]
    sides = np.array([described.input.width, described.input.height] * 2, np.float32)
    edges = edges * (sides if described.unit == "share" else 1) * _stretch(photo, described.input)
    height, width = photo.shape[:2]
    edges = np.clip(edges, 0, np.array([width, height] * 2, np.float32))
    kept = surest(edges, scores, classes, described.least, described.overlap)
    return Boxes(edges[kept].astype(np.float32), scores[kept], classes[kept])


def _rows(tensors: Mapping[str, Tensor], described: BoxNetwork) -> tuple[Tensor, Tensor, Tensor]:
    rows = tensors[described.tensor][0]
    scores = tensors[described.scores][0].reshape(-1) if described.scores else rows[..., 4:5].reshape(-1)
    columns = 4 if described.scores else _COLUMNS
    if rows.ndim != 2 or rows.shape[1] != columns or len(scores) != len(rows):
        raise EncoderError(
            f"The tensor {described.tensor} gives boxes of the shape {rows.shape}, expected {columns} numbers for each "
            "(its edges; score and class as well where `scores` names no tensor): name another under [boxes]."
        )
    if not (np.isfinite(rows).all() and np.isfinite(scores).all()):
        raise EncoderError(f"The tensor {described.tensor} holds NaN or infinity: see [boxes.input].")
    return rows[:, :4], scores, rows[:, 5] if described.scores is None else np.zeros(len(rows), np.float32)


def _stretch(photo: Pixels, wanted: Input) -> Tensor:
    """What a pixel of the input is in pixels of the photo, across and down."""
    height, width = photo.shape[:2]
    if wanted.fit == "corner":
        return np.full(4, max(width / wanted.width, height / wanted.height), np.float32)
    return np.array([width / wanted.width, height / wanted.height] * 2, np.float32)


def surest(edges: Tensor, scores: Tensor, classes: Tensor, least: float, overlap: float) -> Index:
    """Go through the boxes from the surest on, and leave out those that lie on one of their class already taken."""
    order = np.argsort(-scores, kind="stable")
    order = order[scores[order] >= least][:_CANDIDATES]
    kept: list[int] = []
    while len(order) and len(kept) < MOST:
        first, order = order[0], order[1:]
        kept.append(int(first))
        on_it = (_overlap(edges[first], edges[order]) > overlap) & (classes[order] == classes[first])
        order = order[~on_it]
    return np.array(kept, np.intp)


def _overlap(one: Tensor, others: Tensor) -> Tensor:
    """The share that a box and each of the others have in common."""
    inner = np.minimum(one[2:], others[:, 2:]) - np.maximum(one[:2], others[:, :2])
    common = np.prod(np.maximum(inner, 0), axis=1)
    areas = np.prod(others[:, 2:] - others[:, :2], axis=1) + np.prod(one[2:] - one[:2])
    return np.asarray(common / np.maximum(areas - common, 1e-9), np.float32)
