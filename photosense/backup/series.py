"""A series of backups in one folder, named by their times: what did not change is shared, the oldest go."""

import os
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from photosense.backup.home_copy import MANIFEST
from photosense.errors import PhotosenseError
from qdrant.edge.files import content_sum

_NAME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ(-\d+)?")


def next_place(folder: Path, now: datetime) -> Path:
    """Where the next backup of a series goes; a folder that holds other things is refused."""
    strangers = [entry.name for entry in _entries(folder) if not _NAME.fullmatch(entry.name)]
    if strangers:
        raise PhotosenseError(
            f"{folder} is no folder of backups, {sorted(strangers)[0]} lies there: name one that is empty, or leave "
            "--keep out for a single backup.",
            "no_folder_of_backups",
        )
    name = f"{now.astimezone(UTC):%Y-%m-%dT%H-%M-%SZ}"
    number = next(number for number in range(1000) if not (folder / _numbered(name, number)).exists())
    return folder / _numbered(name, number)


def backups_in(folder: Path) -> list[Path]:
    """The backups of a series, the oldest first; one that was never finished is none."""
    return sorted(entry for entry in _entries(folder) if _NAME.fullmatch(entry.name) and (entry / MANIFEST).is_file())


def share(backup: Path, before: Path) -> int:
    """Let files that hold what an earlier backup holds be its very files; gives how many bytes that spares."""
    spared = 0
    for file in sorted(backup.rglob("*")):
        earlier = before / file.relative_to(backup)
        if not file.is_file() or not earlier.is_file() or file.samefile(earlier):
            continue
        if file.stat().st_size == earlier.stat().st_size and content_sum(file) == content_sum(earlier):
            spared += file.stat().st_blocks * 512
            aside = file.with_name(f".{file.name}.shared")
            os.link(earlier, aside)
            aside.replace(file)
    return spared


def drop_oldest(folder: Path, keep: int) -> list[str]:
    """Remove all but the latest backups of a series; gives the names of those that went."""
    gone = backups_in(folder)[:-keep]
    for backup in gone:
        shutil.rmtree(backup)
    return [backup.name for backup in gone]


def _entries(folder: Path) -> list[Path]:
    return [entry for entry in folder.iterdir() if not entry.name.startswith(".")] if folder.is_dir() else []


def _numbered(name: str, number: int) -> str:
    return f"{name}-{number}" if number else name
