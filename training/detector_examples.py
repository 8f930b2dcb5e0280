"""Posts that teach the photo detector: each photo with how sure people are that it shows a child, and what they say."""

from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from typing import Final, NamedTuple

from compliance.facts import Child
from compliance.lexicon.lexicon import Lexicon
from compliance.photo.caption_words import CaptionWords, caption_words
from compliance.post_facts import facts_of_post
from ingest.errors import PostRejected
from ingest.photos.photo_source import PhotoSource
from ingest.post import Post
from ingest.reading.lines import InputLine, data_of
from ingest.reading.post_json import decode_post
from vision.decoding.pool import DecodePool
from vision.encoder import Pixels
from vision.errors import PhotoError

_AHEAD: Final = 32  # photos that are decoded while others are looked at
_ENOUGH: Final = 0.4  # of the captions: two of five people mention a child, and it is one


class Label(NamedTuple):
    """How sure people are of a child, 0 to 1, and the words of those captions that name none."""

    share: float
    caption_words: CaptionWords


class LabelledPhotos:
    """Goes through lines of posts and gives photos with labels; counts why others give none.

    The site's word (`child`) is the label where it stands; else the captions are: how many of them mention a child.
    """

    def __init__(self, lines: Iterable[InputLine], photos: PhotoSource, lexicon: Lexicon, pool: DecodePool) -> None:
        self.skipped: Counter[str] = Counter()
        self.labelled_by_site = 0
        self._lines = lines
        self._photos = photos
        self._lexicon = lexicon
        self._pool = pool

    def __iter__(self) -> Iterator[tuple[Pixels, Label]]:
        ahead: list[tuple[Future[Pixels], Label]] = []
        for line in self._lines:
            try:
                post = decode_post(data_of(line))
                label = self._label(post)
                if post.photo is None or label is None:
                    self.skipped["no_photo" if post.photo is None else "no_label"] += 1
                    continue
                ahead.append((self._pool.submit(self._photos.read(post.photo)), label))
            except PostRejected as rejected:
                self.skipped[rejected.reason] += 1
                continue
            if len(ahead) >= _AHEAD:
                yield from self._finish(*ahead.pop(0))
        for begun in ahead:
            yield from self._finish(*begun)

    def _label(self, post: Post) -> Label | None:
        silent = [text for text in post.texts if not self._lexicon.find(text)]
        if post.child is not None:
            self.labelled_by_site += 1
            return Label(float(post.child), caption_words(silent, post.tags))
        if not post.texts:
            return None
        if facts_of_post((), post.tags, None, None, self._lexicon).child is Child.CHILD:
            return Label(1.0, caption_words(silent))
        mention = 1 - len(silent) / len(post.texts)
        return Label(min(mention / _ENOUGH / 2, 1.0), caption_words(silent, post.tags))  # a half is a child

    def _finish(self, pixels: "Future[Pixels]", label: Label) -> Iterator[tuple[Pixels, Label]]:
        try:
            yield pixels.result(), label
        except PhotoError as error:
            self.skipped[error.reason] += 1
