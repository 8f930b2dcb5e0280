"""A large store walks a graph instead of comparing everything, and misses next to nothing."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from qdrant.edge import engine
from qdrant.engine.store import Bounds
from qdrant.filters import Filter, any_of
from qdrant.open_store import open_folder
from qdrant.store import Search, Store, Target
from qdrant.vector_kind import THETA
from tests.support.points import point

POINTS, TOPICS = int(os.environ.get("PHOTOSENSE_TEST_POINTS", "12000")), 256
COUNTRIES: dict[str, Filter | None] = {
    "nothing withheld": None,
    "open": any_of("vis", ["open"]),
    "clear alone": any_of("child", ["clear"]),
    "all but children": any_of("child", ["clear", "consented", "review"]),
    "children and review alone": any_of("child", ["child", "review"]),
}


def mixtures(count: int, seed: int) -> np.ndarray:
    drawn = np.random.default_rng(seed).gamma(0.05, size=(count, TOPICS)).astype(np.float32) + 1e-5
    return drawn / drawn.sum(1, keepdims=True)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Enough thetas for the engine to build a graph of them, and to walk it where a third of them pass."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_COMPARED", 1000)
        yield from made(tmp_path_factory)


def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder: Path = tmp_path_factory.mktemp("large") / "store"
    store = open_folder(folder, Bounds(exact_up_to=POINTS // 2))
    store.add_vector(THETA.of("m1"), TOPICS)
    store.activate("m1")
    for start in range(0, POINTS, 500):
        drawn = mixtures(500, start)
        child = ("clear", "clear", "clear", "consented", "child", "review")
        store.upsert(
            [
                point(
                    f"p{start + n}",
                    vectors={THETA.of("m1"): theta},
                    child=child[n % 6],
                    vis="open" if n % 6 < 4 else "held",
                    words={},
                )
                for n, theta in enumerate(drawn)
            ]
        )
    store.optimize()
    assert list(folder.rglob("graph*.bin")), "the engine must have built its graph"
    yield store
    store.close()


@pytest.mark.parametrize("country", COUNTRIES)
def test_the_graph_finds_ninety_nine_of_a_hundred(large: Store, country: str) -> None:
    """Of the ten nearest, under the filter of each kind of country; equals within rounding count as found."""
    hits, queries = 0, mixtures(40, 10**6)
    for theta in queries:
        exact = large.candidates(Search(10, near={THETA: Target(theta)}, filter=COUNTRIES[country], exact=True))
        walked = large.candidates(Search(10, near={THETA: Target(theta)}, filter=COUNTRIES[country]))
        assert (exact.exact, walked.exact) == (True, False)
        hits += sum(hit.score <= exact.hits[THETA][-1].score + 1e-5 for hit in walked.hits[THETA])
    assert hits >= 0.99 * 10 * len(queries)
