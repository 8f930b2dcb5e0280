"""Whether the store answers, without waiting for it."""

import asyncio
import threading

import pytest

from api.load.store_probe import StoreProbe
from qdrant.errors import StoreDamaged, StoreDown
from qdrant.filters import Filter
from qdrant.store import Candidates, Search
from tests.support.reference_store import ReferenceStore


class SlowStore(ReferenceStore):
    """A store that answers when it is let, and then maybe with an error."""

    def __init__(self) -> None:
        super().__init__()
        self.let = threading.Event()
        self.asked = 0
        self.error: Exception | None = None

    def count(self, where: Filter | None = None) -> int:
        self.asked += 1
        self.let.wait(60)
        if self.error:
            raise self.error
        return 0


async def settled(probe: StoreProbe) -> str | None:
    """Ask until the last question is answered."""
    while not probe._asked.done():
        await asyncio.sleep(0.001)
    return await probe.fault()


def test_a_store_that_answers_has_no_fault() -> None:
    """Nor has one that did so when it was asked before."""

    async def story() -> None:
        probe = StoreProbe(ReferenceStore())
        assert await probe.fault() is None
        assert await probe.fault() is None

    asyncio.run(story())


def test_nobody_waits_for_a_store_that_is_slow() -> None:
    """What it said last holds, and it is asked one question at a time, until its silence is a fault."""

    async def story() -> None:
        store = SlowStore()
        patient = StoreProbe(store)
        assert [await patient.fault(), await patient.fault()] == [None, None]
        assert store.asked == 1
        hasty = StoreProbe(store, seconds=0)
        assert "has not answered for 0 seconds" in str(await hasty.fault())
        store.let.set()
        assert await settled(hasty) is None

    asyncio.run(story())


def test_a_store_that_is_down_says_so_until_it_is_back() -> None:
    """Its own sentence, then none."""

    async def story() -> None:
        store = SlowStore()
        store.error, probe = StoreDown("The engine is away."), StoreProbe(store)
        store.let.set()
        assert await settled(probe) == "The engine is away."
        store.error = None
        assert await settled(probe) is None

    asyncio.run(story())


def test_what_nobody_foresaw_is_not_hidden() -> None:
    """It comes out, as anywhere else."""

    async def story() -> None:
        store = SlowStore()
        store.error, probe = ZeroDivisionError(), StoreProbe(store)
        store.let.set()
        with pytest.raises(ZeroDivisionError):
            await probe.fault()

    asyncio.run(story())


def test_a_store_that_counts_and_finds_nothing_is_not_ready() -> None:
    """Where searches would be answered 503, so is the question whether they can be answered."""

    class BlindStore(ReferenceStore):
        def candidates(self, search: Search) -> Candidates:
            raise StoreDamaged("The index of words cannot be read.")

    async def story() -> None:
        probe = StoreProbe(BlindStore())
        await probe.fault()
        assert await settled(probe) == "The index of words cannot be read."

    asyncio.run(story())
