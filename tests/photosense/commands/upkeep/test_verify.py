"""`photosense verify` reads every part of a home, says what is damaged, and what to do about it."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from compliance.records.takedown_register import Takedowns, post_mark
from photosense.house import open_house
from photosense.settings import Settings
from photosense.soundness.store import check_store
from qdrant.open_store import open_folder
from qdrant.points import StoredPoint
from qdrant.store import Standing
from qdrant.vector_kind import THETA
from tests.support.command import Command
from tests.support.points import MODEL, TOPICS, point, theta


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Three posts as they are without any model."""
    home = tmp_path / "photosense-data"
    store = open_folder(home / "store")
    store.upsert([point(f"p{number}") for number in range(3)])
    store.close()
    return home


def test_a_home_that_is_whole_says_what_was_looked_at(photosense: Command, home: Path) -> None:
    """Part by part, with 0; also while somebody has it open."""
    with open_house(Settings(home=home)):
        outcome = photosense("verify")
    assert outcome.code == 0, outcome.out
    assert "3 posts read" in outcome.out
    assert "photosense-data is whole." in outcome.out


def test_posts_that_contradict_themselves_are_named(photosense: Command, home: Path) -> None:
    """What stands twice in a post must say the same; a backup of such a store is refused."""
    store = open_folder(home / "store")
    closed = {"child": "child", "source": "host", "rules": []}
    store.set_facts({"p1": Standing("open", "clear", closed, {"sea": 1.0})})
    store.close()
    outcome = photosense("verify")
    assert outcome.code == 1
    assert "The post 'p1': its facts say child, held; it is filtered as clear, open." in outcome.out
    assert "What to do: send these posts again with a higher version" in outcome.out
    refused = photosense("backup", "saved")
    assert refused.code == 2
    assert "The store is damaged, and nothing was saved: The post 'p1'" in refused.err


def test_what_was_taken_down_and_stands_in_the_store_is_named_and_goes(photosense: Command, home: Path) -> None:
    """As after a store that was put back while nobody looked: the next start has it gone."""
    with open_house(Settings(home=home)):
        Takedowns(home / "takedowns.ndjson").begin("m1", "order 7", {post_mark("p2")}, 1)
        outcome = photosense("verify")
    assert outcome.code == 1
    assert "The post 'p2': it was taken down" in outcome.out
    photosense("status")
    assert photosense("verify").code == 0


def test_a_store_that_does_not_open_hides_no_other_part(photosense: Command, home: Path) -> None:
    """Its own sentence, and all that is whole beside it."""
    (home / "store" / "store.json").write_text("{")
    (home / "ads.json").write_text("{")
    outcome = photosense("verify")
    assert outcome.code == 1
    for says in ("store.json is missing or damaged", "is no model of advertisements", "records         "):
        assert says in outcome.out
    assert "photosense-data is damaged: store, advertisements." in outcome.out


def test_a_model_that_is_gone_is_named(photosense: Command, home: Path) -> None:
    """With the way to another one."""
    store = open_folder(home / "store")
    store.add_vector(THETA.of(MODEL), TOPICS)
    store.activate(MODEL)
    store.put_vectors(THETA.of(MODEL), [("p1", theta(1.0))])
    store.close()
    outcome = photosense("verify")
    assert f"3 posts read, 1 theta_{MODEL}" in outcome.out
    assert "photosense train --anew" in outcome.out


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("post", '{"captions": [{"text": 7}]}', "Expected `str`, got `int`"),
        ("content", ["words:0"], "its captions are not those that it came in with"),
        ("document", {"text": '{"sea": -1}'}, "counts text by what is no number"),
        ("facts", '{"child": "chuld", "source": "host"}', "'chuld' is not a valid Child"),
        ("added", "yesterday", "Invalid isoformat string"),
    ],
)
def test_every_field_of_a_post_is_read(home: Path, field: str, value: object, says: str) -> None:
    """One that cannot be, or that says another thing than its twin, is a fault."""
    from photosense.soundness.points import PointCheck

    store = open_folder(home / "store")
    (stored,) = store.get(["p1"])
    store.close()
    assert stored is not None
    check = PointCheck({})
    assert check.fault(stored) is None
    assert orjson.loads(stored.payload["post"])["captions"]
    assert says in str(check.fault(StoredPoint({**stored.payload, field: value})))


@pytest.mark.parametrize("busy", [True, False])
def test_a_count_that_others_write_into_proves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, busy: bool
) -> None:
    """A backup of a busy site is not refused for the post that came while it was read; of a calm one it would be."""
    store = open_folder(tmp_path / "store")
    store.upsert([point("a"), point("b")])
    scroll, count, numbers = store.scroll, store.count, iter(range(100))

    def busily(*given: object, **how: object) -> Iterator[StoredPoint]:
        yield from scroll(*given, **how)
        if busy:
            store.upsert([point(f"new{next(numbers)}")])

    monkeypatch.setattr(store, "scroll", busily)
    if not busy:
        monkeypatch.setattr(store, "count", lambda where=None: count(where) + (where is None))
    verdict = check_store(store)
    assert [fault.says for fault in verdict.faults] == ([] if busy else ["The store counts 3 posts, 2 can be read."])
    assert ("others wrote all the while" in verdict.says) is busy
    store.close()
