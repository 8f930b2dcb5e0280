"""Does anybody notice? Models that change and processes that die beside fifty requests a second: counts.

A service of two workers answers and takes in posts all the time. First a model is learned and put in force so many
times (--publications): no request may fail, no answer may set a post's theta of one model beside that of another (the
shares of every hit are compared with the stored thetas), and at the end no post may lack its theta. Then the process
that owns the store, a worker, and a `photosense ingest` beside them are killed with -9, each so many times (--kills):
what was acknowledged must be there, once, and the service must answer again soon. What a killed worker was answering is
lost with it; those requests are counted, and asked again as a client would.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.load.home import TOPICS, KeptHome
from benchmarks.load.posts import posts, write_posts
from benchmarks.load.servers import Server, product
from common.arrays import Float32
from photosense.house import open_house
from photosense.settings import Settings
from topic_model.artifact import load_model

A_SECOND = 50  # requests, half of them questions
VISITORS = 8  # that take turns in making them; as many writers as there may be bulks at once
OTHERS = 70_000_000  # the number of the first post that is sent meanwhile
FOR_INGEST = 80_000_000
LINES = 2000  # of the file that `photosense ingest` takes in while it is killed
TIMEOUT = 60.0
ROUNDING = 2e-3  # of a share in an answer
console = Console(stderr=True)


class Visitors:
    """Ask which posts are like others, and send posts; remember what was answered, acknowledged, and what failed."""

    def __init__(self, port: int, known: list[str]) -> None:
        self._port, self._known = port, known
        self._numbers, self._over = count(), threading.Event()
        self.answers: list[tuple[str, list[dict[str, Any]]]] = []
        self.stored: list[str] = []
        self.failures: list[str] = []
        self.cuts = 0
        self.requests = 0
        self.is_patient = False  # whether a connection that is cut is nobody's fault, and asked again

    @contextmanager
    def busy(self) -> Iterator["Visitors"]:
        """Go on until the block ends."""
        threads = [threading.Thread(target=self._go_on, args=(place,)) for place in range(VISITORS)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._over.set()
            for thread in threads:
                thread.join()

    def _go_on(self, place: int) -> None:
        pause = VISITORS / A_SECOND
        following = time.monotonic() + pause * place / VISITORS
        while not self._over.wait(max(0.0, following - time.monotonic())):
            following = max(following + pause, time.monotonic() - pause)
            self.requests += 1
            (self._write if place % 2 else self._look)(next(self._numbers))

    def _look(self, number: int) -> None:
        post = self._known[number % len(self._known)]
        answer = self._ask("GET", f"/v1/posts/{post}/similar?limit=5&country=DE")
        if answer is not None:
            self.answers.append((post, [hit for hit in json.loads(answer)["hits"] if "id" in hit]))

    def _write(self, number: int) -> None:
        (post,) = posts(OTHERS + number, 1)
        answer = self._ask("POST", "/v1/posts:bulk", json.dumps(post).encode())
        if answer is None:
            return
        line = json.loads(answer)
        if line["status"] in ("stored", "unchanged", "stale"):
            self.stored.append(line["id"])
        elif line["status"] != "held":
            self.failures.append(f"POST /v1/posts:bulk: {answer.decode()[:200]}")

    def _ask(self, method: str, address: str, body: bytes | None = None) -> bytes | None:
        """Ask, and again where a worker was killed while it answered; None where that failed, too."""
        end = time.monotonic() + TIMEOUT
        while True:
            try:
                status, answer = self.once(method, address, body)
            except (OSError, HTTPException) as error:
                if self.is_patient and time.monotonic() < end:
                    self.cuts += 1
                    time.sleep(0.05)
                    continue
                self.failures.append(f"{method} {address}: {error!r}")
                return None
            if status == 200:
                return answer
            self.failures.append(f"{method} {address}: {status} {answer.decode()[:200]}")
            return None

    def once(self, method: str, address: str, body: bytes | None = None) -> tuple[int, bytes]:
        """Ask over a connection of its own; gives the status and what was answered."""
        connection = HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT)
        try:
            connection.request(method, address, body, {"Content-Type": "application/x-ndjson"} if body else {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


class Thetas:
    """What the posts of one model are about."""

    def __init__(self, settings: Settings, model: str) -> None:
        with open_house(settings, with_model=False, with_detector=False) as house:
            stored = list(house.store.of_model(model).scroll())
        self._of = {post.id: post.theta for post in stored if post.theta is not None}
        without = [post for post in stored if post.theta is None]
        known = load_model(settings.models_path / model)
        thetas = known.thetas([post.document() for post in without])
        self.missing = [post.id for post, theta in zip(without, thetas, strict=True) if theta is not None]

    def explain(self, post: str, hits: list[dict[str, Any]]) -> bool:
        """Whether every share that an answer gives is what these thetas have in common."""
        mine = self._of.get(post)
        return mine is not None and all(self._shares_fit(mine, hit) for hit in hits)

    def _shares_fit(self, mine: Float32, hit: dict[str, Any]) -> bool:
        its = self._of.get(hit["id"])
        if its is None:
            return not hit["why"]
        common = np.minimum(mine, its)
        shares = dict(enumerate(common.tolist()))
        return all(abs(shares.get(why["topic"], -1.0) - why["share"]) < ROUNDING for why in hit["why"])


def publications(home: Path, environment: dict[str, str], visitors: Visitors, times: int) -> dict[str, float]:
    """Learn and publish beside visitors."""
    settings = Settings(home=home)
    mixed, before, began = 0, _in_force(settings), time.perf_counter()
    for number in track(range(times), "publications", console=console, disable=not console.is_terminal):
        visitors.answers.clear()
        learn = ("train", "--seed", str(100 + number), "--passes", "4", "--topics", str(TOPICS))
        _command(environment, *learn, "--home", str(home))
        after = _in_force(settings)
        _until(partial(_answers_by, visitors, after))
        time.sleep(1.0)
        answers, thetas = list(visitors.answers), [Thetas(settings, model) for model in (before, after)]
        mixed += sum(not any(one.explain(*answer) for one in thetas) for answer in answers)
        before = after
    return {
        "publications": times,
        "seconds": time.perf_counter() - began,
        "mixed_answers": mixed,
        "failed_requests": len(visitors.failures),
    }


def kills(home: Path, environment: dict[str, str], server: Server, visitors: Visitors, times: int) -> dict[str, float]:
    """Kill the owner, a worker and a writer beside visitors."""
    visitors.is_patient = True
    file = write_posts(home.parent / "beside.ndjson", FOR_INGEST, LINES)
    back: dict[str, list[float]] = {"owner": [], "worker": [], "writer": []}
    for number in track(range(times), "kills", console=console, disable=not console.is_terminal):
        ingest = _start(environment, "ingest", str(file), "--home", str(home))
        time.sleep(1.0 + number % 5 * 0.7)
        for who in back:
            pid = ingest.pid if who == "writer" else _owner(home) if who == "owner" else _workers(server)[number % 2]
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:  # the writer was faster
                continue
            back[who].append(_until(lambda: visitors.once("GET", "/v1/topics?country=DE")[0] == 200))
            time.sleep(0.5)
        ingest.wait()
        _until(lambda: _are_there(_workers(server)))
    _command(environment, "ingest", str(file), "--home", str(home))
    figures: dict[str, float] = {f"{who}_kills": len(spans) for who, spans in back.items()}
    figures |= {f"{who}_back_s": max(spans, default=0.0) for who, spans in back.items()}
    return figures | {"cut_requests": visitors.cuts, "failed_requests": len(visitors.failures)}


def lost_and_doubled(home: Path, visitors: Visitors) -> dict[str, float]:
    """What of the acknowledged is gone, what is there twice, and what has no theta."""
    settings = Settings(home=home)
    with open_house(settings, with_model=False, with_detector=False) as house:
        ids = [post.id for post in house.store.scroll()]
        model = house.store.in_force()
    wanted = {*visitors.stored, *(post["id"] for post in posts(FOR_INGEST, LINES))}
    assert model is not None, "the home of the benchmark has a model"
    missing = Thetas(settings, model).missing
    if missing:
        console.print(f"Without theta: {', '.join(missing[:10])}", soft_wrap=True, highlight=False)
    return {"lost": len(wanted - set(ids)), "doubled": len(ids) - len(set(ids)), "without_theta": len(missing)}


def _in_force(settings: Settings) -> str:
    with open_house(settings, with_model=False, with_detector=False) as house:
        model = house.store.in_force()
    assert model is not None, "the home of the benchmark has a model"
    return model


def _answers_by(visitors: Visitors, model: str) -> bool:
    """Whether each of the workers does, as far as ten requests can tell."""
    answers = [visitors.once("GET", "/v1/topics?country=DE")[1] for _ in range(10)]
    return all(json.loads(answer)["model"] == model for answer in answers)


def _owner(home: Path) -> int:
    return int((home / "store.lock").read_text("utf-8").split()[0])


def _workers(server: Server) -> list[int]:
    """The processes that answer."""
    files = Path(f"/proc/{server.process}/task").glob("*/children")
    children = [int(pid) for file in files for pid in file.read_text("utf-8").split()]
    return [pid for pid in children if b"service.workers" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def _are_there(workers: list[int]) -> bool:
    """Whether both have started: one that was started anew takes about as much memory as the other by then."""
    pages = [int(Path(f"/proc/{pid}/statm").read_text("utf-8").split()[1]) for pid in workers]
    return len(pages) == 2 and min(pages) > 0.8 * max(pages)


def _start(environment: dict[str, str], *command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "photosense", *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment,
    )


def _command(environment: dict[str, str], *command: str) -> None:
    process = _start(environment, *command)
    _, err = process.communicate()
    if process.returncode:
        raise SystemExit(f"photosense {' '.join(command)} ended with {process.returncode}: {err.decode()}")


def _until(met: Callable[[], bool]) -> float:
    """Wait until it is so; gives the seconds that it took."""
    began = time.monotonic()
    while time.monotonic() < began + TIMEOUT:
        try:
            if met():
                return time.monotonic() - began
        except (OSError, HTTPException):
            pass
        time.sleep(0.02)
    raise SystemExit(f"After {TIMEOUT:.0f} seconds it is still not so: see the service's messages above.")


def main() -> int:
    """Make trouble, count, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    usual = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "photosense-bench"
    parser.add_argument("--publications", type=int, default=20, metavar="N", help="how many models are put in force")
    parser.add_argument("--kills", type=int, default=30, metavar="N", help="how often each process is killed")
    parser.add_argument("--cache", type=Path, default=usual, metavar="DIR", help=f"where homes are kept ({usual})")
    parser.add_argument("--quick", action="store_true", help="one publication, one kill of each")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    options = parser.parse_args()
    learn, kill = (1, 1) if options.quick else (options.publications, options.kills)
    options.cache.mkdir(parents=True, exist_ok=True)
    kept = KeptHome(options.cache.resolve(), 2000)
    kept.make()
    environment = kept.environment()
    known = [post["id"] for post in posts(0, 400) if "child" not in post]
    with kept.copied() as home, product(home, environment, workers=2) as server:
        with Visitors(server.port, known).busy() as visitors:
            learned = publications(home, environment, visitors, learn)
            killed = kills(home, environment, server, visitors, kill)
            learned["requests"] = visitors.requests
        end = lost_and_doubled(home, visitors)
    table = Table("", "count", title="unbroken.py")
    figures = {f"publications_{name}": value for name, value in learned.items()} | {
        f"kills_{name}": value for name, value in killed.items()
    }
    for name, value in (figures | end).items():
        table.add_row(name.replace("_", " "), f"{value:g}" if value == int(value) else f"{value:.2f}")
    Console().print(table)
    for failure in visitors.failures[:10]:
        console.print(failure, soft_wrap=True, highlight=False)
    if options.json:
        print(json.dumps(figures | end))
    wrong = learned["mixed_answers"] + learned["failed_requests"] + killed["failed_requests"] + sum(end.values())
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
