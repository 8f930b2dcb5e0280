"""The topic net: the share of posts about children in each topic, and questions that it refuses."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.errors import ComplianceError
from compliance.facts import Child
from compliance.gate import Action, Gate, Net, Verdict
from compliance.learned.topic_net import FILE, LEAST, TopicNet, TopicNetBuilder, load_net, save_net
from compliance.lexicon.lexicon import default_lexicon
from compliance.policy import Rule, Treatment, load_policy


def theta(*shares: float) -> np.ndarray:
    return np.array(shares, np.float32)


def woven(*posts: tuple[np.ndarray, Child]) -> TopicNet:
    """A net of three topics."""
    weaver = TopicNetBuilder("m1", 3)
    for shares, child in posts:
        weaver.count(shares, child)
    return weaver.net()


POSTS = (
    (theta(1, 0, 0), Child.CHILD),
    (theta(0.5, 0.5, 0), Child.CONSENTED),
    (theta(0, 1, 0), Child.CLEAR),
    (theta(0, 0.5, 0.5), Child.UNSEEN),
    (theta(0, 0, 1), Child.REVIEW),
)


def test_share_of_a_topic_is_that_of_its_mass_in_posts_about_children() -> None:
    """A consent does not make a post one about somebody else; what waits for review says nothing yet."""
    net = woven(*POSTS)
    assert net.shares.tolist() == [1.0, 0.25, 0.0]
    assert (net.posts, net.children) == (4, 2)
    assert net.share(theta(0.5, 0.5, 0)) == 0.625


def test_net_of_few_posts_does_not_hold() -> None:
    """The shares would be chance."""
    assert not woven(*POSTS).holds
    assert woven(*[(theta(1, 0, 0), Child.CHILD)] * LEAST).holds


@given(st.lists(st.tuples(st.lists(st.floats(0, 1), min_size=3, max_size=3), st.sampled_from(Child)), max_size=20))
def test_shares_are_shares(posts: list[tuple[list[float], Child]]) -> None:
    """Whatever passes by, also no post at all, and topics that nobody has."""
    net = woven(*((np.array(given, np.float32), child) for given, child in posts))
    assert np.isfinite(net.shares).all()
    assert ((net.shares >= 0) & (net.shares <= 1 + 1e-6)).all()
    assert net.children <= net.posts <= len(posts)


def rule(*, refuse: bool) -> Rule:
    return Rule("test", frozenset(), frozenset({Child.CHILD}), Treatment.OMIT, refuse, "No.")


@pytest.mark.parametrize(
    ("share", "refuse", "theta", "expected"),
    [
        pytest.param(0.6, True, theta(0.5, 0.5, 0), Verdict(Action.REFUSE, "topics", "No."), id="above"),
        pytest.param(0.625, True, theta(0.5, 0.5, 0), Verdict(Action.REFUSE, "topics", "No."), id="at the threshold"),
        pytest.param(0.7, True, theta(0.5, 0.5, 0), Verdict(Action.ALLOW), id="below"),
        pytest.param(0.6, False, theta(1, 0, 0), Verdict(Action.ALLOW), id="a rule that refuses no questions"),
        pytest.param(0.6, True, None, Verdict(Action.ALLOW), id="a question without topics"),
    ],
)
def test_question_with_the_topics_of_children_is_refused(
    share: float, refuse: bool, theta: np.ndarray | None, expected: Verdict
) -> None:
    """From the threshold on, where the rule refuses questions; without a net none is."""
    gate = Gate(load_policy(), default_lexicon(), net=Net(woven(*POSTS), share))
    assert gate.topics(theta, rule(refuse=refuse)) == expected
    assert Gate(load_policy(), default_lexicon()).topics(theta, rule(refuse=refuse)) == Verdict(Action.ALLOW)


def test_folder_keeps_the_net(tmp_path: Path) -> None:
    """A small file beside the model; a model that was trained without one has none."""
    assert load_net(tmp_path, "m1", 3) is None
    net = woven(*POSTS)
    save_net(net, tmp_path)
    loaded = load_net(tmp_path, "m1", 3)
    assert loaded is not None
    assert loaded.shares.tolist() == net.shares.tolist()
    assert (loaded.posts, loaded.children, [file.name for file in tmp_path.iterdir()]) == (4, 2, [FILE])


@pytest.mark.parametrize(
    "change",
    [{"model": "m2"}, {"shares": [0.1]}, {"shares": [0.1, 2.0, 0.3]}, {"shares": [0.1, None, 0.3]}, {"posts": "many"}],
    ids=["of another model", "too short", "no share", "no number", "no count"],
)
def test_net_that_does_not_fit_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    """It is never taken for one that catches nothing."""
    save_net(woven(*POSTS), tmp_path)
    (tmp_path / FILE).write_text(json.dumps(json.loads((tmp_path / FILE).read_text()) | change))
    with pytest.raises(ComplianceError, match="photosense train"):
        load_net(tmp_path, "m1", 3)
    (tmp_path / FILE).write_text("{")
    with pytest.raises(ComplianceError, match="photosense train"):
        load_net(tmp_path, "m1", 3)
