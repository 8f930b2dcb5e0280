"""What a point is: the fields of its payload, the names of its vectors, its ids."""

import base64
import hashlib
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
import orjson

from common.arrays import Float32
from qdrant.attrs import AttrKind
from qdrant.vector_kind import ALIGNED, THETA, NamedVector, VectorKind

WORDS = "words"
OPEN = "open"  # the value of `vis` that every search may show
HELD = "held"  # the value of points that no search shows but where nothing is withheld
UNSEEN = "unseen"  # the value of points that some searches may show
_NAMESPACE = uuid.UUID("6f1d2f5e-9a53-5d0a-8c55-2b1f6f0f4a11")


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
    FEATURES = "features"
    EVIDENCE = "evidence"
    LIKENESS = "likeness"
    MARKS = "marks"
    TEXT = "said"  # of the captions; every store on disk has it under this name
    TAGS = "tags"
    AUTHORS = "authors"
    ADDED = "added"
    CHANGED = "changed"
    TYPED = "typed"

    # Indexed before the first point is written; the site's own fields are indexed as they appear.
    INDEXED = MappingProxyType(
        {
            **dict.fromkeys((VIS, CHILD, CONTENT, TAGS, AUTHORS), AttrKind.WORD),
            **dict.fromkeys((ADDED, CHANGED), AttrKind.TIME),
            TEXT: AttrKind.TEXT,
        }
    )
    # What is read of a point; the rest only serves to find it.
    READ = (ID, VERSION, DIGEST, CONTENT, VIS, CHILD, FACTS, POST, ATTRS, DOCUMENT, MARKS, ADDED, CHANGED, LIKENESS)
    LEARNED_FROM = (*READ, FEATURES, EVIDENCE)  # what training reads: features are long, and no search needs them
    TENANT = VIS  # engines keep points of one value of it together


def kind_of(field: str) -> AttrKind:
    """What an indexed field holds."""
    return AttrKind(field.split(".", 2)[1]) if field.startswith(f"{Fields.TYPED}.") else Fields.INDEXED[field]


@dataclass(frozen=True, slots=True)
class PhotoPoint:
    """A post on its way into the store.

    `words` and `vectors` are what it is found by; both may be empty.
    `features` are what was measured in its photo, `evidence` what further networks told of it, `likeness` what
    disguised copies of it are recognised by. `digest` tells whether anything about the post changed; another post
    that shares one of the keywords of `content` has the same photo or words. `marks` says what was noticed about it.
    `times` are when a post that moves here from another store came in first and was written there.
    """

    id: str
    vis: str | Sequence[str]
    child: str
    post: Mapping[str, Any]
    document: Mapping[str, Mapping[str, float]]
    words: Mapping[str, float] = field(default_factory=dict)
    vectors: Mapping[NamedVector, Float32] = field(default_factory=dict)
    features: Float32 | None = None
    evidence: Float32 | None = None
    likeness: str = ""
    attrs: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    version: int | None = None
    digest: str = ""
    content: Sequence[str] = ()
    marks: Mapping[str, str] = field(default_factory=dict)
    times: tuple[datetime, datetime] | None = None


@dataclass(frozen=True)
class StoredPoint:
    """A post as the store gives it back; its larger fields are read when they are asked for.

    `vectors` are by name: those of `model`, which is searched, and those that belong to none.
    """

    payload: Mapping[str, Any]
    vectors: Mapping[str, Float32] = field(default_factory=dict)
    model: str | None = None

    def vector(self, kind: VectorKind, owner: str = "") -> Float32 | None:
        """Its vector of a kind: of the encoder that is named, or of the model that is searched."""
        return self.vectors.get(kind.of(owner or self.model or "").name)

    @cached_property
    def theta(self) -> Float32 | None:
        """The shares of the topics in it."""
        return self.vector(THETA)

    @cached_property
    def aligned(self) -> Float32 | None:
        """Its embedding among photos and texts."""
        return self.vector(ALIGNED)

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

    @property
    def features(self) -> Float32 | None:
        """What was measured in its photo; None without a photo, and where they were not asked for."""
        return _unpacked_row(self.payload.get(Fields.FEATURES))

    @property
    def evidence(self) -> Float32 | None:
        """What further networks told of its photo, in numbers; None where none did, and where it was not asked for."""
        return _unpacked_row(self.payload.get(Fields.EVIDENCE))

    @property
    def likeness(self) -> str:
        """What disguised copies of its photo are recognised by; empty without a photo, and in stores of before."""
        return self.payload.get(Fields.LIKENESS) or ""

    @property
    def added(self) -> datetime:
        """When the post came in first."""
        return datetime.fromisoformat(self.payload[Fields.ADDED])

    @property
    def changed(self) -> datetime:
        """When what is stored of it was written."""
        return datetime.fromisoformat(self.payload[Fields.CHANGED])

    @cached_property
    def words(self) -> Mapping[str, float]:
        """What people put to it, counted; hashtags stand among the words as `#tag`."""
        return {**self.tokens("text"), **{f"#{tag}": count for tag, count in self.tokens("tag").items()}}

    def says(self, words: Collection[str]) -> bool:
        """Whether the post holds one of these words: two words may share a number in the sparse vector."""
        return not self.words.keys().isdisjoint(words)


@lru_cache(maxsize=65_536)
def point_id(post_id: str) -> uuid.UUID:
    """Name the point of a post: the UUIDv5 of the host's id."""
    named = hashlib.sha1(_NAMESPACE.bytes + post_id.encode(errors="surrogatepass"), usedforsecurity=False)
    return uuid.UUID(bytes=named.digest()[:16], version=5)


@lru_cache(maxsize=500_000)
def word_id(token: str) -> int:
    """Number a word for the sparse vector, the same number in every process and release."""
    return int.from_bytes(hashlib.blake2b(token.encode(errors="surrogatepass"), digest_size=4).digest())


def sparse(words: Mapping[str, float]) -> tuple[list[int], list[float]]:
    """Turn words into a sparse vector; words that share a number add up."""
    values: dict[int, float] = {}
    for token, weight in words.items():
        number = word_id(token)
        values[number] = values.get(number, 0.0) + float(weight)
    return list(values), list(values.values())


def folded_tag(tag: str) -> str:
    """Write a hashtag as it is compared: without its sign, in small letters."""
    return tag.lstrip("#").casefold()


def tie_break(words: Mapping[str, float], post_id: str) -> dict[str, float]:
    """Raise the weights of a post by up to two thousandths, by its id: equals have an order then that costs nothing."""
    hair = 1 + point_id(post_id).int % 2**13 * 2**-22
    return {word: weight * hair for word, weight in words.items()}


def packed_features(features: Float32 | None) -> str | None:
    """Write features as a payload keeps them: half precision, which is more than they tell."""
    return None if features is None else base64.b64encode(features.astype("<f2").tobytes()).decode()


def _unpacked_row(packed: str | None) -> Float32 | None:
    return np.frombuffer(base64.b64decode(packed), "<f2").astype(np.float32) if packed else None


def stored_point(payload: Mapping[str, Any] | None, vectors: Any, model: str | None) -> StoredPoint:
    """Build what the store gives back from what an engine gives."""
    known = {name: np.asarray(vector, np.float32) for name, vector in vectors.items()} if vectors else {}
    return StoredPoint(payload or {}, known, model)
