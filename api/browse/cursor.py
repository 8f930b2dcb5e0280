"""Cursors: where a page ended, for the next one to go on there, whatever came in meanwhile.

A cursor is checked, not secret: it holds nothing but where a visible post stands in an order that a filter could ask
for as well. It is good for one question under one rule and one model; for any other it is refused.
"""

import base64
import binascii
import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import msgspec

from api.errors import BadRequest
from api.search.admission import Visit
from api.search.question import Question
from compliance.policy import Rule
from qdrant.attrs import AttrKind, stamp, value_of
from qdrant.filters import Filter, Range, both
from qdrant.points import Fields, kind_of
from qdrant.store import OrderedPost

_SHOWN_ONLY = {
    "limit",
    "offset",
    "cursor",
    "facets",
    "facet_limit",
    "facet_query",
    "fields",
    "highlight",
    "group_limit",
    "explain",
}
_CHECK = 8
_FAR = 1001  # no page begins farther on, but behind a post
_Content = tuple[str, str, str, int, str | None, tuple[Any, str] | None, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class PageStart:
    """What a cursor says: behind which post of a list, or from which hit on among the posts of a moment.

    `shown` are the last hits of the page, for where others were removed since.
    """

    behind: OrderedPost | None = None
    offset: int = 0
    moment: datetime | None = None
    shown: tuple[str, ...] = ()

    def offset_among(self, posts: Sequence[str]) -> int:
        """Where the page begins among what was found now: behind the last hit that is still there."""
        places = {post: place for place, post in enumerate(posts)}
        return next((places[post] + 1 for post in reversed(self.shown) if post in places), self.offset)

    def within(self, wanted: Filter | None) -> Filter | None:
        """Narrow to the posts that there were."""
        return wanted if self.moment is None else both(wanted, Range(Fields.ADDED, at_most=self.moment))


class Cursors:
    """Writes cursors and reads them, for the model and the rules that are in force."""

    def __init__(self, model: str | None, rules: str) -> None:
        self._model, self._rules = _digest(model), rules
        self._law = lru_cache(maxsize=256)(self._digest_of_law)

    def write(self, mark: PageStart, question: Question, visit: Visit) -> str:
        """Write where a page ended."""
        behind = mark.behind
        value = behind.value if behind else None
        content = (
            *self._bonds(question, visit),
            mark.offset,
            stamp(mark.moment) if mark.moment else None,
            behind and [stamp(value) if isinstance(value, datetime) else value, behind.id],
            mark.shown,
        )
        packed = msgspec.json.encode(content)
        return base64.urlsafe_b64encode(_check(packed) + packed).decode().rstrip("=")

    def read(self, question: Question, visit: Visit) -> PageStart | None:
        """Read the cursor of a question; a sentence says why one is not taken."""
        if question.cursor is None:
            return None
        if question.offset:
            raise _refused("A cursor says where to go on, and so does an offset: send one of them.")
        model, rules, asked, offset, moment, behind, shown = _opened(question.cursor)
        for one, own, what in zip(
            (model, rules, asked),
            self._bonds(question, visit),
            ("The model was changed", "The rules that hold here are others", "The question is another one"),
            strict=True,
        ):
            if one != own:
                raise _refused(f"{what} than when this cursor was given: ask for the first page again.")
        try:
            last = (
                None if behind is None else OrderedPost(None if behind[0] is None else value_of(behind[0]), behind[1])
            )
            start = PageStart(last, offset, None if moment is None else _in_utc(datetime.fromisoformat(moment)), shown)
            _in_utc(last.value if last else None)
        except (ValueError, TypeError, OverflowError):
            raise _no_cursor() from None
        if not _could_be(start, question):
            raise _no_cursor()
        return start

    def _bonds(self, question: Question, visit: Visit) -> tuple[str, str, str]:
        wanted = {field.name: getattr(question, field.name) for field in fields(question)}
        asked = {name: value for name, value in wanted.items() if name not in _SHOWN_ONLY}
        return self._model, self._law(visit.rule, *_fence(visit)), _digest(asked)

    def _digest_of_law(self, rule: Rule, *fence: str) -> str:
        return _digest([self._rules, rule, *fence])


def _fence(visit: Visit) -> list[str]:
    return [visit.fence.wish] if visit.fence else []


def _opened(cursor: str) -> _Content:
    try:
        whole = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        if _check(whole[_CHECK:]) == whole[:_CHECK]:
            content: _Content = msgspec.json.decode(whole[_CHECK:], type=_Content)
            return content
    except (binascii.Error, ValueError):
        pass
    raise _no_cursor()


def _in_utc(value: Any) -> Any:
    """A time as it is compared, which may lie beyond all times; anything else as it is."""
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is None:
        raise ValueError("a time without a zone")
    return value.astimezone(UTC)


def _could_be(start: PageStart, question: Question) -> bool:
    """Whether a page can have ended there: what is only checked may be made up."""
    value = start.behind and start.behind.value
    kinds = {kind_of(order.field) for order in question.sort.orders} if question.sort else {AttrKind.TIME}
    if value is not None and (AttrKind.TIME if isinstance(value, datetime) else AttrKind.NUMBER) not in kinds:
        return False
    if start.behind is not None and start.offset:
        return False
    times = [time for time in (start.moment, value) if isinstance(time, datetime)]
    is_finite = not isinstance(value, float) or math.isfinite(value)
    return 0 <= start.offset < _FAR and is_finite and all(time.tzinfo is not None for time in times)


def _no_cursor() -> BadRequest:
    return _refused("This is no cursor: send the one of an answer as it stands there.")


def _refused(sentence: str) -> BadRequest:
    return BadRequest(sentence, "wrong_cursor", 422)


def _check(packed: bytes) -> bytes:
    return blake2b(packed, digest_size=_CHECK, person=b"photosense").digest()


def _digest(value: Any) -> str:
    return blake2b(repr(_plain(value)).encode(errors="surrogatepass"), digest_size=6).hexdigest()


def _plain(value: Any) -> Any:
    """The same in every process: sets have no order of their own."""
    if is_dataclass(value):
        return type(value).__name__, [_plain(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, Mapping):
        return sorted((repr(_plain(key)), _plain(one)) for key, one in value.items())
    if isinstance(value, Set):
        return sorted(map(repr, map(_plain, value)))
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
