"""Aligned: photos and texts in one space, learned from posts that have both, by canonical correlation (CCA).

The photo's side is what the encoder measured, the text's side the words weighed by idf, along their latent axes (LSA).
Directions of both that go together are found; each counts by the square of how well they do. The cosine of two such
vectors tells what looks like what: a third way to find posts beside topics and words, which names no topic.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import svds

from topic_model.corpus import Corpus, encode
from topic_model.document import TAG, TEXT, Document
from topic_model.vocabulary import Vocabulary

Floats = NDArray[np.float32]
Wide = NDArray[np.float64]

LATENT = 500  # axes of the texts
DIMENSIONS = 256
HELD_BACK = 0.3  # of the mean variance, added to each: what few posts have must not decide
LEAST_POSTS = 200


@dataclass(frozen=True, slots=True)
class Aligned:
    """Maps of both sides; `idf` and `text_map` have a row for each token of the vocabulary."""

    vocabulary: Vocabulary
    idf: Floats
    photo_mean: Floats
    photo_map: Floats
    text_mean: Floats
    text_map: Floats

    @property
    def size(self) -> int:
        """Length of a vector."""
        return int(self.photo_map.shape[1])

    def of_photos(self, features: Floats) -> Floats:
        """Place photos by what was measured in them: a row of length 1 for each."""
        return _unit((features - self.photo_mean) @ self.photo_map)

    def of_posts(self, features: Floats, documents: Iterable[Document]) -> Floats:
        """Place posts half way between their photos and what is said of them; those without words by the photo."""
        return _unit(self.of_photos(features) + self.of_texts(documents))

    def of_text(self, document: Document) -> Floats | None:
        """Place the words of a post or a query; None without a known word."""
        (placed,) = self.of_texts([document])
        return placed if placed.any() else None

    def of_texts(self, documents: Iterable[Document]) -> Floats:
        """Place the words of many; a row of zeros without a known word."""
        corpus = encode(documents, self.vocabulary)
        placed = _weighed(corpus, self.idf) @ self.text_map
        return _unit(np.where(placed.any(axis=1, keepdims=True), placed - self.text_mean, 0))


ARRAYS = ("idf", "photo_mean", "photo_map", "text_mean", "text_map")


def align(features: Floats, documents: Sequence[Document], vocabulary: Vocabulary) -> Aligned | None:
    """Learn from the photos and the words of the same posts, row by row; None when too few of them have known words."""
    known = vocabulary.only(TEXT, TAG)
    corpus = encode(documents, known)
    spoken = np.diff(corpus.indptr) > 0
    if spoken.sum() < LEAST_POSTS:
        return None
    idf = _idf(corpus, known.size)
    weighed = _weighed(corpus, idf)[spoken]
    latent = _latent(weighed, min(LATENT, known.size - 1, len(weighed.indptr) - 2))
    texts = weighed.astype(np.float64) @ latent
    photos = features[spoken].astype(np.float64)
    photo_mean, text_mean = photos.mean(axis=0), texts.mean(axis=0)
    of_photos, of_texts = _correlated(photos - photo_mean, texts - text_mean, DIMENSIONS)
    return Aligned(
        known,
        idf,
        photo_mean.astype(np.float32),
        of_photos.astype(np.float32),
        (text_mean @ of_texts).astype(np.float32),
        (latent @ of_texts).astype(np.float32),
    )


def _correlated(left: Wide, right: Wide, dimensions: int) -> tuple[Wide, Wide]:
    """Maps of two centred sides to directions that go together, each weighed by the square of its correlation."""
    whiten_left, whiten_right = _whitening(left), _whitening(right)
    between = whiten_left.T @ (left.T @ right / len(left)) @ whiten_right
    turn_left, correlations, turn_right = np.linalg.svd(between, full_matrices=False)
    weights = correlations[:dimensions] ** 2
    return whiten_left @ turn_left[:, :dimensions] * weights, whiten_right @ turn_right[:dimensions].T * weights


def _whitening(rows: Wide) -> Wide:
    covariance = rows.T @ rows / len(rows)
    covariance[np.diag_indices(len(covariance))] += HELD_BACK * covariance.trace() / len(covariance)
    values, axes = np.linalg.eigh(covariance)
    return np.asarray(axes / np.sqrt(np.maximum(values, 1e-12)))


def _idf(corpus: Corpus, size: int) -> Floats:
    with_word = np.bincount(corpus.rows, minlength=size)
    return np.asarray(np.log(max(corpus.documents, 1) / np.maximum(with_word, 1)) + 1, np.float32)


def _weighed(corpus: Corpus, idf: Floats) -> csr_matrix:
    """Documents x tokens, weighed by idf, each row of length 1."""
    values = corpus.counts * idf[corpus.rows]
    document = np.repeat(np.arange(corpus.documents), np.diff(corpus.indptr))
    lengths = np.sqrt(np.bincount(document, values.astype(np.float64) ** 2, corpus.documents))
    values /= lengths[document].astype(np.float32)
    return csr_matrix((values, corpus.rows, corpus.indptr), (corpus.documents, len(idf)))


def _latent(weighed: csr_matrix, axes: int) -> Wide:
    """The directions in which texts differ most, tokens x axes."""
    _, _, found = svds(weighed.astype(np.float64), k=axes, v0=np.ones(min(weighed.shape)))
    return np.asarray(found.T)


def _unit(rows: NDArray[np.floating]) -> Floats:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12), np.float32)
