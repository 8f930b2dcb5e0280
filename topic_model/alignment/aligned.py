"""Aligned: photos and texts in one space, learned from posts that have both, by canonical correlation (CCA).

The photo's side is what the encoder measured, the text's side the words weighed by idf, along their latent axes (LSA).
Directions of both that go together are found; each counts by the square of how well they do. The cosine of two such
vectors tells what looks like what: a third way to find posts beside topics and words, which names no topic.

Some photos lie near to every text and would be found for anything. Where a `crowd` of texts is known, a post has one
coordinate more, how much nearer than usual it lies to those of the crowd around it, and a question in words a constant
there: the cosine takes the one from the other.

Where a text encoder read the texts (`reader`), what they mean stands beside their words, and each side has a hidden
layer beside its straight map. A post is placed by its words alone: it was learned so that these do, too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from common.arrays import AnyFloat, Float32, Float64
from topic_model.alignment.hidden import bent
from topic_model.alignment.reader import TextReader, Wordings, read_all
from topic_model.corpus import Corpus, encode
from topic_model.document import TAG, TEXT, Document
from topic_model.vocabulary import Vocabulary

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

LATENT = 500  # axes of the texts
DIMENSIONS = 256
HELD_BACK = 0.3  # of the mean variance, added to each: what few posts have must not decide
LEAST_POSTS = 200
AROUND = 20  # texts of the crowd nearest to a post tell how crowded it is there
CROWDING = 0.6  # of what a post is nearer to the crowd than usual is taken from its cosines
STEEP = 0.5  # a question's last coordinate: small, so that a cosine is still about that of the others
_AT_ONCE = 1000


def _none(*shape: int) -> Float32:
    return np.zeros(shape, np.float32)


@dataclass(frozen=True, slots=True)
class Aligned:
    """Maps of both sides; `idf` and `text_map` have a row for each token of the vocabulary.

    `crowd` are places of texts, none at first, and `usual` is how near photos mostly lie to those around them. Photos
    that ask have an `asking_map` of their own where photos and texts were brought together and photos apart.
    Hidden layers take the measured features, and the place of the words with what they mean beside it.
    `read_by` is the id of who read what texts mean, and `reader` is he himself, where he is at hand.
    """

    vocabulary: Vocabulary
    idf: Float32
    photo_mean: Float32
    photo_map: Float32
    text_mean: Float32
    text_map: Float32
    crowd: Float32 = field(default_factory=lambda: _none(0, 0))
    usual: Float32 = field(default_factory=_none)
    asking_map: Float32 = field(default_factory=lambda: _none(0, 0))
    photo_entering: Float32 = field(default_factory=lambda: _none(0, 0))
    photo_bias: Float32 = field(default_factory=lambda: _none(0))
    photo_leaving: Float32 = field(default_factory=lambda: _none(0, 0))
    text_entering: Float32 = field(default_factory=lambda: _none(0, 0))
    text_bias: Float32 = field(default_factory=lambda: _none(0))
    text_leaving: Float32 = field(default_factory=lambda: _none(0, 0))
    meaning_mean: Float32 = field(default_factory=lambda: _none(0))
    meaning_map: Float32 = field(default_factory=lambda: _none(0, 0))
    read_by: str = ""
    reader: TextReader | None = field(default=None, repr=False, compare=False)

    @property
    def size(self) -> int:
        """Length of a vector."""
        return int(self.photo_map.shape[1]) + bool(len(self.crowd))

    def with_reader(self, reader: TextReader | None) -> "Aligned":
        """The same with the text encoder at hand that taught it; without that one texts lie by their words alone."""
        fits = reader is not None and reader.id == self.read_by
        return replace(self, reader=reader if fits else None)

    def of_photos(self, features: Float32) -> Float32:
        """Place photos that are asked with, by what was measured in them: a row of length 1 for each."""
        if self.asking_map.size:
            embeddings = unit((features - self.photo_mean) @ self.asking_map)
        else:
            embeddings = self._photos(features)
        return self._asking(embeddings, 0)  # what looks alike is, wherever it is crowded

    def of_posts(self, features: Float32, documents: Iterable[Document]) -> Float32:
        """Place posts half way between their photos and what is said of them; those without words by the photo."""
        embeddings = unit(self._photos(features) + self._texts(documents))
        if not len(self.crowd):
            return embeddings
        more = CROWDING * (self.crowding(embeddings) - self.usual) * embeddings.any(axis=1)
        return unit(np.column_stack([embeddings, -more / STEEP]))

    def of_text(self, document: Document, wordings: Wordings = ()) -> Float32 | None:
        """Place words that are asked, and what they mean as they were put; None without a known word or meaning."""
        (embedding,) = self.of_texts([document], [wordings])
        return embedding if embedding.any() else None

    def of_texts(self, documents: Iterable[Document], texts: Sequence[Wordings] = ()) -> Float32:
        """Place the words of many questions, and what they mean; a row of zeros without a known word or meaning."""
        return self._asking(self._texts(documents, texts), STEEP)

    def crowding(self, embeddings: Float32) -> Float32:
        """How near places lie to the texts of the crowd around them: the mean cosine."""
        around = min(AROUND, len(self.crowd))
        parts = [embeddings[at : at + _AT_ONCE] @ self.crowd.T for at in range(0, len(embeddings), _AT_ONCE)]
        nearest = [np.partition(near, -around, axis=1)[:, -around:].mean(axis=1) for near in parts]
        return np.concatenate(nearest) if nearest else np.zeros(0, np.float32)

    def among(self, features: Float32, documents: Iterable[Document], texts: Sequence[Wordings] = ()) -> "Aligned":
        """The same with these texts for a crowd, if they have a place; these photos tell what is usual."""
        places = self._texts(documents, texts)
        crowded = replace(self, crowd=places[places.any(axis=1)])
        if not len(crowded.crowd):
            return self
        return replace(crowded, usual=np.asarray(crowded.crowding(self._photos(features)).mean()))

    def _photos(self, features: Float32) -> Float32:
        centred = features - self.photo_mean
        straight = centred @ self.photo_map
        if not self.photo_entering.size:
            return unit(straight)
        return unit(straight + bent(centred, self.photo_entering, self.photo_bias) @ self.photo_leaving)

    def _texts(self, documents: Iterable[Document], texts: Sequence[Wordings] = ()) -> Float32:
        places = weighed(encode(documents, self.vocabulary), self.idf) @ self.text_map
        places = np.where(places.any(axis=1, keepdims=True), places - self.text_mean, 0).astype(np.float32)
        meanings = self._meanings(texts, len(places))
        embeddings = places + meanings @ self.meaning_map if meanings.size else places
        if self.text_entering.size:
            both = np.concatenate([places, meanings], axis=1)
            more = bent(both, self.text_entering, self.text_bias) @ self.text_leaving
            embeddings = embeddings + np.where(both.any(axis=1, keepdims=True), more, 0)
        return unit(embeddings)

    def _meanings(self, texts: Sequence[Wordings], count: int) -> Float32:
        """What texts mean; rows of zeros where nobody reads, and of those that say nothing to who does."""
        if self.reader is None or len(texts) != count:
            return np.zeros((count, len(self.meaning_mean)), np.float32)
        meanings = read_all(self.reader, texts)
        return np.where(meanings.any(axis=1, keepdims=True), meanings - self.meaning_mean, 0).astype(np.float32)

    def _asking(self, embeddings: Float32, steep: float) -> Float32:
        if not len(self.crowd):
            return embeddings
        last = steep * embeddings.any(axis=-1, keepdims=True)
        return unit(np.concatenate([embeddings, last], axis=-1, dtype=np.float32))


ARRAYS = ("idf", "photo_mean", "photo_map", "text_mean", "text_map")
REFINED = (  # not in models of before
    "crowd",
    "usual",
    "asking_map",
    "photo_entering",
    "photo_bias",
    "photo_leaving",
    "text_entering",
    "text_bias",
    "text_leaving",
    "meaning_mean",
    "meaning_map",
)


def align(features: Float32, documents: Sequence[Document], vocabulary: Vocabulary) -> Aligned | None:
    """Learn from the photos and the words of the same posts, row by row; None when too few of them have known words."""
    known = vocabulary.only(TEXT, TAG)
    corpus = encode(documents, known)
    worded = np.diff(corpus.indptr) > 0
    if worded.sum() < LEAST_POSTS:
        return None
    idf = _idf(corpus, known.size)
    words = weighed(corpus, idf)[worded]
    latent = _latent(words, min(LATENT, known.size - 1, len(words.indptr) - 2))
    texts = words.astype(np.float64) @ latent
    photos = features[worded].astype(np.float64)
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


def _correlated(left: Float64, right: Float64, dimensions: int) -> tuple[Float64, Float64]:
    """Maps of two centred sides to directions that go together, each weighed by the square of its correlation."""
    whiten_left, whiten_right = whitening(left), whitening(right)
    between = whiten_left.T @ (left.T @ right / len(left)) @ whiten_right
    turn_left, correlations, turn_right = np.linalg.svd(between, full_matrices=False)
    weights = correlations[:dimensions] ** 2
    return whiten_left @ turn_left[:, :dimensions] * weights, whiten_right @ turn_right[:dimensions].T * weights


def whitening(rows: Float64) -> Float64:
    """A map of centred rows to directions of one spread, less where rows differ little."""
    covariance = rows.T @ rows / len(rows)
    covariance[np.diag_indices(len(covariance))] += HELD_BACK * covariance.trace() / len(covariance)
    values, axes = np.linalg.eigh(covariance)
    return np.asarray(axes / np.sqrt(np.maximum(values, 1e-12)))


def _idf(corpus: Corpus, size: int) -> Float32:
    with_word = np.bincount(corpus.rows, minlength=size)
    return np.asarray(np.log(max(corpus.documents, 1) / np.maximum(with_word, 1)) + 1, np.float32)


def weighed(corpus: Corpus, idf: Float32) -> "csr_matrix":
    """Documents x tokens, weighed by idf, each row of length 1."""
    from scipy.sparse import csr_matrix  # takes a third of a second to load, and most homes and commands never need it

    values = corpus.counts * idf[corpus.rows]
    document = np.repeat(np.arange(corpus.documents), np.diff(corpus.indptr))
    lengths = np.sqrt(np.bincount(document, values.astype(np.float64) ** 2, corpus.documents))
    values /= lengths[document].astype(np.float32)
    return csr_matrix((values, corpus.rows, corpus.indptr), (corpus.documents, len(idf)))


def _latent(words: "csr_matrix", axes: int) -> Float64:
    """The directions in which texts differ most, tokens x axes."""
    from scipy.sparse.linalg import svds

    _, _, right = svds(words.astype(np.float64), k=axes, v0=np.ones(min(words.shape)))
    return np.asarray(right.T)


def unit(rows: AnyFloat) -> Float32:
    """Rows of length 1; those of zeros stay."""
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12), np.float32)
