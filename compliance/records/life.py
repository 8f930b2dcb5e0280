"""The life of one post: what is known of it, what the record says was done, and its takedowns; in sentences as well."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from compliance.facts import Facts, Source
from compliance.precedence import ENDED, says_of_mark
from compliance.records.audit import Audit, Event
from compliance.records.identifier import public_identifier
from compliance.records.takedown_register import Takedowns
from compliance.records.tombstones import Cause, Tombstones


class Happening(StrEnum):
    """What may happen to a post; the first ones as the audit calls them."""

    DECIDED = Event.DECIDED.value
    UNDONE = Event.UNDONE.value
    CONSENTED = Event.CONSENTED.value
    REVOKED = Event.REVOKED.value
    CONSENT_ENDED = "consent_ended"
    DELETED = Event.DELETED.value
    SITE_OPENED = Event.SITE_OPENED.value
    BLOCKED = Event.BLOCKED.value
    LOOKED = Event.LOOKED.value
    TAKEN_DOWN = Event.TAKEN_DOWN.value
    REMEMBERED = "remembered"
    LIFTED = "lifted"


_LISTED: Final = {
    event.value: Happening(event.value)
    for event in (Event.DECIDED, Event.UNDONE, Event.CONSENTED, Event.REVOKED, Event.DELETED, Event.SITE_OPENED)
}
_COUNTED: Final = {Event.BLOCKED.value: Happening.BLOCKED, Event.LOOKED.value: Happening.LOOKED}


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """Something that happened to a post: when, what, by whom, and what it counted as from then on.

    `count` is how often, of what is counted; `subject` the id of a takedown, `until` when all of it was gone.
    """

    at: str
    event: Happening
    by: str = ""
    child: str = ""
    consent: Mapping[str, Any] | None = None
    subject: str = ""
    reason: str = ""
    until: str = ""
    count: int = 1


def life_of(post: str, audit: Audit, takedowns: Takedowns, tombstones: Tombstones) -> list[LifeEvent]:
    """All that happened to the post by the three records, the earliest first."""
    events = [
        *events_of_record(post, audit),
        *events_of_register(post, takedowns),
        *events_of_tombstones(post, tombstones),
    ]
    return sorted(events, key=lambda event: event.at)


def events_of_record(post: str, audit: Audit) -> Iterator[LifeEvent]:
    """What was done to the post, in the order of the record; what is only counted there stands at its last time."""
    hashes = audit.hashes(post)
    counted: dict[tuple[Happening, str], LifeEvent] = {}
    for entry in audit.entries():
        if entry.get("post") not in hashes and hashes.isdisjoint(map(str, entry.get("posts") or ())):
            continue
        name, at = str(entry.get("event")), str(entry.get("at"))
        by = public_identifier(str(entry.get("by") or ""))
        if name in _COUNTED:
            kind = _COUNTED[name]
            before = counted.get((kind, by))
            counted[kind, by] = LifeEvent(at, kind, by, count=before.count + 1 if before else 1)
        elif name in _LISTED:
            kind = Happening.CONSENT_ENDED if by == ENDED else _LISTED[name]
            consent = entry.get("consent")
            terms = _terms(consent) if isinstance(consent, Mapping) else None
            yield LifeEvent(at, kind, by, str(entry.get("child") or ""), terms)
    yield from counted.values()


def events_of_register(post: str, takedowns: Takedowns) -> Iterator[LifeEvent]:
    """The takedowns that name the post."""
    for each in takedowns.of_post(post):
        by = public_identifier(each.by)
        yield LifeEvent(each.at, Happening.TAKEN_DOWN, by, subject=each.id, reason=each.reason, until=each.done or "")


def events_of_tombstones(post: str, tombstones: Tombstones) -> Iterator[LifeEvent]:
    """What is remembered of the post, should it come again."""
    for stone in tombstones.of_post(post):
        yield LifeEvent(stone.at, Happening.REMEMBERED, child=stone.child, reason=stone.cause)
    for lift in tombstones.lifts_of(post):
        yield LifeEvent(lift.at, Happening.LIFTED, public_identifier(lift.by))


_LEFT: Final = {
    Cause.HELD: "it is remembered as {child}, by the decision of a reviewer",
    Cause.REVOKED: "it is remembered as {child}, because its consent was taken back",
    Cause.DELETED: "it is remembered as {child}, as it was when it was deleted",
    Cause.REPLACED: "what it showed until then is remembered as {child}, as it was when that was replaced",
    Cause.TAKEN_DOWN: "it is remembered as {child}, as it was when it was taken down",
}


def sentences_of_facts(facts: Facts) -> Iterator[str]:
    """What the post counts as, the earliest first, and who said so."""
    for earlier in facts.history:
        yield f"It counted as {earlier.child}: {_who(earlier)}."
    yield f"It counts as {facts.child} now: {_who(facts)}."


def sentence_of(event: LifeEvent) -> str:
    """Something that happened, in a sentence for people."""
    if event.event in (Happening.BLOCKED, Happening.LOOKED):
        times = "once" if event.count == 1 else f"{event.count:,} times"
        if event.event is Happening.LOOKED:
            return f"{event.by or 'A reviewer'} was shown its photo {times}, the last time at {event.at}."
        return f"It was asked for by its id and answered with 451 {times}, the last time at {event.at}."
    return f"{event.at}: {_what(event)}."


def _what(event: LifeEvent) -> str:
    match event.event:
        case Happening.DECIDED:
            return f"{event.by} decided that it is {event.child}"
        case Happening.UNDONE:
            return f"{event.by} took the last decision back, and it was {event.child} again"
        case Happening.CONSENTED:
            return f"a consent was recorded, {_consent(event.consent or {})}"
        case Happening.CONSENT_ENDED:
            return "its consent ended"
        case Happening.REVOKED:
            return f"{event.by} took its consent back"
        case Happening.DELETED:
            return "it was deleted"
        case Happening.SITE_OPENED:
            return f"it came in as {event.child}, by the word of the site alone"
        case Happening.TAKEN_DOWN:
            done = f"all was gone at {event.until}" if event.until else "that all is gone is not recorded yet"
            return (
                f"it was taken down by {event.by} ({event.subject}, {event.reason!r}); {done}. "
                "It is rejected when it comes again"
            )
        case Happening.REMEMBERED:
            same = "what shows or says the same"
            again = same if event.reason == Cause.REPLACED else f"it, and {same},"
            how = _LEFT[Cause(event.reason)].format(child=event.child)
            return f"{how}; {again} waits for a reviewer when it comes"
        case _:
            return f"{event.by} cleared it as it was then, and so it may come again"


def _who(facts: Facts) -> str:
    marks = [says.rstrip(".") for says in map(says_of_mark, facts.rules) if says is not None]
    if marks and facts.source is not Source.REVIEWER:
        return f"a person has to look, for this reason: {'; '.join(marks)} (rules {', '.join(facts.rules)})"
    rules = f" (rules {', '.join(facts.rules)})" if facts.rules else ""
    score = "" if facts.score is None else f", with the score {facts.score:.3f}"
    match facts.source:
        case Source.REVIEWER:
            who = f"{public_identifier(facts.by or '') or 'a reviewer'} decided so at {facts.at}"
        case Source.HOST:
            who = f"the site said so{rules}"
        case Source.PHOTO:
            who = f"the detector saw its photo{score}{rules}"
        case Source.TEXT:
            who = f"its words were read{rules}{score}" if facts.rules else f"its words name no child{score}"
    if facts.consent is None:
        return who
    return f"{who}, by the consent {_consent(facts.consent.to_payload())}"


def _terms(consent: Mapping[str, Any]) -> Mapping[str, Any]:
    """A consent as it was recorded, with nothing in it but what may be shown."""
    countries = consent.get("countries")
    return {
        "by": public_identifier(str(consent.get("by") or "")),
        "at": str(consent.get("at") or ""),
        "countries": [str(code) for code in countries] if isinstance(countries, list) else [],
        "until": str(consent["until"]) if consent.get("until") else None,
    }


def _consent(consent: Mapping[str, Any]) -> str:
    where = ", ".join(map(str, consent.get("countries") or ())) or "all countries"
    until = f"until {consent['until']}" if consent.get("until") else "without an end"
    return f"{public_identifier(str(consent.get('by') or ''))} for {where} {until}"
