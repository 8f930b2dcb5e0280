"""The desk of those who decide: decisions and their undoing, consents and their end."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec

from common.clock_watch import ClockWatch
from compliance.consent import Consent
from compliance.errors import ComplianceError
from compliance.facts import Child, Facts, Vis, from_payload, vis
from compliance.law import Law
from compliance.precedence import (
    ENDED,
    REVOKED,
    NothingToUndo,
    decide,
    end_consent,
    holds_copies,
    is_about_a_child,
    resume_consent,
    revoke,
    undo,
)
from compliance.records.tombstones import Cause
from ingest.post import hashed
from ingest.remains import remains_of_point, whole_of_point
from ingest.standing import standing
from ingest.steps.held_copies import hold_copies
from qdrant.filters import any_of
from qdrant.points import Fields, StoredPoint
from qdrant.store import Store

_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_OTHER: Final = "The post, or what is known of it, changed since it was seen, and nothing was done: look at it again."
_log = logging.getLogger(__name__)


class Decision(NamedTuple):
    """What a person says of a post, with a parent's consent where there is one, and the revision that was seen."""

    post: str
    child: Child
    consent: Consent | None = None
    seen: str | None = None


class Decided(NamedTuple):
    """What is known of a post by now, and the name of that and of all that it shows."""

    facts: Facts
    revision: str


class OtherThanSeen(ComplianceError):
    """The post, or what is known of it, is not what the person looked at."""


def revision_of(point: StoredPoint, facts: Facts) -> str:
    """Name all that a post shows and what is known of it, but for how that came about."""
    known = [whole_of_point(point), facts.child, facts.source, facts.by, facts.at, facts.rules]
    return hashed(msgspec.json.encode(known))


class Desk:
    """Changes facts of stored posts; whatever returned is on disk and holds for the next question."""

    def __init__(self, store: Store, law: Law) -> None:
        self._store = store
        self._audit = law.audit
        self._tombstones = law.tombstones
        self._now = law.gate.now
        self._held_photos = law.held_photos
        self._turn = law.turn
        self._ends = law.ends
        self._clock = ClockWatch()

    def facts(self, post: str) -> Facts | None:
        """What is known of a post; None when there is none."""
        known = self.look(post)
        return known and known.facts

    def look(self, post: str) -> Decided | None:
        """What is known of a post, and its revision; None when there is none."""
        (point,) = self._store.get([post])
        if point is None:
            return None
        facts = from_payload(point.facts)
        return Decided(facts, revision_of(point, facts))

    def consented(self) -> list[tuple[StoredPoint, Facts]]:
        """The posts that a consent stands on, in some countries or in all; what ends soonest comes first."""
        # A post with a consent for some countries is stored as one about a child: elsewhere it is.
        found = (
            (point, from_payload(point.facts))
            for point in self._store.scroll(any_of(Fields.CHILD, [Child.CONSENTED, Child.CHILD]))
        )
        standing_on = [(point, facts) for point, facts in found if facts.child is Child.CONSENTED and facts.consent]
        return sorted(standing_on, key=lambda each: ((each[1].consent and each[1].consent.until) or _NEVER, each[0].id))

    def decide(self, decisions: Sequence[Decision], by: str) -> list[Decided | OtherThanSeen | None]:
        """Record decisions; what is known of each post now, None where there is no such post.

        Where a post is another one than was seen, nothing is decided. What opens is recorded first, or not done.
        """
        now = self._now()
        wanted = {decision.post: decision for decision in decisions}

        def change(post: str, facts: Facts) -> Facts:
            after = decide(facts, wanted[post].child, by, now, wanted[post].consent)
            if after.consent is not None:
                self._audit.consented(post, after.consent)  # first: without a record there is no consent
            return after

        def remember(point: StoredPoint, _: Facts, after: Facts) -> None:
            if vis(after.child) is not Vis.HELD:
                self._audit.decided(point.id, after.child, by, opens=True)
            self._remember(point, after)

        after = self._change(list(wanted), change, remember, {each.post: each.seen for each in decisions})
        for post, decided in after.items():
            if isinstance(decided, Decided) and vis(decided.facts.child) is Vis.HELD:
                self._audit.decided(post, decided.facts.child, by)
        return [after.get(decision.post) for decision in decisions]

    def undo(self, posts: Mapping[str, str | None], by: str) -> list[Decided | OtherThanSeen | NothingToUndo | None]:
        """Take the last decision on each post back, by the revision that was seen; None where there is no such post."""
        refused: dict[str, NothingToUndo] = {}
        now = self._now()

        def change(post: str, facts: Facts) -> Facts:
            try:
                return undo(facts, now)
            except NothingToUndo as nothing:
                refused[post] = nothing
                return facts

        def remember(point: StoredPoint, before: Facts, after: Facts) -> None:
            if vis(after.child) is not Vis.HELD:
                self._audit.undone(point.id, after.child, by, opens=True)
            self._withdraw(point, before, after)

        after = self._change(list(posts), change, remember, posts)
        for post, undone in after.items():
            if isinstance(undone, Decided) and post not in refused and vis(undone.facts.child) is Vis.HELD:
                self._audit.undone(post, undone.facts.child, by)
        return [refused.get(post) or after.get(post) for post in posts]

    def revoke(self, post: str, by: str) -> Decided | None:
        """Take a consent back: the post is about a child again, from now on."""
        now = self._now()

        def change(_: str, facts: Facts) -> Facts:
            return revoke(facts, by, now)

        after = self._change([post], change, lambda point, _, after: self._remember(point, after))
        revoked = after.get(post)
        if not isinstance(revoked, Decided):
            return None
        self._audit.revoked(post, by)
        return revoked

    @property
    def may_wait(self) -> bool:
        """Whether `end_consents` has something to do now, which waits for whoever has the turn."""
        return not self._ends.are_known or bool(self._ends.over(self._now()))

    def end_consents(self) -> None:
        """Withhold posts whose consent has ended by now; what a question finds after this never relies on it."""
        now = self._now()
        if (jump := self._clock.jump(now)) is not None:
            _log.warning("the clock jumped by %s: consents end, and come back, by what it says now", jump)
            if jump < timedelta():
                self.resume_consents()
        if not self._ends.are_known:
            with self._turn:
                if not self._ends.are_known:
                    self._ends.read(self._read_ends())
        if not self._ends.over(now):
            return
        with self._ends.turn:
            over = self._ends.over(now)
            ended = list[str]()

            def change(post: str, facts: Facts) -> Facts:
                after = end_consent(facts, now)
                ended.extend([post] if after != facts else [])  # else another process has ended it
                return after

            self._change(over, change)
            self._ends.forget(over, now)
            for post in ended:
                self._audit.revoked(post, ENDED)

    def resume_consents(self) -> list[str]:
        """Open the posts again whose consents ended by a clock that ran ahead, and stand by what it says now.

        Each is recorded as when it was given, and before it holds; what was decided or taken back since stands.
        """
        now = self._now()
        ended = [
            point.id
            for point in self._store.scroll(any_of(Fields.CHILD, [Child.CHILD]))
            if ENDED in from_payload(point.facts).rules
        ]
        resumed = list[str]()

        def change(post: str, facts: Facts) -> Facts:
            after = resume_consent(facts, now)
            if after != facts and after.consent is not None:
                self._audit.consented(post, after.consent)
                resumed.append(post)
            return after

        with self._ends.turn:
            self._change(ended, change)
        return resumed

    def _read_ends(self) -> dict[str, datetime]:
        ends: dict[str, datetime] = {}
        # A post with a consent for some countries is stored as one about a child: elsewhere it is.
        for point in self._store.scroll(any_of(Fields.CHILD, [Child.CONSENTED, Child.CHILD])):
            facts = from_payload(point.facts)
            if facts.child is Child.CONSENTED and facts.consent is not None and facts.consent.until is not None:
                ends[point.id] = facts.consent.until
        return ends

    def _change(
        self,
        posts: Sequence[str],
        change: Callable[[str, Facts], Facts],
        remember: Callable[[StoredPoint, Facts, Facts], None] | None = None,
        seen: Mapping[str, str | None] = MappingProxyType({}),
    ) -> dict[str, Decided | OtherThanSeen]:
        with self._turn:
            points = {point.id: point for point in self._store.get(posts) if point is not None}
            before = {post: from_payload(point.facts) for post, point in points.items()}
            other = {
                post
                for post, point in points.items()
                if seen.get(post) is not None and seen[post] != revision_of(point, before[post])
            }
            after = {post: change(post, facts) for post, facts in before.items() if post not in other}
            changed = {post: facts for post, facts in after.items() if facts != before[post]}
            if remember is not None:  # first: without a tombstone nothing is decided
                for post, facts in changed.items():
                    remember(points[post], before[post], facts)
            if changed:
                self._store.set_facts({post: standing(facts, points[post]) for post, facts in changed.items()})
                hold_copies(self._store, [points[post] for post, facts in changed.items() if holds_copies(facts)])
            for post, facts in changed.items():
                self._ends.note(post, facts.consent)
                self._held_photos.note(post, points[post].likeness, facts)
        decided = {post: Decided(facts, revision_of(points[post], facts)) for post, facts in after.items()}
        return {**decided, **dict.fromkeys(other, OtherThanSeen(_OTHER))}

    def _remember(self, point: StoredPoint, after: Facts) -> None:
        """Remember what a person decided for the time when the post is gone."""
        if after.child is Child.CLEAR:
            self._tombstones.lift(remains_of_point(point), after.by or "")
        else:
            cause = Cause.REVOKED if REVOKED in after.rules else Cause.HELD
            self._tombstones.add(cause, [(remains_of_point(point), after)])

    def _withdraw(self, point: StoredPoint, before: Facts, after: Facts) -> None:
        """Forget a hold that is undone; where a clearance is, what it had lifted holds again, whatever store comes."""
        self._tombstones.withdraw(point.id, before.at)
        if before.child is Child.CLEAR and is_about_a_child(after):
            self._tombstones.add(Cause.HELD, [(remains_of_point(point), after)])
