"""The last ordering, over columns, beside the plain formula post by post."""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from api.search.ranking import scores_of
from qdrant.open_store import open_folder
from qdrant.points import PhotoPoint, StoredPoint
from qdrant.store import Search, Store, Target
from qdrant.vector_kind import ALIGNED, THETA
from topic_model.model import TopicModel
from topic_model.ranking.odds_line import USUAL, kind_of_post
from topic_model.training.recipe import Recipe
from topic_model.vocabulary import Vocabulary

WORDS = ("sea", "snow", "dog", "kite")
EVERY = ["sea", "snow", "dog", "kite", "#sun", "#ice", "ship"]


def chance(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Columns of chances that sum to one."""
    values = np.random.default_rng(seed).gamma(0.4, size=shape) + 1e-4
    return (values / values.sum(axis=0)).astype(np.float32)


MODEL = TopicModel(
    id="m1",
    vocabulary=Vocabulary({"text": WORDS, "tag": ("sun", "ice")}),
    phi=np.concatenate([chance((4, 5), 1), chance((2, 5), 2)]),
    unigram=np.array([0.4, 0.3, 0.2, 0.1, 0.6, 0.4], np.float32),
    topic_shares=np.full(5, 0.2, np.float32),
    recipe=Recipe(topics=5, background=0),
    encoder="none",
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Two hundred posts by chance: some say nothing, some have no topics, some lie nowhere among the photos."""
    opened, rng = open_folder(tmp_path / "store"), np.random.default_rng(5)
    for kind, size in ((THETA, 5), (ALIGNED, 3)):
        opened.add_vector(kind.of("m1"), size)
    opened.activate("m1")
    points = []
    for number in range(200):
        words = rng.choice(EVERY, rng.integers(0, 5) if number % 9 else 0, replace=False)
        counts = {str(word): int(rng.integers(1, 4)) for word in words}
        document = {
            "text": {word: count for word, count in counts.items() if word[0] != "#"},
            "tag": {word[1:]: count for word, count in counts.items() if word[0] == "#"},
        }
        vectors = {THETA.of("m1"): chance((5,), number)} if number % 7 else {}
        if number % 3:
            embedding = rng.normal(size=3)
            vectors[ALIGNED.of("m1")] = (embedding / np.linalg.norm(embedding)).astype(np.float32)
        points.append(PhotoPoint(f"p{number}", "open", "clear", {"captions": []}, document, counts, vectors))
    opened.upsert(points)
    yield opened
    opened.close()


def test_columns_order_as_posts_that_are_read_whole(store: Store) -> None:
    """Forty questions, of words that are known, unknown and said by nobody: the same order, with every later edit."""
    rng = np.random.default_rng(9)
    for number in range(40):
        words = {str(word): 1.0 for word in rng.choice([*EVERY, "wreck"], 3, replace=False)}
        embedding = chance((3,), number) - np.float32(0.3)
        near = {THETA: Target(chance((5,), 500 + number)), ALIGNED: Target(embedding / np.linalg.norm(embedding))}
        posts = store.candidates(Search(60, near=near, words=words)).table
        document = {
            "text": {word: 1.0 for word in words if word[0] != "#"},
            "tag": {word[1:]: 1.0 for word in words if word[0] == "#"},
        }
        odds = scores_of(document, posts, MODEL, {}, {ALIGNED: near[ALIGNED]})
        whole = [point for point in store.get(list(posts.ids)) if point is not None]
        scores = by_hand(list(words), whole, near[ALIGNED].values)
        assert odds == pytest.approx(scores, abs=1e-4)
        assert list(posts.ids) == [point.id for point in whole]
        some = whole[number % len(whole)]
        store.put_vectors(THETA.of("m1"), [(some.id, chance((5,), 900 + number))])


def by_hand(words: list[str], posts: list[StoredPoint], embedding: np.ndarray) -> list[float]:
    """The log-odds of each post, by the formula alone."""
    mixture, rows = MODEL.ranking.mixture, {word: row for row, word in enumerate([*WORDS, "#sun", "#ice"])}
    known, odds = sum(word in rows for word in words) / len(words), []
    for post in posts:
        theta = np.zeros(5) if post.theta is None else post.theta.astype(float)
        lift = 0.0
        for word in words:
            row = rows.get(word)
            topics = 0.0 if row is None else float(MODEL.phi[row].astype(float) @ theta)
            everybody = MODEL.unseen if row is None else float(MODEL.unigram[row])
            own = post.words.get(word, 0) / sum(post.words.values()) if post.words else topics
            said = mixture.topics * topics + mixture.own * own + mixture.everybody * everybody
            lift += math.log(said / everybody)
        cosine = None if post.aligned is None else known * float(post.aligned.astype(float) @ embedding)
        line = USUAL[kind_of_post(silent=not post.words, placed=cosine is not None)]
        score = line.lift * lift + line.cosine * (cosine or 0.0)
        many = len(words)
        level = (
            line.offset
            - line.length * math.log(many)
            + line.own * all(word in post.words for word in words) / math.sqrt(many)
        )
        odds.append(line.slope * many**-line.evenness * score + level)
    return odds
