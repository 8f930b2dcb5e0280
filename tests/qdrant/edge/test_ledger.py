"""The ledger: what was acknowledged stands there until the engine has it on disk, and is done again after a crash."""

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from qdrant.edge.engine import EdgeEngine
from qdrant.edge.ledger import Ledger
from qdrant.engine.protocol import Arm, Change, Packed
from qdrant.engine.store import EngineStore
from qdrant.errors import StoreDamaged, StoreDown
from qdrant.open_store import open_folder
from qdrant.points import WORDS, point_id
from qdrant.store import Search, Standing
from qdrant.vector_kind import THETA
from tests.support.points import MODEL, TOPICS, ids, point, theta

SEA = Arm(WORDS, {"sea": 1.0}, 5, None, exact=True, larger=True)


def after_a_power_cut(folder: Path, store: EngineStore, before: Path) -> EngineStore:
    """Open what a disk holds when everything is lost but what was forced there: the old files, and the ledger."""
    shutil.copy(folder / "ledger", before / "ledger")
    store.close()
    shutil.rmtree(folder)
    before.rename(folder)
    return open_folder(folder)


def test_what_was_acknowledged_outlives_a_power_cut(tmp_path: Path) -> None:
    """Posts, facts, vectors and removals, in their order, though the engine had none of it on disk."""
    folder, before = tmp_path / "store", tmp_path / "before"
    store = open_folder(folder)
    store.add_vector(THETA.of(MODEL), TOPICS)
    store.activate(MODEL)
    store.upsert([point(name, words={"sea": 1.0}) for name in ("kept", "held", "gone")])
    store.close()
    store = open_folder(folder)
    shutil.copytree(folder, before)
    store.upsert([point("new", words={"sea": 1.0}), point("brief", words={"sea": 1.0})])
    store.set_facts({"held": Standing("held", "child", {"v": 1}), "brief": Standing("open", "clear", {})})
    store.put_vectors(THETA.of(MODEL), [("kept", theta(1.0)), ("brief", theta(1.0))])
    assert store.delete(["gone", "brief"]) == [True, True]
    with closing(after_a_power_cut(folder, store, before)) as left:
        assert {one.id: one.payload["vis"] for one in left.scroll()} == {"kept": "open", "held": "held", "new": "open"}
        assert sorted(ids(left.candidates(Search(9, words={"sea": 1.0})).words)) == ["kept", "new"]
        (kept,) = left.get(["kept"])
        assert kept is not None
        assert kept.theta is not None
    assert (folder / "ledger").stat().st_size == 0


def test_a_ledger_of_before_a_vector_was_dropped_is_none(tmp_path: Path) -> None:
    """What changes which vectors and indexes there are is on disk, with all before it, when it returns."""
    with closing(open_folder(tmp_path / "store")) as store:
        store.add_vector(THETA.of("old"), TOPICS)
        store.upsert([point("p", vectors={THETA.of("old"): theta(1.0)}, words={"sea": 1.0})])
        assert (tmp_path / "store" / "ledger").stat().st_size > 0
        store.drop_vector(THETA.of("old"))
        assert (tmp_path / "store" / "ledger").stat().st_size == 0


def test_a_torn_entry_ends_it(tmp_path: Path) -> None:
    """What was cut short, or is not what was written, was never acknowledged."""
    path = tmp_path / "ledger"
    with closing(Ledger(path)) as ledger:
        ledger.add("erase", [b"1"])
        ledger.add("erase", [b"2"])
        whole = path.read_bytes()
    for torn in (whole[:-1], whole[:-1] + b"?", whole + b"\x05", whole + whole[:9]):
        path.write_bytes(torn)
        with closing(Ledger(path)) as ledger:
            assert [keys for _, keys in ledger.entries()] == [[b"1"], [b"2"]][: 2 if torn.startswith(whole) else 1]


def test_rot_in_the_middle_of_what_was_acknowledged_is_no_end(tmp_path: Path) -> None:
    """A store that would lose it opens no more; what nobody was told of is cut off as ever."""
    with closing(open_folder(tmp_path / "store")) as store:
        store.upsert([point("first")])
        acknowledged = (tmp_path / "store" / "ledger").stat().st_size
        store.upsert([point("second")])
        shutil.copytree(tmp_path / "store", tmp_path / "killed")
    ledger = tmp_path / "killed" / "ledger"
    whole = ledger.read_bytes()
    for place in (12, acknowledged - 40, acknowledged + 12):
        ledger.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(StoreDamaged, match=r"ledger: its entry at byte .* is not what was written"):
            open_folder(tmp_path / "killed")
    ledger.write_bytes(whole + b"\x09\x00\x00\x00 cut off")
    with closing(open_folder(tmp_path / "killed")) as store:
        assert sorted(one.id for one in store.scroll()) == ["first", "second"]


def test_a_long_ledger_is_emptied(tmp_path: Path) -> None:
    """The engine takes over now and then, so that a start after a crash is short."""
    with closing(open_folder(tmp_path / "store")) as store:
        sizes = []
        for batch in range(12):
            store.upsert([point(f"p{batch}-{n}", post={"captions": [{"text": "x" * 20_000}]}) for n in range(32)])
            sizes.append((tmp_path / "store" / "ledger").stat().st_size)
        assert max(sizes) < 6 << 20
        assert 0 in sizes


def test_what_the_engine_refused_is_no_entry(tmp_path: Path) -> None:
    """It is not done again, and what was acknowledged before it is."""
    engine = EdgeEngine(tmp_path / "store")
    engine.write([Packed(point_id("p"), {}, {"id": "p", "vis": "open"})])
    with pytest.raises(StoreDown):
        engine.change([Change(point_id("nobody"), {"vis": "held"}, None)])
    with closing(Ledger(tmp_path / "store" / "ledger")) as ledger:
        assert [name for name, *_ in ledger.entries()] == ["write"]
        ledger.add("restate", [(point_id("p"), {"vis": "held"}, None)])
        ledger.add("write", [(point_id("q"), {"nobody's": theta(1.0)}, {})])  # noted, and killed before it was refused
        shutil.copytree(tmp_path / "store", tmp_path / "killed")
    engine.close()
    with closing(open_folder(tmp_path / "killed")) as store:
        assert [one.payload["vis"] for one in store.scroll()] == ["held"]


@pytest.mark.parametrize("how", ["another write", "a flush", "the end"])
def test_half_a_change_is_finished_before_anything_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Its second step failed twice: the post is held and has no words, not held and found by words."""
    engine = EdgeEngine(tmp_path / "store")
    engine.write([Packed(point_id("p"), {WORDS: {"sea": 1.0}}, {"id": "p", "vis": "open"})])
    call, steps = engine._shard._call, iter([True, False, False])

    def fail(step: Callable[[], Any], name: str) -> Any:
        if name == "update" and not next(steps, True):
            raise StoreDown("failed on purpose")
        return call(step, name)

    monkeypatch.setattr(engine._shard, "_call", fail)
    with pytest.raises(StoreDown):
        engine.change([Change(point_id("p"), {"vis": "held"}, None)])
    assert len(engine.rank([SEA], None, with_points=False)[0]) == 1
    match how:
        case "another write":
            engine.write([Packed(point_id("q"), {}, {"id": "q", "vis": "open"})])
        case "a flush":
            engine.flush()
    engine.close()
    with closing(EdgeEngine(tmp_path / "store")) as engine:
        assert len(engine.rank([SEA], None, with_points=False)[0]) == 0
        assert engine.read([point_id("p")], ["vis"], None)[point_id("p")].payload == {"vis": "held"}
