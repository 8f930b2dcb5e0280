"""A server's collection as a whole: its shards, and backups by snapshot."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from qdrant.engine.about import About
from qdrant.errors import BackupRefused, NotNeeded, StoreDown
from qdrant.open_store import open_server
from qdrant.server.patience import Patience
from qdrant.server.settings import ServerSettings
from qdrant.vector_kind import THETA
from tests.support.qdrant_stand_in import COLLECTION, Answer, StandIn, cluster, healthy, refusal, result, serving

HASTY = ServerSettings(patience=Patience(tries=1), grpc_port=0)
CONTENT = b"a snapshot as the server wrote it" * 1000


def with_snapshot(checksum: str | None) -> dict[str, Answer | Callable[[], Answer]]:
    """Answer like a server that makes one snapshot."""
    answers = healthy(About({THETA.of("m1"): 2}, "m1"))
    made = {"name": "one.snapshot", "size": len(CONTENT), "checksum": checksum, "creation_time": None}
    answers[f"POST {COLLECTION}/snapshots"] = result(made)
    answers[f"GET {COLLECTION}/snapshots/one.snapshot"] = (200, CONTENT)
    answers[f"DELETE {COLLECTION}/snapshots/one.snapshot"] = result(True)
    answers[f"POST {COLLECTION}/points/count"] = result({"count": 7})
    return answers


def requests(server: StandIn) -> list[str]:
    return [request.partition("?")[0] for request, _ in server.requests]


def test_shards_are_described_with_their_place_and_state() -> None:
    """Whoever runs a cluster sees where the points lie."""
    answers = healthy(About())
    answers[f"GET {COLLECTION}/cluster"] = cluster(1, 2)
    with serving(answers) as server:
        store = open_server(server.url, settings=HASTY)
        assert store.info().parts == [
            "shard 0 here: 7 points, Active",
            "shard 1 on 101: Active",
            "shard 2 on 102: Active",
        ]
        store.close()


def test_a_backup_is_a_snapshot_that_arrived_whole(tmp_path: Path) -> None:
    """It is fetched, compared with the server's checksum, and removed from the server."""
    with serving(with_snapshot(hashlib.sha256(CONTENT).hexdigest())) as server:
        store = open_server(server.url, settings=HASTY)
        saved = store.backup(tmp_path / "saved")
        store.close()
    assert (saved.posts, saved.bytes) == (7, len(CONTENT))
    assert (tmp_path / "saved" / "collection.snapshot").read_bytes() == CONTENT
    assert (tmp_path / "saved" / "manifest.json").is_file()
    assert requests(server)[-1] == f"DELETE {COLLECTION}/snapshots/one.snapshot"


def test_one_that_arrived_damaged_is_thrown_away(tmp_path: Path) -> None:
    """No file is left that somebody could take for a backup."""
    with serving(with_snapshot("0" * 64)) as server:
        store = open_server(server.url, settings=HASTY)
        with pytest.raises(BackupRefused, match="arrived damaged"):
            store.backup(tmp_path / "saved")
        store.close()
    assert list(tmp_path.iterdir()) == []
    assert requests(server)[-1] == f"DELETE {COLLECTION}/snapshots/one.snapshot"


def test_a_snapshot_that_cannot_be_fetched_is_told(tmp_path: Path) -> None:
    """The server's refusal comes in our words."""
    answers = with_snapshot(None)
    answers[f"GET {COLLECTION}/snapshots/one.snapshot"] = (403, refusal("read only"))
    with serving(answers) as server:
        store = open_server(server.url, settings=HASTY)
        with pytest.raises(StoreDown, match="read only"):
            store.backup(tmp_path / "saved")
        store.close()
    assert list(tmp_path.iterdir()) == []


def test_several_nodes_need_several_snapshots(tmp_path: Path) -> None:
    """A part must not be taken for the whole."""
    answers = with_snapshot(None)
    answers[f"GET {COLLECTION}/cluster"] = cluster(1)
    with serving(answers) as server:
        store = open_server(server.url, settings=HASTY)
        with pytest.raises(BackupRefused, match="of every node"):
            store.backup(tmp_path / "saved")
        store.close()


def test_a_server_says_when_it_compacts() -> None:
    """Nobody is told that something is gone which may still lie on its disk."""
    with serving(healthy(About())) as server:
        store = open_server(server.url, settings=HASTY)
        with pytest.raises(NotNeeded, match="stays on its disk"):
            store.optimize()
        store.close()


def test_an_existing_folder_is_not_written_into(tmp_path: Path) -> None:
    """Nor is a snapshot made for nothing."""
    with serving(with_snapshot(None)) as server:
        store = open_server(server.url, settings=HASTY)
        with pytest.raises(BackupRefused, match="exists already"):
            store.backup(tmp_path)
        store.close()
    assert f"POST {COLLECTION}/snapshots" not in requests(server)
