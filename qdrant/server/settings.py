"""How the points should lie on a server, and how it is asked."""

from dataclasses import dataclass, field
from typing import Any

from qdrant.server.patience import Patience


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Shards, replicas and the place of the payload count when the collection is made; the rest at every start.

    `grpc_port` None is the port after that of REST, where Qdrant listens by custom; 0 is never.
    """

    collection: str = "photosense"
    shards: int = 1
    replicas: int = 1
    write_replicas: int = 1
    payload_on_disk: bool = True
    timeout: float = 10.0
    grpc_port: int | None = None
    patience: Patience = field(default_factory=Patience)

    def layout(self) -> dict[str, Any]:
        """How a collection is made, in the server's words."""
        return {
            "shard_number": self.shards,
            "replication_factor": self.replicas,
            "write_consistency_factor": self.write_replicas,
            "on_disk_payload": self.payload_on_disk,
        }
