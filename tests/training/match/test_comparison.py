"""Two models are compared on posts that neither learned from, and chance is not called a difference."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.small_world import SUBJECTS, WORDS
from topic_model.training.recipe import Recipe
from topic_model.training.train import train
from training.match.comparison import MOST_COMPARED, ModelComparison, Untaught, compare_models, share_within
from training.untaught import load_untaught, save_untaught, untaught_name

LEARNED = datetime(2026, 5, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Point:
    """A stored post, as far as it is looked at here."""

    id: str
    subject: int
    captions: tuple[str, ...]
    added: datetime = LEARNED - timedelta(days=1)
    features: None = None

    @property
    def post(self) -> dict[str, Any]:
        return {"captions": [{"text": text} for text in self.captions]}

    def document(self) -> dict[str, dict[str, float]]:
        return {"image": {f"see{self.subject}x{number}": 20.0 for number in range(4)}}

    def tokens(self, _: str) -> dict[str, float]:
        return {}


def points(count: int) -> list[Point]:
    """Posts of three subjects: what they show goes with what is said of them."""
    told = []
    for number in range(count):
        words = np.random.default_rng(number).permutation(WORDS[SUBJECTS[number % 3]][1].split())[:4]
        told.append(Point(f"p{number}", number % 3, (" ".join(words),)))
    return told


def taught(shuffled: bool) -> Any:
    """A model that learned which words go with which sights; or, shuffled, that none do."""
    documents = []
    for number, point in enumerate(points(120)):
        seen = points(120)[(number * 7 + number // 3) % 120 if shuffled else number]
        words = point.captions[0].split()
        documents.append({**seen.document(), "text": dict.fromkeys(words, 1.0)})
    return train(documents, Recipe(topics=3, passes=20, background=0, threads=1, seed=3), encoder="test")


def test_who_learned_what_is_seen_finds_better() -> None:
    """The model that learned which words go with which sights finds posts earlier than one that could not."""
    model, other = taught(shuffled=False), taught(shuffled=True)
    found = compare_models(model, other, points(60), None)
    assert found is not None
    assert (found.by_photos, found.verdict, found.better > 3 * found.worse) == (True, "better", True)
    assert share_within(found.ranks, 20) > 2 * share_within(found.others, 20) - 0.5
    same = compare_models(model, model, points(60), None)
    assert (same.better, same.worse, same.verdict) == (0, 0, "same")
    assert compare_models(model, other, points(20), None) is None


@pytest.mark.parametrize(
    ("better", "worse", "verdict"),
    [(0, 0, "same"), (3, 0, "same"), (9, 0, "better"), (0, 9, "worse"), (30, 25, "same"), (300, 200, "better")],
)
def test_chance_is_no_difference(better: int, worse: int, verdict: str) -> None:
    """A few questions say nothing; many that go one way do."""
    assert ModelComparison(True, [1] * better + [2] * worse, [2] * better + [1] * worse).verdict == verdict


def test_only_posts_that_neither_learned_from_are_asked(tmp_path: Path) -> None:
    """Those that both held aside, and those that came later; no id can be read from the file."""
    save_untaught(tmp_path, ["p1", "p2"])
    assert "p1" not in (tmp_path / "untaught.json").read_text()
    assert load_untaught(tmp_path) == {untaught_name("p1"), untaught_name("p2")}
    assert load_untaught(tmp_path / "older") == frozenset()
    (tmp_path / "untaught.json").write_text("{broken")
    assert load_untaught(tmp_path) == frozenset()
    stored = [
        Point("p1", 0, ("sea",)),
        Point("p3", 0, ("sea",)),
        Point("p2", 0, ()),
        Point("new", 0, ("sea",), LEARNED + timedelta(hours=1)),
    ]
    chosen = Untaught(frozenset({untaught_name("p1"), untaught_name("p2")}), LEARNED).of(iter(stored))
    assert [point.id for point in chosen] == ["p1", "new"]
    later = (Point(f"n{number}", 0, ("sea",), LEARNED + timedelta(hours=1)) for number in range(2000))
    assert len(Untaught(frozenset(), LEARNED).of(later)) == MOST_COMPARED
