"""line -> Post -> Document -> steps -> photo -> copies -> theta + words -> point -> flush -> acknowledged.

A batch of lines gives a result for each of them, in order; what is said to be stored is safe on disk by then.
"""

from collections.abc import Iterable, Iterator, Sequence

from compliance.law import Law
from ingest.ahead import Seconds, ahead
from ingest.draft import Draft, Result
from ingest.intake import Intake
from ingest.keeper import Keeper
from ingest.photos.photo_parts import PhotoParts
from ingest.photos.photo_source import PhotoSource
from ingest.photos.photo_stage import Begun, begin, gathered, look, portions, see
from ingest.reading.lines import InputLine
from ingest.reading.reader import Reader
from ingest.reading.reader_pool import Readers
from qdrant.store import Store
from topic_model.models import Models


class Pipeline:
    """Takes posts into a store; knows the model when there is one, else posts are found by words only."""

    def __init__(
        self, store: Store, models: Models, photos: PhotoParts, law: Law, intake: Intake | None = None
    ) -> None:
        intake = intake or Intake()
        self._reader = Reader.of(intake, law.lexicon)
        self._readers = Readers(self._reader, intake.processes)
        self._photos = photos
        self._wanted = intake.settings.renditions if photos.renditions else False
        self._decoder = photos.open_decoder()
        self._keeper = Keeper(store, models.topics, intake.settings, law, photos.dual, photos.renditions)
        self.seconds = Seconds()

    def take(self, lines: Sequence[InputLine], photos: PhotoSource) -> list[Result]:
        """Carry lines from bytes to acknowledged points; one bad line never fails another."""
        drafts = self._reader.read(lines)
        for part in portions([drafts]):
            self._see(self._look(self._begin(part, photos, bool(self._wanted))))
        return _results(self._keep(drafts))

    def flow(
        self, batches: Iterable[Sequence[InputLine]], photos: PhotoSource, *, gallery: bool = False
    ) -> Iterator[list[Draft]]:
        """Do the same with a whole file: while one batch is stored, the next is seen and the one after it read.

        Of a `gallery`, photos that no other page shows, renditions are kept unless the settings say otherwise.
        """
        renditions = gallery if self._wanted is None else self._wanted
        read = portions(self._read(batches))
        begun = ahead(self._begin(drafts, photos, renditions) for drafts in read)
        looked = ahead(map(self._look, begun))
        for drafts in gathered(ahead(map(self._see, looked))):
            yield self._keep(drafts)

    def has(self, post: str) -> bool:
        """Whether a post is stored."""
        return self._keeper.has(post)

    def _read(self, batches: Iterable[Sequence[InputLine]]) -> Iterator[list[Draft]]:
        for drafts, seconds in self._readers.read(batches):
            self.seconds.add("read", seconds)
            yield drafts

    def _begin(self, drafts: list[Draft], photos: PhotoSource, renditions: bool) -> Begun:
        with self.seconds.of("decode"):
            return begin(drafts, photos, self._decoder, renditions=renditions)

    def _look(self, begun: Begun) -> list[Draft]:
        with self.seconds.of("decode"):
            return look(begun)

    def _see(self, drafts: list[Draft]) -> list[Draft]:
        with self.seconds.of("encode"):
            parts = self._photos
            return see(drafts, parts.encoder, parts.detector, parts.dual, parts.evidence)

    def _keep(self, drafts: list[Draft]) -> list[Draft]:
        with self.seconds.of("store"):
            return self._keeper.keep(drafts)


def _results(drafts: Iterable[Draft]) -> list[Result]:
    return [draft.result for draft in drafts if draft.result is not None]
