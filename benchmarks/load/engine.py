"""The engine alone: the arms of the same questions without the service, and the whole query by hand on a server."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from qdrant_client import QdrantClient, models

from api.search.candidates import CANDIDATES, lawful
from benchmarks.load.home import VISITOR
from benchmarks.load.visitors import Asked
from common.arrays import Float32
from ingest.document import make_document
from ingest.sparse_words import query_words
from photosense.house import open_house
from photosense.settings import Settings
from qdrant.edge.engine import EdgeEngine
from qdrant.engine.protocol import Arm
from qdrant.filters import AnyOf
from qdrant.points import WORDS, sparse
from qdrant.server.nodes import grpc_port
from qdrant.vector_kind import THETA
from topic_model.model import QUERY_ITERATIONS

_HITS = 20
_WARMING = 20  # questions that are not counted


@dataclass(frozen=True, slots=True)
class ArmedQuestion:
    """What the service would ask the store for a question."""

    vector: str
    theta: Float32
    words: dict[str, float]
    where: AnyOf


def armed(settings: Settings, texts: Iterable[str]) -> list[ArmedQuestion]:
    """Infer the topics of questions, and the filter of who asks."""
    with open_house(settings) as house:
        model, gate = house.models.topics, house.law.gate
        if model is None:
            raise SystemExit(f"{settings.home} has no model: remove what is in --cache, and it is made again.")
        where = lawful(gate.policy.rule_for(VISITOR), gate)
        assert isinstance(where, AnyOf), "what may be seen is one list of words"
        documents = map(make_document, ([text] for text in texts))
        thetas = ((document, model.theta(document, {}, QUERY_ITERATIONS)) for document in documents)
        name = THETA.of(model.id).name
        return [ArmedQuestion(name, theta, query_words(doc), where) for doc, theta in thetas if theta is not None]


def bare_arms(settings: Settings, questions: Sequence[ArmedQuestion]) -> Asked:
    """Ask the embedded engine both arms, ids alone, exactly or by the graph as the store would."""
    engine = EdgeEngine(settings.store_path)
    exact, limit = engine.size() <= settings.exact_up_to, CANDIDATES + 1

    def rank(question: ArmedQuestion) -> object:
        topics = Arm(question.vector, question.theta, limit, question.where, exact, larger=False)
        words = Arm(WORDS, question.words, limit, question.where, exact=True, larger=True)
        return engine.rank([topics, words], None, with_points=False)

    try:
        return _timed(rank, questions)
    finally:
        engine.close()


def by_hand(settings: Settings, questions: Sequence[ArmedQuestion]) -> Asked:
    """Ask a server both arms, fused, with the payloads of a page, as one would write it who has only that server."""
    assert settings.qdrant_url, "the home is on a server"
    port = grpc_port(settings.qdrant_url, settings.qdrant_grpc_port)
    client = QdrantClient(url=settings.qdrant_url, prefer_grpc=port is not None, grpc_port=port or 0)

    def search(question: ArmedQuestion) -> object:
        return client.query_points(settings.qdrant_collection, **hybrid(question, exact=exact))

    exact = client.count(settings.qdrant_collection).count <= settings.exact_up_to
    try:
        return _timed(search, questions)
    finally:
        client.close()


def hybrid(question: ArmedQuestion, *, exact: bool) -> dict[str, Any]:
    """Both arms inside the visitor's filter, and a page of what they find together."""
    any_of = models.MatchAny(any=sorted(question.where.values))
    where = models.Filter(must=[models.FieldCondition(key=question.where.field, match=any_of)])
    indices, values = sparse(question.words)
    topics = models.Prefetch(
        query=question.theta.tolist(),
        using=question.vector,
        limit=CANDIDATES,
        filter=where,
        params=models.SearchParams(exact=exact),
    )
    sparse_words = models.SparseVector(indices=indices, values=values)
    words = models.Prefetch(query=sparse_words, using=WORDS, limit=CANDIDATES, filter=where)
    fusion = models.FusionQuery(fusion=models.Fusion.RRF)
    return {"prefetch": [topics, words], "query": fusion, "limit": _HITS, "with_payload": True}


def _timed(call: Callable[[ArmedQuestion], object], questions: Sequence[ArmedQuestion]) -> Asked:
    for question in questions[:_WARMING]:
        call(question)
    milliseconds = []
    for question in questions:
        began = time.perf_counter()
        call(question)
        milliseconds.append(1000 * (time.perf_counter() - began))
    return Asked(milliseconds, 1000 * len(milliseconds) / sum(milliseconds))
