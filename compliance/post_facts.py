"""From what the host says and what the texts say to the facts of a post; its photo is looked at later."""

from collections.abc import Iterable, Mapping

from compliance.age_fields import AGE_FIELD, default_age_fields
from compliance.consent import Consent
from compliance.facts import Child, Facts, Source
from compliance.lexicon.lexicon import Lexicon


def facts_of_post(
    texts: Iterable[str],
    tags: Iterable[str],
    child: bool | None,
    consent: Consent | bool | None,
    lexicon: Lexicon,
    attrs: Mapping[str, object] | None = None,
) -> Facts:
    """The facts of one post by its words and ages: the host's word first, then the texts, the tags and the fields.

    A consent is given for a child; the bare word that there is one opens nothing.
    """
    rules = _rules_of(texts, tags, attrs or {}, lexicon)
    if isinstance(consent, Consent):
        return Facts(Child.CONSENTED, Source.HOST, rules=rules, consent=consent)
    if child is True or consent is True:
        return Facts(Child.CHILD, Source.HOST, rules=rules)
    if child is False:
        return Facts(Child.REVIEW, Source.TEXT, rules=rules) if rules else Facts(Child.CLEAR, Source.HOST)
    return Facts(Child.CHILD if rules else Child.CLEAR, Source.TEXT, rules=rules)


def _rules_of(
    texts: Iterable[str], tags: Iterable[str], attrs: Mapping[str, object], lexicon: Lexicon
) -> tuple[str, ...]:
    ids = {finding.rule for words in (texts, tags) for text in words for finding in lexicon.find(text)}
    if default_age_fields().tell(attrs, lexicon.today()):
        ids.add(AGE_FIELD)
    return tuple(sorted(ids))
