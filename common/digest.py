"""What a file holds, as a digest: a folder says of each of its files what it must be, a JSON object of itself."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

_SEAL: Final = "sum"  # the field of an object that sums up all others


def file_digest(file: Path) -> str:
    """Tell what a file holds."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def damaged_file(folder: Path, digests: Mapping[str, str]) -> Path | None:
    """Name a file of a folder that is not what its digest says."""
    files = ((folder / name, digest) for name, digest in digests.items())
    return next((file for file, digest in files if file_digest(file) != digest), None)


def sealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """The same object with a sum of it, so that no letter of it changes unnoticed."""
    plain = json.loads(json.dumps({name: value for name, value in content.items() if name != _SEAL}))
    return {**plain, _SEAL: hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:32]}


def check_seal(content: Mapping[str, Any]) -> None:
    """A ValueError where an object is not what its sum says; one of before has none."""
    if _SEAL in content and sealed(content)[_SEAL] != content[_SEAL]:
        raise ValueError("it is not what was written, its sum differs")
