"""How fast posts flow in: lines of text on one core and two, and photos beside the bare encoder, in the same run.

Text: posts of nine words and two hashtags go into an embedded store, on one core (pinned) and on two. The rival is the
script that one would write first: `json`, lemmas without a cache, a point and a flush for each post; it checks nothing.

Photos of 640 x 480: the encoder alone is given decoded photos in batches, as one calls it, with all cores for it (a
network uses them, `patches` has one thread); the whole pipeline reads the files, decodes, sees, compares and stores
them on the same cores, its processes running already. They take turns, so that a busy machine disturbs both.
`pipeline_share` is the one by the other. `share_of_all_cores` has a harder rival: the encoder alone, in a process for
each core, which nobody who also decodes can come near. The milliseconds of the processors for a photo, in the encoder
alone and in the whole pipeline, are printed: their quotient is that share if no core ever waits.
With PHOTOSENSE_ENCODER (a name, a description or a folder) another encoder than `patches` is measured.

`--million` takes a million lines through all but the store and shows that memory stays flat; `--kills` kills a run of
100,000 short lines, or as many as are named, ten times and compares what is stored with an unbroken run: about 15 and
4 minutes.
"""

import argparse
import json
import os
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from pymorphy3 import MorphAnalyzer
from rich.console import Console
from rich.table import Table

from benchmarks.flow.photos import CORES, encode_when_told, own_processes, take_turns, write_photos
from compliance.law import Law
from ingest.bulk.journal import Journal
from ingest.bulk.report import Report
from ingest.bulk.run import Run, take_all
from ingest.intake import Intake
from ingest.photos.photo_parts import PhotoParts
from ingest.pipeline import Pipeline
from photosense.settings import Settings
from qdrant.engine.write_plan import Written
from qdrant.open_store import open_folder
from qdrant.points import PhotoPoint
from qdrant.store import Store
from qdrant.vector_kind import NamedVector
from topic_model.models import Models
from topic_model.tokens import stop_words
from vision.decoding.pool import DecodePool
from vision.make_encoder import Encoder, make_encoder

ENCODER = os.environ.get("PHOTOSENSE_ENCODER", "patches")
KILLS = 10
SETTLED = 50_000  # lines until caches and queues have their size
SYLLABLES = {"ru": "ка мо ре во ла ни се то ры да зу ши", "en": "ba no li ker so ta mi den ru sh al or"}


class Forgetful:
    """A store that keeps nothing, so that memory is that of the pipeline alone."""

    def __init__(self) -> None:
        self.active = None

    def vectors(self) -> Collection[NamedVector]:
        """Have room for none."""
        return ()

    def upsert(self, points: Sequence[PhotoPoint]) -> list[Written]:
        """Say that all is stored."""
        return [Written.STORED for _ in points]

    def get(self, ids: Sequence[str]) -> list[None]:
        """Know nothing."""
        return [None for _ in ids]

    def scroll(self, *_: object) -> Iterator[None]:
        """Hold nothing."""
        return iter(())


def write_lines(file: Path, count: int) -> Path:
    """Write posts in two languages; words are common and rare as Zipf says."""
    draw = random.Random(1)
    words = {
        language: ["".join(draw.choices(syllables.split(), k=draw.randint(2, 4))) for _ in range(20_000)]
        for language, syllables in SYLLABLES.items()
    }
    with file.open("w", encoding="utf-8") as lines:
        for number in range(count):
            of = words["ru" if number % 2 else "en"]
            phrase = [of[int(20_000 ** draw.random()) - 1] for _ in range(11)]
            post = {"id": f"p{number}", "captions": [{"text": " ".join(phrase[:9])}], "tags": phrase[9:]}
            lines.write(json.dumps(post, ensure_ascii=False) + "\n")
    return file


def write_short_lines(file: Path, count: int) -> Path:
    """Write posts of three words, one of which no other post has, so that none is a copy."""
    draw = random.Random(1)
    words = ["".join(draw.choices(SYLLABLES["ru"].split(), k=3)) for _ in range(20_000)]
    with file.open("w", encoding="utf-8") as lines:
        for number in range(count):
            post = {"id": f"p{number}", "text": f"{' '.join(draw.sample(words, 2))} кадр{number}"}
            lines.write(json.dumps(post, ensure_ascii=False) + "\n")
    return file


def take(
    file: Path,
    store: object,
    encoder: Encoder,
    processes: int = 0,
    journal: Path | None = None,
    decoder: DecodePool | None = None,
) -> Report:
    """Take a file in as the command does."""
    photos, intake = PhotoParts(encoder, decoder=decoder), Intake(Settings(), processes=processes)
    pipeline = Pipeline(store, Models(), photos, Law(), intake)  # type: ignore[arg-type]
    run = Run.of(file, (journal or file.parent / "rejected") / "rejected.ndjson")
    return take_all(run, pipeline, Journal(journal, run.source, {}) if journal else None)


def script(file: Path, store: Store) -> None:
    """Take a file in as the plain script does."""
    morphology, word = MorphAnalyzer(lang="ru"), re.compile(r"\w+")
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            post = json.loads(line)
            counts: dict[str, float] = {}
            for match in word.findall(" ".join([post["captions"][0]["text"], *post["tags"]]).lower()):
                if match not in stop_words():
                    lemma = morphology.parse(match)[0].normal_form
                    counts[lemma] = counts.get(lemma, 0.0) + 1
            point = PhotoPoint(post["id"], "open", "clear", {"captions": post["captions"]}, {"text": counts}, counts)
            store.upsert([point])


def posts_per_second(file: Path, how: str, lines: int, cores: int) -> float:
    """Take a file in a process of its own, on so many cores."""
    mask = CORES[:cores]
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.ingest", "--only", how, str(file)],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=(lambda: os.sched_setaffinity(0, mask)) if mask else None,
    )
    return lines / float(ended.stdout.split()[-1])


def only(how: str, file: Path) -> None:
    """Take a file in one way, and print the seconds or what else is asked."""
    encoder = make_encoder(ENCODER if how == "encode" else "patches")
    if how == "encode":
        return encode_when_told(file, encoder)
    with tempfile.TemporaryDirectory() as name:
        if how in ("memory", "journal"):
            return memory(file, encoder) if how == "memory" else take_with_journal(file, encoder)
        store = open_folder(Path(name) / "store")
        warm = write_lines(Path(name) / "warm.ndjson", 2000)
        take(warm, store, encoder)
        begun = time.perf_counter()
        if how == "script":
            script(file, store)
        else:
            take(file, store, encoder, processes=int(how))
        print(time.perf_counter() - begun)
        return None


def memory(file: Path, encoder: Encoder) -> None:
    """Print the resident megabytes of all processes at intervals."""

    def resident() -> int:
        pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in own_processes())
        return pages * resource.getpagesize() >> 20

    progress: list[tuple[int, int]] = []

    def look(report: Report, _: float) -> None:
        if report.lines - (progress[-1][0] if progress else 0) >= 10_000:
            progress.append((report.lines, resident()))

    pipeline = Pipeline(Forgetful(), Models(), PhotoParts(encoder), Law(), Intake(Settings(), processes=1))  # type: ignore[arg-type]
    report = take_all(Run.of(file, file.parent / "rejected" / "memory.ndjson"), pipeline, progress=look)
    settled = [megabytes for lines, megabytes in progress if lines >= SETTLED]
    print(json.dumps([settled[0], max(settled), report.lines, round(report.lines / report.seconds)]))


def take_with_journal(file: Path, encoder: Encoder) -> None:
    """Take a file in with a journal beside it, until it is done or killed."""
    home = Path(os.environ["PHOTOSENSE_BENCHMARK_HOME"])
    store = open_folder(home / "store")
    print("open", flush=True)
    take(file, store, encoder, processes=1, journal=home / "journal")
    documents = sorted((point.id, point.payload["digest"], str(point.document())) for point in store.scroll())
    print("done", len(documents), hash(tuple(documents)), flush=True)


def kill_and_go_on(file: Path, folder: Path) -> tuple[bool, int, int]:
    """Whether a run that is killed again and again ends with the same Documents; how many, and how often it was."""
    draw = random.Random(2)
    ends, quiet, killed = [], 0.0, 0
    for name, kills in (("quiet", 0), ("broken", KILLS)):
        environment = {**os.environ, "PYTHONHASHSEED": "0", "PHOTOSENSE_BENCHMARK_HOME": str(folder / name)}
        begun = time.perf_counter()
        for attempt in range(kills + 1):
            process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.ingest", "--only", "journal", str(file)],
                stdout=subprocess.PIPE,
                text=True,
                env=environment,
            )
            assert process.stdout is not None
            process.stdout.readline()
            if attempt < kills:
                time.sleep(draw.uniform(0.1, quiet / (kills + 1)))
                process.kill()
            answer = process.communicate()[0].split()
            killed += process.returncode < 0
        ends.append(answer)
        quiet = quiet or time.perf_counter() - begun
    return ends[0] == ends[1] and ends[0][0] == "done", int(ends[0][1]), killed


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer posts and rounds")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    parser.add_argument("--million", action="store_true", help="memory over a million lines")
    parser.add_argument("--kills", type=int, nargs="?", const=100_000, help="kill a run of so many lines ten times")
    parser.add_argument("--only", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        return only(options.only[0], Path(options.only[1]))
    figures: dict[str, float] = {}
    table, console = Table("work", "a second", "rival", "a second", "ratio", title=Path(__file__).name), Console()
    lines, count, rounds = (3_600, 128, 2) if options.quick else (20_000, 640, 5)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file, few = write_lines(folder / "lines.ndjson", lines), write_lines(folder / "few.ndjson", lines // 24)
        rival = posts_per_second(few, "script", lines // 24, 1)
        for cores in (1, 2):
            rate = posts_per_second(file, str(cores - 1), lines, cores)
            figures["text_posts_per_s" if cores == 2 else "text_posts_per_s_one_core"] = rate
            table.add_row(
                f"posts of text, {cores} cores", f"{rate:,.0f}", "plain script", f"{rival:,.0f}", f"{rate / rival:.1f}"
            )
        figures["vs_script"] = figures["text_posts_per_s_one_core"] / rival
        encoder = make_encoder(ENCODER)
        count = count if encoder.id.startswith("patches") else count // 4  # networks take ten times as long
        turns = take_turns(write_photos(folder, count), encoder, rounds, take)
        bare, all_cores, whole = (count / statistics.median(turn[which] for turn in turns) for which in range(3))
        share = statistics.median(turn.bare / turn.whole for turn in turns)
        of_all = statistics.median(turn.all_cores / turn.whole for turn in turns)
        table.add_row("posts with a photo", f"{whole:,.1f}", encoder.id, f"{bare:,.1f}", f"{share:.2f}")
        table.add_row("", "", "... in a process a core", f"{all_cores:,.1f}", f"{of_all:.2f}")
        console.print(table)
        alone, along = (1000 * statistics.median(turn[which] for turn in turns) / count for which in (3, 4))
        console.print(f"A photo takes the processors {alone:.2f} ms in the encoder, {along:.2f} in the whole pipeline.")
        figures |= {"photos_per_s": whole, "encoder_photos_per_s": bare, "pipeline_share": share}
        figures |= {"share_of_all_cores": of_all, "encoder_ms": alone, "pipeline_ms": along}
        if options.million:
            file = write_lines(folder / "million.ndjson", 1_000_000)
            run = subprocess.run(
                [sys.executable, "-m", "benchmarks.ingest", "--only", "memory", str(file)],
                capture_output=True,
                text=True,
                check=True,
            )
            first, most, taken, rate = json.loads(run.stdout.splitlines()[-1])
            figures |= {"memory_rise_mb": most - first, "million_posts_per_s": rate}
            console.print(f"{taken:,} lines: {first} MB after {SETTLED:,}, {most} MB at most; {rate:,} a second")
        if options.kills:
            file = write_short_lines(folder / "kills.ndjson", options.kills)
            same, stored, killed = kill_and_go_on(file, folder)
            figures["same_after_kills"] = float(same)
            console.print(f"killed {killed} times: {stored:,} Documents, {'the same' if same else 'NOT the same'}")
    if options.json:
        print(json.dumps({name: float(f"{value:.4g}") for name, value in figures.items()}))
    return None


if __name__ == "__main__":
    main()
