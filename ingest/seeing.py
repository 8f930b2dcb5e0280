"""Seeing: the photo of a post, from where the post says it is, to pixels and on to visual words."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from compliance.photo import PhotoDetector
from compliance.standing import photographed
from ingest.document import make_document
from ingest.draft import Draft
from ingest.errors import PostRejected
from ingest.images.decode import decode
from ingest.images.dual import DualEncoder
from ingest.images.encoder import Encoder
from ingest.images.errors import PhotoError
from ingest.images.fingerprint import fingerprint
from ingest.photos import PhotoSource, is_url

PHOTOS_AT_ONCE: Final = 32  # decoded ones are in memory together
STORED_AT_ONCE: Final = 256
URLS_AT_ONCE: Final = 8
MOST_FEATURES: Final = 1024  # longer ones, those of a network that was not fitted yet, are not kept with the post

Pixels = NDArray[np.uint8]


class Decoder(Protocol):
    """Turns the bytes of photos into pixels, several at a time."""

    def submit(self, data: bytes) -> "Future[Pixels]":
        """Begin with a photo; the future holds its pixels, or raises PhotoError."""
        ...

    def decode(self, data: bytes) -> Pixels:
        """Decode one photo and wait for it."""
        ...


class ThreadDecoder:
    """Decodes in threads of this process, which a photo may bring down."""

    def __init__(self, side: int, threads: int = 2) -> None:
        self._pool = ThreadPoolExecutor(threads)
        self._side = side

    def submit(self, data: bytes) -> "Future[Pixels]":
        """Begin with a photo."""
        return self._pool.submit(decode, data, target=self._side)

    def decode(self, data: bytes) -> Pixels:
        """Decode one photo and wait for it."""
        return self.submit(data).result()


def look(drafts: list[Draft], photos: PhotoSource, decoder: Decoder) -> list[Draft]:
    """Photo -> bytes -> pixels and fingerprint; a post whose photo cannot be seen is turned away."""
    begun: list[tuple[Draft, bytes, Future[Pixels]]] = []
    for draft, data in _read(drafts, photos):
        if isinstance(data, PostRejected):
            draft.reject(data.reason, data.message)
        else:
            begun.append((draft, data, decoder.submit(data)))
    for draft, data, coming in begun:
        try:
            draft.pixels = coming.result()
            draft.photo = fingerprint(data, draft.pixels)
        except PhotoError as error:
            draft.reject(error.reason, str(error))
    return drafts


def see(
    drafts: list[Draft], encoder: Encoder, detector: PhotoDetector | None = None, dual: DualEncoder | None = None
) -> list[Draft]:
    """Pixels -> visual words, what the detector sees of a child, and a dual encoder's place; pixels are let go of."""
    seen = [(draft, draft.pixels) for draft in drafts if draft.pixels is not None]
    looked = encoder.see([pixels for _, pixels in seen])
    scores = detector.scores(looked.features).tolist() if detector and seen else [None] * len(seen)
    kept = looked.features if looked.features.shape[-1] <= MOST_FEATURES else [None] * len(seen)
    places = dual.place_photos([pixels for _, pixels in seen]) if dual else [None] * len(seen)
    for (draft, _), visual_words, score, features, place in zip(seen, looked.words, scores, kept, places, strict=True):
        draft.features = features
        draft.foreign = place
        draft.facts = photographed(draft.facts, score, detector.thresholds if detector else None)
        draft.document = {**draft.document, **make_document((), (), visual_words)}
        draft.pixels = None
    return drafts


def _read(drafts: Iterable[Draft], photos: PhotoSource) -> Iterator[tuple[Draft, bytes | PostRejected]]:
    """Read the photos that posts name; those behind URLs several at a time, as each is waited for."""
    named = [(draft, draft.sent.photo) for draft in drafts if draft.result is None and draft.sent.photo is not None]

    def read(photo: str) -> bytes | PostRejected:
        try:
            return photos.read(photo)
        except PostRejected as rejected:
            return rejected

    if not any(is_url(photo) for _, photo in named):
        yield from ((draft, read(photo)) for draft, photo in named)
        return
    with ThreadPoolExecutor(URLS_AT_ONCE) as pool:
        yield from zip([draft for draft, _ in named], pool.map(read, [photo for _, photo in named]), strict=True)


def gathered(portions: Iterable[Sequence[Draft]]) -> Iterator[list[Draft]]:
    """Put portions together that are stored in one go: each time the disk is waited for, everything else waits."""
    gathering: list[Draft] = []
    for drafts in portions:
        gathering += drafts
        if len(gathering) >= STORED_AT_ONCE:
            yield gathering
            gathering = []
    if gathering:
        yield gathering


def portions(batches: Iterable[Sequence[Draft]]) -> Iterator[list[Draft]]:
    """Cut batches again where they have many photos."""
    for drafts in batches:
        part: list[Draft] = []
        photos = 0
        for draft in drafts:
            part.append(draft)
            photos += draft.post is not None and draft.post.photo is not None
            if photos == PHOTOS_AT_ONCE:
                yield part
                part, photos = [], 0
        if part:
            yield part
