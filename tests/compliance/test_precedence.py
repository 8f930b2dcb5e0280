"""Whose word stands, what a consent covers, and what the gate makes of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.consent import Consent, consent_from
from compliance.errors import ComplianceError
from compliance.facts import MOST_HISTORY, Child, Facts, Source, Thresholds, Vis, from_payload, to_payload, vis
from compliance.gate import Action, Gate
from compliance.lexicon.lexicon import default_lexicon
from compliance.policy import Rule, Treatment, load_policy
from compliance.precedence import (
    NothingToUndo,
    decide,
    end_consent,
    holds_copies,
    judge,
    look_again,
    revoke,
    settle,
    stricter,
    undo,
    with_photo,
)

NOW = datetime(2030, 5, 1, tzinfo=UTC)
CLEAR, CHILD = Facts(Child.CLEAR, Source.TEXT), Facts(Child.CHILD, Source.HOST)
UNSEEN = Facts(Child.UNSEEN, Source.TEXT)
SURE = Thresholds(0.8, 0.2)
CONSENTS = st.builds(
    Consent,
    st.text(max_size=5),
    st.just(NOW),
    st.frozensets(st.sampled_from(["RU", "DE", "IS"])),
    st.none() | st.integers(-2, 2).map(lambda hours: NOW + timedelta(hours=hours)),
)


def rule(*withhold: Child, code: str | None = "RU", refuse: bool = True) -> Rule:
    return Rule("test", frozenset(), frozenset(withhold), Treatment.OMIT, refuse, "No.", code=code)


@given(CONSENTS)
def test_consent_comes_back_as_it_was(consent: Consent) -> None:
    """By itself and inside facts."""
    assert consent_from(consent.to_payload()) == consent
    facts = CLEAR.followed_by(Facts(Child.CONSENTED, Source.REVIEWER, consent=consent, by="m", at="now"))
    assert from_payload(to_payload(facts)) == facts


@pytest.mark.parametrize("damage", [{"by": 1}, {"at": "soon"}, {"countries": "RU"}, {"until": 5}, {"until": "x"}])
def test_damaged_consent_is_none(damage: dict) -> None:
    """The post then waits for review."""
    payload = to_payload(Facts(Child.CONSENTED, Source.REVIEWER, consent=Consent("1", NOW)))
    payload["consent"] = {**Consent("1", NOW).to_payload(), **damage}
    assert from_payload(payload).child is Child.REVIEW


@given(CONSENTS, st.none() | st.sampled_from(["RU", "DE", "FR"]), st.integers(-3, 3))
def test_gate_and_filter_agree_on_consents(consent: Consent, code: str | None, hours: int) -> None:
    """A consented post is shown where its consent reaches; what the filter lets pass after its end, redact stops."""
    now = NOW + timedelta(hours=hours)
    gate = Gate(load_policy(), default_lexicon(), now=lambda: now)
    strict = rule(Child.CHILD, Child.REVIEW, code=code)
    facts = Facts(Child.CONSENTED, Source.REVIEWER, consent=consent)
    reaches = (not consent.countries or code in consent.countries) and (consent.until is None or now < consent.until)
    assert gate.may_show(facts, strict) == reaches
    assert gate.redact(facts, strict, lambda: "hit", str.upper) == ("hit" if reaches else "NO.")
    visible, (child, ways) = gate.visible(strict), facts.visibility
    assert visible is not None
    passes = bool(visible.ways & set(ways)) or child in visible.kinds
    assert passes == (not consent.countries or code in consent.countries)
    assert not gate.may_show(facts, rule(Child.CHILD, Child.CONSENTED, code=code))


@given(st.frozensets(st.sampled_from([kind for kind in Child if kind is not Child.CLEAR])), st.sampled_from(Child))
def test_filter_lets_pass_exactly_the_kinds_that_are_shown(withhold: frozenset[Child], kind: Child) -> None:
    """Whatever is withheld, and however the filter says it."""
    gate = Gate(load_policy(), default_lexicon())
    consent = Consent("1", NOW) if kind is Child.CONSENTED else None
    visible, (child, ways) = gate.visible(rule(*withhold)), Facts(kind, Source.TEXT, consent=consent).visibility
    passes = visible is None or bool(visible.ways & set(ways)) or child in visible.kinds
    assert passes == (kind not in withhold)


def test_narrowed_rule_shows_what_is_clear_and_nothing_else() -> None:
    """Neither consented nor unseen posts."""
    assert Gate(load_policy(), default_lexicon()).visible_kinds(rule(Child.CHILD).narrowed()) == {Child.CLEAR}


@pytest.mark.parametrize(
    ("score", "refuse", "expected"),
    [
        (0.8, True, Action.REFUSE),
        (0.79, True, Action.NARROW),
        (0.2, True, Action.NARROW),
        (0.19, True, Action.ALLOW),
        (0.9, False, Action.ALLOW),
        (None, True, Action.ALLOW),
    ],
)
def test_photo_of_a_child_is_no_question(score: float | None, refuse: bool, expected: Action) -> None:
    """At a threshold it counts; where nobody is sure, only clear posts are found."""
    verdict = Gate(load_policy(), default_lexicon(), SURE).photo(score, rule(Child.CHILD, refuse=refuse))
    assert (verdict.action, verdict.sentence) == (expected, "No." if expected is Action.REFUSE else None)
    assert Gate(load_policy(), default_lexicon()).photo(score, rule(Child.CHILD)).action is Action.ALLOW


def test_photo_score_that_is_no_number_is_not_allowed() -> None:
    """A broken detector opens nothing."""
    verdict = Gate(load_policy(), default_lexicon(), SURE).photo(float("nan"), rule(Child.CHILD))
    assert verdict.action is not Action.ALLOW


@pytest.mark.parametrize(
    ("facts", "score", "expected"),
    [
        pytest.param(CLEAR, None, Child.UNSEEN, id="nobody looked"),
        pytest.param(Facts(Child.CLEAR, Source.HOST), None, Child.CLEAR, id="the host's word is enough"),
        pytest.param(CLEAR, 0.1, Child.CLEAR, id="nothing seen"),
        pytest.param(CLEAR, 0.2, Child.REVIEW, id="not sure"),
        pytest.param(CLEAR, 0.8, Child.CHILD, id="sure"),
        pytest.param(Facts(Child.CLEAR, Source.HOST), 0.9, Child.REVIEW, id="against the host"),
        pytest.param(CLEAR, float("nan"), Child.REVIEW, id="no number"),
        pytest.param(CHILD, 0.0, Child.CHILD, id="a photo opens nothing"),
    ],
)
def test_what_a_detector_saw_becomes_facts(facts: Facts, score: float | None, expected: Child) -> None:
    """The host outranks the detector as far as a person has to look."""
    assert with_photo(facts, score, SURE).child is expected


def test_reviewer_outranks_the_host_while_the_post_is_the_same() -> None:
    """What was withheld stays withheld also when it changed; what was opened does not stay open."""
    opened, closed = decide(CHILD, Child.CLEAR, "m", NOW), decide(CLEAR, Child.CHILD, "m", NOW)
    assert settle(opened, CHILD, same=True).child is Child.CLEAR
    assert settle(opened, CHILD, same=False).child is Child.CHILD
    assert settle(closed, CLEAR, same=False).child is Child.CHILD
    assert stricter(opened, CHILD, same=True).child is Child.CLEAR
    assert stricter(CLEAR, CHILD, same=False).child is Child.CHILD
    assert stricter(closed, CLEAR, same=False) == closed
    assert settle(CHILD, CLEAR, same=False).history == (CHILD,)


def test_unseen_photo_may_become_clear_by_being_seen() -> None:
    """Nothing else is opened by a post that is sent again unchanged."""
    assert look_again(UNSEEN, CLEAR, same=True).child is Child.CLEAR
    assert look_again(CHILD, CLEAR, same=True) == CHILD


def test_undo_gives_what_held_before_and_no_more() -> None:
    """Decision after decision, back to what was found."""
    facts = decide(decide(CHILD, Child.REVIEW, "m", NOW), Child.CLEAR, "n", NOW)
    assert undo(facts).child is Child.REVIEW
    assert undo(undo(facts)) == CHILD
    with pytest.raises(NothingToUndo):
        undo(CHILD)


def test_history_is_bounded_and_the_same_word_twice_is_one() -> None:
    """A post that is sent every day does not grow."""
    facts = CLEAR
    for number in range(3 * MOST_HISTORY):
        facts = facts.followed_by(replace(CLEAR, score=float(number)))
    assert len(facts.history) == MOST_HISTORY
    assert facts.followed_by(replace(facts, history=())) == facts


def test_what_people_decided_is_never_cut_from_the_history() -> None:
    """However often the site sends the post in between."""
    facts = CLEAR
    for number in range(2 * MOST_HISTORY):
        facts = decide(facts, Child.REVIEW, f"m{number}", NOW).followed_by(replace(CLEAR, score=float(number)))
    decided = [earlier.by for earlier in facts.history if earlier.source is Source.REVIEWER]
    assert decided == [f"m{number}" for number in range(2 * MOST_HISTORY)]
    assert len(facts.history) == 3 * MOST_HISTORY


def test_decision_that_means_nothing_is_refused() -> None:
    """A consent without `consented`, or not having looked."""
    with pytest.raises(ComplianceError):
        decide(CHILD, Child.UNSEEN, "m", NOW)
    with pytest.raises(ComplianceError):
        decide(CHILD, Child.CLEAR, "m", NOW, Consent("1", NOW))


def test_unseen_posts_have_a_way_of_their_own() -> None:
    """A filter for what is open does not let them pass."""
    assert vis(Child.UNSEEN) is Vis.UNSEEN
    assert UNSEEN.visibility == ("unseen", ["unseen"])


@pytest.mark.parametrize("source", [Source.HOST, Source.TEXT, Source.PHOTO, Source.REVIEWER])
@pytest.mark.parametrize("child", list(Child))
@pytest.mark.parametrize("score", [0.1, 0.5, 0.9, float("nan")])
@pytest.mark.parametrize("opens", [False, True])
def test_judging_again_opens_nothing_that_was_held(source: Source, child: Child, score: float, opens: bool) -> None:
    """A photo that nobody looked at becomes clear only where that is wanted, and a reviewer is never overruled."""
    stored = Facts(child, source)
    facts = judge(stored, score, SURE, opens=opens)
    if vis(stored.child) is not Vis.OPEN and vis(facts.child) is Vis.OPEN:
        assert (stored.child, opens, score) == (Child.UNSEEN, True, 0.1)
    if source is Source.REVIEWER or facts.child is stored.child:
        assert facts == stored
    if child in (Child.CLEAR, Child.UNSEEN) and source is not Source.REVIEWER and not score < SURE.review:
        assert vis(facts.child) is Vis.HELD
        assert facts.history == (stored,)


def test_change_ends_what_opened_the_post() -> None:
    """A clearance and a consent wait for review after an edit, though the site says that there is no child."""
    no_child = Facts(Child.CLEAR, Source.HOST)
    for opened in (
        decide(CHILD, Child.CLEAR, "m", NOW),
        decide(CHILD, Child.CONSENTED, "m", NOW, Consent("1", NOW)),
        Facts(Child.CONSENTED, Source.HOST),
    ):
        assert settle(opened, no_child, same=False).child is Child.REVIEW
    assert settle(Facts(Child.CONSENTED, Source.HOST), no_child, same=True).child is Child.CLEAR


def test_silence_takes_nothing_back() -> None:
    """The site's word stays until the site says otherwise, also where a detector said the same in between."""
    assert settle(CHILD, CLEAR, same=False, silent=True).child is Child.CHILD
    assert settle(CHILD, CLEAR, same=True, silent=True) == CHILD
    found = settle(CHILD, replace(CHILD, source=Source.TEXT), same=False, silent=True)
    assert settle(found, CLEAR, same=False, silent=True).child is Child.CHILD
    assert settle(CHILD, Facts(Child.CLEAR, Source.HOST), same=False).child is Child.CLEAR
    assert settle(Facts(Child.CLEAR, Source.HOST), CLEAR, same=True, silent=True).source is Source.HOST


def test_undo_shows_what_was_said_beneath_the_decision() -> None:
    """The site's and the detector's later words close what was open before the decision."""
    held = decide(CLEAR, Child.REVIEW, "m", NOW)
    assert undo(settle(held, CHILD, same=True)).child is Child.CHILD
    assert undo(judge(held, 0.9, SURE, opens=True)).child is Child.CHILD
    cleared = decide(decide(CHILD, Child.CLEAR, "m", NOW), Child.CHILD, "n", NOW)
    assert undo(settle(cleared, CLEAR, same=False)).child is Child.REVIEW


def test_undo_revives_no_consent() -> None:
    """Neither one that was taken back, nor one that has ended, nor one beneath a later decision."""
    until = NOW + timedelta(days=1)
    consented = decide(CHILD, Child.CONSENTED, "m", NOW, Consent("1", NOW, until=until))
    for facts in (
        revoke(consented, "parent", NOW),
        revoke(decide(consented, Child.REVIEW, "m", NOW), "parent", NOW),
        end_consent(consented, until),
    ):
        assert vis(facts.child) is Vis.HELD
        with pytest.raises(NothingToUndo, match="record it anew"):
            undo(facts)
        assert vis(undo(decide(facts, Child.CLEAR, "n", NOW)).child) is Vis.HELD
    assert undo(decide(consented, Child.REVIEW, "m", NOW), until).child is Child.CHILD
    assert revoke(CHILD, "parent", NOW) == CHILD


def test_consent_has_a_record() -> None:
    """Consented without one is no decision."""
    with pytest.raises(ComplianceError, match="record"):
        decide(CHILD, Child.CONSENTED, "m", NOW)


@pytest.mark.parametrize("sent", [Facts(Child.CLEAR, Source.HOST), CLEAR], ids=["child: false", "silence"])
@pytest.mark.parametrize("same", [True, False])
@pytest.mark.parametrize(
    ("child", "consent"), [(Child.CLEAR, None), (Child.CONSENTED, Consent("form-1", NOW, frozenset({"DE"})))]
)
def test_what_waits_after_a_change_is_not_opened_by_being_sent_again(
    sent: Facts, same: bool, child: Child, consent: Consent | None
) -> None:
    """A second edit, or the same once more, is no decision of a person; one that found a child does not open either."""
    changed = settle(decide(CHILD, child, "m", NOW, consent), sent, same=False)
    assert settle(changed, sent, same=same).child is Child.REVIEW
    later = settle(changed, replace(CHILD, source=Source.TEXT), same=False)
    assert vis(settle(later, sent, same=same).child) is Vis.HELD
    assert decide(changed, Child.CLEAR, "m", NOW).child is Child.CLEAR


def test_a_copy_of_a_held_post_is_not_opened_by_being_sent_again() -> None:
    """The reviewer's facts name the post that it is like until he has decided."""
    copy = Facts(Child.REVIEW, Source.HOST, rules=("copy-of:p1",))
    assert settle(copy, Facts(Child.CLEAR, Source.HOST), same=True) == copy


def test_a_consent_for_a_copy_says_that_it_is_about_a_child() -> None:
    """It opens nothing before a person looked; what shows the same as this post is then held by it."""
    copy = Facts(Child.REVIEW, Source.HOST, rules=("copy-of:p1",))
    facts = settle(copy, Facts(Child.CONSENTED, Source.HOST, consent=Consent("form-1", NOW)), same=False)
    assert (facts.child, facts.consent, facts.rules) == (Child.CHILD, None, ("copy-of:p1",))
    assert holds_copies(facts)
