"""What must be closed, by the laws alone: a small model of posts' lives that knows nothing of the machine.

It says what is forbidden, never what must be open: the machine may be stricter.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

SURE = 0.5  # from this score on a detector holds a photo
NEAR = 2  # bits of the look of a photo that a copy may differ in


class Picture(NamedTuple):
    """A photo: its bytes, and what it looks like."""

    exact: str
    look: int

    def is_like(self, other: "Picture | None") -> bool:
        """Whether one is a copy of the other."""
        return other is not None and (self.exact == other.exact or (self.look ^ other.look).bit_count() <= NEAR)


@dataclass(frozen=True)
class Display:
    """All that is displayed of a post, and whether any of it speaks of a child."""

    text: str
    picture: Picture | None = None
    more: tuple[str, ...] = ()
    speaks: bool = False

    def is_like(self, other: "Display") -> bool:
        """Whether one is a copy of the other: by the photo, or by the words where one of them has nothing else."""
        if self.picture is None or other.picture is None:
            return self.text == other.text
        return self.picture.is_like(other.picture)


class Terms(NamedTuple):
    """What a parent agreed to: in which countries (none: all), and until when."""

    countries: frozenset[str]
    until: datetime | None

    def cover(self, country: str | None, now: datetime) -> bool:
        """Whether a visitor of this country may see the post now."""
        return (self.until is None or now < self.until) and (not self.countries or country in self.countries)


@dataclass
class Decision:
    """What a reviewer said, of what he saw; `terms` of a consent, `clears` of a clearance, neither of a hold.

    `marks` are what waited for him, which come back when he takes it back. A decision is dead once what he saw has
    changed, or the consent was taken back.
    """

    display: Display
    moment: int
    clears: bool = False
    terms: Terms | None = None
    marks: set[str] = field(default_factory=set)
    is_dead: bool = False


@dataclass
class Life:
    """One stored post."""

    display: Display
    score: float | None = None  # what a detector made of its photo; None where none has looked
    site: bool | None = None  # what the site said last of a child
    terms: Terms | None = None  # of a consent that the site gave for what is displayed
    found: bool = False  # what a line that was not stored, or a detector since, found in it
    marks: set[str] = field(default_factory=set)  # what only a reviewer takes away
    decisions: list[Decision] = field(default_factory=list)

    @property
    def is_held_by_itself(self) -> bool:
        """Whether it is about a child, or not known not to be, and not for being a copy alone."""
        if self.decisions:
            return not self.decisions[-1].clears or self.decisions[-1].is_dead
        return self._was_decided or self._was_found

    @property
    def is_held(self) -> bool:
        """Whether it is about a child, or waits."""
        return self.is_held_by_itself or (not self.decisions and bool(self.marks))

    @property
    def is_decided(self) -> bool:
        """Whether a person or the site holds it, not a detector alone."""
        return bool(self.decisions) or bool(self.marks) or self._was_decided

    @property
    def _was_decided(self) -> bool:
        return bool(self.marks - {"copy"}) or self.site is True or self.terms is not None

    @property
    def _was_found(self) -> bool:
        return self.display.speaks or (self.score or 0.0) >= SURE or self.found

    @property
    def is_unseen(self) -> bool:
        """Whether it is closed where photos must have been looked at."""
        nobody = self.score is None and self.site is None and self.terms is None
        return not self.decisions and nobody and self.display.picture is not None

    def is_closed(self, country: str | None, now: datetime) -> bool:
        """Whether a visitor of a country that withholds posts about children may not see it."""
        if self.decisions:
            last = self.decisions[-1]
            return last.is_dead or not (last.clears or (last.terms is not None and last.terms.cover(country, now)))
        if self.marks:
            return True
        if self.terms is not None:
            return not self.terms.cover(country, now)
        return self.site is True or self._was_found

    def mark(self, reason: str) -> None:
        """Let it wait for a reviewer; while a decision stands, beneath it."""
        (self.decisions[-1].marks if self.decisions else self.marks).add(reason)

    def display_now(self, display: Display) -> None:
        """Display something else: what a person said of what he saw has ended, and so has a consent."""
        if display == self.display:
            return
        opened = self.terms is not None or (bool(self.decisions) and not self.is_hold(self.decisions[-1]))
        for decision in self.decisions:
            decision.is_dead = decision.is_dead or not self.is_hold(decision)
        self.display, self.terms = display, None
        if opened:
            self.mark("changed")

    @staticmethod
    def is_hold(decision: Decision) -> bool:
        """Whether a decision withholds the post whatever it becomes."""
        return not decision.clears and decision.terms is None

    def end(self, moment: int) -> None:
        """Take every consent back, for good."""
        for decision in self.decisions:
            decision.is_dead = decision.is_dead or decision.terms is not None
        self.terms = None
        self.decisions.append(Decision(self.display, moment, marks=set(self.marks)))


@dataclass(frozen=True)
class Grave:
    """What is remembered of a held post: by a reviewer's hold, or because the post or what it displayed went."""

    post: str
    display: Display
    is_decided: bool
    moment: int
    replacement: Display | None = None  # what the post went on to display, where that alone changed
    of: int | None = None  # the moment of the decision that made it

    def is_shown_by(self, display: Display) -> bool:
        """Whether something displays what went: of what was replaced, only what was not kept did."""
        mine, theirs, kept = self.display.picture, display.picture, self.replacement
        if mine is not None and (kept is None or kept.picture != mine) and mine.is_like(theirs):
            return True
        words = self.display.text if kept is None or kept.text != self.display.text else None
        return words == display.text and (mine is None or theirs is None)


class LawModel:
    """All posts that are stored, and what is remembered."""

    def __init__(self) -> None:
        self.lives: dict[str, Life] = {}
        self.graves: list[Grave] = []
        self.clearances: list[tuple[int, str, Display]] = []
        self.gone_posts: set[str] = set()
        self.gone_pictures: set[Picture] = set()
        self.moment = 0

    def store(self, post: str, display: Display, child: bool | None, terms: Terms | None, score: float | None) -> None:
        """A line of the site was stored."""
        life = self.lives.get(post)
        is_new = life is None
        if life is None:
            life = self.lives[post] = Life(display)
        elif (life.display.text, life.display.picture) != (display.text, display.picture) and life.is_held:
            self._bury(post, life, display)
        changed = life.display != display
        life.display_now(display)
        if terms is not None:
            life.terms = terms
        elif child is not None:
            life.terms = None
        if child is not None:
            life.site = child
        life.found, life.score = False, score
        if is_new or changed:
            self._remember(post, life, is_new=is_new)

    def refuse(self, post: str, child: bool | None, found: bool) -> None:
        """A line of the site was not stored; what it says of a child holds all the same."""
        if (life := self.lives.get(post)) is not None:
            life.site = True if child is True else life.site
            life.found = life.found or found

    def refuse_copy(self, display: Display, leave: set[str]) -> None:
        """A line that speaks of a child was turned away, as a copy of what is stored."""
        for post, life in self.lives.items():
            if post not in leave and life.display.is_like(display) and not life.is_held_by_itself:
                life.mark("copy")

    def decide(self, post: str, *, clears: bool = False, terms: Terms | None = None) -> None:
        """A reviewer decided."""
        life = self.lives[post]
        life.decisions.append(Decision(life.display, self.moment, clears, terms, life.marks))
        life.marks = set()
        if clears:
            self.clearances.append((self.moment, post, life.display))
        else:
            self.graves.append(Grave(post, life.display, True, self.moment, of=self.moment))

    def undo(self, post: str) -> None:
        """The last decision was taken back; what waited before, and what came meanwhile, waits again."""
        life = self.lives[post]
        last = life.decisions.pop()
        for mark in last.marks:
            life.mark(mark)
        self.graves = [grave for grave in self.graves if grave.post != post or grave.of != last.moment]

    def end(self, post: str) -> None:
        """A consent was taken back, or ended."""
        life = self.lives[post]
        life.end(self.moment)
        self.graves.append(Grave(post, life.display, True, self.moment))

    def judge(self, post: str, score: float) -> None:
        """A detector judged a stored photo again: it closes, and opens nothing."""
        self.lives[post].found |= score >= SURE

    def delete(self, post: str) -> None:
        """The site deleted a post."""
        life = self.lives.pop(post)
        if life.is_held:
            self._bury(post, life)

    def take_down(self, post: str) -> None:
        """A post went by an order, and its photo under every other id."""
        self.gone_posts.add(post)
        picture = self.lives[post].display.picture if post in self.lives else None
        if picture is not None:
            self.gone_pictures.add(picture)
        for other in list(self.lives):
            theirs = self.lives[other].display.picture
            if other == post or (picture is not None and picture.is_like(theirs)):
                self.graves.append(Grave(other, self.lives[other].display, True, self.moment))
                del self.lives[other]

    def put_back(self, lives: dict[str, Life]) -> None:
        """An older store is put back; what people held since is held, and what was taken down is gone."""
        self.lives = lives
        for post, life in list(lives.items()):
            picture = life.display.picture
            if post in self.gone_posts or any(gone.is_like(picture) for gone in self.gone_pictures):
                del lives[post]
                continue
            later = life.decisions[-1].moment if life.decisions else -1
            if not life.is_held or any(decision.terms for decision in life.decisions[-1:]):
                own = [grave for grave in self.graves if grave.moment > later and self._holds(grave, post, life)]
                if any(grave.post == post and grave.replacement is None for grave in own):
                    life.decisions = []
                    life.mark("returned")

    def spread(self, posts: Sequence[str] | None = None) -> None:
        """What is open and like a held post waits, unless a reviewer decided on it; all of it, or these posts."""
        held = [(post, life) for post, life in self.lives.items() if life.is_held_by_itself]
        for post, life in self.lives.items():
            if posts is not None and post not in posts:
                continue
            alike = (theirs for other, theirs in held if other != post and theirs.display.is_like(life.display))
            if not life.decisions and not life.is_held_by_itself and any(alike):
                life.mark("copy")
                if life.terms is not None:
                    life.site, life.terms = True, None  # a consent is given for a child, and opens no copy

    def _bury(self, post: str, life: Life, replacement: Display | None = None) -> None:
        self.graves.append(Grave(post, life.display, life.is_decided, self.moment, replacement))

    def _remember(self, post: str, life: Life, *, is_new: bool) -> None:
        for grave in self.graves:
            if (is_new or grave.post != post) and self._holds(grave, post, life):
                life.mark("returned" if grave.post == post else "copy")

    def _holds(self, grave: Grave, post: str, life: Life) -> bool:
        display = life.display
        if grave.post == post and grave.replacement is None and grave.is_decided:
            return not self._was_cleared(grave, display, post)
        same = (grave.display.text, grave.display.picture) == (display.text, display.picture)
        if grave.post == post and not grave.is_decided and not same:
            return False  # what a detector alone held is judged afresh
        return grave.is_shown_by(display) and not self._was_cleared(grave, display, None)

    def _was_cleared(self, grave: Grave, display: Display, of: str | None) -> bool:
        return any(
            moment > grave.moment and display == seen and of in (None, post) for moment, post, seen in self.clearances
        )
