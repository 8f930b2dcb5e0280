"""Files that the engine maps, against what they held: as long as nothing is written, none may change."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from common.files import write_file
from photosense.settings import Settings
from photosense.soundness.verdict import RESTORE, PartVerdict
from qdrant.edge.files import content_sum
from qdrant.store import Store

NOTE: Final = "mapped.json"
_SHARDS: Final = "shard-*"


def check_mapped(settings: Settings, store: Store, rest: Callable[[float], None] = lambda _: None) -> PartVerdict:
    """Compare the files of the embedded store with the sums of the last check, where nothing was written since.

    The engine believes what it maps: what rots there is answered without a word. `rest` is told of each file's bytes.
    """
    part = PartVerdict("files", "a server keeps its own" if settings.qdrant_url else "nothing is mapped yet")
    written = store.written
    if settings.qdrant_url is not None or not written:
        return part
    noted, sums = _noted(settings), _sums(settings.store_path, rest)
    if store.written != written:
        part.says = "they are being written to: the next check sums them up"
        return part
    if noted.get("written") == written:
        known: dict[str, str] = noted["sums"]
        changed = sorted(name for name in known if sums.get(name) != known[name])
        changed = [name for name in changed if _sum(settings.store_path / name) != known[name]]
        if changed and store.written == written:
            more = f", and {len(changed) - 1:,} more" if len(changed) > 1 else ""
            part.add(f"{changed[0]}{more} changed while nothing was written.", f"stop the service and {RESTORE}")
            return part
        part.says = f"{len(known):,} that are mapped hold what they held at the last check"
    else:
        part.says = f"{len(sums):,} that are mapped are summed up, for the next check"
    write_file(settings.home / NOTE, json.dumps({"written": written, "sums": sums}), private=True)
    return part


def _noted(settings: Settings) -> dict[str, Any]:
    try:
        noted = json.loads((settings.home / NOTE).read_bytes())
        return noted if isinstance(noted, dict) and isinstance(noted.get("sums"), dict) else {}
    except (OSError, ValueError):
        return {}


def _sums(store: Path, rest: Callable[[float], None]) -> dict[str, str]:
    sums: dict[str, str] = {}
    for file in sorted(path for shard in store.glob(_SHARDS) for path in shard.rglob("*") if path.is_file()):
        sum_ = _sum(file)
        if sum_ is not None:
            sums[str(file.relative_to(store))] = sum_
            rest(file.stat().st_blocks * 512)
    return sums


def _sum(file: Path) -> str | None:
    """What a file holds; None where it has gone meanwhile."""
    try:
        return content_sum(file)
    except OSError:
        return None
