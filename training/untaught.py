"""Which posts a model did not learn the words of: a file of its folder, by which it is compared with another one."""

import hashlib
import json
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Final

from common.files import write_file

_FILE: Final = "untaught.json"
_MOST: Final = 2000


def save_untaught(folder: Path, posts: Iterable[str]) -> None:
    """Note them, by what no id is read from."""
    write_file(folder / _FILE, json.dumps(sorted(map(untaught_name, islice(posts, _MOST)))))


def carry_untaught(before: Path, folder: Path) -> None:
    """Note the same ones of a model that was made of another one, and learned no further words."""
    if before != folder:
        write_file(folder / _FILE, json.dumps(sorted(load_untaught(before))))


def load_untaught(folder: Path) -> frozenset[str]:
    """The names of those that are noted; none, where a model was learned before they were."""
    try:
        names = json.loads((folder / _FILE).read_bytes())
    except (OSError, ValueError):
        return frozenset()
    return frozenset(one for one in names if isinstance(one, str)) if isinstance(names, list) else frozenset()


def untaught_name(post: str) -> str:
    """A post as it is noted."""
    return hashlib.blake2b(post.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
