"""A notebook of the home: a file of tables that the service's processes write side by side, and that outlives them."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from api.errors import ApiError

_WAIT: Final = 10.0  # seconds that one writer waits for another


class NotebookUnreadable(ApiError):
    """A notebook is damaged, or its disk does not answer."""

    status = 503
    code = "notebook_unreadable"


class NotebookFull(ApiError):
    """There is no room to write into a notebook."""

    status = 507
    code = "notebook_full"


class Notebook:
    """Tables in a file, which is made when something is written first; without a path, in memory."""

    def __init__(self, path: Path | None, tables: str) -> None:
        self._tables = tables
        self._place = path or sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._alone = threading.Lock()
        if isinstance(self._place, sqlite3.Connection):
            self._place.executescript(tables)

    def rows(self, question: str, *values: Any) -> Sequence[tuple[Any, ...]]:
        """What a question finds; nothing, where nobody has written yet."""
        if isinstance(self._place, Path) and not self._place.exists():
            return []
        with self._open() as tables:
            found: Sequence[tuple[Any, ...]] = tables.execute(question, values).fetchall()
        return found

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give the tables to write, all of it or nothing; others wait meanwhile."""
        with self._open() as tables:
            tables.execute("BEGIN IMMEDIATE")
            try:
                yield tables
            except BaseException:
                if tables.in_transaction:
                    tables.execute("ROLLBACK")
                raise
            tables.execute("COMMIT")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            if isinstance(self._place, Path):
                with closing(self._connected(self._place)) as tables:
                    yield tables
            else:
                with self._alone:
                    yield self._place
        except sqlite3.Error as error:
            raise self._sentence(error) from None
        except OSError as error:
            raise NotebookUnreadable(f"The home cannot be written: {error.strerror}. Ask again.") from None

    def _connected(self, path: Path) -> sqlite3.Connection:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
        tables = sqlite3.connect(path, timeout=_WAIT, isolation_level=None)
        try:
            tables.executescript(self._tables)
        except BaseException:
            tables.close()
            raise
        return tables

    def _sentence(self, error: sqlite3.Error) -> ApiError:
        name = self._place.name if isinstance(self._place, Path) else "A notebook"
        if "full" in str(error):
            return NotebookFull(f"The disk of the home has no room for {name}: free some space and ask again.")
        if "locked" in str(error):
            return NotebookUnreadable(f"{name} in the home is being written by others for too long: ask again.")
        return NotebookUnreadable(
            f"{name} in the home cannot be used ({error}): move it away, a new one is made; what it noted is lost."
        )
