"""Where tests keep their folders, and copies of homes that cost little."""

import os
import shutil
from pathlib import Path


def fast_folder() -> Path | None:
    """Memory that looks like a disk, where there is enough of it: nothing here is about the disk itself."""
    folder = Path("/dev/shm")  # noqa: S108 - folders of their own are made there
    return folder if folder.is_dir() and shutil.disk_usage(folder).free > 4 * 2**30 else None


def copy_home(source: Path, target: Path) -> Path:
    """Copy a home, or its store, but for the zeros in it: stores preallocate, and hold next to nothing in tests."""
    return Path(shutil.copytree(source, target, copy_function=_copy_file))


_BLOCK = 2**16
_NOTHING = bytes(_BLOCK)


def _copy_file(source: str, target: str) -> None:
    if Path(source).stat().st_size < _BLOCK:
        shutil.copy2(source, target)
        return
    with Path(source).open("rb", buffering=0) as read, Path(target).open("wb", buffering=0) as write:
        place = 0
        while place < Path(source).stat().st_size:
            try:
                place = os.lseek(read.fileno(), place, os.SEEK_DATA)
            except OSError:  # nothing but a hole is left
                break
            block = read.read(_BLOCK)
            if block != _NOTHING:
                write.seek(place)
                write.write(block)
            place += len(block)
        write.truncate(Path(source).stat().st_size)
    shutil.copystat(source, target)
