"""What the register names is gone from the store, also when a takedown was cut short."""

import json
from pathlib import Path

import pytest

from compliance.law import Law
from compliance.records.audit import Audit
from compliance.records.takedown_register import Takedowns, link_marks, post_mark
from moderation.takedowns import Remover, apply_register
from tests.support.points import point
from tests.support.reference_store import ReferenceStore

LINK = "https://photos.example/p/1"
LOOK = 0x0123456789ABCDEF


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "takedowns.ndjson"


@pytest.mark.parametrize(
    ("mark", "fields"),
    [
        pytest.param(post_mark("p1"), {}, id="the id"),
        pytest.param(min(link_marks(LINK)), {"post": {"captions": [], "link": LINK}}, id="the link"),
        pytest.param(f"photo:{'a' * 32}", {"content": [f"photo:{'a' * 32}"]}, id="the photo"),
        pytest.param(f"look:{LOOK:016x}", {"content": [f"look:{LOOK ^ 0b101:016x}"]}, id="the look"),
    ],
)
def test_a_takedown_that_a_crash_cut_short_is_finished(path: Path, mark: str, fields: dict) -> None:
    """It was recorded, its post is still in the store; afterwards the post is gone and the register says so."""
    store = ReferenceStore()
    store.upsert([point("p1", **fields), point("p2")])
    begun = Takedowns(path).begin("m1", "order 7", {mark}, 1)
    takedowns, audit = Takedowns(path), path.with_name("audit.ndjson")
    assert apply_register(store, Law(audit=Audit(audit), takedowns=takedowns)) == 1
    assert [each.id for each in store.scroll()] == ["p2"]
    assert Takedowns(path).unfinished() == []
    (line,) = [entry for entry in map(json.loads, audit.read_text().splitlines()) if entry["event"] == "taken_down"]
    assert (line["takedown"], line["count"], line["by"]) == (begun.id, 1, "m1")


def test_what_was_taken_down_and_came_back_behind_the_register_goes_again(path: Path) -> None:
    """As when an older copy of the store was put in its place."""
    store, takedowns = ReferenceStore(), Takedowns(path)
    takedowns.finish(takedowns.begin("m1", "order 7", {post_mark("p1")}, 1).id)
    store.upsert([point("p1"), point("p2")])
    assert apply_register(store, Law(takedowns=takedowns)) == 1
    assert apply_register(store, Law(takedowns=takedowns)) == 0
    assert [each.id for each in store.scroll()] == ["p2"]


def test_a_whole_address_reaches_the_posts_that_were_sent_with_its_path(path: Path) -> None:
    """A moderator copies it from a browser; this site sends links without its host."""
    store = ReferenceStore()
    links = {"p1": "/p/1", "p2": LINK, "p3": "/p/12", "p4": "https://other.example/p/1"}
    store.upsert([point(name, post={"captions": [], "link": link}) for name, link in links.items()])
    remover = Remover(store, Law(takedowns=Takedowns(path)))
    assert [each.id for each in remover.preview(link=LINK)] == ["p1", "p2"]
    assert remover.take_down("m1", "order 7", link=LINK).posts == 2
    assert [each.id for each in store.scroll()] == ["p3", "p4"]
