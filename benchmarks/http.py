"""A text query over HTTP among 100,000 posts, beside an empty route and the engine's bare arms, in the same run.

The home is made once by the product's own commands, with its default settings, and kept in --cache; remove it there to
have it made anew. What is served is a copy, by a process of its own, as `photosense serve` starts it. This process is
the visitors, who keep their connections open and ask hundreds of different questions without pause: one of them as soon
as the service is ready, the others when all was asked before and columns are read. The bare arms are
the same questions asked of the engine in this process, ids alone: exactly, or by the graph with --graph and where there
are more than 100,000 posts.
Beside the plain search they count by three fields, look around without a question, and are completed while they type.
A bulk over HTTP is compared with `photosense ingest` of the same file, into the same home.

--beside-bulk also measures while another bulk is written, with /healthz looked at all the time. --workers N compares N
workers with one. --million adds a home of a million posts, compared with the usual one. With PHOTOSENSE_TEST_QDRANT_URL
the posts go to that server as well, into a collection that stays there, and the service is compared with the same
hybrid query written by hand.
"""

import argparse
import json
import os
import signal
import sys
from inspect import signature
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from benchmarks.load.bulk import Writer, http_rate, ingest_rate
from benchmarks.load.engine import armed, bare_arms, by_hand
from benchmarks.load.home import KeptHome, usual_cache
from benchmarks.load.posts import write_posts
from benchmarks.load.servers import Server, empty, product
from benchmarks.load.visitors import Asked, ask, ask_and_look, beginnings, requests
from photosense.cli import serve

CONNECTIONS = (1, 8, 32)
SETTLING = 10  # times as long as a figure takes, until the service has read what it keeps and was asked everything
FACETS = ("tags", "authors", "attrs.place")
OTHERS = 50_000_000  # the number of the first post that no home has
MOST_A_SECOND = 2000  # posts of a bulk beside visitors, and more than it can take


class Run:
    """One run: rows for people, figures for programs."""

    def __init__(self, home: KeptHome, seconds: float, lines: int) -> None:
        self.home, self.seconds, self.lines = home, seconds, lines
        self.table = Table("", "connections", "p50 ms", "p99 ms", "a second", title=f"http.py: {home.posts:,} posts")
        self.figures: dict[str, float] = {"posts": home.posts}
        self.remarks: list[str] = []

    def note(self, name: str, asked: Asked, connections: int, prefix: str = "") -> None:
        """Keep what visitors waited for."""
        self.table.add_row(name, str(connections), f"{asked.p50:.2f}", f"{asked.p99:.2f}", f"{asked.a_second:,.0f}")
        ending = "" if connections == 1 else f"_{connections}"
        self.figures |= {f"{prefix}p50_ms{ending}": asked.p50, f"{prefix}p99_ms{ending}": asked.p99}
        self.figures[f"{prefix}rps_{connections}"] = asked.a_second

    def ratio(self, figure: str, of: float, by: float, says: str) -> None:
        """Keep a ratio."""
        self.figures[figure] = of / by
        self.remarks.append(f"{says}: {of / by:.2f}")

    def visit(self, name: str, server: Server, prefix: str = "", *, settles: bool = True) -> None:
        """Ask over each number of connections: at once, then when columns are read and each question was asked."""
        questions = requests(self.home.questions)
        ask(server.port, questions, 1, self.seconds / 4)  # the first answers load compiled code
        if settles:
            self.note(f"{name}, just started", ask(server.port, questions, 1, self.seconds), 1, f"{prefix}first_")
            ask(server.port, questions, max(CONNECTIONS[:2]), SETTLING * self.seconds)
        for count in CONNECTIONS:
            self.note(name, ask(server.port, questions, count, self.seconds), count, prefix)

    def visit_otherwise(self, server: Server) -> None:
        """What else people do: count by three fields, look around, type; each by the plain search of this run."""
        texts = self.home.questions
        ways = {
            "facets": ("search, counted by three fields", requests(texts, facets=list(FACETS))),
            "browse": ("no question, counted by three fields", requests([None], facets=list(FACETS))),
            "list": ("no question", requests([None])),
            "suggest": ("a word while it is typed", beginnings(texts)),
        }
        for figure, (name, asking) in ways.items():
            ask(server.port, asking, 1, self.seconds / 4)  # the first count reads its fields
            asked = ask(server.port, asking, 1, self.seconds)
            self.note(name, asked, 1, f"{figure}_")
            self.ratio(f"{figure}_vs_search", asked.p50, self.figures["p50_ms"], f"{name}, by the plain search")

    def serve(self, *, beside_bulk: bool) -> None:
        """One worker: alone, taking a bulk, and both at once."""
        environment = self.home.environment()
        with self.home.copied() as home, product(home, environment) as server, TemporaryDirectory() as folder:
            self.visit("search", server)
            self.visit_otherwise(server)
            self.figures |= {"start_s": server.start_s, "memory_mb": server.memory_mb()}
            self.remarks.append(f"ready after {server.start_s:.1f} s, {server.memory_mb():,.0f} MB of memory in use")
            files = _others(Path(folder), self.lines, 200)
            self.figures["bulk_posts_per_s"] = http_rate(server.port, files[0])
            if beside_bulk:
                self.visit_beside_bulk(server, Path(folder))
        with self.home.copied() as home, TemporaryDirectory() as folder:
            file, warming = _others(Path(folder), self.lines, 200)
            self.figures["ingest_posts_per_s"] = ingest_rate(self.home.settings(home), warming, file)
        bulk, ingest = self.figures["bulk_posts_per_s"], self.figures["ingest_posts_per_s"]
        self.ratio(
            "bulk_vs_ingest", bulk, ingest, f"a bulk over HTTP by `ingest` ({bulk:,.0f}, {ingest:,.0f} posts a second)"
        )

    def visit_beside_bulk(self, server: Server, folder: Path) -> None:
        """Ask while a bulk is written, and look after the service's health."""
        most = int(MOST_A_SECOND * self.seconds * 1.25 * len(CONNECTIONS))
        writer = Writer(server.port, write_posts(folder / "beside.ndjson", 2 * OTHERS, most))
        questions, health = requests(self.home.questions), list[float]()
        writer.start()
        for count in CONNECTIONS:
            asked, looks = ask_and_look(server.port, questions, count, self.seconds)
            self.note("... beside a bulk", asked, count, "bulk_")
            self.note("/healthz meanwhile", looks, count, "healthz_")
            health += looks.milliseconds
        writer.stop()
        over = ", which was over before the visitors were" if writer.dry else ""
        self.remarks.append(f"the bulk beside visitors: {writer.rate:,.0f} posts a second{over}")
        endings = ["" if count == 1 else f"_{count}" for count in CONNECTIONS]
        worst = max(endings, key=lambda end: self.figures[f"bulk_p99_ms{end}"] / self.figures[f"p99_ms{end}"])
        of, by = self.figures[f"bulk_p99_ms{worst}"], self.figures[f"p99_ms{worst}"]
        self.ratio("p99_under_bulk", of, by, "p99 beside a bulk by idle p99, at worst")
        self.figures["healthz_max_ms"] = max(health)
        self.remarks.append(f"the longest that /healthz took: {max(health):.0f} ms")

    def serve_by(self, workers: int) -> None:
        """Several workers by one."""
        with self.home.copied() as home, product(home, self.home.environment(), workers) as server:
            self.visit(f"search, {workers} workers", server, f"workers_{workers}_")
        of, by = self.figures[f"workers_{workers}_rps_8"], self.figures["rps_8"]
        self.ratio(f"workers_{workers}_vs_1", of, by, f"answers a second of {workers} workers by those of one")

    def rivals(self) -> None:
        """The empty route, and the engine without the service."""
        with empty() as server:
            self.visit("an empty route", server, "empty_", settles=False)
        with self.home.copied() as home:
            settings = self.home.settings(home)
            arms = bare_arms(settings, armed(settings, self.home.questions))
        self.note("the engine's bare arms", arms, 1, "arms_")
        self.ratio("vs_bare_arms", self.figures["p50_ms"], arms.p50, "search by the bare arms, one connection")
        self.ratio("vs_empty", self.figures["p50_ms"], self.figures["empty_p50_ms"], "search by the empty route")

    def server(self, url: str) -> None:
        """The service on a Qdrant server, and the same query by hand."""
        home = KeptHome(self.home.cache, self.home.posts, self.home.graph, url)
        home.make()
        questions = requests(home.questions)
        with home.copied() as folder:
            settings = home.settings(folder)
            hand = by_hand(settings, armed(settings, home.questions))
            with product(folder, home.environment()) as server:
                asked = ask(server.port, questions, 1, self.seconds)
        self.note("search, on a Qdrant server", asked, 1, "server_")
        self.note("the same query by hand", hand, 1, "by_hand_")
        self.ratio("vs_by_hand", asked.p50, hand.p50, "search on that server by the query by hand")

    def million(self, cache: Path) -> None:
        """A million posts by the usual number."""
        home = KeptHome(cache, 1_000_000, graph=True)
        home.make()
        questions = requests(home.questions)
        with home.copied() as folder, product(folder, home.environment()) as server:
            ask(server.port, questions, max(CONNECTIONS[:2]), SETTLING * self.seconds)
            for count in CONNECTIONS:
                asked = ask(server.port, questions, count, self.seconds)
                self.note("search, a million posts", asked, count, "million_")
            self.figures |= {"million_start_s": server.start_s, "million_memory_mb": server.memory_mb()}
            self.remarks.append(
                f"a million: ready after {server.start_s:.1f} s, {server.memory_mb():,.0f} MB of memory"
            )
        of, by = self.figures["million_p50_ms"], self.figures["p50_ms"]
        self.ratio("million_vs_100k", of, by, f"a million posts by {self.home.posts:,}, one connection")


def _others(folder: Path, lines: int, warming: int) -> tuple[Path, Path]:
    """Posts that no home has, and a few more to become warm with."""
    return (
        write_posts(folder / "others.ndjson", OTHERS, lines),
        write_posts(folder / "warming.ndjson", OTHERS + lines, warming),
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    usual = usual_cache()
    parser.add_argument("--posts", type=int, default=100_000, help="how many posts")
    parser.add_argument("--graph", action="store_true", help="walk the graph of thetas, whatever the number of posts")
    parser.add_argument("--million", action="store_true", help="a million posts as well")
    parser.add_argument("--beside-bulk", action="store_true", help="also while a bulk is written")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="N workers as well")
    parser.add_argument("--seconds", type=float, default=8.0, help="how long visitors ask for each figure")
    parser.add_argument("--cache", type=Path, default=usual, metavar="DIR", help=f"where homes are kept ({usual})")
    parser.add_argument(
        "--quick", action="store_true", help="2,000 posts and half a second for each figure, bulk and all"
    )
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    options = parser.parse_args()
    if options.workers > 1 and "workers" not in signature(serve).parameters:
        parser.error("`photosense serve` has no --workers here: leave it out.")
    posts, seconds, lines = (2000, 0.5, 300) if options.quick else (options.posts, options.seconds, 5000)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # servers are stopped and copies removed, whoever ends it
    options.cache.mkdir(parents=True, exist_ok=True)
    run = Run(KeptHome(options.cache.resolve(), posts, options.graph or posts > 100_000), seconds, lines)
    run.home.make()
    run.serve(beside_bulk=options.beside_bulk or options.quick)
    run.rivals()
    if options.workers > 1:
        run.serve_by(options.workers)
    if url := os.environ.get("PHOTOSENSE_TEST_QDRANT_URL"):
        run.server(url)
    if options.million:
        run.million(options.cache.resolve())
    Console().print(run.table)
    for remark in run.remarks:
        Console(soft_wrap=True, highlight=False).print(remark)
    if options.json:
        print(json.dumps({name: round(value, 3) for name, value in run.figures.items()}))


if __name__ == "__main__":
    main()
