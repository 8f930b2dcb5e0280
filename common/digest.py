"""What a file holds, as a digest: a folder says of each of its files what it must be."""

import hashlib
from collections.abc import Mapping
from pathlib import Path


def file_digest(file: Path) -> str:
    """Tell what a file holds."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def damaged_file(folder: Path, digests: Mapping[str, str]) -> Path | None:
    """Name a file of a folder that is not what its digest says."""
    files = ((folder / name, digest) for name, digest in digests.items())
    return next((file for file, digest in files if file_digest(file) != digest), None)
