"""Backups of the embedded store: a copy of its folder with a manifest, verified before anything is restored."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from common.files import new_folder
from qdrant.edge.files import allocated, checksum, copy, data_checksum
from qdrant.edge.folder import FILES, check_space, with_sums
from qdrant.errors import BackupRefused, StoreDown
from qdrant.store import Saved

_MANIFEST, _STORE = "manifest.json", "store"
_OF_DATA = "data"  # holes and zeros count for nothing; in backups of before, which do not say so, every byte counts


def back_up(store: Path, folder: Path, posts: int, list_of_files: bytes) -> Saved:
    """Copy a store that nobody writes to into a new folder; it is there whole or not at all.

    The copy is like a store that was closed in order, by its `list_of_files`, though this one may be open.
    """
    if folder.exists():
        raise BackupRefused(f"{folder} exists already: name a folder that does not.")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        check_space(folder.parent, allocated(store))
        with new_folder(folder) as aside:
            files = copy(store, aside / _STORE)
            noted = with_sums(list_of_files, aside / _STORE)
            (aside / _STORE / FILES).write_bytes(noted)
            files[FILES] = (len(noted), data_checksum(aside / _STORE / FILES))
            manifest = {"posts": posts, "sums": _OF_DATA, "files": files}
            if (name := _other(aside / _STORE, manifest)) is not None:
                raise StoreDown(f"The backup {folder} does not read back as it was written ({name}): look at its disk.")
            (aside / _MANIFEST).write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
        return Saved(folder, posts, allocated(folder))
    except OSError as error:
        raise StoreDown(f"The backup {folder} cannot be written: {error.strerror}. Name a writable folder.") from error


def restore(folder: Path, store: Path) -> Saved:
    """Put a backup where no store is, after every one of its files was compared with its checksum."""
    if store.exists():
        raise BackupRefused(f"{store} exists: move it away first, a restore replaces nothing.")
    manifest = verified(folder)
    try:
        store.parent.mkdir(parents=True, exist_ok=True)
        check_space(store.parent, allocated(folder))
        with new_folder(store) as aside:
            copy(folder / _STORE, aside)
            if (name := _other(aside, manifest)) is not None:
                raise BackupRefused(f"{folder} did not arrive as it was saved ({name}): restore it again.")
        return Saved(store, manifest["posts"], allocated(store))
    except OSError as error:
        raise StoreDown(f"{store} cannot be written: {error.strerror}. Give a writable folder.") from error


def verified(folder: Path) -> Any:
    """Read the manifest of a backup and compare every file with it."""
    try:
        manifest = orjson.loads((folder / _MANIFEST).read_bytes())
        if (name := _other(folder / _STORE, manifest)) is not None:
            raise BackupRefused(f"{folder} is damaged ({name} is not what was saved): use another backup.")
        int(manifest["posts"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupRefused(f"{folder} is no backup of a store (its {_MANIFEST} is missing or damaged).") from error
    return manifest


def _other(folder: Path, manifest: Mapping[str, Any]) -> str | None:
    """Name a file that is not what it was."""
    sum_up = data_checksum if manifest.get("sums") == _OF_DATA else checksum
    files: Mapping[str, Sequence[Any]] = manifest["files"]
    for name, (size, sum_) in files.items():
        file = folder / name
        if not file.is_file() or file.stat().st_size != size or sum_up(file) != sum_:
            return name
    return None
