"""What visitors called good becomes questions with known answers."""

from collections.abc import Collection

from api.feedback.feedback_folder import Feedback, Reaction
from photosense.evaluation.feedback import judgements_of


def said(question: str, post: str, reaction: Reaction, text: str | None = None) -> Feedback:
    return Feedback(at="2026-05-01T12:00+00:00", question=question, post=post, reaction=reaction, text=text)


def visible(posts: Collection[str]) -> Collection[str]:
    return [post for post in posts if post != "held"]


GOOD, BAD, CLICK = Reaction.GOOD, Reaction.BAD, Reaction.CLICK
LINES = [
    *[said("k1", "p1", GOOD, "sunset")] * 3,
    said("k1", "p2", GOOD),
    said("k1", "p2", BAD),
    said("k1", "p3", CLICK),
    said("k1", "held", GOOD),
    said("k2", "p1", GOOD),
    said("k3", "held", GOOD, "a wave"),
    said("k4", "p9", BAD, "dogs"),
]


def test_posts_with_more_votes_for_than_against_are_answers() -> None:
    """The best first; clicks count where they are wanted; what nobody may see by now is none."""
    judged = judgements_of(LINES, {}, visible, least=1, clicks=False)
    assert judged.questions == [{"query": "sunset", "relevant": ["p1"]}]
    assert judged.reactions == len(LINES)
    assert judged.skipped == {
        "without their words": 1,
        "whose answers nobody may see by now": 1,
        "with too few votes for a post": 1,
    }
    clicked = judgements_of(LINES, {"k2": "boats"}, visible, least=1, clicks=True)
    assert clicked.questions == [
        {"query": "sunset", "relevant": ["p1", "p3"]},
        {"query": "boats", "relevant": ["p1"]},
    ]


def test_a_few_votes_may_be_too_few() -> None:
    """Whoever wants to be sure names a number."""
    assert judgements_of(LINES, {}, visible, least=4, clicks=False).questions == []
    assert len(judgements_of(LINES, {}, visible, least=3, clicks=False).questions) == 1
