"""A write with an Idempotency-Key is done once, and answered as often as it is asked."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from api.access.key_file import KeyFile
from api.access.scopes import Scope
from api.answers import ModelsAnswer
from api.app import Parts, create_app
from api.idempotency.answer_book import AnswerBook, GivenAnswer, KeyReused, UnderWay
from api.settings import ServiceSettings
from api.tasks.home_tasks import HomeTasks
from api.tasks.task_book import TaskBook
from compliance.law import Law
from compliance.records.takedown_register import Takedowns
from tests.support.http_client import TestClient, client_from, problem_of
from tests.support.reference_store import ReferenceStore

KEY = {"Idempotency-Key": "7f1c"}
ORDER = {"post_id": "p1", "by": "m1", "reason": "order 31"}


class Clock:
    now = datetime(2026, 5, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("repeats")


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[TestClient]:
    """The site's backend, with the key of the settings; another key lies beside it."""
    keys = KeyFile(folder / "keys.json")
    (folder / "other").write_text(keys.create("other", frozenset({Scope.TAKEDOWN}))[0])
    tasks = HomeTasks(TaskBook(folder / "tasks.sqlite"), folder / "imports", folder, lambda: ModelsAnswer([], None))
    parts = Parts(
        ReferenceStore(),
        law=Law(takedowns=Takedowns(folder / "takedowns.ndjson")),
        keys=keys,
        tasks=tasks,
        repeats=AnswerBook(folder / "repeats.sqlite"),
    )
    with client_from(create_app(ServiceSettings(api_key=SecretStr("the-key-of-the-site")), parts)) as client:
        client.headers["authorization"] = "Bearer the-key-of-the-site"
        yield client


def test_the_same_write_is_done_once(site: TestClient) -> None:
    """The second answer is the first one; without a key it is done again."""
    first = site.post("/v1/takedowns", json=ORDER, headers=KEY)
    again = site.post("/v1/takedowns", json=ORDER, headers=KEY)
    assert (first.status_code, again.json()) == (200, first.json())
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert site.get("/v1/takedowns").json()["total"] == 1
    assert site.post("/v1/takedowns", json=ORDER).json()["id"] != first.json()["id"]


def test_a_refusal_is_answered_again_too(site: TestClient) -> None:
    """What was wrong with a request stays wrong; a problem stays a problem."""
    first, again = (site.post("/v1/takedowns", json={}, headers={"Idempotency-Key": "wrong"}) for _ in range(2))
    assert problem_of(first, 422) == problem_of(again, 422)
    assert again.headers["idempotency-replayed"] == "true"


def test_a_key_belongs_to_its_request_its_sender_and_its_address(site: TestClient, folder: Path) -> None:
    """Another body is refused; the key of another sender is another; who may not ask is told so."""
    key = {"Idempotency-Key": "mine"}
    first = site.post("/v1/takedowns", json=ORDER, headers=key)
    problem_of(site.post("/v1/takedowns", json={**ORDER, "by": "m2"}, headers=key), 422, "idempotency_key_reused")
    problem_of(site.post("/v1/takedowns?x=1", json=ORDER, headers=key), 422, "idempotency_key_reused")
    other = {**key, "authorization": f"Bearer {(folder / 'other').read_text()}"}
    assert site.post("/v1/takedowns", json=ORDER, headers=other).json()["id"] != first.json()["id"]
    problem_of(site.post("/v1/takedowns", json=ORDER, headers={**key, "authorization": "Bearer no"}), 401, "key_wrong")
    assert "idempotency-replayed" not in site.delete("/v1/posts/p1", headers=key).headers
    for wrong in ("", "x" * 256, "a b"):
        problem_of(site.post("/v1/takedowns", json=ORDER, headers={"Idempotency-Key": wrong}), 400, "wrong_header")


def test_questions_take_no_key(site: TestClient) -> None:
    """What visitors ask is asked anew, and a token is never kept."""
    for path, body in (
        ("/v1/search", {"text": "sea"}),
        ("/v1/tokens", {}),
        ("/v1/takedowns:preview", {"post_id": "p1"}),
    ):
        for _ in range(2):
            assert "idempotency-replayed" not in site.post(path, json=body, headers=KEY).headers


def test_an_import_that_is_sent_twice_is_one_task(site: TestClient, folder: Path) -> None:
    """The lines that came again are not kept."""
    media = {"content-type": "application/x-ndjson", "Idempotency-Key": "crawl-7"}
    first, again = (site.post("/v1/posts:import", content=b'{"id": "p1"}\n', headers=media) for _ in range(2))
    assert (again.status_code, again.json()) == (202, first.json())
    problem_of(site.post("/v1/posts:import", content=b"{}\n", headers=media), 422, "idempotency_key_reused")
    assert [file.stem for file in (folder / "imports").iterdir()] == [first.json()["id"]]
    assert len(site.get("/v1/tasks").json()["tasks"]) == 1


def test_a_form_is_the_same_with_another_boundary(site: TestClient) -> None:
    """A client that builds a form anew sends the same request."""
    token = {"Idempotency-Key": "form"}
    for boundary in ("edge", "brink"):
        part = f'--{boundary}\r\ncontent-disposition: form-data; name="{{}}"\r\n\r\n{{}}\r\n'
        body = "".join(part.format(*field) for field in ORDER.items()) + f"--{boundary}--\r\n"
        headers = {**token, "content-type": f"multipart/form-data; boundary={boundary}"}
        answer = site.post("/v1/takedowns", content=body, headers=headers)
        assert answer.status_code == 200, answer.text
    assert answer.headers["idempotency-replayed"] == "true"


def test_who_comes_while_the_first_is_answered_waits(tmp_path: Path) -> None:
    """It is said that it is under way; where nobody answers it any more, it is done again; a day later it is new."""
    clock = Clock()
    book = AnswerBook(tmp_path / "repeats.sqlite", clock)
    assert book.begin("name", "request") is None
    with pytest.raises(UnderWay, match="still under way"):
        book.begin("name", "request")
    with pytest.raises(KeyReused, match="another request"):
        book.begin("name", "other")
    clock.now += timedelta(minutes=6)
    assert book.begin("name", "request") is None
    book.keep("name", GivenAnswer(200, "application/json", b"{}"))
    assert book.begin("name", "request") == GivenAnswer(200, "application/json", b"{}")
    book.forget("name")
    assert book.begin("name", "request") is not None
    clock.now += timedelta(hours=25)
    assert book.begin("name", "request") is None
    book.forget("name")
    assert book.begin("name", "request") is None


def test_of_many_at_once_one_is_done(tmp_path: Path) -> None:
    """However many processes and threads come at the same moment."""
    done: list[str] = []

    def come() -> None:
        try:
            if AnswerBook(tmp_path / "repeats.sqlite").begin("name", "request") is None:
                done.append("done")
        except UnderWay:
            done.append("told")

    threads = [threading.Thread(target=come) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == ["done", *["told"] * 11]
