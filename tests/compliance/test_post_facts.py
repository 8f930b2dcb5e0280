"""From the host's word and the texts to the facts of a post."""

from datetime import UTC, datetime

import pytest

from compliance.consent import Consent
from compliance.facts import Child, Facts, Source
from compliance.lexicon.lexicon import default_lexicon
from compliance.post_facts import facts_of_post

HOST, TEXT = Source.HOST, Source.TEXT
SEA, BOY = "закат над морем", "мальчик над морем"
FORM = Consent("form-1", datetime(2030, 5, 1, tzinfo=UTC), frozenset({"DE"}))
BOY_RULE = ("boy-girl-ru",)


@pytest.mark.parametrize(
    ("text", "child", "consent", "expected"),
    [
        pytest.param(SEA, None, None, Facts(Child.CLEAR, TEXT), id="nothing found"),
        pytest.param(BOY, None, None, Facts(Child.CHILD, TEXT, None, BOY_RULE), id="found in the text"),
        pytest.param(BOY, None, False, Facts(Child.CHILD, TEXT, None, BOY_RULE), id="consent refused"),
        pytest.param(BOY, None, FORM, Facts(Child.CONSENTED, HOST, None, BOY_RULE, FORM), id="found, with consent"),
        pytest.param(BOY, False, FORM, Facts(Child.CONSENTED, HOST, None, BOY_RULE, FORM), id="denied, with consent"),
        pytest.param(SEA, None, FORM, Facts(Child.CONSENTED, HOST, consent=FORM), id="nothing found, with consent"),
        pytest.param(BOY, None, True, Facts(Child.CHILD, HOST, None, BOY_RULE), id="found, with a bare consent"),
        pytest.param(SEA, None, True, Facts(Child.CHILD, HOST), id="a bare consent is given for a child as well"),
        pytest.param(SEA, True, None, Facts(Child.CHILD, HOST), id="the host says child"),
        pytest.param(SEA, True, False, Facts(Child.CHILD, HOST), id="the host says child, no consent"),
        pytest.param(SEA, True, FORM, Facts(Child.CONSENTED, HOST, consent=FORM), id="a child, with consent"),
        pytest.param(SEA, True, True, Facts(Child.CHILD, HOST), id="a child, with a bare consent"),
        pytest.param(SEA, False, None, Facts(Child.CLEAR, HOST), id="the host says none"),
        pytest.param(BOY, False, None, Facts(Child.REVIEW, TEXT, None, BOY_RULE), id="the text contradicts"),
    ],
)
def test_facts_follow_the_host_then_the_text(
    text: str, child: bool | None, consent: Consent | bool | None, expected: Facts
) -> None:
    """A doubt is never settled in favour of showing."""
    assert facts_of_post([text], [], child, consent, default_lexicon()) == expected


def test_tags_and_every_caption_are_read_and_only_rule_ids_kept() -> None:
    """One finding in one tag is enough, and each rule is named once."""
    facts = facts_of_post(["sea", "two boys"], ["sunset", "моидети", "дети"], None, None, default_lexicon())
    assert facts == Facts(Child.CHILD, TEXT, None, ("boy-girl", "child-ru"))


def test_post_without_any_text_is_clear_by_text() -> None:
    """No caption, no tag, no word from the host."""
    assert facts_of_post([], [], None, None, default_lexicon()) == Facts(Child.CLEAR, TEXT)


@pytest.mark.parametrize(
    ("child", "consent", "expected"),
    [
        pytest.param(None, None, Facts(Child.CHILD, TEXT, None, ("age-field",)), id="nothing"),
        pytest.param(None, FORM, Facts(Child.CONSENTED, HOST, None, ("age-field",), FORM), id="consent"),
        pytest.param(False, None, Facts(Child.REVIEW, TEXT, None, ("age-field",)), id="no child"),
    ],
)
def test_age_among_the_fields_counts_like_a_word(child: bool | None, consent: Consent | None, expected: Facts) -> None:
    """Whatever else the host says."""
    assert facts_of_post([SEA], [], child, consent, default_lexicon(), {"возраст": 7}) == expected
