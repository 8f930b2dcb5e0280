"""What a service takes while it lives: memory, descriptors and processes, second by second, and where they tend."""

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from common.arrays import Float64

_WARM = 1 / 3  # of the time, before which a trend is no trend


@dataclass(frozen=True, slots=True)
class Vital:
    """A look at all processes of a home."""

    at: float
    memory_mb: float
    descriptors: int
    processes: int


def processes_of(home: Path) -> list[int]:
    """The processes that name a home in their command or environment, whoever started them."""
    mark, mine = os.fsencode(home), os.getpid()
    return [
        int(folder.name)
        for folder in Path("/proc").iterdir()
        if folder.name.isdigit() and int(folder.name) != mine and mark in _read(folder / "environ", folder / "cmdline")
    ]


def look(home: Path, since: float) -> Vital:
    """Look now; what two processes share is counted once."""
    own = processes_of(home)
    return Vital(time.monotonic() - since, sum(map(_kb, own)) / 1024, sum(map(_descriptors, own)), len(own))


def slope(times: Sequence[float], values: Sequence[float]) -> float:
    """By how much a value grows an hour, once it is warm: the median of all pairs' slopes, which no kill bends."""
    x: Float64 = np.asarray(times, float)
    y: Float64 = np.asarray(values, float)
    warm = x >= x[0] + (x[-1] - x[0]) * _WARM
    x, y = x[warm], y[warm]
    first, second = np.triu_indices(len(x), 1)
    steps = x[second] - x[first]
    apart = steps > 0
    return float(np.median((y[second] - y[first])[apart] / steps[apart]) * 3600) if apart.any() else 0.0


def quantiles(times: Sequence[tuple[float, float]], width: float, share: float) -> Iterator[tuple[float, float]]:
    """Of what took so long at some time, the quantile of each stretch of so many seconds."""
    stretches: dict[int, list[float]] = {}
    for at, one in times:
        stretches.setdefault(int(at // width), []).append(one)
    for stretch, took in sorted(stretches.items()):
        yield stretch * width + width / 2, float(np.quantile(took, share))


def _read(*files: Path) -> bytes:
    content = b""
    for file in files:
        try:
            content += file.read_bytes()
        except OSError:
            continue
    return content


def _kb(process: int) -> int:
    lines = _read(Path(f"/proc/{process}/smaps_rollup")).splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(b"Pss:"))


def _descriptors(process: int) -> int:
    try:
        return sum(1 for _ in Path(f"/proc/{process}/fd").iterdir())
    except OSError:
        return 0
