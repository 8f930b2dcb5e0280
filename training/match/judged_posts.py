"""The posts that judgements speak of, with what the encoder sees in their photos."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from common.arrays import Float32
from ingest.document import make_document
from ingest.errors import PostRejected
from ingest.photos.photo_source import PhotoSource
from ingest.photos.photo_stage import Decoder
from ingest.post import Post
from ingest.reading.lines import InputLine, data_of
from ingest.reading.post_json import decode_post
from topic_model.document import Document
from vision.encoder import Encoder, Words
from vision.errors import PhotoError
from vision.look import Look, encode_looks

_AT_ONCE: Final = 32


@dataclass(frozen=True, slots=True)
class JudgedPost:
    """A post by the name that the judgements give its photo."""

    name: str
    texts: tuple[str, ...]
    tags: tuple[str, ...]
    visual_words: Words
    features: Float32

    def document(self, without: str | None = None) -> Document:
        """What is known of it; a caption that is judged must not stand in the post itself."""
        others = [text for text in self.texts if text.strip() != without]
        return make_document(others, self.tags, self.visual_words)

    def own(self, text: str) -> str | None:
        """The text, if it is one of its own captions."""
        return text if any(one.strip() == text for one in self.texts) else None

    def silent(self, _: str | None = None) -> Document:
        """The photo alone, as if nobody had written a word."""
        return make_document((), (), self.visual_words)


def judged_posts(
    lines: Iterable[InputLine],
    wanted: Collection[str],
    photos: PhotoSource,
    decoder: Decoder,
    encoder: Encoder,
    skipped: Counter[str],
    progress: Callable[[int], None] = lambda _: None,
) -> dict[str, JudgedPost]:
    """Look at the photos of the posts that are wanted; why others were of no use is counted in `skipped`."""
    posts: dict[str, JudgedPost] = {}
    ahead: list[tuple[str, Post, Future[Look]]] = []
    for name, post in _wanted(lines, wanted, skipped):
        if post.photo is None:
            skipped["no_photo"] += 1
            continue
        try:
            ahead.append((name, post, decoder.look(photos.read(post.photo))))
        except PostRejected as rejected:
            skipped[rejected.reason] += 1
        if len(ahead) == _AT_ONCE:
            posts |= _encoded(ahead, encoder, skipped)
            ahead = []
            progress(len(posts))
    posts |= _encoded(ahead, encoder, skipped)
    progress(len(posts))
    return posts


def captions_of(posts: Mapping[str, JudgedPost]) -> dict[str, str]:
    """Name the captions of posts as Flickr8k does: `photo.jpg#0` is the first one."""
    return {f"{name}#{number}": text.strip() for name, post in posts.items() for number, text in enumerate(post.texts)}


def _wanted(lines: Iterable[InputLine], wanted: Collection[str], skipped: Counter[str]) -> Iterator[tuple[str, Post]]:
    """A post is known by its id, by the file name of its photo, or by that without its ending."""
    for line in lines:
        try:
            post = decode_post(data_of(line))
        except PostRejected as rejected:
            skipped[rejected.reason] += 1
            continue
        file = PurePath(post.photo or "") if len(post.photo or "") < 2048 else PurePath()
        name = next((name for name in (post.id, file.name, file.stem) if name in wanted), None)
        if name is not None:
            yield name, post


def _encoded(
    ahead: Sequence[tuple[str, Post, Future[Look]]], encoder: Encoder, skipped: Counter[str]
) -> dict[str, JudgedPost]:
    decoded: list[tuple[str, Post, Look]] = []
    for name, post, coming in ahead:
        try:
            decoded.append((name, post, coming.result()))
        except PhotoError as error:
            skipped[error.reason] += 1
    if not decoded:
        return {}
    encoding = encode_looks([look for _, _, look in decoded], encoder)
    return {
        name: JudgedPost(name, tuple(post.texts), post.tags, words, features)
        for (name, post, _), words, features in zip(decoded, encoding.words, encoding.features, strict=True)
    }
