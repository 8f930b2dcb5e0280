"""What a backup holds beside the store: the home folder with all that the law needs, the settings and the rules."""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

from compliance.records.volumes import closed_file, raw_lines, record_of, volumes, volumes_before
from photosense.errors import PhotosenseError
from photosense.service.home_status import BACKUP
from photosense.settings import Settings, settings_file
from qdrant.edge.files import checksum

MANIFEST: Final = "manifest.json"
HOME: Final = "home"
SETTINGS: Final = "settings"
_MODELS: Final = "models"
_FORMER: Final = "store-format-"  # begins the name of what an upgrade kept
_RENDITIONS: Final = "renditions"
# How processes of one home keep out of each other's way.
_WAYS: Final = (
    "store.lock",
    "store.turn",
    "store.compaction",
    "store.door",
    "law.turn",
    "law.presence",
    "check.turn",
    "tasks.lock",
)
_CHECKS: Final = ("checked.json", "mapped.json", "move.begun")  # of this very store
# The store has a copy of its own, and what a run of `photosense ingest` left is of no use to another store.
# Tasks that waited are not done by the home that a backup is put into, and repeats of requests are of that day.
_TASKS: Final = ("imports", "tasks.sqlite", "tasks.sqlite-journal", "repeats.sqlite", "repeats.sqlite-journal")
# A key that was revoked since the backup must not come back with it.
_KEYS: Final = ("keys.json", "keys.secret", "keys.turn")
_NOT_SAVED: Final = (
    BACKUP,
    *_CHECKS,
    *_TASKS,
    "store",
    "rejected",
    "journal",
    "feedback",
    _MODELS,
    "renditions.secret",
    *_KEYS,
    *_WAYS,
)


def save_home(settings: Settings, folder: Path, posts: int, model: str | None, before: Path | None = None) -> None:
    """Copy the home but its store, with the model in force, the settings file and the rules, into a backup.

    Small copies of photos, which never change, are those of the backup `before` where it has them.
    """
    with _written(folder):
        (folder / HOME).mkdir(parents=True)
        (folder / SETTINGS).mkdir()
        for entry in sorted(settings.home.iterdir(), key=_heads_first):
            if entry.name not in _NOT_SAVED and not entry.name.startswith((".", _FORMER)) and not record_of(entry.name):
                _copy(entry, folder / HOME / entry.name, None if before is None else before / HOME)
        _copy_volumes(settings, folder / HOME)
        if model is not None:
            _copy(settings.models_path / model, folder / HOME / _MODELS / model)
        for file in _named_files(settings).values():
            if file.is_file():
                _copy(file, folder / SETTINGS / file.name)
        files = {
            str(file.relative_to(folder)): _sum(file) for part in (HOME, SETTINGS) for file in _files(folder / part)
        }
        manifest = {"posts": posts, "model": model, "files": files}
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=2), "utf-8")


def read_manifest(folder: Path) -> Mapping[str, Any] | None:
    """The manifest of a backup, after every file that it names was compared with it; None for one of before it."""
    if not (folder / MANIFEST).exists():
        return None
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
        int(manifest["posts"])
        for name, saved in manifest["files"].items():
            if not (folder / name).is_file() or _sum(folder / name) != saved:
                raise PhotosenseError(f"{folder} is damaged ({name} is not what was saved): use another backup.")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise PhotosenseError(f"{folder} is no backup (its {MANIFEST} is damaged): use another one.") from None
    return manifest


def check_home(home: Path, folder: Path) -> frozenset[str]:
    """Refuse a home that is not empty; gives the records that stay, because they go on from those of the backup.

    Who lost a store but not its register would else show what was taken down since the backup.
    """
    present = {entry.name for entry in home.iterdir()} if home.is_dir() else set()
    records = {name for name in present if name.endswith(".ndjson")}
    beside = {name for name in present if _record_of(name) in records}
    salts = {f"{record.removesuffix('.ndjson')}.salt" for record in records} & present
    volumes = {name for name in present if record_of(name) in records}
    stay = records | beside | salts | volumes
    other = sorted(name for name in present - stay - {*_KEYS, *_WAYS} if not name.startswith("."))
    if other:
        raise PhotosenseError(
            f"{home} is not empty, {other[0]} exists: move it away first, a restore replaces nothing. Records "
            "(takedowns.ndjson, tombstones.ndjson, audit.ndjson and what lies beside them) may stay, where they go on "
            "from the backup's."
        )
    for name in sorted(records | salts):
        saved = folder / HOME / name
        if saved.is_file() and name not in volumes and not _goes_on(home / name, saved):
            raise PhotosenseError(
                f"{home / name} does not go on from that of the backup: move it away first, with what lies beside it, "
                "or use a backup of this home."
            )
    return frozenset(stay)


def bring_home(settings: Settings, folder: Path, aside: Path, stay: frozenset[str]) -> None:
    """Copy what a backup holds of a home to where it is put together; rules and settings go where they are missing."""
    with _written(settings.home):
        records = {name for name in stay if name.endswith(".ndjson")}
        for entry in sorted((folder / HOME).iterdir()):
            kept = entry.name in stay or _record_of(entry.name) in records
            if not kept:
                _copy(entry, aside / entry.name)
        for file in _named_files(settings).values():
            saved = folder / SETTINGS / file.name
            if saved.is_file() and not file.exists():
                _copy(saved, file)


def other_settings(settings: Settings, folder: Path) -> list[Path]:
    """The settings and rules of a backup that differ from those in force."""
    named = {file.name: file for file in _named_files(settings).values()}
    saved = sorted((folder / SETTINGS).glob("*"))
    return [file for file in saved if file.name not in named or named[file.name].read_bytes() != file.read_bytes()]


def _named_files(settings: Settings) -> dict[str, Path]:
    """The files outside the home that say how the service works."""
    files = {"settings": settings_file()}
    return files if settings.rules is None else {**files, "rules": settings.rules}


def _record_of(name: str) -> str:
    """The record that a file lies beside."""
    return name.removesuffix(".head").removesuffix(".torn").removesuffix(".twin").removesuffix(".damaged")


def _goes_on(path: Path, saved: Path) -> bool:
    """Whether a record, all its volumes, begins with all that was saved of it."""
    ours = (line for file in volumes(path) for line in raw_lines(file))
    return all(next(ours, None) == line for file in volumes(saved) for line in raw_lines(file))


def _heads_first(path: Path) -> tuple[bool, str]:
    """A head that is older than its file is no harm, a newer one would miss lines."""
    return not path.name.endswith(".head"), path.name


def _copy_volumes(settings: Settings, home: Path) -> None:
    """Copy the volumes of the audit that was copied, as it says itself: another may have been closed since."""
    for number in range(1, volumes_before(home / settings.audit_path.name) + 1):
        place = closed_file(settings.audit_path, number)
        for file in (place, place.with_name(f"{place.name}.gz")):
            if file.is_file():
                _copy(file, home / file.name)


def _copy(source: Path, target: Path, before: Path | None = None) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.name == _RENDITIONS:
        present = partial(_copy_present, root=source, before=None if before is None else before / _RENDITIONS)
        shutil.copytree(source, target, ignore=shutil.ignore_patterns(".*"), copy_function=present)
    elif source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy2(source, target)


def _copy_present(source: str, target: str, *, root: Path, before: Path | None) -> str:
    """Copy a file that may be gone by now: posts are deleted while a backup is made."""
    with suppress(FileNotFoundError):
        if before is None or not _is_there(Path(source), earlier := before / Path(source).relative_to(root)):
            shutil.copy2(source, target)
        else:
            os.link(earlier, target)
    return target


def _is_there(file: Path, earlier: Path) -> bool:
    """Whether a backup has a file that never changes: the same name, size and time are the same file."""
    try:
        ours, theirs = file.stat(), earlier.stat()
    except FileNotFoundError:
        return False
    return (ours.st_size, ours.st_mtime_ns) == (theirs.st_size, theirs.st_mtime_ns)


def _files(folder: Path) -> Iterator[Path]:
    return (file for file in sorted(folder.rglob("*")) if file.is_file())


def _sum(file: Path) -> list[Any]:
    return [file.stat().st_size, checksum(file)]


@contextmanager
def _written(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PhotosenseError(
            f"{error.filename or path} cannot be written: {error.strerror}. Give a writable folder with room in it."
        ) from None
