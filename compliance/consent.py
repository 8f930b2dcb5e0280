"""Consent: who agreed, when, for which countries and until when; past its end it is none, at that very moment."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Consent:
    """A parent's word as the site recorded it: `by` names the record (a form's number), never a person in clear."""

    by: str
    at: datetime
    countries: frozenset[str] = frozenset()
    until: datetime | None = None

    @property
    def everywhere(self) -> bool:
        """Whether it was given for all countries."""
        return not self.countries

    def stands(self, now: datetime) -> bool:
        """Whether it has not ended: at its last moment it has."""
        return self.until is None or now < self.until

    def covers(self, country: str | None, now: datetime) -> bool:
        """Whether it holds for a visitor of this country now; where the country is not known, only one for all does."""
        return self.stands(now) and (self.everywhere or country in self.countries)

    def to_payload(self) -> dict[str, object]:
        """The consent as plain values."""
        return {
            "by": self.by,
            "at": self.at.isoformat(),
            "countries": sorted(self.countries),
            "until": self.until.isoformat() if self.until else None,
        }


class ConsentEnds:
    """When the consents of stored posts end: each end is looked for once, and none passes unseen."""

    def __init__(self) -> None:
        self.turn = threading.Lock()  # of who ends them: each end is recorded once
        self._ends: dict[str, datetime] | None = None  # None until they were read from the store
        self._has_news: Callable[[], bool] = lambda: False
        self._tell: Callable[[str, str], None] = lambda *_: None

    def share(self, has_news: Callable[[], bool], tell: Callable[[str, str], None]) -> None:
        """Tell other processes of ends, and ask whether they have told of any."""
        self._has_news, self._tell = has_news, tell

    @property
    def are_known(self) -> bool:
        """Whether those of the store were read, and other processes have told of nothing since."""
        return self._ends is not None and not self._has_news()

    def read(self, ends: Mapping[str, datetime]) -> None:
        """Take those of the store."""
        self._ends = dict(ends)

    def forget_all(self) -> None:
        """Have them read anew."""
        self._ends = None

    def note(self, post: str, consent: Consent | None) -> None:
        """Take what holds for a post now, and tell of it."""
        if consent is not None and consent.until is not None:
            self._tell(post, consent.until.isoformat())
        self.take(post, consent)

    def take(self, post: str, consent: Consent | None) -> None:
        """Take what holds for a post now."""
        if self._ends is None:
            return
        self._ends.pop(post, None)
        if consent is not None and consent.until is not None:
            self._ends[post] = consent.until

    def over(self, now: datetime) -> list[str]:
        """The posts whose consents have ended by now."""
        return [post for post, end in list((self._ends or {}).items()) if end <= now]

    def forget(self, posts: Iterable[str], now: datetime) -> None:
        """Look no more for ends that were dealt with; a consent that came meanwhile has its own."""
        for post in posts:
            if self._ends is not None and post in self._ends and self._ends[post] <= now:
                del self._ends[post]


def consent_from(payload: object) -> Consent:
    """The consent back from plain values; a ValueError where they are damaged, so that nobody takes it for given."""
    if not isinstance(payload, Mapping):
        raise ValueError("a consent is a mapping")
    by, at, until = payload.get("by"), payload.get("at"), payload.get("until")
    countries = payload.get("countries", [])
    if not isinstance(by, str) or not isinstance(at, str) or not isinstance(countries, list | tuple):
        raise ValueError("a consent has by, at and countries")
    if not all(isinstance(code, str) for code in countries) or not (until is None or isinstance(until, str)):
        raise ValueError("countries are codes, until is a time")
    return Consent(by, parse_time(at), frozenset(countries), parse_time(until) if until is not None else None)


def parse_time(written: str) -> datetime:
    """A time as RFC 3339 writes it; one without a zone is UTC."""
    time = datetime.fromisoformat(written)
    return time if time.tzinfo else time.replace(tzinfo=UTC)
