"""Keeping: drafts to acknowledged points, copies turned away, and whatever is said of children held at once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from common.album import NO_QUESTIONS
from common.arrays import UInt64
from compliance.facts import Child, Facts, from_payload
from compliance.law import Law
from compliance.precedence import (
    copy_of,
    holds_copies,
    is_about_a_child,
    like_held,
    look_again,
    settle,
    stricter,
    without_consent,
)
from compliance.records.tombstones import Cause, Remains, remembered_facts
from ingest.changes.withdrawal import WITHDRAWN, OnReject, may_withdraw, remove, withdraws
from ingest.draft import Draft
from ingest.photos.rendition_folder import RenditionFolder
from ingest.reason import Reason
from ingest.remains import lost_content, questions_of, remains_of, remains_of_point
from ingest.settings import IngestSettings
from ingest.standing import standing
from ingest.steps.copies import Keys, Known, find_known, keys_of
from ingest.steps.duplicate_photo import duplicate_photo, near_duplicate
from ingest.steps.duplicate_text import duplicate, duplicate_text
from ingest.steps.held_copies import hold_copies
from ingest.storage.appearance import Appearance, appearance_of, is_same, is_silent, replaces
from ingest.storage.new_point import likeness_of_photo
from ingest.storage.point_writer import PointWriter
from qdrant.engine.write_plan import Written
from qdrant.filters import any_of
from qdrant.points import Fields, StoredPoint
from qdrant.store import Standing, Store
from topic_model.model import TopicModel
from vision.dual.dual_encoder import DualEncoder

STORED, UNCHANGED = Written.STORED.value, Written.UNCHANGED.value


class Settle(Protocol):
    """How new facts stand against stored ones."""

    def __call__(self, stored: Facts, sent: Facts, *, same: bool, silent: bool = False) -> Facts:
        """Give what holds."""
        ...


class Keeper:
    """Puts posts into the store, each one once."""

    def __init__(
        self,
        store: Store,
        model: TopicModel | None,
        settings: IngestSettings,
        law: Law,
        dual: DualEncoder | None = None,
        renditions: RenditionFolder | None = None,
    ) -> None:
        self._store = store
        self._settings = settings
        self._law = law
        self._takedowns = law.takedowns
        self._held_photos = law.held_photos
        self._tombstones = law.tombstones
        self._ends = law.ends
        self._renditions = renditions
        self._writer = PointWriter(store, model, law.audit, dual, renditions)
        self._turn = law.turn  # two batches at once could store the same post under two ids

    def keep(self, drafts: list[Draft], on_reject: OnReject | None = None) -> list[Draft]:
        """Give every draft its result; those that are stored are safe on disk by then."""
        with self._turn:
            self._keep([draft for draft in drafts if draft.post is not None])
            self._withdraw(drafts, on_reject)
        return drafts

    def keep_change(self, draft: Draft, basis: StoredPoint, on_reject: OnReject | None = None) -> bool:
        """Keep a draft that was made of a stored post; False where that is another by now, and nothing was done."""
        with self._turn:
            (point,) = self._store.get([basis.id])
            if point is None or (point.changed, point.facts) != (basis.changed, basis.facts):
                return False
            self._keep([draft] if draft.post is not None else [])
            self._withdraw([draft], on_reject)
        return True

    def _keep(self, drafts: Sequence[Draft]) -> None:
        if any(draft.photo is not None for draft in drafts):
            self._read_held()
        points = self._store.get([draft.sent.id for draft in drafts])
        stored = {point.id: point for point in points if point is not None}
        before = {post: from_payload(point.facts) for post, point in stored.items()}
        questions = self._questions(drafts)
        self._turn_away_taken_down(drafts, questions)
        now = before | self._hold({draft.sent.id: draft for draft in drafts if is_about_a_child(draft.facts)})
        self._remember_replaced(drafts, stored, before, now)
        facts, alike = self._turn_away_copies(
            drafts, {post: appearance_of(point) for post, point in stored.items()}, now, questions
        )
        self._store_points([draft for draft in drafts if draft.result is None], facts, stored)
        self._hold_all(*_not_taken_back(drafts, facts, alike))
        held = {draft.sent.id for draft in drafts if _became(draft, STORED) and holds_copies(facts[draft.line.number])}
        hold_copies(self._store, [point for point in self._store.get(sorted(held)) if point is not None])

    def _withdraw(self, drafts: Sequence[Draft], wish: OnReject | None) -> None:
        """Remove what refused lines were to replace; of several lines of a post the last one decides."""
        last = {name.id: draft for draft in drafts if (name := draft.post or draft.name) is not None}
        refused = {post: draft for post, draft in last.items() if may_withdraw(draft, wish)}
        points = [point for point in self._store.get(list(refused)) if point is not None] if refused else []
        going = [point for point in points if withdraws(point, wish) and replaces(refused[point.id], point)]
        for post in remove(self._store, self._law, self._renditions, going):
            refused[post].mark_rejected(WITHDRAWN, "The post that it was to replace was removed.")

    def has(self, post: str) -> bool:
        """Whether a post is stored."""
        return self._store.get([post]) != [None]

    def _turn_away_taken_down(self, drafts: Sequence[Draft], questions: Mapping[int, UInt64]) -> None:
        """Reject what was taken down, whoever sends it again; a line that was rejected already stays so."""
        for draft in drafts:
            if draft.result is None:
                keys = keys_of(draft.sent, draft.photo)
                look = int(keys.look.removeprefix("look:"), 16) if keys.look else None
                exact = keys.photo.removeprefix("photo:") or None
                takedown = self._takedowns.match(
                    draft.sent.id, draft.sent.link, exact, look, questions[draft.line.number]
                )
                if takedown:
                    draft.reject("taken_down", f"This post, its link or its photo was taken down ({takedown}).")

    def _remember_replaced(
        self,
        drafts: Sequence[Draft],
        stored: Mapping[str, StoredPoint],
        before: Mapping[str, Facts],
        now: Mapping[str, Facts],
    ) -> None:
        """Remember what held posts will show no more: it may come again elsewhere, in this very batch.

        What the line itself says is of what it brings; what other lines say holds what was there.
        """
        speaking = Counter(draft.sent.id for draft in drafts if is_about_a_child(draft.facts))
        gone: list[tuple[Remains, Facts]] = []
        for draft in drafts:
            point = stored.get(draft.sent.id)
            if point is None or draft.result is not None or not appearance_of(draft).replaces(appearance_of(point)):
                continue
            remains = remains_of_point(point)
            content = lost_content(remains, keys_of(draft.sent, draft.photo))
            if content:
                others = speaking[point.id] > is_about_a_child(draft.facts)
                gone.append((replace(remains, content=content), (now if others else before)[point.id]))
        self._tombstones.add(Cause.REPLACED, gone)

    def _recall(self, draft: Draft, questions: UInt64, *, stored: bool) -> None:
        """Hold what was held before, under its id or as what it shows."""
        stone = self._tombstones.match(remains_of(draft.sent, draft.photo, questions), stored=stored)
        if stone is not None:
            draft.facts = remembered_facts(draft.facts, stone, draft.sent.id)

    def _hold(self, drafts: Mapping[str, Draft]) -> dict[str, Facts]:
        """Withhold the stored posts that are found to be about a child; only a newer post may open them again."""
        return self._settle(drafts, {post: draft.facts for post, draft in drafts.items()}, stricter)

    def _hold_all(self, lines: Mapping[str, Draft], alike: Mapping[str, Facts]) -> None:
        """Withhold what lines that were not stored speak of, and the posts that are like one about a child."""
        self._hold(lines)
        self._settle({}, alike, stricter)

    def _settle(self, drafts: Mapping[str, Draft], sent: Mapping[str, Facts], how: Settle) -> dict[str, Facts]:
        """Weigh facts against those of the stored posts, and write what changed; gives that.

        Facts of which no line tells are about the post as it is stored.
        """
        changed: dict[str, Standing] = {}
        facts: dict[str, Facts] = {}
        held: list[StoredPoint] = []
        for point in self._store.get(list(sent)) if sent else ():
            if point is None:
                continue
            draft, before = drafts.get(point.id), from_payload(point.facts)
            same, silent = draft is None or is_same(point, draft), draft is None or is_silent(draft)
            after = how(before, sent[point.id], same=same, silent=silent)
            held += [point] if holds_copies(after) else []  # copies may have come beside this very line
            if after != before:
                facts[point.id], changed[point.id] = after, standing(after, point)
                self._held_photos.note(point.id, point.likeness, after)
        if changed:
            self._store.set_facts(changed)
        hold_copies(self._store, held)
        return facts

    def _turn_away_copies(
        self,
        drafts: Sequence[Draft],
        appearances: dict[str, Appearance],
        now: dict[str, Facts],
        questions: Mapping[int, UInt64],
    ) -> tuple[dict[int, Facts], dict[int, list[str]]]:
        """Reject or mark what another post shows or says already, and weigh what is left against what holds by then.

        Gives, by the number of the line, the facts of what is left and the posts that it is like. `appearances` and
        `now` are of the stored posts; a post that comes twice is weighed against what its last line made of it.
        """
        left = [draft for draft in drafts if draft.result is None]
        keys = {draft.line.number: keys_of(draft.sent, draft.photo) for draft in left}
        replacements = [
            (draft.sent.id, keys[draft.line.number])
            for draft in left
            if draft.sent.id not in appearances or appearance_of(draft).replaces(appearances[draft.sent.id])
        ]
        known = find_known(self._store, keys.values(), replacements)
        facts: dict[int, Facts] = {}
        alike: dict[int, list[str]] = {}
        latest: dict[str, Draft] = {}
        for draft in drafts:
            number, post, silent, appearance = draft.line.number, draft.sent.id, is_silent(draft), appearance_of(draft)
            same = post in appearances and appearances[post].display == appearance.display
            if draft.result is None:
                if not same:  # what is sent as it is stored is known
                    self._recall(draft, questions[number], stored=post in appearances)
                self._compare(draft, keys[number], known)
                alike[number] = known.like(keys[number], post)
            if draft.result is not None:
                if post in now:
                    now[post] = stricter(now[post], draft.facts, same=same, silent=silent)
                continue
            holding = known.holding(keys[number], post)
            if holding is None:
                new = known.is_new(keys[number], post)
                holding = self._disguised(self._held_photos.like(questions[number], post, new=new), now)
            consented = same and now[post].child is Child.CONSENTED
            if holding is not None and not consented:
                draft.facts = like_held(draft.facts, holding)
            facts[number] = draft.facts
            if post in now:
                if same and draft.sent.consent is False:
                    now[post] = without_consent(now[post])
                facts[number] = settle(now[post], draft.facts, same=same, silent=silent)
            if post in appearances and not appearance.replaces(appearances[post]):
                now[post] = stricter(now[post], draft.facts, same=same, silent=silent)
            else:
                if post in latest:
                    self._remember_lost(latest[post], now[post], keys[number])
                latest[post], now[post], appearances[post] = draft, facts[number], appearance
                self._held_photos.note(post, likeness_of_photo(draft.photo), now[post])
            known.add(post, keys[number].stored(), now[post])
        return facts, alike

    def _questions(self, drafts: Sequence[Draft]) -> dict[int, UInt64]:
        """What each photo asks, by the number of its line; nothing where nobody could answer, which takes no time."""
        known = len(self._held_photos) or len(self._tombstones) or self._takedowns.all()
        asks = known or any(is_about_a_child(draft.facts) for draft in drafts)
        return {draft.line.number: questions_of(draft.photo) if asks else NO_QUESTIONS for draft in drafts}

    def _disguised(self, alike: Sequence[str], now: Mapping[str, Facts]) -> str | None:
        """The first of these posts that is still held: one may have gone since it was noted."""
        for post in alike:
            (point,) = [None] if post in now else self._store.get([post])
            facts = from_payload(point.facts) if point is not None else now.get(post)
            if facts is not None and is_about_a_child(facts):
                return post
        return None

    def _read_held(self) -> None:
        """Read which photos are held, where nobody did for a while."""
        if self._held_photos.is_due:
            about = any_of(Fields.CHILD, [Child.CHILD, Child.REVIEW, Child.CONSENTED])
            points = (point for point in self._store.scroll(about) if point.likeness)
            self._held_photos.read((point.id, point.likeness, from_payload(point.facts)) for point in points)

    def _remember_lost(self, draft: Draft, facts: Facts, keys: Keys) -> None:
        """Remember what a held post showed until a later line of the same batch."""
        remains = remains_of(draft.sent, draft.photo)
        content = lost_content(remains, keys)
        self._tombstones.add(Cause.REPLACED, [(replace(remains, content=content), facts)] if content else [])

    def _compare(self, draft: Draft, keys: Keys, known: Known) -> None:
        """Take the steps that compare a post with others."""
        verdicts = (
            duplicate(draft, keys, known),
            duplicate_text(draft, keys, known),
            duplicate_photo(draft, keys, known, self._settings.same_photo),
            near_duplicate(draft, keys, known, self._settings.near_photo),
        )
        for verdict in verdicts:
            if verdict is None or draft.result is not None:
                continue
            if isinstance(verdict, Reason):
                draft.reject(*verdict)
            else:
                draft.marks[verdict.mark] = verdict.detail

    def _store_points(
        self,
        drafts: Sequence[Draft],
        facts: Mapping[int, Facts],
        stored: Mapping[str, StoredPoint],
    ) -> None:
        """Write the posts, note what holds of them, and look again at those that came as they are stored."""
        points = self._writer.write(drafts, facts, stored)
        stored_facts = {draft.sent.id: facts[draft.line.number] for draft, _ in points if _became(draft, STORED)}
        self._writer.record_openings(stored_facts)
        for post, its in stored_facts.items():
            self._ends.note(post, its.consent)
        unchanged = {draft.sent.id: draft for draft, _ in points if _became(draft, UNCHANGED)}
        looked_at = self._settle(unchanged, {post: draft.facts for post, draft in unchanged.items()}, look_again)
        self._writer.record_openings(looked_at)
        as_stored = stored.keys() & unchanged.keys()
        late = [(unchanged[point.id], point) for _, point in points if point.id in as_stored]
        self._writer.fill_in(late, stored)
        self._writer.see_anew(
            [(draft, point) for draft, point in points if point.id in as_stored - stored_facts.keys()], stored
        )


def _became(draft: Draft, status: str) -> bool:
    return draft.result is not None and draft.result.status == status


def _not_taken_back(
    drafts: Sequence[Draft], facts: Mapping[int, Facts], alike: Mapping[int, Sequence[str]]
) -> tuple[dict[str, Draft], dict[str, Facts]]:
    """What lines that were not stored say of children, and what follows for the posts that are like a held one.

    What a later line stores is weighed already, and stays.
    """
    lines: dict[str, Draft] = {}
    others: dict[str, Facts] = {}
    for draft in drafts:
        post, number = draft.sent.id, draft.line.number
        if _became(draft, STORED):
            lines.pop(post, None)
            others.pop(post, None)
        elif is_about_a_child(draft.facts):
            lines[post] = draft
        copies = alike.get(number, ()) if holds_copies(facts.get(number, draft.facts)) else ()
        others.update({other: copy_of(post) for other in copies if other not in others})
    return lines, others
