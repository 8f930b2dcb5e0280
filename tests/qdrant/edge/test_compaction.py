"""Compaction: whatever is written while the copy is made is in it, and nobody waits but for the last step."""

import random
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import pytest

from qdrant.attrs import path, unquoted
from qdrant.edge import compaction
from qdrant.edge.engine import EdgeEngine, ShardCopy
from qdrant.engine.store import EngineStore
from qdrant.errors import StoreBusy, StoreDown
from qdrant.filters import any_of
from qdrant.open_store import open_folder, open_shared
from qdrant.store import Search, Standing
from qdrant.vector_kind import THETA
from tests.support.points import MODEL, TOPICS, ids, point, theta
from tests.support.reference_store import ReferenceStore

POSTS = [f"p{number}" for number in range(1200)]  # some pages of a copy


@pytest.fixture(params=["its owner", "another"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[EngineStore, EngineStore]]:
    """Who compacts, and who writes meanwhile."""
    with closing(open_shared(tmp_path / "store")) as owner, closing(open_shared(tmp_path / "store")) as other:
        owner.add_vector(THETA.of(MODEL), TOPICS)
        owner.activate(MODEL)
        owner.upsert([point(post, vectors={THETA.of(MODEL): theta(1.0)}, words={"sea": 1.0}) for post in POSTS])
        yield (owner, other) if request.param == "its owner" else (other, owner)


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[str], None]], None]:
    """Do something at each step of the next copy, named: after its first page, before and after it is built."""

    def plan(act: Callable[[str], None]) -> None:
        put, build = ShardCopy.put, ShardCopy.build

        def first_put(copy: ShardCopy, points: list[compaction.WholePoint]) -> None:
            monkeypatch.setattr(ShardCopy, "put", put)
            put(copy, points)
            act("first page")

        def slow_build(copy: ShardCopy) -> None:
            monkeypatch.setattr(ShardCopy, "build", build)
            act("all pages")
            build(copy)
            act("built")

        monkeypatch.setattr(ShardCopy, "put", first_put)
        monkeypatch.setattr(ShardCopy, "build", slow_build)

    return plan


def life(chance: random.Random, stores: tuple[EngineStore, ReferenceStore], count: int) -> None:
    """Write this and that to both stores."""
    for number in range(count):
        post, new = chance.choice(POSTS), f"new{chance.randrange(50)}"
        share, word = chance.random(), chance.choice(["sea", "hill"])
        for store in stores:
            match number % 5:
                case 0:
                    store.upsert([point(new, vectors={THETA.of(MODEL): theta(share, 1 - share)}, words={word: 1.0})])
                case 1:
                    store.upsert([point(post, attrs={f"field{number % 3}": word}, words={word: 1.0})])
                case 2:
                    store.delete([post, new])
                case 3:
                    store.set_facts({post: Standing("held", "child", {}, {})})
                case 4:
                    store.put_vectors(THETA.of(MODEL), [(post, theta(share, 1 - share))])


def test_what_is_written_meanwhile_comes_along(
    stores: tuple[EngineStore, EngineStore], meanwhile: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it is, and whenever: the store is at the end what a plain one is that was written to in the same way."""
    monkeypatch.setattr(compaction, "_FEW", 10)
    compacting, writing = stores
    judge, chance = ReferenceStore(), random.Random(7)
    judge.add_vector(THETA.of(MODEL), TOPICS)
    judge.activate(MODEL)
    judge.upsert([point(post, vectors={THETA.of(MODEL): theta(1.0)}, words={"sea": 1.0}) for post in POSTS])
    meanwhile(lambda _: life(chance, (writing, judge), 60))
    compacting.optimize()
    life(chance, (writing, judge), 20)
    found, expected = ({one.id: one for one in store.scroll()} for store in (writing, judge))
    assert found.keys() == expected.keys()
    for name, one in expected.items():
        assert (found[name].payload["vis"], found[name].attrs) == (one.payload["vis"], one.attrs), name
        assert (found[name].theta is None) == (one.theta is None), name
        if one.theta is not None:
            np.testing.assert_allclose(found[name].theta, one.theta, atol=1e-6)
    for word in ("sea", "hill"):
        search = Search(2000, words={word: 1.0}, filter=any_of("vis", ["open"]))
        assert set(ids(writing.candidates(search).words)) == set(ids(judge.candidates(search).words))
    (owner,) = (store._engine for store in stores if isinstance(store._engine, EdgeEngine))
    fields = {unquoted(path(*field)) for field in owner.about.attrs}
    assert len(fields) == 3
    assert fields <= owner._shard.info().payload_schema.keys()


def test_nobody_waits_while_the_copy_is_built(stores: tuple[EngineStore, EngineStore], meanwhile: Callable) -> None:
    """It took half an hour among a million posts, and every write waited."""
    compacting, writing = stores
    written: list[str] = []
    meanwhile(lambda step: written.extend([step] * (writing.upsert([point(step)]) == ["stored"])))
    compacting.optimize()
    assert written == ["first page", "all pages", "built"]
    assert writing.get(written).count(None) == 0


def test_a_model_that_comes_meanwhile_ends_it(stores: tuple[EngineStore, EngineStore], meanwhile: Callable) -> None:
    """Nothing is changed, a sentence says what to do, and it can be done at once."""
    compacting, writing = stores
    steps = iter([True])
    meanwhile(lambda _: writing.add_vector(THETA.of("m2"), TOPICS) if next(steps, False) else None)
    with pytest.raises(StoreBusy, match="nothing was changed: ask again"):
        compacting.optimize()
    assert writing.count() == len(POSTS)
    writing.upsert([point("later")])
    compacting.optimize()
    assert writing.count() == len(POSTS) + 1


def test_what_was_written_is_remembered_for_a_copy_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who compacts and gives up, or whose copy would never be done, leaves nothing in memory."""
    monkeypatch.setattr("qdrant.edge.engine._MOST_TOUCHED", 100)
    with closing(open_folder(tmp_path / "store")) as store:
        engine = store._engine
        store.upsert([point("a")])
        engine.begin_copy()  # type: ignore[attr-defined]
        store.upsert([point("b")])
        assert len(engine.touched(0)) == 1  # type: ignore[attr-defined]
        store.upsert([point("c")])
        assert len(engine.touched(0)) == 2  # type: ignore[attr-defined]  # the answer was lost, and is given anew
        assert engine.touched(1) == []  # type: ignore[attr-defined]
        store.upsert([point(f"p{number}") for number in range(200)])
        with pytest.raises(StoreDown, match="ask again"):
            engine.touched(2)  # type: ignore[attr-defined]
        monkeypatch.setattr(ShardCopy, "build", lambda _: 1 / 0)
        with suppress(ZeroDivisionError):
            store.optimize()
        with pytest.raises(StoreDown, match="ask again"):
            engine.touched(2)  # type: ignore[attr-defined]
        assert store.count() == 203
