"""Retraining: learn from what the store holds, and publish what was learned."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from common.arrays import Float32
from compliance.facts import Child
from compliance.learned.topic_net import TopicNet
from ingest.document import make_document
from qdrant.filters import Filter, any_of
from qdrant.points import Fields, StoredPoint
from qdrant.store import Store
from topic_model.alignment.aligned import Aligned, align
from topic_model.alignment.axes import principal_axes
from topic_model.alignment.contrast import contrast
from topic_model.artifact import save_model
from topic_model.corpus import encode
from topic_model.document import IMAGE, TAG, TEXT, Document
from topic_model.model import TopicModel
from topic_model.quality import Quality, measure
from topic_model.ranking.fit_weights import Held, weigh
from topic_model.training.hierarchy import Hierarchy, learn_hierarchy
from topic_model.training.recipe import Recipe
from topic_model.training.train import Progress, TrainingEngine, readable_labels, train, with_aligned
from training.publish import KEPT, publish

TEACHING = frozenset({Child.CLEAR, Child.UNSEEN})
ALIGNED_ON = 50_000  # posts are enough to align photos and texts
WEIGHED_ON = 500  # posts are enough to weigh the parts of the last ordering
MEASURED = 20_000  # posts are enough to measure a model and to find child topics


class TrainingResult(NamedTuple):
    """What training left in the model folder."""

    model: TopicModel
    quality: Quality
    hierarchy: Hierarchy | None
    net: TopicNet


def retrain(
    store: Store,
    models: Path,
    recipe: Recipe,
    encoder: str,
    *,
    teaching: frozenset[Child] = TEACHING,
    held_out: int = 0,
    children: int = 0,
    keep: int = KEPT,
    engine: TrainingEngine = TrainingEngine.OWN,
    resume: bool = False,
    progress: Progress | None = None,
) -> TrainingResult:
    """Train a model on the posts of the store that may teach, and make it the active one.

    With `held_out`, every n-th post is kept aside; the model is measured on those, and what the parts of the last
    ordering weigh is fitted to them.
    """
    posts = TeachingPosts(store, held_out, teaching)
    model = train(
        posts,
        recipe,
        encoder=encoder,
        labels=readable_labels(posts.texts()),
        engine=engine,
        workspace=models.with_name("training"),
        resume=resume,
        progress=progress,
    )
    model = with_aligned(model, _aligned(posts, model))
    model = replace(model, ranking=weigh(model, list(posts.held_out_queries(WEIGHED_ON))))
    shards = [encode(posts.sample(MEASURED), model.vocabulary, recipe.weights)]
    first = model.members[0]
    quality = measure(first, [encode(posts.kept_out(), model.vocabulary, recipe.weights)] if held_out else shards)
    hierarchy = learn_hierarchy(first, shards, children=children) if children else None
    save_model(model, models, quality, hierarchy)
    net = publish(store, models, model, keep)
    return TrainingResult(model, quality, hierarchy, net)


def _aligned(posts: "TeachingPosts", model: TopicModel) -> Aligned | None:
    """Learn where photos lie among texts, from posts that have both; None where too few have."""
    posts_with_photos = list(posts.with_photos(ALIGNED_ON))
    if not posts_with_photos:
        return None
    documents, captions, features = zip(*posts_with_photos, strict=True)
    measured = np.stack(features)
    axes = principal_axes(measured)
    if axes is not None:
        measured = axes.project(measured)
    aligned = align(measured, documents, model.vocabulary)
    aligned = aligned and contrast(aligned, measured, captions)
    return aligned if axes is None or aligned is None else axes.within(aligned)


@dataclass(frozen=True, slots=True)
class TeachingPosts:
    """The Documents of the posts that may teach, read anew from the store each time they are gone through."""

    store: Store
    held_out: int = 0
    teaching: frozenset[Child] = TEACHING

    def __iter__(self) -> Iterator[Document]:
        return (point.document() for number, point in enumerate(self.points()) if not self._is_held_out(number))

    def kept_out(self) -> Iterator[Document]:
        """The Documents that are kept aside to measure on."""
        return (point.document() for number, point in enumerate(self.points()) if self._is_held_out(number))

    def sample(self, size: int) -> Iterator[Document]:
        """At most so many of the Documents that teach, spread evenly."""
        step = -(-max(self.store.count(self._wanted), 1) // size)
        return (document for number, document in enumerate(self) if number % step == 0)

    def with_photos(self, size: int) -> Iterator[tuple[Document, list[Document], Float32]]:
        """At most so many posts with words whose photos were measured, and the features, all as long.

        The words are given twice: all in one Document, and each caption, and the hashtags, by itself.
        """
        length = None
        points = (point for number, point in enumerate(self.points(features=True)) if not self._is_held_out(number))
        for point in islice((point for point in points if point.tokens(TEXT) or point.tokens(TAG)), size):
            features = point.features
            if features is not None and len(features) == (length := length or len(features)):
                captions = [make_document([caption["text"]]) for caption in point.post["captions"]]
                yield point.document(), [*captions, {TAG: point.tokens(TAG)}], features

    def held_out_queries(self, size: int) -> Iterator[Held]:
        """At most so many posts that were kept aside and have a photo: their first caption asks for them."""
        kept = (point for number, point in enumerate(self.points(features=True)) if self._is_held_out(number))
        for point in islice((point for point in kept if point.tokens(IMAGE) and point.tokens(TEXT)), size):
            first, *others = [caption["text"] for caption in point.post["captions"]] or [" ".join(point.post["tags"])]
            query = make_document([first])
            if query:
                photo = {IMAGE: point.tokens(IMAGE)}
                yield Held(query, photo, make_document(others), point.features)

    def texts(self) -> Iterator[str]:
        """Everything that gave words to the Documents: captions, and the words within hashtags."""
        for point in self.points():
            yield from (caption["text"] for caption in point.post["captions"])
            yield from (tag.replace("_", " ") for tag in point.tokens(TAG))

    def points(self, *, features: bool = False) -> Iterator[StoredPoint]:
        """The posts themselves."""
        return self.store.scroll(self._wanted, features=features)

    @property
    def _wanted(self) -> Filter:
        return any_of(Fields.CHILD, self.teaching)

    def _is_held_out(self, number: int) -> bool:
        return self.held_out > 0 and number % self.held_out == self.held_out - 1
