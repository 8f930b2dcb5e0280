"""A home, what is done to it, and what it holds: before, after, or something between the two."""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson

from common.faults import Fate, faults
from compliance.errors import ComplianceError
from compliance.facts import Child, Vis
from compliance.records.chain import Chain, verify
from compliance.records.tombstones import HELD
from ingest.errors import IngestError
from ingest.photos.photo_source import InlinePhotos
from ingest.photos.rendition_folder import shown_photo
from moderation.desk import Decision, Desk
from moderation.takedowns import Remover
from photosense.backup.home_copy import read_manifest
from photosense.commands.store import backup
from photosense.errors import PhotosenseError
from photosense.house import House, open_house
from photosense.settings import Settings
from qdrant.edge.backup import verified
from qdrant.edge.files import sizes, sums
from qdrant.edge.folder import FILES
from qdrant.errors import StoreError
from qdrant.filters import Has
from qdrant.points import WORDS, Fields
from tests.support.crawl import ENCODER, RECIPE, crawl, encoded, lines, post
from topic_model.artifact import load_model
from topic_model.errors import TopicModelError
from training.publish import publish
from training.topics import retrain
from vision.errors import VisionError

REFUSED: Final = (PhotosenseError, StoreError, ComplianceError, TopicModelError, VisionError, IngestError)
_COMPARED: Final = (
    *(Fields.ID, Fields.VERSION, Fields.DIGEST, Fields.CONTENT),
    *(Fields.POST, Fields.ATTRS, Fields.DOCUMENT, Fields.MARKS, Fields.TEXT, Fields.TAGS),
)
_SAVED, _WAITING = "saved", "waiting"


class PostState(NamedTuple):
    """What a post shows, and how it stands: what is known of children in it, and what it is found by."""

    content: str
    standing: str
    is_held: bool


class State(NamedTuple):
    """What a home holds, without times and random names."""

    posts: Mapping[str, PostState]
    active: str | None
    memory: frozenset[str]  # marks of what was taken down, or held
    photos: frozenset[str]  # posts whose small copies are there
    saved: bool  # in a backup

    def between(self, before: "State", after: "State") -> str:
        """What is neither as before nor as after, in words; of several posts each may be either."""
        if self.active not in (before.active, after.active):
            return f"the model is {self.active}"
        for name in sorted({*self.posts, *before.posts, *after.posts}):
            now, earlier, later = (state.posts.get(name) for state in (self, before, after))
            # A line that says that a post is about a child withholds it at once, before it is written anew.
            is_withheld = now is not None and now.is_held and earlier is not None and now.content == earlier.content
            if now not in (earlier, later) and not is_withheld:
                return f"the post {name} is neither as before nor as after: {self.posts.get(name)}"
        if not before.memory <= self.memory <= after.memory:
            return f"{self.memory - after.memory} is remembered, {before.memory - self.memory} is not"
        if self.posts == after.posts != before.posts and self.memory != after.memory:
            return f"all is done, and {after.memory - self.memory} is not remembered"
        return ""

    def difference(self, other: "State") -> str:
        """In which parts two states differ."""
        return ", ".join(name for name in self._fields if getattr(self, name) != getattr(other, name))


class Deed(NamedTuple):
    """What is done to a home."""

    do: Callable[[House], Any]


def _send(house: House, *posts: dict[str, Any]) -> None:
    here = replace(house, photos=replace(house.photos, decoder=None))  # no processes: they take a second to start
    for result in here.pipeline().take(lines(*posts), InlinePhotos()):
        if result.status == "rejected" and result.reason == "cannot_store":
            raise PhotosenseError(str(result))


def _save(house: House) -> None:
    shutil.rmtree(house.settings.home.with_name(_SAVED), ignore_errors=True)
    backup(house.settings.home.with_name(_SAVED), house.settings.home)


def _publish(house: House) -> None:
    models = house.settings.models_path
    publish(house.store, models, load_model(models / house.settings.home.parent.with_name(_WAITING).read_text()))


def _remover(house: House) -> Remover:
    return Remover(house.store, house.law, house.photos.renditions)


_NEW: Final = post("new", "city", photo=encoded("city", 70), child=False)
_EDITED: Final = post("p03", "mountains", photo=encoded("mountains", 71), child=False, version=2)
DEEDS: Final[Mapping[str, Deed]] = {
    "put": Deed(lambda house: _send(house, _NEW)),
    "replace": Deed(lambda house: _send(house, _EDITED)),
    "bulk": Deed(
        lambda house: _send(
            house,
            _NEW,
            _EDITED,
            post("kid", text="a toddler by the sea", photo=encoded("sea", 72)),
            post("held", "city", version=3),
            post("p04", "mountains", child=True, version=2),
        ),
    ),
    "delete": Deed(lambda house: _remover(house).delete("p02")),
    "delete of a held post": Deed(lambda house: _remover(house).delete("held")),
    "facts": Deed(lambda house: Desk(house.store, house.law).decide([Decision("p01", Child.CHILD)], "m1")),
    "takedown": Deed(lambda house: _remover(house).take_down("m1", "order 7", post="p05")),
    "publish": Deed(_publish),
    "backup": Deed(_save),
    "compaction": Deed(lambda house: house.store.optimize()),
}


def make_home(folder: Path) -> None:
    """A home of thirteen posts, one of them held, with a model in force and another that waits to be published."""
    settings = settings_of(folder)
    with open_house(settings) as house:
        _send(house, *crawl(12), post("held", text="a kid by the sea", child=True))
        first = retrain(house.store, settings.models_path, replace(RECIPE, passes=2), ENCODER.id, keep=1).model
        shutil.copytree(settings.models_path / first.id, folder / "first")
        retrain(house.store, settings.models_path, replace(RECIPE, passes=2, seed=7), ENCODER.id, keep=1)
        (folder / "first").rename(settings.models_path / first.id)
        folder.with_name(_WAITING).write_text(first.id)
    _make_small(settings.store_path)


def _make_small(store: Path) -> None:
    """Cut what the engine preallocates for thousands of posts, of which each opening of a store reads every byte."""
    note = orjson.loads((store / FILES).read_bytes())
    shard = store / note["shard"]
    for config in shard.glob("segments/*/**/config.json"):
        sizes_of, row = orjson.loads(config.read_bytes()), 1024
        if "page_size_bytes" in sizes_of:
            blocks = sizes_of["region_size_blocks"]
            sizes_of["page_size_bytes"] = page = blocks * sizes_of["block_size_bytes"]
            cut = {"page_0.dat": page, "bitmask.dat": blocks // 8, "gaps.dat": 6, "tracker.dat": 2**14}
        elif "chunk_size_bytes" in sizes_of:
            sizes_of |= {"chunk_size_vectors": row, "chunk_size_bytes": 4 * row * sizes_of["dim"]}
            cut = {"chunk_0.mmap": sizes_of["chunk_size_bytes"]}
        else:
            continue
        config.write_bytes(orjson.dumps(sizes_of))
        for name, size in cut.items():
            os.truncate(config.with_name(name), size)
    (store / FILES).write_bytes(orjson.dumps({**note, "files": sizes(shard), "sums": sums(shard)}))


def do_apart(folder: Path, name: str, mode: Fate, number: int) -> int:
    """Do something in a process that may be killed within; gives how many steps it took."""
    with open_house(settings_of(folder)) as house, faults(mode, number, folder.parent) as armed:
        DEEDS[name].do(house)
        return armed.count


def settings_of(folder: Path) -> Settings:
    """Settings of a home that keeps small copies, and reads no ideas, which would take longest of all to open."""
    return Settings(home=folder, renditions=True, threads=1, processes=0, ideas=False)


def state(house: House) -> State:
    """What a home that is open holds; its records are whole, and so is a backup, or it is none."""
    posts, photos = {}, set()
    with_words = {point.id for point in house.store.scroll(Has(WORDS))}
    for point in house.store.scroll():
        shown = {name: point.payload.get(name) for name in _COMPARED}
        shown |= {name: vector.tobytes() for name, vector in point.vectors.items()}
        standing = (
            point.payload[Fields.VIS],
            point.payload[Fields.CHILD],
            point.facts["child"],
            point.id in with_words,
        )
        posts[point.id] = PostState(repr(shown), repr(standing), point.payload[Fields.VIS] == Vis.HELD)
        if house.photos.renditions is not None and house.photos.renditions.has(point.id, shown_photo(point)):
            photos.add(point.id)
    settings = house.settings
    broken = [str(verify(path)) for path in _records(settings) if verify(path).breaks]
    assert broken == []
    return State(posts, house.store.in_force(), _memory(settings), frozenset(photos), _saved(settings))


def _records(settings: Settings) -> list[Path]:
    return [settings.takedowns_path, settings.tombstones_path, settings.audit_path]


def _memory(settings: Settings) -> frozenset[str]:
    marks = set[str]()
    for path in _records(settings)[:2]:
        for record in Chain(path).records():
            marks.update(record.entry.get("marks") or ())
            if record.entry.get("state") == HELD:
                marks.add(f"{record.entry['cause']} {record.entry['post']}")
    return frozenset(marks)


def _saved(settings: Settings) -> bool:
    """Whether there is a backup, every file of which is what was saved."""
    folder = settings.home.with_name(_SAVED)
    if not folder.exists():
        return False
    verified(folder / "store")
    return read_manifest(folder) is not None
