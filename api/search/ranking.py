"""The last ordering: how likely a candidate is to have said or shown what was asked, and how much it looks like it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from common.arrays import Float32, Float64
from common.stats import standard_scores
from qdrant.outline import Outlines
from qdrant.store import Target
from qdrant.vector_kind import ALIGNED, DUAL, THETA, Measure, VectorKind
from topic_model.document import IMAGE, TAG, TEXT, Document, own_words
from topic_model.ideas.widening import NOTHING_MORE, Widening
from topic_model.model import TopicModel
from topic_model.ranking.likelihood import of_photo, parts_of_words
from topic_model.ranking.weights import Ranking

PHOTO_TO_PHOTO = 1.0  # what the aligned arm weighs for a photo: found on photos whose captions are alike

# What each kind of embeddings weighs where nobody says otherwise, by its model's ranking, and whether a photo asks; a
# visitor's weights name a kind as they name a modality.
WEIGHTS: dict[VectorKind, Callable[[Ranking, bool], float]] = {
    ALIGNED: lambda ranking, by_photo: PHOTO_TO_PHOTO if by_photo else ranking.aligned,
    DUAL: lambda ranking, _: ranking.dual,
}


def order(
    query: Document,
    posts: Outlines,
    model: TopicModel,
    weights: Mapping[str, float],
    near: Mapping[VectorKind, Target] = MappingProxyType({}),
    widening: Widening = NOTHING_MORE,
) -> list[int]:
    """Order posts by the likelihood of the query's words and of its photo, and by its embeddings; ties by id.

    Each part is brought to one scale and weighted; `near` are the query's embeddings by kind, `widening` tells which
    words say the same as its own.
    """
    thetas = _thetas(posts, model)
    total = np.zeros(len(posts.ids))
    mixture = model.ranking.mixture
    words = list(own_words({modality: query.get(modality, {}) for modality in (TEXT, TAG)}))
    tokens, table = widening.table(words, model)
    if tokens:
        parts = parts_of_words(tokens, thetas, posts.words.shares(tokens), model)
        likelihood = parts.joined(table).likelihood(mixture).sum(axis=1)
        total += weights.get(TEXT, 1.0) * standard_scores(likelihood)
    if query.get(IMAGE):
        total += weights.get(IMAGE, 1.0) * standard_scores(of_photo(query[IMAGE], thetas, model, mixture))
    for kind, target in near.items():
        nearness = likeness(target.values, posts.vector(kind, target.owner), len(posts.ids), kind.measure)
        usual = WEIGHTS[kind](model.ranking, bool(query.get(IMAGE)))
        total += weights.get(kind.name, usual) * standard_scores(nearness)
    return sorted(range(len(posts.ids)), key=lambda row: (-total[row], posts.ids[row]))


def likeness(embedding: Float32, others: Float32 | None, posts: int, measure: Measure) -> Float64:
    """How near an embedding is to those of posts; a post without one is as near as the mean of the others."""
    if others is None:
        return np.zeros(posts)
    near = others @ embedding if measure is Measure.COSINE else -np.abs(others - embedding).sum(axis=1)
    known = ~np.isnan(near)
    return np.where(known, near, near[known].mean() if known.any() else 0.0).astype(np.float64)


def _thetas(posts: Outlines, model: TopicModel) -> Float32:
    """The topics of posts; a post without topics has none of each."""
    thetas = posts.vector(THETA)
    return np.zeros((len(posts.ids), model.topics), np.float32) if thetas is None else np.nan_to_num(thetas)
