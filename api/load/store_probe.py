"""Whether the store counts and finds, as it was a moment ago: whoever asks never waits for the store."""

import asyncio
import threading
import time
from concurrent.futures import Future
from typing import Final

import numpy as np

from qdrant.errors import StoreError
from qdrant.store import Search, Store, Target
from qdrant.vector_kind import Owner

_MOMENT: Final = 0.05  # seconds that are waited for an answer: usually it takes a hundredth of that


class StoreProbe:
    """Asks in a thread of its own, one question at a time; a store that is silent for so many seconds is down."""

    def __init__(self, store: Store, seconds: float = 5.0) -> None:
        self._store = store
        self._seconds = seconds
        self._asked: Future[str | None] = Future()
        self._asked.set_result(None)
        self._since = 0.0
        self._last: str | None = None

    async def fault(self) -> str | None:
        """What keeps the store from answering, in a sentence; None while it answers."""
        if self._asked.done():
            self._asked, self._since = Future(), time.monotonic()
            threading.Thread(target=self._ask, args=(self._asked,), daemon=True).start()
        await asyncio.wait({asyncio.wrap_future(self._asked)}, timeout=_MOMENT)
        if self._asked.done():
            self._last = self._asked.result()
        elif (silent := time.monotonic() - self._since) > self._seconds:
            return f"The store has not answered for {silent:.0f} seconds."
        return self._last

    def _search(self) -> Search:
        """A question to each arm that searches ask: one that fails is told here as it is there."""
        info, active = self._store.info(), self._store.active
        near = {
            vector.kind: Target(np.full(size, 1 / size, np.float32), "" if vector.owner == active else vector.owner)
            for vector, size in info.vectors.items()
            if vector.owner == active or vector.kind.owner is Owner.ENCODER
        }
        return Search(1, near=near, words={"photosense": 1.0})

    def _ask(self, asked: "Future[str | None]") -> None:
        try:
            self._store.count()
            self._store.candidates(self._search())
        except StoreError as error:
            asked.set_result(str(error))
        except BaseException as error:
            asked.set_exception(error)
        else:
            asked.set_result(None)
