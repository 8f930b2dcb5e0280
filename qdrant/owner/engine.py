"""The engine of whoever is not the owner: each step is a message through the door, and its answer."""

import secrets
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import UUID

import numpy as np

import qdrant.errors
from common.arrays import Index
from common.turn import Turn
from qdrant.attrs import AttrKind
from qdrant.edge.backup import back_up
from qdrant.edge.columns import Columns, CurrentColumns, Outlined
from qdrant.edge.compaction import WholePoint, compact
from qdrant.edge.engine import ShardCopy
from qdrant.edge.folder import refusal
from qdrant.engine.about import About, unpack
from qdrant.engine.codec import keys_from, plain_changes, plain_points, plain_vectors
from qdrant.engine.protocol import KEY, Arm, ArmKeys, Change, Listed, Packed, Vector, Writing
from qdrant.errors import StoreDown, StoreError
from qdrant.filters import Filter
from qdrant.outline import Outlines
from qdrant.owner.ahead import Ahead
from qdrant.owner.door import VERSION, Door, receive, send
from qdrant.owner.doorkeeper import END, HELLO, LEAVE, OK, TURN
from qdrant.owner.plain import arm_keys_from, outlines_from, plain_arm, plain_filter, stored_from
from qdrant.points import StoredPoint
from qdrant.store import Count, Facet, FacetCounts, Order, Saved, Value
from qdrant.vector_kind import NamedVector

T = TypeVar("T")
_PATIENCE: Final = 60.0  # seconds for a store to be closed
_TRIES: Final = 6  # an owner may be killed, and the next one while it begins
_PAUSE: Final = 0.02  # seconds between two of them


class _Mine(threading.local):
    """What a thread has: the turn to write, and the one link that all of it goes through."""

    has_turn = False
    link: socket.socket | None = None


class OwnedEngine:
    """The Engine of a folder that another process has open.

    `find` gives a link to the owner, who is started where there is none. When one is killed, what was asked is asked of
    the next: all that is written may be written twice, as long as nobody else writes in between, which `turn` sees to.
    It is had of the owner as well, for it is he who does what was asked: if its writer is killed, it ends when that is
    done.
    """

    def __init__(self, door: Door, find: Callable[[], socket.socket]) -> None:
        self._door, self._find = door, find
        self._client = secrets.token_hex(8)
        self._links: list[socket.socket] = []  # that nobody uses at the moment
        self._known: tuple[tuple[int, int], About] = (0, 0), About()  # edition: of which owner, and the how manyth
        self._gone: set[int] = set()  # owners of before
        self._hearing = threading.Lock()
        self._columns = CurrentColumns()
        self._ahead = Ahead(self._versions)
        self._size = 0
        self._was_calm = True
        self._mine = _Mine()
        path = door.store.with_name(f"{door.store.name}.turn")
        self.turn: AbstractContextManager[None] = Turn(path, refusal, self._owners_turn)
        self._compacting = Turn(door.store.with_name(f"{door.store.name}.compaction"), refusal)
        self.name = str(self._ask("name"))
        self._size = self._ask("size")

    @property
    def is_calm(self) -> bool:
        """Whether the owner does nothing slow, as of the last answer, and is there: the next one has yet to begin."""
        try:
            return self._was_calm and bool(self._links[-1].recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except BlockingIOError:  # there is nothing to read, as it should be
            return True
        except (IndexError, OSError):
            return False

    @property
    def about(self) -> About:
        """What the store says of itself, as of the last answer."""
        return self._known[1]

    @property
    def written(self) -> str:
        """A word that is another one after whatever was written."""
        return str(self._ask("written"))

    def look(self) -> About:
        """Read anew what the store says of itself."""
        self._ask("look")
        return self.about

    def record(self, about: About) -> None:
        """Write what the store says of itself."""
        self._ask("record", about.pack())

    @contextmanager
    def writing(self, *, room: int | None) -> Iterator[None]:
        """Safe on disk at the end; refused at the start where there is no room."""
        self._ask("room", room)
        yield
        self._ask("save")

    def followed(self, ask: Callable[[], T]) -> T:
        """Ask, and once more when another process has put another model in place meanwhile."""
        model = self.about.active
        try:
            return ask()
        except StoreDown:
            if self.look().active == model:
                raise
        return ask()

    def write(self, points: Sequence[Packed]) -> Collection[UUID]:
        """Replace points whole."""
        self._ask("write", plain_points(points))
        return ()  # who writes has the turn, so nobody else did

    def change(self, changes: Sequence[Change]) -> None:
        """Change points that are there, all of it or nothing."""
        self._ask("change", plain_changes(changes))

    def put(self, vector: str, values: Mapping[UUID, Vector]) -> None:
        """Replace one vector of points."""
        self._ask("put", vector, plain_vectors(values))

    def erase(self, keys: Sequence[UUID]) -> None:
        """Remove points."""
        self._ask("erase", keys)

    def erase_where(self, wanted: Filter) -> None:
        """Remove the points that pass."""
        self._ask("erase_where", plain_filter(wanted))

    def read(self, keys: Sequence[UUID], fields: Sequence[str], model: str | None) -> dict[UUID, StoredPoint]:
        """Read some fields of points."""
        there, points = self._ask("read", keys, fields, model)
        return {UUID(bytes=key): point for key, point in zip(there, stored_from(points, model), strict=True)}

    def rank(
        self,
        arms: Sequence[Arm],
        model: str | None,  # noqa: ARG002 - see `outlines`
        *,
        with_points: bool,  # noqa: ARG002
    ) -> list[ArmKeys]:
        """Answer every arm in one round trip, best first."""
        self._size, rankings = self._ask("rank", [plain_arm(arm) for arm in arms])
        return [arm_keys_from(one) for one in rankings]

    def read_ahead(self, model: str) -> None:
        """Have the owner read what an exact question by a model is answered by, then all outlines."""
        self._ask("read_ahead", model)
        self._ahead.start(self._columns.of(self.about, model), lambda some: self._outlined(some, model))

    def outlines(self, rankings: Sequence[ArmKeys], model: str | None) -> tuple[Outlines, list[Index]]:
        """Outlines of points; those that were made before are kept, as long as nothing is written to the point."""
        columns = self._columns.of(self.about, model)
        return columns.find(rankings, lambda versions: self._missed(columns, versions, model))

    def _missed(self, columns: Columns, versions: Mapping[bytes, int], model: str | None) -> Outlined:
        """Read outlines that somebody waits for; where that comes again and again, all others are read behind."""
        self._ahead.begin(columns, lambda some: self._outlined(some, model))
        return self._outlined(versions, model)

    def _outlined(self, versions: Mapping[bytes, int], model: str | None) -> Outlined:
        wanted = np.array(list(versions.values()), np.int64)
        there, outlines = self._ask("outlines", b"".join(versions), wanted, model)
        return np.frombuffer(there, KEY).tolist(), outlines_from(outlines, model)

    def _versions(self) -> dict[bytes, int] | None:
        known = self._ask("versions")
        return known and dict(zip(np.frombuffer(known[0], KEY).tolist(), known[1].tolist(), strict=True))

    def page(
        self, wanted: Filter | None, offset: Any, fields: Sequence[str], model: str | None
    ) -> tuple[list[StoredPoint], Any]:
        """Read some fields of the next points."""
        points, after = self._ask("page", plain_filter(wanted), offset, fields, model)
        return stored_from(points, model), after

    def listed_by_id(self, wanted: Filter | None, field: str, start: UUID, limit: int) -> list[Listed]:
        """List points in the order of their keys, from one on."""
        return [Listed(*one) for one in self._ask("listed_by_id", plain_filter(wanted), field, start, limit)]

    def listed_by_value(self, wanted: Filter | None, order: Order, start: Value | None, limit: int) -> list[Listed]:
        """List points in the order of a field, from a value on."""
        return [Listed(*one) for one in self._ask("listed_by_value", plain_filter(wanted), order, start, limit)]

    def size(self) -> int:
        """Say about how many points there were when something was searched last."""
        return self._size

    def any(self, wanted: Filter | None) -> bool:
        """Say whether some point passes."""
        return bool(self._ask("any", plain_filter(wanted)))

    def count(self, wanted: Filter | None) -> int:
        """Count points."""
        return int(self._ask("count", plain_filter(wanted)))

    def tally(self, facets: Sequence[Facet], wanted: Filter | None) -> tuple[int, list[FacetCounts]]:
        """Count the points that pass, and those among them by each facet."""
        count, tallies = self._ask("tally", facets, plain_filter(wanted))
        return count, [FacetCounts(tuple(Count(*one) for one in counts), *rest) for counts, *rest in tallies]

    def index(self, field: str, kind: AttrKind) -> None:
        """Make a payload field one that can be filtered by."""
        self._ask("index", field, kind.value)

    def make_vector(self, vector: NamedVector, size: int) -> None:
        """Make room for a dense vector; nothing is in it then."""
        self._ask("make_vector", About({vector: size}).pack(), size)

    def drop_vector(self, vector: NamedVector) -> None:
        """Drop a dense vector from every point."""
        self._ask("drop_vector", About({vector: 0}).pack())

    def parts(self) -> Sequence[str]:
        """There is one, and nothing beside it."""
        return ()

    def optimize(self, writing: Writing) -> None:
        """Build a compact shard here, so that the owner answers meanwhile, and have it put in place."""
        with self._compacting:
            compact(self, ShardCopy, writing)

    def begin_copy(self) -> Path:
        """Where a compacted copy may be made; the owner remembers what is written from here on."""
        return Path(self._ask("begin_copy"))

    def records(self, offset: UUID | None, names: Sequence[str]) -> tuple[list[WholePoint], UUID | None]:
        """The next points whole, and where to go on; None at the end."""
        points, after = self._ask("records", offset, names)
        return points, after and UUID(bytes=after)

    def touched(self, number: int) -> list[UUID]:
        """What was written since this was asked before, while a copy is made."""
        return keys_from(self._ask("touched", number))

    def whole(self, keys: Sequence[UUID], names: Sequence[str]) -> list[WholePoint]:
        """Points whole, as far as they are there."""
        points: list[WholePoint] = self._ask("whole", keys, names)
        return points

    def end_copy(self) -> None:
        """Remember nothing any more."""
        self._ask("end_copy")

    def switch(self, shard: Path) -> None:
        """Put a compacted copy in place."""
        self._ask("switch", str(shard))

    def backup(self, folder: Path, writing: Writing) -> Saved:
        """Copy everything; nobody writes meanwhile, and the owner answers."""
        with self._compacting, writing():
            return back_up(self._door.store, folder, *self._ask("saved"))

    def close(self) -> None:
        """Leave; the last one who does waits until the store is closed."""
        self._ahead.close()
        links, self._links = self._links, []
        for link in links[1:]:
            link.close()
        for link in links[:1]:
            link.settimeout(_PATIENCE)
            try:
                send(link, [LEAVE, 0])
                receive(link)
            except (OSError, EOFError):
                continue
            finally:
                link.close()

    def _ask(self, name: str, *given: Any) -> Any:
        for left in reversed(range(_TRIES)):
            link = self._link()
            try:
                send(link, [name, self._known[0], *given])
                answer = receive(link)
            except (OSError, EOFError) as error:
                link.close()
                self._let_go()
                time.sleep(_PAUSE)  # one that was killed may take connections for a moment yet
                if not left:
                    raise StoreDown(
                        f"The process that has the store {self._door.store} open ends again and again: "
                        f"{self._door.log} may say why."
                    ) from error
                continue
            except BaseException:  # Ctrl-C: the answer to this would be taken for that to the next
                link.close()
                raise
            self._keep(link)
            return self._opened(answer)
        return None

    @contextmanager
    def _owners_turn(self) -> Iterator[None]:
        """Have the owner's turn, who ends it when the link does, and all that came through it is done."""
        mine = self._mine
        mine.has_turn = True
        try:
            mine.link = self._link()
            yield
        finally:
            link, mine.link, mine.has_turn = mine.link, None, False
            if link is not None:
                self._end_turn(link)

    def _end_turn(self, link: socket.socket) -> None:
        try:
            send(link, [END, self._known[0]])
            receive(link)
        except (OSError, EOFError):  # the owner has gone, and the turn with him
            link.close()
        except BaseException:
            link.close()
            raise
        else:
            self._keep(link)

    def _keep(self, link: socket.socket) -> None:
        """Whoever has the turn goes on by the same link, and nobody else by it."""
        if self._mine.has_turn:
            self._mine.link = link
        else:
            self._links.append(link)

    def _let_go(self) -> None:
        """Close the links that nobody uses: where one finds its owner killed, each would, one try after another."""
        links, self._links = self._links, []
        for link in links:
            link.close()

    def _link(self) -> socket.socket:
        mine = self._mine
        link, mine.link = mine.link, None
        if link is not None:
            return link
        greetings: list[list[Any]] = [[TURN, self._known[0]]] if mine.has_turn else []
        try:
            link = self._links.pop()
        except IndexError:
            link = self._find()
            greetings.insert(0, [HELLO, VERSION, self._client])
        try:
            for greeting in greetings:
                send(link, greeting)
                self._opened(receive(link))
        except (OSError, EOFError):
            link.close()  # whoever uses it finds that out as well, and takes no word of welcome for an answer
        except BaseException:
            link.close()
            raise
        return link

    def _opened(self, answer: Any) -> Any:
        """What an answer holds; an error travels as itself."""
        if answer[0] != OK:
            kind = getattr(qdrant.errors, answer[1], StoreError)
            raise kind(answer[2])
        _, self._was_calm, edition, about, value = answer
        if about is not None:
            self._hear(edition, unpack(about))
        return value

    def _hear(self, edition: Sequence[int], about: About) -> None:
        """Take over what the store says of itself, unless a later answer has come sooner."""
        owner, count = edition
        with self._hearing:
            (known, latest), _ = self._known
            if owner in self._gone or (owner == known and count <= latest):
                return
            if owner != known:
                self._gone.add(known)
            self._known = (owner, count), about
