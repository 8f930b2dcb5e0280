"""Renditions on disk: files beside the store, each named by its post and by the photo that the post shows.

Who reads one names both, as the store has them at that moment: a post that is gone, or that shows another photo by
now, has none here, whatever files are left of it.
"""

import errno
import hashlib
import logging
import os
import shutil
import time
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from common.files import write_file
from qdrant.points import Fields, StoredPoint
from vision.rendition import SIZES, SMALL, Renditions

RESERVE: Final = 2**29  # of free space, in bytes: the store has its own, and comes first
_YOUNG: Final = 3600  # seconds in which the post of a file may still be on its way into the store

_PHOTO: Final = "photo:"  # begins the key of a photo, as `keys_of` writes it
_SUM: Final = 32  # letters behind the picture, which no viewer reads
_PICTURE_ENDS: Final = b"\xff\xd9"  # a file of before renditions had sums ends with its picture

_log = logging.getLogger(__name__)


class Kept(NamedTuple):
    """How many photos have renditions, and how many bytes these take."""

    photos: int
    bytes: int


class RenditionFolder:
    """Small copies of photos, by post and photo; several processes may use one folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def has(self, post: str, photo: str) -> bool:
        """Whether a post has renditions of the photo that it shows."""
        return bool(photo) and os.path.isfile(self._file_name(post, photo, SMALL))  # noqa: PTH113 - asked for every hit

    def read(self, post: str, photo: str, size: int) -> bytes | None:
        """The rendition of a photo, where there is one; one that rotted is removed, so that it can be made anew."""
        if not photo:
            return None
        file = self._file(post, photo, size)
        try:
            picture = _picture_in(file.read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            return None
        if picture is None:
            _log.warning("the rendition %s is damaged and goes: send its post again", file.name)
            _unlink(file)
            _unlink(self._file(post, photo, SMALL))  # all are made anew where it is missing
        return picture

    def write(self, post: str, photo: str, renditions: Renditions) -> None:
        """Keep what was made of a post's photo, safe on disk; OSError where that cannot be."""
        self.path.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self.path).free < RESERVE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        for size in sorted(renditions, reverse=True):  # the small one last: where it is, all are
            file = self._file(post, photo, size)
            file.parent.mkdir(parents=True, exist_ok=True)
            write_file(file, renditions[size] + _sum(renditions[size]))

    def remove(self, posts: Iterable[str], but: str = "") -> None:
        """Remove all that is kept of posts, but of the photo that is named."""
        if self.path.is_dir():
            for post in posts:
                name = _name(post)
                for file in self._files_of(name):
                    if not but or not file.name.startswith(f"{name}-{but}-"):
                        _unlink(file)

    def sweep(self, shown: Iterable[tuple[str, str]]) -> int:
        """Remove what belongs to no post and photo that is shown; gives how many files that were."""
        known = {f"{_name(post)}-{photo}" for post, photo in shown if photo}
        old = time.time() - _YOUNG
        gone = 0
        for entry in self._entries():
            if entry.name.rpartition("-")[0] not in known and entry.stat().st_mtime < old:
                gone += _unlink(Path(entry.path))
        return gone

    def damaged(self) -> list[Path]:
        """The files that do not hold the picture that was written, by reading every one."""
        return [Path(entry.path) for entry in self._entries() if _picture_in(Path(entry.path).read_bytes()) is None]

    def kept(self) -> Kept:
        """Count what is there, by looking at every file."""
        small, size = 0, 0
        for entry in self._entries():
            small += entry.name.endswith(_ending(SMALL))
            size += entry.stat().st_size
        return Kept(small, size)

    def _file(self, post: str, photo: str, size: int) -> Path:
        return Path(self._file_name(post, photo, size))

    def _file_name(self, post: str, photo: str, size: int) -> str:
        name = _name(post)
        return f"{self.path}/{_shard(name)}/{name}-{photo}{_ending(size)}"

    def _files_of(self, name: str) -> Collection[Path]:
        return list((self.path / _shard(name)).glob(f"{name}-*"))

    def _entries(self) -> Iterator[os.DirEntry[str]]:
        if not self.path.is_dir():
            return
        for shard in self.path.glob("*/*/"):
            with os.scandir(shard) as entries:
                yield from (entry for entry in entries if entry.name.endswith(tuple(map(_ending, SIZES))))


def shown_photo(point: StoredPoint) -> str:
    """The photo that a stored post shows, by the key that stands in its point; empty without one."""
    keys = point.payload.get(Fields.CONTENT) or ()
    return next((key for key in keys if key.startswith(_PHOTO)), _PHOTO).removeprefix(_PHOTO)


def _sum(picture: bytes) -> bytes:
    return hashlib.blake2b(picture, digest_size=_SUM // 2).hexdigest().encode()


def _picture_in(file: bytes) -> bytes | None:
    """The picture of a file; None where it is not the one that was written."""
    if file.endswith(_PICTURE_ENDS):
        return file
    picture, sum_ = file[:-_SUM], file[-_SUM:]
    return picture if _sum(picture) == sum_ else None


def _name(post: str) -> str:
    """A post as a file's name has it: ids hold slashes, and are longer than names may be."""
    return hashlib.sha256(post.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def _shard(name: str) -> str:
    return f"{name[:2]}/{name[2:4]}"


def _ending(size: int) -> str:
    return f"-{size}.jpg"


def _unlink(file: Path) -> bool:
    """Remove a file; one that stays is read by nobody, and goes with the next sweep."""
    try:
        file.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        _log.warning("a rendition cannot be removed (%s): `photosense optimize` tries again", error.strerror)
        return False
    return True
