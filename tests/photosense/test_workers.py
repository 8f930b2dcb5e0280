"""Several workers on one port: a killed one is started anew, and all end in order."""

import json
import os
import signal
import socket
from pathlib import Path

from tests.support.command import in_a_process
from tests.support.service import ServiceProcess, serving, until

HEALTH = b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


def workers_of(service: ServiceProcess) -> set[int]:
    """The processes that it started."""
    own = service.process.pid
    return {int(pid) for pid in Path(f"/proc/{own}/task/{own}/children").read_text().split()}


def is_ready(service: ServiceProcess) -> bool:
    """Whether a question could be answered."""
    with service.connect() as link:
        link.sendall(HEALTH)
        return link.recv(100).startswith(b"HTTP/1.1 200")


def test_a_killed_worker_is_started_anew_and_all_end_in_order(tmp_path: Path) -> None:
    """The port stays open meanwhile; SIGTERM ends them, and the last one closes the store."""
    with serving(tmp_path, workers=2) as service:
        assert is_ready(service)
        before = workers_of(service)
        assert len(before) == 2
        os.kill(min(before), signal.SIGKILL)
        assert is_ready(service)
        until(lambda: len(workers_of(service) - before) == 1)
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
