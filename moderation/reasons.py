"""Why a post waits, for whoever decides: the rules that found it, and the words that they found."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from compliance.facts import Facts
from compliance.lexicon.lexicon import Lexicon, default_lexicon
from compliance.precedence import says_of_mark
from ingest.post import Post
from qdrant.points import StoredPoint

MOST_WORDS = 10  # of one rule: a reviewer sees the post beside them


class ReviewReason(NamedTuple):
    """A rule, its sentence for people, and the words of the post that it found."""

    rule: str
    says: str
    words: Sequence[str]


def reasons_of(point: StoredPoint, facts: Facts, lexicon: Lexicon) -> list[ReviewReason]:
    """The rules in the facts of a post; one that finds nothing any more, as after an edit, has no words."""
    says = {terms.id: terms.says for terms in lexicon.rules}
    words: dict[str, dict[str, None]] = {rule: {} for rule in facts.rules}
    for text in _texts_of(point) if facts.rules else ():
        for finding in lexicon.find(text):
            if finding.rule in words:
                words[finding.rule].setdefault(text[finding.start : finding.end])
    return [
        ReviewReason(rule, says_of_mark(rule) or says.get(rule, ""), list(own)[:MOST_WORDS])
        for rule, own in words.items()
    ]


def says_of_rule(rule: str, lexicon: Lexicon | None = None) -> str:
    """The sentence for people of a rule, or of all marks of a kind; empty where nobody has one."""
    says = {terms.id: terms.says for terms in (lexicon or default_lexicon()).rules}
    return says_of_mark(rule) or says_of_mark(f"{rule}:") or says.get(rule, "")


def _texts_of(point: StoredPoint) -> Iterable[str]:
    """All that a visitor would read of a stored post, as it was searched when it came in."""
    fields: Mapping[str, Any] = {"id": point.id, **point.post}
    post = msgspec.convert({name: value for name, value in fields.items() if value is not None}, Post)
    attrs = (value for given in point.attrs.values() for value in (given if isinstance(given, list) else [given]))
    return [*post.visible_texts, *post.tags, *point.attrs, *(value for value in attrs if isinstance(value, str))]
