"""The book of answers: what each key was sent with, and what was answered, for a day."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from api.errors import ApiError
from api.notebook import Notebook

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS answers (
    name TEXT PRIMARY KEY, request TEXT, began REAL, status INTEGER, media TEXT, body BLOB
);
CREATE INDEX IF NOT EXISTS answers_began ON answers (began);
"""
_KEPT: Final = timedelta(days=1)
_UNDER_WAY: Final = timedelta(minutes=5)  # after which whoever answered has gone
_MOST: Final = 10_000  # answers
MOST_BYTES: Final = 2**19  # of a body that is kept


class KeyReused(ApiError):
    """The key was sent with another request."""

    status = 422
    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key was sent with another request within the last day: send a new key with each new "
            "request, and the same one only with the same request."
        )


class UnderWay(ApiError):
    """The same request is being answered."""

    status = 409
    code = "idempotency_under_way"

    def __init__(self) -> None:
        super().__init__("The request with this Idempotency-Key is still under way: send it again in a few seconds.")


class GivenAnswer(NamedTuple):
    """An answer as it was given."""

    status: int
    media: str
    body: bytes


class Repeated(Exception):
    """The request was answered before."""

    def __init__(self, answer: GivenAnswer) -> None:
        super().__init__()
        self.answer = answer


class AnswerBook:
    """Answers by a name that nobody else has: of the key, who sent it, and where to."""

    def __init__(self, path: Path | None = None, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._notebook = Notebook(path, _TABLES)
        self._now = now

    def begin(self, name: str, request: str) -> GivenAnswer | None:
        """Give what was answered to this very request; None, where nobody answered it yet and we begin to."""
        now = self._now().timestamp()
        with self._notebook.writing() as tables:
            tables.execute("DELETE FROM answers WHERE began < ?", (now - _KEPT.total_seconds(),))
            tables.execute(
                "DELETE FROM answers WHERE status IS NULL AND began < ?", (now - _UNDER_WAY.total_seconds(),)
            )
            row = tables.execute("SELECT request, status, media, body FROM answers WHERE name = ?", (name,)).fetchone()
            if row is None:
                tables.execute("INSERT INTO answers (name, request, began) VALUES (?, ?, ?)", (name, request, now))
                tables.execute(
                    "DELETE FROM answers WHERE name IN "
                    "(SELECT name FROM answers ORDER BY began DESC LIMIT -1 OFFSET ?)",
                    (_MOST,),
                )
                return None
        before, status, media, body = row
        if before != request:
            raise KeyReused
        if status is None:
            raise UnderWay
        return GivenAnswer(status, media, body)

    def keep(self, name: str, answer: GivenAnswer) -> None:
        """Keep what was answered."""
        with self._notebook.writing() as tables:
            tables.execute("UPDATE answers SET status = ?, media = ?, body = ? WHERE name = ?", (*answer, name))

    def forget(self, name: str) -> None:
        """Keep nothing: the request may be sent again, and is done then."""
        with self._notebook.writing() as tables:
            tables.execute("DELETE FROM answers WHERE name = ? AND status IS NULL", (name,))
