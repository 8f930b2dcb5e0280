"""What photosense is measured against: BM25 over captions, CCA alone, and image2pic's way with class words."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from math import log

import numpy as np

from common.arrays import Float32, Float64, Int64
from topic_model.document import IMAGE, Document, own_words
from topic_model.model import TopicModel
from topic_model.training.recipe import Recipe
from topic_model.training.train import train
from topic_model.vocabulary import TokenBounds


def bm25(queries: Sequence[Document], posts: Sequence[Document], k1: float = 1.2, b: float = 0.75) -> Float64:
    """Score posts by the words of their captions, queries x posts."""
    bags = [own_words(post) for post in posts]
    lengths = np.array([sum(counts.values()) for counts in bags])
    usual = k1 * (1 - b + b * lengths / lengths.mean())
    having = Counter(word for counts in bags for word in counts)
    saying: dict[str, list[tuple[int, float]]] = {}
    for post, counts in enumerate(bags):
        for word, count in counts.items():
            saying.setdefault(word, []).append((post, count))
    scores = np.zeros((len(queries), len(posts)))
    for row, query in enumerate(queries):
        for word in own_words(query):
            idf = log((len(posts) - having[word] + 0.5) / (having[word] + 0.5) + 1)
            for post, count in saying.get(word, ()):
                scores[row, post] += idf * count * (k1 + 1) / (count + usual[post])
    return scores


def cca(queries: Sequence[Document], features: Float32, model: TopicModel) -> Float64:
    """Score photos by the aligned vectors alone."""
    assert model.aligned is not None
    return (model.aligned.of_texts(queries) @ model.aligned.of_photos(features).T).astype(np.float64)


def image2pic(
    documents: Sequence[Document], queries: Sequence[Document], photos: Sequence[Document], topics: int, threads: int
) -> dict[str, Float64]:
    """Its way: the classes of one network are the visual words, theta after 20 iterations, L1 or cosine."""

    def classes(document: Document) -> Document:
        words = {word: weight for word, weight in document[IMAGE].items() if word.startswith("classes:")}
        return {**document, IMAGE: words}

    recipe = Recipe(topics=topics, background=0, regularisers=(), weights={"text": 1.0, "image": 1.0}, threads=threads)
    recipe = replace(recipe, bounds={"image": TokenBounds(max_share=1.0)})
    model = train([classes(document) for document in documents], recipe)
    of_photos = np.array(model.thetas([classes(photo) for photo in photos], 20))
    none = np.full(topics, 1 / topics, np.float32)
    of_queries = np.array(
        [none if (theta := model.theta(query, iterations=20)) is None else theta for query in queries]
    )
    l1 = np.array([-np.abs(of_photos - theta).sum(axis=1) for theta in of_queries])
    lengths = np.linalg.norm(of_queries, axis=1)[:, None] * np.linalg.norm(of_photos, axis=1)
    return {"L1": l1.astype(np.float64), "cosine": (of_queries @ of_photos.T / lengths).astype(np.float64)}


def ranks_of(scores: Float64, right: Sequence[int]) -> Int64:
    """The rank of the right post in each row, from 1; among equals it comes last."""
    own = scores[np.arange(len(scores)), right]
    return np.asarray((scores >= own[:, None]).sum(axis=1))
