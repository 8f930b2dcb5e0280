"""`make fuzz`: so many runs of each target, by atheris where it is installed, else by mutations of our own.

A failure is written to tests/fuzz/past/<target>/, which `make test` replays for ever.
"""

import argparse
import hashlib
import random
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

PAST = Path(__file__).parent / "past"
ROOMS = ["api", "common", "compliance", "ingest", "qdrant", "topic_model", "vision"]
_LONGEST = 8192


def main() -> None:
    """Run one target in this process, or each in one of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--own", action="store_true", help="our own mutations, atheris or not")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    guided = find_spec("atheris") is not None and not given.own
    if given.here:
        (_guided if guided else _by_mutations)(given.targets[0], given.runs, given.seed)
        return
    from tests.fuzz.targets import TARGETS

    print(
        "by atheris" if guided else "atheris is not installed here: by mutations of our own, which no coverage guides"
    )
    failed = []
    for name in given.targets or TARGETS:
        start = time.monotonic()
        words = [
            sys.executable,
            "-m",
            "tests.fuzz.run",
            name,
            "--here",
            "--runs",
            str(given.runs),
            "--seed",
            str(given.seed),
        ]
        done = subprocess.run([*words, *(["--own"] if given.own else [])], check=False)
        print(
            f"{name}: {'fails' if done.returncode else f'{given.runs:,} runs'}, {time.monotonic() - start:.0f} s",
            flush=True,
        )
        failed += [name] if done.returncode else []
    sys.exit(bool(failed))


def _guided(name: str, runs: int, seed: int) -> None:
    import atheris  # type: ignore[import-untyped]  # on no machine but that of who fuzzes

    with atheris.instrument_imports(include=ROOMS):
        from tests.fuzz.seeds import PIECES, seeds
        from tests.fuzz.targets import TARGETS
    target = _noting(name, TARGETS[name])
    with TemporaryDirectory() as corpus:
        for number, data in enumerate(seeds()[name]):
            Path(corpus, str(number)).write_bytes(data)
        pieces = Path(corpus).with_suffix(".dict")
        hexed = (piece.hex(" ").replace(" ", "\\x") for piece in PIECES[name])
        pieces.write_text("".join(f'"\\x{piece}"\n' for piece in hexed))
        options = [f"-runs={runs}", f"-seed={seed}", f"-max_len={_LONGEST}", f"-dict={pieces}", "-timeout=20"]
        atheris.Setup([name, *options, f"-artifact_prefix={corpus}-", "-verbosity=0", corpus], target)
        atheris.Fuzz()


def _noting(name: str, target: Callable[[bytes], None]) -> Callable[[bytes], None]:
    """Keep the bytes that a target fails of."""

    def noted(data: bytes) -> None:
        try:
            target(data)
        except BaseException:
            folder = PAST / name
            folder.mkdir(parents=True, exist_ok=True)
            (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
            raise

    return noted


def _by_mutations(name: str, runs: int, seed: int) -> None:
    from tests.fuzz.seeds import PIECES, seeds
    from tests.fuzz.targets import TARGETS

    rng, pool, target = random.Random(seed), list(seeds()[name]), _noting(name, TARGETS[name])
    for data in pool:
        target(data)
    for _ in range(runs):
        data = mutated(rng.choice(pool), rng, PIECES[name], pool)
        target(data)
        if rng.random() < 0.002:  # what is far from the seeds is gone on from, too
            pool[rng.randrange(len(pool))] = data if len(pool) > 50 else pool[0]
            pool.append(data)


def mutated(data: bytes, rng: random.Random, pieces: list[bytes], pool: list[bytes]) -> bytes:
    """Change bytes in one to eight places: turn, cut, double, put in a piece, or go on as another one does."""
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(data) + 1)
        to = min(at + rng.randint(0, 16), len(data))
        match rng.randrange(7):
            case 0 if data:
                at = min(at, len(data) - 1)
                data = data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]
            case 1:
                data = data[:at] + data[to:]
            case 2:
                data = data[:to] + data[at:]
            case 3:
                data = data[:at] + rng.randbytes(rng.randint(1, 8)) + data[to:]
            case 4 | 5:
                data = data[:at] + rng.choice(pieces) + data[rng.choice((at, to)) :]
            case _:
                other = rng.choice(pool)
                data = data[:at] + other[rng.randrange(len(other) + 1) :]
    return data[:_LONGEST]


if __name__ == "__main__":
    main()
