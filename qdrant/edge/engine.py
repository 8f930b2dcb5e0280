"""The embedded engine (qdrant-edge): one process, one folder, no server."""

import secrets
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import numpy as np
import qdrant_edge as edge

from common.arrays import Bytes, Index, Int64
from common.faults import engine_step
from common.turn import Turn
from qdrant.attrs import AttrKind, path, stamp, values_of
from qdrant.edge.backup import back_up
from qdrant.edge.columns import CurrentColumns
from qdrant.edge.compaction import WholePoint, compact
from qdrant.edge.files import allocated
from qdrant.edge.folder import FLOOR, WAY_BACK, Folder, refusal
from qdrant.edge.ledger import LONGEST, Ledger, LedgerRotten
from qdrant.edge.values import Content, PointReader, Values
from qdrant.engine.about import About
from qdrant.engine.codec import changes_from, keys_from, plain_changes, plain_points, plain_vectors, points_from
from qdrant.engine.guard import Guard
from qdrant.engine.protocol import BATCH, Alone, Arm, ArmKeys, Change, Listed, Packed, Vector, Writing, batches
from qdrant.engine.translate import Words, translate
from qdrant.errors import StoreDamaged, StoreDown
from qdrant.filters import Filter, Has
from qdrant.outline import OUTLINED, Outlines
from qdrant.points import WORDS, Fields, StoredPoint, sparse, stored_point
from qdrant.store import Facet, FacetCounts, Order, Saved, Value
from qdrant.vector_kind import THETA, Measure, NamedVector

T = TypeVar("T")
_MOMENT = 0.1  # seconds
_FEW = 128  # points that are read with their vectors at once: Python's lock is held for some milliseconds
_MOST_TOUCHED = 1 << 20  # points that are remembered for a copy in the making
_AT_ONCE = 32  # points of one update, which take some eight milliseconds
_Op = edge.UpdateOperation

# Where so few pass that their vectors take less than so many kB (50,000 posts of 100 topics), all of them are compared:
# among few of a million a walk takes four times as long, and misses some.
_COMPARED = 20_000
_WALK = edge.SearchParams(hnsw_ef=256, acorn=edge.AcornSearchParams(enable=True))
_ALL = edge.SearchParams(exact=True)
_MAPPED = edge.Memory.Cold  # of what nearly each post has its own of: to read that into memory is half of a start
_INDEXES: dict[AttrKind, Callable[[], Any]] = {
    AttrKind.WORD: edge.KeywordIndexParams,
    AttrKind.NUMBER: partial(edge.FloatIndexParams, memory=_MAPPED),
    AttrKind.TIME: partial(edge.DatetimeIndexParams, memory=_MAPPED),
    AttrKind.PLACE: edge.GeoIndexParams,
    AttrKind.TEXT: partial(edge.TextIndexParams, tokenizer=edge.TokenizerType.Word, lowercase=True),
}
_INDEXES_OF: dict[str, Callable[[], Any]] = {
    Fields.TENANT: partial(edge.KeywordIndexParams, is_tenant=True),
    Fields.CONTENT: partial(edge.KeywordIndexParams, memory=_MAPPED),
}


class EdgeEngine(Alone):
    """The Engine of a folder. It holds Python's lock in every call, so calls are kept short."""

    name = "qdrant-edge (embedded)"

    def __init__(self, folder: Path, remark: str = "", *, former: bool = False) -> None:
        """Open the store in `folder`, or make a new one there; `remark` and `former` are as Folder has them."""
        self._one = threading.RLock()  # of who writes to the engine and its ledger
        self._life = _new_life()
        self._writes = 0
        self._half: list[Any] = []  # the rest of a change that was begun and failed
        self._half_keys: list[UUID] = []
        self._told: tuple[int, frozenset[UUID]] = (-1, frozenset())  # of that, to which question
        self._touched: set[UUID] | None = None  # what was written since a copy of the shard was begun
        self._columns = CurrentColumns()
        self.writer = threading.Lock()  # of who has the turn, here or through a door
        path = folder.with_name(f"{folder.name}.turn")
        self.turn: AbstractContextManager[None] = Turn(path, refusal, lambda: self.writer)
        self._compacting = Turn(folder.with_name(f"{folder.name}.compaction"), refusal)
        self._folder = Folder(folder, _create, remark, former=former)
        with ExitStack() as opened:  # let go of again if anything fails, Ctrl-C included
            opened.callback(self._folder.close)
            self._shard = _load(self._folder)
            opened.callback(self._shard.close)
            self._ledger = Ledger(self._folder.ledger)
            opened.callback(self._ledger.close)
            self._redo()
            self._values = Values(PointReader(self._scan, self._contents, self._keys, self.size))
            self._check_held()
            self._folder.mark()
            opened.pop_all()

    @property
    def about(self) -> About:
        """What the store says of itself."""
        return self._folder.about

    @property
    def written(self) -> str:
        """A word that is another one after whatever changed a file that the engine maps."""
        return f"{self._life:x}-{self._writes}"

    def record(self, about: About) -> None:
        """Write what the store says of itself."""
        self._folder.write(about)

    @contextmanager
    def writing(self, *, room: int | None) -> Iterator[None]:
        """Safe on disk at the end: an update alone is not."""
        self.check_room(room)
        yield
        self.save()

    def check_room(self, room: int | None) -> None:
        """Refuse a write for which there is no room."""
        self._folder.check_space(room or 0, None if room is not None else FLOOR)

    def save(self) -> None:
        """Have all that was written on disk."""
        with _written(self._folder):
            if self._ledger.size > LONGEST:
                self.flush()
            else:
                size = self._ledger.sync()
                with self._one:
                    self._ledger.note_safe(size)

    def write(self, points: Sequence[Packed]) -> Collection[UUID]:
        """Replace points whole, few at a time: whoever asks meanwhile waits for as long as one update takes."""
        for few in batches(points, _AT_ONCE):
            with self._values_kept([point.key for point in few]):
                self._update(_Op.upsert_points([_point(point) for point in few]), "write", plain_points(few))
                self._values.put(Content(point.key, point.payload, point.vectors) for point in few)
        return ()  # who writes has the turn, so nobody else did

    def change(self, changes: Sequence[Change]) -> None:
        """Change points that are there, all of it or nothing: one entry of the ledger."""
        with self._values_kept([one.key for one in changes]):
            self._update_all(_operations(changes), "restate", plain_changes(changes))
            self._values.renew([one.key for one in changes])

    def put(self, vector: str, values: Mapping[UUID, Vector]) -> None:
        """Replace one vector of points."""
        vectors = [edge.PointVectors(key, {vector: _vector(value)}) for key, value in values.items()]
        with self._values_kept(values.keys()):
            self._update(_Op.update_vectors(vectors), "put", vector, plain_vectors(values))
            self._values.renew(values.keys())

    def erase(self, keys: Sequence[UUID]) -> None:
        """Remove points."""
        with self._values_kept(keys):
            self._update(_Op.delete_points(list(keys)), "erase", keys)
            self._values.erase(keys)

    def erase_where(self, wanted: Filter) -> None:
        """Remove the points that pass."""
        keys = list(self._keys(wanted))
        with self._rebuilt(), self._values_kept(keys):
            self._shard.update(_Op.delete_points_by_filter(translate(wanted, _WORDS)))
            self._values.erase(keys)

    def read(self, keys: Sequence[UUID], fields: Sequence[str], model: str | None) -> dict[UUID, StoredPoint]:
        """Read some fields of points."""
        records = self._shard.retrieve(list(keys), list(fields), self.about.names_with(model))
        return {record.id: stored_point(record.payload, record.vector, model) for record in records}

    def rank(
        self,
        arms: Sequence[Arm],
        model: str | None,  # noqa: ARG002 - see `outlines`
        *,
        with_points: bool,  # noqa: ARG002
    ) -> list[ArmKeys]:
        """Answer with ids and scores alone: unpacking a payload costs ten times as much as finding it."""
        known = [self._nearest(arm) for arm in arms]
        others = iter(self._asked([arm for arm, ranked in zip(arms, known, strict=True) if ranked is None]))
        return [next(others) if ranked is None else ranked for ranked in known]

    def read_ahead(self, model: str) -> None:
        """Begin to read what an exact question by a model is answered by."""
        theta = THETA.of(model)
        if theta in self.about.vectors:
            self._values.read_ahead([Fields.CHILD, Fields.VIS], {theta.name: self.about.vectors[theta]})

    def _nearest(self, arm: Arm) -> ArmKeys | None:
        """Answer by the columns, where an arm compares distributions, each of them."""
        if not arm.exact or arm.larger or not isinstance(arm.query, np.ndarray):
            return None
        return self._values.nearest(arm.vector, arm.query, arm.limit, arm.filter)

    def _asked(self, arms: Sequence[Arm]) -> list[ArmKeys]:
        """Have the engine answer; who is known by a version of the columns has that one in every arm."""
        if not arms:
            return []
        requests = [
            edge.QueryRequest(
                limit=arm.limit,
                query=edge.Query.Nearest(_vector(arm.query), arm.vector),
                filter=translate(arm.filter, _WORDS),
                params=_ALL if arm.exact else _WALK,
                with_payload=False,
                with_vector=False,
            )
            for arm in arms
        ]
        answers = self._shard.query_batch(edge.QueryBatchRequest(requests))
        return [self._keys_of(hits) for hits in answers]

    def _keys_of(self, hits: Sequence[Any]) -> ArmKeys:
        keys = [hit.id for hit in hits]
        versions = self._values.versions(keys)
        if versions is None:
            versions = [self._life + hit.version for hit in hits]
        return ArmKeys.of(keys, [hit.score for hit in hits], versions)

    def outlines(self, rankings: Sequence[ArmKeys], model: str | None) -> tuple[Outlines, list[Index]]:
        """Outlines of points; those that were made before are kept, as long as nothing is written to the point."""
        return self._columns.of(self.about, model).find(rankings, lambda versions: self._outlined(versions, model))

    def _outlined(self, keys: Iterable[bytes], model: str | None) -> tuple[list[bytes], Outlines]:
        points = self.read([UUID(bytes=key) for key in keys], OUTLINED, model)
        return [key.bytes for key in points], Outlines.of(list(points.values()), model)

    def versions(self) -> tuple[Bytes, Int64] | None:
        """Every point with its version, by which outlines are remembered; None while they are not known."""
        return self._values.all_versions()

    def page(
        self, wanted: Filter | None, offset: Any, fields: Sequence[str], model: str | None
    ) -> tuple[list[StoredPoint], Any]:
        """Read some fields of the next points."""
        request = edge.ScrollRequest(
            offset=offset,
            limit=BATCH,
            filter=translate(wanted, _WORDS),
            with_payload=list(fields),
            with_vector=self.about.names_with(model),
        )
        records, offset = self._shard.scroll(request)
        return [stored_point(record.payload, record.vector, model) for record in records], offset

    def listed_by_id(self, wanted: Filter | None, field: str, start: UUID, limit: int) -> list[Listed]:
        """List points in the order of their keys."""
        return self._listed(wanted, field, limit, offset=start)

    def listed_by_value(self, wanted: Filter | None, order: Order, start: Value | None, limit: int) -> list[Listed]:
        """List points in the order of a field."""
        direction = edge.Direction.Desc if order.descending else edge.Direction.Asc
        return self._listed(wanted, order.field, limit, order_by=edge.OrderBy(order.field, direction, _start(start)))

    def _listed(self, wanted: Filter | None, field: str, limit: int, **how: Any) -> list[Listed]:
        where, fields = translate(wanted, _WORDS), [Fields.ID, field]
        request = edge.ScrollRequest(limit=limit, filter=where, with_payload=fields, with_vector=False, **how)
        return [Listed(one.payload[Fields.ID], values_of(one.payload, field)) for one in self._shard.scroll(request)[0]]

    @contextmanager
    def _values_kept(self, keys: Collection[UUID]) -> Iterator[None]:
        """What was cut short may have written a part: then nothing that was counted before is believed.

        A copy in the making takes these points over anew, whatever of them was written.
        """
        try:
            yield
        except BaseException:
            self._values.forget()
            raise
        finally:
            with self._one:
                self._touch(keys)

    def _touch(self, keys: Iterable[UUID]) -> None:
        if self._touched is not None:
            self._touched.update(keys)
            if len(self._touched) > _MOST_TOUCHED:
                self._touched = None

    def _contents(self, keys: Sequence[UUID], fields: Sequence[str], vectors: Sequence[str]) -> list[Content]:
        return _contents(self._shard.retrieve(list(keys), list(fields) or False, list(vectors) or False))

    def _scan(self, fields: Sequence[str], vectors: Sequence[str]) -> Iterator[list[Content]]:
        yield from map(_contents, self._records(None, list(fields) or False, list(vectors) or False))

    def _keys(self, wanted: Filter) -> Iterator[UUID]:
        yield from (record.id for records in self._records(wanted, False, False) for record in records)

    def _records(
        self, wanted: Filter | None, fields: list[str] | bool, vectors: list[str] | bool
    ) -> Iterator[Sequence[Any]]:
        offset, more = None, True
        while more:
            where = translate(wanted, _WORDS)
            request = edge.ScrollRequest(
                offset, _FEW if vectors else BATCH, where, with_payload=fields, with_vector=vectors
            )
            records, offset = self._shard.scroll(request)
            yield records
            more = offset is not None

    def size(self) -> int:
        """Say about how many points there are."""
        return int(self._shard.info().points_count)

    def any(self, wanted: Filter | None) -> bool:
        """Say whether some point passes."""
        request = edge.ScrollRequest(limit=1, filter=translate(wanted, _WORDS), with_payload=False, with_vector=False)
        return bool(self._shard.scroll(request)[0])

    def count(self, wanted: Filter | None) -> int:
        """Count points; by the columns where they tell, which is a hundred times sooner."""
        known = self._values.count(wanted)
        request = edge.CountRequest(filter=translate(wanted, _WORDS), exact=True)
        return int(self._shard.count(request)) if known is None else known

    def tally(self, facets: Sequence[Facet], wanted: Filter | None) -> tuple[int, list[FacetCounts]]:
        """Count the points that pass, and those among them by each facet."""
        return self._values.tally(facets, wanted)

    def index(self, field: str, kind: AttrKind) -> None:
        """Make a payload field one that can be filtered by."""
        with self._rebuilt():
            _index(self._shard, field, kind)

    def make_vector(self, vector: NamedVector, size: int) -> None:
        """Make room for a dense vector; a switch that was cut short may have left an old one of this name behind."""
        self.drop_vector(vector)
        with self._rebuilt():
            _make_vector(self._shard, vector, size)

    def drop_vector(self, vector: NamedVector) -> None:
        """Drop a dense vector from every point."""
        with self._rebuilt():
            self._shard.update(_Op.delete_vector_name(vector.name))
            self._values.drop(vector.name)

    def optimize(self, writing: Writing) -> None:
        """Copy what lives into a new shard and build its graphs: of what was deleted nothing comes along."""
        with self._compacting:
            compact(self, ShardCopy, writing)

    def begin_copy(self) -> Path:
        """Where a compacted copy may be made, if there is room for one; what is written from here on is remembered."""
        self._folder.check_space(2 * allocated(self._folder.shard))
        with self._one:
            self._finish_half()
            self._touched, self._told = set(), (-1, frozenset())
        return self._folder.next_shard

    def records(self, offset: UUID | None, names: Sequence[str]) -> tuple[list[WholePoint], UUID | None]:
        """The next points whole, and where to go on; None at the end."""
        request = edge.ScrollRequest(offset=offset, limit=BATCH, with_payload=True, with_vector=self._there(names))
        records, offset = self._shard.scroll(request)
        return _whole(records), offset

    def touched(self, number: int) -> list[UUID]:
        """What was written since this was asked before, while a copy is made; an answer that was lost is given anew."""
        with self._one:
            self._finish_half()
            if self._touched is None:
                raise StoreDown("The compacted copy is not what the store is any more: ask again.")
            before = self._told[1] if self._told[0] == number else frozenset()
            self._told, self._touched = (number, before | self._touched), set()
            return list(self._told[1])

    def whole(self, keys: Sequence[UUID], names: Sequence[str]) -> list[WholePoint]:
        """Points whole, as far as they are there."""
        return _whole(self._shard.retrieve(list(keys), True, self._there(names)))

    def end_copy(self) -> None:
        """Remember nothing any more of what is written."""
        with self._one:
            self._touched, self._told = None, (-1, frozenset())

    def _there(self, names: Sequence[str]) -> list[str]:
        """Those of the vectors that there are: a switch that was cut short may have left others behind."""
        return [name for name in names if name in (WORDS, *self.about.names)]

    def switch(self, shard: Path) -> None:
        """Put a compacted copy in the place of what is there; nobody writes meanwhile, and who reads does not wait."""
        if shard == self._folder.shard:  # it was done, and the process that did it was killed before it could say so
            return
        if not shard.is_dir():
            raise StoreDown("The compacted copy went when the process that has the store open was killed: ask again.")
        compact = _load(self._folder, shard)
        try:
            self._folder.switch(shard)  # first: what is written from now on is written to what the next start opens
        except BaseException:
            compact.close()
            raise
        before, self._shard, self._life = self._shard, compact, _new_life()
        self._columns.forget()
        time.sleep(_MOMENT)  # who was about to read what is closed has done so
        before.close()
        with _written(self._folder):
            self._ledger.clear()
        self._folder.clear_up()

    def backup(self, folder: Path, writing: Writing) -> Saved:
        """Copy the folder, with checksums, when no copy of the shard is in the making."""
        with self._compacting, writing():
            return back_up(self._folder.path, folder, *self.saved())

    def saved(self) -> tuple[int, bytes]:
        """Have everything on disk; gives the number of points, and the list of files that a copy needs."""
        self.flush()
        return self.count(None), self._folder.list_of_files(self._held())

    def close(self) -> None:
        """Let go of the folder."""
        try:
            self._values.close()
            self.flush()
            held = self._held()
            self._shard.close()
            self._folder.mark(held)
        finally:
            self._ledger.close()
            self._folder.close()

    @property
    def unflushed(self) -> int:
        """How many bytes of the ledger the engine has not put on disk itself."""
        return self._ledger.size

    def flush(self) -> None:
        """Have the engine put everything on disk, after which its ledger is of no use."""
        with self._one, _written(self._folder):
            self._finish_half()
            self._writes += bool(self._ledger.size)
            self._shard.flush()
            self._ledger.clear()

    def _update(self, operation: Any, *entry: Any) -> None:
        self._update_all([operation], *entry)

    def _update_all(self, operations: Sequence[Any], *entry: Any) -> None:
        """Note what will be done, then do it: what comes before it is never done again on top of it alone."""
        with self._one, _written(self._folder):
            self._finish_half()
            size = self._ledger.size
            self._writes += 1
            self._ledger.add(*entry)
            try:
                self._shard.update(operations[0])
            except StoreDown:
                self._ledger.cut(size)
                raise
            for number, operation in enumerate(operations[1:], 1):
                try:
                    self._shard.update(operation)
                except StoreDown:
                    self._half = list(operations[number:])
                    self._half_keys = [key for key, *_ in entry[1]]
                    self._finish_half()
                    return

    def _finish_half(self) -> None:
        """Do the rest of what was begun, or fail: a half is worse than none, and nothing may come upon it.

        As long as it fails the ledger has it, and the next start does all of it.
        """
        while self._half:
            self._shard.update(self._half[0])
            del self._half[0]
            self._values.forget()
            self._touch(self._half_keys)

    @contextmanager
    def _rebuilt(self) -> Iterator[None]:
        """Change what a ledger speaks of: none goes on from before to after."""
        self._writes += 1
        self.flush()
        yield
        self.flush()

    def _redo(self) -> None:
        """Do again what a crash may have undone; the engine may have refused the last of it, and nobody saw that."""
        try:
            entries = list(self._ledger.entries())
        except LedgerRotten as rotten:
            raise self._folder.damaged(f"{self._folder.ledger.name}: {rotten}") from None
        for number, entry in enumerate(entries, 1):
            try:
                self._do(*entry)
            except StoreDown:
                if number < len(entries):
                    raise
        self.flush()

    def _do(self, name: str, *rest: Any) -> None:
        match name, rest:
            case "write", [points]:
                self._shard.update(_Op.upsert_points([_point(point) for point in points_from(points)]))
            case "erase", [keys]:
                self._shard.update(_Op.delete_points([*keys_from(keys)]))
            case "restate", [changes]:
                left = set(self._left(key for key, *_ in changes))
                for operation in _operations([change for change in changes_from(changes) if change.key in left]):
                    self._shard.update(operation)
            case "change", [key, payload]:  # as a version of before noted what a change is made of
                for one in self._left([key]):
                    self._shard.update(_Op.set_payload([one], payload))
            case "take_out", [vector, keys]:
                if there := self._left(keys):
                    self._shard.update(_Op.delete_vectors([*there], [vector]))
            case "put", [vector, values]:
                left = set(self._left(key for key, _ in values))
                vectors = [(UUID(bytes=key), value) for key, value in values]
                put = [edge.PointVectors(key, {vector: _vector(value)}) for key, value in vectors if key in left]
                if put:
                    self._shard.update(_Op.update_vectors(put))

    def _left(self, keys: Iterable[bytes]) -> list[UUID]:
        """Those of the points that were not removed by what comes later in the ledger."""
        return [record.id for record in self._shard.retrieve(keys_from(keys), False, False)]

    def _held(self) -> dict[str, int]:
        """Count the vectors of each name."""
        names = [WORDS, *self.about.names]
        return {name: self.count(Has(name)) for name in names}

    def _check_held(self) -> None:
        """Refuse files that are whole by their sizes and hold less than they did: no arm may be silently empty."""
        for name, count in self._held().items():
            left = (self._folder.held or {}).get(name, count)
            if count != left or (left and not self._finds_one(name)):
                self._shard.close()
                raise self._folder.damaged(f"of {left} vectors {name}, {count} are left, or cannot be read")

    def _finds_one(self, name: str) -> bool:
        having = translate(Has(name), _WORDS)
        request = edge.ScrollRequest(limit=1, filter=having, with_vector=[name])
        own = [record.vector[name] for record in self._shard.scroll(request)[0] if record.vector]
        query = [edge.QueryRequest(limit=1, query=edge.Query.Nearest(one, name), filter=having) for one in own]
        return any(self._shard.query_batch(edge.QueryBatchRequest(query)))


@contextmanager
def _written(folder: Folder) -> Iterator[None]:
    """Say in a sentence why the ledger could not be written."""
    try:
        yield
    except OSError as error:
        raise refusal(folder.ledger, error) from error


def _contents(records: Iterable[Any]) -> list[Content]:
    """What was read of points, their vectors in arrays, which take a tenth of the room."""
    return [
        Content(
            record.id,
            record.payload or {},
            {name: np.array(own, np.float32) for name, own in (record.vector or {}).items()},
        )
        for record in records
    ]


def _create(folder: Path) -> None:
    config = edge.EdgeConfig(vectors={}, sparse_vectors=_sparse_words(), hnsw_config=_graph())
    shard = Guard(edge.EdgeShard.create(str(folder), config), _translated)
    for field, kind in Fields.INDEXED.items():
        _index(shard, field, kind)
    shard.flush()
    shard.close()


class ShardCopy:
    """A shard that is made of the points of another one; it takes minutes, and its process does nothing else then."""

    def __init__(self, folder: Path, about: About) -> None:
        """Begin it, with room for what a store says of itself."""
        _create(folder)
        self._shard = Guard(edge.EdgeShard.load(str(folder), _as_opened()), _translated)
        for kind, name in sorted(about.attrs):
            self.index(path(kind, name), kind)
        for vector, size in about.vectors.items():
            _make_vector(self._shard, vector, size)

    def index(self, field: str, kind: AttrKind) -> None:
        """Make a payload field one that can be filtered by."""
        _index(self._shard, field, kind)

    def put(self, points: Iterable[WholePoint]) -> None:
        """Take over points."""
        whole = [edge.Point(UUID(bytes=key), _native(own), dict(payload)) for key, own, payload in points]
        if whole:
            self._shard.update(_Op.upsert_points(whole))

    def drop(self, keys: Collection[UUID]) -> None:
        """Remove points."""
        if keys:
            self._shard.update(_Op.delete_points(list(keys)))

    def build(self) -> None:
        """Build the graphs of what is there."""
        self._shard.flush()
        self._shard.optimize()

    def close(self) -> None:
        """Have it on disk."""
        self._shard.flush()
        self._shard.close()


def _whole(records: Iterable[Any]) -> list[WholePoint]:
    return [
        (one.id.bytes, {name: _plain(own) for name, own in (one.vector or {}).items()}, one.payload) for one in records
    ]


def _plain(vector: Any) -> Any:
    return (vector.indices, vector.values) if isinstance(vector, edge.SparseVector) else np.array(vector, np.float32)


def _native(vectors: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: own.tolist() if isinstance(own, np.ndarray) else edge.SparseVector(*own) for name, own in vectors.items()
    }


def _new_life() -> int:
    """What the engine's versions are counted from: they begin anew in a new shard, and may do so after a crash."""
    return secrets.randbits(20) << 42


def _load(folder: Folder, shard: Path | None = None) -> Any:
    shard = shard or folder.shard
    try:
        if not any((shard / "segments").glob("*/")):
            raise FileNotFoundError("its segments are missing")  # the engine would open it as if it were empty
        return Guard(edge.EdgeShard.load(str(shard), _as_opened()), _translated)
    except Exception as error:
        raise StoreDamaged(f"The store {folder.path} does not open ({error}): {WAY_BACK}.") from error


def _graph() -> Any:
    """With half of the edges, or without ACORN, a walk within a country's filter misses up to a tenth of the nearest.

    ACORN needs no graphs for each value of a field beside it, with which a million posts took more than an hour.
    """
    return edge.HnswIndexConfig(m=32, ef_construct=200, full_scan_threshold=_COMPARED, payload_m=0)


def _sparse_words() -> dict[str, Any]:
    return {WORDS: edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)}


def _as_opened() -> Any:
    """How a shard is opened, whatever it was made with: a thread for an answer costs more than the answer."""
    return edge.EdgeConfig(sparse_vectors=_sparse_words(), max_search_threads=1)


def _make_vector(shard: Any, vector: NamedVector, size: int) -> None:
    shard.update(_Op.create_dense_vector(vector.name, size, _DISTANCES[vector.kind.measure]))


def _index(shard: Any, field: str, kind: AttrKind) -> None:
    shard.update(_Op.create_field_index(field, _INDEXES_OF.get(field, _INDEXES[kind])()))


def _operations(changes: Sequence[Change]) -> list[Any]:
    """The steps of changes; none of none."""
    payloads = [_Op.set_payload([change.key], dict(change.payload)) for change in changes]
    silent: list[Any] = [change.key for change in changes if change.words is None]
    spoken = [
        edge.PointVectors(change.key, {WORDS: _vector(change.words)}) for change in changes if change.words is not None
    ]
    silence = [_Op.delete_vectors(silent, [WORDS])] if silent else []
    return [*payloads, *silence, *([_Op.update_vectors(spoken)] if spoken else [])]


def _point(point: Packed) -> Any:
    vectors = {name: _vector(vector) for name, vector in point.vectors.items()}
    return edge.Point(point.key, vectors, dict(point.payload))


def _start(value: Value | None) -> float | str | None:
    return stamp(value) if isinstance(value, datetime) else value


def _vector(vector: Vector) -> Any:
    if isinstance(vector, np.ndarray):
        return vector.tolist()
    return edge.SparseVector(*(sparse(vector) if isinstance(vector, Mapping) else vector))


_DISTANCES = {Measure.L1: edge.Distance.Manhattan, Measure.COSINE: edge.Distance.Cosine}
_WORDS = Words(
    equals=lambda field, value: edge.FieldCondition(key=field, match=edge.MatchValue(value)),
    any_of=lambda field, values: edge.FieldCondition(key=field, match=edge.MatchAny(values)),
    numbers=lambda field, bounds: edge.FieldCondition(key=field, range=edge.RangeFloat(**bounds)),
    times=lambda field, bounds: edge.FieldCondition(key=field, range=edge.RangeDateTime(**bounds)),
    near=lambda near: edge.FieldCondition(
        key=near.field, geo_radius=edge.GeoRadius(edge.GeoPoint(lon=near.lon, lat=near.lat), near.metres)
    ),
    contains=lambda field, text: edge.FieldCondition(key=field, match=edge.MatchText(text)),
    points=lambda keys: edge.HasIdCondition(set(keys)),
    has=edge.HasVectorCondition,
    empty=edge.IsEmptyCondition,
    group=edge.Filter,
)


def _translated(method: Callable[[], T], name: str) -> T:
    """All exceptions of the engine are plain ones."""
    try:
        engine_step(name)
        return method()
    except Exception as error:
        if type(error) is not Exception:
            raise
        closed = "not initialized" in str(error)
        way_out = "The store is closed: open it again." if closed else "Check disk space and the folder's rights."
        raise StoreDown(f"The embedded engine failed: {error}. {way_out}") from error
