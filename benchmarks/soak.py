"""A service under mixed traffic for as long as you like, while workers are killed, models published, backups made.

Visitors ask by words, photos and filters, are completed and browse; the site writes, edits and deletes posts; all of
`photosense serve --workers 2`, with what happens in turn: a worker is killed (SIGKILL), a model is learned and put in
force, a backup is made. At the end what was acknowledged must be there, and the home must verify.

--page FILE writes it as a page to look at: memory, descriptors and latencies over time. A connection that a kill broke
is counted (`broken`), and asked again; an answer 5xx that is not 503, or a write that was acknowledged and is gone,
ends it with 1.
"""

import argparse
import io
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from http.client import HTTPException
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from benchmarks.load.posts import posts, questions, write_posts
from benchmarks.load.servers import Server, product
from benchmarks.load.soak_page import write_page
from benchmarks.load.vitals import Vital, look, processes_of, quantiles, slope

POSTS, LINES, VISITORS, PAUSE, WORKERS = 3000, 25, 3, 0.05, 2
TURN = 20.0  # seconds between two of what happens
console = Console(stderr=True)


class Traffic:
    """Everybody who asks and writes; what they waited for, what they were answered, and what was acknowledged."""

    def __init__(self, server: Server, began: float) -> None:
        self._address = f"http://127.0.0.1:{server.port}"
        self._began = began
        self.over = threading.Event()
        self.times: list[tuple[float, float]] = []
        self.statuses: Counter[int] = Counter()
        self.broken = 0
        self.strange: list[str] = []
        self.acknowledged: dict[str, int | None] = {}  # versions; None: deleted
        self._unanswered: dict[str, set[int | None]] = {}  # what was sent since, and may be there or not
        self._questions = questions(500)

    def run(self) -> list[threading.Thread]:
        """Begin."""
        works: list[Callable[[random.Random], None]] = [*[self._visit] * VISITORS, self._write]
        threads = [threading.Thread(target=self._on, args=(work, n), daemon=True) for n, work in enumerate(works)]
        for thread in threads:
            thread.start()
        return threads

    def send(self, method: str, path: str, body: bytes | None = None, kind: str = "application/json") -> Any:
        """Ask; None where a connection broke or nobody listens."""
        headers = {"Content-Type": kind} if body else {}
        request = urllib.request.Request(self._address + path, body, headers, method=method)
        start = time.monotonic()
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                status, content = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, content = error.code, error.read()
        except (OSError, HTTPException):
            self.broken += 1
            time.sleep(0.2)
            return None
        self.times.append((start - self._began, 1000 * (time.monotonic() - start)))
        self.statuses[status] += 1
        if status >= 500 and status != 503:
            self.strange.append(f"{method} {path.split('?')[0]}: {status} {content[:200]!r}")
        return content if status < 400 else None

    def lost(self) -> list[str]:
        """Posts whose acknowledged state is not there."""
        gone = []
        for post, version in random.Random(1).sample(
            sorted(self.acknowledged.items(), key=str), k=min(300, len(self.acknowledged))
        ):
            content = self.send("GET", f"/v1/posts/{post}?country=IS")
            there = json.loads(content).get("version") if content else None
            if there != version and there not in self._unanswered.get(post, ()):
                gone.append(f"{post}: {there}, not {version}")
        return gone

    def _on(self, work: Callable[[random.Random], None], number: int) -> None:
        rng = random.Random(number)
        while not self.over.is_set():
            work(rng)
            self.over.wait(PAUSE)

    def _visit(self, rng: random.Random) -> None:
        text = rng.choice(self._questions)
        match rng.randrange(8):
            case 0:
                self.send("GET", f"/v1/search?q={quote(text)}&facets=tags&facets=attrs.place&country=DE&highlight=true")
            case 1:
                self.send("GET", f"/v1/suggest?q={quote(text[:4])}&country=DE")
            case 2:
                self.send("GET", "/v1/posts?limit=100&country=DE")
            case 3:
                self.send("GET", f"/v1/posts/p{rng.randrange(POSTS)}/similar?country=DE")
            case 4:
                self._form({"photo": _photo(rng), "country": b"DE"})
            case 5:
                self.send("POST", "/v1/annotate", json.dumps({"text": text, "country": "DE"}).encode())
            case _:
                body = {"text": text, "country": rng.choice(("RU", "DE", "IS")), "limit": rng.choice((5, 20, 100))}
                self.send("POST", "/v1/search", json.dumps(body).encode())

    def _form(self, fields: dict[str, bytes]) -> None:
        parts = [
            b'--edge\r\ncontent-disposition: form-data; name="%b"%b\r\n\r\n%b'
            % (name.encode(), b'; filename="q.png"' if name == "photo" else b"", value)
            for name, value in fields.items()
        ]
        body = b"\r\n".join([*parts, b"--edge--\r\n"])
        self.send("POST", "/v1/search", body, "multipart/form-data; boundary=edge")

    def _write(self, rng: random.Random) -> None:
        version = int(time.monotonic() * 1000)
        first = rng.choice((rng.randrange(POSTS), rng.randrange(POSTS, 3 * POSTS)))
        lines = [dict(post, version=version, child=False) for post in posts(first, LINES)]
        body = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines).encode()
        self._sent([line["id"] for line in lines], version)
        content = self.send("POST", "/v1/posts:bulk", body, "application/x-ndjson")
        for line in (content or b"").splitlines():
            result = json.loads(line)
            if result.get("status") in ("stored", "unchanged"):
                self._answered(result["id"], version)
            elif result.get("id") in self._unanswered:
                self._unanswered[result["id"]].discard(version)  # it was turned away, so it may not be there
        post = f"p{rng.randrange(3 * POSTS)}"
        if post in self.acknowledged:
            self._sent([post], None)
            if self.send("DELETE", f"/v1/posts/{post}") is not None:
                self._answered(post, None)

    def _sent(self, posts: list[str], version: int | None) -> None:
        for post in posts:
            self._unanswered.setdefault(post, set()).add(version)

    def _answered(self, post: str, version: int | None) -> None:
        self.acknowledged[post] = version
        self._unanswered.pop(post, None)


def _photo(rng: random.Random) -> bytes:
    pixels = np.random.default_rng(rng.randrange(1000)).integers(0, 255, (12, 16, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).resize((640, 480)).save(file, "PNG")
    return file.getvalue()


class Events:
    """What happens in turn: a kill, a model, a backup."""

    def __init__(self, server: Server, home: Path, environment: dict[str, str], began: float) -> None:
        self._server, self._home, self._environment, self._began = server, home, environment, began
        self.past: list[tuple[float, str]] = []
        self.failed: list[str] = []

    def run(self, until: float) -> None:
        """Let them happen until then, one each turn."""
        for number in count():
            if time.monotonic() + TURN > until:
                break
            time.sleep(TURN)
            kind = ("kill", "publish", "kill", "backup")[number % 4]
            self.past.append((time.monotonic() - self._began, kind))
            match kind:
                case "kill":
                    self._kill(number)
                case "publish":
                    self.command("train", "--passes", "4", "--topics", "20")
                case _:
                    self.command("backup", str(self._home.with_name("backups")), "--keep", "2")
        time.sleep(max(until - time.monotonic(), 0))

    def command(self, *words: str) -> None:
        """Run a command of the home; one that fails is told at the end."""
        done = subprocess.run(
            [sys.executable, "-m", "photosense", *words, "--home", str(self._home)],
            env=self._environment,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            self.failed.append(f"{words[0]}: {done.returncode} {done.stderr[-300:]}")

    def _kill(self, number: int) -> None:
        children = Path(f"/proc/{self._server.process}/task/{self._server.process}/children").read_text().split()
        os.kill(int(children[number % len(children)]), signal.SIGKILL)


def soak(minutes: float, page: Path | None) -> dict[str, float]:
    """Make a home, serve it, and let it live."""
    with TemporaryDirectory(prefix="photosense-soak-") as folder:
        home = Path(folder, "home")
        own = {name: value for name, value in os.environ.items() if not name.startswith("PHOTOSENSE_")}
        environment = {**own, "PHOTOSENSE_HOME": str(home), "PHOTOSENSE_THREADS": "1", "PHOTOSENSE_PROCESSES": "0"}
        setup = Events(Server(0, 0, 0.0), home, environment, 0.0)
        console.print(f"{POSTS:,} posts and a model are made ...")
        setup.command("ingest", str(write_posts(Path(folder, "posts.ndjson"), 0, POSTS)))
        setup.command("train", "--topics", "20", "--passes", "6")
        if setup.failed:
            raise SystemExit("\n".join(setup.failed))
        with product(home, environment, WORKERS) as server:
            began = time.monotonic()
            traffic, events, vitals = Traffic(server, began), Events(server, home, environment, began), list[Vital]()
            threads = traffic.run()

            def watch() -> None:
                while not traffic.over.is_set():
                    vitals.append(look(home, began))
                    traffic.over.wait(1.0)

            threads.append(threading.Thread(target=watch, daemon=True))
            threads[-1].start()
            events.run(began + 60 * minutes)
            traffic.over.set()
            for thread in threads:
                thread.join()
            lost = traffic.lost()
        left = processes_of(home)
        events.command("verify")
        problems = [*traffic.strange, *lost, *events.failed, *(f"process {process} is left" for process in left)]
        for problem in problems[:20]:
            console.print(problem, markup=False)
        at = [vital.at for vital in vitals]
        took = [ms for _, ms in traffic.times]
        figures = {
            "minutes": minutes,
            "requests": float(sum(traffic.statuses.values())),
            "p50_ms": float(np.quantile(took, 0.5)),
            "p99_ms": float(np.quantile(took, 0.99)),
            "memory_mb": float(np.median([vital.memory_mb for vital in vitals[-30:]])),
            "memory_mb_per_hour": slope(at, [vital.memory_mb for vital in vitals]),
            "descriptors": float(np.median([vital.descriptors for vital in vitals[-30:]])),
            "descriptors_per_hour": slope(at, [float(vital.descriptors) for vital in vitals]),
            "broken": float(traffic.broken),
            "busy": float(traffic.statuses[503]),
            "server_errors": float(len(traffic.strange)),
            "lost": float(len(lost)),
            "problems": float(len(problems)),
            "kills": float(sum(kind == "kill" for _, kind in events.past)),
        }
        if page is not None:
            charts = {
                "Memory of all processes, MB": {"memory": [(vital.at, vital.memory_mb) for vital in vitals]},
                "Open descriptors": {"descriptors": [(vital.at, float(vital.descriptors)) for vital in vitals]},
                "Answers, milliseconds, by 5 seconds": {
                    "half": list(quantiles(traffic.times, 5, 0.5)),
                    "99 of 100": list(quantiles(traffic.times, 5, 0.99)),
                },
            }
            write_page(page, charts, events.past, figures)
            console.print(f"The page is {page}.")
        return figures


def main() -> None:
    """Run it, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--page", type=Path)
    parser.add_argument("--quick", action="store_true", help="less than a minute, with one kill")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    figures = soak(0.4 if given.quick else given.minutes, given.page)
    table = Table("", "figure", title="soak.py", box=None)
    for name, value in figures.items():
        table.add_row(name, f"{value:,.6g}")
    Console().print(table)
    if given.json:
        print(json.dumps(figures))
    sys.exit(bool(figures["problems"]))


if __name__ == "__main__":
    main()
