"""Seeing: the photo of a post, from where the post says it is, to a look at it and on to visual words."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, NamedTuple, Protocol

from compliance.photo.caption_words import caption_words
from compliance.photo.detector import PhotoDetector
from compliance.precedence import with_photo
from ingest.document import make_document
from ingest.draft import Draft
from ingest.errors import PostRejected
from ingest.photos.photo_source import PhotoSource, is_url
from ingest.post import hashed
from vision.decoding.decode import decode
from vision.dual.dual_encoder import DualEncoder
from vision.encoder import Pixels
from vision.errors import PhotoError
from vision.evidence.evidence import NO_EVIDENCE, PhotoEvidence
from vision.fingerprint import Fingerprint, exact
from vision.look import Look, encode_looks
from vision.make_encoder import Encoder
from vision.notes.notes import NOTHING, read_notes
from vision.rendition import decode_with_renditions

PHOTOS_AT_ONCE: Final = 16  # their bytes, and those of the next ones, are in memory together
STORED_AT_ONCE: Final = 256
RENDERED_AT_ONCE: Final = 2**23  # bytes of renditions that wait to be stored
URLS_AT_ONCE: Final = 8
MOST_FEATURES: Final = 2048  # longer ones, of several networks that were not fitted yet, are not kept with the post


class Decoder(Protocol):
    """Turns the bytes of photos into looks, several at a time."""

    def look(self, data: bytes, *, renditions: bool = False, notes: bool = False) -> "Future[Look]":
        """Begin with a photo; the future holds a Look, with what else is wanted, or raises PhotoError."""
        ...

    def look_now(self, data: bytes) -> Look:
        """Look at one photo before all that wait."""
        ...

    def submit(self, data: bytes) -> "Future[Pixels]":
        """Begin to decode a photo that nobody looks at."""
        ...


class ThreadDecoder:
    """Decodes in threads of this process, which a photo may bring down."""

    def __init__(self, side: int, threads: int = 2) -> None:
        self._pool = ThreadPoolExecutor(threads)
        self._side = side

    def look(self, data: bytes, *, renditions: bool = False, notes: bool = False) -> "Future[Look]":
        """Begin with a photo."""
        return self._pool.submit(self._look, data, renditions, notes)

    def look_now(self, data: bytes) -> Look:
        """Look at one photo here."""
        return Look.at(decode(data, target=self._side))

    def _look(self, data: bytes, renditions: bool, notes: bool) -> Look:
        pixels, made = decode_with_renditions(data, self._side) if renditions else (decode(data, target=self._side), {})
        return Look.at(pixels, made, read_notes(data) if notes else NOTHING)

    def submit(self, data: bytes) -> "Future[Pixels]":
        """Begin to decode a photo that nobody looks at."""
        return self._pool.submit(decode, data, target=self._side)


class Begun(NamedTuple):
    """Drafts, and the looks that come of the photos of some of them."""

    drafts: list[Draft]
    coming: list[tuple[Draft, str, "Future[Look]"]]


def begin(
    drafts: list[Draft], photos: PhotoSource, decoder: Decoder, *, renditions: bool = False, notes: bool = False
) -> Begun:
    """Photo -> bytes, and on their way to be looked at."""
    begun = Begun(drafts, [])
    for draft, data in _read(drafts, photos):
        if isinstance(data, PostRejected):
            draft.reject(data.reason, data.message)
        else:
            begun.coming.append((draft, exact(data), decoder.look(data, renditions=renditions, notes=notes)))
    return begun


def look(begun: Begun) -> list[Draft]:
    """Bytes -> a look and a fingerprint; a post whose photo cannot be seen is turned away."""
    for draft, exact_hash, coming in begun.coming:
        try:
            draft.look = coming.result()
            draft.renditions = draft.look.renditions
            draft.photo = Fingerprint(exact_hash, draft.look.perceptual, draft.look.likeness)
        except PhotoError as error:
            draft.reject(error.reason, str(error))
    return begun.drafts


def see(
    drafts: list[Draft],
    encoder: Encoder,
    detector: PhotoDetector | None = None,
    dual: DualEncoder | None = None,
    evidence: PhotoEvidence = NO_EVIDENCE,
) -> list[Draft]:
    """Looks -> visual words, what the detector sees of a child, and a dual encoder's embedding; looks are let go of."""
    looks = [(draft, draft.look) for draft in drafts if draft.look is not None]
    looked = encode_looks([look for _, look in looks], encoder)
    words = [caption_words(draft.sent.texts, draft.sent.tags) for draft, _ in looks] if detector else []
    numbers, features = evidence.beside(looked.features, [look for _, look in looks])
    judged = detector.judge(features, words, numbers) if detector and looks else [(None, None)] * len(looks)
    eyes = eyes_named(encoder.id)
    kept = looked.features if looked.features.shape[-1] <= MOST_FEATURES else [None] * len(looks)
    embeddings = dual.embed_photos([look.needed for _, look in looks]) if dual else [None] * len(looks)
    for (draft, _), visual_words, own, row, verdict, embedding in zip(
        looks, looked.words, kept, numbers, judged, embeddings, strict=True
    ):
        draft.eyes, draft.features = eyes, own
        draft.evidence = row if len(row) else None
        draft.dual = embedding
        draft.facts = with_photo(draft.facts, *verdict)
        draft.document = {**draft.document, **make_document((), (), visual_words)}
        draft.look = None
    return drafts


def eyes_named(encoder: str) -> str:
    """A short name for an encoder's id, kept with each post whose photo it saw."""
    return hashed(encoder.encode())[:8]


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
    size = 0
    for drafts in portions:
        gathering += drafts
        size += sum(len(rendition) for draft in drafts for rendition in draft.renditions.values())
        if len(gathering) >= STORED_AT_ONCE or size >= RENDERED_AT_ONCE:
            yield gathering
            gathering, size = [], 0
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
