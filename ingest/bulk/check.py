"""Checking: what is wrong with posts by themselves, found without a store."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from compliance.lexicon.lexicon import Lexicon
from ingest.ahead import ahead
from ingest.draft import VALID, Draft
from ingest.intake import Intake
from ingest.photos.photo_notes import read_notes_of
from ingest.photos.photo_source import PhotoSource
from ingest.photos.photo_stage import Decoder, ThreadDecoder, begin, look, portions
from ingest.reading.lines import InputLine
from ingest.reading.reader import Reader
from ingest.reading.reader_pool import Readers
from vision.encoder import SIDE


class Checker:
    """Reads lines and decodes their photos as the pipeline does; copies are only seen beside what is stored."""

    def __init__(
        self,
        lexicon: Lexicon,
        intake: Intake,
        decoder: Decoder | None = None,
    ) -> None:
        self._reader = Reader.of(intake, lexicon)
        self._settings, self._processes = intake.settings, intake.processes
        self._decoder = decoder or ThreadDecoder(SIDE)

    def check(
        self, batches: Iterable[Sequence[InputLine]], photos: PhotoSource, *, gallery: bool = False
    ) -> Iterator[list[Draft]]:
        """Give every line its result: valid, or rejected with its reason."""
        notes = gallery if self._settings.photo_notes is None else self._settings.photo_notes
        readers = Readers(replace(self._reader, speaking=notes), self._processes)
        read = portions(batch.drafts for batch in readers.read(batches))
        begun = ahead(begin(part, photos, self._decoder, notes=notes) for part in read)
        for drafts in ahead(map(look, begun)):
            if notes:
                read_notes_of(drafts, self._reader, place=self._settings.photo_place, names=gallery)
            for draft in drafts:
                draft.look = None
                if draft.result is None:
                    draft.become(VALID)
            yield drafts
