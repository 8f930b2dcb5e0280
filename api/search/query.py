"""From an admitted question to what is searched: words, topics and embeddings, by the same code that took the posts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from api.search.admission import Admitted, Visit
from api.search.question import Mode, Question
from common.arrays import Float32
from ingest.sparse_words import query_words
from qdrant.points import StoredPoint
from qdrant.store import Target
from qdrant.vector_kind import ALIGNED, DUAL, VectorKind
from topic_model.document import TAG, Document
from topic_model.ideas.widening import Widening
from topic_model.model import TopicModel
from topic_model.tokens import surfaces
from vision.dual.dual_encoder import DualEncoder
from vision.encoder import Pixels

Embedding = Float32


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for an admitted question; `unknown` are the terms that the model does not know, as typed.

    `near` are its embeddings by kind: among the photos, where the model knows that, and in the space of a dual encoder.
    `as_post` is the embedding that a post of its photo would have. `widened` are its words
    and those that say the same, by weight.
    """

    admitted: Admitted
    words: Mapping[str, float]
    mode: Mode
    typed: Mapping[str, str]
    unknown: tuple[str, ...]
    near: Mapping[VectorKind, Target] = field(default_factory=dict)
    as_post: Embedding | None = None
    widened: Mapping[str, float] | None = None

    @property
    def sought(self) -> Mapping[str, float]:
        """The words that find posts: its own, and those that say the same."""
        return self.words if self.widened is None else self.widened

    @property
    def widening(self) -> Widening:
        """What its words may mean, and what says the same."""
        return self.admitted.widening

    @property
    def question(self) -> Question:
        """What was asked."""
        return self.admitted.question

    @property
    def visit(self) -> Visit:
        """Who asks, and under which rule."""
        return self.admitted.visit

    @property
    def document(self) -> Document:
        """The tokens of the question, by modality."""
        return self.admitted.document

    @property
    def theta(self) -> Embedding | None:
        """Its topics; None when the model knows none of it."""
        return self.admitted.theta

    @property
    def aligned(self) -> Embedding | None:
        """Its embedding among the photos."""
        target = self.near.get(ALIGNED)
        return target.values if target else None

    @property
    def arms(self) -> dict[VectorKind, Target]:
        """The embeddings that find and order beside topics and words; a kind that the visitor weighs 0 does neither."""
        if self.mode is not Mode.HYBRID:
            return {}
        return {kind: target for kind, target in self.near.items() if self.question.weights.get(kind.name, 1.0)}

    def at(self, offset: int) -> "Query":
        """The same query for another page."""
        question = replace(self.question, offset=offset)
        return replace(self, admitted=replace(self.admitted, question=question))

    def as_typed(self, token: str) -> str:
        """Give a token back as the visitor wrote it."""
        return self.typed.get(token, token)


def make_query(admitted: Admitted, model: TopicModel | None, dual: DualEncoder | None = None) -> Query:
    """Turn an admitted question into what is searched."""
    question, document, photo = admitted.question, admitted.document, admitted.photo
    words = query_words(document)
    texts = [*(tag.replace("_", " ") for tag in document.get(TAG, ())), question.text or ""]
    typed = {token: word for text in texts for token, word in surfaces(text)}
    widening = admitted.widening
    strangers = model.unknown(document) if model is not None else list(words)
    strangers = [token for token in strangers if not widening.is_known(token, model)]
    embedding = _aligned(admitted, model)
    near = {} if embedding is None else {ALIGNED: Target(embedding)}
    near |= _dual(question.text, photo.pixels if photo else None, dual)
    mode = question.mode or (Mode.HYBRID if words or near else Mode.TOPICS)
    unknown = tuple(typed.get(token, token) for token in strangers)
    return Query(admitted, words, mode, typed, unknown, near, _as_post(admitted, model), widening.words(words, model))


def query_of_post(point: StoredPoint, question: Question, visit: Visit, dual: DualEncoder | None) -> Query:
    """Ask for posts like a stored one, which the visitor may see."""
    admitted = Admitted(question, visit, point.document(), point.theta)
    embedding = point.vector(DUAL, dual.id) if dual else None
    near = {DUAL: Target(embedding, dual.id, dual.least)} if dual and embedding is not None else {}
    if point.theta is not None:
        aligned = {} if point.aligned is None else {ALIGNED: Target(point.aligned)}
        mode = Mode.HYBRID if aligned or near else Mode.TOPICS
        return Query(admitted, {}, mode, {}, (), {**aligned, **near})
    # Stored before any model: its words, and its look to a dual encoder, are all there is.
    mode = Mode.HYBRID if near else Mode.WORDS
    return Query(admitted, query_words(admitted.document), mode, {}, (), near)


def without_floor(query: Query) -> Query:
    """The same query from its first hit on, with no least match."""
    question = replace(query.question, min_match=None, offset=0)
    return replace(query, admitted=replace(query.admitted, question=question))


def _dual(text: str | None, pixels: Pixels | None, dual: DualEncoder | None) -> dict[VectorKind, Target]:
    """What a dual encoder makes of a question: of what it says, of its photo, or half way between."""
    if dual is None:
        return {}
    of_text = dual.embed_text(text) if text else None
    of_photo = dual.embed_photos([pixels])[0] if pixels is not None else None
    embedding = _between(of_text, of_photo)
    return {} if embedding is None or not embedding.any() else {DUAL: Target(embedding, dual.id, dual.least)}


def _aligned(admitted: Admitted, model: TopicModel | None) -> Embedding | None:
    """Where a question lies among the photos: by its words, by its photo, or half way between."""
    if model is None or model.aligned is None:
        return None
    widening = admitted.widening
    wordings = widening.wordings(admitted.question.text or "")
    of_text = model.aligned.of_text(widening.document(admitted.document, model), wordings)
    return of_text if admitted.photo is None else _between(of_text, model.aligned.of_photos(admitted.photo.features))


def _as_post(admitted: Admitted, model: TopicModel | None) -> Embedding | None:
    if admitted.photo is None or model is None or model.aligned is None:
        return None
    return np.asarray(model.aligned.of_posts(admitted.photo.features[None], [{}])[0], np.float32)


def _between(of_text: Embedding | None, of_photo: Embedding | None) -> Embedding | None:
    if of_text is None or of_photo is None:
        return of_photo if of_text is None else of_text
    between = of_text + of_photo
    return np.asarray(between / max(float(np.linalg.norm(between)), 1e-12), np.float32)
