"""The last ordering: how likely a candidate is to be what was asked for, by its words, its photo and where it lies."""

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
from topic_model.ranking.likelihood import of_photo
from topic_model.ranking.likeness import likeness_odds
from topic_model.ranking.odds import Nearness, known_share, odds_by_kind, speech_of
from topic_model.ranking.weights import ALIGNED as USUAL_ALIGNED
from topic_model.ranking.weights import DUAL as USUAL_DUAL
from topic_model.ranking.weights import Ranking

PHOTO_TO_PHOTO = 1.0  # what the aligned arm weighs for a photo: found on photos whose captions are alike

# What each kind of embeddings weighs where nobody says otherwise, by its model's ranking, and whether a photo asks; a
# visitor's weights name a kind as they name a modality.
WEIGHTS: dict[VectorKind, Callable[[Ranking, bool], float]] = {
    ALIGNED: lambda ranking, by_photo: PHOTO_TO_PHOTO if by_photo else ranking.aligned,
    DUAL: lambda ranking, _: ranking.dual,
}


def scores_of(
    query: Document,
    posts: Outlines,
    model: TopicModel,
    weights: Mapping[str, float],
    near: Mapping[VectorKind, Target] = MappingProxyType({}),
    widening: Widening = NOTHING_MORE,
) -> Float64:
    """What posts are ordered by: of words, the log-odds that they are about the post; where a photo asks, a score.

    `near` are the query's embeddings by kind, `widening` tells which words say the same as its own. A dual encoder, of
    which no caption has told yet what its cosines mean, is weighed by how far the posts lie apart.
    """
    if not query.get(IMAGE):
        odds = odds_of(query, posts, model, near, weights, widening)
        return odds + _nearness(uncalibrated(near, model), posts, model, weights, by_photo=False)
    thetas = thetas_of(posts, model)
    total = np.zeros(len(posts.ids))
    mixture = model.ranking.mixture
    words = own_words({modality: query.get(modality, {}) for modality in (TEXT, TAG)})
    if words:
        speech = speech_of(list(words), widening, thetas, posts.words.shares, model)
        total += weights.get(TEXT, 1.0) * standard_scores(speech.lift)
    if query.get(IMAGE):
        total += weights.get(IMAGE, 1.0) * standard_scores(of_photo(query[IMAGE], thetas, model, mixture))
    return total + _nearness(near, posts, model, weights, by_photo=True)


def likeness_scores(
    query: Document,
    posts: Outlines,
    shared: Float64,
    model: TopicModel,
    weights: Mapping[str, float] = MappingProxyType({}),
    near: Mapping[VectorKind, Target] = MappingProxyType({}),
) -> Float64:
    """What posts are ordered by where no words ask: the log-odds that people would describe them alike.

    `shared` are the topics that each has in common with what asks, NaN where it is not known. A dual encoder
    is weighed as beside words.
    """
    mass = np.nan_to_num(shared)
    places, aligned = posts.vector(ALIGNED), near.get(ALIGNED)
    cosines = np.full(len(mass), np.nan)
    if places is not None and aligned is not None:
        cosines = (places @ aligned.values).astype(np.float64)
    of_nearness = weights.get(ALIGNED.name, PHOTO_TO_PHOTO) / PHOTO_TO_PHOTO
    by_photo = bool(query.get(IMAGE)) and not own_words(query)
    odds = likeness_odds(
        mass,
        cosines,
        model.ranking.likeness,
        photo=by_photo,
        weights=(weights.get(IMAGE, 1.0), of_nearness, _of_dual(model, weights)),
        dual=_dual_cosines(posts, model, near),
    )
    return odds + _nearness(uncalibrated(near, model), posts, model, weights, by_photo=False)


def odds_of(
    query: Document,
    posts: Outlines,
    model: TopicModel,
    near: Mapping[VectorKind, Target],
    weights: Mapping[str, float] = MappingProxyType({}),
    widening: Widening = NOTHING_MORE,
) -> Float64:
    """The log-odds that the words of a query are about each post, by all whose cosines captions have told of."""
    words = list(own_words({modality: query.get(modality, {}) for modality in (TEXT, TAG)}))
    if not words:
        return np.zeros(len(posts.ids))
    speech = speech_of(words, widening, thetas_of(posts, model), posts.words.shares, model)
    usual = model.ranking.aligned or USUAL_ALIGNED
    return odds_by_kind(
        speech,
        cosines_of(query, posts, model, near, widening),
        model.ranking.lines,
        lift=weights.get(TEXT, 1.0),
        cosine=weights.get(ALIGNED.name, usual) / usual,
        dual=_of_dual(model, weights),
    )


def cosines_of(
    query: Document,
    posts: Outlines,
    model: TopicModel,
    near: Mapping[VectorKind, Target],
    widening: Widening = NOTHING_MORE,
) -> Nearness:
    """How near a text lies to each post: among photos, by the share of its words that is known; to a dual encoder."""
    places, aligned, looks = posts.vector(ALIGNED), near.get(ALIGNED), _dual_cosines(posts, model, near)
    if places is None or (aligned is None and model.aligned is None):
        return Nearness(np.full(len(posts.ids), np.nan), looks)
    known = known_share(query, widening, model)
    cosines = known * (places @ (np.zeros(places.shape[1], np.float32) if aligned is None else aligned.values))
    return Nearness(np.asarray(cosines, np.float64), looks)


def uncalibrated(near: Mapping[VectorKind, Target], model: TopicModel) -> dict[VectorKind, Target]:
    """The embeddings of a query of whose cosines no caption has told: they order, and are in no match."""
    return {
        kind: target
        for kind, target in near.items()
        if kind is not ALIGNED and not (kind is DUAL and target.owner == model.ranking.dual_id)
    }


def _dual_cosines(posts: Outlines, model: TopicModel, near: Mapping[VectorKind, Target]) -> Float64 | None:
    """How near each post lies to a query by the dual encoder that the model is calibrated with."""
    target = near.get(DUAL)
    if target is None or target.owner != model.ranking.dual_id:
        return None
    places = posts.vector(DUAL, target.owner)
    return None if places is None else (places @ target.values).astype(np.float64)


def _of_dual(model: TopicModel, weights: Mapping[str, float]) -> float:
    """What a visitor wants the dual encoder to weigh, beside the usual."""
    usual = model.ranking.dual or USUAL_DUAL
    return weights.get(DUAL.name, usual) / usual


def _nearness(
    near: Mapping[VectorKind, Target],
    posts: Outlines,
    model: TopicModel,
    weights: Mapping[str, float],
    *,
    by_photo: bool,
) -> Float64:
    """How near posts lie to embeddings of a query, each kind on one scale and weighed."""
    total = np.zeros(len(posts.ids))
    for kind, target in near.items():
        nearness = likeness(target.values, posts.vector(kind, target.owner), len(posts.ids), kind.measure)
        total += weights.get(kind.name, WEIGHTS[kind](model.ranking, by_photo)) * standard_scores(nearness)
    return total


def likeness(embedding: Float32, others: Float32 | None, posts: int, measure: Measure) -> Float64:
    """How near an embedding is to those of posts; a post without one is as near as the mean of the others."""
    if others is None:
        return np.zeros(posts)
    near = others @ embedding if measure is Measure.COSINE else -np.abs(others - embedding).sum(axis=1)
    known = ~np.isnan(near)
    return np.where(known, near, near[known].mean() if known.any() else 0.0).astype(np.float64)


def thetas_of(posts: Outlines, model: TopicModel) -> Float32:
    """The topics of posts; a post without topics has none of each."""
    thetas = posts.vector(THETA)
    return np.zeros((len(posts.ids), model.topics), np.float32) if thetas is None else np.nan_to_num(thetas)
