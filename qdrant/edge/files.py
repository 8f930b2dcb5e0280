"""The files of a store's folder: their sizes, so that a lost or cut one is noticed, and copies with checksums."""

import hashlib
import os
import shutil
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

_CHUNK = 2**20
_BLOCK = 2**16
_NOTHING = bytes(_BLOCK)
# These only grow as long as their segment lives, so that they can be checked after a crash as well.
_GROWING = ("segment.json", "mutable_id_tracker.mappings", "page_*.dat", "chunk_*.mmap")


def sizes(folder: Path) -> dict[str, int]:
    """Tell the size of every file below a folder."""
    return {str(file.relative_to(folder)): file.stat().st_size for file in _files(folder)}


def allocated(folder: Path) -> int:
    """Tell how much of the disk a folder takes: its files have holes."""
    return sum(file.stat().st_blocks * 512 for file in _files(folder))


def lost(folder: Path, known: Mapping[str, int], *, closed: bool) -> str | None:
    """Name a file that is missing or cut short since its size was known; after a crash only some can be told."""
    for name, size in known.items():
        file = folder / name
        if not closed and not any(file.match(pattern) for pattern in _GROWING):
            continue
        if not file.is_file():
            return f"{name} is missing"
        length = file.stat().st_size
        if length < size:
            return f"{name} has {length} bytes of {size}"
    return None


def sums(folder: Path) -> dict[str, str]:
    """Sum up what every file below a folder holds; holes and zeros count for nothing, so that copies agree."""
    return {str(file.relative_to(folder)): content_sum(file) for file in _files(folder)}


def content_sum(file: Path) -> str:
    """Sum up what a file holds, at the speed of a disk: against rot, not against a forger."""
    total = hashlib.blake2b(digest_size=16)
    place = 0
    with file.open("rb", buffering=0) as stream:
        for start, end in _data(stream.fileno(), os.fstat(stream.fileno()).st_size):
            place = max(place, start - start % _BLOCK)
            stream.seek(place)
            while place < end and (block := stream.read(_BLOCK)):
                if block != (_NOTHING if len(block) == _BLOCK else bytes(len(block))):
                    total.update(place.to_bytes(8) + zlib.crc32(block).to_bytes(4))
                place += len(block)
    return total.hexdigest()


def rotten(folder: Path, known: Mapping[str, str]) -> list[str]:
    """Name the files that do not hold what they held when they were summed up."""
    return [name for name, sum_ in known.items() if not _holds(folder / name, sum_)]


def _holds(file: Path, sum_: str) -> bool:
    try:
        return content_sum(file) == sum_
    except OSError:
        return False


def copy(source: Path, target: Path) -> dict[str, tuple[int, str]]:
    """Copy a folder, holes and all, to one that does not exist; gives size and checksum of every file."""
    checksums = {}
    for file in _files(source):
        name = file.relative_to(source)
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        _copy_file(file, target / name)
        checksums[str(name)] = (file.stat().st_size, checksum(file))
    return checksums


def checksum(file: Path) -> str:
    """Sum a file up, such that another content has another sum."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    return (Path(root) / name for root, _, names in sorted(os.walk(folder)) for name in sorted(names))


def _copy_file(source: Path, target: Path) -> None:
    with source.open("rb", buffering=0) as read, target.open("wb") as write:  # a buffer would not see the seeks
        for start, end in _data(read.fileno(), source.stat().st_size):
            read.seek(start)
            write.seek(start)
            while start < end and (chunk := read.read(min(_CHUNK, end - start))):
                write.write(chunk)
                start += len(chunk)
        write.truncate(source.stat().st_size)
    shutil.copystat(source, target)


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
