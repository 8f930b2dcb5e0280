"""What once failed under fuzzing does not fail again, and what strangers send breaks nothing in a few hundred tries."""

import random

import pytest

from tests.fuzz.run import PAST, mutated
from tests.fuzz.seeds import PIECES, seeds
from tests.fuzz.targets import TARGETS

_TRIES = 150


def test_past_failures_are_mended() -> None:
    """The very bytes that once broke something, and those that were likely to, are read or refused."""
    files = sorted(file for file in PAST.rglob("*") if file.is_file())
    assert {file.parent.name for file in files} == set(TARGETS)
    for file in files:
        TARGETS[file.parent.name](file.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_and_their_mutations_are_read_or_refused(name: str) -> None:
    """The same ones each time; `make fuzz` goes on from there."""
    rng, pool = random.Random(7), list(seeds()[name])
    for data in (b"", *pool, *(mutated(rng.choice(pool), rng, PIECES[name], pool) for _ in range(_TRIES))):
        TARGETS[name](data)


def test_every_target_has_seeds_and_pieces() -> None:
    """Else fuzzing of it would begin with nothing."""
    assert set(TARGETS) == set(seeds()) == set(PIECES)
