"""Slips in a question are mended, said, and never a way around the law."""

from dataclasses import replace

from api.app import Parts, create_app
from api.settings import ServiceSettings
from tests.api.routes.test_search import search, subjects
from tests.support.http_client import TestClient, client_from
from tests.support.reference_store import ReferenceStore
from tests.support.small_world import SENTENCE, World
from topic_model.models import Models


def test_a_slip_is_searched_as_it_was_meant(site: TestClient) -> None:
    """The answer says which word was searched instead, and nothing is unknown any more."""
    answer = search(site, text="трамвый")
    assert subjects(answer) == {"city"}
    assert answer["query"]["respelled"] == {"трамвый": "трамвай"}
    assert answer["query"]["unknown_terms"] == []
    assert answer["query"]["known_terms"] == ["трамвай"]


def test_the_other_words_stay_as_they_are(site: TestClient) -> None:
    """Only what nobody uses is mended; what is no slip of anything stays unknown."""
    answer = search(site, text="море трамвый абракадабр")
    assert answer["query"]["respelled"] == {"трамвый": "трамвай"}
    assert answer["query"]["unknown_terms"] == ["абракадабр"]


def test_words_that_are_known_are_never_touched(site: TestClient) -> None:
    """A question without a slip says that nothing was mended."""
    assert search(site, text="море")["query"]["respelled"] == {}


def test_a_word_that_a_post_says_is_no_slip(world: World) -> None:
    """A filter, or a floor, that leaves the post out makes the word no unknown one."""
    own = World(ReferenceStore(), world.model)
    own.take({"id": "p1", "text": "старый трамвый у моря"}, {"id": "p2", "text": "трамвай у моря", "tags": ["x"]})
    with client_from(create_app(ServiceSettings(), Parts(own.store, models=Models(world.model)))) as site:
        for narrowed in ({"min_match": 0.9999}, {"filter": {"field": "tags", "equals": "x"}}):
            query = search(site, text="трамвый", **narrowed)["query"]
            assert (query["respelled"], query["unknown_terms"]) == ({}, [])


def test_a_page_behind_the_last_hit_says_so(site: TestClient) -> None:
    """Found by words or listed: nothing here is wrong with the question."""
    for question in ({"text": "море"}, {}):
        answer = search(site, **question, offset=900)
        assert (answer["hits"], answer["notice_code"]) == ([], "past_the_end")


def test_it_can_be_turned_off(site: TestClient) -> None:
    """Who means what they type gets what they type."""
    answer = search(site, text="трамвый", respell=False)
    assert answer["hits"] == []
    assert answer["query"]["unknown_terms"] == ["трамвый"]
    assert answer["query"]["respelled"] == {}


def test_the_same_posts_are_found_as_without_the_slip(site: TestClient) -> None:
    """Mending is asking anew, not a way of its own."""
    mended, plain = (search(site, text=text)["hits"] for text in ("трамвый", "трамвай"))
    assert [hit["id"] for hit in mended] == [hit["id"] for hit in plain]
    assert mended[0]["match"] == plain[0]["match"]


def test_the_law_is_asked_about_the_word_that_is_searched(world: World) -> None:
    """A slip of a word about children is a question about children."""
    assert world.model is not None
    about_children = replace(world.model, labels={**world.model.labels, "трамвай": "ребёнок"})
    with client_from(create_app(ServiceSettings(), Parts(world.store, models=Models(about_children)))) as site:
        answer = search(site, text="трамвый", country="RU")
        assert (answer["disclaimer"], answer["hits"], answer["query"]) == (SENTENCE, [], None)


def test_the_law_sees_the_whole_question_as_it_was_meant(world: World) -> None:
    """A number and a mended word tell of a child together, though the number alone is no word to search by."""
    assert world.model is not None
    of_ages = replace(world.model, labels={**world.model.labels, "трамвай": "лет"})
    with client_from(create_app(ServiceSettings(), Parts(world.store, models=Models(of_ages)))) as site:
        assert search(site, text="море, ему 5 трамвый", country="RU")["disclaimer"] == SENTENCE
