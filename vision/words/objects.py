"""Words of things in a photo: what there is, how many of it, how large, and where; a person can read each."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from common.arrays import Float32
from vision.encoder import Words
from vision.errors import EncoderError
from vision.evidence.boxes import surest
from vision.networks.spec import Things

_COLUMNS: Final = 6  # edges, score, class
_SMALL, _LARGE = 0.03, 0.25  # shares of the photo
_SEVERAL, _MANY = 3, 6
_FURTHER: Final = 0.4  # what number, size and place weigh beside the thing itself
_SAYS: Final = {
    "two": "two of them",
    "several": "several",
    "many": "many",
    "small": "small",
    "large": "large",
    "left": "on the left",
    "middle": "in the middle",
    "right": "on the right",
}


class ObjectWords:
    """Boxes become words by class: `object:dog`, `object:dog.two`, `object:dog.large`, `object:dog.left`."""

    def __init__(self, output: Things, prefix: str, labels: Sequence[str], sides: tuple[int, int]) -> None:
        self._output = output
        self._prefix = prefix
        self._labels = labels
        self._sides = np.array(sides * 2, np.float32) if output.unit == "pixel" else np.ones(4, np.float32)

    def words(self, cells: Float32) -> list[Words]:
        """The words of each photo; one in which nothing is found has none."""
        if cells.ndim != 3 or cells.shape[2] != _COLUMNS:
            raise EncoderError(
                f"The tensor {self._output.tensor} has rows of {cells.shape[-1]} numbers, expected {_COLUMNS} for each "
                "box: its edges, score and class."
            )
        return [self._of(rows) for rows in cells]

    def describe(self, name: str) -> str:
        """The thing, and what the word says of it."""
        thing, _, further = name.rpartition(".")
        if further not in _SAYS:
            return self._readable(name)
        return f"{self._readable(thing)}, {_SAYS[further]}"

    def names(self, words: Words) -> dict[str, float]:
        """The things that have names; a box is sure enough to be one."""
        things = (word for word in words if word.rpartition(".")[2] not in _SAYS) if self._labels else ()
        return {self._readable(thing): 1.0 for thing in things}

    def _readable(self, thing: str) -> str:
        return thing.replace("_", " ") if self._labels else f"object {thing}"

    def _of(self, rows: Float32) -> Words:
        edges = rows[:, [1, 0, 3, 2]] if self._output.edges == "y0 x0 y1 x1" else rows[:, :4]
        edges = np.clip(edges / self._sides, 0, 1)
        kept = surest(edges, rows[:, 4], rows[:, 5], self._output.least, self._output.overlap)
        weights: Words = {}
        for number in dict.fromkeys(rows[kept, 5].tolist()):
            of_class = kept[rows[kept, 5] == number]
            thing = f"{self._prefix}:{self._name(int(number))}"
            score = float(rows[of_class[0], 4])
            weights[thing] = score
            for further in _further(edges[of_class]):
                weights[f"{thing}.{further}"] = _FURTHER * score
        whole = sum(weights.values())
        return {word: round(weight * self._output.total / whole, 4) for word, weight in weights.items()}

    def _name(self, number: int) -> str:
        if not self._labels:
            return str(number)
        if not 0 <= number < len(self._labels):
            raise EncoderError(
                f"{self._output.labels} names {len(self._labels)} classes, the tensor {self._output.tensor} tells of "
                f"number {number}: correct `labels`."
            )
        return self._labels[number]


def _further(edges: Float32) -> list[str]:
    """How many there are, how large the largest is, and where it is; nothing of what is as usual."""
    count = len(edges)
    areas = (edges[:, 2] - edges[:, 0]) * (edges[:, 3] - edges[:, 1])
    largest = edges[areas.argmax()]
    says = []
    if count > 1:
        says.append("many" if count >= _MANY else "several" if count >= _SEVERAL else "two")
    if not _SMALL <= areas.max() <= _LARGE:
        says.append("small" if areas.max() < _SMALL else "large")
    middle = (largest[0] + largest[2]) / 2
    return [*says, "left" if middle < 1 / 3 else "right" if middle > 2 / 3 else "middle"]
