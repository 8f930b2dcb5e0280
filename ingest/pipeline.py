"""line -> Post -> clean -> check/dedup/ads -> Document -> theta + words -> point -> flush -> acknowledged.

A batch of lines gives a result for each of them, in order; what is said to be stored is safe on disk by then.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence

from compliance.lexicon.lexicon import Lexicon
from compliance.photo.detector import PhotoDetector
from compliance.records.takedown_register import Takedowns
from ingest.ahead import Seconds, ahead
from ingest.draft import Draft, Result
from ingest.keeper import Keeper
from ingest.photos.photo_source import PhotoSource
from ingest.photos.photo_stage import Begun, Decoder, ThreadDecoder, begin, gathered, look, portions, see
from ingest.reading.lines import Line
from ingest.reading.reader import Reader
from ingest.reading.reader_pool import Readers
from ingest.settings import IngestSettings
from ingest.steps.ads_model import AdModel
from qdrant.store import Store
from topic_model.model import TopicModel
from vision.dual.dual_encoder import DualEncoder
from vision.make_encoder import Encoder


class Pipeline:
    """Takes posts into a store; knows the model when there is one, else posts are found by words only."""

    def __init__(
        self,
        store: Store,
        model: TopicModel | None,
        encoder: Encoder,
        lexicon: Lexicon,
        settings: IngestSettings,
        *,
        ads: AdModel | None = None,
        decoder: Decoder | None = None,
        detector: PhotoDetector | None = None,
        takedowns: Takedowns | None = None,
        dual: DualEncoder | None = None,
        lenient: bool = False,
        processes: int = 0,
    ) -> None:
        """Put the parts together; `processes` read the lines of long files, `lenient` keeps unknown fields."""
        self._reader = Reader.of(settings, lexicon, ads, lenient=lenient)
        self._readers = Readers(self._reader, processes)
        self._decoder = decoder or ThreadDecoder(max(encoder.side, dual.side if dual else 0))
        self._encoder = encoder
        self._detector = detector
        self._dual = dual
        self._keeper = Keeper(store, model, settings, takedowns or Takedowns(), dual)
        self.seconds = Seconds()

    def take(self, lines: Sequence[Line], photos: PhotoSource) -> list[Result]:
        """Carry lines from bytes to acknowledged points; one bad line never fails another."""
        drafts = self._reader.read(lines)
        for part in portions([drafts]):
            self._see(self._look(self._begin(part, photos)))
        return _results(self._keep(drafts))

    def flow(self, batches: Iterable[Sequence[Line]], photos: PhotoSource) -> Iterator[list[Draft]]:
        """Do the same with a whole file: while one batch is stored, the next is seen and the one after it read."""
        read = portions(self._read(batches))
        begun = ahead(self._begin(drafts, photos) for drafts in read)
        looked = ahead(map(self._look, begun))
        seen = ahead(map(self._see, looked))
        for drafts in gathered(seen):
            yield self._keep(drafts)

    @property
    def turn(self) -> threading.Lock:
        """Who holds it writes facts alone."""
        return self._keeper.turn

    def has(self, post: str) -> bool:
        """Whether a post is stored."""
        return self._keeper.has(post)

    def _read(self, batches: Iterable[Sequence[Line]]) -> Iterator[list[Draft]]:
        for drafts, seconds in self._readers.read(batches):
            self.seconds.add("read", seconds)
            yield drafts

    def _begin(self, drafts: list[Draft], photos: PhotoSource) -> Begun:
        with self.seconds.of("decode"):
            return begin(drafts, photos, self._decoder)

    def _look(self, begun: Begun) -> list[Draft]:
        with self.seconds.of("decode"):
            return look(begun)

    def _see(self, drafts: list[Draft]) -> list[Draft]:
        with self.seconds.of("encode"):
            return see(drafts, self._encoder, self._detector, self._dual)

    def _keep(self, drafts: list[Draft]) -> list[Draft]:
        with self.seconds.of("store"):
            return self._keeper.keep(drafts)


def _results(drafts: Iterable[Draft]) -> list[Result]:
    return [draft.result for draft in drafts if draft.result is not None]
