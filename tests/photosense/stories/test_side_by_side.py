"""Commands of one home work beside the service: what one stores, holds or takes down, the others know."""

import json
import os
import signal
import threading
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from qdrant.open_store import open_folder
from tests.support.command import in_a_process
from tests.support.service import ServiceProcess, serving, until
from tests.support.taught_home import write

WORDS = ("лодка", "камень", "ветер", "птица", "лес", "мост", "окно", "гора", "река", "поле")
SEA = {"text": "море волна", "country": "IS", "limit": 100}


def ask(service: ServiceProcess, path: str, body: Any = None, method: str = "POST") -> Any:
    """Ask the service; gives the answer, or the problem."""
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    kind = "application/x-ndjson" if isinstance(body, bytes) else "application/json"
    connection = HTTPConnection("127.0.0.1", service.port, timeout=60)
    connection.request(method, path, data, {"Content-Type": kind})
    text = connection.getresponse().read()
    connection.close()
    return [json.loads(line) for line in text.splitlines()] if isinstance(body, bytes) else json.loads(text)


def found(service: ServiceProcess) -> set[str]:
    """The posts about the sea that a visitor finds."""
    return {hit["id"] for hit in ask(service, "/v1/search", SEA)["hits"] if "id" in hit}


def posts(*names: str, **more: Any) -> list[dict[str, Any]]:
    return [{"id": name, "text": f"море волна берег {name}", **more} for name in names]


def ndjson(lines: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def test_commands_work_beside_the_service(tmp_path: Path) -> None:
    """New posts are found, what is held here is held there, a backup is whole, and all of it ends in order."""
    home = tmp_path / "photosense-data"

    def run(*arguments: str) -> str:
        result = in_a_process(*arguments, folder=tmp_path)
        assert result.code == 0, result.err
        return result.out

    with serving(tmp_path) as service:
        ask(service, "/v1/posts:bulk", ndjson(posts("first", "second")))
        assert found(service) == {"first", "second"}
        write(tmp_path / "more.ndjson", *posts("third"), {"id": "first", "text": "море волна, девочка 7 лет"})
        run("ingest", "more.ndjson")
        assert found(service) == {"second", "third"}
        assert "3 posts" in run("backup", "saved")
        assert "compact" in run("optimize")
        assert found(service) == {"second", "third"}
        service.process.send_signal(signal.SIGTERM)
        code, err = service.end()
        assert (code, "Traceback" in err) == (0, False), err
    assert json.loads((home / "store" / "files.json").read_text())["held"]["words"] == 2
    assert (home / "store" / "ledger").stat().st_size == 0


def test_a_killed_owner_stops_nobody(tmp_path: Path) -> None:
    """Kill -9 of the process that has the store open, in a bulk: nothing is lost, nothing doubled, no answer fails."""
    home, answers = tmp_path / "photosense-data", list[dict[str, Any]]()
    with serving(tmp_path) as service:

        def upload() -> None:
            for batch in range(6):
                names = [f"{'абвгде'[batch]}{first}{last}" for first in WORDS for last in WORDS]
                answers.extend(ask(service, "/v1/posts:bulk", ndjson(posts(*names))))

        bulk = threading.Thread(target=upload)
        bulk.start()
        for kill in range(3):
            until(lambda least=150 * kill: len(answers) > least)
            os.kill(int((home / "store.lock").read_text().split()[0]), signal.SIGKILL)
            answer = ask(service, "/v1/search", SEA)
            assert answer.get("hits"), answer
        bulk.join()
        service.process.send_signal(signal.SIGTERM)
        service.end()
    assert {answer["status"] for answer in answers} == {"stored"}
    store = open_folder(home / "store")
    stored = [point.id for point in store.scroll()]
    store.close()
    assert sorted(stored) == sorted(answer["id"] for answer in answers)
