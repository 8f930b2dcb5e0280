"""Publishing: a model's vectors are filled in behind everybody's back, then it is put in force.

Those of the models before stay for a while: whoever has one loaded answers with it until the new one is loaded too, and
goes back to it in a moment.
"""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from common.files import write_file
from compliance.facts import Child, from_payload
from compliance.learned.telling_words import WordCounts, Wording, save_telling
from compliance.learned.topic_net import TopicNet, TopicNetBuilder, save_net
from ingest.vectors import add_vectors
from qdrant.engine.protocol import batches
from qdrant.filters import Filter, Has, Not, Range, both
from qdrant.points import Fields, StoredPoint
from qdrant.store import PostVector, Store
from qdrant.vector_kind import ALIGNED, THETA, NamedVector
from topic_model.alignment.aligned import Aligned
from topic_model.document import TEXT
from topic_model.errors import ArtifactError
from topic_model.model import TopicModel
from topic_model.tokens import is_name, surfaces

KEPT = 2  # models: the one in force, and the one before, which those still answer with who have not loaded it
CLOCKS_APART = timedelta(minutes=1)  # of two processes that use one store
_RECORD = "published.json"


@dataclass(frozen=True, slots=True)
class PublishedModels:
    """Which models were in force, in a file beside their folders; the last one named came last."""

    folder: Path

    @property
    def _record(self) -> Path:
        return self.folder.with_name(_RECORD)

    @property
    def ids(self) -> list[str]:
        """Those that are kept, oldest first."""
        try:
            named = json.loads(self._record.read_text("utf-8"))
        except (OSError, ValueError):
            return []
        return [one for one in named if isinstance(one, str)] if isinstance(named, list) else []

    def before(self, model: str) -> str | None:
        """The model that was in force before this one, as far as it is kept."""
        return next((one for one in reversed(self.ids) if one != model and (self.folder / one).is_dir()), None)

    @property
    def filled(self) -> datetime | None:
        """What was written until then has its vectors of the model in force: the time of the file says so."""
        try:
            return datetime.fromtimestamp(self._record.stat().st_mtime, UTC)
        except OSError:
            return None

    def note_filled(self, until: datetime) -> None:
        """Note that what was written until then has its vectors."""
        with suppress(OSError):  # who comes next looks through what is older once more
            os.utime(self._record, (until.timestamp(), until.timestamp()))

    def order(self, before: str | None, model: str, kept: int) -> tuple[list[str], list[str]]:
        """Which are kept when a model is put in force, and which go."""
        known = self.ids or ([before] if before else [])
        order = [*(one for one in known if one != model), model]
        return order[-kept:], order[:-kept]

    def write(self, kept: Sequence[str], gone: Sequence[str]) -> None:
        """Note which are kept, then remove the folders of the others."""
        with _written(self._record):
            write_file(self._record, json.dumps(list(kept)))
        for model in gone:
            shutil.rmtree(self.folder / model, ignore_errors=True)


@contextmanager
def _written(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ArtifactError(f"{path} cannot be written: {error.strerror}. Give a writable folder.") from error


def publish(store: Store, models: Path, model: TopicModel, keep: int = KEPT) -> TopicNet:
    """Fill in what posts lack of a model's vectors, put it in force, and keep so many models.

    Posts that are written meanwhile, here or by another process, have its vectors at the end.
    """
    published, began = PublishedModels(models), datetime.now(UTC) - CLOCKS_APART
    builder, counts = TopicNetBuilder(model.id, model.topics), WordCounts(surfaces, is_name)
    add_vectors(store, model)
    points = store.of_model(model.id)
    passing = _thetas(_counted(points.scroll(), counts), model)
    store.put_vectors(THETA.of(model.id), _lacking(passing, builder))
    if model.aligned is not None:
        without = (point for point in points.scroll(features=True) if point.aligned is None)
        store.put_vectors(ALIGNED.of(model.id), _embeddings(without, model.aligned))
    with _written(models / model.id):
        save_net(builder.net(), models / model.id)
        save_telling(counts.shares(), model.id, models / model.id)
    kept, gone = published.order(store.in_force(), model.id, keep)
    store.activate(model.id, keep=kept)
    in_force = datetime.now(UTC)
    fill_in(store, model, began)
    published.write(kept, gone)
    published.note_filled(in_force)
    return builder.net()


def fill_in(store: Store, model: TopicModel, since: datetime) -> None:
    """Give the posts that were written since their vectors of a model, as far as they lack them."""
    points, theta, aligned = store.of_model(model.id), THETA.of(model.id), ALIGNED.of(model.id)
    store.put_vectors(theta, (one for one, _, _ in _thetas(points.scroll(_without(theta, since)), model)))
    if model.aligned is not None:
        without = points.scroll(_without(aligned, since), features=True)
        store.put_vectors(aligned, _embeddings(without, model.aligned))


def catch_up(store: Store, models: Path, model: TopicModel) -> None:
    """Fill in what those left who wrote by a model of before, and were killed before they could follow."""
    published, now = PublishedModels(models), datetime.now(UTC)
    since = published.filled
    if since is not None and published.ids[-1:] == [model.id]:
        fill_in(store, model, since - CLOCKS_APART)
        published.note_filled(now)


def _without(vector: NamedVector, since: datetime) -> Filter | None:
    return both(Range(Fields.CHANGED, at_least=since), Not(Has(vector.name)))


def _lacking(passing: Iterator[tuple[PostVector, Child, bool]], builder: TopicNetBuilder) -> Iterator[PostVector]:
    """Those that are to be filled in; the net learns from all that pass."""
    for one, child, has in passing:
        builder.count(one.values, child)
        if not has:
            yield one


def _counted(points: Iterator[StoredPoint], counts: WordCounts) -> Iterator[StoredPoint]:
    """Give posts on, and count the words of their captions, and of their hashtags, which are among them."""
    for point in points:
        counts.count(point.tokens(TEXT), from_payload(point.facts).child, _wordings(point))
        yield point


def _wordings(point: StoredPoint) -> Iterator[Wording]:
    """Who wrote what of a post; its hashtags are of the only author, where there is but one."""
    captions = point.post["captions"]
    yield from (Wording(caption.get("author"), caption["text"]) for caption in captions)
    authors = {caption.get("author") for caption in captions}
    tagger = authors.pop() if len(authors) == 1 else None
    yield from (Wording(tagger, tag.lstrip("#").replace("_", " ")) for tag in point.post["tags"])


def _thetas(points: Iterator[StoredPoint], model: TopicModel) -> Iterator[tuple[PostVector, Child, bool]]:
    """The theta of each post that says anything to a model, what is known of children in it, and if it has that."""
    for part in batches(points):
        lacking = [point for point in part if point.theta is None]
        made = iter(model.thetas([point.document() for point in lacking]) if lacking else ())
        for point in part:
            theta = next(made) if point.theta is None else point.theta
            if theta is not None:
                vector = PostVector(point.id, theta, point.changed)
                yield vector, from_payload(point.facts).child, point.theta is not None


def _embeddings(points: Iterator[StoredPoint], aligned: Aligned) -> Iterator[PostVector]:
    """Place posts by their photos and words; those that were measured by another encoder have no place."""
    for part in batches(points):
        measured = [(point, point.features) for point in part]
        fitting = [(point, of) for point, of in measured if of is not None and len(of) == len(aligned.photo_mean)]
        if fitting:
            features = np.stack([features for _, features in fitting])
            embeddings = aligned.of_posts(features, (point.document() for point, _ in fitting))
            yield from (
                PostVector(point.id, embedding, point.changed)
                for (point, _), embedding in zip(fitting, embeddings, strict=True)
                if embedding.any()
            )
