"""What a line says of a child holds at once, whatever else becomes of the line."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from compliance.facts import Child
from compliance.gate import Gate
from compliance.law import Law
from compliance.lexicon.lexicon import default_lexicon
from compliance.policy import load_policy
from compliance.records.audit import Audit
from compliance.records.tombstones import Tombstones
from ingest.draft import Result
from ingest.intake import Intake
from ingest.photos.photo_parts import PhotoParts
from ingest.photos.photo_source import InlinePhotos
from ingest.pipeline import Pipeline
from moderation.desk import Decision, Desk
from moderation.returns import hold_returned
from photosense.settings import Settings
from qdrant.filters import any_of
from qdrant.store import Search, Store
from tests.support.crawl import ENCODER, lines
from tests.support.reference_store import ReferenceStore
from topic_model.models import Models

SEA = "закат над морем, тихие волны"


def post(name: str, **fields: Any) -> dict[str, Any]:
    return {"id": name, **fields}


def take(pipeline: Pipeline, *sent: dict[str, Any]) -> list[str]:
    results: list[Result] = pipeline.take(lines(*sent), InlinePhotos())
    return [result.reason or result.status for result in results]


def kind(store: Store, post: str) -> str:
    (point,) = store.get([post])
    assert point is not None
    return str(point.payload["child"])


@pytest.mark.parametrize(
    ("first", "second", "became"),
    [
        pytest.param({"version": 2}, {"version": 2}, "unchanged", id="the same version"),
        pytest.param({"version": 2}, {"version": 1}, "stale", id="an older version"),
        pytest.param({"version": 2}, {}, "stale", id="no version after one"),
        pytest.param({}, {"text": None}, "empty", id="nothing but the word"),
        pytest.param({}, {"photo": "no base64!"}, "photo_not_base64", id="a photo that cannot be read"),
    ],
)
def test_the_sites_word_holds_a_stored_post(
    pipeline: Pipeline, store: Store, first: dict, second: dict, became: str
) -> None:
    """The line itself may change nothing or be rejected; the post is held all the same, found by its words no more."""
    assert take(pipeline, post("p1", text=SEA, **first)) == ["stored"]
    assert kind(store, "p1") == "clear"
    line = {
        name: value for name, value in {**post("p1", text=SEA), **second, "child": True}.items() if value is not None
    }
    assert take(pipeline, line) == [became]
    assert kind(store, "p1") == "child"
    assert store.candidates(Search(5, words={"закат": 1.0})).words == []


def test_a_copy_about_a_child_puts_the_first_post_on_review(pipeline: Pipeline, store: Store) -> None:
    """The same photo and words cannot be open under one id and held under another."""
    take(pipeline, post("p1", text=SEA))
    assert take(pipeline, post("p2", text=SEA, child=True)) == ["duplicate"]
    assert kind(store, "p1") == "review"


@pytest.mark.parametrize(
    "line",
    [
        pytest.param({"id": "p1", "child": True}, id="a line that is rejected"),
        pytest.param({"id": "p1", "text": SEA, "version": 1, "child": True}, id="an older version"),
        pytest.param({"id": "p2", "text": SEA, "child": True}, id="a copy"),
    ],
)
def test_the_word_holds_within_one_batch_too(pipeline: Pipeline, store: Store, line: dict) -> None:
    """A post that came in just before, in the same batch, is held by what a later line says."""
    assert take(pipeline, post("p1", text=SEA, version=2), line)[0] == "stored"
    assert kind(store, "p1") in ("child", "review")
    assert store.candidates(Search(5, words={"закат": 1.0})).words == []


def test_a_line_that_changes_nothing_takes_no_word_back(pipeline: Pipeline, store: Store) -> None:
    """Of two lines about a stored post, the one that is not stored does not undo what the other says."""
    take(pipeline, post("p1", text=SEA, version=2))
    held, again = post("p1", child=True), post("p1", text=SEA, version=2)
    assert take(pipeline, held, again) == ["empty", "unchanged"]
    assert kind(store, "p1") == "child"


def test_a_later_line_of_the_batch_may_take_the_word_back(pipeline: Pipeline, store: Store) -> None:
    """Lines count in their order: what a newer version opens stays open."""
    take(pipeline, {"id": "p1", "child": True}, post("p1", text=SEA, version=2))
    assert kind(store, "p1") == "clear"


def test_a_newer_version_may_open_a_post_again(pipeline: Pipeline, store: Store) -> None:
    """The site may take its word back, in a newer version."""
    take(pipeline, post("p1", text=SEA, version=1, child=True))
    assert take(pipeline, post("p1", text=SEA, version=2, child=False)) == ["stored"]
    assert kind(store, "p1") == "clear"
    assert len(store.candidates(Search(5, words={"закат": 1.0})).words) == 1


def test_words_that_a_batch_gives_up_are_free(pipeline: Pipeline) -> None:
    """When a post gets new words, another may have its old ones, in the same batch."""
    take(pipeline, post("p1", text=SEA))
    assert take(pipeline, post("p1", text="горы, снег, зимняя тропа"), post("p2", text=SEA)) == ["stored", "stored"]


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"id": "my-little-boy-5-years"}, id="id"),
        pytest.param({"link": "https://photos.example/my-baby-boy"}, id="link"),
        pytest.param({"thumb": "/t/%D0%BC%D0%B0%D0%BB%D1%8C%D1%87%D0%B8%D0%BA.jpg"}, id="thumb, encoded"),
        pytest.param({"attrs": {"kid name": 7}}, id="key of a field"),
        pytest.param({"attrs": {"album": ["наш малыш"]}}, id="list in a field"),
        pytest.param({"text": None, "captions": [{"text": SEA, "author": "мама малыша"}]}, id="author"),
        pytest.param(
            {"text": None, "captions": [{"text": "Ване сегодня исполнилось"}, {"text": "5 лет, торт и шары"}]},
            id="a sentence over two captions",
        ),
    ],
)
def test_everything_that_is_shown_is_read(pipeline: Pipeline, store: Store, fields: dict) -> None:
    """Words about children hold a post wherever a visitor would read them."""
    sent = post(**{"name": fields.get("id", "p1"), "text": SEA, **{k: v for k, v in fields.items() if k != "id"}})
    assert take(pipeline, sent) == ["stored"]
    assert kind(store, sent["id"]) == "child"


def test_two_batches_at_once_store_a_post_once(pipeline: Pipeline, store: Store) -> None:
    """Whoever comes second sees what the first one stored."""
    threads = [threading.Thread(target=take, args=(pipeline, post(f"p{n}", text=SEA))) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.count() == 1


def test_a_consent_of_the_site_is_recorded_once_and_its_end_is_not_missed(tmp_path: Path) -> None:
    """With its record, before it holds; a desk that read the ends of the store already learns of it."""
    store, now = ReferenceStore(), [datetime(2030, 5, 1, tzinfo=UTC)]
    gate = Gate(load_policy(), default_lexicon(), now=lambda: now[0])
    law = Law(gate, Audit(tmp_path / "audit.ndjson"))
    pipeline = Pipeline(store, Models(None), PhotoParts(ENCODER), law, Intake(Settings()))
    desk = Desk(store, law)
    desk.end_consents()
    form = {"record": "form-1", "countries": ["DE"], "until": "2030-06-01T00:00:00Z"}
    for version in (1, 2):
        take(pipeline, post("p1", text=SEA, consent=form, version=version))
    (recorded,) = [entry for entry in law.audit.entries() if entry["event"] == "consented"]
    assert recorded["consent"]["by"] == "form-1"
    now[0] += timedelta(days=31)
    desk.end_consents()
    assert [entry["by"] for entry in law.audit.entries() if entry["event"] == "revoked"] == ["consent-ended"]
    facts = desk.facts("p1")
    assert facts is not None
    assert facts.child is Child.CHILD


def test_openings_by_the_word_of_the_site_alone_are_recorded(tmp_path: Path) -> None:
    """Each by its hash, as clear or consented; what was read or held, or sent again, is none."""
    law = Law(audit=Audit(tmp_path / "audit.ndjson"))
    pipeline = Pipeline(ReferenceStore(), Models(None), PhotoParts(ENCODER), law, Intake(Settings()))
    sent = (
        post("said-clear", text=SEA, child=False),
        post("read", text="Горы зимой, снег и ветер"),
        post("doubted", text="мальчик на пляже, лето", child=False),
        post("agreed", text="малыш и собака в парке", child=True, consent={"record": "form-1"}),
    )
    for _ in range(2):
        take(pipeline, *sent)
    openings = [entry for entry in law.audit.entries() if entry["event"] == "site_opened"]
    assert [(entry["child"], entry["posts"]) for entry in openings] == [
        ("clear", [*law.audit.hashes("said-clear")]),
        ("consented", [*law.audit.hashes("agreed")]),
    ]


def test_no_consent_is_heard_beneath_a_reviewers_hold(pipeline: Pipeline, store: Store) -> None:
    """The site takes it back while a reviewer holds the post: undoing the hold opens it nowhere."""
    consent = {"record": "form-1", "countries": ["DE"]}
    desk = Desk(store, Law())
    assert take(pipeline, post("p1", text=SEA, consent=consent)) == ["stored"]
    desk.decide([Decision("p1", Child.CHILD)], "m1")
    take(pipeline, post("p1", text=SEA, consent=False))
    desk.undo({"p1": None}, "m1")
    (point,) = store.get(["p1"])
    assert point is not None
    assert (point.payload["child"], point.payload["vis"]) == ("child", "held")


@pytest.mark.parametrize(("cleared", "sent"), [(True, 1), (1, True), ([0], [False])])
def test_true_is_not_one(pipeline: Pipeline, store: Store, cleared: object, sent: object) -> None:
    """A clearance ends with any change of what is shown, and python takes the one for the other."""
    assert take(pipeline, post("p1", text=SEA, attrs={"age": cleared})) == ["stored"]
    Desk(store, Law()).decide([Decision("p1", Child.CLEAR)], "m1")
    assert take(pipeline, post("p1", text=SEA, attrs={"age": sent})) == ["stored"]
    assert kind(store, "p1") in ("review", "child")


def test_a_clearance_that_was_undone_opens_no_store_of_before(tmp_path: Path, pipeline: Pipeline, store: Store) -> None:
    """One reviewer held the post, another cleared it and took that back: it is held, in a store of before as well."""
    law = Law(tombstones=Tombstones(tmp_path / "tombstones.ndjson"))
    assert take(pipeline, post("p1", text=SEA, child=False)) == ["stored"]
    desk = Desk(store, law)
    desk.decide([Decision("p1", Child.CHILD)], "m1")
    desk.decide([Decision("p1", Child.CLEAR)], "m2")
    desk.undo({"p1": None}, "m2")
    before = ReferenceStore()
    settings = Intake(Settings(), processes=0)
    assert take(Pipeline(before, Models(None), PhotoParts(ENCODER), Law(), settings), post("p1", text=SEA, child=False))
    assert hold_returned(before, Law(tombstones=Tombstones(tmp_path / "tombstones.ndjson"))) == 1
    assert before.count(any_of("vis", ["open"])) == 0
