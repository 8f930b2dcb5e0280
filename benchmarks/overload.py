"""Three times what the service can do, of each kind of work: who is refused how fast, and who is served how late.

The kinds are searches, questions by photo and bulks of eight posts, among the posts of the kept home (`http.py` makes
it), and requests by one key that may send so many a minute. For each:

1. what it can do: as many visitors as have a place in its lane ask without pause. That is the full house, and the 99th
   percentile of what they wait is the usual one that overload is compared with;
2. overload: requests come at three times that rate, at times that chance decides, whether those before are answered or
   not. What is refused (503, or 429 of a key) and what is accepted are timed apart, /healthz and /readyz are looked at
   all the time, and the memory of all processes is weighed;
3. afterwards requests come at six tenths of the rate, as they did before: how long is it until no half second is
   rougher than the roughest of before (slower, and half as slow again as usual, or more of them refused)? Chance alone
   sends a burst now and then.

Times are taken here, on the same machine: how late this process itself was at worst stands beside them.
"""

import argparse
import base64
import json
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count, cycle, islice
from pathlib import Path

from rich.console import Console
from rich.table import Table

from api.settings import ServiceSettings
from benchmarks.bombs import usual_photo
from benchmarks.load.crowd import Crowd, Reply, calm_after, full_house, quantile, roughest, throng
from benchmarks.load.home import KeptHome, usual_cache
from benchmarks.load.posts import posts
from benchmarks.load.servers import Server, product

TIMES = 3  # what it can do
USUAL = 0.6  # of what it can do, before and afterwards
OTHERS = 90_000_000  # the number of the first post that is sent
OF_A_BULK = 8
KEY = "bench-key-of-the-backend"
KEY_RATE = 300  # requests a minute that it may send
SLOWER = 1.5  # than half of those before is not calm yet


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of work: what is sent, how many visitors make a full house, what else is set, and what a refusal is."""

    name: str
    bodies: Callable[[], Iterator[bytes]]
    full: int
    refusal: int = 503
    can: float | None = None  # a second; None where it has to be found out
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one kind."""

    can: float
    usual_ms: float
    before: Crowd
    over: Crowd
    after: Crowd
    refusal: int
    calm_s: float
    memory_mb: float

    @property
    def refused(self) -> list[Reply]:
        """Who was told to come again."""
        return [reply for reply in self.over.of(self.refusal) if reply.says_when]

    @property
    def accepted(self) -> list[Reply]:
        """Who was served."""
        return self.over.of(200)

    @property
    def others(self) -> int:
        """How many got neither an answer nor such a refusal."""
        return len(self.over.replies) - len(self.refused) - len(self.accepted)

    def figures(self) -> dict[str, float]:
        """For programs."""
        health = self.over.health
        return {
            "can_a_second": self.can,
            "usual_p99_ms": self.usual_ms,
            "calm_p99_ms": quantile(self.before.of(200), 0.99),
            "refused": len(self.refused),
            "refused_p50_ms": quantile(self.refused, 0.5),
            "refused_p99_ms": quantile(self.refused, 0.99),
            "refused_max_ms": quantile(self.refused, 1.0),
            "accepted": len(self.accepted),
            "accepted_p99_ms": quantile(self.accepted, 0.99),
            "accepted_vs_usual": quantile(self.accepted, 0.99) / self.usual_ms,
            "others": self.others,
            "calm_after_s": self.calm_s,
            "health_p99_ms": quantile(health, 0.99),
            "health_max_ms": quantile(health, 1.0),
            "memory_mb": self.memory_mb,
            "memory_more_mb": max(self.over.memory_mb, default=self.memory_mb) - self.memory_mb,
            "memory_left_mb": (self.after.memory_mb or [self.memory_mb])[-1] - self.memory_mb,
            "own_lag_ms": max(self.over.own_lag_ms, self.after.own_lag_ms),
        }


def searches(texts: list[str], key: str = "") -> Iterator[bytes]:
    """Texts, of a visitor or of the backend with a key."""
    return cycle([_post("/v1/search", "application/json", _json(text=text, country="DE"), key) for text in texts])


def photo_questions() -> Iterator[bytes]:
    """A visitor's photo, over and over."""
    photo = base64.b64encode(usual_photo()).decode()
    return cycle([_post("/v1/search", "application/json", _json(photo=photo, country="DE"))])


def bulks() -> Iterator[bytes]:
    """A few posts each, no two of them the same."""
    drawn = (post for block in count() for post in posts(OTHERS + block * 1000, 1000))
    while lines := [json.dumps(post, ensure_ascii=False) for post in islice(drawn, OF_A_BULK)]:
        yield _post("/v1/posts:bulk", "application/x-ndjson", "\n".join(lines).encode())


def _json(**fields: str) -> bytes:
    return json.dumps(fields).encode()


def _post(path: str, media: str, body: bytes, key: str = "") -> bytes:
    head = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Type: {media}", f"Content-Length: {len(body)}"]
    own = [f"Authorization: Bearer {key}"] if key else []
    return "\r\n".join([*head, *own, "", ""]).encode() + body


def kinds(home: KeptHome) -> list[Kind]:
    """Each with the places that its lane has by default."""
    settings, texts = ServiceSettings(), home.questions
    return [
        Kind("searches", lambda: searches(texts), settings.searches + settings.searches_waiting),
        Kind("photos", photo_questions, settings.photo_questions + settings.photo_questions_waiting),
        Kind("bulks", bulks, settings.bulks + settings.bulks_waiting),
        Kind(
            "key",
            lambda: searches(texts, KEY),
            1,
            refusal=429,
            can=KEY_RATE / 60,
            settings={"PHOTOSENSE_API_KEY": KEY, "PHOTOSENSE_KEY_RATE": str(KEY_RATE)},
        ),
    ]


def measure(server: Server, kind: Kind, seconds: float) -> Outcome:
    """Fill the house, then crowd it, then leave it alone."""
    bodies, weigh = kind.bodies(), server.memory_mb
    full_house(server.port, bodies, min(4, kind.full), seconds / 4)  # processes start, compiled code is loaded
    if kind.can is None:
        house = full_house(server.port, bodies, kind.full, seconds).of(200)
        can, usual = len(house) / seconds, quantile(house, 0.99)
        before = throng(server.port, bodies, USUAL * can, seconds)
    else:
        while not full_house(server.port, bodies, 8, 1.0).of(kind.refusal):
            pass  # a minute's requests may come at once; from here on they come back evenly
        can = kind.can
        before = throng(server.port, bodies, USUAL * can, seconds)
        usual = quantile(before.of(200), 0.99)
    memory = weigh()
    over = throng(server.port, bodies, TIMES * can, seconds, weigh)
    since = time.perf_counter()
    after = throng(server.port, bodies, USUAL * can, max(seconds, 6.0), weigh)
    calm = calm_after(after.replies, since, roughest(before.replies, SLOWER))
    return Outcome(can, usual, before, over, after, kind.refusal, calm, memory)


def row(name: str, outcome: Outcome) -> list[str]:
    """For people."""
    says = outcome.figures()
    return [
        name,
        f"{says['can_a_second']:,.0f}",
        f"{says['calm_p99_ms']:,.0f} / {says['usual_p99_ms']:,.0f}",
        f"{says['accepted']:,.0f}: {says['accepted_p99_ms']:,.0f} ({says['accepted_vs_usual']:.2f})",
        f"{says['refused']:,.0f}: {says['refused_p50_ms']:.0f}, {says['refused_p99_ms']:.0f}",
        f"{says['others']:,.0f}",
        f"{says['calm_after_s']:.1f}",
        f"{says['health_p99_ms']:.0f}, {says['health_max_ms']:.0f}",
        f"{says['memory_mb']:,.0f} + {says['memory_more_mb']:.0f}, {says['memory_left_mb']:+.0f}",
        f"{says['own_lag_ms']:.0f}",
    ]


COLUMNS = (
    "",
    "can a second",
    "usual p99 ms: 0.6 / full house",
    "accepted: p99 ms (by full house)",
    "refused: p50, p99 ms",
    "neither",
    "calm after s",
    "health p99, max ms",
    "MB: + at most, + left",
    "own lag ms",
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=100_000, help="how many posts")
    parser.add_argument("--seconds", type=float, default=8.0, help="how long each part lasts")
    parser.add_argument("--kinds", nargs="*", default=[], help="these alone: searches, photos, bulks, key")
    parser.add_argument("--cache", type=Path, default=usual_cache(), metavar="DIR", help="where homes are kept")
    parser.add_argument("--quick", action="store_true", help="2,000 posts, and a second for each part")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    options = parser.parse_args()
    number, seconds = (2000, 1.0) if options.quick else (options.posts, options.seconds)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # servers are stopped and copies removed, whoever ends it
    options.cache.mkdir(parents=True, exist_ok=True)
    home = KeptHome(options.cache.resolve(), number, graph=number > 100_000)
    home.make()
    table = Table(*COLUMNS, title=f"overload.py: {TIMES} times what it can, {number:,} posts")
    figures: dict[str, float] = {"posts": number}
    for kind in kinds(home):
        if options.kinds and kind.name not in options.kinds:
            continue
        with home.copied() as folder, product(folder, {**home.environment(), **kind.settings}) as server:
            outcome = measure(server, kind, seconds)
        table.add_row(*row(kind.name, outcome))
        figures |= {f"{kind.name}_{name}": value for name, value in outcome.figures().items()}
    Console().print(table)
    if options.json:
        print(json.dumps({name: round(value, 3) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
