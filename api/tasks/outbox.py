"""The outbox: messages to webhooks, which wait until they are delivered, or were tried often enough."""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from sqlite3 import Connection
from typing import Final, NamedTuple

import msgspec

from api.notebook import Notebook
from api.tasks.task import TaskAnswer
from api.tasks.webhook import TaskEvent, Webhook

OUTBOX_TABLE: Final = """
CREATE TABLE IF NOT EXISTS outbox (id TEXT PRIMARY KEY, url TEXT, body BLOB, tries INTEGER, due TEXT);
"""
PAUSES: Final = tuple(timedelta(seconds=one) for one in (5, 30, 120, 600, 3600, 6 * 3600, 24 * 3600))
_MOST: Final = 10_000  # messages that wait


class Message(NamedTuple):
    """What is to be told, to whom, and how often that was tried."""

    id: str
    hook: Webhook
    body: bytes
    tries: int


class Outbox:
    """Messages by the moment in which they are tried next."""

    def __init__(self, notebook: Notebook, hooks: Sequence[Webhook], now: Callable[[], datetime]) -> None:
        self._notebook = notebook
        self._hooks = {hook.url: hook for hook in hooks}
        self._now = now

    def put(self, tables: Connection, event: TaskEvent, task: TaskAnswer) -> None:
        """Let all who want to know of it be told."""
        wanting = [hook for hook in self._hooks.values() if event in hook.events]
        if not wanting or tables.execute("SELECT count(*) FROM outbox").fetchone()[0] >= _MOST:
            return
        told = {"type": event, "timestamp": task.ended, "data": task}
        body = msgspec.json.encode(told)
        for hook in wanting:
            tables.execute(
                "INSERT INTO outbox VALUES (?, ?, ?, 0, ?)",
                (f"msg_{secrets.token_hex(12)}", hook.url, body, self._now().isoformat()),
            )

    def due(self) -> Sequence[Message]:
        """What is to be tried now; messages for who is no longer in the settings go."""
        rows = self._notebook.rows(
            "SELECT id, url, body, tries FROM outbox WHERE due <= ? ORDER BY due LIMIT 20", self._now().isoformat()
        )
        for one, url, _, _ in rows:
            if url not in self._hooks:
                self.drop(one)
        return [Message(one, self._hooks[url], body, tries) for one, url, body, tries in rows if url in self._hooks]

    def drop(self, message: str) -> None:
        """Have done with a message."""
        with self._notebook.writing() as tables:
            tables.execute("DELETE FROM outbox WHERE id = ?", (message,))

    def put_off(self, message: Message) -> bool:
        """Try once more later; False, when it was tried often enough."""
        if message.tries >= len(PAUSES):
            self.drop(message.id)
            return False
        due = self._now() + PAUSES[message.tries]
        with self._notebook.writing() as tables:
            tables.execute("UPDATE outbox SET tries = tries + 1, due = ? WHERE id = ?", (due.isoformat(), message.id))
        return True
