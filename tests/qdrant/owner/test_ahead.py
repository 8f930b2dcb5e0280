"""Reading ahead: once it was waited for again and again, all outlines are read behind those who ask."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from qdrant.edge.columns import Columns, Outlined
from qdrant.engine.protocol import ArmKeys
from qdrant.errors import StoreDown
from qdrant.outline import Outlines
from qdrant.owner import ahead
from qdrant.owner.ahead import Ahead
from qdrant.owner.engine import OwnedEngine
from qdrant.points import StoredPoint, point_id
from qdrant.store import Search, Target
from qdrant.vector_kind import THETA
from tests.support.points import MODEL, TOPICS, beside_its_owner, ids, point, theta

POSTS = [f"p{number}" for number in range(300)]
VERSIONS = {point_id(post).bytes: 1 for post in POSTS}


class Source:
    """Reads points, and remembers how many at once."""

    def __init__(self) -> None:
        self.reads = list[int]()
        self.is_down = False

    def __call__(self, versions: Mapping[bytes, int]) -> Outlined:
        if self.is_down:
            raise StoreDown("nobody is there")
        self.reads.append(len(versions))
        names = {point_id(post).bytes: post for post in POSTS}
        points = [StoredPoint({"id": names[key], "document": {"text": "{}"}}, {}, None) for key in versions]
        return list(versions), Outlines.of(points, None)


@pytest.fixture
def columns() -> Columns:
    return Columns({}, None)


@pytest.fixture
def source() -> Source:
    return Source()


def ask(of: Ahead, columns: Columns, source: Source, *, times: int) -> None:
    """Somebody waits, so many times, until what is read behind is read."""
    for _ in range(times):
        of.begin(columns, source)
    if of._thread is not None:
        of._thread.join()


def find(columns: Columns, source: Source, *posts: str) -> None:
    columns.find([ArmKeys.of([point_id(post) for post in posts], [0.0] * len(posts), [1] * len(posts))], source)


def test_all_are_read_few_at_a_time_once_three_had_to_wait(columns: Columns, source: Source) -> None:
    """Who asks for any of them then waits for none; before that nothing is read for nobody."""
    of = Ahead(lambda: VERSIONS)
    ask(of, columns, source, times=2)
    assert source.reads == []
    find(columns, source, "p7")
    ask(of, columns, source, times=1)
    assert (source.reads[0], sum(source.reads), max(source.reads)) == (1, len(POSTS), 128)
    reads = len(source.reads)
    find(columns, source, *POSTS)
    assert len(source.reads) == reads


def test_nothing_is_read_where_nobody_knows_what_there_is(columns: Columns, source: Source) -> None:
    """It is tried again later: while columns are read, versions are not known yet."""
    known: list[Mapping[bytes, int] | None] = [None, VERSIONS]
    of = Ahead(lambda: known.pop(0))
    ask(of, columns, source, times=3)
    assert source.reads == []
    ask(of, columns, source, times=3)
    assert sum(source.reads) == len(POSTS)


def test_a_service_that_begins_reads_all_before_anybody_waits(columns: Columns, source: Source) -> None:
    """As soon as it is known what there is: while columns are read that is not known yet."""
    known: list[Mapping[bytes, int] | None] = [None, None, VERSIONS]
    of = Ahead(lambda: known.pop(0))
    of.start(columns, source)
    assert of._thread is not None
    of._thread.join()
    assert (known, sum(source.reads)) == ([], len(POSTS))


def test_everything_is_not_looked_at_for_every_post_that_is_new(
    columns: Columns, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a look there is a pause: what is written meanwhile is read for whoever asks."""
    looks = list[int]()

    def versions() -> Mapping[bytes, int]:
        looks.append(1)
        return VERSIONS

    of = Ahead(versions)
    ask(of, columns, source, times=9)
    assert len(looks) == 1
    monkeypatch.setattr(ahead, "_PAUSE", 0.0)
    later = Ahead(versions)
    ask(later, columns, source, times=3)
    ask(later, columns, source, times=3)
    assert len(looks) == 3


def test_a_store_that_is_down_is_no_matter_of_who_reads_behind(columns: Columns, source: Source) -> None:
    """Whoever asks hears of it; the next who have to wait begin anew."""
    of, source.is_down = Ahead(lambda: VERSIONS), True
    ask(of, columns, source, times=3)
    source.is_down = False
    ask(of, columns, source, times=3)
    assert sum(source.reads) == len(POSTS)


def test_whoever_closes_waits_for_one_part_alone(columns: Columns, source: Source) -> None:
    """Nothing is read once it is closed."""
    of = Ahead(lambda: VERSIONS)
    of.close()
    ask(of, columns, source, times=3)
    assert source.reads == []


def test_a_store_of_a_service_is_read_before_the_first_question(tmp_path: Path) -> None:
    """Its columns by the owner, its outlines by both."""
    with closing(beside_its_owner(tmp_path)) as store:
        store.add_vector(THETA.of(MODEL), TOPICS)
        store.activate(MODEL)
        store.upsert([point(post, vectors={THETA.of(MODEL): theta(1.0)}, words={post: 1.0}) for post in POSTS])
        store.read_ahead()
        engine = store._engine
        assert isinstance(engine, OwnedEngine)
        assert engine._ahead._thread is not None
        engine._ahead._thread.join()
        assert len(engine._columns.of(engine.about, MODEL)) == len(POSTS)


def test_nobody_waits_for_outlines_of_a_store_after_three_who_did(tmp_path: Path) -> None:
    """Through the door of an owner, too: all posts have been read by then, in the versions that hits have."""
    with closing(beside_its_owner(tmp_path)) as store:
        store.add_vector(THETA.of(MODEL), TOPICS)
        store.activate(MODEL)
        store.upsert([point(post, vectors={THETA.of(MODEL): theta(1.0)}, words={post: 1.0}) for post in POSTS])
        for number in range(3):
            search = Search(5, {THETA: Target(theta(1.0))}, words={f"p{number}": 1.0})
            assert ids(store.candidates(search).words) == [f"p{number}"]
        engine = store._engine
        assert isinstance(engine, OwnedEngine)
        assert engine._ahead._thread is not None
        engine._ahead._thread.join()
        columns, versions = engine._columns.of(engine.about, MODEL), engine._versions()
        assert versions is not None
        source = Source()
        columns.learn(versions, source)
        assert (len(columns), source.reads) == (len(POSTS), [])
