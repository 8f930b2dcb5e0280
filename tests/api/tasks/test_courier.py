"""Webhooks: whoever is named is told, signed, until he answers; nobody is told who lives within the house."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from api.tasks.courier import Courier
from api.tasks.outbox import PAUSES
from api.tasks.task import TaskFailure, TaskKind
from api.tasks.task_book import TaskBook
from api.tasks.webhook import Webhook

SECRET = "whsec_" + base64.b64encode(b"a secret of the site's backend").decode()


class Receiver:
    """A site that is told; it answers what a test wants."""

    def __init__(self) -> None:
        self.answers = [200]
        self.messages: list[tuple[dict[str, str], bytes]] = []

    @contextmanager
    def open(self) -> Iterator[str]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.messages.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0])
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/hook"
        finally:
            server.shutdown()
            server.server_close()


class Clock:
    now = datetime(2026, 5, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def told(*hooks: Webhook) -> tuple[TaskBook, Courier, Clock]:
    """A task succeeds and another fails, and a courier is to tell of it."""
    clock = Clock()
    book = TaskBook(None, hooks, clock)
    for kind in (TaskKind.BACKUP, TaskKind.JUDGE):
        book.add(kind, {})
        task = book.take_next()
        if kind is TaskKind.BACKUP:
            book.succeed(task.id, {"posts": 7})
        else:
            book.fail(task.id, TaskFailure("refused", "There is no detector."))
    return book, Courier(book.outbox, now=clock), clock


def test_a_message_is_signed_as_standard_webhooks_has_it() -> None:
    """Identifier, time and body are under the signature, which anybody with the secret can compute."""
    receiver = Receiver()
    with receiver.open() as url:
        _, courier, clock = told(Webhook(url=url, secret=SECRET, private=True))
        courier.go_round()
        courier.go_round()
    assert len(receiver.messages) == 2
    headers, body = receiver.messages[0]
    assert (json.loads(body)["type"], json.loads(body)["data"]["report"]) == ("task.succeeded", {"posts": 7})
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.new(b"a secret of the site's backend", signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
    assert int(headers["webhook-timestamp"]) == clock.now.timestamp()
    assert json.loads(receiver.messages[1][1])["data"]["failure"]["detail"] == "There is no detector."


def test_who_fails_to_answer_is_told_again_later_and_not_for_ever() -> None:
    """Each pause is longer; a redirect is no answer; the message stays the same, its time is new."""
    receiver = Receiver()
    receiver.answers = [500, 302, 200]
    with receiver.open() as url:
        _, courier, clock = told(Webhook(url=url, secret=SECRET, events=("task.failed",), private=True))
        courier.go_round()
        courier.go_round()
        assert len(receiver.messages) == 1
        for pause in PAUSES[:2]:
            clock.now += pause
            courier.go_round()
        clock.now += timedelta(days=9)
        courier.go_round()
        assert len(receiver.messages) == 3
        assert len({headers["webhook-id"] for headers, _ in receiver.messages}) == 1
        assert len({headers["webhook-signature"] for headers, _ in receiver.messages}) == 3

        receiver.answers, receiver.messages = [503], []
        _, courier, clock = told(Webhook(url=url, secret=SECRET, events=("task.failed",), private=True))
        for _ in range(20):
            courier.go_round()
            clock.now += timedelta(days=2)
        assert len(receiver.messages) == len(PAUSES) + 1

        receiver.answers, receiver.messages = [410], []
        _, courier, clock = told(Webhook(url=url, secret=SECRET, events=("task.failed",), private=True))
        for _ in range(3):
            courier.go_round()
            clock.now += timedelta(days=2)
        assert len(receiver.messages) == 1


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "::ffff:127.0.0.1"])
def test_nobody_within_the_house_is_told(address: str) -> None:
    """A name that leads to this machine or a private net is not connected to, unless the operator says so."""
    receiver = Receiver()
    with receiver.open() as url:
        port = url.rpartition(":")[2]
        book, _, clock = told(Webhook(url=f"https://site.example:{port}", secret=SECRET))
        hook = book.outbox.due()[0].hook
        both = [ip_address("93.184.216.34"), ip_address(address)]
        Courier(book.outbox, now=clock, resolve=lambda *_: both).go_round()
    assert receiver.messages == []
    assert hook.private is False
    clock.now += PAUSES[0]
    assert sorted(message.tries for message in book.outbox.due()) == [0, 1]


def test_who_is_no_longer_named_is_not_told(tmp_path: Path) -> None:
    """Messages for an address that went from the settings go."""
    file, hook = tmp_path / "tasks.sqlite", Webhook(url="https://site.example/hook", secret=SECRET)
    before = TaskBook(file, [hook])
    before.cancel(before.add(TaskKind.BACKUP, {}).id)
    assert len(before.outbox.due()) == 1
    assert TaskBook(file).outbox.due() == []
    assert before.outbox.due() == []


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"url": "http://site.example/hook"}, "is https"),
        ({"url": "https://user:pass@site.example/"}, "without a user name"),
        ({"url": "ftp://site.example/", "private": True}, "https://host/path"),
        ({"url": "https://[half/"}, "no address"),
        ({"secret": "short"}, "at least 16"),
        ({"secret": "whsec_not base64!!"}, "base64"),
        ({"events": ["task.began"]}, "task.succeeded"),
    ],
)
def test_a_webhook_that_is_none_is_refused_at_the_start(given: dict[str, Any], says: str) -> None:
    """With a sentence that tells what is wrong, and not the secret."""
    with pytest.raises(ValidationError, match=says):
        Webhook(**{"url": "https://site.example/hook", "secret": SECRET, **given})
