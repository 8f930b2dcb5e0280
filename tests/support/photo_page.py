"""A stand-in for the service, and a headless browser that opens the page on it, for the tests of the page."""

import html
import io
import json
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import pytest
from PIL import Image

WEB = Path(__file__).parents[2] / "api" / "web"
# The first is the same browser without windows and what belongs to them: it starts in a fifth of the processor time.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
Visit: TypeAlias = Callable[..., dict[str, Any]]
AXE = find_spec("axe_core_python")  # a judge of pages for those who cannot see them, or work them by hand
SENTENCE = "This image is unavailable in your country in compliance with local laws."
TOPICS = [{"topic": 3, "share": 0.5, "words": ["sunset", "#evening"]}, {"topic": 7, "share": 0.2, "words": ["sea"]}]

DEMO = {
    "countries": [{"code": None, "label": "unknown"}, {"code": "RU", "label": "Russia"}],
    "examples": [{"label": "an evening", "text": "sea", "photo": None}],
}
in_browser = pytest.mark.skipif(
    BROWSER is None,
    reason=f"NO BROWSER: the page is untested without one of {', '.join(BROWSERS)} in PATH",
)
MOMENT = 0.05  # real seconds: virtual time stands still during a request, so that a photo can be decoded meanwhile

# Runs beside the page. Its waits are in virtual time, which the browser skips; its report is left in the dumped DOM,
# with what the steps of a test put into `notes`.
PROBE = """
const search = document.querySelector("photo-search"), shadow = search.shadowRoot, events = [], violations = [];
for (const name of ["ask", "results", "select", "post", "error"]) {
  search.addEventListener(`photo-search:${name}`, (event) => events.push([name, event.detail]));
}
document.addEventListener("securitypolicyviolation", (event) => violations.push(event.blockedURI));
const notes = {};
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const until = async (ready) => { for (let turn = 0; turn < 100 && !ready(); turn++) await fetch("/moment"); };
const find = (selector) => shadow.querySelector(selector);
const all = (selector) => [...shadow.querySelectorAll(selector)];
const texts = (selector) => all(selector).map((element) => element.textContent);
const click = async (selector) => { find(selector).click(); await pause(1500); await until(() => true); };
const press = (key, target) =>
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
/* What the judge finds wrong; its own styles break the policy, and are not the page's. */
const judge = async () => {
  if (!window.axe) {
    const script = document.createElement("script");
    script.src = "/axe.js";
    await new Promise((done) => { script.onload = done; document.head.append(script); });
  }
  const broken = violations.length;
  const { violations: wrong } = await axe.run({ exclude: [["iframe"]] });
  await pause(100);
  violations.length = broken;
  return wrong.map(({ id, nodes }) => `${id}: ${nodes[0].html}`);
};
const type = (text) => {
  find("[type=search]").value = text;
  find("[type=search]").dispatchEvent(new InputEvent("input"));
};
const state = () => ({
  cards: all(".grid > li").map((card) => ({
    text: card.textContent, elements: [...card.querySelectorAll("*")].map((each) => each.localName),
    photo: card.querySelector("img")?.getAttribute("src") ?? null,
  })),
  results: find(".results").innerText, status: find("[part=status]").textContent, notice: texts("[part=notice]"),
  error: texts("[part=error]"), more: !find("[part=more]").hidden, balance: !find("[part=balance]").hidden,
  preview: !!find("[part=preview] canvas"), open: find("dialog").open, lightbox: find("dialog").textContent,
  text: search.text, address: location.search,
});
await pause(3000);
await until(() => !find("[aria-busy=true]"));
await (async () => {
  STEPS
})();
await pause(3000);
const report = document.createElement("pre");
report.id = "report";
report.textContent = JSON.stringify({
  ...state(), notes, events, violations, placeholder: find("[type=search]").placeholder,
  country: !document.querySelector("#country").hidden, page: document.body.textContent,
});
document.body.append(report);
"""


def hit(number: int, **post: Any) -> dict[str, Any]:
    """A hit of the service, with what matters to a test in its post."""
    captions = [{"text": f"caption {number}", "author": "u017"}]
    fields = {"captions": captions, "tags": ["evening"], "link": None, "thumb": None, "attrs": {}}
    found = {"match": 0.72, "why": TOPICS, "words": ["sunset"], "highlights": []}
    return {"id": f"p{number}", **found, "post": {**fields, **post}}


def answer(*hits: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A search answer of the service with these hits."""
    query: dict[str, Any] = {"text": None, "mode": "hybrid", "known_terms": [], "unknown_terms": [], "topics": []}
    country = {"code": None, "source": "unknown", "rule": "disclaimer", "note": None}
    plain = {"hits": hits, "total": len(hits), "more": False, "cursor": None, "query": query, "country": country}
    return {**plain, "disclaimer": None, "notice": None, "took_ms": 1.5, **fields}


def problem(status: int, detail: str, code: str = "refused") -> dict[str, Any]:
    """A refusal of the service."""
    return {"type": "about:blank", "title": "No", "status": status, "detail": detail, "code": code}


@dataclass(slots=True)
class Service:
    """A stand-in for the service, which answers each text as it was told and remembers what it was asked.

    A further page of a text is its answer under `text@cursor`; `posts` are those that are read by their id, `typical`
    is what is found for more of a topic alone.
    """

    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    similar: dict[str, Any] = field(default_factory=answer)
    posts: dict[str, dict[str, Any]] = field(default_factory=dict)
    topics: list[dict[str, Any]] = field(default_factory=list)
    typical: dict[int, dict[str, Any]] = field(default_factory=dict)
    demo: dict[str, Any] | None = None
    delays: dict[str, float] = field(default_factory=dict)
    requests: list[tuple[str, str, bytes]] = field(default_factory=list)

    def respond(self, method: str, target: str, body: bytes) -> tuple[int, str, bytes]:
        """Status, content type and body for one request."""
        path = urlsplit(target).path
        if path.startswith("/v1/"):
            self.requests.append((method, target, body))
            reply = self._reply(path, body)
            return int(reply.get("status", 200)), "application/json", json.dumps(reply).encode()
        if path == "/moment":
            time.sleep(MOMENT)
            return 200, "text/plain", b""
        if path == "/axe.js" and AXE and AXE.origin:
            return 200, "text/javascript", (Path(AXE.origin).parent / "axe.min.js").read_bytes()
        if path in PHOTOS:
            return 200, "image/png", photo_bytes(*PHOTOS[path])
        file = WEB / {"/": "index.html", "/topics": "topics.html"}.get(path, path.lstrip("/"))
        return (200, TYPES[file.suffix], file.read_bytes()) if file.is_file() else (404, "text/plain", b"")

    def _reply(self, path: str, body: bytes) -> dict[str, Any]:
        if path == "/v1/status":
            model = {"id": "m", "topics": 8}
            return {"posts": 3, "model": model, "encoder": "patches-2", "version": "0.1.0", "welcome": self.demo}
        if path.endswith("/similar"):
            return self.similar
        if path.startswith("/v1/posts/"):
            return self.posts.get(path.rpartition("/")[2]) or problem(404, "There is no such post.", "not_found")
        if path == "/v1/suggest":
            return {"suggestions": [{"text": "sunset sea", "kind": "word"}, {"text": "sunset #evening", "kind": "tag"}]}
        if path == "/v1/topics":
            return {"topics": [{**topic, "tags": [], "background": False} for topic in self.topics]}
        if path == "/v1/multi-search":
            searches = json.loads(body)["searches"]
            return {"answers": [{"answer": self.typical.get(search["more_of"][0], answer())} for search in searches]}
        asked = json.loads(body) if body.startswith(b"{") else {}
        if "facets" in asked:
            return answer(facets=[FACETS[asked["facets"][0]]])
        text = asked.get("text", "")
        time.sleep(self.delays.get(text, 0.0))
        return self.answers.get("@".join(filter(None, (text, asked.get("cursor")))), answer())

    def questions(self) -> list[dict[str, Any]]:
        """The JSON bodies of the searches that asked for something, in order."""
        bodies = (json.loads(b) for _, target, b in self.requests if target == "/v1/search" and b.startswith(b"{"))
        return [body for body in bodies if "text" in body and "facets" not in body]


FACETS = {
    "attrs.place": {"values": [{"value": "Karelia", "posts": 3}, {"value": "Altai", "posts": 2}], "others": 17},
    "attrs.taken:year": {"values": [{"value": "2024", "posts": 9}], "least": "2024-03-01T09:30:00Z", "most": None},
}
PHOTOS = {"/photo.png": (40, 30), "/wide.png": (90, 30), "/high.png": (20, 60)}


def photo_bytes(width: int, height: int) -> bytes:
    """A small drawn photo."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), "orange").save(file, "PNG")
    return file.getvalue()


@contextmanager
def serving(service: Service, steps: str | None = None) -> Iterator[str]:
    """Serves the pages, with the probe in them where there are steps, under a strict policy; gives the base address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send()

        def do_POST(self) -> None:
            self._send()

        def _send(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path == "/probe.js":
                status, kind, body = 200, "text/javascript", PROBE.replace("STEPS", steps or "").encode()
            else:
                status, kind, body = service.respond(self.command, self.path, sent)
            if kind == "text/html" and steps is not None:
                body = body.replace(b"</body>", b'<script type="module" src="probe.js"></script></body>')
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", "default-src 'self'")
            self.end_headers()
            with suppress(BrokenPipeError, ConnectionResetError):  # the page aborts stale requests, as it should
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class names it so)
            """Stays silent: a test reads what was asked from the service itself."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def look(service: Service, target: str, profile: Path, steps: str = "") -> dict[str, Any]:
    """Opens the page in the browser, lets a visitor take the steps (JavaScript), and gives the probe's report."""
    assert BROWSER is not None, "look() needs a browser: skip the test when BROWSER is None"
    flags = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync")
    quiet = ("--disable-background-networking", "--disable-component-update", f"--user-data-dir={profile}")
    with serving(service, steps) as base:
        command = [BROWSER, *flags, *quiet, "--virtual-time-budget=60000", "--dump-dom", base + target]
        dump = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    match = re.search(r'<pre id="report">(.*?)</pre>', dump, re.DOTALL)
    assert match, f"the probe left no report in the page: {dump[-2000:]}"
    report: dict[str, Any] = json.loads(html.unescape(match[1]))
    assert report["violations"] == [], "the page broke the strict content policy"
    return report
