"""The law's turn: two processes of one home judge as one would, whatever the other did a moment ago."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from compliance.consent import Consent, ConsentEnds
from compliance.errors import RecordNotWritten
from compliance.facts import Child
from compliance.gate import Gate
from compliance.held_photos import HeldPhotos
from compliance.law import Law
from compliance.law_turn import LawTurn
from compliance.lexicon.lexicon import default_lexicon
from compliance.policy import load_policy
from compliance.records.audit import Audit
from compliance.records.takedown_register import Takedowns
from compliance.records.tombstones import Tombstones
from ingest.photos.photo_parts import PhotoParts
from ingest.photos.photo_source import InlinePhotos
from ingest.pipeline import Pipeline
from moderation.desk import Decision, Desk
from moderation.takedowns import Remover
from qdrant.open_store import open_folder
from qdrant.store import Store
from tests.support.crawl import ENCODER, lines
from tests.support.disguises import DISGUISES, jpeg, textured
from topic_model.models import Models

NOW = datetime(2026, 7, 1, tzinfo=UTC)


class Process:
    """What one process of a home remembers; its clock can be put forward."""

    def __init__(self, home: Path, store: Store) -> None:
        self.now, self.store = NOW, store
        takedowns, tombstones = Takedowns(home / "takedowns.ndjson"), Tombstones(home / "tombstones.ndjson")
        ends, held_photos = ConsentEnds(), HeldPhotos()
        self.turn = LawTurn(home / "law.turn", takedowns, tombstones, ends, held_photos)
        gate = Gate(load_policy(), default_lexicon(), now=lambda: self.now)
        audit = Audit(home / "audit.ndjson", now=lambda: self.now)
        self.law = Law(
            gate, audit, takedowns, tombstones=tombstones, ends=ends, held_photos=held_photos, turn=self.turn
        )
        self.desk, self.remover = Desk(store, self.law), Remover(store, self.law)
        self._pipeline = Pipeline(store, Models(), PhotoParts(ENCODER), self.law)

    def take(self, *posts: dict) -> list[str]:
        """Take posts in; gives what became of each."""
        return [result.reason or result.status for result in self._pipeline.take(lines(*posts), InlinePhotos())]

    def child(self, post: str) -> Child:
        """How a post counts."""
        facts = self.desk.facts(post)
        assert facts is not None
        return facts.child


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Process, Process]]:
    """Two processes of one home; each has taken something in already."""
    store = open_folder(tmp_path / "store")
    one, other = Process(tmp_path, store), Process(tmp_path, store)
    for number, process in enumerate((one, other)):
        assert process.take({"id": f"first{number}", "text": f"море волна берег {number} лодка{number}"}) == ["stored"]
        process.desk.end_consents()
    yield one, other
    store.close()


def test_what_one_takes_down_the_other_rejects(two: tuple[Process, Process]) -> None:
    """Sent again to the other process, it is turned away, and its list has the takedown."""
    one, other = two
    post = {"id": "gone", "text": "горы снег палатка костёр"}
    assert other.take(post) == ["stored"]
    takedown = one.remover.take_down("m-1", "asked for", post="gone")
    assert other.take(post) == ["taken_down"]
    assert [each.id for each in other.law.takedowns.all()] == [takedown.id]


def test_what_one_held_the_other_remembers(two: tuple[Process, Process]) -> None:
    """Deleted here and sent again there, a held post waits for a reviewer."""
    one, other = two
    post = {"id": "held", "text": "горы снег палатка костёр", "child": True}
    assert one.take(post) == ["stored"]
    assert one.remover.delete("held")
    assert other.take({**post, "child": False}) == ["stored"]
    assert other.child("held") is not Child.CLEAR


def test_a_photo_that_one_holds_the_other_knows_in_disguise(two: tuple[Process, Process]) -> None:
    """At once, though the other has read the held photos of the store before."""
    one, other = two

    def post(name: str, picture: Image.Image, text: str, *, child: bool) -> dict:
        return {"id": name, "photo": f"data:;base64,{b64encode(jpeg(picture)).decode()}", "text": text, "child": child}

    assert other.take(post("own", textured(2), "горы снег палатка костёр", child=False)) == ["stored"]
    assert one.take(post("held", textured(1), "дом сад яблоня цветы", child=True)) == ["stored"]
    mirrored = DISGUISES["mirrored"](textured(1))
    assert other.take(post("copy", mirrored, "огни ночного города", child=False)) == ["stored"]
    assert other.child("copy") is Child.REVIEW


def test_a_consent_that_one_records_ends_for_the_other(two: tuple[Process, Process]) -> None:
    """At its moment, though the other had read all ends before; and its end is recorded once."""
    one, other = two
    assert one.take({"id": "c", "text": "горы снег палатка костёр", "child": True}) == ["stored"]
    consent = Consent("form-1", NOW, until=NOW + timedelta(days=1))
    one.desk.decide([Decision("c", Child.CONSENTED, consent)], "m-1")
    for process in two:
        process.now = NOW + timedelta(days=2)
    other.desk.end_consents()
    assert other.child("c") is Child.CHILD
    one.desk.end_consents()
    assert [line["event"] for line in one.law.audit.entries()].count("revoked") == 1


def test_who_died_in_its_turn_leaves_nothing_believed(two: tuple[Process, Process]) -> None:
    """All forget what they remember of the store, and who opens the home next knows that it is to be looked through."""
    one, other = two
    consent = Consent("form-1", NOW, until=NOW + timedelta(days=1))
    assert one.take({"id": "c", "text": "горы снег палатка костёр", "child": True}) == ["stored"]
    one.desk.decide([Decision("c", Child.CONSENTED, consent)], "m-1")
    notes = one.turn.path.read_bytes()
    one.turn.path.write_bytes(b"+" + notes[1 : notes.index(b"\n") + 1])  # killed before it could leave its notes
    with other.turn:
        assert other.turn.broken
    assert not other.law.ends.are_known
    with one.turn:
        assert one.turn.broken
        one.turn.mend()
    with other.turn:
        assert not other.turn.broken
    other.now = NOW + timedelta(days=2)
    other.desk.end_consents()
    assert other.child("c") is Child.CHILD


def test_notes_do_not_grow_without_end(two: tuple[Process, Process]) -> None:
    """Who missed those that were cut off reads the store anew."""
    one, other = two
    with one.turn:
        for number in range(5000):
            one.law.ends.note(f"p{number}", Consent("form-1", NOW, until=NOW + timedelta(days=number)))
    with one.turn:
        assert one.turn.path.stat().st_size < 100
    assert not other.law.ends.are_known


def test_a_home_that_cannot_be_written_is_told(two: tuple[Process, Process]) -> None:
    """The sentence names the file, and nothing is changed."""
    one, _ = two
    one.turn.path.unlink()
    one.turn.path.mkdir()
    with pytest.raises(RecordNotWritten, match=r"law\.turn cannot be written"):
        one.remover.delete("first0")
    assert one.store.count() == 2
