"""The gate: held facts are never shown where a rule withholds them, and queries about children are refused."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.consent import Consent
from compliance.country import Country
from compliance.facts import Child, Facts, Source
from compliance.gate import Action, Gate, Verdict
from compliance.lexicon.lexicon import default_lexicon
from compliance.policy import SENTENCE, Rule, Treatment, load_policy

GATE = Gate(load_policy(), default_lexicon())
RULES = st.builds(
    Rule,
    st.just("any"),
    st.just(frozenset[str]()),
    st.frozensets(st.sampled_from([Child.CHILD, Child.REVIEW, Child.CONSENTED])),
    st.sampled_from(Treatment),
    st.booleans(),
)
CONSENT = Consent("form-1", datetime(2030, 5, 1, tzinfo=UTC))
FACTS = st.none() | st.builds(Facts, st.sampled_from(Child), st.sampled_from(Source), consent=st.just(CONSENT))


def rule(*withhold: Child, treatment: Treatment = Treatment.OMIT, refuse: bool = True, sentence: str = "No.") -> Rule:
    return Rule("test", frozenset(), frozenset(withhold), treatment, refuse, sentence)


@given(FACTS, RULES)
def test_a_post_may_be_shown_exactly_when_its_kind_is_not_withheld(facts: Facts | None, any_rule: Rule) -> None:
    """Facts that are missing count as review."""
    kind = Child.REVIEW if facts is None else facts.child
    assert GATE.may_show(facts, any_rule) == (kind not in any_rule.withhold)
    kinds = GATE.visible_kinds(any_rule)
    assert GATE.may_show(facts, any_rule) == (kinds is None or kind in kinds)


def test_everything_is_shown_only_where_nothing_is_withheld() -> None:
    """None stands for everything; one withheld kind leaves the others."""
    assert GATE.visible_kinds(rule()) is None
    assert GATE.visible_kinds(rule(Child.CHILD)) == frozenset(
        {Child.CLEAR, Child.CONSENTED, Child.REVIEW, Child.UNSEEN}
    )
    assert GATE.may_show(None, rule()) is True


def test_post_without_facts_is_not_shown_by_the_strictest_rule() -> None:
    """Nobody has looked at it yet."""
    strictest = GATE.policy.rule_for(Country(None, "unknown"))
    assert GATE.may_show(None, strictest) is False
    assert GATE.may_show(Facts(Child.CLEAR, Source.TEXT), strictest) is True
    assert GATE.may_show(Facts(Child.UNSEEN, Source.TEXT), strictest) is False
    assert GATE.visible_kinds(strictest) == frozenset({Child.CLEAR, Child.CONSENTED})


@pytest.mark.parametrize(
    ("any_rule", "expected"),
    [
        (rule(Child.CHILD, treatment=Treatment.DISCLAIMER), True),
        (rule(Child.CHILD, treatment=Treatment.OMIT), False),
        (rule(treatment=Treatment.DISCLAIMER), False),
    ],
    ids=["disclaimer", "omit", "nothing withheld"],
)
def test_sentence_stands_in_for_hits_only_where_the_rule_says_disclaimer(any_rule: Rule, expected: bool) -> None:
    """Where nothing is withheld, there is nothing to disclaim."""
    assert GATE.disclaims(any_rule) is expected


@pytest.mark.parametrize(
    ("text", "refuse", "expected"),
    [
        pytest.param("мальчик у моря", True, Verdict(Action.REFUSE, "boy-girl-ru", "No."), id="about a child"),
        pytest.param("p3бенoк", True, Verdict(Action.REFUSE, "child-ru", "No."), id="in disguise"),
        pytest.param("мальчик у моря", False, Verdict(Action.ALLOW), id="the rule refuses nothing"),
        pytest.param("закат у моря", True, Verdict(Action.ALLOW), id="about the sea"),
        pytest.param("", True, Verdict(Action.ALLOW), id="empty"),
        pytest.param(None, True, Verdict(Action.ALLOW), id="a photo only"),
    ],
)
def test_query_about_a_child_is_refused_with_the_rules_sentence(
    text: str | None, refuse: bool, expected: Verdict
) -> None:
    """Only where the rule refuses queries; the verdict names the rule of the lexicon."""
    assert GATE.query(text, rule(Child.CHILD, refuse=refuse)) == expected


def test_shipped_rules_refuse_with_the_exact_sentence() -> None:
    """Unknown countries and Russia are refused, Iceland is not."""
    refused = [GATE.query("two kids", GATE.policy.rule_for(Country(code, "site"))).sentence for code in ("RU", "FR")]
    assert refused == [SENTENCE, SENTENCE]
    assert GATE.query("two kids", GATE.policy.rule_for(Country("IS", "site"))).action is Action.ALLOW


def test_words_about_children_are_dropped_where_anything_is_withheld() -> None:
    """Order stays, and the key says what to read."""
    words = [("sea", 1), ("дети", 2), ("k1d", 3), ("kidney", 4)]
    assert GATE.redact_words(words, rule(Child.REVIEW), lambda word: word[0]) == [("sea", 1), ("kidney", 4)]
    assert GATE.redact_words(words, rule(), lambda word: word[0]) == words
