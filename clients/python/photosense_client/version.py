"""The version of this package, which it also names to the service."""

from typing import Final

VERSION: Final = "0.1.0"
