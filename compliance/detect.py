"""From what the host says and what the texts say to the facts of a post."""

from collections.abc import Iterable

from compliance.facts import Child, Facts, Source
from compliance.lexicon import Lexicon


def facts_of_post(
    texts: Iterable[str],
    tags: Iterable[str],
    child: bool | None,
    consent: bool | None,
    lexicon: Lexicon,
    has_photo: bool,
    photo_score: float | None = None,
    photo_threshold: float = 0.5,
) -> Facts:
    """The facts of one post: the host's word first, then the texts and tags, then a photo detector's score if any.

    Without a detector a photo is not looked at: `photo_score` None says nothing for or against a child in it.
    """
    rules = _rules_found(texts, tags, lexicon)
    # Not "at least": a score that is no number must not clear a photo.
    suspected = has_photo and photo_score is not None and not photo_score < photo_threshold
    if child is True:
        return Facts(Child.CONSENTED if consent is True else Child.CHILD, Source.HOST, rules=rules)
    if rules and consent is True:
        return Facts(Child.CONSENTED, Source.HOST, rules=rules)
    if child is False:
        return _host_says_none(rules, photo_score if suspected else None)
    if rules:
        return Facts(Child.CHILD, Source.TEXT, rules=rules)
    if suspected:
        return Facts(Child.REVIEW, Source.PHOTO, photo_score)
    return Facts(Child.CLEAR, Source.TEXT)


def _rules_found(texts: Iterable[str], tags: Iterable[str], lexicon: Lexicon) -> tuple[str, ...]:
    found = (finding.rule for words in (texts, tags) for text in words for finding in lexicon.find(text))
    return tuple(sorted(set(found)))


def _host_says_none(rules: tuple[str, ...], photo_score: float | None) -> Facts:
    if rules:
        return Facts(Child.REVIEW, Source.TEXT, rules=rules)
    if photo_score is not None:
        return Facts(Child.REVIEW, Source.PHOTO, photo_score)
    return Facts(Child.CLEAR, Source.HOST)
