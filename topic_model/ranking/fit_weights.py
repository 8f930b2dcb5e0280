"""Weighing: fits what the parts of the last ordering weigh, on posts that the model did not learn from.

Each post is asked for by one of its captions among all the others, once with nothing known of it but the photo and once
with its other captions. The weights that bring the right post highest, by the mean of its reciprocal rank, are kept.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import NamedTuple

import numpy as np

from common.arrays import Float32, Float64
from common.stats import standard_scores
from topic_model.document import Document, own_words
from topic_model.model import TopicModel
from topic_model.ranking.likelihood import LikelihoodParts, parts_of_words, shares_of
from topic_model.ranking.weights import Mixture, Ranking

LEAST_POSTS = 50
OWN = (0.3, 0.4, 0.5)
EVERYBODY = (0.05, 0.1, 0.2)
ALIGNED = (0.0, 0.15, 0.3, 0.45, 0.6, 0.8, 1.0, 1.3)


class Held(NamedTuple):
    """A post that was held out: what a caption asks, what is known beside it, and what was measured in the photo."""

    query: Document
    photo: Document
    others: Document
    features: Float32 | None


def weigh(model: TopicModel, held: Sequence[Held]) -> Ranking:
    """Find the best weights; the usual ones where too few posts were held out."""
    if len(held) < LEAST_POSTS:
        return model.ranking
    known = [[post.photo for post in held]]
    if any(post.others for post in held):
        known.append([{**post.photo, **post.others} for post in held])
    tasks = [(_parts(model, held, documents), _cosines(model, held, documents)) for documents in known]
    best, ranking = -1.0, model.ranking
    for own, everybody in product(OWN, EVERYBODY):
        mixture = Mixture(round(1 - own - everybody, 6), own, everybody)
        likely = [
            standard_scores(np.array([parts.likelihood(mixture).sum(axis=1) for parts in of_queries]))
            for of_queries, _ in tasks
        ]
        for aligned in ALIGNED if model.aligned else (model.ranking.aligned,):
            scored = [one + aligned * near for one, (_, near) in zip(likely, tasks, strict=True)]
            quality = float(np.mean([_reciprocal_rank(scores) for scores in scored]))
            if quality > best + 1e-4:  # of equals the first one, nearest to the usual
                best, ranking = quality, replace(model.ranking, mixture=mixture, aligned=aligned)
    return ranking


def _parts(model: TopicModel, held: Sequence[Held], known: Sequence[Document]) -> list[LikelihoodParts]:
    thetas = np.array([np.zeros(model.topics, np.float32) if theta is None else theta for theta in model.thetas(known)])
    own = [own_words(document) for document in known]
    queries = [list(own_words(post.query)) for post in held]
    return [parts_of_words(words, thetas, shares_of(words, own), model) for words in queries]


def _cosines(model: TopicModel, held: Sequence[Held], known: Sequence[Document]) -> Float64:
    """How near each query lies to each post, each row on one scale; 0 where one of them has no place."""
    if model.aligned is None:
        return np.zeros((len(held), len(held)))
    texts = model.aligned.of_texts(post.query for post in held)
    posts = np.array(
        [
            np.zeros(model.aligned.size)
            if post.features is None or len(post.features) != len(model.aligned.photo_mean)  # of another encoder
            else model.aligned.of_posts(post.features[None], [document])[0]
            for post, document in zip(held, known, strict=True)
        ]
    )
    return standard_scores((texts @ posts.T).astype(np.float64))


def _reciprocal_rank(scores: Float64) -> float:
    right = np.diag(scores)[:, None]
    ranks = (scores > right).sum(axis=1) + ((scores == right).sum(axis=1) + 1) / 2  # of equals, the one in the middle
    return float(np.mean(1 / ranks))
