"""The facts of a post survive storage, and whatever is damaged waits for review."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.consent import Consent
from compliance.facts import NO_RECORD, UNKNOWN, Child, Facts, Source, Vis, from_payload, to_payload, vis

CONSENT = Consent("form-1", datetime(2030, 5, 1, tzinfo=UTC))
FACTS = st.builds(
    Facts,
    st.sampled_from(Child),
    st.sampled_from(Source),
    st.none() | st.floats(allow_nan=False, allow_infinity=False),
    st.lists(st.text(max_size=8), max_size=3).map(tuple),
).map(lambda facts: replace(facts, consent=CONSENT) if facts.child is Child.CONSENTED else facts)


@given(FACTS)
def test_facts_come_back_from_their_payload_as_they_were(facts: Facts) -> None:
    """Writing and reading changes nothing."""
    assert from_payload(to_payload(facts)) == facts


def test_a_consent_without_a_record_opens_nothing() -> None:
    """As it stands in a store of before: the post waits for review and says why; nor does one in memory open it."""
    bare = Facts(Child.CONSENTED, Source.HOST, rules=("boy-girl",))
    assert from_payload(to_payload(bare)) == Facts(Child.REVIEW, Source.HOST, rules=("boy-girl", NO_RECORD))
    assert bare.where("DE", datetime(2030, 5, 1, tzinfo=UTC)) is Child.CHILD
    assert bare.visibility == ("child", ["held"])


@pytest.mark.parametrize(
    ("child", "expected"),
    [
        (Child.CLEAR, Vis.OPEN),
        (Child.CONSENTED, Vis.OPEN),
        (Child.CHILD, Vis.HELD),
        (Child.REVIEW, Vis.HELD),
        (None, Vis.HELD),
    ],
)
def test_only_clear_and_consented_posts_are_open(child: Child | None, expected: Vis) -> None:
    """All else, also a post of which nothing is known, is held."""
    assert vis(child) is expected


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(None, id="nothing stored"),
        pytest.param({}, id="empty"),
        pytest.param({"child": "clear"}, id="no source"),
        pytest.param({"child": "CLEAR", "source": "host"}, id="another case"),
        pytest.param({"child": False, "source": "host"}, id="a bool"),
        pytest.param({"child": ["clear"], "source": "host"}, id="a list"),
        pytest.param({"child": "clear", "source": "rumour"}, id="unknown source"),
        pytest.param({"child": "clear", "source": "host", "score": "high"}, id="score of words"),
        pytest.param({"child": "clear", "source": "host", "score": float("nan")}, id="score that is no number"),
        pytest.param({"child": "clear", "source": "host", "score": True}, id="score that is a bool"),
        pytest.param({"child": "clear", "source": "host", "rules": "child-en"}, id="rules not a list"),
        pytest.param({"child": "clear", "source": "host", "rules": [1]}, id="rules not strings"),
        pytest.param("clear", id="not a mapping"),
    ],
)
def test_damaged_facts_wait_for_review(payload: dict[str, object] | None) -> None:
    """Missing or damaged facts never count as clear."""
    assert from_payload(payload) == UNKNOWN
    assert from_payload(payload).child is Child.REVIEW


@given(
    st.dictionaries(
        st.sampled_from(["child", "source", "score", "rules"]),
        st.none() | st.text() | st.floats() | st.lists(st.text()),
    )
)
def test_any_payload_is_read_without_an_error(payload: dict[str, object]) -> None:
    """A store may hold anything; reading it gives facts or review."""
    assert isinstance(from_payload(payload), Facts)
