"""A secret of a home: made once, and read by its owner alone."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

_BYTES: Final = 32


def secret_in(path: Path) -> bytes:
    """The secret in a file, which is made where there is none; who makes one at the same moment has the same."""
    with suppress(FileNotFoundError, NotADirectoryError):
        if secret := path.read_bytes():
            return secret
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    file = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(file, secrets.token_bytes(_BYTES))
        os.fsync(file)
        with suppress(FileExistsError):
            os.link(aside, path)
    finally:
        os.close(file)
        aside.unlink()
    return path.read_bytes()
