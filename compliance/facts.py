"""What is known about a post and children: the facts that are stored with it, and how they came about."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple, TypeGuard

from compliance.consent import Consent, consent_from

MOST_HISTORY: Final = 20


class Child(StrEnum):
    """Whether a post is about a child under 16, and whether a parent agreed.

    `unseen` is clear by its words, but it has a photo that nobody looked at: the policy says what that counts as.
    """

    CLEAR = "clear"
    CHILD = "child"
    CONSENTED = "consented"
    REVIEW = "review"
    UNSEEN = "unseen"


class Source(StrEnum):
    """Who or what said so."""

    HOST = "host"
    TEXT = "text"
    PHOTO = "photo"
    REVIEWER = "reviewer"


class Vis(StrEnum):
    """The short form that a store filters by."""

    OPEN = "open"
    UNSEEN = "unseen"
    HELD = "held"


class Thresholds(NamedTuple):
    """From which score on a photo shows a child, and from which on nobody is sure."""

    child: float
    review: float


@dataclass(frozen=True, slots=True)
class Facts:
    """The finding for one post: its source, a score where there is one, and the ids of the rules; never the words.

    `by` and `at` are of a reviewer's decision; `history` is what held before, the latest last.
    """

    child: Child
    source: Source
    score: float | None = None
    rules: tuple[str, ...] = ()
    consent: Consent | None = None
    by: str | None = None
    at: str | None = None
    history: tuple["Facts", ...] = ()

    def where(self, country: str | None, now: datetime) -> Child:
        """What the post counts as for a visitor of this country now: without the consent, it is about a child."""
        if self.child is Child.CONSENTED and (self.consent is None or not self.consent.covers(country, now)):
            return Child.CHILD
        return self.child

    @property
    def visibility(self) -> tuple[str, list[str]]:
        """What a store filters by: the kind, and where the post is open: everywhere or in some countries."""
        if self.child is Child.CONSENTED and (self.consent is None or not self.consent.everywhere):
            return Child.CHILD.value, [Vis.HELD.value, *(sorted(self.consent.countries) if self.consent else ())]
        return self.child.value, [vis(self.child).value]

    def followed_by(self, later: "Facts") -> "Facts":
        """The later facts, with these in their history."""
        if replace(later, history=()) == replace(self, history=()):
            return self
        return replace(later, history=_kept((*self.history, replace(self, history=()))))


def _kept(history: tuple[Facts, ...]) -> tuple[Facts, ...]:
    """All that people decided; of what was found and sent, the latest only: a site may send a post every minute."""
    last = [number for number, facts in enumerate(history) if facts.source is not Source.REVIEWER][-MOST_HISTORY:]
    return tuple(
        facts for number, facts in enumerate(history) if facts.source is Source.REVIEWER or number >= (last or [0])[0]
    )


NO_RECORD: Final = "consent-without-record"  # among the rules of a post that was open by such a consent

_CHILD: Final[Mapping[str, Child]] = {child.value: child for child in Child}
_SOURCE: Final[Mapping[str, Source]] = {source.value: source for source in Source}

# Nobody has said anything yet, so a person has to look.
UNKNOWN = Facts(Child.REVIEW, Source.HOST)


def vis(child: Child | None) -> Vis:
    """Open only for what is known to be clear or consented; all else, also nothing, is held."""
    if child is Child.UNSEEN:
        return Vis.UNSEEN
    return Vis.OPEN if child in (Child.CLEAR, Child.CONSENTED) else Vis.HELD


def to_payload(facts: Facts) -> dict[str, object]:
    """The facts as plain values for a store or JSON."""
    payload: dict[str, object] = {"child": facts.child.value, "source": facts.source.value, "rules": list(facts.rules)}
    more = {"score": facts.score, "by": facts.by, "at": facts.at}
    payload |= {name: value for name, value in more.items() if value is not None}
    if facts.consent is not None:
        payload["consent"] = facts.consent.to_payload()
    if facts.history:
        payload["history"] = [to_payload(earlier) for earlier in facts.history]
    return payload


def from_payload(payload: Mapping[str, object] | None) -> Facts:
    """The facts back from plain values; whatever is missing or damaged is for review."""
    if not isinstance(payload, Mapping):
        return UNKNOWN
    child, source = _CHILD.get(_text(payload.get("child"))), _SOURCE.get(_text(payload.get("source")))
    score, rules = payload.get("score"), payload.get("rules", ())
    by, at, earlier = payload.get("by"), payload.get("at"), payload.get("history", ())
    if child is None or source is None or not isinstance(rules, list | tuple) or not isinstance(earlier, list | tuple):
        return UNKNOWN
    if not all(isinstance(rule, str) for rule in rules) or not (score is None or _is_number(score)):
        return UNKNOWN
    consent = payload.get("consent")
    try:
        terms = consent_from(consent) if consent is not None else None
    except ValueError:
        return UNKNOWN
    bare = child is Child.CONSENTED and terms is None  # of before consents had records: nobody knows where it holds
    return Facts(
        Child.REVIEW if bare else child,
        source,
        None if score is None else float(score),
        (*rules, NO_RECORD) if bare else tuple(rules),
        terms,
        by if isinstance(by, str) else None,
        at if isinstance(at, str) else None,
        tuple([from_payload(entry) for entry in earlier]),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _is_number(score: object) -> TypeGuard[int | float]:
    return isinstance(score, int | float) and not isinstance(score, bool) and math.isfinite(score)
