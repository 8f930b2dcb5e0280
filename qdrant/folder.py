"""The embedded store's folder: one owner at a time, a format that is checked, and a reserve of free space."""

import fcntl
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import orjson

from qdrant.errors import StoreBusy, StoreDamaged, StoreDown, StoreFull

FORMAT = 1
RESERVE = 256 * 2**20  # a full disk kills the engine's process (SIGBUS) instead of raising
_ABOUT, _SHARD = "store.json", "shard"


@dataclass(frozen=True, slots=True)
class About:
    """What the store says of itself: the models it holds thetas of, and the one that is searched."""

    models: Mapping[str, int] = field(default_factory=dict)
    active: str | None = None


class Folder:
    """Owns the folder from opening to closing."""

    def __init__(self, path: Path, create: Callable[[Path], None]) -> None:
        """Lock the folder; `create` makes the engine's files when there is no store yet."""
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = _own(path)
        except OSError as error:
            raise StoreDown(
                f"The folder {path.parent} cannot be used: {error.strerror}. Give a writable folder."
            ) from error
        try:
            if not path.exists():
                self.check_space()
                _build(path, create)
            self.about = _read(path)
        except BaseException:
            self._lock.close()
            raise

    @property
    def shard(self) -> Path:
        """Where the engine keeps its files."""
        return self.path / _SHARD

    def check_space(self) -> None:
        """Raise StoreFull when writing on could fill the disk."""
        place = self.path if self.path.exists() else self.path.parent
        free = shutil.disk_usage(place).free
        if free < RESERVE:
            raise StoreFull(
                f"Only {free >> 20} MB are free at {place}; {RESERVE >> 20} MB are kept in reserve. "
                "Nothing was written: free some space and send the posts again."
            )

    def write(self, about: About) -> None:
        """Record what the store says of itself, in one step."""
        _write(self.path, about)
        self.about = about

    def close(self) -> None:
        """Let the next owner in."""
        self._lock.close()


def _own(path: Path) -> IO[str]:
    lock = path.with_name(path.name + ".lock").open("a+", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        owner = lock.read().strip() or "unknown"
        lock.close()
        raise StoreBusy(
            f"The store {path} is in use by process {owner}. Ask that service over HTTP, or stop it first; "
            "several processes need a Qdrant server (set PHOTOSENSE_QDRANT_URL)."
        ) from None
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock


def _build(path: Path, create: Callable[[Path], None]) -> None:
    """Make a new store aside and put it in place in one step."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    create(aside / _SHARD)
    _write(aside, About())
    aside.rename(path)


def _read(path: Path) -> About:
    try:
        about = orjson.loads((path / _ABOUT).read_bytes())
        if about["format"] != FORMAT:
            raise StoreDamaged(
                f"{path} has format {about['format']}, this version reads {FORMAT}. "
                "Move the folder away and ingest the posts again."
            )
        if not (path / _SHARD).is_dir():
            raise StoreDamaged(
                f"{path} has lost its folder `{_SHARD}`: restore it, or move {path} away and ingest again."
            )
        return About(about["models"], about["active"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreDamaged(
            f"{path} is no photosense store ({_ABOUT} is missing or damaged): restore it, or move the folder away."
        ) from error


def _write(path: Path, about: About) -> None:
    data = orjson.dumps({"format": FORMAT, "models": about.models, "active": about.active}, option=orjson.OPT_INDENT_2)
    aside = path / f".{_ABOUT}"
    with aside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path / _ABOUT)
