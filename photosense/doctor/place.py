"""Where a home lies: its folder and rights, the room on its disk, open files, and the clock beside its records."""

import resource
import shutil
import stat
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from common.clock_watch import JUMP
from compliance.records.audit import last_time
from compliance.records.chain import verify
from photosense.doctor.diagnosis import Diagnosis, care, ill, well
from photosense.settings import Settings, settings_file
from qdrant.edge.files import allocated
from qdrant.edge.folder import RESERVE

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_FILES, _LEAST_FILES = 4096, 512  # open at once: a store has a hundred of its own, each connection one


def look_at_place(settings: Settings, now: datetime) -> Iterator[Diagnosis]:
    """Look at all of it."""
    yield from _rights(settings)
    yield from _room(settings)
    yield _open_files()
    yield _clock(settings, now)
    yield from _records(settings)


def _rights(settings: Settings) -> Iterator[Diagnosis]:
    home = settings.home
    if not home.exists():
        yield care("home", f"{home} is not there yet.", "`photosense ingest POSTS` makes it")
        return
    if not home.is_dir():
        yield ill("home", f"{home} is no folder.", "name another one: --home or PHOTOSENSE_HOME")
        return
    open_ = [path for path in (home, *sorted(home.iterdir())) if path.stat().st_mode & _OTHERS]
    if home.stat().st_mode & _OTHERS and open_:
        yield care("rights", f"{home} can be looked into by others.", f"chmod -R go-rwx {home}")
    else:
        yield well("rights", f"{home} is for its owner alone.")
    file = settings_file()
    if settings.api_key is not None and file.is_file() and file.stat().st_mode & _OTHERS and "key" in file.read_text():
        yield care("rights", f"{file} holds a key, and others can read it.", f"chmod go-rwx {file}")


def _room(settings: Settings) -> Iterator[Diagnosis]:
    path = next(path for path in (settings.home.absolute(), *settings.home.absolute().parents) if path.exists())
    free = shutil.disk_usage(path).free
    needed = 2 * allocated(settings.store_path) if settings.store_path.is_dir() else 0
    if free < RESERVE:
        yield ill("room", f"{free >> 20} MB are free at {path}: no post is taken any more.", "free some space")
    elif free < RESERVE + needed:
        yield care(
            "room",
            f"{free >> 20} MB are free at {path}, {RESERVE + needed >> 20} MB are needed to compact the store.",
            "free some space before `photosense optimize` or a backup beside it",
        )
    else:
        yield well("room", f"{free >> 20} MB are free at {path}.")


def _open_files() -> Diagnosis:
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    way_out = "LimitNOFILE=65536 in the systemd unit, `ulimit -n 65536` in a shell"
    if limit != resource.RLIM_INFINITY and limit < _LEAST_FILES:
        return ill("open files", f"A process may open {limit} files, too few for a store.", way_out)
    if limit != resource.RLIM_INFINITY and limit < _FILES:
        says = f"A process may open {limit} files: enough for some hundreds of visitors at once."
        return well("open files", says) if limit >= 1024 else care("open files", says, way_out)
    return well("open files", f"A process may open {limit if limit >= 0 else 'any number of'} files.")


def _clock(settings: Settings, now: datetime) -> Diagnosis:
    latest = last_time(settings.audit_path)
    if latest is not None and latest > now + JUMP:
        return ill(
            "clock",
            f"The audit has a line of {latest:%Y-%m-%d %H:%M}, and the clock says {now:%Y-%m-%d %H:%M}: it went "
            "back, or ran ahead before. Consents end and addresses of photos are good by it.",
            "set the clock (systemctl restart systemd-timesyncd, or chronyc makestep), then start the service again",
        )
    return well("clock", f"The clock says {now:%Y-%m-%d %H:%M} UTC, after all that was recorded.")


def _records(settings: Settings) -> Iterator[Diagnosis]:
    for path in (settings.takedowns_path, settings.tombstones_path, settings.audit_path):
        soundness = verify(path)
        if soundness.breaks:
            yield ill("records", str(soundness), "`photosense verify` says more; compare it with a backup")
