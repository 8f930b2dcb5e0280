"""`photosense doctor`: a home that is well, and more than ten that are not, each with what to do."""

import json
import resource
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pytest

from compliance.records.audit import Audit
from compliance.records.takedown_register import Takedowns, post_mark
from photosense.doctor.diagnosis import Severity
from photosense.doctor.reach import look_at_reach
from photosense.settings import Settings
from qdrant.open_store import open_folder
from qdrant.vector_kind import THETA
from tests.support.command import Command
from tests.support.points import point
from tests.support.tiny_text import write_text_encoder
from topic_model.artifact import save_model
from topic_model.model import TopicModel
from topic_model.training.recipe import Recipe
from topic_model.vocabulary import Vocabulary


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home of one post, its owner's alone."""
    home = tmp_path / "photosense-data"
    store = open_folder(home / "store")
    store.upsert([point("p1")])
    store.close()
    home.chmod(0o700)
    return home


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture
def settings(tmp_path: Path, free_port: int) -> Path:
    """Settings of a service that nobody runs."""
    file = tmp_path / "photosense.toml"
    file.write_text(f"port = {free_port}\n")
    return file


def a_model_that_is_gone(home: Path) -> None:
    store = open_folder(home / "store")
    store.add_vector(THETA.of("m1"), 3)
    store.activate("m1")
    store.close()


def a_clock_that_went_back(home: Path) -> None:
    Audit(home / "audit.ndjson", now=lambda: datetime.now(UTC) + timedelta(days=2)).deleted("p9")


def a_register_that_lost_lines(home: Path) -> None:
    register = home / "takedowns.ndjson"
    takedowns = Takedowns(register)
    for number in range(3):
        takedowns.begin("m1", "order", {post_mark(f"p{number}")}, 0)
    register.write_bytes(register.read_bytes().split(b"\n")[0] + b"\n")


@pytest.mark.usefixtures("settings")
def test_a_home_that_works_says_of_each_part_how_it_is(photosense: Command, home: Path) -> None:
    """What could be better has exit code 1; nothing is ill."""
    outcome = photosense("doctor")
    assert outcome.code == Severity.CARE, outcome.out
    for says in ("Python 3.", "Photos are seen by patches", "is for its owner alone", "The clock says", "None is set"):
        assert says in outcome.out
    assert "ill " not in outcome.out
    assert "What to do: `photosense train`" in outcome.out
    assert home.is_dir()


@pytest.mark.parametrize(
    ("written", "says", "code"),
    [
        ('host = "0.0.0.0"', "listens on 0.0.0.0 without a key", 2),
        ('api_key = "short"', "short enough to be tried out", 1),
        ('trusted_proxies = ["0.0.0.0/0"]', "may say which country he is from", 2),
        ('encoder = "nowhere.toml"', "nowhere.toml", 2),
        ('rules = "nowhere.yaml"', "nowhere.yaml", 2),
        ('qdrant_url = "http://127.0.0.1:9"\nqdrant_timeout = 0.2', "127.0.0.1:9", 2),
        ("colour = 1", "colour (from photosense.toml) is no setting", 2),
    ],
)
@pytest.mark.usefixtures("home")
def test_settings_that_do_not_do_are_told(
    photosense: Command, settings: Path, written: str, says: str, code: int
) -> None:
    """Keys, proxies, encoders, rules, servers: with what is wrong and what to do."""
    settings.write_text(f"{settings.read_text()}{written}\n")
    outcome = photosense("doctor")
    assert says in outcome.out, outcome.err
    assert "What to do: " in outcome.out
    assert outcome.code == code


@pytest.mark.usefixtures("settings")
@pytest.mark.parametrize(
    ("fault", "says", "code"),
    [
        (lambda home: home.chmod(0o755), "can be looked into by others", 1),
        (a_model_that_is_gone, "is no model folder", 2),
        (a_clock_that_went_back, "it went back, or ran ahead before", 2),
        (a_register_that_lost_lines, "The chain of takedowns.ndjson is broken", 2),
    ],
)
def test_what_is_wrong_with_a_home_is_told(
    photosense: Command, home: Path, fault: Callable[[Path], None], says: str, code: int
) -> None:
    """Rights, model, clock, records."""
    fault(home)
    outcome = photosense("doctor")
    assert says in outcome.out
    assert outcome.code == code


@pytest.mark.usefixtures("settings")
def test_a_text_encoder_that_is_not_heard_is_told(
    photosense: Command, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It will read once there is a model; one that learned without it does not hear it."""
    monkeypatch.setenv("PHOTOSENSE_TEXT_ENCODER", str(write_text_encoder(tmp_path / "text")))
    assert "will read captions when you train" in photosense("doctor").out
    phi = np.array([[1, 0, 0]], np.float32)
    vocabulary = Vocabulary({"text": ("sea",)})
    shares = np.full(3, 1 / 3, np.float32)
    save_model(TopicModel("m1", vocabulary, phi, phi[:, 0], shares, Recipe(3, 0), "patches-2"), home / "models")
    a_model_that_is_gone(home)  # it is there now
    said = photosense("doctor").out
    assert "is named and not heard" in said
    assert "with 2,500 photos with words or more" in said


@pytest.mark.usefixtures("home", "settings")
def test_too_few_open_files_are_told(photosense: Command) -> None:
    """With the line that gives more."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (300, before[1]))
    try:
        outcome = photosense("doctor")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert "may open 300 files, too few for a store" in outcome.out
    assert "LimitNOFILE=65536" in outcome.out


class _Proxy(BaseHTTPRequestHandler):
    """A service behind a proxy that believes whatever a visitor says of his country, where `believes`."""

    believes = True

    def do_GET(self) -> None:
        country = self.headers.get("X-Country") if self.believes else None
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"hits": [], "country": {"code": country}}).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _behind(proxy: type[_Proxy]) -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(("believes", "severity"), [(True, Severity.ILL), (False, Severity.WELL)])
def test_a_proxy_that_passes_on_a_country_header_of_visitors_is_found_out(
    free_port: int, *, believes: bool, severity: Severity
) -> None:
    """The doctor asks as a visitor does, once with a country of its own."""
    with _behind(type("Proxy", (_Proxy,), {"believes": believes})) as address:
        (finding,) = (each for each in look_at_reach(Settings(port=free_port), address) if each.about == "proxy")
    assert finding.severity is severity
