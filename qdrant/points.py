"""What a point is: fields, vectors, validation, and whether a point replaces the one that is stored."""

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from qdrant.errors import PointRefused

Floats = NDArray[np.float32]

WORDS = "words"
_NAMESPACE = uuid.UUID("6f1d2f5e-9a53-5d0a-8c55-2b1f6f0f4a11")
_LARGEST = 2**63 - 1


class Fields:
    """Names of the payload's fields, here and nowhere else."""

    ID = "id"
    VERSION = "version"
    DIGEST = "digest"
    CONTENT = "content"
    VIS = "vis"
    CHILD = "child"
    FACTS = "facts"
    POST = "post"
    ATTRS = "attrs"
    DOCUMENT = "document"
    MARKS = "marks"

    KEYWORDS = (VIS, CHILD, CONTENT)  # indexed before the first point is written


class Written(StrEnum):
    """What became of a point that was sent."""

    STORED = "stored"
    UNCHANGED = "unchanged"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class PhotoPoint:
    """A post on its way into the store.

    `words` and `thetas` (by model id) are its vectors; both may be empty. `digest` tells whether anything about the
    post changed; another post that shares one of the keywords of `content` has the same photo or words. `marks` says
    what was noticed about the post.
    """

    id: str
    vis: str
    child: str
    post: Mapping[str, Any]
    document: Mapping[str, Mapping[str, float]]
    words: Mapping[str, float] = field(default_factory=dict)
    thetas: Mapping[str, Floats] = field(default_factory=dict)
    attrs: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    version: int | None = None
    digest: str = ""
    content: Sequence[str] = ()
    marks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class StoredPoint:
    """A post as the store gives it back; its larger fields are read when they are asked for."""

    payload: Mapping[str, Any]
    theta: Floats | None = None

    @cached_property
    def id(self) -> str:
        """The host's id of the post."""
        return str(self.payload[Fields.ID])

    @property
    def version(self) -> int | None:
        """The host's version of the post, if it gave one."""
        return self.payload.get(Fields.VERSION)

    @property
    def attrs(self) -> Mapping[str, Any]:
        """The site's own filterable fields."""
        return self.payload.get(Fields.ATTRS) or {}

    @cached_property
    def post(self) -> Mapping[str, Any]:
        """What is shown of the post: captions, tags, link, thumb."""
        return dict(orjson.loads(self.payload[Fields.POST]))

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """What is known about children in it; empty when nothing was recorded."""
        try:
            return dict(orjson.loads(self.payload.get(Fields.FACTS) or b"{}"))
        except (ValueError, TypeError):  # damaged facts are none, and a post without facts is withheld
            return {}

    def tokens(self, modality: str) -> Mapping[str, float]:
        """Tokens of one modality of its Document."""
        if modality not in self._unpacked:
            packed = (self.payload.get(Fields.DOCUMENT) or {}).get(modality)
            self._unpacked[modality] = dict(orjson.loads(packed)) if packed else {}
        return self._unpacked[modality]

    @cached_property
    def _unpacked(self) -> dict[str, Mapping[str, float]]:
        return {}

    def document(self) -> dict[str, Mapping[str, float]]:
        """Read the whole Document, for a model that is trained anew."""
        return {modality: self.tokens(modality) for modality in self.payload.get(Fields.DOCUMENT) or {}}


@lru_cache(maxsize=65_536)
def point_id(post_id: str) -> str:
    """Name the point of a post: the UUIDv5 of the host's id."""
    return str(uuid.uuid5(_NAMESPACE, post_id))


@lru_cache(maxsize=500_000)
def word_id(token: str) -> int:
    """Number a word for the sparse vector, the same number in every process and release."""
    return int.from_bytes(hashlib.blake2b(token.encode(), digest_size=4).digest())


def sparse(words: Mapping[str, float]) -> tuple[list[int], list[float]]:
    """Turn words into a sparse vector; words that share a number add up."""
    values: dict[int, float] = {}
    for token, weight in words.items():
        number = word_id(token)
        values[number] = values.get(number, 0.0) + float(weight)
    return list(values), list(values.values())


def theta_name(model: str) -> str:
    """Name the dense vector that holds the thetas of a model."""
    return f"theta_{model}"


def payload_of(point: PhotoPoint) -> dict[str, Any]:
    """Pack a point's fields; the larger ones as text, which every engine returns fastest."""
    return {
        Fields.ID: point.id,
        Fields.VERSION: point.version,
        Fields.DIGEST: point.digest,
        Fields.CONTENT: list(point.content),
        Fields.VIS: point.vis,
        Fields.CHILD: point.child,
        Fields.FACTS: orjson.dumps(point.facts).decode(),
        Fields.POST: orjson.dumps(point.post).decode(),
        Fields.ATTRS: dict(point.attrs),
        Fields.DOCUMENT: {modality: orjson.dumps(tokens).decode() for modality, tokens in point.document.items()},
        Fields.MARKS: orjson.dumps(point.marks).decode(),
    }


def check(point: PhotoPoint, models: Mapping[str, int]) -> None:
    """Refuse what an engine would take silently and regret later."""
    if not 1 <= len(point.id) <= 256:
        raise PointRefused(f"The id {point.id[:40]!r} has {len(point.id)} characters: give 1 to 256.")
    if point.version is not None and not 0 <= point.version <= _LARGEST:
        raise PointRefused(f"The version {point.version} of {point.id!r} is out of range: give 0 to 2^63 - 1.")
    for model, theta in point.thetas.items():
        check_theta(theta, model, models)
    try:
        orjson.dumps([point.id, point.post, point.attrs, point.facts, point.document])
    except TypeError as error:
        raise PointRefused(
            f"Post {point.id[:40]!r} cannot be stored ({error}): send valid UTF-8 and 64-bit numbers."
        ) from None


def check_theta(theta: Floats, model: str, models: Mapping[str, int]) -> None:
    """Refuse a theta that is no distribution over its model's topics."""
    if model not in models:
        known = ", ".join(models) or "none"
        raise PointRefused(f"The store has no theta vector of model {model} (it has: {known}): add the model first.")
    if theta.shape != (models[model],):
        raise PointRefused(f"A theta has the shape {theta.shape}; model {model} has {models[model]} topics.")
    if not np.isfinite(theta).all() or (theta < 0).any() or abs(float(theta.sum()) - 1.0) > 1e-3:
        raise PointRefused("A theta must hold finite numbers of 0 or more that sum to 1.")


def plan(points: Sequence[PhotoPoint], stored: Iterable[StoredPoint]) -> tuple[list[Written], list[PhotoPoint]]:
    """Decide for each point, in order, whether it is written: older versions are stale, same content is unchanged."""
    known = {point.id: (point.version, point.payload.get(Fields.DIGEST)) for point in stored}
    outcomes: list[Written] = []
    writes: dict[str, PhotoPoint] = {}
    for point in points:
        outcome = _outcome(point, *known[point.id]) if point.id in known else Written.STORED
        if outcome is Written.STORED:
            known[point.id] = (point.version, point.digest)
            writes[point.id] = point
        outcomes.append(outcome)
    return outcomes, list(writes.values())


def _outcome(point: PhotoPoint, version: int | None, digest: str | None) -> Written:
    if (point.version or 0) < (version or 0):
        return Written.STALE
    same_version = point.version is not None and point.version == version
    return Written.UNCHANGED if same_version or (point.digest and point.digest == digest) else Written.STORED
