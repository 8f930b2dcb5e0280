"""Rights of a home: it is its owner's alone, also one that an earlier version made."""

import logging
from contextlib import suppress
from pathlib import Path
from typing import Final

_OTHERS: Final = 0o077
_log = logging.getLogger(__name__)


def mend_rights(home: Path) -> list[Path]:
    """Take from others what they may do with a home and what lies in it; gives what was open, and the log says so.

    Nobody comes through a folder that he may not enter, so nothing below is gone through.
    """
    if not home.is_dir():
        return []
    mended = []
    for path in (home, *sorted(home.iterdir())):
        with suppress(OSError):  # it has gone meanwhile, or is somebody else's: `photosense doctor` tells of it
            if not path.is_symlink() and (mode := path.stat().st_mode) & _OTHERS:
                path.chmod(mode & 0o7777 & ~_OTHERS)
                mended.append(path)
    if home in mended:
        _log.warning("%s could be looked into by others: it is its owner's alone now", home)
    return mended
