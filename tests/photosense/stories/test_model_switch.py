"""Models change without a stop: who reads and writes meanwhile is answered, by one model at a time."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from photosense.house import open_house
from photosense.settings import Settings
from tests.support.command import Command
from tests.support.crawl import crawl
from tests.support.service import ServiceProcess, serving, until
from tests.support.taught_home import write

SETTINGS = {"topics": 6, "passes": 3, "children": 0}


class Visitors:
    """Ask and write without pause, and keep what they were answered."""

    def __init__(self, service: ServiceProcess) -> None:
        self._service = service
        self.models: list[str] = []
        self.wrong: list[tuple[str, int, str]] = []
        self.stored: list[str] = []

    @contextmanager
    def busy(self) -> Iterator["Visitors"]:
        """Go on until the block ends."""
        over = threading.Event()
        threads = [threading.Thread(target=self._go_on, args=(over, do)) for do in (self._search, self._write)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            over.set()
            for thread in threads:
                thread.join()

    def answers_by(self, model: str) -> bool:
        """Whether the service says that it answers by a model."""
        return bool(self._ask("GET", "/v1/topics")["model"] == model)

    def _go_on(self, over: threading.Event, do: Any) -> None:
        for number in count():
            if over.wait(0.02):
                return
            do(number)

    def _search(self, _: int) -> None:
        answer = self._ask("POST", "/v1/search", {"text": "море волна", "country": "IS", "limit": 5})
        assert all(0 <= hit["match"] <= 1.0001 for hit in answer["hits"] if hit.get("match") is not None), answer

    def _write(self, number: int) -> None:
        post = f"new{number}"
        line = json.dumps({"id": post, "text": f"волна и берег моря {number}"}).encode()
        self._ask("POST", "/v1/posts:bulk", line)
        self.stored.append(post)

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        kind = "application/x-ndjson" if isinstance(body, bytes) else "application/json"
        connection = HTTPConnection("127.0.0.1", self._service.port, timeout=60)
        connection.request(method, path, data, {"Content-Type": kind})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        if answer.status != 200 or '"rejected"' in text:
            self.wrong.append((path, answer.status, text))
        return {} if isinstance(body, bytes) else json.loads(text)


@pytest.fixture
def run(photosense: Command, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run a command of the home; gives what it said."""
    for name, value in SETTINGS.items():
        monkeypatch.setenv(f"PHOTOSENSE_{name.upper()}", str(value))

    def run(*arguments: str) -> str:
        result = photosense(*arguments)
        assert result.code == 0, result.err
        return result.out

    return run


def test_models_change_beside_readers_and_writers(tmp_path: Path, run: Callable[..., str]) -> None:
    """Nobody is refused while a model is learned, published and taken back, and every post has its theta at the end."""
    write(tmp_path / "posts.ndjson", *crawl())
    run("train", "posts.ndjson")
    settings = Settings(home=tmp_path / "photosense-data")
    first = in_force(settings)
    with serving(tmp_path, **SETTINGS) as service:
        with Visitors(service).busy() as visitors:
            assert visitors.answers_by(first)
            said = run("train", "--seed", "7")
            second = next(word for word in said.split() if len(word) == len(first) + 1).rstrip(":")
            until(lambda: visitors.answers_by(second))
            assert "in force" in run("model", "rollback")
            until(lambda: visitors.answers_by(first))
            listed = run("model", "list")
        assert visitors.wrong == []
        assert visitors.stored
        until(lambda: all_placed(settings, first))
    assert {line.split()[0]: line.split()[-1] for line in listed.splitlines()[1:]} == {first: "force", second: "ready"}
    with open_house(settings) as house:
        assert house.store.active == first
        for model in (first, second):
            points = list(house.store.of_model(model).scroll())
            assert {"new0", visitors.stored[-1]} <= {point.id for point in points}


def all_placed(settings: Settings, model: str) -> bool:
    """Whether every post that says anything has its theta of a model."""
    with open_house(settings, with_model=False) as house:
        return all(point.theta is not None for point in house.store.of_model(model).scroll() if point.words)


def in_force(settings: Settings) -> str:
    """The model that a home has."""
    with open_house(settings, with_model=False) as house:
        active = house.store.in_force()
        assert active is not None
        return active
