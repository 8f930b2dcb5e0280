"""Whose word stands: a reviewer outranks the host, the host outranks the detectors, and history is kept."""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from compliance.consent import Consent
from compliance.errors import ComplianceError
from compliance.facts import NO_RECORD, Child, Facts, Source, Thresholds, Vis, vis

CHANGED = "content-changed"  # among the rules of a post whose clearance or consent a change has ended
COPY_OF = "copy-of:"  # before the id of the held post that another one is like
TOMBSTONE = "tombstone:"  # before the number of what was held before, under this id or with this content
REVOKED, ENDED = "consent-revoked", "consent-ended"  # stand among the rules of what closed a post for that reason

_SAYS: Final = {
    NO_RECORD: "It was open by a consent without a record: decide anew, with the record.",
    CHANGED: "What is shown changed after a reviewer had opened the post.",
    COPY_OF: "It shows or says what a held post does.",
    TOMBSTONE: "It was held before it was deleted, or shows or says what such a post did.",
    REVOKED: "A parent took the consent back.",
    ENDED: "The consent has ended.",
}


class NothingToUndo(ComplianceError):
    """No decision of a reviewer stands on the post."""


def settle(stored: Facts, sent: Facts, *, same: bool, silent: bool = False) -> Facts:
    """What holds when the post is sent again.

    `same` tells whether it shows exactly what it showed: captions, authors, tags, link, thumb, attrs and photo.
    `silent` tells that the site said nothing of a child this time, which changes nothing of what it said before.

    A reviewer's decision stands while the post is the same; one that withholds stands whatever the post becomes. One
    that opens, and a consent, were given for what was shown: a change ends them, and the post waits for review. What is
    sent while a decision stands is kept beneath it, so that undoing it opens nothing that was closed meanwhile.
    """
    held = vis(stored.child) is Vis.HELD
    if _same_terms(stored.consent, sent.consent):
        sent = replace(sent, consent=stored.consent)  # it was recorded then
    if stored.source is Source.REVIEWER:
        if same or held:
            return _beneath(stored, lambda earlier: settle(earlier, sent, same=same, silent=silent))
        return stored.followed_by(_at_least_review(sent))
    if marks := _marks(stored):  # what waits for a person is opened by nobody else, however often it is sent
        if silent and stored.source is Source.HOST and stored.child is Child.CHILD:
            sent = _marked(stored, *sent.rules)  # what it is like says less than the site did
        sent = _before_a_person_looks(sent)
        return stored.followed_by(_marked(sent, *marks)) if vis(sent.child) is Vis.HELD else stored
    if stored.child is Child.CONSENTED and not same:
        return stored.followed_by(_at_least_review(sent))
    if silent and stored.source is Source.HOST and (same or held) and vis(sent.child) is not Vis.HELD:
        return stored
    if silent and stored.source is Source.HOST and stored.child is Child.CHILD:
        return stored.followed_by(_marked(stored, *_marks(sent)))  # what is found says no more than the site did
    return stored.followed_by(sent)


def stricter(stored: Facts, sent: Facts, *, same: bool, silent: bool = False) -> Facts:
    """What holds when a line that is not stored says that a stored post is about a child."""
    if sent.child is Child.CONSENTED and stored.child in (Child.CLEAR, Child.UNSEEN):
        sent = replace(sent, child=Child.CHILD, consent=None)
    if vis(sent.child) is not Vis.HELD:
        return stored
    if stored.child is Child.CONSENTED and stored.source is Source.HOST and not holds_copies(sent):
        return stored  # a copy without a consent takes away none
    if vis(stored.child) is Vis.HELD and stored.source is Source.REVIEWER:
        return _beneath(stored, lambda earlier: stricter(earlier, sent, same=same, silent=silent))
    if vis(stored.child) is Vis.HELD:
        says_more = sent.child is Child.CHILD and (stored.child is not Child.CHILD or _is_by_host_alone(sent, stored))
        says_more = says_more or (holds_copies(sent) and not holds_copies(stored))
        return stored.followed_by(_marked(sent, *_marks(stored))) if says_more else stored
    return settle(stored, sent, same=same, silent=silent)


def look_again(stored: Facts, sent: Facts, *, same: bool, silent: bool = False) -> Facts:  # noqa: ARG001 - a Settle
    """What holds when a post that is unchanged was sent again: a photo that nobody had looked at may now be clear."""
    return stored.followed_by(sent) if stored.child is Child.UNSEEN and same else stored


def _at_least_review(sent: Facts) -> Facts:
    return _marked(sent if vis(sent.child) is Vis.HELD else replace(sent, child=Child.REVIEW, consent=None), CHANGED)


def _is_by_host_alone(one: Facts, other: Facts) -> bool:
    return one.source is Source.HOST and other.source is not Source.HOST


def _same_terms(one: Consent | None, other: Consent | None) -> bool:
    """Whether two consents are one, whenever each was recorded."""
    return one is not None and other is not None and replace(one, at=other.at) == other


def held_before(sent: Facts, held: Child, tombstone: str) -> Facts:
    """The facts of a post that was held before under its id: whatever the site says, a person decides."""
    child = Child.CHILD if not {sent.child, held}.isdisjoint((Child.CHILD, Child.CONSENTED)) else Child.REVIEW
    return _marked(replace(sent, child=child, consent=None), f"{TOMBSTONE}{tombstone}")


def copy_of(other: str) -> Facts:
    """The facts of a post that is like a held one: a person looks at both."""
    return Facts(Child.REVIEW, Source.HOST, rules=(f"{COPY_OF}{other}",))


def originals_of(facts: Facts) -> tuple[str, ...]:
    """The ids of the held posts that a post is like, by its rules: whoever decides looks at both."""
    return tuple(rule.removeprefix(COPY_OF) for rule in facts.rules if rule.startswith(COPY_OF))


def like_held(sent: Facts, other: str) -> Facts:
    """The facts of a post that is sent and is like a held one, whatever the site says of it."""
    sent = _before_a_person_looks(sent)
    return _marked(sent, *copy_of(other).rules) if vis(sent.child) is Vis.HELD else copy_of(other)


def _before_a_person_looks(sent: Facts) -> Facts:
    """What a consent says of a post that waits: it opens nothing, and is given for a child, which holds copies."""
    return replace(sent, child=Child.CHILD, consent=None) if sent.child is Child.CONSENTED else sent


def without_consent(facts: Facts) -> Facts:
    """The facts once the site says that there is no consent: one that it gave is none; a reviewer's is his to end."""
    if facts.source is Source.REVIEWER:
        return _beneath(facts, without_consent)
    if facts.child is not Child.CONSENTED or facts.source is not Source.HOST:
        return facts
    return facts.followed_by(replace(facts, child=Child.CHILD, consent=None))


def is_about_a_child(facts: Facts) -> bool:
    """Whether the post is held, or open by nothing but a parent's consent, which reaches no other post."""
    return vis(facts.child) is Vis.HELD or facts.child is Child.CONSENTED


def holds_copies(facts: Facts) -> bool:
    """Whether the post is about a child by itself, and not held for nothing but that it is like another one."""
    copy = facts.child is Child.REVIEW and facts.source is Source.HOST and bool(facts.rules)
    return is_about_a_child(facts) and not (copy and all(rule.startswith(COPY_OF) for rule in facts.rules))


def waits_for_a_person(facts: Facts) -> bool:
    """Whether nobody but a reviewer opens the post, whatever is sent."""
    return bool(_marks(facts))


def says_of_mark(rule: str) -> str | None:
    """The sentence for people of a mark among the rules, which no lexicon has; None for any other rule."""
    return next(
        (says for mark, says in _SAYS.items() if rule == mark or (mark[-1] == ":" and rule.startswith(mark))), None
    )


def _marks(facts: Facts) -> tuple[str, ...]:
    """Why a post waits for a person, whatever the site sends next."""
    return tuple(rule for rule in facts.rules if rule in (CHANGED, NO_RECORD) or rule.startswith((COPY_OF, TOMBSTONE)))


def _marked(facts: Facts, *marks: str) -> Facts:
    return replace(facts, rules=tuple(dict.fromkeys((*facts.rules, *marks))))


def _beneath(stored: Facts, change: Callable[[Facts], Facts]) -> Facts:
    """The facts with something changed in what a reviewer's decision covers, and an undo would bring back."""
    if stored.source is not Source.REVIEWER or not stored.history:
        return stored
    earlier = replace(stored.history[-1], history=stored.history[:-1])
    later = change(earlier)
    return stored if later == earlier else replace(stored, history=(*later.history, replace(later, history=())))


def judge(stored: Facts, score: float, thresholds: Thresholds, *, opens: bool) -> Facts:
    """What holds when a detector judges a stored photo: a reviewer outranks it, and whatever withholds stands.

    A photo that nobody had looked at may become clear where `opens` says so; else it is only ever withheld.
    """
    if stored.source is Source.REVIEWER:
        return _beneath(stored, lambda earlier: judge(earlier, score, thresholds, opens=False))
    plain = replace(stored, child=Child.CLEAR) if stored.child is Child.UNSEEN else stored
    if vis(stored.child) is Vis.HELD and not holds_copies(stored):  # it waits as a copy: the detector may say more
        facts = with_photo(Facts(Child.CLEAR, Source.TEXT), score, thresholds)
        return stored.followed_by(_marked(facts, *_marks(stored))) if vis(facts.child) is Vis.HELD else stored
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
    if consent is None and child is Child.CONSENTED:
        raise ComplianceError("A consent has a record: give `consent` with the number of the form, and where it holds.")
    return facts.followed_by(_by_reviewer(facts, child, by, at, consent=consent))


def revoke(facts: Facts, by: str, at: datetime) -> Facts:
    """The facts after a parent took the consent back; also one that a later decision covers can never come back."""
    if not any(entry.child is Child.CONSENTED for entry in (facts, *facts.history)) or REVOKED in facts.rules:
        return facts
    child = Child.CHILD if facts.child is Child.CONSENTED or vis(facts.child) is not Vis.HELD else facts.child
    return facts.followed_by(_by_reviewer(facts, child, by, at, mark=REVOKED))


def end_consent(facts: Facts, now: datetime) -> Facts:
    """The facts after a consent's end; as they were where none has ended."""
    if facts.child is not Child.CONSENTED or facts.consent is None or facts.consent.stands(now):
        return facts
    return facts.followed_by(_by_reviewer(facts, Child.CHILD, ENDED, now, mark=ENDED))


def resume_consent(facts: Facts, now: datetime) -> Facts:
    """The facts as before their consent ended, where it stands by now: the clock ran ahead then. Else as they are."""
    if ENDED not in facts.rules or facts.by != ENDED or not facts.history:
        return facts
    before = replace(facts.history[-1], history=facts.history[:-1])
    stands = before.child is Child.CONSENTED and before.consent is not None and before.consent.stands(now)
    return before if stands else facts


def undo(facts: Facts, now: datetime | None = None) -> Facts:
    """The facts before the last decision of a reviewer; nothing that was closed for another reason opens by it."""
    if facts.source is not Source.REVIEWER or not facts.history:
        raise NothingToUndo("No decision of a reviewer stands on this post: there is nothing to undo.")
    if REVOKED in facts.rules or ENDED in facts.rules:
        raise NothingToUndo("A consent that was taken back or has ended does not come back: record it anew.")
    before = replace(facts.history[-1], history=facts.history[:-1])
    return before if now is None else end_consent(before, now)


def _by_reviewer(
    facts: Facts, child: Child, by: str, at: datetime, *, consent: Consent | None = None, mark: str | None = None
) -> Facts:
    rules = tuple(rule for rule in facts.rules if rule not in (REVOKED, ENDED, *_marks(facts)))
    moment = at.isoformat(timespec="microseconds")
    return Facts(child, Source.REVIEWER, facts.score, (*rules, *([mark] if mark else [])), consent, by, moment)


def with_photo(facts: Facts, score: float | None, thresholds: Thresholds | None) -> Facts:
    """The facts of a post with a photo once a detector gave it a score, or when there is none to look at it.

    Not "at least": a score that is no number must not clear a photo.
    """
    plain = facts.child in (Child.CLEAR, Child.UNSEEN)
    if score is None or thresholds is None:
        return replace(facts, child=Child.UNSEEN) if plain and facts.source is Source.TEXT else facts
    if not plain or score < thresholds.review:
        return replace(facts, score=score) if not math.isnan(score) else facts
    if score >= thresholds.child and facts.source is Source.TEXT:
        return replace(facts, child=Child.CHILD, source=Source.PHOTO, score=score)
    return replace(facts, child=Child.REVIEW, source=Source.PHOTO, score=None if math.isnan(score) else score)
