"""JSON becomes dataclasses: what is unknown is left alone, what is missing is told."""

import pytest

from photosense_client import StrangeAnswer
from photosense_client.answer_reader import read_answer
from photosense_client.answers import FactsAnswer, PostAnswer, PostFields, SearchAnswer, Withheld

COUNTRY = {"code": "RU", "source": "site", "rule": "x", "note": None}
FACTS = {"child": "clear", "source": "text", "rules": []}


def test_fields_of_a_newer_service_are_left_alone() -> None:
    """A client goes on while the service learns to say more."""
    answer = read_answer(PostAnswer, {"id": "p", "version": None, "post": {"tags": ["sea"], "mood": "calm"}, "new": 1})
    assert answer == PostAnswer(id="p", version=None, post=PostFields(tags=["sea"]))


def test_entries_among_hits_are_told_apart() -> None:
    """A sentence in place of a post is no post with gaps."""
    answer = read_answer(SearchAnswer, {"hits": [{"disclaimer": "No."}], "country": COUNTRY})
    assert (answer.hits, answer.posts) == ([Withheld(disclaimer="No.")], [])


def test_an_answer_may_hold_its_own_kind() -> None:
    """Facts have a history of facts."""
    answer = read_answer(
        FactsAnswer, {"id": "p", "facts": {**FACTS, "history": [FACTS, {**FACTS, "history": [FACTS]}]}}
    )
    assert answer.facts.history[1].history[0].child == "clear"


@pytest.mark.parametrize("data", [{"id": "p"}, [], None, "ready", {"id": "p", "version": 1, "post": 5}])
def test_what_is_no_such_answer_is_told(data: object) -> None:
    """Whatever JSON comes, the error is one of this package, and names the kind."""
    with pytest.raises(StrangeAnswer, match="no PostAnswer"):
        read_answer(PostAnswer, data)
