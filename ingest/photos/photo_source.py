"""Where a post's photo comes from: a file beside the posts, base64 in the line, or a URL of a host that is allowed."""

import base64
import binascii
from pathlib import Path
from typing import Protocol

from ingest.errors import PostRejected
from ingest.photos.web_photos import WebPhotos
from vision.decoding.decode import MAX_BYTES


class PhotoSource(Protocol):
    """Gives the bytes of the photo that a post names."""

    def read(self, photo: str) -> bytes:
        """Read the bytes, or raise PostRejected with the reason."""
        ...


class InlinePhotos:
    """Photos as base64 in the line itself; URLs are left to `web`, which allows no host unless told."""

    def __init__(self, web: PhotoSource | None = None) -> None:
        self._web = web or WebPhotos()

    def read(self, photo: str) -> bytes:
        """Decode base64, with or without `data:image/...;base64,` before it."""
        if is_url(photo):
            return self._web.read(photo)
        encoded = photo.partition(",")[2] if photo.startswith("data:") else photo
        try:
            return base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            raise PostRejected(
                "photo_not_base64",
                f"The photo {photo[:40]!r} is not base64: over HTTP, send the bytes of the file as base64.",
            ) from None


class FolderPhotos:
    """Photos as files in the folder of the posts file, or below it; URLs are left to `web`."""

    def __init__(self, folder: Path, web: PhotoSource | None = None) -> None:
        self._folder = folder.resolve()
        self._inline = InlinePhotos(web)

    def read(self, photo: str) -> bytes:
        """Read a file by its path relative to the folder; a `data:` URI is taken as well."""
        if is_url(photo) or photo.startswith("data:"):
            return self._inline.read(photo)
        try:
            file = (self._folder / photo).resolve()
            if not file.is_relative_to(self._folder):
                raise PostRejected(
                    "photo_outside", f"The photo {photo[:80]!r} lies outside the folder of the posts file."
                )
            if not file.is_file():  # a pipe would keep us waiting
                raise FileNotFoundError
            with file.open("rb") as stream:
                return stream.read(MAX_BYTES + 1)  # enough to see that it is too large
        except (OSError, ValueError, RuntimeError):  # the last for links in a circle, before Python 3.13
            raise PostRejected(
                "photo_missing", f"The photo {photo[:80]!r} cannot be read: give its path relative to the posts file."
            ) from None


def is_url(photo: str) -> bool:
    """Tell a URL from a path or base64, which have no `://`."""
    return "://" in photo[:32]
