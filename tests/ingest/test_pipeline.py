"""The pipeline takes lines to stored posts: results in order, no line fails another, the store knows all it must."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.facts import Child, from_payload
from compliance.law import Law
from compliance.precedence import decide
from ingest.draft import Result
from ingest.intake import Intake
from ingest.photos.photo_parts import PhotoParts
from ingest.photos.photo_source import FolderPhotos, InlinePhotos
from ingest.pipeline import Pipeline
from ingest.reading.lines import InputLine
from ingest.sparse_words import query_words
from ingest.standing import standing
from photosense.settings import Settings
from qdrant.store import Search, Store
from qdrant.vector_kind import THETA
from tests.support.crawl import ENCODER, RECIPE, crawl, encoded, lines, make_pipeline, photo, post
from tests.support.reference_store import ReferenceStore
from topic_model.model import TopicModel
from topic_model.models import Models
from topic_model.training.train import train


@pytest.fixture(scope="module")
def model() -> TopicModel:
    """A model of the crawl, learned beside the stores under test."""
    store = ReferenceStore()
    make_pipeline(store).take(lines(*crawl()), InlinePhotos())
    return train([point.document() for point in store.scroll()], RECIPE, encoder=ENCODER.id)


def take(pipeline: Pipeline, *sent: dict[str, Any] | bytes) -> list[Result]:
    return pipeline.take(lines(*sent), InlinePhotos())


def saying(text: str) -> bytes:
    return json.dumps({"id": text, "text": text}).encode()


def became(results: list[Result]) -> list[str]:
    """The reason of each line that was rejected, the status of each other."""
    return [result.reason or result.status for result in results]


def facts(store: Store, name: str) -> tuple[str, str, dict[str, Any]]:
    (point,) = store.get([name])
    assert point is not None
    return point.payload["vis"], point.payload["child"], dict(point.facts)


FORM = {"record": "form-4711"}


class TestOrder:
    def test_a_result_for_each_line_in_their_order(self, pipeline: Pipeline, store: Store) -> None:
        """Good and bad lines are answered in the order sent, with their numbers, ids, reasons and details."""
        results = pipeline.take(
            [
                *lines(post("p1"), b"{", post("p3", photo="no base64!"), {"id": "p4"}, post("p5", "city")),
                InputLine(8, None),
                InputLine(9, json.dumps(post("p9", photo=encoded("sea")[:902])).encode()),
            ],
            InlinePhotos(),
        )
        assert [result.line for result in results] == [1, 2, 3, 4, 5, 8, 9]
        assert [result.id for result in results] == ["p1", None, "p3", "p4", "p5", None, "p9"]
        expected = ["stored", "broken_json", "photo_not_base64", "empty", "stored", "line_too_long", "photo_broken"]
        assert became(results) == expected
        assert all((result.status == "rejected") == bool(result.reason and result.detail) for result in results)
        assert sorted(point.id for point in store.scroll()) == ["p1", "p5"]

    @pytest.mark.parametrize("sent", [[], [b"{"], [{"id": "p1"}]], ids=["no line", "bad line", "empty post"])
    def test_a_batch_without_a_good_line_stores_nothing(self, pipeline: Pipeline, store: Store, sent: list) -> None:
        """Nothing good sent, nothing stored, every line answered."""
        assert len(take(pipeline, *sent)) == len(sent)
        assert store.count() == 0

    @pytest.mark.parametrize(
        ("bad", "reason"),
        [
            pytest.param(b"\xff\xfe", "broken_json", id="no text"),
            pytest.param({**post("bad"), "likes": 1}, "wrong_field", id="unknown field"),
            pytest.param(b'{"id": "bad", "attrs": {"a": NaN}}', "broken_json", id="NaN"),
            pytest.param(post("bad", attrs={"a": 2**70}), "wrong_field", id="endless number"),
            pytest.param(post("bad", version=-1), "wrong_field", id="negative version"),
            pytest.param(rb'{"id": "bad", "text": "\ud800"}', "broken_json", id="lone surrogate"),
            pytest.param(post("bad", photo="https://photos.example/1.jpg"), "photo_url_off", id="URL"),
            pytest.param(post("bad", photo=""), "photo_empty", id="empty photo"),
            pytest.param(post("bad", photo="PGh0bWw+PC9odG1sPg=="), "photo_unsupported", id="HTML as photo"),
            pytest.param({"id": "bad", "text": "и в на"}, "empty", id="stop words only"),
            pytest.param({"id": "bad", "text": "море"}, "too_few_words", id="one word"),
            pytest.param(post("bad", tags=["t"] * 61), "hashtag_wall", id="hashtags"),
        ],
    )
    def test_one_bad_line_never_fails_another(self, store: Store, bad: Any, reason: str) -> None:
        """Whatever is wrong with a line, those around it are stored."""
        assert became(take(make_pipeline(store), post("p1"), bad, post("p3", "city"))) == ["stored", reason, "stored"]
        assert store.count() == 2

    def test_links_in_a_circle_fail_one_line_only(self, store: Store, tmp_path: Path) -> None:
        """A folder of photos with a broken symlink in it is read on."""
        (tmp_path / "a.jpg").symlink_to(tmp_path / "b.jpg")
        (tmp_path / "b.jpg").symlink_to(tmp_path / "a.jpg")
        (tmp_path / "c.png").write_bytes(photo("city"))
        sent = lines(post("p1", photo="a.jpg"), post("p2", photo="c.png"))
        assert became(make_pipeline(store).take(sent, FolderPhotos(tmp_path))) == ["photo_missing", "stored"]

    @settings(max_examples=40, deadline=None)
    @given(st.lists(st.binary(max_size=30) | st.text(max_size=60).map(saying)))
    def test_any_lines_are_answered(self, sent: list[bytes]) -> None:
        """Wild bytes and wild texts each get one answer."""
        results = take(make_pipeline(ReferenceStore()), *sent)
        assert [result.line for result in results] == list(range(1, len(sent) + 1))


class TestSendingAgain:
    def test_resending_changes_nothing(self, pipeline: Pipeline, store: Store) -> None:
        """The same lines again are unchanged, and every point stays as it was."""
        sent = [post("p1", photo=encoded("sea")), post("p2", "city", version=3), post("p3", "mountains", child=True)]
        assert became(take(pipeline, *sent)) == ["stored"] * 3
        before = sorted((point.payload for point in store.scroll()), key=str)
        assert became(take(pipeline, *sent)) == ["unchanged"] * 3
        assert sorted((point.payload for point in store.scroll()), key=str) == before

    def test_versions_decide(self, pipeline: Pipeline, store: Store) -> None:
        """An older version is stale, the same one unchanged, a newer one stored, within a batch as across batches."""
        assert became(take(pipeline, post("p1", version=2))) == ["stored"]
        results = take(
            pipeline, post("p1", "city", version=1), post("p1", "city", version=2), post("p1", "mountains", version=3)
        )
        assert became(results) == ["stale", "unchanged", "stored"]
        (point,) = store.get(["p1"])
        assert point is not None
        assert (point.version, point.post["tags"]) == (3, ["горы", "photo"])

    def test_without_versions_the_last_wins(self, pipeline: Pipeline, store: Store) -> None:
        """Of two lines of one post without a version the later one stays."""
        assert became(take(pipeline, post("p1"), post("p1", "city"))) == ["stored", "stored"]
        (point,) = store.get(["p1"])
        assert point is not None
        assert point.post["tags"] == ["город", "photo"]


class TestOtherEyes:
    """Another encoder is named: the same lines bring its words, and nothing else changes."""

    def other(self, store: Store, **totals: float) -> Pipeline:
        """The pipeline of a home that names an encoder with other words."""
        parts = PhotoParts(ENCODER.with_totals(totals))
        return Pipeline(store, Models(None), parts, Law(), Intake(Settings()))

    def test_the_same_lines_again_bring_the_words_of_another_encoder(self, pipeline: Pipeline, store: Store) -> None:
        """With a version or without; who comes once more with the same eyes is unchanged altogether."""
        sent = [post("p1", photo=encoded("sea")), post("p2", "city", photo=encoded("city"), version=3), post("p3")]
        take(pipeline, *sent)
        before = {point.id: point for point in store.scroll()}
        other = self.other(store, patches=50)
        results = take(other, *sent)
        assert [(result.status, list(result.marks)) for result in results] == [
            ("unchanged", ["seen_anew"]),
            ("unchanged", ["seen_anew"]),
            ("unchanged", []),
        ]
        for point in store.scroll():
            old, new = before[point.id].tokens("image"), point.tokens("image")
            assert sum(new.values()) == pytest.approx(sum(old.values()) / 4, abs=0.1)
            same = ("post", "facts", "vis", "child", "added", "version", "content", "marks")
            assert [point.payload.get(name) for name in same] == [before[point.id].payload.get(name) for name in same]
        after = sorted((point.payload for point in store.scroll()), key=str)
        assert [result.marks for result in take(other, *sent)] == [{}, {}, {}]
        assert sorted((point.payload for point in store.scroll()), key=str) == after

    def test_what_was_decided_meanwhile_stays(self, pipeline: Pipeline, store: Store) -> None:
        """A post that a reviewer closed is seen anew and stays closed, without words to be found by."""
        sent = post("p1", photo=encoded("sea"), child=False)
        take(pipeline, sent)
        (point,) = store.get(["p1"])
        assert point is not None
        closed = decide(from_payload(point.facts), Child.CHILD, "anna", datetime(2026, 1, 1, tzinfo=UTC))
        store.set_facts({"p1": standing(closed, point)})
        held = facts(store, "p1")
        results = take(self.other(store, patches=50), sent)
        assert [list(result.marks) for result in results] == [["seen_anew"]]
        assert facts(store, "p1") == held
        (after,) = store.get(["p1"])
        assert after is not None
        assert sum(after.tokens("image").values()) == pytest.approx(50, abs=0.5)
        assert store.candidates(Search(10, words=query_words(after.document()))).words == []

    def test_a_line_that_says_something_new_wins_in_its_batch(self, pipeline: Pipeline, store: Store) -> None:
        """One line as it was and one with other words: the last one stays, as ever."""
        old, new = post("p1", photo=encoded("sea")), post("p1", "city", photo=encoded("city"))
        for batch, tag in (((old, new), "город"), ((new, old), "море")):
            take(pipeline, old)
            take(self.other(store, patches=50), *batch)
            (point,) = store.get(["p1"])
            assert point is not None
            assert tag in point.post["tags"]
            take(pipeline, old)


class TestDuplicates:
    def copy(self, name: str, of: dict[str, Any]) -> dict[str, Any]:
        return {**of, "id": name, "link": f"https://photos.example/{name}"}

    def test_the_second_of_a_batch_is_a_duplicate(self, pipeline: Pipeline, store: Store) -> None:
        """Of two posts with the same photo and words the first is kept, and the other is told which."""
        first = post("p1", photo=encoded("sea"))
        results = take(pipeline, first, self.copy("p2", first))
        assert became(results) == ["stored", "duplicate"]
        assert "'p1'" in (results[1].detail or "")
        assert store.count() == 1

    def test_what_is_stored_already_is_a_duplicate(self, pipeline: Pipeline) -> None:
        """A copy in a later batch is turned away, again and again, while the first stays unchanged."""
        first = post("p1", photo=encoded("sea"))
        take(pipeline, first)
        for _ in range(2):
            assert became(take(pipeline, self.copy("p2", first), first)) == ["duplicate", "unchanged"]

    def test_the_same_words_on_another_photo_are_no_duplicate(self, pipeline: Pipeline) -> None:
        """A series of photos under one caption is taken whole."""
        series = [{**post("p"), "id": f"p{n}", "photo": encoded("sea", n)} for n in range(3)]
        assert became(take(pipeline, *series)) == ["stored"] * 3

    def test_posts_of_hashtags_only_are_no_duplicates(self, pipeline: Pipeline) -> None:
        """Without words and photo there is nothing to compare, also where captions are sent empty."""
        captions = [{"text": ""}, {"text": " "}]
        sent = [
            {"id": "p1", "captions": captions, "tags": ["sea", "beach", "sand"]},
            {"id": "p2", "captions": captions, "tags": ["mountain", "snow", "trail"]},
        ]
        assert became(take(pipeline, *sent)) == ["stored", "stored"]


class TestFacts:
    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            pytest.param({}, ("open", "clear", "text"), id="nothing about children"),
            pytest.param({"text": "мальчик с воздушным змеем"}, ("held", "child", "text"), id="caption"),
            pytest.param({"text": "p3бенoк в парке"}, ("held", "child", "text"), id="disguised caption"),
            pytest.param({"tags": ["littlegirl"]}, ("held", "child", "text"), id="hashtag"),
            pytest.param({"attrs": {"title": "little girl with a kite"}}, ("held", "child", "text"), id="attr"),
            pytest.param({"attrs": {"seen": ["море", "ребёнок"]}}, ("held", "child", "text"), id="attr in a list"),
            pytest.param({"child": True}, ("held", "child", "host"), id="host says child"),
            pytest.param({"child": False}, ("open", "clear", "host"), id="host says none"),
            pytest.param({"child": True, "consent": FORM}, ("open", "consented", "host"), id="consent"),
            pytest.param({"consent": FORM}, ("open", "consented", "host"), id="consent alone"),
            pytest.param(
                {"child": True, "consent": {**FORM, "countries": ["DE"]}}, (["held", "DE"], "child", "host"), id="in DE"
            ),
            pytest.param({"child": True, "consent": False}, ("held", "child", "host"), id="no consent"),
            pytest.param({"text": "мальчик", "consent": FORM}, ("open", "consented", "host"), id="words with consent"),
            pytest.param({"text": "мальчик", "child": False}, ("held", "review", "text"), id="words against host"),
        ],
    )
    def test_facts_are_recorded(
        self, pipeline: Pipeline, store: Store, changes: dict[str, Any], expected: tuple[str, str, str]
    ) -> None:
        """Each post carries what is known about children in it, and whether it may be found."""
        assert became(take(pipeline, post("p1", **changes))) == ["stored"]
        vis, child, recorded = facts(store, "p1")
        assert (vis, child, recorded["source"]) == expected
        assert recorded["child"] == ("consented" if "consent" in recorded else child)
        spoken = child in ("child", "review", "consented") and recorded["source"] == "text"
        assert bool(recorded["rules"]) >= spoken


class TestFinding:
    def ids_by_words(self, store: Store, *words: str) -> set[str]:
        query = query_words({"text": dict.fromkeys(words, 1.0)})
        return {hit.point.id for hit in store.candidates(Search(limit=10, words=query)).words}

    def test_a_post_before_any_model_is_found_by_words(self, pipeline: Pipeline, store: Store) -> None:
        """Words of captions and hashtags find a post that has no theta yet."""
        take(pipeline, post("p1", photo=encoded("sea")), post("p2", "city"))
        (point,) = store.get(["p1"])
        assert point is not None
        assert point.theta is None
        assert self.ids_by_words(store, "волна") == {"p1"}
        assert self.ids_by_words(store, "город") == {"p2"}

    def test_with_a_model_a_post_gets_its_theta(self, store: Store, model: TopicModel) -> None:
        """The theta is the model's for the very Document that is stored."""
        store.add_vector(THETA.of(model.id), model.topics)
        store.activate(model.id)
        take(make_pipeline(store, model), post("p1", photo=encoded("sea")), {"id": "p2", "text": "квант бозон спин"})
        known, unknown = store.get(["p1", "p2"])
        assert known is not None
        assert unknown is not None
        assert known.theta is not None
        np.testing.assert_allclose(known.theta, model.thetas([known.document()])[0], atol=1e-6)
        assert unknown.theta is None
        assert self.ids_by_words(store, "бозон") == {"p2"}

    def test_the_stored_document_is_what_was_seen(self, pipeline: Pipeline, store: Store) -> None:
        """Words, hashtags and visual words are kept for a model to come."""
        take(pipeline, post("p1", photo=encoded("sea")))
        (point,) = store.get(["p1"])
        assert point is not None
        document = point.document()
        assert set(document) == {"text", "tag", "image"}
        assert {"закат", "волна", "beach"} <= set(document["text"])
        assert set(document["tag"]) == {"море", "photo"}
        assert sum(document["image"].values()) == pytest.approx(200, rel=0.01)

    def test_odd_ids_are_stored_and_read_back(self, pipeline: Pipeline, store: Store) -> None:
        """Slashes, NUL, emoji and 256 letters make an id like any other."""
        names = ["a/b?c=1", "a\x00b", "👩‍👩‍👧", "ы" * 256, " "]
        assert became(take(pipeline, *[post(name) for name in names])) == ["stored"] * 5
        assert [point and point.id for point in store.get(names)] == names
