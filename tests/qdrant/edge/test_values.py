"""Values: what columns say of points is what was written last, whoever reads and writes at the same time."""

import random
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from qdrant.edge import values
from qdrant.edge.shares import Shares
from qdrant.edge.values import Content, PointReader, Values
from qdrant.filters import AnyOf, Contains, Filter, Has, Not
from qdrant.open_store import open_folder
from qdrant.points import point_id
from qdrant.store import Facet, Search, Store, Target
from qdrant.vector_kind import THETA
from tests.support.points import MODEL, OPEN, point, theta

NAME = THETA.of(MODEL).name
QUERY = np.float32([1, 0])
FACET = Facet("vis", 10)


class Source:
    """An engine of a few points; `between` is done once, after the first page of a scan."""

    def __init__(self, **shares: float) -> None:
        self.points = {point_id(post): content(post, share) for post, share in shares.items()}
        self.scans = 0
        self.between: Callable[[], None] | None = None

    def reader(self) -> PointReader:
        return PointReader(self._scan, self._read, lambda _: (), lambda: len(self.points))

    def _scan(self, fields: Sequence[str], vectors: Sequence[str]) -> Iterator[list[Content]]:
        self.scans += 1
        keys = sorted(self.points)
        for at in range(0, len(keys), 2):
            yield self._read(keys[at : at + 2], fields, vectors)
            act, self.between = self.between, None
            if act:
                act()

    def _read(self, keys: Collection[UUID], fields: Sequence[str], vectors: Sequence[str]) -> list[Content]:
        there = [self.points[key] for key in keys if key in self.points]
        return [
            Content(
                one.key,
                {field: one.fields[field] for field in fields if field in one.fields},
                {name: one.vectors[name] for name in vectors if name in one.vectors},
            )
            for one in there
        ]


def content(post: str, share: float | None, vis: str = "open") -> Content:
    vectors = {} if share is None else {NAME: np.float32([share, 1 - share])}
    return Content(point_id(post), {"vis": vis}, vectors)


def nearest(of: Values, wanted: Filter | None = OPEN, limit: int = 10) -> list[UUID] | None:
    found = of.nearest(NAME, QUERY, limit, wanted)
    return None if found is None else [UUID(bytes=key) for key in found.keys.tolist()]


def keys(*posts: str) -> list[UUID]:
    return list(map(point_id, posts))


class TestNearest:
    def test_they_are_found_in_order_and_within_the_filter(self) -> None:
        """The nearest first; what the filter does not let pass, or what has no vector, is not among them."""
        source = Source(a=0.2, b=0.9, c=0.5, d=1.0)
        source.points |= {point_id("d"): content("d", 1.0, "held"), point_id("e"): content("e", None)}
        assert nearest(Values(source.reader())) == keys("b", "c", "a")

    @pytest.mark.parametrize("wanted", [Contains("captions", "sea"), Has("words"), Not(Has("words"))])
    def test_what_no_column_tells_is_for_the_engine(self, wanted: Filter) -> None:
        """A filter by texts, places or vectors is answered by nobody here."""
        assert nearest(Values(Source(a=0.5).reader()), wanted) is None

    def test_a_large_store_is_read_behind(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The engine answers the first questions; whoever asks again and again has columns made, and once alone."""
        monkeypatch.setattr(values, "_SOON", 3)
        source = Source(a=0.2, b=0.9, c=0.5, d=0.4)
        of = Values(source.reader())
        assert [nearest(of) for _ in range(2)] == [None] * 2
        nearest(of)
        of._behind.join()
        assert nearest(of) == keys("b", "c", "d", "a")
        assert source.scans == 1

    def test_a_service_has_them_read_before_it_is_asked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without a rest, and once: the first question is answered by them."""
        monkeypatch.setattr(values, "_SOON", 1)
        source = Source(a=0.2, b=0.9, c=0.5, d=0.4)
        of = Values(source.reader())
        of.read_ahead(["vis"], {NAME: len(QUERY)})
        of._behind.join()
        assert nearest(of) == keys("b", "c", "d", "a")
        assert source.scans == 1

    def test_who_closes_waits_for_whoever_reads(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing reads from an engine that is closed; what was read until then is not used."""
        monkeypatch.setattr(values, "_SOON", 1)
        source = Source(a=0.2, b=0.9, c=0.5, d=0.4)
        of = Values(source.reader())
        source.between = lambda: setattr(of, "_closed", True)
        for _ in range(3):
            nearest(of)
        of.close()
        assert not of._behind.is_alive()
        assert nearest(of) is None

    def test_who_waits_for_columns_does_not_wait_for_pauses(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Reading behind rests after each part; when somebody waits for a count, it and what is read then do not."""
        monkeypatch.setattr(values, "_SOON", 1)
        source = Source(a=0.2, b=0.9, c=0.5, d=0.4, e=0.1)
        of, rests, waits = Values(source.reader()), list[float](), threading.Event()

        def rest(seconds: float) -> None:
            rests.append(seconds)
            waits.set()
            while not of._hurried:
                threading.Event().wait(0.001)

        monkeypatch.setattr("qdrant.edge.values.time.sleep", rest)
        for _ in range(3):
            nearest(of)
        assert waits.wait(30)
        assert of.tally([FACET], OPEN)[0] == 5
        of._behind.join()
        assert len(rests) == 1
        assert nearest(of) == keys("b", "c", "d", "a", "e")


class TestWriting:
    def test_a_post_is_found_by_what_it_is_now(self) -> None:
        """Written anew, changed, removed: each in the next answer, and each with another version."""
        source = Source(a=0.2, b=0.9)
        of = Values(source.reader())
        seen = [of.nearest(NAME, QUERY, 10, OPEN).versions.tolist()]
        source.points[point_id("a")] = content("a", 1.0)
        of.put([source.points[point_id("a")]])
        assert nearest(of) == keys("a", "b")
        seen.append(of.versions(keys("a", "b")))
        source.points[point_id("b")] = content("b", 0.9, "held")
        of.renew(keys("b"))
        assert nearest(of) == keys("a")
        assert nearest(of, None) == keys("a", "b")
        seen.append(of.versions(keys("a", "b")))
        of.erase(keys("a"))
        assert nearest(of, None) == keys("b")
        assert seen[0][0] == seen[1][1]  # b, which nobody wrote to
        assert seen[0][1] != seen[1][0] == seen[2][0]
        assert seen[1][1] != seen[2][1]
        assert of.versions(keys("a", "x")) == [0, 0]

    def test_what_is_written_while_columns_are_read_counts(self) -> None:
        """A post that was read already, one that was not yet, a new one and one that went, between two pages."""
        source = Source(**dict.fromkeys("abcdefgh", 0.5))
        of = Values(source.reader())
        first, *gone, last = sorted(source.points)

        def between() -> None:
            for key in (first, last):
                source.points[key] = source.points[key]._replace(vectors={NAME: np.float32([0.9, 0.1])})
            source.points[point_id("new")] = content("new", 1.0)
            of.put([source.points[first], source.points[point_id("new")]])
            of.renew([last])
            for key in gone[:2]:
                del source.points[key]
            of.erase(gone[:2])

        source.between = between
        found = nearest(of)
        assert found is not None
        assert found[0] == point_id("new")
        assert set(found[1:3]) == {first, last}
        assert set(found) == set(source.points)

    def test_facets_count_what_was_written_while_they_were_read(self) -> None:
        """The count is that of the posts as they are at its end."""
        source = Source(a=0.5, b=0.5, c=0.5, d=0.5)
        of = Values(source.reader())

        def between() -> None:
            key = sorted(source.points)[0]
            source.points[key] = source.points[key]._replace(fields={"vis": "held"})
            of.renew([key])

        source.between = between
        count, (by_vis,) = of.tally([FACET], None)
        assert (count, list(map(tuple, by_vis.counts))) == (4, [("open", 3), ("held", 1)])

    def test_a_vector_that_is_dropped_is_found_by_nobody(self) -> None:
        """One of the same name that comes later is read anew."""
        source = Source(a=0.2, b=0.9)
        of = Values(source.reader())
        nearest(of)
        of.drop(NAME)
        source.points = {key: one._replace(vectors={}) for key, one in source.points.items()}
        assert nearest(of) == []

    def test_rows_move_together(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """After thousands of writes to a few posts nothing is lost, and little room is taken."""
        monkeypatch.setattr(values, "_WORTH", 50)
        chance = random.Random(0)
        source = Source(**dict.fromkeys("abcdef", 0.5))
        of = Values(source.reader())
        nearest(of)
        for _ in range(2000):
            post = chance.choice("abcdef")
            source.points[point_id(post)] = content(post, chance.random(), chance.choice(["open", "held"]))
            of.put([source.points[point_id(post)]])
        by_share = sorted(source.points.values(), key=lambda one: -one.vectors[NAME][0])
        assert nearest(of) == [one.key for one in by_share if one.fields["vis"] == "open"]
        assert of._used < 150


def test_no_row_moves_under_whoever_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand writes between two pages of vectors that are read: each post is found by its own."""
    monkeypatch.setattr(values, "_WORTH", 5)
    source = Source(a=0.1, b=0.2, c=0.3, d=0.4, e=0.5, f=0.6)
    of = Values(source.reader())
    of.tally([FACET], OPEN)

    def between() -> None:
        for _ in range(1000):
            of.put([source.points[min(source.points)]])

    source.between = between
    found = of.nearest(NAME, QUERY, 10, OPEN)
    shares = {one.key.bytes: float(one.vectors[NAME][0]) for one in source.points.values()}
    assert [1 - score / 2 for score in found.scores] == pytest.approx([shares[key] for key in found.keys.tolist()])
    assert len(found) == 6


def test_a_write_that_fails_does_not_change_what_is_found_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns are read anew then; who measures meanwhile names the posts of the rows that he measures."""
    source = Source(b=0.9)
    of = Values(source.reader())
    nearest(of)
    source.points |= {point_id(f"a{number}"): content(f"a{number}", 1.0, "held") for number in range(9)}
    of.put(source.points[key] for key in keys(*[f"a{number}" for number in range(9)]))
    measure = Shares.nearest

    def slow(shares: Shares, *given: Any) -> Any:
        monkeypatch.undo()
        rows = measure(shares, *given)
        of.forget()
        assert nearest(of) == keys("b")
        return rows

    monkeypatch.setattr(Shares, "nearest", slow)
    assert nearest(of) == keys("b")


def test_columns_and_the_engine_find_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever answers: the same posts, the same distances, in the same order."""
    store = open_folder(tmp_path / "store")
    chance = np.random.default_rng(1)
    store.add_vector(THETA.of(MODEL), 6)
    thetas = chance.dirichlet(np.full(6, 0.2), 400).astype(np.float32)
    store.upsert(
        [
            point(f"p{number}", vis=["open", "held"][number % 3 == 0], vectors={THETA.of(MODEL): one})
            for number, one in enumerate(thetas)
        ]
    )
    store.activate(MODEL)
    queries = [*chance.dirichlet(np.full(6, 0.3), 20).astype(np.float32), theta(0.5, 0.5)]
    by_columns = [_found(store, query) for query in queries]
    monkeypatch.setattr(Values, "nearest", lambda *_: None)
    by_engine = [_found(store, query) for query in queries]
    assert [[post for post, _ in one] for one in by_columns] == [[post for post, _ in one] for one in by_engine]
    for ours, its in zip(by_columns, by_engine, strict=True):
        assert [far for _, far in ours] == pytest.approx([far for _, far in its], abs=1e-6)
    store.close()


def _found(store: Store, query: np.ndarray) -> list[tuple[str, float]]:
    search = Search(25, {THETA: Target(query)}, filter=AnyOf("vis", frozenset({"open"})))
    return [(hit.point.id, hit.score) for hit in store.candidates(search).hits[THETA]]
