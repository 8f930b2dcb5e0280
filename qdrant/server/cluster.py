"""A server's collection as a whole: where its shards lie, and a snapshot of it, fetched and checked, as a backup."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
import orjson

from common.files import new_folder
from qdrant.errors import BackupRefused, NotNeeded, StoreDown
from qdrant.server.refusals import gibberish, refused, unreachable
from qdrant.store import Saved

_MANIFEST, _SNAPSHOT = "manifest.json", "collection.snapshot"
_SLOW = 600.0  # seconds without a byte


class _Client(Protocol):
    """What is asked of the client here."""

    def collection_cluster_info(self, collection_name: str) -> Any: ...


def _with_port(url: str) -> str:
    """Fill in the port that the client takes where none is given."""
    parts = urlsplit(url)
    if not parts.hostname:
        return url  # the client's local mode has no address
    return url.rstrip("/") if parts.port else parts._replace(netloc=f"{parts.netloc}:6333").geturl().rstrip("/")


class Cluster:
    """The parts of one collection."""

    def __init__(self, url: str, api_key: str | None, client: _Client, collection: str) -> None:
        self._url, self._client, self._collection = url, client, collection
        self._snapshots = f"{_with_port(url)}/collections/{collection}/snapshots"
        self._ways: dict[str, Any] = {"headers": {"api-key": api_key} if api_key else {}, "timeout": _SLOW}

    def optimize(self) -> None:
        """Say that a server does it, and when."""
        raise NotNeeded(
            "A Qdrant server compacts by itself, once a fifth of a segment is deleted; until then what was deleted "
            "stays on its disk. Lower `deleted_threshold` of the collection's optimizers to have it gone sooner."
        )

    def parts(self) -> Sequence[str]:
        """Describe the shards and how they are; nothing where there is no server behind the client."""
        try:
            info = self._client.collection_cluster_info(self._collection)
        except NotImplementedError:
            return ()
        local = [f"shard {part.shard_id} here: {part.points_count} points, {part.state}" for part in info.local_shards]
        return [*local, *(f"shard {part.shard_id} on {part.peer_id}: {part.state}" for part in info.remote_shards)]

    def back_up(self, folder: Path, posts: int) -> Saved:
        """Fetch a snapshot into a new folder; the server keeps none."""
        if folder.exists():
            raise BackupRefused(f"{folder} exists already: name a folder that does not.")
        if self._client.collection_cluster_info(self._collection).remote_shards:
            raise BackupRefused(
                f"The collection {self._collection} is spread over several nodes, and a snapshot is of one: "
                "take one of every node by its own address, as docs/running.md says."
            )
        try:
            made = self._ask("POST")
            try:
                return self._fetch(str(made["name"]), made.get("checksum"), folder, posts)
            finally:
                self._ask("DELETE", f"/{made['name']}")
        except OSError as error:
            raise StoreDown(f"The backup {folder} cannot be written: {error.strerror}.") from error

    def _fetch(self, name: str, checksum: str | None, folder: Path, posts: int) -> Saved:
        summed = hashlib.sha256()
        folder.parent.mkdir(parents=True, exist_ok=True)
        with new_folder(folder) as aside:
            with (aside / _SNAPSHOT).open("wb") as stream:
                for chunk in self._bytes(name):
                    summed.update(chunk)
                    stream.write(chunk)
            if checksum and summed.hexdigest() != checksum:
                raise BackupRefused(f"The snapshot of {self._collection} arrived damaged: try again.")
            manifest = {"posts": posts, "collection": self._collection, "sha256": summed.hexdigest()}
            (aside / _MANIFEST).write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
        return Saved(folder, posts, (folder / _SNAPSHOT).stat().st_size)

    def _bytes(self, name: str) -> Iterator[bytes]:
        with self._failing(), httpx.stream("GET", f"{self._snapshots}/{name}", **self._ways) as answer:
            if answer.status_code != httpx.codes.OK:
                raise refused(answer.status_code, answer.read(), self._url)
            yield from answer.iter_bytes()

    def _ask(self, method: str, name: str = "") -> dict[str, Any]:
        """Ask beside the client, which would give up long before a snapshot is made."""
        with self._failing():
            answer = httpx.request(method, f"{self._snapshots}{name}", **self._ways)
        if answer.status_code != httpx.codes.OK:
            raise refused(answer.status_code, answer.content, self._url)
        try:
            made = answer.json()["result"]
            return made if isinstance(made, dict) else {"done": made}
        except (ValueError, KeyError, TypeError) as error:
            raise gibberish(error, self._url) from error

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except httpx.HTTPError as error:
            raise unreachable(error, self._url) from error
