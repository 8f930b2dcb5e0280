"""A server's collection as a whole: where its shards lie, and a snapshot of it, fetched and checked, as a backup."""

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import httpx
import orjson

from qdrant.errors import BackupRefused, StoreDown
from qdrant.refusals import refused, unreachable
from qdrant.store import Saved

_MANIFEST, _SNAPSHOT = "manifest.json", "collection.snapshot"
_SLOW = 600.0  # seconds without a byte


class _Client(Protocol):
    """What is asked of the client here."""

    def create_snapshot(self, collection_name: str, wait: bool = True) -> Any: ...
    def delete_snapshot(self, collection_name: str, snapshot_name: str, wait: bool = True) -> Any: ...
    def collection_cluster_info(self, collection_name: str) -> Any: ...


class Cluster:
    """The parts of one collection."""

    def __init__(self, url: str, api_key: str | None, client: _Client, collection: str) -> None:
        self._url, self._client, self._collection = url.rstrip("/"), client, collection
        self._headers = {"api-key": api_key} if api_key else {}

    def parts(self) -> Sequence[str]:
        """Describe the shards and how they are; nothing where there is no server behind the client."""
        try:
            found = self._client.collection_cluster_info(self._collection)
        except NotImplementedError:
            return ()
        local = [f"shard {part.shard_id} here: {part.points_count} points, {part.state}" for part in found.local_shards]
        return [*local, *(f"shard {part.shard_id} on {part.peer_id}: {part.state}" for part in found.remote_shards)]

    def back_up(self, place: Path, posts: int) -> Saved:
        """Fetch a snapshot into a new folder; the server keeps none."""
        if place.exists():
            raise BackupRefused(f"{place} exists already: name a folder that does not.")
        if self._client.collection_cluster_info(self._collection).remote_shards:
            raise BackupRefused(
                f"The collection {self._collection} is spread over several nodes, and a snapshot is of one: "
                "take one of every node by its own address, as docs/running.md says."
            )
        made = self._client.create_snapshot(self._collection)
        try:
            return self._fetch(made.name, made.checksum, place, posts)
        except OSError as error:
            raise StoreDown(f"The backup {place} cannot be written: {error.strerror}.") from error
        finally:
            self._client.delete_snapshot(self._collection, made.name)

    def _fetch(self, name: str, checksum: str | None, place: Path, posts: int) -> Saved:
        summed = hashlib.sha256()
        place.mkdir(parents=True)
        try:
            with (place / _SNAPSHOT).open("wb") as stream:
                for chunk in self._bytes(f"{self._url}/collections/{self._collection}/snapshots/{name}"):
                    summed.update(chunk)
                    stream.write(chunk)
            if checksum and summed.hexdigest() != checksum:
                raise BackupRefused(f"The snapshot of {self._collection} arrived damaged: try again.")
            manifest = {"posts": posts, "collection": self._collection, "sha256": summed.hexdigest()}
            (place / _MANIFEST).write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
        except BaseException:
            shutil.rmtree(place)
            raise
        return Saved(place, posts, (place / _SNAPSHOT).stat().st_size)

    def _bytes(self, address: str) -> Iterator[bytes]:
        try:
            with httpx.stream("GET", address, headers=self._headers, timeout=_SLOW) as answer:
                if answer.status_code != httpx.codes.OK:
                    raise refused(answer.status_code, answer.read(), self._url)
                yield from answer.iter_bytes()
        except httpx.HTTPError as error:
            raise unreachable(error, self._url) from error
