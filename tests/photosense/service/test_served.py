"""What is served follows the model in force, whatever fails while it looks."""

import threading
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from compliance.errors import ComplianceError, RecordNotWritten
from photosense.service import served
from photosense.service.served import ServedApp
from qdrant.errors import StoreDown

ERRORS = [
    pytest.param(StoreDown("gone"), "cannot be seen at the moment: gone", id="the store is down"),
    pytest.param(ComplianceError("rot"), "model new is in force and cannot be served: rot", id="a damaged file"),
    pytest.param(RecordNotWritten("full"), "cannot be followed at the moment: full", id="a full disk"),
    pytest.param(RuntimeError("odd"), "cannot be followed at the moment: odd", id="what nobody foresaw"),
]


class House:
    """Serves `old`; `new` is in force, and fails to load."""

    settings = SimpleNamespace(models_path=None)
    models = SimpleNamespace(topics=SimpleNamespace(id="old"))

    def __init__(self, error: Exception) -> None:
        self.error, self.looks, self.enough = error, 0, threading.Event()
        self.store = SimpleNamespace(in_force=self._in_force)

    def _in_force(self) -> str:
        self.looks += 1
        if self.looks == 4:
            self.enough.set()
        return "new"

    def app(self, *_: Any) -> str:
        return "app"

    def renewed(self) -> "House":
        raise self.error


@pytest.fixture
def caught_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """By which models posts were looked through; nothing else runs beside the looks, which come at once."""
    models: list[str] = []
    monkeypatch.setattr(served, "_PAUSE", 0.001)
    monkeypatch.setattr(served, "catch_up", lambda _, __, model: models.append(model.id))
    monkeypatch.setattr(served, "task_runner", lambda _: SimpleNamespace(running=nullcontext))
    monkeypatch.setattr(served, "background_check", lambda _: nullcontext())
    return models


@pytest.mark.parametrize(("error", "sentence"), ERRORS)
def test_it_looks_again_whatever_fails_and_says_so_once(
    error: Exception, sentence: str, caught_up: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Who looks no more answers by a model whose vectors are gone two models later."""
    house: Any = House(error)
    with ServedApp(house).following():
        assert house.enough.wait(60)
    (said,) = caplog.records
    assert sentence in said.getMessage()
    assert caught_up == ["old"]
