"""Posts that teach an encoder: their photos, and the words of their captions; those about children do not teach."""

from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from datetime import UTC, datetime
from itertools import islice
from typing import Final, NamedTuple

from compliance.facts import Child
from compliance.lexicon.lexicon import Lexicon
from compliance.post_facts import facts_of_post
from ingest.document import make_document
from ingest.errors import PostRejected
from ingest.photos.photo_source import PhotoSource
from ingest.post import Post
from ingest.reading.lines import InputLine, data_of
from ingest.reading.post_json import decode_post
from topic_model.document import TEXT
from topic_model.training.train import readable_labels
from vision.decoding.pool import DecodePool
from vision.encoder import Pixels
from vision.errors import PhotoError
from vision.fitting.fit import Example

_AHEAD: Final = 32  # photos that are decoded while others are looked at


class _Begun(NamedTuple):
    post: Post
    pixels: "Future[Pixels]"


class Teachers:
    """Goes through lines of posts, at most `most` photos of them, and counts those that teach and why others do not."""

    def __init__(
        self, lines: Iterable[InputLine], photos: PhotoSource, lexicon: Lexicon, pool: DecodePool, most: int
    ) -> None:
        self.taught = 0
        self.skipped: Counter[str] = Counter()
        self._lines = lines
        self._photos = photos
        self._lexicon = lexicon
        self._pool = pool
        self._most = most
        self._texts: list[str] = []

    def __iter__(self) -> Iterator[Example]:
        return islice(self._examples(), self._most)

    def labels(self) -> dict[str, str]:
        """The forms in which people wrote the words of the posts that taught."""
        return readable_labels(self._texts)

    def _examples(self) -> Iterator[Example]:
        ahead: list[_Begun] = []
        for line in self._lines:
            begun = self._begin(line)
            if begun:
                ahead.append(begun)
            if len(ahead) >= _AHEAD:
                yield from self._finish(ahead.pop(0))
        for begun in ahead:
            yield from self._finish(begun)

    def _begin(self, line: InputLine) -> _Begun | None:
        """Read a line and begin to decode its photo."""
        try:
            post = decode_post(data_of(line))
            if post.photo is None:
                self.skipped["no_photo"] += 1
                return None
            consent = post.parental_consent(datetime.now(UTC))
            facts = facts_of_post(post.visible_texts, post.tags, post.child, consent, self._lexicon, post.attrs)
            if facts.child is not Child.CLEAR:
                self.skipped["not_clear_of_children"] += 1
                return None
            return _Begun(post, self._pool.submit(self._photos.read(post.photo)))
        except PostRejected as rejected:
            self.skipped[rejected.reason] += 1
            return None

    def _finish(self, begun: _Begun) -> Iterator[Example]:
        try:
            pixels = begun.pixels.result()
        except PhotoError as error:
            self.skipped[error.reason] += 1
            return
        texts = [*begun.post.texts, " ".join(begun.post.tags)]
        captions = (tuple(make_document([text]).get(TEXT, ())) for text in texts)
        self._texts += texts
        self.taught += 1
        yield Example(pixels, tuple(filter(None, captions)))
