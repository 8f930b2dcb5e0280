"""One way to write a file or a folder: beside its place, safe on disk, then put in place.

A reader finds the old one or the new one, whole. A write that fails leaves the old one and nothing beside it; what a
writer that was killed left there goes with the next write into the same folder.
"""

import fcntl
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final

_BESIDE: Final = ".photosense-new"


def write_file(path: Path, content: bytes | str, *, private: bool = False) -> None:
    """Put a file in place; a text is written as UTF-8. A private one is read by its owner alone."""
    data = content.encode() if isinstance(content, str) else content
    with new_file(path, private=private) as aside:
        aside.write_bytes(data)


@contextmanager
def new_file(path: Path, *, private: bool = False) -> Iterator[Path]:
    """Give an empty file to write; it is put in place of `path` when all went well.

    What is no file, a pipe or /dev/stdout, is written to as it is.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        yield path
        return
    target = _real(path)
    with _beside(target.parent, partial(Path.touch, mode=0o600) if private else Path.touch) as aside:
        yield aside
        if target.exists() and not private:
            shutil.copymode(target, aside)
        put_in_place(aside, target)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Give an empty folder to fill; it is put in place of `path` when all went well.

    No system call swaps two folders everywhere: an old one is out of its place from one rename to the next.
    """
    target = _real(path)
    with _beside(target.parent, Path.mkdir) as aside:
        yield aside
        if not target.exists():
            put_in_place(aside, target)
            return
        shutil.copymode(target, aside)
        sync(aside)
        with _beside(target.parent, Path.mkdir) as old:
            target.rename(old)
            try:
                put_in_place(aside, target)
            except OSError:
                old.rename(target)
                raise


def put_in_place(aside: Path, path: Path) -> None:
    """Move what was written aside to its place, on disk before and after; both lie in one folder."""
    sync(aside)
    aside.replace(path)
    _sync_one(path.parent)


def sync(path: Path) -> None:
    """Have a file on disk, or a folder with all below it."""
    for root, _, names in os.walk(path):
        for name in names:
            _sync_one(Path(root) / name)
        _sync_one(Path(root))
    if not path.is_dir():
        _sync_one(path)


def _real(path: Path) -> Path:
    """Where a path leads to: a link stays one, and what it leads to is replaced."""
    return Path(os.path.realpath(path))


def _sync_one(path: Path) -> None:
    with _opened(path) as handle:
        os.fsync(handle)


@contextmanager
def _beside(folder: Path, make: Callable[[Path], None]) -> Iterator[Path]:
    """Make a place of a name that nobody else has; whoever clears up finds it locked as long as its writer lives."""
    aside = folder / f".{secrets.token_hex(6)}{_BESIDE}"
    with _opened(folder) as handle:
        if _lock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB):
            _clear(folder)
        _lock(handle, fcntl.LOCK_SH)  # nobody clears up before the new place has its lock
        make(aside)
        held = os.open(aside, os.O_RDONLY)
        _lock(held, fcntl.LOCK_SH)
    try:
        yield aside
    finally:
        os.close(held)
        _remove(aside)


def _clear(folder: Path) -> None:
    """Remove what killed writers left."""
    for left in folder.glob(f".*{_BESIDE}"):
        with suppress(FileNotFoundError), _opened(left) as handle:
            if _lock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB):
                _remove(left)


def _lock(handle: int, how: int) -> bool:
    """Whether the lock was had: another may hold it, and some disks over the network know none."""
    try:
        fcntl.flock(handle, how)
    except OSError:
        return False
    return True


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDONLY)
    try:
        yield handle
    finally:
        os.close(handle)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
