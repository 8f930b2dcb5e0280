"""Whose word stands: a reviewer outranks the host, the host outranks the detectors, and history is kept."""

from dataclasses import replace
from datetime import datetime

from compliance.consent import Consent
from compliance.errors import ComplianceError
from compliance.facts import Child, Facts, Source, Thresholds, Vis, vis


class NothingToUndo(ComplianceError):
    """No decision of a reviewer stands on the post."""


def settle(stored: Facts, sent: Facts, *, same: bool) -> Facts:
    """What holds when the post is sent again; `same` tells whether it shows and says what the reviewer saw.

    A decision stands while the post is the same. What withholds stands also when it changed; an opening does not,
    since the reviewer never saw what the post is now.
    """
    if stored.source is Source.REVIEWER and (same or vis(stored.child) is Vis.HELD):
        return stored
    return stored.followed_by(sent)


def stricter(stored: Facts, sent: Facts, *, same: bool) -> Facts:
    """What holds when a line that is not stored says that a stored post is about a child."""
    held = vis(stored.child) is Vis.HELD
    return stored if held or vis(sent.child) is not Vis.HELD else settle(stored, sent, same=same)


def look_again(stored: Facts, sent: Facts, *, same: bool) -> Facts:  # noqa: ARG001 - one of three ways to settle
    """What holds when a post that is unchanged was sent again: a photo that nobody had looked at may now be clear."""
    return stored.followed_by(sent) if stored.child is Child.UNSEEN else stored


def judge(stored: Facts, score: float, thresholds: Thresholds, *, opens: bool) -> Facts:
    """What holds when a detector judges a stored photo: a reviewer outranks it, and whatever withholds stands.

    A photo that nobody had looked at may become clear where `opens` says so; else it is only ever withheld.
    """
    if stored.source is Source.REVIEWER:
        return stored
    plain = replace(stored, child=Child.CLEAR) if stored.child is Child.UNSEEN else stored
    facts = with_photo(plain, score, thresholds)
    if facts.child is stored.child or (facts.child is Child.CLEAR and not opens):
        return stored
    return stored.followed_by(facts)


def decide(facts: Facts, child: Child, by: str, at: datetime, consent: Consent | None = None) -> Facts:
    """The facts after a reviewer's decision."""
    if child is Child.UNSEEN:
        raise ComplianceError("A reviewer who looked cannot say `unseen`: say clear, child, consented or review.")
    if consent is not None and child is not Child.CONSENTED:
        raise ComplianceError(f"A consent goes with `consented`, not with `{child}`: leave it out.")
    return facts.followed_by(
        Facts(child, Source.REVIEWER, facts.score, facts.rules, consent, by, at.isoformat(timespec="microseconds"))
    )


def undo(facts: Facts) -> Facts:
    """The facts before the last decision of a reviewer."""
    if facts.source is not Source.REVIEWER or not facts.history:
        raise NothingToUndo("No decision of a reviewer stands on this post: there is nothing to undo.")
    return replace(facts.history[-1], history=facts.history[:-1])


def with_photo(facts: Facts, score: float | None, thresholds: Thresholds | None) -> Facts:
    """The facts of a post with a photo once a detector gave it a score, or when there is none to look at it.

    Not "at least": a score that is no number must not clear a photo.
    """
    plain = facts.child in (Child.CLEAR, Child.UNSEEN)
    if score is None or thresholds is None:
        return replace(facts, child=Child.UNSEEN) if plain and facts.source is Source.TEXT else facts
    if not plain or score < thresholds.review:
        return replace(facts, score=score) if score == score else facts
    if score >= thresholds.child and facts.source is Source.TEXT:
        return replace(facts, child=Child.CHILD, source=Source.PHOTO, score=score)
    return replace(facts, child=Child.REVIEW, source=Source.PHOTO, score=score if score == score else None)
