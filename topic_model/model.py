"""TopicModel: what training leaves and the service uses. Infers theta, names topics, finds the words of a theta."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topic_model.corpus import encode
from topic_model.document import TAG, TEXT, Document
from topic_model.inference import infer, infer_batch
from topic_model.recipe import Recipe
from topic_model.regularisers import settled
from topic_model.vocabulary import Vocabulary

Floats = NDArray[np.float32]

QUERY_ITERATIONS = 2  # more would collapse a short text onto one topic
POST_ITERATIONS = 5
_TINY = np.float32(1e-12)


@dataclass(frozen=True, slots=True)
class Word:
    """A token as people read it, with its probability and how much more likely it is here than anywhere."""

    token: str
    label: str
    p: float
    lift: float


@dataclass(frozen=True)
class TopicModel:
    """Phi and the vocabulary it speaks of; `unigram` is each token's share of its modality in the corpus."""

    id: str
    vocabulary: Vocabulary
    phi: Floats
    unigram: Floats
    topic_shares: Floats
    recipe: Recipe
    encoder: str
    labels: Mapping[str, str] = field(default_factory=dict, repr=False)
    history: Sequence[float] = ()

    @property
    def topics(self) -> int:
        """Number of topics."""
        return int(self.phi.shape[1])

    @cached_property
    def background(self) -> frozenset[int]:
        """The topics that hold what every post has."""
        return frozenset(range(self.topics - self.recipe.background, self.topics))

    @cached_property
    def _prior(self) -> Floats:
        return settled(self.recipe.regularisers, self.topics, self.recipe.background)

    @cached_property
    def _keep(self) -> Floats:
        return np.ones(self.topics, dtype=np.float32)

    def theta(
        self, document: Document, weights: Mapping[str, float] | None = None, iterations: int = QUERY_ITERATIONS
    ) -> Floats | None:
        """Infer the topics of one document; None when the model knows none of its tokens."""
        corpus = encode([document], self.vocabulary, self._weights(weights))
        theta = np.empty(self.topics, dtype=np.float32)
        if len(corpus.rows):
            infer(corpus.rows, corpus.counts, self.phi, self._keep, self._prior, iterations, theta)
            if theta.any():
                return theta
        return None

    def thetas(self, documents: Iterable[Document], iterations: int = POST_ITERATIONS) -> list[Floats | None]:
        """Infer the topics of many documents at once; None for those without a known token."""
        corpus = encode(documents, self.vocabulary, self._weights(None))
        batch = infer_batch(corpus.indptr, corpus.rows, corpus.counts, self.phi, self._keep, self._prior, iterations)
        return [theta if theta.any() else None for theta in batch]

    def unknown(self, document: Document) -> list[str]:
        """List the words and hashtags that the model has never seen."""
        return [
            ("#" if modality == TAG else "") + token
            for modality in (TEXT, TAG)
            for token in document.get(modality, ())
            if token not in self.vocabulary.rows.get(modality, ())
        ]

    def words(self, theta: Floats, modality: str, limit: int = 10) -> list[Word]:
        """Find the tokens that this mixture of topics makes likely, not merely common ones."""
        rows = self.vocabulary.slices.get(modality)
        return self._telling(rows, modality, self.phi[rows] @ theta, limit) if rows else []

    def classify(self, theta: Floats, modality: str, limit: int = 10) -> list[Word]:
        """Give the likeliest tokens of a modality, such as albums or genres, by their plain probability."""
        rows = self.vocabulary.slices.get(modality)
        if rows is None:
            return []
        p = self.phi[rows] @ theta
        return self._words(rows, modality, p, np.argsort(-p, kind="stable")[:limit])

    def topic_words(self, topic: int, modality: str = TEXT, limit: int = 5) -> list[Word]:
        """Find the tokens that tell a topic from the others."""
        rows = self.vocabulary.slices.get(modality)
        return self._telling(rows, modality, self.phi[rows, topic], limit) if rows else []

    def label(self, modality: str, token: str) -> str:
        """Give a token as people would write it."""
        return f"#{token}" if modality == TAG else self.labels.get(token, token)

    def describe(self) -> dict[str, Any]:
        """Say what kind of model this is, in plain data."""
        sizes = {modality: len(tokens) for modality, tokens in self.vocabulary.tokens.items()}
        return {"id": self.id, "topics": self.topics, "vocabulary": sizes, "encoder": self.encoder}

    def _weights(self, weights: Mapping[str, float] | None) -> dict[str, float]:
        return {**self.recipe.weights, **(weights or {})}

    def _telling(self, rows: slice, modality: str, p: Floats, limit: int) -> list[Word]:
        """Order tokens by p log(p / p of the corpus): likely and, above all, likelier than elsewhere."""
        lift = p / np.maximum(self.unigram[rows], _TINY)
        telling = p * np.log(np.maximum(lift, _TINY))
        best = [place for place in np.argsort(-telling, kind="stable")[:limit] if telling[place] > 0]
        return self._words(rows, modality, p, best)

    def _words(self, rows: slice, modality: str, p: Floats, places: Iterable[int]) -> list[Word]:
        tokens, usual = self.vocabulary.tokens[modality], self.unigram[rows]
        return [
            Word(tokens[i], self.label(modality, tokens[i]), float(p[i]), float(p[i] / max(usual[i], _TINY)))
            for i in places
        ]
