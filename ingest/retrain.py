"""Retraining: learn from what the store holds, fill in the new thetas behind the service's back, then switch."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from compliance.facts import Vis
from qdrant.filters import any_of
from qdrant.points import Fields, StoredPoint
from qdrant.store import Store, batches
from topic_model.artifact import save
from topic_model.document import TAG, Document
from topic_model.model import TopicModel
from topic_model.recipe import Recipe
from topic_model.training import Progress, readable_labels, train


def retrain(
    store: Store,
    models: Path,
    recipe: Recipe,
    encoder: str,
    *,
    resume: bool = False,
    progress: Progress | None = None,
) -> TopicModel:
    """Train a model on the open posts of the store and make it the active one; held posts teach it nothing."""
    posts = _OpenPosts(store)
    model = train(
        posts,
        recipe,
        encoder=encoder,
        labels=readable_labels(posts.texts()),
        workspace=models.with_name("training"),
        resume=resume,
        progress=progress,
    )
    adopt(model, store, models)
    return model


def adopt(model: TopicModel, store: Store, models: Path) -> None:
    """Keep a model, fill in its thetas beside the old ones, and switch to it."""
    save(model, models)
    store.add_model(model.id, model.topics)
    store.put_thetas(model.id, _thetas(store.scroll(), model))
    store.activate(model.id)


@dataclass(frozen=True, slots=True)
class _OpenPosts:
    """The Documents of the posts that may teach, read anew from the store each time they are gone through."""

    store: Store

    def __iter__(self) -> Iterator[Document]:
        return (point.document() for point in self._points())

    def texts(self) -> Iterator[str]:
        """Everything that gave words to the Documents: captions, and the words within hashtags."""
        for point in self._points():
            yield from (caption["text"] for caption in point.post["captions"])
            yield from (tag.replace("_", " ") for tag in point.tokens(TAG))

    def _points(self) -> Iterator[StoredPoint]:
        return self.store.scroll(any_of(Fields.VIS, [Vis.OPEN]))


def _thetas(points: Iterator[StoredPoint], model: TopicModel) -> Iterator[tuple[str, NDArray[np.float32]]]:
    for part in batches(points):
        for point, theta in zip(part, model.thetas([point.document() for point in part]), strict=True):
            if theta is not None:
                yield point.id, theta
