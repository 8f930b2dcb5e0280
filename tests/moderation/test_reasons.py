"""A reviewer reads why a post waits: each rule, and the words that it found."""

from compliance.facts import Child, Facts, Source
from compliance.lexicon.lexicon import default_lexicon
from moderation.reasons import reasons_of
from qdrant.points import StoredPoint
from tests.support.points import point
from tests.support.reference_store import ReferenceStore


def stored(**fields: object) -> StoredPoint:
    store = ReferenceStore()
    store.upsert([point("p1", **fields)])
    (one,) = store.get(["p1"])
    assert one is not None
    return one


def waits(*rules: str) -> Facts:
    return Facts(Child.REVIEW, Source.TEXT, rules=rules)


def test_words_are_found_wherever_a_visitor_would_read_them() -> None:
    """In captions, tags, authors, the link and the site's own fields."""
    post = stored(
        post={
            "captions": [{"text": "Two boys at the sea", "author": "малыш"}],
            "tags": ["toddler"],
            "link": "https://a.example/malchik-5",
            "thumb": None,
        },
        attrs={"note": "a baby"},
    )
    lexicon = default_lexicon()
    texts = ("boys", "малыш", "toddler", "malchik", "baby")
    rules = sorted({finding.rule for text in texts for finding in lexicon.find(text)})
    words = {word.casefold() for reason in reasons_of(post, waits(*rules), lexicon) for word in reason.words}
    assert set(texts) <= {part for word in words for part in word.split()}


def test_rule_that_finds_nothing_any_more_is_named_without_words() -> None:
    """And one that no lexicon knows has no sentence."""
    (first, second) = reasons_of(stored(), waits("boy-girl", "of-before"), default_lexicon())
    assert (first.rule, first.words) == ("boy-girl", [])
    assert first.says
    assert (second.rule, second.says, second.words) == ("of-before", "", [])


def test_post_without_rules_has_no_reasons() -> None:
    """Its facts say who wants it looked at."""
    assert reasons_of(stored(), waits(), default_lexicon()) == []
