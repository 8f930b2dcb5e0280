"""Posts that teach the photo detector: each photo with how sure people are that it shows a child."""

from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from typing import Final

from compliance.detect import facts_of_post
from compliance.facts import Child
from compliance.lexicon import Lexicon
from ingest.decoding import decode_post
from ingest.errors import PostRejected
from ingest.images.errors import PhotoError
from ingest.images.pool import DecodePool
from ingest.images.sight import Pixels
from ingest.lines import Line, data_of
from ingest.photos import PhotoSource
from ingest.post import Post

_AHEAD: Final = 32  # photos that are decoded while others are looked at
_ENOUGH: Final = 0.4  # of the captions: two of five people mention a child, and it is one


class Judged:
    """Goes through lines of posts and gives photos with labels; counts why others give none.

    The site's word (`child`) is the label where it stands; else the captions are: how many of them mention a child.
    """

    def __init__(self, lines: Iterable[Line], photos: PhotoSource, lexicon: Lexicon, pool: DecodePool) -> None:
        self.skipped: Counter[str] = Counter()
        self.told = 0
        self._lines = lines
        self._photos = photos
        self._lexicon = lexicon
        self._pool = pool

    def __iter__(self) -> Iterator[tuple[Pixels, float]]:
        ahead: list[tuple[Future[Pixels], float]] = []
        for line in self._lines:
            try:
                post = decode_post(data_of(line))
                share = self._share(post)
                if post.photo is None or share is None:
                    self.skipped["no_photo" if post.photo is None else "no_label"] += 1
                    continue
                ahead.append((self._pool.submit(self._photos.read(post.photo)), share))
            except PostRejected as rejected:
                self.skipped[rejected.reason] += 1
                continue
            if len(ahead) >= _AHEAD:
                yield from self._finish(*ahead.pop(0))
        for begun in ahead:
            yield from self._finish(*begun)

    def _share(self, post: Post) -> float | None:
        if post.child is not None:
            self.told += 1
            return float(post.child)
        if not post.texts:
            return None
        facts = facts_of_post((), post.tags, None, None, self._lexicon, has_photo=False)
        if facts.child is Child.CHILD:
            return 1.0
        mention = sum(bool(self._lexicon.find(text)) for text in post.texts) / len(post.texts)
        return min(mention / _ENOUGH / 2, 1.0)  # a half is a child

    def _finish(self, pixels: "Future[Pixels]", share: float) -> Iterator[tuple[Pixels, float]]:
        try:
            yield pixels.result(), share
        except PhotoError as error:
            self.skipped[error.reason] += 1
