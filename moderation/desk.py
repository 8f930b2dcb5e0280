"""The desk of those who decide: decisions and their undoing, consents and their end."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from common.clock_watch import ClockWatch
from compliance.consent import Consent
from compliance.facts import Child, Facts, from_payload
from compliance.law import Law
from compliance.precedence import (
    ENDED,
    REVOKED,
    NothingToUndo,
    decide,
    end_consent,
    holds_copies,
    resume_consent,
    revoke,
    undo,
)
from compliance.records.tombstones import Cause
from ingest.remains import remains_of_point
from ingest.standing import standing
from ingest.steps.held_copies import hold_copies
from qdrant.filters import any_of
from qdrant.points import Fields, StoredPoint
from qdrant.store import Store

_log = logging.getLogger(__name__)


class Decision(NamedTuple):
    """What a person says of a post, with a parent's consent where there is one."""

    post: str
    child: Child
    consent: Consent | None = None


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
        (point,) = self._store.get([post])
        return None if point is None else from_payload(point.facts)

    def consented(self) -> list[tuple[StoredPoint, Facts]]:
        """The posts that a consent stands on, in some countries or in all; what ends soonest comes first."""
        # A post with a consent for some countries is stored as one about a child: elsewhere it is.
        found = (
            (point, from_payload(point.facts))
            for point in self._store.scroll(any_of(Fields.CHILD, [Child.CONSENTED, Child.CHILD]))
        )
        standing_on = [(point, facts) for point, facts in found if facts.child is Child.CONSENTED and facts.consent]
        return sorted(standing_on, key=lambda each: (str(each[1].consent and each[1].consent.until), each[0].id))

    def decide(self, decisions: Sequence[Decision], by: str) -> list[Facts | None]:
        """Record decisions, all of them or none; the facts of each post now, None where there is no such post."""
        now = self._now()
        wanted = {decision.post: decision for decision in decisions}

        def change(post: str, facts: Facts) -> Facts:
            after = decide(facts, wanted[post].child, by, now, wanted[post].consent)
            if after.consent is not None:
                self._audit.consented(post, after.consent)  # first: without a record there is no consent
            return after

        after = self._change(list(wanted), change, self._remember)
        for post, facts in after.items():
            self._audit.decided(post, facts.child, by)
        return [after.get(decision.post) for decision in decisions]

    def undo(self, posts: Sequence[str], by: str) -> list[Facts | NothingToUndo | None]:
        """Take the last decision on each post back; None where there is no such post."""
        refused: dict[str, NothingToUndo] = {}
        now = self._now()

        def change(post: str, facts: Facts) -> Facts:
            try:
                return undo(facts, now)
            except NothingToUndo as nothing:
                refused[post] = nothing
                return facts

        after = self._change(list(posts), change, self._withdraw)
        for post, facts in after.items():
            if post not in refused:
                self._audit.undone(post, facts.child, by)
        return [refused.get(post) or after.get(post) for post in posts]

    def revoke(self, post: str, by: str) -> Facts | None:
        """Take a consent back: the post is about a child again, from now on."""
        now = self._now()

        def change(_: str, facts: Facts) -> Facts:
            return revoke(facts, by, now)

        after = self._change([post], change, self._remember)
        if post in after:
            self._audit.revoked(post, by)
        return after.get(post)

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
    ) -> dict[str, Facts]:
        with self._turn:
            points = {point.id: point for point in self._store.get(posts) if point is not None}
            before = {post: from_payload(point.facts) for post, point in points.items()}
            after = {post: change(post, facts) for post, facts in before.items()}
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
        return after

    def _remember(self, point: StoredPoint, _: Facts, after: Facts) -> None:
        """Remember what a person decided for the time when the post is gone."""
        if after.child is Child.CLEAR:
            self._tombstones.lift(remains_of_point(point), after.by or "")
        else:
            cause = Cause.REVOKED if REVOKED in after.rules else Cause.HELD
            self._tombstones.add(cause, [(remains_of_point(point), after)])

    def _withdraw(self, point: StoredPoint, before: Facts, _: Facts) -> None:
        self._tombstones.withdraw(point.id, before.at)
