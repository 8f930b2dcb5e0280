"""The engine of whoever has the folder open, with a door for everybody else."""

from contextlib import suppress

from qdrant.edge.engine import EdgeEngine
from qdrant.errors import StoreError
from qdrant.owner.door import Door
from qdrant.owner.doorkeeper import Doorkeeper


class OpenEngine(EdgeEngine):
    """Answers here, and through the door of the store as long as it is open."""

    def __init__(self, door: Door) -> None:
        super().__init__(door.store, door.mark)
        self._seen = 0
        try:
            self._doorkeeper = Doorkeeper(self, door)
        except BaseException:
            super().close()
            raise

    def serve(self, first: float, others: float) -> None:
        """Answer until everybody has gone, then close; so many seconds are waited for the first one, and for others."""
        self._doorkeeper.wait_until_left(first, others, self._settle)
        self.close()

    def _settle(self) -> None:
        """Flush when nothing was written for a moment: then it makes nobody wait."""
        if self.unflushed and self.unflushed == self._seen:
            with suppress(StoreError):  # whoever writes next is told
                self.flush()
        self._seen = self.unflushed

    def close(self) -> None:
        """Close the door, then the store."""
        self._doorkeeper.close()
        try:
            super().close()
        finally:
            self._doorkeeper.let_go()
