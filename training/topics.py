"""Retraining: learn from what the store holds, and publish what was learned."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from common.arrays import Float32
from compliance.facts import Child
from compliance.learned.topic_net import TopicNet
from ingest.document import make_document, value_tokens
from qdrant.filters import Filter, any_of
from qdrant.points import Fields, StoredPoint
from qdrant.store import Store
from qdrant.vector_kind import DUAL
from topic_model.alignment.aligned import Aligned, align
from topic_model.alignment.axes import principal_axes
from topic_model.alignment.contrast import Saying, contrast
from topic_model.alignment.reader import TextReader
from topic_model.artifact import save_model
from topic_model.corpus import encode
from topic_model.document import IMAGE, TAG, TEXT, Document
from topic_model.ideas.ideas import Ideas
from topic_model.model import TopicModel
from topic_model.quality import Quality, measure
from topic_model.ranking.odds_line import without_dual
from topic_model.training.hierarchy import Hierarchy, learn_hierarchy
from topic_model.training.recipe import Recipe
from topic_model.training.train import Progress, TrainingEngine, readable_labels, train, with_aligned
from training.match.calibration import HeldPost, calibrate
from training.match.likeness import calibrate_likeness
from training.publish import KEPT, publish
from training.untaught import carry_untaught, save_untaught
from vision.dual.dual_encoder import DualEncoder
from vision.words.names import all_names

TEACHING = frozenset({Child.CLEAR, Child.UNSEEN})
ALIGNED_ON = 50_000  # posts are enough to align photos and texts
CALIBRATED_ON = 300  # posts whose words are held aside tell how likely a text is to be about a post
LEAST_CALIBRATED = 25
HELD_ASIDE = 12  # at most one of so many posts
MEASURED = 20_000  # posts are enough to measure a model and to find child topics


class TrainingResult(NamedTuple):
    """What training left in the model folder."""

    model: TopicModel
    quality: Quality
    hierarchy: Hierarchy | None
    net: TopicNet | None


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
    ideas: Ideas | None = None,
    reader: TextReader | None = None,
    dual: DualEncoder | None = None,
    modalities: Mapping[str, str] | None = None,
    engine: TrainingEngine = TrainingEngine.OWN,
    resume: bool = False,
    publishes: bool = True,
    progress: Progress | None = None,
) -> TrainingResult:
    """Train a model on the posts of the store that may teach, and make it the active one, unless that is to wait.

    With `held_out`, one post in so many is kept aside, and the model is measured on those. The match is calibrated on
    the words of posts that were kept aside or, without, of a few whose photos alone are learned from. What captions
    mean to the `reader` stands beside their words where photos are placed among texts. A `dual` encoder is asked how
    near those words lie to photos, and so what its cosines mean.
    """
    aside = 0 if held_out else _aside(store, teaching)
    posts = TeachingPosts(store, held_out, teaching, aside, modalities or {})
    model = train(
        posts,
        recipe,
        encoder=encoder,
        labels={**readable_labels(all_names()), **readable_labels(posts.texts())},
        engine=engine,
        workspace=models.with_name("training"),
        resume=resume,
        progress=progress,
    )
    model = with_aligned(model, _aligned(posts, model, reader))
    held = list(islice(posts.held_aside(dual.id if dual else ""), CALIBRATED_ON))
    model = with_odds(model, held, ideas, dual)
    return release(store, models, model, posts, children=children, keep=keep, publishes=publishes)


def with_odds(
    model: TopicModel, held: Sequence[HeldPost], ideas: Ideas | None, dual: DualEncoder | None = None
) -> TopicModel:
    """The model with what posts tell whose words nobody learned from: how likely a text is to be about a post."""
    lines, likeness = calibrate(model, held, ideas, dual=dual), calibrate_likeness(model, held)
    dual_id = dual.id if dual and any(kind != without_dual(kind) for kind in lines) else ""
    ranking = replace(model.ranking, lines=lines, likeness=likeness, dual_id=dual_id)
    return replace(model, ranking=ranking)


def release(
    store: Store,
    models: Path,
    model: TopicModel,
    posts: "TeachingPosts",
    *,
    children: int = 0,
    keep: int = KEPT,
    publishes: bool = True,
    made_of: str | None = None,
) -> TrainingResult:
    """Measure a model, find child topics, write its folder, and answer by it from now on, unless that is to wait.

    One that was `made_of` another learned the words of the posts that taught that one.
    """
    weights, first = model.recipe.weights, model.members[0]
    shards = [encode(posts.sample(MEASURED), model.vocabulary, weights)]
    quality = measure(first, [encode(posts.kept_out(), model.vocabulary, weights)] if posts.held_out else shards)
    hierarchy = learn_hierarchy(first, shards, children=children) if children else None
    save_model(model, models, quality, hierarchy)
    if made_of is None:
        save_untaught(models / model.id, posts.untaught())
    else:
        carry_untaught(models / made_of, models / model.id)
    net = publish(store, models, model, keep) if publishes else None
    return TrainingResult(model, quality, hierarchy, net)


def _aside(store: Store, teaching: frozenset[Child]) -> int:
    """Of how many posts the words of one are held aside; 0 where there are too few for that."""
    posts = store.count(any_of(Fields.CHILD, teaching))
    return max(HELD_ASIDE, posts // CALIBRATED_ON) if posts >= LEAST_CALIBRATED * HELD_ASIDE else 0


def _aligned(posts: "TeachingPosts", model: TopicModel, reader: TextReader | None) -> Aligned | None:
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
    aligned = aligned and contrast(aligned, measured, captions, reader=reader)
    return aligned if axes is None or aligned is None else axes.within(aligned)


def stored_tokens(point: StoredPoint, where: str) -> Mapping[str, float]:
    """The tokens of a further modality, from the field of a stored post that it is read from."""
    if where == "captions.author":
        return value_tokens(caption.get("author") for caption in point.post["captions"])
    value = point.attrs.get(where.removeprefix("attrs."))
    return value_tokens(value if isinstance(value, list) else () if isinstance(value, dict) else (value,))


@dataclass(frozen=True, slots=True)
class TeachingPosts:
    """The Documents of the posts that may teach, read anew from the store each time they are gone through.

    One post in `held_out` is kept out, of one in `aside` that has a photo the words are; which ones, their ids say.
    What `modalities` say is read from a post's fields where it came before they were declared.
    """

    store: Store
    held_out: int = 0
    teaching: frozenset[Child] = TEACHING
    aside: int = 0
    modalities: Mapping[str, str] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Document]:
        for point in self.points():
            if self._is_aside(point):
                yield {modality: of for modality, of in self._document(point).items() if modality not in (TEXT, TAG)}
            elif not self._is_held_out(point):
                yield self._document(point)

    def kept_out(self) -> Iterator[Document]:
        """The Documents that are kept aside to measure on."""
        return (self._document(point) for point in self.points() if self._is_held_out(point))

    def _document(self, point: StoredPoint) -> Document:
        further = {name: stored_tokens(point, where) for name, where in self.modalities.items()}
        return {**{name: tokens for name, tokens in further.items() if tokens}, **point.document()}

    def sample(self, size: int) -> Iterator[Document]:
        """At most so many of the Documents that teach, spread evenly."""
        step = -(-max(self.store.count(self._wanted), 1) // size)
        return (document for number, document in enumerate(self) if number % step == 0)

    def with_photos(self, size: int) -> Iterator[tuple[Document, list[Saying], Float32]]:
        """At most so many posts with words whose photos were measured, and the features, all as long.

        The words are given twice: all in one Document, and each caption, and the hashtags, by itself.
        """
        length = None
        points = (
            point for point in self.points(features=True) if not self._is_held_out(point) and not self._is_aside(point)
        )
        for point in islice((point for point in points if point.tokens(TEXT) or point.tokens(TAG)), size):
            features = point.features
            if features is not None and len(features) == (length := length or len(features)):
                texts = [caption["text"] for caption in point.post["captions"]]
                captions = [Saying(make_document([text]), text) for text in texts]
                tags = point.tokens(TAG)
                said = " ".join(tag.replace("_", " ") for tag in tags)
                yield point.document(), [*captions, Saying({TAG: tags}, said)], features

    def held_aside(self, dual: str = "") -> Iterator[HeldPost]:
        """The posts whose words nobody learned from, where they have words and a photo; where a dual encoder has it."""
        for point in self.points(features=True):
            if self._withholds_words(point):
                captions = [caption["text"] for caption in point.post["captions"]]
                photo = {modality: of for modality, of in point.document().items() if modality not in (TEXT, TAG)}
                seen = point.vector(DUAL, dual) if dual else None
                yield HeldPost(captions, {TAG: point.tokens(TAG)}, photo, point.features, seen)

    def untaught(self) -> Iterator[str]:
        """The ids of the posts whose words nobody learned from."""
        return (point.id for point in self.points() if self._withholds_words(point))

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

    def _withholds_words(self, point: StoredPoint) -> bool:
        return self._is_held_out(point) or self._is_aside(point)

    def _is_held_out(self, point: StoredPoint) -> bool:
        return self.held_out > 0 and _number_of(point) % self.held_out == self.held_out - 1

    def _is_aside(self, point: StoredPoint) -> bool:
        return self.aside > 0 and _number_of(point) % self.aside == self.aside - 1 and bool(point.tokens(IMAGE))


def _number_of(point: StoredPoint) -> int:
    """A number by its id: posts come and go while the store is gone through once more."""
    return int.from_bytes(blake2b(point.id.encode("utf-8", "surrogatepass"), digest_size=8).digest())
