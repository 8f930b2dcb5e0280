"""Errors from within: each has its status and code, and none shows what is none of a visitor's business."""

from typing import Any

import pytest

from api.app import Parts, create_app
from api.settings import ServiceSettings
from qdrant.errors import ModelMissing, PointRefused, StoreBusy, StoreDamaged, StoreDown, StoreError, StoreFull
from qdrant.store import Candidates, Search
from tests.support.http_client import STRANGER, TestClient, problem_of
from tests.support.reference_store import ReferenceStore
from topic_model.errors import TopicModelError


class FailingStore(ReferenceStore):
    """A store whose searches fail in one way."""

    def __init__(self, failure: Exception) -> None:
        super().__init__()
        self._failure = failure

    def candidates(self, search: Search) -> Candidates:
        raise self._failure


def ask(failure: Exception) -> Any:
    app = create_app(ServiceSettings(), Parts(FailingStore(failure)))
    client = TestClient(app, raise_server_exceptions=False, client=(STRANGER, 50000))
    return client.post("/v1/search", json={"text": "море"})


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        (PointRefused, 422, "point_refused"),
        (StoreFull, 507, "store_full"),
        (StoreBusy, 503, "store_busy"),
        (StoreDown, 503, "store_down"),
        (StoreDamaged, 503, "store_damaged"),
        (StoreError, 503, "store_error"),
        (ModelMissing, 409, "model_missing"),
        (TopicModelError, 409, "model_error"),
    ],
)
def test_an_error_of_a_part_has_its_status_and_code(failure: type[Exception], status: int, code: str) -> None:
    """The part's own sentence is passed on; who may try again later is told when."""
    answer = ask(failure("The engine is away: start it."))
    assert problem_of(answer, status, code)["detail"] == "The engine is away: start it."
    assert answer.headers.get("retry-after") == ("5" if status == 503 else None)


def test_an_unforeseen_error_shows_nothing_but_a_reference(caplog: pytest.LogCaptureFixture) -> None:
    """The visitor gets a number, the log has the kind of error and its lines of code, and neither quotes anybody."""
    failure = RuntimeError("no such caption: secret words")
    failure.__cause__ = ValueError("secret words")
    problem = problem_of(ask(failure), 500, "unforeseen")
    assert "secret" not in str(problem)
    reference = problem["detail"].rstrip(".").rpartition(" ")[2]
    assert reference in caplog.text
    assert "RuntimeError" in caplog.text
    assert "ValueError" in caplog.text
    assert "problems.py" in caplog.text or "test_problems.py" in caplog.text
    assert "secret" not in caplog.text
