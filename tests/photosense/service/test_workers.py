"""Several workers on one port: a killed one is started anew, all follow a change of keys, and all end in order."""

import json
import os
import signal
import socket
from pathlib import Path
from urllib.request import urlopen

from api.access.key_file import KeyFile
from api.access.scopes import Scope
from tests.support.command import in_a_process
from tests.support.service import ServiceProcess, serving, until

HEALTH = b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


def workers_of(service: ServiceProcess) -> set[int]:
    """The processes that it started."""
    own = service.process.pid
    return {int(pid) for pid in Path(f"/proc/{own}/task/{own}/children").read_text().split()}


def figures(service: ServiceProcess) -> str:
    """What the workers say together of themselves."""
    with urlopen(f"http://127.0.0.1:{service.port}/metrics", timeout=30) as answer:
        return str(answer.read(), "utf-8")


def is_ready(service: ServiceProcess) -> bool:
    """Whether a question could be answered."""
    return status_of(service, HEALTH) == b"200"


def status_of(service: ServiceProcess, request: bytes) -> bytes:
    """Ask over a connection of its own, which any of the workers may take."""
    with service.connect() as link:
        link.sendall(request)
        return link.recv(100).split()[1]


def statuses_of_a_key(service: ServiceProcess, key: str) -> set[bytes]:
    """What several connections are answered that send a key."""
    head = f"Host: 127.0.0.1\r\nConnection: close\r\nAuthorization: Bearer {key}\r\n\r\n"
    return {status_of(service, b"GET /v1/review HTTP/1.1\r\n" + head.encode()) for _ in range(10)}


def test_a_killed_worker_is_started_anew_and_all_end_in_order(tmp_path: Path) -> None:
    """The port stays open meanwhile; a key holds and ends in all of them at once; the last one closes the store."""
    with serving(tmp_path, workers=2) as service:
        assert is_ready(service)
        before = workers_of(service)
        assert len(before) == 2
        os.kill(min(before), signal.SIGKILL)
        assert is_ready(service)
        until(lambda: len(workers_of(service) - before) == 1)
        assert 'photosense_requests_total{method="GET",route="/readyz",status="200"}' in figures(service)
        keys = KeyFile(tmp_path / "photosense-data" / "keys.json")
        secret, key = keys.create("desk", frozenset({Scope.REVIEW}))
        assert statuses_of_a_key(service, secret) == {b"200"}
        keys.revoke(key.prefix)
        assert statuses_of_a_key(service, secret) == {b"401"}
        service.process.send_signal(signal.SIGTERM)
        code, err = service.end()
        assert (code, "Traceback" in err) == (0, False), err
    assert json.loads((tmp_path / "photosense-data" / "store" / "files.json").read_text())["held"] == {"words": 0}


def test_workers_that_cannot_begin_end(tmp_path: Path) -> None:
    """The reason is said, and the command fails as it does with one process."""
    (tmp_path / "rules.yaml").write_text("version: 1\ngroups: {}\n")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    given = {"PHOTOSENSE_RULES": "rules.yaml", "PHOTOSENSE_WORKERS": "2"}
    result = in_a_process("serve", "--port", port, folder=tmp_path, **given)
    assert result.code == 2
    assert "rules.yaml" in result.err
    assert "A worker could not begin" in result.err
