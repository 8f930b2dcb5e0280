"""A part of a post is sent, and the whole of it is what is stored and judged."""

from datetime import UTC, datetime
from typing import Any

import pytest

from compliance.facts import Child, Source, from_payload
from compliance.precedence import decide
from ingest.changes.merge_patch import merged
from ingest.draft import Result
from ingest.photos.photo_source import InlinePhotos
from ingest.pipeline import Pipeline
from ingest.standing import standing
from qdrant.points import StoredPoint
from qdrant.store import Store
from tests.support.crawl import encoded, lines, post

FORM = {"record": "form-4711", "countries": ["DE"], "until": "2099-01-01T00:00:00Z"}


def take(pipeline: Pipeline, *sent: dict[str, Any]) -> None:
    assert {result.status for result in pipeline.take(lines(*sent), InlinePhotos())} == {"stored"}


def change(pipeline: Pipeline, name: str, **patch: Any) -> Result | None:
    return pipeline.change(name, patch, InlinePhotos())


def status(result: Result | None) -> str | None:
    return None if result is None else result.reason or result.status


def stored(store: Store, name: str) -> StoredPoint:
    (point,) = store.get([name])
    assert point is not None
    return point


def test_patches_merge_as_the_rfc_says() -> None:
    """The cases of RFC 7396's appendix."""
    assert merged({"a": "b"}, {"a": "c"}) == {"a": "c"}
    assert merged({"a": "b"}, {"b": "c"}) == {"a": "b", "b": "c"}
    assert merged({"a": "b", "b": "c"}, {"a": None}) == {"b": "c"}
    assert merged({"a": ["b"]}, {"a": "c"}) == {"a": "c"}
    assert merged({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}) == {"a": {"b": "d"}}
    assert merged({"a": [{"b": "c"}]}, {"a": [1]}) == {"a": [1]}
    assert merged({"e": None}, {"a": 1}) == {"e": None, "a": 1}
    assert merged([1, 2], {"a": "b", "c": None}) == {"a": "b"}
    assert merged({}, {"a": {"bb": {"ccc": None}}}) == {"a": {"bb": {}}}


def test_what_is_not_named_stays(pipeline: Pipeline, store: Store) -> None:
    """Captions with their authors, addresses, fields and the photo; what is named is replaced, null removes."""
    take(pipeline, post("a", photo=encoded("sea"), child=False, link="https://x.example/a", attrs={"n": 1, "m": "q"}))
    before = stored(store, "a")
    assert status(change(pipeline, "a", tags=["storm"], attrs={"n": None, "k": True})) == "stored"
    after = stored(store, "a")
    assert after.post == {**before.post, "tags": ["storm"]}
    assert after.attrs == {"m": "q", "k": True}
    assert after.added == before.added
    assert (after.tokens("image"), after.facts) == (before.tokens("image"), before.facts)
    assert status(change(pipeline, "a", text="буря над морем, волны", link=None)) == "stored"
    assert stored(store, "a").post["captions"] == [{"text": "буря над морем, волны", "author": None}]
    assert stored(store, "a").post["link"] is None
    assert status(change(pipeline, "a", photo=None)) == "stored"
    assert stored(store, "a").tokens("image") == {}


def test_what_changes_nothing_is_unchanged(pipeline: Pipeline, store: Store) -> None:
    """An empty patch, what is there already, and the same patch twice write nothing."""
    take(pipeline, post("a", photo=encoded("sea"), child=False))
    before = stored(store, "a").changed
    assert status(change(pipeline, "a")) == status(change(pipeline, "a", tags=["море", "photo"])) == "unchanged"
    assert stored(store, "a").changed == before
    assert [status(change(pipeline, "a", tags=["x"])) for _ in range(2)] == ["stored", "unchanged"]
    assert change(pipeline, "nobody", tags=["x"]) is None


def test_versions_are_respected(pipeline: Pipeline, store: Store) -> None:
    """A change of a post with a version names a higher one: what comes late undoes nothing."""
    take(pipeline, post("a", version=3))
    told = [status(change(pipeline, "a", tags=["x"], **version)) for version in ({}, {"version": 2}, {"version": 3})]
    assert told == ["version_missing", "stale", "unchanged"]
    assert status(change(pipeline, "a", tags=["x"], version=4)) == "stored"
    assert stored(store, "a").version == 4


def test_mistakes_are_said_with_their_place(pipeline: Pipeline, store: Store) -> None:
    """And nothing changes."""
    take(pipeline, post("a"))
    before = stored(store, "a").payload
    for patch in ({"colour": 1}, {"captions": [{"text": 1}]}, {"id": "b"}, {"attrs": 5}, {"version": "x"}):
        result = change(pipeline, "a", **patch)
        assert result is not None
        assert (result.reason, " " in (result.detail or "")) == ("wrong_field", True)
    assert status(change(pipeline, "a", text="hm", tags=[])) == "too_few_words"
    assert stored(store, "a").payload == before


class TestChildren:
    """The law judges the whole new post."""

    def test_the_words_of_a_change_hold_the_post(self, pipeline: Pipeline, store: Store) -> None:
        """Whatever the site said of it before."""
        take(pipeline, post("a", photo=encoded("sea"), child=False))
        for patch in ({"tags": ["девочка"]}, {"attrs": {"who": "toddler"}}, {"text": "a boy at the sea, waves"}):
            take(pipeline, post("b", "city", child=False))
            change(pipeline, "b", **patch)
            assert stored(store, "b").payload["vis"] == "held", patch
            store.delete(["b"])

    def test_what_the_site_said_stays(self, pipeline: Pipeline, store: Store) -> None:
        """That a photo shows no child, that a post is about one, and a consent while nothing that is shown changes."""
        take(
            pipeline,
            post("clear", photo=encoded("sea"), child=False),
            post("child", "city", child=True),
            post("agreed", "mountains", consent=FORM, version=1),
        )
        change(pipeline, "clear", tags=["x"])
        change(pipeline, "child", tags=["x"])
        change(pipeline, "agreed", version=2)
        told = {name: from_payload(stored(store, name).facts) for name in ("clear", "child", "agreed")}
        assert {name: (its.child, its.source) for name, its in told.items()} == {
            "clear": (Child.CLEAR, Source.HOST),
            "child": (Child.CHILD, Source.HOST),
            "agreed": (Child.CONSENTED, Source.HOST),
        }
        assert told["agreed"].consent is not None
        assert told["agreed"].consent.countries == {"DE"}
        change(pipeline, "agreed", tags=["x"], version=3)
        assert from_payload(stored(store, "agreed").facts).child is Child.REVIEW

    def test_a_reviewers_word_ends_with_a_change_and_holds_if_it_held(self, pipeline: Pipeline, store: Store) -> None:
        """As it does when the whole post is sent again."""
        take(pipeline, post("opened", child=True), post("closed", "city"))
        for name, child in (("opened", Child.CLEAR), ("closed", Child.CHILD)):
            point = stored(store, name)
            store.set_facts({name: standing(decide(from_payload(point.facts), child, "m1", datetime.now(UTC)), point)})
            change(pipeline, name, tags=["x"])
        facts = from_payload(stored(store, "opened").facts)
        assert (facts.child, "content-changed" in facts.rules) == (Child.CHILD, True)
        facts = from_payload(stored(store, "closed").facts)
        assert (facts.child, facts.source) == (Child.CHILD, Source.REVIEWER)

    def test_what_is_emptied_is_withdrawn(self, pipeline: Pipeline, store: Store) -> None:
        """Nothing is left to be found of a post without a photo whose captions and tags were removed."""
        take(pipeline, post("a"))
        result = change(pipeline, "a", captions=None, tags=None)
        assert (status(result), list(result.marks if result else ())) == ("empty", ["withdrawn"])
        assert store.get(["a"]) == [None]


def test_a_changed_post_is_known_by_what_it_says_now(pipeline: Pipeline) -> None:
    """Another post with its photo and its new words is the same post again; with other words it has the photo alone."""
    take(pipeline, post("a", photo=encoded("sea"), child=False))
    change(pipeline, "a", text="буря над морем, волны")
    copies = [
        {"id": "b", "text": text, "photo": encoded("sea")} for text in ("буря над морем, волны", "тишина и дождь")
    ]
    assert [status(result) for result in pipeline.take(lines(*copies), InlinePhotos())] == [
        "duplicate",
        "duplicate_photo",
    ]


@pytest.mark.parametrize("said", [None, False])
def test_a_consent_that_is_removed_is_none_any_more(pipeline: Pipeline, store: Store, said: bool | None) -> None:
    """`null` takes it away as `false` does: it was answered `stored`, and the post stayed open."""
    take(pipeline, post("a", consent=FORM))
    assert status(change(pipeline, "a", consent=said)) == "stored"
    assert (stored(store, "a").payload["child"], stored(store, "a").payload["vis"]) == ("child", "held")


def test_a_word_that_is_taken_back_is_none_any_more(pipeline: Pipeline, store: Store) -> None:
    """Nobody looked at the photo then; what was said of a child stays said, for it withholds."""
    take(pipeline, post("a", photo=encoded("sea"), child=False), post("b", photo=encoded("city"), child=True))
    assert stored(store, "a").payload["child"] == "clear"
    assert status(change(pipeline, "a", child=None)) == "stored"
    assert stored(store, "a").payload["child"] in ("unseen", "review")
    change(pipeline, "b", child=None)
    assert stored(store, "b").payload["child"] == "child"
