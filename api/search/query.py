"""From what was asked to what is searched: Document, theta and words, by the same code that took the posts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from api.errors import BadRequest
from api.search.ranking import ALIGNED, FOREIGN
from ingest.document import make_document
from ingest.sparse_words import asked_words
from qdrant.filters import Filter, words_in
from qdrant.points import StoredPoint
from qdrant.store import Foreign
from topic_model.document import IMAGE, MODALITIES, TAG, Document
from topic_model.model import POST_ITERATIONS, QUERY_ITERATIONS, TopicModel
from topic_model.tokens import surfaces
from vision.decoding.decode import decode
from vision.dual.dual_encoder import DualEncoder
from vision.encoder import Features, Pixels
from vision.look import Look, encode_looks
from vision.make_encoder import Encoder


class Mode(StrEnum):
    """Which arms find, and what orders: topics by L1, words by their weight, hybrid all of them by likelihood."""

    HYBRID = "hybrid"
    TOPICS = "topics"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for; at least one of text and photo is given; `respell` lets slips be mended."""

    text: str | None = None
    photo: bytes | None = None
    mode: Mode | None = None
    limit: int = 20
    offset: int = 0
    min_match: float | None = None
    weights: Mapping[str, float] = field(default_factory=dict)
    filter: Filter | None = None
    respell: bool = True

    @property
    def said(self) -> str | None:
        """All that is asked for in words, the filter's too: a gate must see it together."""
        return " ".join([*([self.text] if self.text else []), *words_in(self.filter)]) or None


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched: `theta` is None when the model knows none of it, `unknown` are the terms it does not know.

    `aligned` is where it lies among the photos, where the model knows that, `foreign` where a dual encoder places it.
    `as_post` is where a post of its photo would lie.
    `photo_score` is what the detector saw of a child in the photo; None without a photo or a detector.
    """

    document: Document
    words: Mapping[str, float]
    theta: NDArray[np.float32] | None
    mode: Mode
    typed: Mapping[str, str]
    unknown: tuple[str, ...]
    photo_score: float | None = None
    aligned: NDArray[np.float32] | None = None
    foreign: Foreign | None = None
    as_post: NDArray[np.float32] | None = None

    def as_typed(self, token: str) -> str:
        """Give a token back as the visitor wrote it."""
        return self.typed.get(token, token)


Theta = NDArray[np.float32]
LookAt = Callable[[bytes], Look]


Detect = Callable[[Features], NDArray[np.float64]]


def make_query(
    asked: Asked,
    model: TopicModel | None,
    encoder: Encoder,
    look: LookAt | None = None,
    detect: Detect | None = None,
    dual: DualEncoder | None = None,
) -> Query:
    """Turn a question into a Document and infer its topics."""
    known = {*MODALITIES, ALIGNED, FOREIGN, *(model.vocabulary.tokens if model else ())}
    strange = ", ".join(asked.weights.keys() - known)
    if strange:
        names = ", ".join(sorted(known))
        raise BadRequest(f"weights: {strange} is no modality here, these are: {names}.", "wrong_field", 422)
    visual_words, photo_score, features, pixels = None, None, None, None
    if asked.photo is not None:
        side = max(encoder.side, dual.side if dual else 0)
        looked = look(asked.photo) if look else Look.at(decode(asked.photo, target=side))
        pixels = looked.pixels
        seen = encode_looks([looked], encoder)
        visual_words, features = seen.words[0], seen.features[0]
        photo_score = float(detect(seen.features)[0]) if detect else None
    document = make_document([asked.text] if asked.text else [], (), visual_words)
    words = asked_words(document)
    theta = None
    if model is not None:
        iterations = POST_ITERATIONS if document.get(IMAGE) else QUERY_ITERATIONS
        theta = model.theta(document, asked.weights, iterations)
    spoken = [*(tag.replace("_", " ") for tag in document.get(TAG, ())), asked.text or ""]
    typed = {token: word for text in spoken for token, word in surfaces(text)}
    strangers = model.unknown(document) if model is not None else list(words)
    place, foreign = _place(document, features, model), placed(asked.text, pixels, dual)
    mode = asked.mode or (Mode.HYBRID if words or place is not None or foreign else Mode.TOPICS)
    unknown = tuple(typed.get(token, token) for token in strangers)
    as_post = None if features is None else _as_post(features, model)
    return Query(document, words, theta, mode, typed, unknown, photo_score, place, foreign, as_post)


def placed(text: str | None, pixels: Pixels | None, dual: DualEncoder | None) -> Foreign | None:
    """Let a dual encoder place a question: by what it says, by its photo, or half way between."""
    if dual is None:
        return None
    of_text = dual.embed_text(text) if text else None
    of_photo = dual.embed_photos([pixels])[0] if pixels is not None else None
    place = _between(of_text, of_photo)
    return Foreign(dual.id, place, dual.least) if place is not None and place.any() else None


def _place(document: Document, features: Features | None, model: TopicModel | None) -> NDArray[np.float32] | None:
    """Place a question among the photos: by its words, by its photo, or half way between."""
    if model is None or model.aligned is None:
        return None
    of_text = model.aligned.of_text(document)
    if features is None:
        return of_text
    return _between(of_text, model.aligned.of_photos(features))


def _as_post(features: Features, model: TopicModel | None) -> NDArray[np.float32] | None:
    return model.aligned.of_posts(features[None], [{}])[0] if model is not None and model.aligned is not None else None


def placed_before(point: StoredPoint, dual: DualEncoder | None) -> Foreign | None:
    """Where a dual encoder placed the photo of a post when it came in."""
    place = point.foreign.get(dual.id) if dual else None
    return Foreign(dual.id, place, dual.least) if dual and place is not None else None


def _between(of_text: NDArray[np.float32] | None, of_photo: NDArray[np.float32] | None) -> NDArray[np.float32] | None:
    if of_text is None or of_photo is None:
        return of_photo if of_text is None else of_text
    between = of_text + of_photo
    return np.asarray(between / max(float(np.linalg.norm(between)), 1e-12), np.float32)
