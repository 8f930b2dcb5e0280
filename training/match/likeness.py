"""Calibration of likeness by posts held aside: each photo, and each post, is compared with the others."""

from collections.abc import Sequence
from itertools import product

import numpy as np

from common.arrays import Bool, Float32, Float64
from ingest.document import make_document
from topic_model.document import TAG, Document, own_words
from topic_model.match.alike import alike
from topic_model.match.mass import matches
from topic_model.model import TopicModel
from topic_model.ranking.likeness import USUAL_LIKENESS, Likenesses, LikenessLine, fit_likeness, kind_of_asker
from training.match.calibration import HeldPost, looks_of, places_of


def calibrate_likeness(model: TopicModel, held: Sequence[HeldPost]) -> dict[str, LikenessLine]:
    """Learn a line for each that may ask; where too few held posts are alike, it has the usual one."""
    posts = [post for post in held if post.captions]
    if len(posts) < 2:
        return dict(USUAL_LIKENESS)
    said = [make_document(post.captions, post.tags.get(TAG, ())) for post in posts]
    is_alike = np.zeros((len(posts), len(posts)), bool)
    for row, others in enumerate(alike([own_words(document) for document in said])):
        is_alike[row, others] = True
    silent = _Side(model, posts, [post.photo for post in posts])
    worded = _Side(model, posts, [{**post.photo, **words} for post, words in zip(posts, said, strict=True)])
    asking = _asking(model, posts)
    looks = looks_of(posts)
    near = None if looks is None else (looks @ looks.T).astype(np.float64)
    by_photo = _joined([_pairs(silent.thetas, asking, to, is_alike, near) for to in (silent, worded)])
    by_post = _joined([_pairs(worded.thetas, worded.places, to, is_alike, near) for to in (silent, worded)])
    asked = product((True, False), (True, False), (False,) if looks is None else (True, False))
    kinds = [(photo, kind_of_asker(photo=photo, placed=placed, dual=dual)) for photo, placed, dual in asked]
    return {kind: fit_likeness(by_photo if photo else by_post, kind) for photo, kind in kinds}


class _Side:
    """Posts as they are found: their topics, and their places."""

    def __init__(self, model: TopicModel, posts: Sequence[HeldPost], documents: Sequence[Document]) -> None:
        thetas = [np.zeros(model.topics, np.float32) if theta is None else theta for theta in model.thetas(documents)]
        self.thetas = np.array(thetas)
        self.places = places_of(model, posts, documents)


def _asking(model: TopicModel, posts: Sequence[HeldPost]) -> Float32 | None:
    """Where their photos ask from; rows of no numbers for those that were not measured."""
    aligned = model.aligned
    if aligned is None:
        return None
    places = np.full((len(posts), aligned.size), np.nan, np.float32)
    for row, post in enumerate(posts):
        if post.features is not None and len(post.features) == len(aligned.photo_mean):
            places[row] = aligned.of_photos(post.features)
    return places


def _pairs(thetas: Float32, asking: Float32 | None, posts: _Side, is_alike: Bool, looks: Float64 | None) -> Likenesses:
    """Each that asks with each other post."""
    others = ~np.eye(len(thetas), dtype=bool)
    mass = np.array([matches(theta, posts.thetas) for theta in thetas])
    near: Float64 = np.full(mass.shape, np.nan)
    if asking is not None and posts.places is not None:
        near = (asking @ posts.places.T).astype(np.float64)
    dual: Float64 = np.full(mass.shape, np.nan) if looks is None else looks
    return Likenesses(mass[others], near[others], is_alike[others], dual[others])


def _joined(parts: Sequence[Likenesses]) -> Likenesses:
    return Likenesses(*(np.concatenate([part[at] for part in parts]) for at in range(len(Likenesses._fields))))
