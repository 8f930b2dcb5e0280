"""Tasks of a real service: it goes on answering meanwhile, and when it is killed, nothing is doubled or claimed."""

import json
import signal
import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from tests.support.crawl import crawl
from tests.support.service import ServiceProcess, serving, until


def ask(service: ServiceProcess, method: str, path: str, body: Any = None) -> Any:
    """The answer, as JSON."""
    kind = "application/x-ndjson" if isinstance(body, bytes) else "application/json"
    data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
    connection = HTTPConnection("127.0.0.1", service.port, timeout=60)
    connection.request(method, path, data, {"Content-Type": kind})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    assert answer.status < 300, text
    return json.loads(text)


def done(service: ServiceProcess, task: Any) -> Any:
    """The task, when it is over."""
    until(lambda: ask(service, "GET", f"/v1/tasks/{task['id']}")["state"] not in ("enqueued", "running"))
    return ask(service, "GET", f"/v1/tasks/{task['id']}")


def lines(*posts: dict[str, Any]) -> bytes:
    return "".join(json.dumps(post, ensure_ascii=False) + "\n" for post in posts).encode()


def test_a_model_is_learned_and_published_by_tasks(tmp_path: Path) -> None:
    """Posts are imported, a model learned aside, then put in force; a backup made; webhooks told of each."""
    told: list[Any] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    receiver = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    hook = {"url": f"http://127.0.0.1:{receiver.server_port}/", "secret": "a secret of the site", "private": True}
    settings = {"topics": 4, "passes": 3, "children": 0, "threads": 1}
    with serving(
        tmp_path, home=tmp_path / "home", backups=tmp_path / "backups", webhooks=json.dumps([hook]), **settings
    ) as service:
        sent = done(service, ask(service, "POST", "/v1/posts:import", lines(*crawl(), {"id": "none"})))
        assert sent["report"]["statuses"] == {"stored": 30, "rejected": 1}
        assert sent["report"]["reasons"] == {"empty": 1}
        trained = done(service, ask(service, "POST", "/v1/tasks", {"kind": "train", "publish": False, "seed": 5}))
        assert trained["progress"]["done"] == trained["progress"]["total"] == 3
        assert trained["report"]["verdict"][0]["says"]
        model = trained["report"]["model"]
        assert [(row["id"], row["state"]) for row in ask(service, "GET", "/v1/models")["models"]] == [(model, "kept")]
        assert done(service, ask(service, "POST", f"/v1/models/{model}:publish", {}))["state"] == "succeeded"
        until(lambda: ask(service, "GET", "/v1/topics")["model"] == model)
        saved = done(service, ask(service, "POST", "/v1/tasks", {"kind": "backup"}))
        assert (tmp_path / "backups" / saved["report"]["backup"]).is_dir()
        assert ask(service, "GET", "/v1/home")["backup"]["posts"] == 30
        judged = done(service, ask(service, "POST", "/v1/tasks", {"kind": "judge"}))
        assert (judged["state"], "There is no detector" in judged["failure"]["detail"]) == ("failed", True)
        until(lambda: len(told) >= 5)
    receiver.shutdown()
    receiver.server_close()
    assert [each["type"] for each in told[:5]] == ["task.succeeded"] * 4 + ["task.failed"]


def test_a_service_that_is_killed_goes_on_with_an_import_and_says_what_else_ended(tmp_path: Path) -> None:
    """Every line is stored once; a training that ran has failed, with the sentence how to go on."""
    seas, shores = ("волна", "прилив", "шторм", "лодка"), ("берег", "скала", "гавань", "пляж", "маяк")
    said = (f"{seas[number % 4]}, {shores[number % 5]} и море {number}" for number in range(3000))
    posts = [{"id": f"n{number}", "text": text} for number, text in enumerate(said)]
    home = tmp_path / "home"
    with serving(tmp_path, home=home, threads=1, processes=0) as service:
        sent = ask(service, "POST", "/v1/posts:import", lines(*posts))
        train = ask(service, "POST", "/v1/tasks", {"kind": "train", "passes": 1000, "topics": 50})
        until(lambda: (ask(service, "GET", f"/v1/tasks/{sent['id']}")["progress"] or {"done": 0})["done"] > 0)
        service.tell(signal.SIGKILL)
        service.end()
    with serving(tmp_path, home=home, threads=1, processes=0) as service:
        imported = done(service, sent)
        assert (imported["state"], imported["starts"]) == ("succeeded", 2)
        assert imported["report"]["lines"] == ask(service, "GET", "/v1/status")["posts"] == 3000
        until(lambda: ask(service, "GET", f"/v1/tasks/{train['id']}")["progress"])
        service.tell(signal.SIGTERM)
        assert service.end()[0] == 0
    with serving(tmp_path, home=home, threads=1) as service:
        ended = done(service, train)
        assert (ended["state"], ended["failure"]["code"]) == ("failed", "interrupted")
        assert "resume: true" in ended["failure"]["detail"]
        assert not list((home / "imports").iterdir())
