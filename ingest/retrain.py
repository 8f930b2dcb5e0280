"""Retraining: learn from what the store holds, fill in the new thetas behind the service's back, then switch."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from compliance.facts import Vis
from qdrant.filters import any_of
from qdrant.points import Fields, StoredPoint
from qdrant.store import Store, batches
from topic_model.artifact import save
from topic_model.document import TAG
from topic_model.em import Recipe
from topic_model.model import TopicModel
from topic_model.training import readable_labels, train


def retrain(
    store: Store,
    models: Path,
    recipe: Recipe,
    encoder: str,
    progress: Callable[[int, float], None] | None = None,
) -> TopicModel:
    """Train a model on the open posts of the store and make it the active one; held posts teach it nothing."""
    teaching = list(store.scroll(any_of(Fields.VIS, [Vis.OPEN])))
    documents = [point.document() for point in teaching]
    model = train(documents, recipe, encoder=encoder, labels=readable_labels(_texts(teaching)), progress=progress)
    save(model, models)
    store.add_model(model.id, model.topics)
    store.put_thetas(model.id, _thetas(store.scroll(), model))
    store.activate(model.id)
    return model


def _texts(points: Sequence[StoredPoint]) -> Iterator[str]:
    """Everything that gave words to the Documents: captions, and the words within hashtags."""
    for point in points:
        yield from (caption["text"] for caption in point.post["captions"])
        yield from (tag.replace("_", " ") for tag in point.tokens(TAG))


def _thetas(points: Iterator[StoredPoint], model: TopicModel) -> Iterator[tuple[str, NDArray[np.float32]]]:
    for part in batches(points):
        for point, theta in zip(part, model.thetas([point.document() for point in part]), strict=True):
            if theta is not None:
                yield point.id, theta
