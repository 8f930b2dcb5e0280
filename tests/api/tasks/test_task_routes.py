"""Addresses of tasks and models: who may ask for what, and what is said of what cannot be done."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from api.access.key_file import KeyFile
from api.access.scopes import Scope
from api.answers import ModelRow, ModelsAnswer
from api.app import Parts, create_app
from api.settings import ServiceSettings
from api.tasks.home_tasks import HomeTasks
from api.tasks.task import TaskKind
from api.tasks.task_book import TaskBook
from tests.support.http_client import TestClient, client_from, problem_of
from tests.support.reference_store import ReferenceStore

NDJSON = {"content-type": "application/x-ndjson"}
MODELS = [ModelRow(id=name, learned="", topics=2, perplexity={}, state=state) for name, state in
          (("m2", "in_force"), ("m1", "ready"))]  # fmt: skip


@dataclass
class Service:
    """A service with tasks, the client of an administrator, and one who may send posts alone."""

    tasks: HomeTasks
    admin: TestClient
    sender: TestClient


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    keys = KeyFile(tmp_path / "keys.json")
    secret, _ = keys.create("sender", frozenset({Scope.INGEST}))
    tasks = HomeTasks(
        TaskBook(tmp_path / "tasks.sqlite"),
        tmp_path / "imports",
        tmp_path / "rejected",
        lambda: ModelsAnswer(MODELS, "m1"),
    )
    app = create_app(
        ServiceSettings(api_key=SecretStr("the-key-of-the-site")), Parts(ReferenceStore(), keys=keys, tasks=tasks)
    )
    with client_from(app) as admin, client_from(app) as sender:
        admin.headers["authorization"] = "Bearer the-key-of-the-site"
        sender.headers["authorization"] = f"Bearer {secret}"
        yield Service(tasks, admin, sender)


def test_an_import_is_kept_until_it_is_done(service: Service) -> None:
    """The lines lie in the home as they were sent; whoever sent them follows the task, and cancels it."""
    sent = service.sender.post("/v1/posts:import", content=b'{"id": "p1"}\n', headers=NDJSON)
    assert sent.status_code == 202
    task = sent.json()
    assert (task["kind"], task["state"], task["options"]) == ("import", "enqueued", {"bytes": 13})
    assert (service.tasks.imports / f"{task['id']}.ndjson").read_bytes() == b'{"id": "p1"}\n'
    assert service.sender.get(f"/v1/tasks/{task['id']}").json() == task
    assert service.sender.get(f"/v1/tasks/{task['id']}/rejected").content == b""
    letter = b'{"line":1,"id":"p1","reason":"empty","detail":"It is empty.","folder":"/srv/home","post":{"id":"p1"}}\n'
    service.tasks.rejected.mkdir()
    (service.tasks.rejected / f"{task['id']}.ndjson").write_bytes(letter)
    lines = service.sender.get(f"/v1/tasks/{task['id']}/rejected")
    assert lines.content == letter.replace(b'"folder":"/srv/home",', b"")
    cancelled = service.sender.post(f"/v1/tasks/{task['id']}:cancel", json={})
    assert (cancelled.status_code, cancelled.json()["state"]) == (202, "cancelled")
    problem_of(service.sender.post(f"/v1/tasks/{task['id']}:cancel", json={}), 409, "task_over")
    problem_of(service.sender.post("/v1/posts:import", content=b"", headers=NDJSON), 422, "empty_body")
    problem_of(service.sender.post("/v1/posts:import", json={}), 415, "unsupported_media_type")
    assert [file.stem for file in service.tasks.imports.iterdir()] == [task["id"]]


def test_who_sends_posts_sees_imports_alone(service: Service) -> None:
    """Training, backups and models are for administrators: another key learns not even that they are there."""
    train = service.admin.post("/v1/tasks", json={"kind": "train", "topics": 10}).json()
    sent = service.sender.post("/v1/posts:import", content=b"{}\n", headers=NDJSON).json()
    assert [task["id"] for task in service.sender.get("/v1/tasks").json()["tasks"]] == [sent["id"]]
    assert [task["id"] for task in service.admin.get("/v1/tasks").json()["tasks"]] == [sent["id"], train["id"]]
    assert service.sender.get("/v1/tasks?kind=train").json() == {"tasks": []}
    assert len(service.admin.get("/v1/tasks?kind=train&state=enqueued").json()["tasks"]) == 1
    for path in (f"/v1/tasks/{train['id']}", f"/v1/tasks/{train['id']}/rejected", "/v1/tasks/t_nothing"):
        problem_of(service.sender.get(path), 404, "task_unknown")
    problem_of(service.sender.post(f"/v1/tasks/{train['id']}:cancel", json={}), 404, "task_unknown")
    problem_of(service.admin.get(f"/v1/tasks/{train['id']}/rejected"), 404, "not_found")
    for method, path in (
        ("POST", "/v1/tasks"),
        ("GET", "/v1/models"),
        ("POST", "/v1/models/m1:publish"),
        ("POST", "/v1/models:rollback"),
    ):
        problem_of(service.sender.request(method, path, json={"kind": "train"}), 403, "scope_missing")


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"kind": "dance"}, 422, "kind"),
        ({"kind": "import"}, 422, "kind"),
        ({"kind": "judge", "topics": 5}, 422, "topics is nothing that a task of the kind judge takes"),
        ({"kind": "train", "topics": 1}, 422, "topics"),
        ({"kind": "compare"}, 422, "say which model"),
        ({"kind": "train", "place": "/tmp"}, 422, "place"),  # noqa: S108 - refused
        ({"kind": "backup"}, 409, "set `backups`"),
    ],
)
def test_a_task_that_cannot_be_is_refused_in_a_sentence(
    service: Service, body: dict[str, object], status: int, says: str
) -> None:
    """What is wrong with it is said at once, where it can be known."""
    assert says in problem_of(service.admin.post("/v1/tasks", json=body), status)["detail"]


def test_models_are_put_in_force_by_a_task(service: Service) -> None:
    """One that is in force already, or not there, is refused; a rollback names the one before."""
    assert [model["id"] for model in service.admin.get("/v1/models").json()["models"]] == ["m2", "m1"]
    problem_of(service.admin.post("/v1/models/m2:publish", json={}), 409, "in_force")
    problem_of(service.admin.post("/v1/models/m9:publish", json={}), 404, "not_found")
    back = service.admin.post("/v1/models:rollback", json={})
    assert (back.status_code, back.json()["kind"], back.json()["options"]) == (202, "publish", {"model": "m1"})
    problem_of(service.admin.post("/v1/models/m1:publish", json={}), 409, "task_open")
    assert [task.kind for task in service.tasks.book.list()] == [TaskKind.PUBLISH]


def test_a_service_without_a_home_has_no_tasks() -> None:
    """It says so, at each address."""
    with client_from(create_app(ServiceSettings(), Parts(ReferenceStore()))) as client:
        for path in ("/v1/tasks", "/v1/tasks/t_1", "/v1/models"):
            problem_of(client.get(path), 404, "not_found")
        for path in ("/v1/tasks", "/v1/models:rollback", "/v1/models/m1:publish", "/v1/tasks/t_1:cancel"):
            problem_of(client.post(path, json={"kind": "train"}), 404, "not_found")
        problem_of(client.post("/v1/posts:import", content=b"{}\n", headers=NDJSON), 404, "not_found")
