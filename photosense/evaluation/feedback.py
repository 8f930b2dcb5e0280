"""Feedback as questions with known answers: what visitors called good is what should be found."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from api.feedback.feedback_folder import Feedback, Reaction
from compliance.country import Country
from compliance.facts import from_payload
from photosense.house import House

_VOTES: Final = {Reaction.GOOD: 1, Reaction.BAD: -1}


@dataclass(slots=True)
class FeedbackQuestions:
    """Questions as `photosense evaluate queries` reads them, from how many reactions, and what is of no use."""

    questions: list[dict[str, Any]] = field(default_factory=list)
    reactions: int = 0
    skipped: Counter[str] = field(default_factory=Counter)


def visible_to(house: House, country: Country) -> Callable[[Collection[str]], Collection[str]]:
    """Tell which posts may be shown to visitors of a country by now."""
    gate = house.law.gate
    rule = gate.policy.rule_for(country)

    def visible(posts: Collection[str]) -> Collection[str]:
        points = house.store.get(list(posts))
        return [point.id for point in points if point is not None and gate.may_show(from_payload(point.facts), rule)]

    return visible


def judgements_of(
    lines: Iterable[Feedback],
    texts: Mapping[str, str],
    visible: Callable[[Collection[str]], Collection[str]],
    *,
    least: int,
    clicks: bool,
) -> FeedbackQuestions:
    """Count the votes for each post of a question; what has so many more for than against it is an answer.

    `texts` are questions by their keys, for lines without one; `visible` tells which posts may be shown by now.
    """
    judged, votes = FeedbackQuestions(), defaultdict[str, Counter[str]](Counter)
    known = dict(texts)
    for line in lines:
        judged.reactions += 1
        if line.text is not None:
            known[line.question] = line.text
        votes[line.question][line.post] += _VOTES.get(line.reaction, int(clicks))
    for question, posts in votes.items():
        wanted = [post for post, count in posts.most_common() if count >= least]
        answers = set(visible(wanted)) if wanted else set()
        relevant = [post for post in wanted if post in answers]
        if not known.get(question, "").strip():
            judged.skipped["without their words"] += 1
        elif not wanted:
            judged.skipped["with too few votes for a post"] += 1
        elif not relevant:
            judged.skipped["whose answers nobody may see by now"] += 1
        else:
            judged.questions.append({"query": known[question], "relevant": relevant})
    return judged
