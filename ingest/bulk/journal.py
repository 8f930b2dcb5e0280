"""The journal of a run: how far it got, written after the store has acknowledged, so that a killed run goes on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from common.files import write_file
from ingest.errors import InputMissing
from ingest.post import hashed
from ingest.sources.source import PostSource


@dataclass(slots=True)
class Position:
    """Up to which line all is done, what was counted until then, and how long the file of dead letters was."""

    line: int = 0
    letters: int = 0
    seconds: float = 0.0
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    last: str | None = None


class Journal:
    """Remembers one run over one source under the same conditions; any other run begins anew. A file may have grown."""

    def __init__(self, folder: Path, source: PostSource, conditions: Mapping[str, Any]) -> None:
        """Keep a journal of `source` in `folder`; `conditions` are the settings that decide what becomes of a line."""
        path = str(source.file.resolve()).encode("utf-8", "surrogateescape")
        self._file = folder / f"{source.file.stem}-{hashed(path)[:8]}.json"
        self._run = hashed(path, source.signature(), orjson.dumps(conditions, option=orjson.OPT_SORT_KEYS))

    def read(self) -> Position | None:
        """Say how far the same run got; None when it has not begun, or is over."""
        try:
            kept = orjson.loads(self._file.read_bytes())
            return Position(**kept["position"]) if kept["run"] == self._run else None
        except (OSError, ValueError, KeyError, TypeError):  # none, or a damaged one: beginning anew harms nothing
            return None

    def write(self, position: Position) -> None:
        """Remember a position that is acknowledged; whoever reads sees the old one or the new one."""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_file(self._file, orjson.dumps({"run": self._run, "position": position}))
        except OSError as error:
            path = error.filename or self._file
            raise InputMissing(f"{path} cannot be written: {error.strerror}. Give a writable folder.") from error

    def forget(self) -> None:
        """Remember nothing: the run is over, or begins anew."""
        self._file.unlink(missing_ok=True)
