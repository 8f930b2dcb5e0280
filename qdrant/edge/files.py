"""The files of a store's folder: their sizes, so that a lost or cut one is noticed, and copies with checksums."""

import hashlib
import os
import shutil
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePath
from typing import TypeVar

T = TypeVar("T")
_BLOCK = 2**16
_NOTHING = bytes(_BLOCK)
_AT_ONCE = 2  # files that are summed up: one is read while another is reckoned
# These only grow as long as their segment lives, so that they can be checked after a crash as well.
_GROWING = ("segment.json", "mutable_id_tracker.mappings", "page_*.dat", "chunk_*.mmap")


def sizes(folder: Path) -> dict[str, int]:
    """Tell the size of every file below a folder."""
    return {name: file.stat().st_size for name, file in _files(folder)}


def allocated(folder: Path) -> int:
    """Tell how much of the disk a folder takes: its files have holes."""
    return sum(file.stat().st_blocks * 512 for _, file in _files(folder))


def lost(folder: Path, known: Mapping[str, int], *, closed: bool) -> str | None:
    """Name a file that is missing or cut short since its size was known; after a crash only some can be told."""
    there = sizes(folder)
    for name, size in known.items():
        if not closed and not any(PurePath(name).match(pattern) for pattern in _GROWING):
            continue
        if name not in there:
            return f"{name} is missing"
        if there[name] < size:
            return f"{name} has {there[name]} bytes of {size}"
    return None


def sums(folder: Path) -> dict[str, str]:
    """Sum up what every file below a folder holds; holes and zeros count for nothing, so that copies agree."""
    files = {name: file.path for name, file in _files(folder)}
    return dict(zip(files, _each(content_sum, files.values()), strict=True))


def content_sum(file: Path | str) -> str:
    """Sum up what a file holds, at the speed of a disk: against rot, not against a forger."""
    total = hashlib.blake2b(digest_size=16)
    for place, block in _blocks(file):
        total.update(place.to_bytes(8) + zlib.crc32(block).to_bytes(4))
    return total.hexdigest()


def rotten(folder: Path, known: Mapping[str, str]) -> list[str]:
    """Name the files that do not hold what they held when they were summed up."""
    found = _each(_sum_or_none, [f"{folder}/{name}" for name in known])
    return [name for name, sum_ in zip(known, found, strict=True) if sum_ != known[name]]


def _sum_or_none(file: str) -> str | None:
    try:
        return content_sum(file)
    except OSError:
        return None


def _each(ask: Callable[[str], T], files: Iterable[str]) -> list[T]:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(ask, files))


def copy(source: Path, target: Path) -> dict[str, tuple[int, str]]:
    """Copy a folder, but for holes and zeros, to one that does not exist; gives size and checksum of every file."""
    checksums = {}
    for name, entry in _files(source):
        file, size = Path(entry.path), entry.stat().st_size
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        _copy_file(file, target / name)
        checksums[name] = (size, data_checksum(file))
    return checksums


def checksum(file: Path) -> str:
    """Sum a file up, such that another content has another sum."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def data_checksum(file: Path) -> str:
    """Sum up what a file holds as `checksum` does, but for holes and zeros: a store preallocates most of its files."""
    total = hashlib.blake2b(digest_size=16)
    for place, block in _blocks(file):
        total.update(place.to_bytes(8))
        total.update(block)
    return total.hexdigest()


def _files(folder: Path | str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Every file by its name below the folder; nothing of a folder that is gone."""
    try:
        with os.scandir(folder) as entries:
            there = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in there:
        if entry.is_dir():
            yield from ((f"{entry.name}/{name}", file) for name, file in _files(entry.path))
        else:
            yield entry.name, entry


def _copy_file(source: Path, target: Path) -> None:
    with target.open("wb") as write:
        for place, block in _blocks(source):
            write.seek(place)
            write.write(block)
        write.truncate(source.stat().st_size)
    shutil.copystat(source, target)


def _blocks(file: Path | str) -> Iterator[tuple[int, bytes]]:
    """Give the blocks of a file that hold something but zeros, and where each begins."""
    place = 0
    with open(file, "rb", buffering=0) as stream:  # noqa: PTH123  # a Path for each of a hundred files costs as much as reading it
        for start, end in _data(stream.fileno(), os.fstat(stream.fileno()).st_size):
            place = max(place, start - start % _BLOCK)
            stream.seek(place)
            while place < end and (block := stream.read(_BLOCK)):
                if block != (_NOTHING if len(block) == _BLOCK else bytes(len(block))):
                    yield place, block
                place += len(block)


def _data(handle: int, size: int) -> Iterator[tuple[int, int]]:
    """Give the parts of a file that are no holes."""
    end = 0
    while end < size:
        try:
            start = os.lseek(handle, end, os.SEEK_DATA)
            end = os.lseek(handle, start, os.SEEK_HOLE)
        except OSError:  # nothing but a hole is left
            return
        yield start, end
