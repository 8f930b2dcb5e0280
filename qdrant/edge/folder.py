"""The embedded store's folder: one owner at a time, a format that is checked, and a reserve of free space."""

import errno
import fcntl
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import orjson

from common.digest import check_seal, sealed
from common.files import new_folder, sync, write_file
from qdrant.edge.files import lost, rotten, sizes, sums
from qdrant.engine.about import About, OtherFormat, unpack
from qdrant.errors import StoreBusy, StoreDamaged, StoreDown, StoreError, StoreFull
from qdrant.points import WORDS

RESERVE = 256 * 2**20  # a full disk kills the engine's process (SIGBUS) instead of raising
FLOOR = 32 * 2**20  # what takes no room, as withholding a post, may go on into the reserve as far as this
WAY_BACK = "restore it with `photosense restore BACKUP`, or move the folder away and ingest the posts again"
_VECTORS = "vector_storage-"  # begins the names of the engine's folders of vectors
_ABOUT, FILES, _SHARD, _LEDGER = "store.json", "files.json", "shard-1", "ledger"
_SUMS = "sums"


class Folder:
    """Owns the folder from opening to closing."""

    def __init__(self, path: Path, create: Callable[[Path], None], remark: str = "", *, former: bool = False) -> None:
        """Lock the folder, with a remark for others; `create` makes the engine's files when there is no store yet.

        With `former` it may be of a former format, which is not served.
        """
        self.path = path
        self._former = former
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = own(path, remark)
        except OSError as error:
            raise StoreDown(
                f"The folder {path.parent} cannot be used: {error.strerror}. Give a writable folder."
            ) from error
        try:
            if not path.exists():
                self.check_space()
                _build(path, create)
            self.about, self._shard = self._read()
            self.held = self._check_files()
            self.clear_up()
        except BaseException:
            self._lock.close()
            raise

    @property
    def shard(self) -> Path:
        """Where the engine keeps its files."""
        return self.path / self._shard

    @property
    def ledger(self) -> Path:
        """Where it is noted what the engine has not put on disk yet."""
        return self.path / _LEDGER

    @property
    def next_shard(self) -> Path:
        """Where a compacted copy is made; nothing is there yet."""
        shard = self.path / f"shard-{int(self._shard.partition('-')[2] or 0) + 1}"
        shutil.rmtree(shard, ignore_errors=True)
        return shard

    def check_space(self, needed: int = 0, kept: int | None = None) -> None:
        """Raise StoreFull when writing so many bytes could fill the disk."""
        check_space(self.path if self.path.exists() else self.path.parent, needed, kept)

    def write(self, about: About) -> None:
        """Record what the store says of itself, in one step; whatever fails, this knows what stands there."""
        try:
            _write(self.path / _ABOUT, sealed({**about.pack(), "shard": self._shard}))
            self.about = about
        except StoreError:
            self.about, self._shard = _record_in(self.path, former=self._former)
            raise

    def switch(self, shard: Path) -> None:
        """Put another shard in the place of the old one, in one step; `clear_up` removes that."""
        try:
            sync(shard)
        except OSError as error:
            raise refusal(shard, error) from error
        self._shard = shard.name
        try:
            self.write(self.about)
        except StoreError:
            if self._shard != shard.name:
                raise
        with suppress(StoreError):  # the list of before is of the shard of before, and says nothing of this one
            self.mark()

    def mark(self, held: Mapping[str, int] | None = None) -> None:
        """Note which files there are and, when the store is closed in order, what they hold, vectors of each name."""
        _write(self.path / FILES, {**self._files(held), **({} if held is None else {_SUMS: sums(self.shard)})})

    def list_of_files(self, held: Mapping[str, int]) -> bytes:
        """The note of a folder that is closed in order, for a copy of it, but for what its files hold."""
        return orjson.dumps(self._files(held), option=orjson.OPT_INDENT_2)

    def _files(self, held: Mapping[str, int] | None) -> dict[str, Any]:
        return {"held": held, "shard": self._shard, "files": sizes(self.shard)}

    def close(self) -> None:
        """Let the next owner in."""
        self._lock.close()

    def _read(self) -> tuple[About, str]:
        about, shard = _record_in(self.path, former=self._former)
        if not (self.path / shard).is_dir():
            raise StoreDamaged(f"{self.path} has lost its folder `{shard}`: {WAY_BACK}.")
        return about, shard

    def _check_files(self) -> Mapping[str, int] | None:
        try:
            noted = orjson.loads((self.path / FILES).read_bytes())
            files, held, of = noted["files"], noted["held"], noted["shard"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreDamaged(f"{self.path} has lost its list of files ({FILES}): {WAY_BACK}.") from error
        # A model or an index that was dropped just before a crash has taken its files along.
        names = {f"{_VECTORS}{name}" for name in (WORDS, *self.about.names)}
        expected = {
            name: size
            for name, size in files.items()
            if of == self._shard and (held is not None or _is_kept(Path(name).parts, names))
        }
        missing = lost(self.shard, expected, closed=held is not None)
        if missing:
            raise self.damaged(f"{self._shard}/{missing}")
        if held is not None and of == self._shard:
            self._check_sums(noted.get(_SUMS) or {})
        return dict(held) if held is not None and of == self._shard else None

    def _check_sums(self, known: Mapping[str, str]) -> None:
        """Compare what files hold with what they held: what the engine maps, it believes."""
        if damage := rotten(self.shard, known):
            more = f", and {len(damage) - 1} more" if len(damage) > 1 else ""
            raise self.damaged(f"{self._shard}/{damage[0]} is not what was left{more}")

    def damaged(self, how: str) -> StoreDamaged:
        """Say that what lies here is not what was left."""
        return StoreDamaged(f"The store {self.path} is damaged ({how}): {WAY_BACK}.")

    def clear_up(self) -> None:
        """Remove what a compaction that was cut short has left."""
        for left in self.path.glob("shard*"):
            if left.name != self._shard:
                shutil.rmtree(left, ignore_errors=True)


def active_in(path: Path) -> str | None:
    """Tell which model a store is searched by, whoever has it open; None where there is no store."""
    return _record_in(path)[0].active if (path / _ABOUT).is_file() else None


def _record_in(path: Path, *, former: bool = False) -> tuple[About, str]:
    """What a store says of itself, and where the engine keeps its files."""
    try:
        packed = orjson.loads((path / _ABOUT).read_bytes())
        check_seal(packed)
        return unpack(packed, former=former), packed.get("shard", "shard") if former else packed["shard"]
    except OtherFormat as other:
        way = "`photosense upgrade` brings it forward" if other.is_former else "Take the version that wrote it"
        raise StoreDamaged(f"{path} has {other}. {way}, or move the folder away and ingest the posts again.") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreDamaged(f"{path} is no photosense store ({_ABOUT} is missing or damaged): {WAY_BACK}.") from error


def check_space(path: Path, needed: int = 0, kept: int | None = None) -> None:
    """Raise StoreFull when writing so many bytes at a path would leave less than what is kept, usually the reserve."""
    free, kept = shutil.disk_usage(path).free, RESERVE if kept is None else kept
    if free < kept + needed:
        raise StoreFull(
            f"Only {free >> 20} MB are free at {path}; {needed >> 20} MB are needed and {kept >> 20} MB are kept "
            "in reserve. Nothing was written: free some space and send the posts again."
        )


def _is_kept(parts: tuple[str, ...], names: set[str]) -> bool:
    return not any(part.startswith(_VECTORS) and part not in names for part in parts)


def own(path: Path, remark: str = "") -> IO[str]:
    """Lock a folder for this process, until the file that is given is closed."""
    lock = path.with_name(path.name + ".lock").open("a+", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        owner = (lock.read().split() or ["unknown"])[0]
        lock.close()
        raise StoreBusy(
            f"The store {path} is in use by process {owner}, and one of you needs it alone, as training does: stop "
            "that process, or wait until it is done. With a Qdrant server (set PHOTOSENSE_QDRANT_URL) nobody has to."
        ) from None
    lock.truncate(0)
    lock.write(f"{os.getpid()} {remark}\n")
    lock.flush()
    return lock


def _build(path: Path, create: Callable[[Path], None]) -> None:
    """Make a new store aside and put it in place in one step."""
    with new_folder(path) as aside:
        create(aside / _SHARD)
        _write(aside / FILES, {"held": {}, "shard": _SHARD, "files": sizes(aside / _SHARD)})
        _write(aside / _ABOUT, sealed({**About().pack(), "shard": _SHARD}))


def _write(file: Path, content: Mapping[str, Any]) -> None:
    try:
        write_file(file, orjson.dumps(content, option=orjson.OPT_INDENT_2))
    except OSError as error:
        raise refusal(file, error) from error


def refusal(file: Path, error: OSError) -> StoreFull | StoreDown:
    """Say why a file of the store could not be written."""
    kind = StoreFull if error.errno == errno.ENOSPC else StoreDown
    return kind(f"{file} cannot be written: {error.strerror}. Free some space, or give a writable folder.")


def with_sums(list_of_files: bytes, folder: Path) -> bytes:
    """Add what its files hold to the list of a copy."""
    noted = orjson.loads(list_of_files)
    return orjson.dumps({**noted, _SUMS: sums(folder / noted["shard"])}, option=orjson.OPT_INDENT_2)
