"""The last ordering: how likely each candidate is to have said or shown what was asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.words import own_words
from qdrant.points import StoredPoint
from topic_model.document import IMAGE, TAG, TEXT, Document
from topic_model.model import TopicModel

Floats = NDArray[np.float64]

UNSEEN = 1e-6  # share of a word that the model does not know in the speech of everybody


@dataclass(frozen=True, slots=True)
class Mixture:
    """p(w|d) = topics * sum_t phi_wt theta_td + own * share of w in the post's own words + everybody * p(w)."""

    topics: float = 0.5
    own: float = 0.4
    everybody: float = 0.1


def order(
    query: Document,
    points: Sequence[StoredPoint],
    model: TopicModel,
    weights: Mapping[str, float],
    mixture: Mixture | None = None,
) -> list[int]:
    """Order candidates by the likelihood of the query's words and of its photo, weighted; ties by id."""
    mixture = mixture or Mixture()
    thetas = np.array([np.zeros(model.topics) if point.theta is None else point.theta for point in points])
    total = np.zeros(len(points))
    words = own_words({modality: query.get(modality, {}) for modality in (TEXT, TAG)})
    if words:
        total += weights.get(TEXT, 1.0) * _standard(_of_words(words, points, thetas, model, mixture))
    if query.get(IMAGE):
        total += weights.get(IMAGE, 1.0) * _standard(_of_photo(query[IMAGE], thetas, model, mixture))
    return sorted(range(len(points)), key=lambda place: (-total[place], points[place].id))


def _of_words(
    words: Mapping[str, float], points: Sequence[StoredPoint], thetas: Floats, model: TopicModel, mixture: Mixture
) -> Floats:
    """Sum the log-likelihood of words: a post without captions speaks through its topics alone."""
    rows = [_row(token, model) for token in words]
    known = [place for place, row in enumerate(rows) if row is not None]
    by_topics = np.zeros((len(points), len(words)))
    everybody = np.full(len(words), UNSEEN)
    if known:
        numbers = [row for row in rows if row is not None]
        by_topics[:, known] = thetas @ model.phi[numbers].T
        everybody[known] = model.unigram[numbers]
    own = np.zeros_like(by_topics)
    silent = np.ones((len(points), 1), dtype=bool)
    for place, point in enumerate(points):
        said = own_words({TEXT: point.tokens(TEXT), TAG: point.tokens(TAG)})
        if said:
            silent[place] = False
            length = sum(said.values())
            own[place] = [said.get(token, 0.0) / length for token in words]
    by_topics *= np.where(silent, mixture.topics + mixture.own, mixture.topics)
    p = by_topics + mixture.own * own + mixture.everybody * everybody
    return np.asarray(np.log(p).sum(axis=1))


def _of_photo(tokens: Mapping[str, float], thetas: Floats, model: TopicModel, mixture: Mixture) -> Floats:
    """Sum the log-likelihood of visual words, which a post has through its topics alone."""
    known = [(model.vocabulary.rows.get(IMAGE, {}).get(token), count) for token, count in tokens.items()]
    rows = [row for row, _ in known if row is not None]
    counts = np.array([count for row, count in known if row is not None])
    p = (1 - mixture.everybody) * (thetas @ model.phi[rows].T) + mixture.everybody * model.unigram[rows]
    return np.asarray(np.log(np.maximum(p, 1e-30)) @ counts)


def _row(token: str, model: TopicModel) -> int | None:
    modality, name = (TAG, token[1:]) if token.startswith("#") else (TEXT, token)
    return model.vocabulary.rows.get(modality, {}).get(name)


def _standard(scores: Floats) -> Floats:
    """Bring words and photo to one scale: zero mean, unit spread over the candidates."""
    spread = scores.std()
    return np.asarray((scores - scores.mean()) / (spread if spread > 0 else 1.0))
