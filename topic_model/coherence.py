"""Coherence: whether the likeliest words of a topic are really used together in documents."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from common.arrays import Float32, Float64, Int64
from topic_model.corpus import Corpus

TOP = 10
NONE = 1e-8  # a probability below this is none: EM makes zeros by dividing for ever, not by subtracting
_CELLS = 4_000_000  # of one table of documents by words, so that memory stays bounded


def coherences(phi: Float32, rows: slice, shards: Sequence[Corpus], top: int = TOP) -> tuple[float | None, ...]:
    """Mean NPMI over the pairs of each topic's likeliest words, from -1 (never together) to 1 (always).

    Two words are together when one document has both, in these rows of Phi. Words that no document has are left out;
    a topic with fewer than two words has no coherence.
    """
    words = [_likeliest(phi[rows, topic], top) + rows.start for topic in range(phi.shape[1])]
    used, index = np.unique(np.concatenate([np.empty(0, np.int64), *words]), return_inverse=True)
    bounds = np.cumsum([0, *(len(of_topic) for of_topic in words)])
    positions = [index[first:last] for first, last in pairwise(bounds)]
    together = [np.zeros((len(of_topic), len(of_topic))) for of_topic in positions]
    documents = 0
    for shard in shards:
        documents += int(np.count_nonzero(np.diff(shard.indptr)))
        for table in _tables(shard, used):
            for topic, of_topic in enumerate(positions):
                has = table[:, of_topic]
                together[topic] += has.T @ has
    return tuple(_mean_npmi(counts, documents) for counts in together)


def npmi(both: float, one: float, other: float, documents: int) -> float:
    """Normalised pointwise mutual information of two words from the documents that have both, one, and the other."""
    if both == 0:
        return -1.0
    if both == documents:
        return 0.0  # what every document has says nothing
    return float(np.log(both * documents / (one * other)) / -np.log(both / documents))


def _likeliest(p: Float32, top: int) -> Int64:
    best = np.argsort(-p, kind="stable")[:top]
    return best[p[best] >= NONE]


def _tables(corpus: Corpus, used: Int64) -> Iterator[Float32]:
    """Which document has which of the words, as 0 and 1, some documents at a time."""
    step = max(1, _CELLS // max(1, len(used)))
    for first in range(0, corpus.documents, step):
        indptr = corpus.indptr[first : first + step + 1]
        rows, counts = (array[indptr[0] : indptr[-1]] for array in (corpus.rows, corpus.counts))
        known = np.isin(rows, used) & (counts > 0)
        document = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
        table = np.zeros((len(indptr) - 1, len(used)), dtype=np.float32)
        table[document[known], np.searchsorted(used, rows[known])] = 1.0
        yield table


def _mean_npmi(together: Float64, documents: int) -> float | None:
    alone = np.diag(together)
    present = np.flatnonzero(alone > 0)
    pairs = [
        npmi(together[one, other], alone[one], alone[other], documents)
        for index, one in enumerate(present)
        for other in present[index + 1 :]
    ]
    return sum(pairs) / len(pairs) if pairs else None
