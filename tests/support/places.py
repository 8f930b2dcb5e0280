"""Where tests keep their folders."""

import shutil
from pathlib import Path


def fast_place() -> Path | None:
    """Memory that looks like a disk, where there is enough of it: nothing here is about the disk itself."""
    place = Path("/dev/shm")  # noqa: S108 - folders of their own are made there
    return place if place.is_dir() and shutil.disk_usage(place).free > 4 * 2**30 else None
