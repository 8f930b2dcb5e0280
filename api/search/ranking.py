"""The last ordering: how likely a candidate is to have said or shown what was asked, and how much it looks like it."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from common.arrays import Float32, Float64
from common.stats import standard_scores
from qdrant.points import StoredPoint
from qdrant.store import Target
from qdrant.vector_kind import ALIGNED, DUAL, Measure, VectorKind
from topic_model.document import IMAGE, TAG, TEXT, Document, own_words
from topic_model.model import TopicModel
from topic_model.ranking.likelihood import of_photo, of_words
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
    points: Sequence[StoredPoint],
    model: TopicModel,
    weights: Mapping[str, float],
    near: Mapping[VectorKind, Target] = MappingProxyType({}),
) -> list[int]:
    """Order candidates by the likelihood of the query's words and of its photo, and by its embeddings; ties by id.

    Each part is brought to one scale and weighted; `near` are the query's embeddings by kind.
    """
    thetas = np.array([np.zeros(model.topics, np.float32) if point.theta is None else point.theta for point in points])
    total = np.zeros(len(points))
    mixture = model.ranking.mixture
    words = own_words({modality: query.get(modality, {}) for modality in (TEXT, TAG)})
    if words:
        likelihood = of_words(list(words), thetas, [point.words for point in points], model, mixture).sum(axis=1)
        total += weights.get(TEXT, 1.0) * standard_scores(likelihood)
    if query.get(IMAGE):
        total += weights.get(IMAGE, 1.0) * standard_scores(of_photo(query[IMAGE], thetas, model, mixture))
    for kind, target in near.items():
        nearness = likeness(target.values, [point.vector(kind, target.owner) for point in points], kind.measure)
        usual = WEIGHTS[kind](model.ranking, bool(query.get(IMAGE)))
        total += weights.get(kind.name, usual) * standard_scores(nearness)
    return sorted(range(len(points)), key=lambda rank: (-total[rank], points[rank].id))


def likeness(embedding: Float32, others: Sequence[Float32 | None], measure: Measure) -> Float64:
    """How near an embedding is to those of posts; a post without one is as near as the mean of the others."""
    near = np.array([np.nan if other is None else _nearness(embedding, other, measure) for other in others])
    known = ~np.isnan(near)
    return np.where(known, near, near[known].mean() if known.any() else 0.0)


def _nearness(one: Float32, other: Float32, measure: Measure) -> float:
    return float(one @ other) if measure is Measure.COSINE else -float(np.abs(one - other).sum())
