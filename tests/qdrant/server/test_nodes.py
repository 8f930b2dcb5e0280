"""Several addresses of one cluster, and the port of gRPC beside one."""

import logging
import socket
from dataclasses import replace

import pytest

from qdrant.engine.about import About
from qdrant.errors import StoreDown
from qdrant.open_store import open_server
from qdrant.server.nodes import grpc_port
from qdrant.server.patience import Patience
from qdrant.server.settings import ServerSettings
from qdrant.vector_kind import THETA
from tests.support.grpc_stand_in import serving_grpc
from tests.support.qdrant_stand_in import COLLECTION, healthy, result, serving

ABOUT = About({THETA.of("m1"): 2}, "m1")
QUICK = ServerSettings(patience=Patience(tries=2, pause=0.001), grpc_port=0)


def nobody() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as freed:
        return f"http://127.0.0.1:{freed.getsockname()[1]}"


class TestAddresses:
    def test_the_next_one_is_asked_where_one_is_gone(self, caplog: pytest.LogCaptureFixture) -> None:
        """At the start as well as later, and the log says who is asked now."""
        counted = {f"POST {COLLECTION}/points/count": result({"count": 7})}
        with serving(healthy(ABOUT) | counted) as left, caplog.at_level(logging.WARNING):
            with serving(healthy(ABOUT) | counted) as gone:
                store = open_server(f"{nobody()}, {gone.url},{left.url}", settings=QUICK)
                assert (store.count(), len(left.requests)) == (7, 0)
            assert store.count() == 7
            store.close()
        assert [line.split()[0] for line in caplog.messages][1:] == [gone.url]
        assert caplog.messages[1].endswith(f"{left.url} is asked from now on")

    def test_where_all_are_gone_all_are_named(self) -> None:
        """The sentence names what was set."""
        urls = f"{nobody()},{nobody()}"
        with pytest.raises(StoreDown, match=f"No answer from {urls} "):
            open_server(urls, settings=QUICK)

    def test_each_has_to_be_an_address(self) -> None:
        """A slip in the second is found at the start, and not when the first one is gone."""
        with pytest.raises(StoreDown, match=r"'node-2:6333' is no address"):
            open_server("http://node-1:6333,node-2:6333", settings=QUICK)


class TestGrpcPort:
    def test_it_is_the_one_after_that_of_rest(self) -> None:
        """Where Qdrant listens by custom; it may be named as well, behind a proxy, or never be tried."""
        with serving_grpc(ABOUT) as server:
            assert grpc_port(f"http://127.0.0.1:{server.port - 1}", None) == server.port
            assert grpc_port("http://127.0.0.1:1", server.port) == server.port
            assert grpc_port(f"http://127.0.0.1:{server.port - 1}", 0) is None

    def test_who_speaks_something_else_there_is_let_be(self, caplog: pytest.LogCaptureFixture) -> None:
        """The port is open, and it is another service's: one line of warning, and all goes by REST."""
        with serving(healthy(ABOUT)) as rest, serving(healthy(ABOUT)) as other:
            settings = replace(QUICK, grpc_port=int(other.url.rpartition(":")[2]))
            store = open_server(rest.url, settings=settings)
            assert store.active == "m1"
            store.close()
        (line,) = caplog.messages
        assert "does not speak gRPC" in line
        assert "PHOTOSENSE_QDRANT_GRPC_PORT" in line
