"""A store moves to another engine, embedded or on a server: each post as the line of an export, compared at the end."""

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from photosense.errors import PhotosenseError
from photosense.export.post_line import point_from, post_line
from qdrant.engine.about import About
from qdrant.engine.protocol import batches
from qdrant.filters import Has
from qdrant.store import Store


def check_empty(target: Store, where: str) -> None:
    """Refuse a place that holds something: a move mixes nothing."""
    info = target.info()
    if info.posts or info.vectors:
        raise PhotosenseError(
            f"{where} is not empty, it holds {info.posts:,} posts: a move mixes nothing. Name another collection "
            "(PHOTOSENSE_QDRANT_COLLECTION), or an empty place."
        )


def move_store(source: Store, target: Store, where: str, progress: Callable[[int], None] = lambda _: None) -> int:
    """Copy every post with its facts, times and the vectors in force; gives how many posts there are by then.

    What an earlier move left of them in the target is no harm. The source stays as it is.
    """
    info = source.info()
    about = About(info.vectors)
    about = about.without(*about.of_models(*(owner for owner in about.models if owner != info.active)))
    for vector, size in about.vectors.items():
        target.add_vector(vector, size)
    count = 0
    for part in batches(_lines(source)):
        target.upsert([point_from(line, about, None) for line in part])
        count += len(part)
        progress(count)
    if info.active is not None:
        target.activate(info.active)
    _compare(source, target, about, where)
    return target.count()


def _lines(store: Store) -> Iterator[dict[str, Any]]:
    return (post_line(point) for point in store.scroll(features=True))


def _compare(source: Store, target: Store, about: About, where: str) -> None:
    """Refuse what did not arrive as it was: posts one by one, vectors by their number."""
    ours, theirs = (_sum(store) for store in (source, target))
    names = [name for name in about.names if source.count(Has(name)) != target.count(Has(name))]
    if ours != theirs or names:
        raise PhotosenseError(
            f"{where} does not hold what was sent to it ({', '.join(names) or 'posts differ'}): the store is where it "
            "was. Was it written to meanwhile? Stop the service, empty the new place, and move again."
        )


def _sum(store: Store) -> tuple[int, int]:
    """How many posts, and what they hold but for vectors, which an engine may scale: in any order."""
    count = total = 0
    for line in _lines(store):
        plain = orjson.dumps(json.loads(json.dumps({**line, "vectors": ()})), option=orjson.OPT_SORT_KEYS)
        total ^= int.from_bytes(hashlib.blake2b(plain, digest_size=16).digest())
        count += 1
    return count, total
