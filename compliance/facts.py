"""What is known about a post and children: the facts that are stored with it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeGuard


class Child(StrEnum):
    """Whether a post is about a child under 16, and whether a parent agreed."""

    CLEAR = "clear"
    CHILD = "child"
    CONSENTED = "consented"
    REVIEW = "review"


class Source(StrEnum):
    """Who or what said so."""

    HOST = "host"
    TEXT = "text"
    PHOTO = "photo"
    REVIEWER = "reviewer"


class Vis(StrEnum):
    """The short form that a store filters by."""

    OPEN = "open"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Facts:
    """The finding for one post: its source, a score where there is one, and the ids of the rules; never the words."""

    child: Child
    source: Source
    score: float | None = None
    rules: tuple[str, ...] = ()


# Nobody has said anything yet, so a person has to look.
UNKNOWN = Facts(Child.REVIEW, Source.HOST)


def vis(child: Child | None) -> Vis:
    """Open only for what is known to be clear or consented; all else, also nothing, is held."""
    return Vis.OPEN if child in (Child.CLEAR, Child.CONSENTED) else Vis.HELD


def to_payload(facts: Facts) -> dict[str, object]:
    """The facts as plain values for a store or JSON."""
    payload: dict[str, object] = {"child": facts.child.value, "source": facts.source.value, "rules": list(facts.rules)}
    if facts.score is not None:
        payload["score"] = facts.score
    return payload


def from_payload(payload: Mapping[str, object] | None) -> Facts:
    """The facts back from plain values; whatever is missing or damaged is for review."""
    if not isinstance(payload, Mapping):
        return UNKNOWN
    child, source = payload.get("child"), payload.get("source")
    score, rules = payload.get("score"), payload.get("rules", [])
    if child not in tuple(Child) or source not in tuple(Source):
        return UNKNOWN
    if not isinstance(rules, list | tuple) or not all(isinstance(rule, str) for rule in rules):
        return UNKNOWN
    if not (score is None or _is_number(score)):
        return UNKNOWN
    return Facts(Child(str(child)), Source(str(source)), float(score) if _is_number(score) else None, tuple(rules))


def _is_number(score: object) -> TypeGuard[int | float]:
    return isinstance(score, int | float) and not isinstance(score, bool) and math.isfinite(score)
