"""Corpus: documents as sparse rows of token numbers, ready for the kernels."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topic_model.document import Document
from topic_model.errors import CorpusError
from topic_model.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents in compressed rows: document d owns `indptr[d]:indptr[d + 1]` of `rows` and `counts`."""

    indptr: NDArray[np.int64]
    rows: NDArray[np.int32]
    counts: NDArray[np.float32]

    @property
    def documents(self) -> int:
        """Number of documents, empty ones included."""
        return len(self.indptr) - 1

    def mass(self, size: int) -> NDArray[np.float64]:
        """Total count of each of `size` rows."""
        return np.bincount(self.rows, weights=self.counts, minlength=size).astype(np.float64)


def encode(documents: Iterable[Document], vocabulary: Vocabulary, weights: Mapping[str, float] | None = None) -> Corpus:
    """Number the known tokens of documents; counts are multiplied by the weight of their modality."""
    weights = weights or {}
    indptr, rows, counts = [0], list[int](), list[float]()
    for document in documents:
        for modality, tokens in document.items():
            known = vocabulary.rows.get(modality)
            weight = weights.get(modality, 1.0)
            if not known or weight == 0.0:
                continue
            for token, count in tokens.items():
                row = known.get(token)
                if row is not None:
                    rows.append(row)
                    counts.append(count * weight)
        indptr.append(len(rows))
    array = np.asarray(counts, dtype=np.float32)
    if not (np.isfinite(array).all() and (array >= 0).all()):
        raise CorpusError("A count is negative, infinite or not a number: every token's count must be 0 or more.")
    return Corpus(np.asarray(indptr, dtype=np.int64), np.asarray(rows, dtype=np.int32), array)
