"""Whatever is done to a store, in whatever order, it holds what a plain dictionary would hold: also after a kill."""

import os
import shutil
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from qdrant.engine.write_plan import Written
from qdrant.filters import any_of
from qdrant.open_store import open_folder
from qdrant.store import Facet, Search, Standing, Target
from qdrant.vector_kind import THETA
from tests.support.folders import fast_folder
from tests.support.points import MODEL, OPEN, TOPICS, ids, point

OPERATIONS = int(os.environ.get("PHOTOSENSE_TEST_OPERATIONS", "1000"))
AT_ONCE = 50

posts = st.sampled_from([f"p{number}" for number in range(12)])
versions = st.none() | st.integers(0, 5)
openness = st.sampled_from([("open", "clear"), ("held", "child"), ("open", "consented"), ("held", "review")])
topics = st.integers(0, TOPICS - 1)
words = st.sampled_from(["sea", "owl", "tea"])


def pure(topic: int) -> np.ndarray:
    return np.eye(TOPICS, dtype=np.float32)[topic]


class Life(RuleBasedStateMachine):
    """A store, and beside it the dictionary that tells what it should hold."""

    @initialize()
    def born(self) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=fast_folder()))
        self.store = open_folder(self.folder / "store")
        self.store.add_vector(THETA.of(MODEL), TOPICS)
        self.store.activate(MODEL)
        self.held: dict[str, dict] = {}
        self.lives = 0

    @rule(sent=st.lists(st.tuples(posts, versions, openness, topics, words), min_size=1, max_size=4))
    def upsert(self, sent: list) -> None:
        points, expected = [], []
        for post, version, (vis, child), topic, word in sent:
            fields = {"version": version, "vis": vis, "child": child, "topic": topic, "word": word}
            digest = repr(fields)
            has = self.held.get(post)
            if has and (version or 0) < (has["version"] or 0):
                expected.append(Written.STALE)
            elif has and ((version is not None and version == has["version"]) or has["digest"] == digest):
                expected.append(Written.UNCHANGED)
            else:
                expected.append(Written.STORED)
                self.held[post] = {**fields, "digest": digest, "indexed": vis == "open"}
            content = {"words": {word: 1.0}} if vis == "open" else {"document": {"text": {word: 1}}}
            facts = {"vis": vis, "child": child, "version": version, "digest": digest}
            points.append(
                point(post, vectors={THETA.of(MODEL): pure(topic)}, attrs={"topic": topic}, **facts, **content)
            )
        assert self.store.upsert(points) == expected

    @rule(gone=st.lists(posts, max_size=3, unique=True))
    def delete(self, gone: list[str]) -> None:
        assert self.store.delete(gone) == [self.held.pop(post, None) is not None for post in gone]

    @rule(child=st.sampled_from(["review", "consented"]))
    def delete_where(self, child: str) -> None:
        going = [post for post, has in self.held.items() if has["child"] == child]
        assert self.store.delete_where(any_of("child", [child])) == len(going)
        for post in going:
            del self.held[post]

    @rule(post=posts, facts=openness)
    def facts(self, post: str, facts: tuple[str, str]) -> None:
        vis, child = facts
        weights = {self.held[post]["word"]: 1.0} if post in self.held and vis == "open" else {}
        assert self.store.set_facts({post: Standing(vis, child, {}, weights)}) == (post in self.held)
        if post in self.held:
            self.held[post] |= {"vis": vis, "child": child, "indexed": bool(weights)}

    @rule(topic=topics, word=words)
    def search(self, topic: int, word: str) -> None:
        candidates = self.store.candidates(
            Search(20, near={THETA: Target(pure(topic))}, words={word: 1.0}, filter=OPEN)
        )
        visible = {post: has for post, has in self.held.items() if has["vis"] == "open"}
        assert sorted(ids(candidates.hits[THETA])) == sorted(visible)
        nearest = {hit.point.id for hit in candidates.hits[THETA] if hit.score == 0}
        assert nearest == {post for post, has in visible.items() if has["topic"] == topic}
        saying = [post for post, has in visible.items() if has["word"] == word and has["indexed"]]
        assert sorted(ids(candidates.words)) == sorted(saying)

    @rule(how=st.sampled_from(["reopened", "killed", "compacted"]))
    def shaken(self, how: str) -> None:
        """What is on disk at this moment is all that a killed process leaves: it must be everything."""
        if how == "compacted":
            self.store.optimize()
        elif how == "reopened":
            self.store.close()
            self.store = open_folder(self.folder / "store")
        else:
            self.lives += 1
            left = self.folder / f"life{self.lives}"
            subprocess.run(["cp", "-r", "--sparse=always", self.folder / "store", left], check=True)
            survivor = open_folder(left)
            assert {one.id: one.version for one in survivor.scroll()} == self.versions()
            survivor.close()
            shutil.rmtree(left)

    @invariant()
    def holds_what_it_should(self) -> None:
        if not hasattr(self, "store"):
            return
        assert {one.id: one.version for one in self.store.scroll()} == self.versions()
        for child in ("clear", "child"):
            expected = sum(has["child"] == child for has in self.held.values())
            assert self.store.count(any_of("child", [child])) == expected
        total, (openness,) = self.store.tally([Facet("vis")])
        assert total == len(self.held)
        assert dict(openness.counts) == Counter(has["vis"] for has in self.held.values())

    def versions(self) -> dict[str, int | None]:
        return {post: has["version"] for post, has in self.held.items()}

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            shutil.rmtree(self.folder)


def test_any_life_of_a_store_is_that_of_a_dictionary() -> None:
    """A thousand operations, or as many as PHOTOSENSE_TEST_OPERATIONS says; a failure is shrunk to its shortest."""
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=max(1, OPERATIONS // AT_ONCE),
            stateful_step_count=AT_ONCE,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("post", ["p1", "п" * 256, "a/b?c#d", "🦉"])
def test_an_id_may_be_any_text(tmp_path: Path, post: str) -> None:
    """Whatever the site calls its posts, they are found by that."""
    store = open_folder(tmp_path / "store")
    store.upsert([point(post)])
    assert [one and one.id for one in store.get([post])] == [post]
    store.close()
