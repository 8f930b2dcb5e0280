"""The life of one post in sentences: what is known of it, what the record says was done, and its takedowns."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from compliance.facts import Facts, Source
from compliance.precedence import says_of_mark
from compliance.records.audit import Audit, Event
from compliance.records.identifier import public_identifier
from compliance.records.takedown_register import Takedowns
from compliance.records.tombstones import Cause, Tombstones

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


def sentences_of_record(post: str, audit: Audit) -> Iterator[str]:
    """What was done to the post, in the order of the record; how often it was asked for in vain is counted."""
    hashes, blocked = audit.hashes(post), []
    for entry in audit.entries():
        if entry.get("post") not in hashes and hashes.isdisjoint(map(str, entry.get("posts") or ())):
            continue
        if entry.get("event") == Event.BLOCKED:
            blocked.append(str(entry.get("at")))
        elif (what := _what(entry)) is not None:
            yield f"{entry.get('at')}: {what}."
    if blocked:
        times = "once" if len(blocked) == 1 else f"{len(blocked):,} times"
        yield f"It was asked for by its id and answered with 451 {times}, the last time at {blocked[-1]}."


def sentences_of_register(post: str, takedowns: Takedowns) -> Iterator[str]:
    """The takedowns that name the post."""
    for takedown in takedowns.of_post(post):
        done = f"all was gone at {takedown.done}" if takedown.done else "that all is gone is not recorded yet"
        yield (
            f"{takedown.at}: it was taken down by {public_identifier(takedown.by)} ({takedown.id}, "
            f"{takedown.reason!r}); {done}. It is rejected when it comes again."
        )


def sentences_of_tombstones(post: str, tombstones: Tombstones) -> Iterator[str]:
    """What is remembered of the post, should it come again."""
    for stone in tombstones.of_post(post):
        same = "what shows or says the same"
        again = same if stone.cause == Cause.REPLACED else f"it, and {same},"
        how = _LEFT[Cause(stone.cause)].format(child=stone.child)
        yield f"{stone.at}: {how}; {again} waits for a reviewer when it comes."
    for lift in tombstones.lifts_of(post):
        yield f"{lift.at}: {public_identifier(lift.by)} cleared it as it was then, and so it may come again."


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


def _what(entry: Mapping[str, Any]) -> str | None:
    by, child = public_identifier(str(entry.get("by") or "")), entry.get("child")
    match entry.get("event"):
        case Event.DECIDED:
            return f"{by} decided that it is {child}"
        case Event.UNDONE:
            return f"{by} took the last decision back, and it was {child} again"
        case Event.CONSENTED:
            consent = entry.get("consent")
            return f"a consent was recorded, {_consent(consent if isinstance(consent, Mapping) else {})}"
        case Event.REVOKED:
            return "its consent ended" if by == "consent-ended" else f"{by} took its consent back"
        case Event.DELETED:
            return "it was deleted"
        case Event.SITE_OPENED:
            return f"it came in as {child}, by the word of the site alone"
    return None


def _consent(consent: Mapping[str, Any]) -> str:
    where = ", ".join(map(str, consent.get("countries") or ())) or "all countries"
    until = f"until {consent['until']}" if consent.get("until") else "without an end"
    return f"{public_identifier(str(consent.get('by') or ''))} for {where} {until}"
