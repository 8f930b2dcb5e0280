"""The service is told to stop: it ends in order and with 0, whoever is still sending."""

import json
import signal
import socket
from contextlib import suppress
from pathlib import Path

import orjson

from qdrant.open_store import open_store
from tests.support.service import ServiceProcess, serving

LINE = b'{"id": "p%d", "text": "\xd0\xbc\xd0\xbe\xd1\x80\xd0\xb5 sea wave beach surf %d"}\n'
HEAD = (
    b"POST /v1/posts:bulk HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-ndjson\r\n"
    b"Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"
)


def begin_upload(service: ServiceProcess) -> socket.socket:
    """Open a bulk that the service waits for by now, with one line sent."""
    upload = service.connect()
    upload.sendall(HEAD)
    assert upload.recv(100).startswith(b"HTTP/1.1 100")
    send_line(upload, 1)
    return upload


def send_line(upload: socket.socket, number: int) -> None:
    line = LINE % (number, number)
    upload.sendall(b"%x\r\n%s\r\n" % (len(line), line))


def read_all(upload: socket.socket) -> tuple[int, bytes]:
    """Read until the service hangs up: the status, and what follows the head."""
    answer = b""
    while part := upload.recv(65536):
        answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


def assert_closed_in_order(home: Path, posts: int) -> None:
    """The list of files notes how many vectors of each name there are, which only an orderly end writes."""
    assert orjson.loads((home / "store" / "files.json").read_bytes())["held"]["words"] == posts
    store = open_store(home / "store", None)
    try:
        assert store.count() == posts
    finally:
        store.close()


def test_an_upload_without_end_does_not_hold_it(tmp_path: Path) -> None:
    """When the grace is over the upload is answered, the store is closed, and the process ends with 0."""
    with serving(tmp_path, stop_seconds=0) as service, begin_upload(service) as upload:
        service.process.send_signal(signal.SIGTERM)
        status, body = read_all(upload)
        assert (status, json.loads(body)["code"]) == (503, "stopping")
        code, err = service.end()
        assert (code, "Traceback" in err) == (0, False), err
    assert_closed_in_order(tmp_path / "photosense-data", 0)


def test_what_is_under_way_is_finished(tmp_path: Path) -> None:
    """Within the grace an upload is answered and stored, while nobody new is let in; a second Ctrl-C ends the grace."""
    with (
        serving(tmp_path, stop_seconds=600) as service,
        begin_upload(service) as upload,
        begin_upload(service) as other,
    ):
        service.tell(signal.SIGINT)
        send_line(upload, 2)
        upload.sendall(b"0\r\n\r\n")
        status, body = read_all(upload)
        assert (status, body.count(b'"stored"')) == (200, 2)
        service.process.send_signal(signal.SIGINT)
        with suppress(ConnectionResetError):
            assert other.recv(100) == b""
        code, err = service.end()
        assert (code, "Traceback" in err) == (0, False), err
    assert_closed_in_order(tmp_path / "photosense-data", 2)
