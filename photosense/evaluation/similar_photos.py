"""Which photos are alike: those whose captions use the same telling words."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from common.arrays import Float64

ALIKE: Final = 0.35


def alike(documents: Sequence[Mapping[str, float]], least: float = ALIKE) -> list[list[int]]:
    """For each document, the places of the others whose words have a cosine of `least`, words weighed by rarity."""
    rows: dict[str, list[int]] = {}
    for place, words in enumerate(documents):
        for word in words:
            rows.setdefault(word, []).append(place)
    rarity = {word: float(np.log(len(documents) / len(places))) for word, places in rows.items()}
    lists = {word: np.array(places) for word, places in rows.items()}
    weights = [_unit({word: float(np.log1p(n)) * rarity[word] for word, n in words.items()}) for words in documents]
    columns = {word: np.array([weights[place][word] for place in places]) for word, places in rows.items()}
    found = []
    for place, words in enumerate(weights):
        cosine: Float64 = np.zeros(len(documents))
        for word, weight in words.items():
            cosine[lists[word]] += weight * columns[word]
        cosine[place] = 0.0
        found.append(np.flatnonzero(cosine >= least).tolist())
    return found


def _unit(weights: dict[str, float]) -> dict[str, float]:
    length = sum(weight**2 for weight in weights.values()) ** 0.5
    return {word: weight / length for word, weight in weights.items()} if length else weights
