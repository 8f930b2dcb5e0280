"""Training: from documents to a TopicModel."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from topic_model.corpus import encode
from topic_model.document import MODALITIES, TEXT, Document
from topic_model.em import Recipe, fit, theta_prior
from topic_model.kernels import infer_batch
from topic_model.model import POST_ITERATIONS, TopicModel
from topic_model.tokens import surfaces
from topic_model.vocabulary import Vocabulary, build_vocabulary


def train(
    documents: Sequence[Document],
    recipe: Recipe,
    *,
    encoder: str = "none",
    labels: Mapping[str, str] | None = None,
    progress: Callable[[int, float], None] | None = None,
) -> TopicModel:
    """Learn topics from documents; `labels` are the readable forms of tokens, `encoder` names the visual words."""
    vocabulary = build_vocabulary(documents, MODALITIES)
    corpus = encode(documents, vocabulary, recipe.weights)
    phi, history = fit(corpus, vocabulary, recipe, progress)
    thetas = infer_batch(corpus.indptr, corpus.rows, corpus.counts, phi, theta_prior(recipe), POST_ITERATIONS)
    shares = thetas.sum(axis=0, dtype=np.float64)
    return TopicModel(
        id=_identity(vocabulary, phi, recipe, encoder),
        vocabulary=vocabulary,
        phi=phi,
        unigram=_unigram(corpus.mass(vocabulary.size), vocabulary),
        topic_shares=(shares / max(shares.sum(), 1e-12)).astype(np.float32),
        recipe=recipe,
        encoder=encoder,
        labels=_known(labels or {}, vocabulary),
        history=tuple(history),
    )


def readable_labels(texts: Iterable[str]) -> dict[str, str]:
    """For each stem, the form in which people wrote it most often; Russian lemmas are words already."""
    seen: dict[str, Counter[str]] = {}
    for text in texts:
        for token, surface in surfaces(text):
            if token.isascii():
                seen.setdefault(token, Counter())[surface] += 1
    return {token: min(forms.items(), key=lambda form: (-form[1], form[0]))[0] for token, forms in seen.items()}


def _known(labels: Mapping[str, str], vocabulary: Vocabulary) -> dict[str, str]:
    tokens = vocabulary.tokens.get(TEXT, ())
    return {token: labels[token] for token in tokens if labels.get(token, token) != token}


def _unigram(mass: NDArray[np.float64], vocabulary: Vocabulary) -> NDArray[np.float32]:
    shares = np.zeros(vocabulary.size, dtype=np.float32)
    for rows in vocabulary.slices.values():
        shares[rows] = mass[rows] / max(mass[rows].sum(), 1e-12)
    return shares


def _identity(vocabulary: Vocabulary, phi: NDArray[np.float32], recipe: Recipe, encoder: str) -> str:
    """Name a model by what it holds, so that two models never share a name."""
    digest = hashlib.sha256(json.dumps([vocabulary.tokens, recipe.as_dict(), encoder], ensure_ascii=False).encode())
    digest.update(np.ascontiguousarray(phi).tobytes())
    return digest.hexdigest()[:12]
