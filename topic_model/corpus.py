"""Corpus: documents as sparse rows of token numbers, ready for the kernels."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

import numpy as np

from common.arrays import Float32, Float64, Int32, Int64
from topic_model.document import Document
from topic_model.errors import CorpusError
from topic_model.vocabulary import Vocabulary

LARGEST = 1e9
TOKENS_IN_SHARD = 5_000_000  # about 100 MB while it is encoded, 40 MB while it is learned from


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents in compressed rows: document d owns `indptr[d]:indptr[d + 1]` of `rows` and `counts`."""

    indptr: Int64
    rows: Int32
    counts: Float32

    @property
    def documents(self) -> int:
        """Number of documents, empty ones included."""
        return len(self.indptr) - 1

    def mass(self, size: int) -> Float64:
        """Total count of each of `size` rows."""
        return np.bincount(self.rows, weights=self.counts, minlength=size).astype(np.float64)


def encode(documents: Iterable[Document], vocabulary: Vocabulary, weights: Mapping[str, float] | None = None) -> Corpus:
    """Number the known tokens of documents; counts are multiplied by the weight of their modality."""
    weights = weights or {}
    indptr, rows, counts = array("q", [0]), array("i"), array("d")
    for document in documents:
        for modality, tokens in document.items():
            known = vocabulary.rows.get(modality)
            weight = weights.get(modality, 1.0)
            if not known or weight == 0.0:
                continue
            for token, count in tokens.items():
                row = known.get(token)
                if row is not None and count != 0:
                    rows.append(row)
                    counts.append(count * weight)
        indptr.append(len(rows))
    exact = np.asarray(counts, dtype=np.float64)
    if not (np.isfinite(exact).all() and (exact >= 0).all() and (exact <= LARGEST).all()):
        raise CorpusError("A count is negative, endless or not a number: every token's count must be 0 to 10^9.")
    return Corpus(np.asarray(indptr, np.int64), np.asarray(rows, np.int32), exact.astype(np.float32))


class Shards(Sequence[Corpus]):
    """A corpus on disk, read shard by shard: memory holds one of them, however large the whole is."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = files

    def __len__(self) -> int:
        return len(self._files)

    @overload
    def __getitem__(self, index: int) -> Corpus: ...

    @overload
    def __getitem__(self, index: slice) -> "Shards": ...

    def __getitem__(self, index: int | slice) -> "Corpus | Shards":
        if isinstance(index, slice):
            return Shards(self._files[index])
        with np.load(self._files[index], allow_pickle=False) as arrays:
            return Corpus(arrays["indptr"], arrays["rows"], arrays["counts"])


def write_shards(
    documents: Iterable[Document],
    vocabulary: Vocabulary,
    weights: Mapping[str, float],
    folder: Path,
    tokens_in_shard: int = TOKENS_IN_SHARD,
) -> Shards:
    """Encode documents, one by one as they come, into files of about so many tokens each."""
    folder.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    rest = iter(documents)
    while True:
        corpus = encode(_until(rest, tokens_in_shard), vocabulary, weights)
        if corpus.documents == 0:
            return Shards(files)
        files.append(folder / f"shard-{len(files):06}.npz")
        np.savez(files[-1], indptr=corpus.indptr, rows=corpus.rows, counts=corpus.counts)


def _until(documents: Iterator[Document], tokens: int) -> Iterator[Document]:
    """Give documents until they hold so many tokens together."""
    held = 0
    for document in documents:
        yield document
        held += sum(len(of_modality) for of_modality in document.values())
        if held >= tokens:
            return
