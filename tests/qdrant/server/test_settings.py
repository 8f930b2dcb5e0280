"""How a server is asked: by gRPC where it answers, else by REST alone."""

from dataclasses import replace

import grpc
import numpy as np
import pytest

from qdrant.engine.about import About
from qdrant.errors import StoreDown
from qdrant.filters import any_of
from qdrant.open_store import open_server
from qdrant.server.patience import Patience
from qdrant.server.settings import ServerSettings
from qdrant.store import Search, Target
from qdrant.vector_kind import THETA
from tests.support.grpc_stand_in import serving_grpc
from tests.support.qdrant_stand_in import healthy, serving

HASTY = ServerSettings(patience=Patience(tries=1, failures=10**6))
ABOUT = About({THETA.of("m1"): 2}, "m1")


class TestGrpc:
    def test_data_go_by_it_and_mean_the_same(self) -> None:
        """A search answers as by REST: theta, whole numbers, both arms; REST is not asked."""
        with serving(healthy(ABOUT)) as rest, serving_grpc(ABOUT) as server:
            store = open_server(rest.url, settings=replace(HASTY, grpc_port=server.port))
            theta = np.array([1, 0], np.float32)
            wanted = any_of("child", ["clear", "consented"])
            candidates = store.candidates(Search(5, near={THETA: Target(theta)}, words={"sea": 1.0}, filter=wanted))
            assert (store.count(), store.active) == (1, "m1")
            store.close()
        for arm in (candidates.hits[THETA], candidates.words):
            ((score, point),) = arm
            assert (score, point.id) == (0.5, "a")
            np.testing.assert_array_equal(point.theta, theta)
        (batch,) = [request for request in server.requests if hasattr(request, "query_points")]
        assert [query.using for query in batch.query_points] == ["theta_m1", "words"]
        assert [len(query.filter.should) for query in batch.query_points] == [2, 2]
        assert rest.requests == []

    @pytest.mark.parametrize(
        ("code", "sentence"),
        [
            pytest.param(grpc.StatusCode.UNAVAILABLE, "No answer from", id="gone"),
            pytest.param(grpc.StatusCode.UNAUTHENTICATED, "PHOTOSENSE_QDRANT_API_KEY", id="wrong key"),
            pytest.param(grpc.StatusCode.NOT_FOUND, "collection is gone", id="no collection"),
        ],
    )
    def test_its_failures_come_in_our_words(self, code: grpc.StatusCode, sentence: str) -> None:
        """Whoever asks need not know which way it went."""
        with serving(healthy(ABOUT)) as rest, serving_grpc(ABOUT) as server:
            store = open_server(rest.url, settings=replace(HASTY, grpc_port=server.port))
            server.failing = code
            with pytest.raises(StoreDown, match=sentence):
                store.count()
            store.close()
