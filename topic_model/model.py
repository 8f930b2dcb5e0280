"""TopicModel: what training leaves and the service uses. Infers theta, names topics, finds the words of a theta.

A committee is a model too: the topics of its members stand side by side, and so do their thetas, each divided by the
number of members. The whole sums to 1 again, and L1 over it is the mean of the members' L1.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from common.arrays import Float32
from topic_model.alignment.aligned import Aligned
from topic_model.corpus import Corpus, encode
from topic_model.document import TAG, TEXT, Document
from topic_model.kernels.inference import infer, infer_batch
from topic_model.ranking.weights import Ranking
from topic_model.training.recipe import Recipe
from topic_model.training.regularisers import final_prior
from topic_model.vocabulary import Vocabulary

QUERY_ITERATIONS = 2  # more would collapse a short text onto one topic
POST_ITERATIONS = 5
_TINY = np.float32(1e-12)
_UNSEEN = 1e-6


@dataclass(frozen=True, slots=True)
class TopicWord:
    """A token as people read it, with its probability and how much more likely it is here than anywhere."""

    token: str
    label: str
    p: float
    lift: float


@dataclass(frozen=True)
class TopicModel:
    """Phi and the vocabulary it speaks of; `unigram` is each token's share of its modality in the corpus.

    The columns of Phi are the topics of all members, one member after another. `aligned` places photos among texts,
    where that could be learned.
    """

    id: str
    vocabulary: Vocabulary
    phi: Float32
    unigram: Float32
    topic_shares: Float32
    recipe: Recipe
    encoder: str
    labels: Mapping[str, str] = field(default_factory=dict, repr=False)
    history: Sequence[float] = ()
    aligned: Aligned | None = field(default=None, repr=False)
    ranking: Ranking = field(default_factory=Ranking)

    @property
    def topics(self) -> int:
        """Number of topics, those of all members."""
        return int(self.phi.shape[1])

    @property
    def aligned_size(self) -> int:
        """How long the vectors are that place photos among texts; 0 where that was not learned."""
        return self.aligned.size if self.aligned else 0

    @cached_property
    def members(self) -> tuple["TopicModel", ...]:
        """The models that judge together, each by itself; the first one is who explains."""
        recipes = self.recipe.members()
        if len(recipes) == 1:
            return (self,)
        return tuple(
            replace(
                self,
                phi=np.ascontiguousarray(self.phi[:, own]),
                topic_shares=self.topic_shares[own] * np.float32(len(recipes)),
                recipe=recipe,
            )
            for own, recipe in zip(self._slices, recipes, strict=True)
        )

    @cached_property
    def unseen(self) -> float:
        """Share of a word that it does not know in everybody's speech: half that of the rarest which it knows.

        In a large corpus that is next to nothing. In one of a few hundred posts it is not, and who says such a word has
        not said that much.
        """
        rows = self.vocabulary.slices.get(TEXT, slice(0))
        shares = self.unigram[rows]
        return max(_UNSEEN, float(shares[shares > 0].min()) / 2) if (shares > 0).any() else _UNSEEN

    @cached_property
    def background(self) -> frozenset[int]:
        """The topics that hold what every post has."""
        return frozenset(topic for own in self._slices for topic in range(own.stop - self.recipe.background, own.stop))

    @cached_property
    def _slices(self) -> tuple[slice, ...]:
        size = self.topics // self.recipe.committee
        return tuple(slice(first, first + size) for first in range(0, self.topics, size))

    @cached_property
    def _prior(self) -> Float32:
        return final_prior(self.recipe.regularisers, self.topics, self.recipe.background)

    @cached_property
    def _keep(self) -> Float32:
        return np.ones(self.topics, dtype=np.float32)

    def theta(
        self, document: Document, weights: Mapping[str, float] | None = None, iterations: int = QUERY_ITERATIONS
    ) -> Float32 | None:
        """Infer the topics of one document; None when the model knows none of its tokens."""
        corpus = encode([document], self.vocabulary, self._weights(weights))
        if not len(corpus.rows):
            return None
        theta = _side_by_side([member._infer(corpus, iterations)[None] for member in self.members])[0]
        return theta if theta.any() else None

    def _infer(self, corpus: Corpus, iterations: int) -> Float32:
        theta = np.empty(self.topics, dtype=np.float32)
        infer(corpus.rows, corpus.counts, self.phi, self._keep, self._prior, iterations, theta)
        return theta

    def thetas(self, documents: Iterable[Document], iterations: int = POST_ITERATIONS) -> list[Float32 | None]:
        """Infer the topics of many documents at once; None for those without a known token."""
        corpus = encode(documents, self.vocabulary, self._weights(None))
        return [theta if theta.any() else None for theta in self.infer_corpus(corpus, iterations)]

    def infer_corpus(self, corpus: Corpus, iterations: int = POST_ITERATIONS) -> Float32:
        """Infer the topics of a corpus, encoded with this vocabulary; a row of zeros without a known token."""
        indptr, rows, counts = corpus.indptr, corpus.rows, corpus.counts
        return _side_by_side(
            [
                infer_batch(indptr, rows, counts, member.phi, member._keep, member._prior, iterations)
                for member in self.members
            ]
        )

    def split(self, thetas: Float32) -> list[Float32]:
        """Cut thetas, one or rows of them, into those of each member."""
        return [thetas[..., own] * np.float32(len(self.members)) for own in self._slices]

    def first_member(self, theta: Float32) -> Float32:
        """Of a theta, what the first member says: explanations are made of it."""
        return self.split(theta)[0] if len(self.members) > 1 else theta

    def unknown(self, document: Document) -> list[str]:
        """List the words and hashtags that the model has never seen."""
        return [
            ("#" if modality == TAG else "") + token
            for modality in (TEXT, TAG)
            for token in document.get(modality, ())
            if token not in self.vocabulary.rows.get(modality, ())
        ]

    def words(self, theta: Float32, modality: str, limit: int = 10) -> list[TopicWord]:
        """Find the tokens that this mixture of topics makes likely, not merely common ones."""
        rows = self.vocabulary.slices.get(modality)
        return self._telling(rows, modality, self.phi[rows] @ theta, limit) if rows else []

    def classify(self, theta: Float32, modality: str, limit: int = 10) -> list[TopicWord]:
        """Give the likeliest tokens of a modality, such as albums or genres, by their plain probability."""
        rows = self.vocabulary.slices.get(modality)
        if rows is None:
            return []
        p = self.phi[rows] @ theta
        return self._words(rows, modality, p, np.argsort(-p, kind="stable")[:limit])

    def topic_words(self, topic: int, modality: str = TEXT, limit: int = 5) -> list[TopicWord]:
        """Find the tokens that tell a topic from the others."""
        rows = self.vocabulary.slices.get(modality)
        return self._telling(rows, modality, self.phi[rows, topic], limit) if rows else []

    def label(self, modality: str, token: str) -> str:
        """Give a token as people would write it."""
        return f"#{token}" if modality == TAG else self.labels.get(token, token)

    def _weights(self, weights: Mapping[str, float] | None) -> dict[str, float]:
        return {**self.recipe.weights, **self.recipe.heard, **(weights or {})}

    def _telling(self, rows: slice, modality: str, p: Float32, limit: int) -> list[TopicWord]:
        """Order tokens by p log(p / p of the corpus): likely and, above all, likelier than elsewhere."""
        lift = p / np.maximum(self.unigram[rows], _TINY)
        telling = p * np.log(np.maximum(lift, _TINY))
        best = [index for index in np.argsort(-telling, kind="stable")[:limit] if telling[index] > 0]
        return self._words(rows, modality, p, best)

    def _words(self, rows: slice, modality: str, p: Float32, indices: Iterable[int]) -> list[TopicWord]:
        tokens, usual = self.vocabulary.tokens[modality], self.unigram[rows]
        return [
            TopicWord(tokens[i], self.label(modality, tokens[i]), float(p[i]), float(p[i] / max(usual[i], _TINY)))
            for i in indices
        ]


def _side_by_side(thetas: Sequence[Float32]) -> Float32:
    """Put the thetas of the members of a committee, rows of the same documents, into one that sums to 1."""
    if len(thetas) == 1:
        return thetas[0]
    joined = np.concatenate(thetas, axis=1)
    whole: Float32 = joined / np.maximum(joined.sum(axis=1, keepdims=True), _TINY)
    return whole
