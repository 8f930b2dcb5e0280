"""line -> Post -> Document -> steps -> photo -> copies -> theta + words -> point -> flush -> acknowledged.

A batch of lines gives a result for each of them, in order; what is said to be stored is safe on disk by then.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from compliance.law import Law
from ingest.ahead import Seconds, ahead
from ingest.changes.kept_photo import keep_photo
from ingest.changes.merge_patch import keeps_photo, patched, takes_word_back
from ingest.changes.withdrawal import OnReject
from ingest.draft import REJECTED, Draft, Result
from ingest.errors import PostRejected
from ingest.intake import Intake
from ingest.photos.photo_notes import read_notes_of
from ingest.photos.photo_parts import PhotoParts
from ingest.photos.photo_source import PhotoSource
from ingest.photos.photo_stage import Begun, begin, gathered, look, portions, see
from ingest.photos.seen_names import with_names
from ingest.post import PostName
from ingest.reading.lines import InputLine
from ingest.reading.reader import Reader
from ingest.reading.reader_pool import Readers
from ingest.storage.keeper import Keeper
from qdrant.engine.write_plan import Written
from qdrant.errors import StoreBusy
from qdrant.filters import Posts
from qdrant.points import StoredPoint
from qdrant.store import Store
from topic_model.models import Models

_TRIES: Final = 5  # to change a post that others write meanwhile


class _Wanted(NamedTuple):
    """What is wanted of the files of photos beside what is seen: small copies, what they say, and their names."""

    renditions: bool
    notes: bool
    names: bool


class Pipeline:
    """Takes posts into a store; knows the model when there is one, else posts are found by words only."""

    def __init__(
        self, store: Store, models: Models, photos: PhotoParts, law: Law, intake: Intake | None = None
    ) -> None:
        intake = intake or Intake()
        self._store = store
        self._settings = intake.settings
        self._reader = Reader.of(intake, law.lexicon)
        self._processes = intake.processes
        self._on_reject = intake.on_reject
        self._photos = photos
        self._wanted = intake.settings.renditions if photos.renditions else False
        self._decoder = photos.open_decoder()
        self._keeper = Keeper(store, models.topics, intake.settings, law, photos.dual, photos.renditions)
        self.seconds = Seconds()

    def take(self, lines: Sequence[InputLine], photos: PhotoSource, on_reject: OnReject | None = None) -> list[Result]:
        """Carry lines from bytes to acknowledged points; one bad line never fails another."""
        wanted = _Wanted(bool(self._wanted), bool(self._settings.photo_notes), names=False)
        drafts = self._reader_for(wanted).read(lines)
        for part in portions([drafts]):
            self._see(self._look(self._begin(part, photos, wanted), wanted))
        return _results(self._keep(drafts, on_reject))

    def change(
        self, post: str, patch: Mapping[str, Any], photos: PhotoSource, on_reject: OnReject | None = None
    ) -> Result | None:
        """Carry a part of a post to the whole of it, judged as a whole; None where there is no such post."""
        for _ in range(_TRIES):
            point = self._stored(post)
            if point is None:
                return None
            draft = self._changed(point, patch, photos)
            if draft.result is not None and draft.result.status != REJECTED:
                return draft.result
            if self._keeper.keep_change(draft, point, on_reject):
                return draft.result
        raise StoreBusy(f"Post {post[:80]!r} is being written by others all the time: send the change again.")

    def flow(
        self,
        batches: Iterable[Sequence[InputLine]],
        photos: PhotoSource,
        *,
        gallery: bool = False,
    ) -> Iterator[list[Draft]]:
        """Do the same with a whole file: while one batch is stored, the next is seen and the one after it read.

        Of a `gallery`, photos that no other page shows, renditions are kept, and what their files say is read, unless
        the settings say otherwise.
        """
        renditions = gallery if self._wanted is None else self._wanted
        notes = gallery if self._settings.photo_notes is None else self._settings.photo_notes
        wanted = _Wanted(renditions, notes, names=gallery and notes)
        read = portions(self._read(batches, wanted))
        begun = ahead(self._begin(drafts, photos, wanted) for drafts in read)
        looked = ahead(self._look(part, wanted) for part in begun)
        for drafts in gathered(ahead(map(self._see, looked))):
            yield self._keep(drafts, self._on_reject)

    def has(self, post: str) -> bool:
        """Whether a post is stored."""
        return self._keeper.has(post)

    def _reader_for(self, wanted: "_Wanted") -> Reader:
        return replace(self._reader, speaking=wanted.notes)

    def _read(self, batches: Iterable[Sequence[InputLine]], wanted: "_Wanted") -> Iterator[list[Draft]]:
        for drafts, seconds in Readers(self._reader_for(wanted), self._processes).read(batches):
            self.seconds.add("read", seconds)
            yield drafts

    def _begin(self, drafts: list[Draft], photos: PhotoSource, wanted: "_Wanted") -> Begun:
        with self.seconds.of("decode"):
            return begin(drafts, photos, self._decoder, renditions=wanted.renditions, notes=wanted.notes)

    def _look(self, begun: Begun, wanted: "_Wanted") -> list[Draft]:
        with self.seconds.of("decode"):
            drafts = look(begun)
            if wanted.notes:
                read_notes_of(drafts, self._reader, place=self._settings.photo_place, names=wanted.names)
            return drafts

    def _see(self, drafts: list[Draft]) -> list[Draft]:
        with self.seconds.of("encode"):
            parts = self._photos
            return self._named(see(drafts, parts.encoder, parts.detector, parts.dual, parts.evidence))

    def _named(self, drafts: list[Draft]) -> list[Draft]:
        for draft in drafts if self._settings.photo_names else ():
            draft.document = with_names(draft.document, self._photos.encoder, self._reader.lexicon)
        return drafts

    def _keep(self, drafts: list[Draft], on_reject: OnReject | None) -> list[Draft]:
        with self.seconds.of("store"):
            return self._keeper.keep(drafts, on_reject)

    def _stored(self, post: str) -> StoredPoint | None:
        """A stored post with its vectors, and with what was measured in its photo."""
        (point,) = self._store.get([post])
        measured = None if point is None else next(self._store.scroll(Posts(frozenset({post})), features=True), None)
        return point and replace(point, payload=measured.payload if measured else point.payload)

    def _changed(self, point: StoredPoint, patch: Mapping[str, Any], photos: PhotoSource) -> Draft:
        line, keeps = InputLine(1, None), keeps_photo(point, patch)
        try:
            whole = patched(point, patch, pictured=keeps)
        except PostRejected as rejected:
            version = patch.get("version")
            draft = Draft(line, name=PostName(point.id, version if isinstance(version, int) else point.version))
            draft.reject(rejected.reason, rejected.message)
            return draft
        if not patch or whole == patched(point, {}, pictured=keeps_photo(point, {})):
            draft = Draft(line, whole)
            draft.become(Written.UNCHANGED.value)
            return draft
        draft = self._reader.read_changed(line, whole, is_silent=not patch.keys() & {"child", "consent"})
        draft.word_taken_back = takes_word_back(point, patch)
        if draft.result is not None:
            return draft
        if keeps:
            keep_photo(draft, point, self._photos)
            return self._named([draft])[0]
        wanted = _Wanted(bool(self._wanted), bool(self._settings.photo_notes), names=False)
        return self._see(self._look(self._begin([draft], photos, wanted), wanted))[0]


def _results(drafts: Iterable[Draft]) -> list[Result]:
    return [draft.result for draft in drafts if draft.result is not None]
