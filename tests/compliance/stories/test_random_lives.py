"""Random lives of posts over the real writers: whatever the reference model says must be closed is closed.

`PHOTOSENSE_TEST_LIVES=5000` lives as many of them as one likes, `PHOTOSENSE_TEST_SEED=2` others; a life that shows an
opening is cut down to the steps that it takes.
"""

import json
import os
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from compliance.consent import Consent, ConsentEnds
from compliance.country import Country
from compliance.facts import Child, Facts, Thresholds, from_payload
from compliance.gate import Gate, Visible
from compliance.held_photos import HeldPhotos
from compliance.law import Law
from compliance.lexicon.lexicon import default_lexicon
from compliance.policy import Policy, load_policy
from compliance.precedence import ENDED, REVOKED, judge, with_photo
from compliance.records.audit import Audit
from compliance.records.takedown_register import Takedowns
from compliance.records.tombstones import Tombstones
from ingest.draft import Draft
from ingest.intake import Intake
from ingest.post import ConsentForm
from ingest.reading.lines import InputLine
from ingest.reading.reader import Reader
from ingest.settings import Copies, IngestSettings
from ingest.standing import standing
from ingest.steps.held_copies import hold_copies
from ingest.storage.keeper import Keeper
from moderation.desk import Decided, Decision, Desk
from moderation.returns import hold_returned, hold_unrecorded
from moderation.takedowns import Remover, apply_register
from qdrant.points import StoredPoint
from tests.compliance.reference_life import SURE, Display, LawModel, Picture, Terms
from tests.support.reference_store import ReferenceStore
from vision.fingerprint import Fingerprint

LIVES: Final = int(os.environ.get("PHOTOSENSE_TEST_LIVES", "200"))
SEED: Final = int(os.environ.get("PHOTOSENSE_TEST_SEED", "1"))
STEPS: Final = 100
BEGIN: Final = datetime(2030, 5, 1, tzinfo=UTC)
POSTS: Final = ("p0", "p1", "p2", "p3", "p4")
POLICY: Final[Policy] = load_policy()
COUNTRIES: Final = [Country(code, "site") for code in (None, "RU", "DE", "KZ")]
_GATE: Final = Gate(POLICY, default_lexicon())
VISITORS: Final = [
    (country, POLICY.rule_for(country), _GATE.visible(POLICY.rule_for(country))) for country in COUNTRIES
]
THRESHOLDS: Final = Thresholds(0.8, SURE)
LOOKS: Final = (0x0123456789ABCDEF, 0xF0C3A5967869B4D2, 0x3C5AC3A596693CA5)
PICTURES: Final = (
    *(Picture(str(number) * 64, look) for number, look in enumerate(LOOKS, 1)),
    Picture("4" * 64, LOOKS[0] ^ 0b1001),
)
TEXTS: Final = (
    "тихое море, песок и волны",
    "горы зимой, снег и лёд",
    "огни ночного города, мосты",
    "мальчик на пляже, лето",
)
MORE: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"tags": ["лето"]},
    {"tags": ["малыш"]},
    {"attrs": {"place": "Сочи"}},
    {"attrs": {"age": 7}},
    {"link": "https://photos.example/1"},
    {"author": "u017"},
)
SPEAKING: Final = (TEXTS[3], MORE[2], MORE[4])
FORMS: Final = (
    {"record": "form-1", "countries": ["DE"]},
    {"record": "form-2"},
    {"record": "form-3", "countries": ["RU"]},
)
UNTIL: Final = (None, None, timedelta(days=5))
Step = tuple[Any, ...]


@dataclass
class World:
    """The machine with all its writers, and the model beside it."""

    folder: Path | None
    store: ReferenceStore = field(default_factory=ReferenceStore)
    model: LawModel = field(default_factory=LawModel)
    now: datetime = BEGIN
    version: int = 1
    scores: dict[str, float] = field(default_factory=dict)
    saved: tuple[ReferenceStore, LawModel, int] | None = None

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        """Open the records as a start does, with everything that stands on them."""
        gate = Gate(POLICY, default_lexicon(), now=lambda: self.now)
        files = {name: self.folder / f"{name}.ndjson" if self.folder else None for name in ("audit", "down", "stones")}
        clock = lambda: self.now  # noqa: E731 - one clock for all records
        if self.folder is not None or not hasattr(self, "law"):
            audit, down = Audit(files["audit"], now=clock), Takedowns(files["down"], clock)
            self.law = Law(gate, audit, down, tombstones=Tombstones(files["stones"], clock))
        self.settings = IngestSettings(same_photo=Copies.LINK, min_words=0)
        self.reader = Reader.of(Intake(self.settings), self.law.lexicon)
        self.attach()

    def attach(self) -> None:
        """Put the writers on the store that is there."""
        self.keeper = Keeper(self.store, None, self.settings, self.law)
        self.desk, self.remover = Desk(self.store, self.law), Remover(self.store, self.law)

    def take(self, step: Step) -> None:
        """Take a step in the machine and in the model."""
        self.model.moment += 1
        self.now += timedelta(seconds=1)
        name, *rest = step
        getattr(self, f"do_{name}")(*rest)
        self.desk.end_consents()
        self.model.spread()

    def do_lines(self, *lines: tuple[str, str, Picture | None, dict, bool | None, Any, str]) -> None:
        drafts, displays = [], []
        for number, (post, text, picture, more, child, consent, version) in enumerate(lines, 1):
            drafts.append(self._draft(number, post, text, picture, more, child, consent, version))
            extra = tuple(f"{name}={value}" for name, value in more.items())
            displays.append(Display(text, picture, extra, text in SPEAKING or more in SPEAKING))
        self.keeper.keep(drafts)
        sent = {line[0] for line in lines}  # what a batch itself changes is weighed by its end
        for draft, display in zip(drafts, displays, strict=True):
            if self._tell(draft, display):
                self.model.refuse_copy(display, leave=sent)
            self.model.spread([draft.sent.id])

    def do_decide(self, post: str, kind: str, form: dict, until: timedelta | None) -> None:
        consent = None
        if kind == "consented":
            end = self.now + until if until is not None else None
            consent = Consent(form["record"], self.now, frozenset(form.get("countries", ())), end)
        (facts,) = self.desk.decide([Decision(post, Child(kind), consent)], "m1")
        if facts is not None:
            terms = Terms(consent.countries, consent.until) if consent else None
            self.model.decide(post, clears=kind == "clear", terms=terms)
            if kind == "clear":
                assert all(self.sees(post, country) for country in COUNTRIES), "a clearance opens"

    def do_undo(self, post: str) -> None:
        (undone,) = self.desk.undo({post: None}, "m1")
        if isinstance(undone, Decided):
            self.model.undo(post)

    def do_revoke(self, post: str) -> None:
        revoked = self.desk.revoke(post, "m1")
        if revoked is not None and REVOKED in revoked.facts.rules and self.model.lives[post] is not None:
            self.model.end(post)

    def do_days(self, days: int) -> None:
        before = {post: self._facts(post) for post in self.model.lives}
        self.now += timedelta(days=days)
        self.desk.end_consents()
        for post, facts in before.items():
            if ENDED in self._facts(post).rules and ENDED not in facts.rules:
                self.model.end(post)

    def do_judge(self, scores: Sequence[float]) -> None:
        self.scores = {picture.exact[:32]: score for picture, score in zip(PICTURES, scores, strict=True)}
        for point in list(self.store.scroll()):
            photo = next((key[6:] for key in point.payload["content"] if key.startswith("photo:")), None)
            if photo is not None:
                before = from_payload(point.facts)
                facts = judge(before, self.scores[photo], THRESHOLDS, opens=False)
                if facts != before:
                    self.store.set_facts({point.id: standing(facts, point)})
                    hold_copies(self.store, [point])
                self.model.judge(point.id, self.scores[photo])

    def do_delete(self, post: str) -> None:
        if self.remover.delete(post):
            self.model.delete(post)

    def do_take_down(self, post: str) -> None:
        self.remover.take_down("m1", "order", post=post)
        self.model.take_down(post)

    def do_reopen(self) -> None:
        self.open()

    def do_save(self) -> None:
        self.saved = (deepcopy(self.store), deepcopy(self.model), self.model.moment)

    def do_put_back(self) -> None:
        if self.saved is None:
            return
        self.store = deepcopy(self.saved[0])
        self.law = replace(self.law, ends=ConsentEnds(), held_photos=HeldPhotos())
        apply_register(self.store, self.law)
        hold_unrecorded(self.store)
        hold_returned(self.store, self.law)
        self.model.put_back(deepcopy(self.saved[1].lives))
        self.attach()

    def sees(self, post: str, country: Country) -> bool:
        """Whether the gate shows a post to a visitor."""
        return self.law.gate.may_show(self._facts(post), POLICY.rule_for(country))

    def openings(self) -> list[str]:
        """What is open although the model forbids it."""
        found = []
        stored = {point.id: point for point in self.store.scroll()}
        assert stored.keys() == self.model.lives.keys()
        for post, life in self.model.lives.items():
            point, facts = stored[post], from_payload(stored[post].facts)
            for country, rule, visible in VISITORS:
                unseen = life.is_unseen and Child.UNSEEN in rule.withhold
                if not unseen and not life.is_closed(country.code, self.now):
                    continue
                if self.law.gate.may_show(facts, rule):
                    found.append(f"{post} is open in {country.code}: {point.facts}, {life}")
                if _passes(point, visible):
                    found.append(f"the filter lets {post} pass in {country.code}: {point.payload['vis']}, {life}")
            if life.is_closed(None, self.now) and self.store._points[post].point.words:
                found.append(f"{post} is closed and found by its words: {life}")
        return found

    def _facts(self, post: str) -> Facts:
        (point,) = self.store.get([post])
        assert point is not None
        return from_payload(point.facts)

    def _draft(
        self,
        number: int,
        post: str,
        text: str,
        picture: Picture | None,
        more: dict,
        child: bool | None,
        consent: Any,
        version: str,
    ) -> Draft:
        line: dict[str, Any] = {"id": post, "child": child, "consent": consent}
        author = more.get("author")
        line |= {"captions": [{"text": text, "author": author}] if author else [{"text": text}]}
        line |= {name: value for name, value in more.items() if name != "author"}
        if version == "newer":
            self.version += 1
        line["version"] = {"newer": self.version, "same": self.version, "older": 1, "none": None}[version]
        (draft,) = self.reader.read([InputLine(number, json.dumps(line).encode())])
        if picture is not None and draft.result is None:
            draft.photo = Fingerprint(picture.exact, picture.look)
            score = self.scores.get(picture.exact[:32])
            draft.facts = with_photo(draft.facts, score, THRESHOLDS if score is not None else None)
        return draft

    def _tell(self, draft: Draft, display: Display) -> bool:
        """Tell the model what became of a line; gives whether it speaks of a child and was turned away as a copy."""
        assert draft.result is not None
        sent = draft.sent
        score = self.scores.get(display.picture.exact[:32]) if display.picture else None
        terms = None
        if isinstance(sent.consent, ConsentForm):
            terms = Terms(frozenset(sent.consent.countries), sent.consent.until)
        pictures = self.model.gone_pictures
        taken_down = sent.id in self.model.gone_posts or any(gone.is_like(display.picture) for gone in pictures)
        if draft.result.status == "stored":
            assert not taken_down
            self.model.store(sent.id, display, sent.child, terms, score if draft.photo else None)
            return False
        child = True if sent.consent is True else sent.child
        found = display.speaks or (draft.photo is not None and (score or 0.0) >= SURE)
        self.model.refuse(sent.id, child, found)
        return (draft.result.reason or "").startswith("duplicate") and (child is True or found)


def _passes(point: StoredPoint, visible: Visible | None) -> bool:
    """Whether the filter of a store lets a post pass."""
    assert visible is not None
    ways = point.payload["vis"]
    return (
        bool(visible.ways & ({ways} if isinstance(ways, str) else set(ways))) or point.payload["child"] in visible.kinds
    )


def random_steps(draw: random.Random, count: int = STEPS) -> list[Step]:
    """A life of so many steps; none depends on what another one did, so that any may be left out."""
    return [_random_step(draw) for _ in range(count)]


def _random_step(draw: random.Random) -> Step:
    post = draw.choice(POSTS)
    name = draw.choices(
        ("lines", "decide", "undo", "revoke", "days", "judge", "delete", "take_down", "reopen", "save", "put_back"),
        (46, 17, 8, 4, 3, 3, 8, 0.4, 3, 2, 1.5),
    )[0]
    match name:
        case "lines":
            return (name, *(_random_line(draw) for _ in range(draw.choice((1, 1, 1, 2, 3)))))
        case "decide":
            kind = draw.choice(("clear", "clear", "child", "review", "consented"))
            return name, post, kind, draw.choice(FORMS), draw.choice(UNTIL)
        case "days":
            return name, draw.choice((1, 3, 7))
        case "judge":
            return name, [draw.choice((0.1, 0.2, 0.6, 0.9)) for _ in PICTURES]
        case "reopen" | "save" | "put_back":
            return (name,)
    return name, post


def _random_line(draw: random.Random) -> tuple[str, str, Picture | None, dict, bool | None, Any, str]:
    form = draw.choice(FORMS)
    until = {"until": (BEGIN + timedelta(days=draw.choice((2, 40)))).isoformat()}
    consent = draw.choices((None, form, {**form, **until}, True, False), (80, 6, 4, 4, 6))[0]
    return (
        draw.choice(POSTS),
        draw.choices(TEXTS, (4, 3, 3, 2))[0],
        draw.choices((None, *PICTURES), (3, 3, 2, 2, 2))[0],
        draw.choices(MORE, (8, 1, 1, 1, 1, 1, 1))[0],
        draw.choices((None, True, False), (4, 2, 5))[0],
        consent,
        draw.choices(("newer", "same", "older", "none"), (14, 1, 1, 1))[0],
    )


def first_opening(steps: Sequence[Step], folder: Path | None) -> tuple[int, str] | None:
    """After which step something is open that must not be, and what."""
    world = World(folder)
    for number, step in enumerate(steps, 1):
        world.take(step)
        if openings := world.openings():
            return number, openings[0]
    return None


def shortest(steps: list[Step], shows: Callable[[list[Step]], bool]) -> list[Step]:
    """Leave out what an opening does not need."""
    size = len(steps) // 2
    while size:
        start = 0
        while start < len(steps):
            fewer = steps[:start] + steps[start + size :]
            if shows(fewer):
                steps = fewer
            else:
                start += size
        size //= 2
    return steps


@pytest.mark.parametrize("kept", ["in files", "in memory"])
def test_random_lives_show_nothing_that_the_laws_forbid(kept: str, tmp_path: Path) -> None:
    """Posted, edited, decided, undone, revoked, ended, judged, deleted, taken down, copied, posted again, put back."""
    lives = LIVES // 10 if kept == "in files" else LIVES - LIVES // 10
    for number in range(lives):
        steps = random_steps(random.Random(f"{SEED} {kept} {number}"))
        folders = iter(range(10**6))

        def folder(number: int = number, folders: Any = folders) -> Path | None:
            return tmp_path / f"{number}-{next(folders)}" if kept == "in files" else None

        opening = first_opening(steps, folder())
        if opening is not None:
            fewest = shortest(steps[: opening[0]], lambda fewer: first_opening(fewer, folder()) is not None)
            told = "\n".join(map(str, fewest))
            raise AssertionError(f"life {number} of seed {SEED}: {first_opening(fewest, folder())}\n{told}")


@pytest.mark.parametrize("number", range(15))
def test_writers_at_once_leave_nothing_open_that_was_held(number: int) -> None:
    """A held post is edited, deleted and posted again while copies of it come under other ids, and a consent ends."""
    world, (held, agreed, _, near) = World(None), PICTURES

    def send(post: str, text: str, picture: Picture | None) -> None:
        world.keeper.keep([world._draft(1, post, text, picture, {}, False, None, "newer")])

    send("p0", TEXTS[0], held)
    send("p1", TEXTS[1], agreed)
    world.desk.decide([Decision("p0", Child.CHILD)], "m1")
    world.desk.decide([Decision("p1", Child.CONSENTED, Consent("form-1", BEGIN))], "m1")
    jobs: list[Callable[[], object]] = [
        partial(send, "p0", TEXTS[0], held),
        partial(send, "p0", TEXTS[2], None),
        partial(send, "p1", TEXTS[1], agreed),
        partial(send, "p1", TEXTS[0], agreed),
        partial(send, "p2", TEXTS[2], held),
        partial(send, "p3", TEXTS[1], near),
        partial(send, "p4", TEXTS[0], agreed),
        partial(world.remover.delete, "p0"),
        partial(world.desk.revoke, "p1", "m2"),
        world.desk.end_consents,
    ] * 3
    random.Random(f"{SEED} at once {number}").shuffle(jobs)
    with ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(job) for job in jobs]:
            done.result()
    stored = [point.id for point in world.store.scroll()]
    assert "p1" in stored
    assert [post for post in stored for country in COUNTRIES if world.sees(post, country)] == []
