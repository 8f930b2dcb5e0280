"""Searching as the service does it: a store on disk, the gate, all arms, the last ordering."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from api.search.admission import Admitted, Visit
from api.search.candidates import Shortlist, find
from api.search.ordered import ordered
from api.search.query import Query
from api.search.question import Mode, Question
from common.arrays import Float32, Float64
from compliance.country import Country
from compliance.gate import Gate
from compliance.lexicon.lexicon import default_lexicon
from compliance.policy import load_policy
from ingest.sparse_words import query_words, words_of
from ingest.vectors import add_vectors
from qdrant.open_store import open_folder
from qdrant.points import PhotoPoint
from qdrant.store import Store, Target
from qdrant.vector_kind import ALIGNED, THETA
from topic_model.document import Document
from topic_model.ideas.widening import NOTHING_MORE, Widening
from topic_model.model import QUERY_ITERATIONS, TopicModel


@contextmanager
def store_of(
    names: Sequence[str],
    documents: Sequence[Document],
    features: Sequence[Float32] | Float32,
    model: TopicModel,
) -> Iterator[Store]:
    """Open a store of these posts, each with its theta and its place."""
    with TemporaryDirectory() as folder:
        store = open_folder(Path(folder) / "store")
        try:
            add_vectors(store, model)
            places = model.aligned.of_posts(np.asarray(features), documents) if model.aligned else None
            points = [
                PhotoPoint(
                    id=name,
                    vis="open",
                    child="clear",
                    post={"captions": []},
                    document=document,
                    words=words_of(document),
                    vectors={
                        **({} if theta is None else {THETA.of(model.id): theta}),
                        **({} if places is None else {ALIGNED.of(model.id): places[row]}),
                    },
                )
                for row, (name, document, theta) in enumerate(
                    zip(names, documents, model.thetas(documents), strict=True)
                )
            ]
            for at in range(0, len(points), 500):
                store.upsert(points[at : at + 500])
            store.activate(model.id)
            yield store
        finally:
            store.close()


def query_of(
    document: Document,
    model: TopicModel,
    mode: Mode = Mode.HYBRID,
    widening: Widening = NOTHING_MORE,
    text: str = "",
) -> Query:
    """A question of words, as the service makes it; `text` is what a text encoder reads."""
    heard = widening.document(document, model)
    embedding = model.aligned.of_text(heard, widening.wordings(text)) if model.aligned else None
    theta = model.theta(heard, iterations=QUERY_ITERATIONS)
    visit = Visit(Country(None, "unknown"), load_policy().strictest)
    admitted = Admitted(Question(text="-", mode=mode, limit=100), visit, document, theta, widening=widening)
    words = query_words(document)
    near = {} if embedding is None else {ALIGNED: Target(embedding)}
    return Query(admitted, words, mode, {}, (), near, widened=widening.words(words, model))


def hits_of(query: Query, store: Store, gate: Gate, model: TopicModel | None) -> Shortlist:
    """All arms and the last ordering, as the service goes."""
    return ordered(find(query, store, gate), query, model)


def found_in(
    store: Store,
    queries: Sequence[Document],
    model: TopicModel,
    mode: Mode = Mode.HYBRID,
    widenings: Sequence[Widening] | None = None,
    texts: Sequence[str] | None = None,
) -> list[list[str]]:
    """The posts of each answer, the best first."""
    widenings, texts = widenings or [NOTHING_MORE] * len(queries), texts or [""] * len(queries)
    gate = Gate(load_policy(), default_lexicon())
    asked = zip(queries, widenings, texts, strict=True)
    questions = (query_of(query, model, mode, widening, text) for query, widening, text in asked)
    return [list(hits_of(question, store, gate, model).ids) for question in questions]


def ranks_among(found: Sequence[Sequence[str]], right: Sequence[str]) -> Float64:
    """The rank of the right post in each answer, from 1; infinite where it was not found."""
    ranks = (ids.index(name) + 1 if name in ids else np.inf for ids, name in zip(found, right, strict=True))
    return np.array(list(ranks))


def ranks_in(
    store: Store,
    queries: Sequence[Document],
    right: Sequence[str],
    model: TopicModel,
    mode: Mode = Mode.HYBRID,
    widenings: Sequence[Widening] | None = None,
    texts: Sequence[str] | None = None,
) -> Float64:
    """The rank of the right post in each answer of a store."""
    return ranks_among(found_in(store, queries, model, mode, widenings, texts), right)
