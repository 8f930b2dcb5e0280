"""What an owner answers: one method a message, each a step of the engine, in plain values."""

import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np

from qdrant.attrs import AttrKind
from qdrant.edge.engine import EdgeEngine
from qdrant.engine.about import About, unpack
from qdrant.engine.codec import changes_from, keys_from, points_from
from qdrant.engine.protocol import KEY, ArmKeys
from qdrant.owner.plain import arm_from, filter_from, plain_arm_keys, plain_outlines, plain_stored
from qdrant.store import Facet, Order


class DoorAnswers:
    """DoorAnswers for an engine; whoever asks is told of what the store says of itself when that has changed."""

    def __init__(self, engine: EdgeEngine) -> None:
        self._engine = engine
        self._owner = secrets.randbits(60)
        self._about: About | None = None
        self._count = 0
        self._stating = threading.Lock()

    def state(self, known: Any) -> tuple[bool, list[int], Any]:
        """Whether all is flushed, the edition of what the store says of itself, and that, unless it is known."""
        with self._stating:
            about = self._engine.about
            if about is not self._about:
                self._about, self._count = about, self._count + 1
            edition = [self._owner, self._count]
        return not self._engine.unflushed, edition, None if known == edition else about.pack()

    def answer(self, name: str, given: list[Any]) -> Any:
        """Answer a message."""
        method: Callable[..., Any] = getattr(self, f"say_{name}")
        return method(*given)

    def say_look(self) -> None:
        """Nothing but what the store says of itself."""

    def say_turn(self) -> None:
        """Nothing either: the doorkeeper gives the turn to write, and takes it back."""

    say_end = say_turn

    def say_name(self) -> str:
        """What the engine is called."""
        return self._engine.name

    def say_written(self) -> str:
        """A word that is another one after whatever was written."""
        return self._engine.written

    def say_record(self, packed: Any) -> None:
        """Write what the store says of itself."""
        self._engine.record(unpack(packed))

    def say_room(self, room: int | None) -> None:
        """Refuse a write for which there is no room."""
        self._engine.check_room(room)

    def say_save(self) -> None:
        """Have all that was written on disk."""
        self._engine.save()

    def say_write(self, points: Any) -> None:
        """Replace points whole."""
        self._engine.write(points_from(points))

    def say_change(self, changes: Any) -> None:
        """Change points that are there."""
        self._engine.change(changes_from(changes))

    def say_put(self, vector: str, values: Any) -> None:
        """Replace one vector of points."""
        self._engine.put(vector, {UUID(bytes=key): value for key, value in values})

    def say_erase(self, keys: Any) -> None:
        """Remove points."""
        self._engine.erase(keys_from(keys))

    def say_erase_where(self, wanted: Any) -> None:
        """Remove the points that pass."""
        self._engine.erase_where(filter_from(wanted))

    def say_read(self, keys: Any, fields: Any, model: str | None) -> Any:
        """Read some fields of points: their keys, then they."""
        points = self._engine.read(keys_from(keys), fields, model)
        return list(points), plain_stored(points.values())

    def say_rank(self, arms: Any) -> Any:
        """Answer every arm, and say about how many points there are."""
        rankings = self._engine.rank([arm_from(arm) for arm in arms], None, with_points=False)
        return self._engine.size(), [plain_arm_keys(one) for one in rankings]

    def say_read_ahead(self, model: str) -> None:
        """Begin to read what questions by a model are answered by."""
        self._engine.read_ahead(model)

    def say_outlines(self, keys: bytes, versions: Any, model: str | None) -> Any:
        """Outlines of points in some versions: the keys of those that are there, then they."""
        asked = ArmKeys(np.frombuffer(keys, KEY), np.zeros(len(versions)), versions)
        outlines, (rows,) = self._engine.outlines([asked], model)
        return asked.keys[rows >= 0].tobytes(), plain_outlines(outlines.take(rows[rows >= 0]))

    def say_versions(self) -> Any:
        """Every point with its version; None while they are not known."""
        known = self._engine.versions()
        return known and (known[0].tobytes(), known[1])

    def say_page(self, wanted: Any, offset: bytes | None, fields: Any, model: str | None) -> Any:
        """Read some fields of the next points."""
        points, after = self._engine.page(filter_from(wanted), offset and UUID(bytes=offset), fields, model)
        return plain_stored(points), after

    def say_listed_by_id(self, wanted: Any, field: str, start: bytes, limit: int) -> Any:
        """List points in the order of their keys."""
        return self._engine.listed_by_id(filter_from(wanted), field, UUID(bytes=start), limit)

    def say_listed_by_value(self, wanted: Any, order: Any, start: Any, limit: int) -> Any:
        """List points in the order of a field."""
        return self._engine.listed_by_value(filter_from(wanted), Order(*order), start, limit)

    def say_size(self) -> int:
        """Say about how many points there are."""
        return self._engine.size()

    def say_any(self, wanted: Any) -> bool:
        """Say whether some point passes."""
        return self._engine.any(filter_from(wanted))

    def say_count(self, wanted: Any) -> int:
        """Count points."""
        return self._engine.count(filter_from(wanted))

    def say_tally(self, facets: Any, wanted: Any) -> Any:
        """Count the points that pass, and those among them by each facet."""
        return self._engine.tally([Facet(*facet) for facet in facets], filter_from(wanted))

    def say_index(self, field: str, kind: str) -> None:
        """Make a payload field one that can be filtered by."""
        self._engine.index(field, AttrKind(kind))

    def say_make_vector(self, packed: Any, size: int) -> None:
        """Make room for a dense vector."""
        (vector,) = unpack(packed).vectors
        self._engine.make_vector(vector, size)

    def say_drop_vector(self, packed: Any) -> None:
        """Drop a dense vector from every point."""
        (vector,) = unpack(packed).vectors
        self._engine.drop_vector(vector)

    def say_begin_copy(self) -> str:
        """Where a compacted copy may be made."""
        return str(self._engine.begin_copy())

    def say_records(self, offset: bytes | None, names: Any) -> Any:
        """The next points whole, as a copy needs them."""
        return self._engine.records(UUID(bytes=offset) if offset else None, names)

    def say_touched(self, number: int) -> Any:
        """What was written since this was asked before."""
        return self._engine.touched(number)

    def say_whole(self, keys: Any, names: Any) -> Any:
        """Points whole, as far as they are there."""
        return self._engine.whole(keys_from(keys), names)

    def say_end_copy(self) -> None:
        """Remember nothing any more of what is written."""
        self._engine.end_copy()

    def say_switch(self, shard: str) -> None:
        """Put a compacted copy in place."""
        self._engine.switch(Path(shard))

    def say_saved(self) -> Any:
        """What a copy of the folder has to know: the points in it, and its list of files."""
        return self._engine.saved()
