"""Where tests keep their folders."""

import shutil
from pathlib import Path


def fast_folder() -> Path | None:
    """Memory that looks like a disk, where there is enough of it: nothing here is about the disk itself."""
    folder = Path("/dev/shm")  # noqa: S108 - folders of their own are made there
    return folder if folder.is_dir() and shutil.disk_usage(folder).free > 4 * 2**30 else None
