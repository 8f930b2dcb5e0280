"""The sites of docs/embedding.md: each is started as it stands there, takes a photo, and shows it in a browser."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from photosense_client import Client
from tests.support.browser import Browser, browser
from tests.support.instantsearch_script import instantsearch_script
from tests.support.live_service import SITE_KEY, live_service
from tests.support.npm_package import NPM
from tests.support.photo_page import in_browser
from tests.support.service import SECONDS, until
from tests.support.small_world import as_base64, photo_file

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "embedding.md").read_text("utf-8")
SITES = ("flask", "php", "express")
NODE, PHP = shutil.which("node"), shutil.which("php")
ID = "boats/1"
CAPTION = "Boats leaving the old harbour"
PHOTO = photo_file("sea", 9)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def snippet(heading: str, language: str) -> str:
    section = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    (text,) = re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)
    return str(text)


@pytest.fixture(scope="module")
def ports() -> Mapping[str, int]:
    """A port for each site, which the service has to know as an origin before it begins."""
    return {site: free_port() for site in SITES}


@pytest.fixture(scope="module")
def service(ports: Mapping[str, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    origins = [f"http://127.0.0.1:{port}" for port in ports.values()]
    with live_service(tmp_path_factory.mktemp("home"), allow_origins=origins, renditions=True) as url:
        yield url


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@contextmanager
def running(command: Sequence[str | Path], folder: Path, service: str, port: int) -> Iterator[str]:
    """Start a site; gives its address."""
    own = {"SEARCH_URL": service, "SEARCH_KEY": SITE_KEY, "PORT": str(port)}
    env = {**os.environ, **own, "PYTHONPATH": str(ROOT / "clients" / "python")}
    log = folder / "site.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=out, stderr=out)
    site = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        assert process.poll() is None, log.read_text()
        try:
            return httpx.get(f"{site}/search", timeout=SECONDS).status_code == 200
        except httpx.TransportError:
            return False

    try:
        until(answers)
        yield site
    finally:
        process.kill()
        process.wait()


def check(site: str, service: str, chromium: Browser, shown: str, upload: Mapping[str, object]) -> None:
    """Publish a photo, ask with the token of a visitor from Iceland, and look at the page."""
    with Client(service, SITE_KEY) as backend:
        backend.delete_many(ids=[ID])
        sent = httpx.post(f"{site}/photos", timeout=SECONDS, **upload)
        assert sent.status_code == 201
        assert backend.post(ID).post.captions[0].text == CAPTION
    answer = httpx.get(f"{site}/search-token", headers={"X-Country": "IS"}, timeout=SECONDS)
    assert answer.headers["cache-control"] == "no-store"
    with Client(service, answer.json()["token"]) as visitor:
        found = visitor.search("harbour")
        assert ([hit.id for hit in found.posts], found.country.code) == ([ID], "IS")
    page = chromium.page()
    page.open(f"{site}/search", f"{shown}?.naturalWidth > 0")
    assert page.faults() == []


FORM = {"data": {"id": ID, "caption": CAPTION}, "files": {"photo": ("boats.png", PHOTO, "image/png")}}
ELEMENT = "document.querySelector('photo-search').shadowRoot?.querySelector('.grid img')"


@in_browser
def test_flask(ports: Mapping[str, int], service: str, chromium: Browser, tmp_path: Path) -> None:
    """The site in Python, with the element."""
    (tmp_path / "photos.py").write_text(snippet("Flask", "python"))
    command = [sys.executable, "-m", "flask", "--app", "photos", "run", "--port", str(ports["flask"])]
    with running(command, tmp_path, service, ports["flask"]) as site:
        check(site, service, chromium, ELEMENT, FORM)


@in_browser
@pytest.mark.skipif(PHP is None, reason="NO PHP: the site in PHP of docs/embedding.md is untested")
def test_php(ports: Mapping[str, int], service: str, chromium: Browser, tmp_path: Path) -> None:
    """The site in PHP, with the element."""
    (tmp_path / "site.php").write_text(snippet("PHP", "php"))
    assert PHP is not None
    with running([PHP, "-S", f"127.0.0.1:{ports['php']}", "site.php"], tmp_path, service, ports["php"]) as site:
        check(site, service, chromium, ELEMENT, FORM)


@in_browser
@pytest.mark.skipif(NODE is None, reason="NO NODE: the site in Express of docs/embedding.md is untested")
def test_express(ports: Mapping[str, int], service: str, chromium: Browser, tmp_path: Path) -> None:
    """The site in JavaScript, with the widgets of InstantSearch."""
    public = tmp_path / "public"
    public.mkdir()
    (public / "instantsearch.production.min.js").write_text(instantsearch_script(tmp_path))
    shutil.copy(ROOT / "clients" / "instantsearch" / "photosense-instantsearch.js", public)
    for file in (ROOT / "tests" / "clients" / "express").iterdir():
        shutil.copy(file, tmp_path)
    assert NODE is not None
    assert NPM is not None
    install = [NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    installed = subprocess.run(install, cwd=tmp_path, capture_output=True, text=True, check=False)
    if installed.returncode:
        pytest.skip(f"NO REGISTRY: npm cannot fetch Express to be tried with: {installed.stderr[:300]}")
    (tmp_path / "site.mjs").write_text(snippet("Express, with InstantSearch", "js"))
    with running([NODE, "site.mjs"], tmp_path, service, ports["express"]) as site:
        body = {"id": ID, "caption": CAPTION, "photo": as_base64(PHOTO)}
        check(site, service, chromium, "document.querySelector('#hits img')", {"json": body})


def test_the_lock_names_bytes_and_no_addresses() -> None:
    """What npm fetches is checked by its hash, and comes from whichever registry is the reader's."""
    lock = (ROOT / "tests" / "clients" / "express" / "package-lock.json").read_text()
    assert lock.count('"integrity"') == lock.count('"node_modules/')
    assert '"resolved"' not in lock
