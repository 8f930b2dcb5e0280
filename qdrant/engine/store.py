"""The Store over an engine: the rules that hold whichever engine keeps the points."""

import copy
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from common.arrays import Float32
from qdrant.attrs import called
from qdrant.engine.about import About
from qdrant.engine.checks import check, check_size, check_standing, check_vector
from qdrant.engine.examples import by_examples
from qdrant.engine.order import positions
from qdrant.engine.pack import pack, room
from qdrant.engine.protocol import Change, Engine, Vector, batches
from qdrant.engine.search import answer_searches
from qdrant.engine.site_fields import SiteFields, audiences, uses, uses_of
from qdrant.engine.write_plan import Written, plan
from qdrant.errors import FilterRefused, ModelMissing, PointRefused
from qdrant.filters import Filter, Posts, conditions
from qdrant.points import Fields, PhotoPoint, StoredPoint, point_id, tie_break
from qdrant.store import Candidates, Facet, FacetCounts, Info, Order, OrderedPost, PostVector, Saved, Search, Standing
from qdrant.vector_kind import NamedVector

_USES = (Fields.ID, Fields.VIS, Fields.CHILD, Fields.ATTRS)
_FOR_PLAN = (*_USES, Fields.VERSION, Fields.DIGEST, Fields.ADDED)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Up to how many points all of them are compared, and how many fields of the site each audience may filter by."""

    exact_up_to: int = 100_000
    attrs: int = 64


class EngineStore:
    """Checks, compares versions and orders; the engine keeps. Searches run side by side, writes take turns."""

    def __init__(self, engine: Engine, bounds: Bounds | None = None) -> None:
        self._engine = engine
        self._bounds = bounds or Bounds()
        self._fields = SiteFields(engine, self._bounds.attrs)
        self._fields.settle()
        self._here = threading.Lock()  # of those who write in this process: whoever closes waits for them alone
        self._model: str | None = None

    @property
    def active(self) -> str | None:
        """The model whose vectors are searched here, as of the last look; every write and `info` look."""
        return self._model or self._engine.about.active

    def in_force(self) -> str | None:
        """The model that was activated last; another process may have done that just now."""
        return self._engine.look().active

    def vectors(self) -> Collection[NamedVector]:
        """The vectors that there is room for; another process may have made or dropped some just now."""
        return self._engine.look().vectors.keys()

    def of_model(self, model: str) -> "EngineStore":
        """The same store, which searches this model's vectors, whichever is in force."""
        own = copy.copy(self)
        own._model = model
        return own

    @property
    def is_calm(self) -> bool:
        """Whether nobody writes, as far as is known, so that an answer comes at once."""
        return self._engine.is_calm

    @property
    def written(self) -> str:
        """A word that is another one after whatever was written; empty where that is not known."""
        return self._engine.written

    def upsert(self, points: Sequence[PhotoPoint]) -> list[Written]:
        """Write points, newest version wins; one outcome a point, in order."""
        with self._here, self._engine.turn:
            about = self._engine.look()
            for point in points:
                check(point, about)
            stored = {point.id: point for point in self._read([point.id for point in points], _FOR_PLAN).values()}
            outcomes, writes = plan(points, stored.values())
            if writes:
                packed = [pack(write) for write in writes]
                old = {write.point.id: stored[write.point.id] for write in writes if write.point.id in stored}
                before = {use for point in old.values() for use in uses_of(point)}
                after = [use for write in writes for use in uses_of(write.point)]
                with self._engine.writing(room=sum(map(room, packed))):
                    self._fields.drop(before.difference(after), Posts(frozenset(old)))
                    self._fields.add(after)
                    newer = {key for part in batches(packed) for key in self._engine.write(part)}
                outcomes = [
                    Written.STALE if outcome is Written.STORED and point_id(point.id) in newer else outcome
                    for point, outcome in zip(points, outcomes, strict=True)
                ]
        return outcomes

    def get(self, ids: Sequence[str]) -> list[StoredPoint | None]:
        """Read posts by the host's ids, in order; None where there is none."""
        points = self._engine.followed(lambda: self._read(ids, Fields.READ, self.active))
        return [points.get(point_id(post)) for post in ids]

    def set_facts(self, posts: Mapping[str, Standing]) -> int:
        """Change what is known of posts and children, and the words they are found by; all else stays as it is."""
        for post, standing in posts.items():
            check_standing(post, standing)
        with self._writing(room=None):
            stored = list(self._read(list(posts), _USES).values())
            there = [point.id for point in stored]
            before = {use for point in stored for use in uses_of(point)}
            standings = [(point.attrs, posts[point.id]) for point in stored]
            after = [use for attrs, now in standings for use in uses(attrs, audiences(now.vis, now.child))]
            self._fields.drop(before.difference(after), Posts(frozenset(there)))
            self._fields.add(after)
            for part in batches(there):
                self._engine.change([_change(post, posts[post]) for post in part])
        return len(there)

    def delete(self, ids: Sequence[str]) -> list[bool]:
        """Remove posts; tells for each whether it was there."""
        with self._writing(room=None):
            there = self._read(ids, _USES)
            gone = Posts(frozenset(point.id for point in there.values()))
            self._fields.drop((use for point in there.values() for use in uses_of(point)), gone)
            for keys in batches(there):
                self._engine.erase(keys)
        return [point_id(post) in there for post in ids]

    def delete_where(self, where: Filter) -> int:
        """Remove the posts that pass; tells how many."""
        with self._writing(room=None):
            count = self._engine.count(self._known(where))
            if count:
                known = ((field, one) for field, of in self._engine.about.attrs.items() for one in of)
                self._fields.drop(known, where)
                self._engine.erase_where(where)
        return count

    def candidates(self, search: Search) -> Candidates:
        """Find the nearest points by each kind of vectors and the best by words, in one round trip."""
        return self.candidates_of([search])[0]

    def candidates_of(self, searches: Sequence[Search]) -> list[Candidates]:
        """Answer several searches in one round trip, in order."""
        model = self.active
        by_size = self._engine.size() <= self._bounds.exact_up_to
        meant = [self._meant(search, by_size=by_size) for search in searches]
        return self._engine.followed(lambda: answer_searches(meant, self._engine, model, self.active))

    def read_ahead(self) -> None:
        """Begin to read what questions are answered by, before anybody asks, and as soon as that can be done."""
        model = self.active
        if model is not None and self._engine.size() <= self._bounds.exact_up_to:
            self._engine.read_ahead(model)

    def scroll(self, where: Filter | None = None, *, features: bool = False) -> Iterator[StoredPoint]:
        """Go through every point once; with what was measured in photos when that is wanted."""
        wanted, offset = self._known(where), None
        while True:
            points, offset = self._page(wanted, offset, Fields.LEARNED_FROM if features else Fields.READ)
            yield from points
            if offset is None:
                return

    def positions(
        self,
        order: Order,
        limit: int,
        where: Filter | None = None,
        audience: frozenset[str] | None = None,
        after: OrderedPost | None = None,
    ) -> list[OrderedPost]:
        """The next posts of an order behind a position, which need not be there any more."""
        self._check_field(order.field, audience)
        return positions(self._engine, order, self._known(where, audience), limit, after)

    def knows(self, field: str, audience: frozenset[str] | None = None) -> bool:
        """Say whether a field can be filtered by; another process may have indexed it."""
        known = field in Fields.INDEXED or self._engine.about.knows(field, audience)
        return known or self._engine.look().knows(field, audience)

    def any(self, where: Filter | None = None) -> bool:
        """Say whether some point passes, sooner than by counting them."""
        return self._engine.any(self._known(where))

    def count(self, where: Filter | None = None) -> int:
        """Count points."""
        return self._engine.count(self._known(where))

    def tally(
        self, facets: Sequence[Facet], where: Filter | None = None, audience: frozenset[str] | None = None
    ) -> tuple[int, list[FacetCounts]]:
        """Count the posts that pass, and those among them by each facet; ties stand in the order of their words."""
        for facet in facets:
            self._check_field(facet.field, audience)
        return self._engine.tally(facets, self._known(where, audience))

    def add_vector(self, vector: NamedVector, size: int) -> None:
        """Make room for a vector; nothing changes when there is."""
        if vector in self._engine.look().vectors:
            return
        with self._writing(room=0):
            about = self._engine.about
            check_size(vector, size, about)
            if vector not in about.vectors:
                self._engine.make_vector(vector, size)
                self._engine.record(about.with_vector(vector, size))

    def put_vectors(self, vector: NamedVector, values: Iterable[PostVector | tuple[str, Float32]]) -> None:
        """Fill in a vector of posts that are stored, unless they were written since it was made."""
        about = self._engine.look()
        for part in batches(PostVector(*one) for one in values):
            for one in part:
                check_vector(one.values, vector, about)
            with self._writing(room=0):
                there = self._read([one.post for one in part], (Fields.ID, Fields.CHANGED))
                known: dict[UUID, Vector] = {
                    point_id(one.post): one.values for one in part if one.fits(there.get(point_id(one.post)))
                }
                if known:
                    self._engine.put(vector.name, known)

    def drop_vector(self, vector: NamedVector) -> None:
        """Drop a vector of every post; those of the model that is searched stay."""
        with self._writing(room=None):
            about = self._engine.about
            if vector in about.of_models(about.active):
                raise PointRefused(f"Model {about.active} is searched: put another in place first.")
            if vector in about.vectors:
                self._drop(about, [vector])

    def activate(self, model: str, keep: Collection[str] = ()) -> None:
        """Put a model in force, and drop the vectors of every other but those to keep."""
        with self._writing(room=None):
            about = self._engine.about
            if model not in about.models:
                raise ModelMissing(f"The store holds no thetas of model {model}: run `photosense train`.")
            old = [other for other in about.models if other != model and other not in keep]
            self._drop(replace(about, active=model), about.of_models(*old))

    def _drop(self, about: About, vectors: Sequence[NamedVector]) -> None:
        """Record that vectors are gone, then drop them: what is cut short leaves none that is searched."""
        self._engine.record(about.without(*vectors))
        for vector in vectors:
            self._engine.drop_vector(vector)

    def info(self) -> Info:
        """Say how large the store is."""
        about = self._engine.look()
        attrs: dict[str, list[str]] = {}
        for kind, name in sorted(about.attrs):
            attrs.setdefault(name, []).append(kind.value)
        name, parts = self._engine.name, self._engine.parts()
        return Info(self.count(), dict(about.vectors), about.active, name, attrs, parts)

    def optimize(self) -> None:
        """Leave nothing on disk of what was deleted or replaced, and build what makes a large store fast."""
        self._engine.optimize(lambda: self._writing(room=0))

    def backup(self, folder: Path) -> Saved:
        """Copy everything to a folder that does not exist yet, with checksums."""
        return self._engine.backup(folder, lambda: self._writing(room=None))

    def close(self) -> None:
        """Let go of everything; the store can be opened again."""
        with self._here:
            self._engine.close()

    @contextmanager
    def _writing(self, *, room: int | None) -> Iterator[None]:
        with self._here, self._engine.turn, self._engine.writing(room=room):
            self._engine.look()
            yield

    def _read(self, ids: Iterable[str], fields: Sequence[str], model: str | None = None) -> dict[UUID, StoredPoint]:
        keys = list(dict.fromkeys(map(point_id, ids)))
        return {key: point for part in batches(keys) for key, point in self._engine.read(part, fields, model).items()}

    def _page(self, wanted: Filter | None, offset: object, fields: Sequence[str]) -> tuple[list[StoredPoint], object]:
        return self._engine.followed(lambda: self._engine.page(wanted, offset, fields, self.active))

    def _meant(self, search: Search, *, by_size: bool) -> Search:
        exact = by_size if search.exact is None else search.exact
        if search.like or search.unlike:
            search = by_examples(search, self.get)
        return replace(search, exact=exact, filter=self._known(search.filter, search.audience))

    def _known(self, wanted: Filter | None, audience: frozenset[str] | None = None) -> Filter | None:
        """Refuse a filter by a field without an index: it would be slow, and is most likely misspelt."""
        for condition in conditions(wanted):
            self._check_field(condition.field, audience)
        return wanted

    def _check_field(self, field: str, audience: frozenset[str] | None = None) -> None:
        if self.knows(field, audience):
            return
        raise FilterRefused(
            f"No post has {called(field)} to be filtered by: correct its name or the test. `photosense status` lists "
            f"the fields that are indexed, {self._bounds.attrs} at most."
        )


def _change(post: str, standing: Standing) -> Change:
    words = tie_break(standing.words, post) if standing.words else None
    return Change(point_id(post), standing.payload(), words)
