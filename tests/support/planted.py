"""A corpus whose truth is known: documents drawn from planted topics over two languages and visual words."""

from dataclasses import dataclass

import numpy as np

from common.arrays import Float64
from topic_model.document import Document


@dataclass(frozen=True, slots=True)
class Planted:
    """Documents, and the Phi of each modality and the Theta that they were drawn from."""

    documents: list[Document]
    phi: dict[str, Float64]
    theta: Float64

    def true_rows(self, modality: str, tokens: tuple[str, ...]) -> Float64:
        """The planted Phi of these tokens, in their order."""
        return self.phi[modality][[int(token.rsplit("_", 1)[1]) for token in tokens]]


def plant(topics: int = 6, documents: int = 600, words: int = 120, length: int = 60, seed: int = 5) -> Planted:
    """Draw Phi sparse, Theta with one or two topics a document, then the tokens."""
    rng = np.random.default_rng(seed)
    sizes = {"text": words, "tag": words // 3, "image": words}
    phi = {modality: rng.dirichlet(np.full(size, 0.05), topics).T for modality, size in sizes.items()}
    theta = rng.dirichlet(np.full(topics, 0.1), documents)
    lengths = {"text": length, "tag": max(2, length // 10), "image": 2 * length}
    drawn = []
    for mixture in theta:
        document = {}
        for modality, of_topics in phi.items():
            counts = rng.multinomial(lengths[modality], of_topics @ mixture / (of_topics @ mixture).sum())
            document[modality] = {f"{modality}_{n}": float(counts[n]) for n in np.flatnonzero(counts)}
        drawn.append(document)
    return Planted(drawn, phi, theta)


def best_pairs(learned: Float64, planted: Float64) -> list[tuple[int, int]]:
    """Pair learned topics with planted ones, the nearest first."""
    distance = np.abs(learned[:, :, None] - planted[:, None, :]).sum(axis=0)
    pairs = []
    for _ in range(planted.shape[1]):
        one, other = np.unravel_index(distance.argmin(), distance.shape)
        pairs.append((int(one), int(other)))
        distance[one, :] = distance[:, other] = np.inf
    return pairs
