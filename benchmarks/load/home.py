"""The home of the benchmark: made once by the product's own commands, kept, and never served but as a copy."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from api.search.question import Question
from benchmarks.load.posts import questions, write_posts
from common.files import write_file
from compliance.country import Country
from photosense.house import open_house
from photosense.settings import Settings
from qdrant.edge.files import copy

TOPICS = 100
EDITION = 1  # counted up when other posts are drawn
QUESTIONS = 1000
VISITOR = Country("DE", "site")
console = Console(stderr=True)


def usual_cache() -> Path:
    """Where homes are kept unless somebody says otherwise."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "photosense-bench"


@dataclass(frozen=True, slots=True)
class KeptHome:
    """A folder with so many posts and a model, in the embedded store or, with an address, on a server."""

    cache: Path
    posts: int
    graph: bool = False  # whether thetas are searched by a graph of them
    url: str | None = None

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self.cache / f"{self.posts}-posts{'-graph' * self.graph}{'-server' * bool(self.url)}"

    @property
    def questions(self) -> list[str]:
        """Questions that find something here."""
        return list(json.loads((self.folder / "questions.json").read_text("utf-8")))

    def settings(self, home: Path) -> Settings:
        """The product's defaults, for this home or a copy of it."""
        given = {"home": home, **({"exact_up_to": 0} if self.graph else {})}
        if self.url:
            given |= {"qdrant_url": self.url, "qdrant_collection": f"photosense-bench-{self.posts}"}
        return Settings(**given)

    def environment(self) -> dict[str, str]:
        """The same for the product's own processes."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("PHOTOSENSE_")}
        given = self.settings(Path()).model_dump(mode="json", exclude_unset=True, exclude={"home"})
        return own | {f"PHOTOSENSE_{name.upper()}": str(value) for name, value in given.items()}

    def make(self) -> None:
        """Build it, unless it is there: some minutes for 100,000 posts, and the graph as long again."""
        ready, state = self.folder / "ready.json", json.dumps([EDITION, self.posts, TOPICS, self.graph])
        if ready.is_file() and ready.read_text("utf-8") == state:
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        console.print(f"Making {self.folder}: {self.posts:,} posts, once.")
        file = write_posts(self.folder / "posts.ndjson", 0, self.posts)
        self._run("train", str(file), "--topics", str(TOPICS))
        if self.graph:
            self._run("optimize")
        with open_house(self.settings(self.folder / "home")) as house:
            service = house.service()
            drawn = questions(min(QUESTIONS, max(300, self.posts // 100)))
            found = [text for text in drawn if service.search(Question(text), VISITOR).hits]
        write_file(self.folder / "questions.json", json.dumps(found, ensure_ascii=False))
        write_file(ready, state)

    def _run(self, *command: str) -> None:
        """Run a command of the product behind whatever else the machine does."""
        subprocess.run(
            [sys.executable, "-m", "photosense", *command, "--home", str(self.folder / "home")],
            check=True,
            stdout=subprocess.DEVNULL,
            env=self.environment(),
            preexec_fn=lambda: os.nice(15),
        )

    @contextmanager
    def copied(self) -> Iterator[Path]:
        """Give a copy that may be written to."""
        with TemporaryDirectory(dir=self.cache, prefix="copy-") as folder:
            copy(self.folder / "home", Path(folder) / "home")
            yield Path(folder) / "home"
