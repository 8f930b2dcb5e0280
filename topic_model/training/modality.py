"""A modality comes to a trained model, or goes: only its Phi is fitted or left out, the topics stay bit for bit."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from common.arrays import Float32
from topic_model.corpus import Corpus, encode
from topic_model.document import IMAGE, TAG, TEXT, Document
from topic_model.errors import CorpusError
from topic_model.model import TopicModel
from topic_model.training.em import normalise
from topic_model.training.train import identity, unigram
from topic_model.vocabulary import TokenBounds, Vocabulary, build_vocabulary

KEPT = frozenset({TEXT, TAG, IMAGE})
_CHUNK = 65_536
_TINY = np.float32(1e-25)  # as in the kernels


def add_modality(
    model: TopicModel,
    documents: Iterable[Document],
    modality: str,
    bounds: TokenBounds | None = None,
    weight: float = 1.0,
    rounds: int = 10,
) -> TopicModel:
    """Learn which tokens of a new modality go with each topic, from documents that have it beside the known ones.

    By its `weight` its tokens count when topics are inferred; with 0 they say nothing, and are only classified into.
    """
    if modality in model.vocabulary.tokens:
        raise CorpusError(f"The model has the modality {modality!r} already: train anew to learn it from other posts.")
    documents = list(documents)
    added = build_vocabulary(documents, (modality,), {modality: bounds or TokenBounds()})
    thetas = model.thetas(documents)
    usable = [(document, theta) for document, theta in zip(documents, thetas, strict=True) if theta is not None]
    corpus = encode([document for document, _ in usable], added)
    if len(corpus.rows) == 0:
        raise CorpusError(f"No document has both a token of {modality!r} and one that the model knows.")
    phi = _fit(corpus, np.array([theta for _, theta in usable]), added, rounds)
    vocabulary = Vocabulary({**model.vocabulary.tokens, **added.tokens})
    recipe = replace(model.recipe, weights={**model.recipe.weights, modality: weight})
    whole = np.vstack([model.phi, phi])
    return replace(
        model,
        id=identity(vocabulary, whole, recipe, model.encoder),
        vocabulary=vocabulary,
        phi=whole,
        unigram=np.concatenate([model.unigram, unigram(corpus.mass(added.size), added)]),
        recipe=recipe,
    )


def remove_modality(model: TopicModel, modality: str) -> TopicModel:
    """Leave out what was learned of a modality; words, hashtags and photos stay, which everything else is made of."""
    if modality in KEPT or modality not in model.vocabulary.tokens:
        further = ", ".join(name for name in model.vocabulary.tokens if name not in KEPT) or "none"
        raise CorpusError(f"{modality!r} is no further modality of this model (there is: {further}).")
    rows = np.ones(model.vocabulary.size, dtype=bool)
    rows[model.vocabulary.slices[modality]] = False
    vocabulary = model.vocabulary.only(*(name for name in model.vocabulary.tokens if name != modality))
    weights = {name: weight for name, weight in model.recipe.weights.items() if name != modality}
    heard = {name: weight for name, weight in model.recipe.heard.items() if name != modality}
    recipe, phi = replace(model.recipe, weights=weights, heard=heard), np.ascontiguousarray(model.phi[rows])
    return replace(
        model,
        id=identity(vocabulary, phi, recipe, model.encoder),
        vocabulary=vocabulary,
        phi=phi,
        unigram=model.unigram[rows],
        recipe=recipe,
    )


def _fit(corpus: Corpus, thetas: Float32, added: Vocabulary, rounds: int) -> Float32:
    """EM with theta held fast: phi_wt <- norm over w of sum_d n_dw p(t|d,w)."""
    of_document = np.repeat(np.arange(corpus.documents), np.diff(corpus.indptr))
    phi = np.full((added.size, thetas.shape[1]), 1.0 / added.size, dtype=np.float32)
    for _ in range(rounds):
        n_wt = np.zeros_like(phi)
        for first in range(0, len(corpus.rows), _CHUNK):
            part = slice(first, first + _CHUNK)
            rows = corpus.rows[part]
            shares = phi[rows] * thetas[of_document[part]]
            p = shares.sum(axis=1, keepdims=True)
            shares *= np.divide(corpus.counts[part, None], p, out=np.zeros_like(p), where=p > _TINY)
            np.add.at(n_wt, rows, shares)
        phi = normalise(n_wt, added)
    return phi
