"""Which photos are alike: those whose captions use the same telling words."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from common.arrays import Float64

ALIKE: Final = 0.35


def alike(documents: Sequence[Mapping[str, float]], least: float = ALIKE) -> list[list[int]]:
    """For each document, the places of the others whose words have a cosine of `least`, words weighed by rarity."""
    rows: dict[str, list[int]] = {}
    for row, words in enumerate(documents):
        for word in words:
            rows.setdefault(word, []).append(row)
    rarity = {word: float(np.log(len(documents) / len(rows_of))) for word, rows_of in rows.items()}
    lists = {word: np.array(rows_of) for word, rows_of in rows.items()}
    weights = [_unit({word: float(np.log1p(n)) * rarity[word] for word, n in words.items()}) for words in documents]
    columns = {word: np.array([weights[row][word] for row in rows_of]) for word, rows_of in rows.items()}
    neighbours = []
    for row, words in enumerate(weights):
        cosine: Float64 = np.zeros(len(documents))
        for word, weight in words.items():
            cosine[lists[word]] += weight * columns[word]
        cosine[row] = 0.0
        neighbours.append(np.flatnonzero(cosine >= least).tolist())
    return neighbours


def _unit(weights: dict[str, float]) -> dict[str, float]:
    length = sum(weight**2 for weight in weights.values()) ** 0.5
    return {word: weight / length for word, weight in weights.items()} if length else weights
