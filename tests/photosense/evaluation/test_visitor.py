"""A visitor of the measurement gets what any visitor gets: the same pages, the same gate, the same words."""

from dataclasses import replace
from pathlib import Path

import pytest

from api.search import question
from api.search.question import Mode
from api.search.service import Service
from compliance.country import Country
from compliance.law import Law
from ingest.errors import PostRejected
from ingest.photos.photo_parts import PhotoParts
from photosense.evaluation.examples import MOST, Gallery, choose_examples
from photosense.evaluation.outcomes import Proposed, RankedAnswer
from photosense.evaluation.questions import EvaluationQuestion
from photosense.evaluation.visitor import LeftOut, Visitor
from photosense.house import open_house
from photosense.settings import Settings
from tests.support.runs import outcome, ranked_answer
from tests.support.small_world import CHILD_WORDS, World, photo_file, small_world
from topic_model.models import Models

GERMANY, ICELAND = Country("DE", "site"), Country("IS", "site")


class Drawn:
    """Gives a drawn photo for `<subject>-<seed>`, and nothing for any other name."""

    def read(self, photo: str) -> bytes:
        subject, _, seed = photo.partition("-")
        if not seed.isdigit():
            raise PostRejected("photo_missing", photo)
        return photo_file(subject, int(seed))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return small_world(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def service(world: World) -> Service:
    return Service(world.store, Models(world.model), PhotoParts(), Law())


@pytest.fixture
def visitor(service: Service) -> Visitor:
    return Visitor(service, GERMANY, Drawn())


def about(*relevant: str, **fields: str) -> EvaluationQuestion:
    return EvaluationQuestion("key", "group", relevant, **fields)


def search_ids(service: Service, **fields: object) -> list[str]:
    """All that the service gives, in one answer that is longer than any page."""
    answer = service.search(question.Question(**fields, limit=1000), GERMANY)
    return [hit.id for hit in answer.posts]


@pytest.mark.parametrize("mode", [None, *Mode], ids=str)
@pytest.mark.parametrize("text", ["море", "snow trail море", "tram"])
def test_ranks_are_places_in_the_list(text: str, mode: Mode | None, visitor: Visitor, service: Service) -> None:
    """Whichever page a post is on, its rank is its place in the whole list; what is on no page has none."""
    listed = search_ids(service, text=text, mode=mode)
    assert listed
    for point in service.store.scroll():
        answer = visitor.search(about(point.id, text=text), mode)
        if isinstance(answer, RankedAnswer):
            assert answer.ranks == ((listed.index(point.id) + 1,) if point.id in listed else ())
            assert answer.first == tuple(listed[:5])
        else:
            assert (answer, point.id) in {(LeftOut.WITHHELD, "held-child"), (LeftOut.WITHHELD, "held-review")}


def test_a_post_does_not_find_itself(visitor: Visitor, service: Service) -> None:
    """Asked with its own photo, a post is no hit; what follows moves up by one."""
    listed = search_ids(service, photo=photo_file("sea", 3))
    own, other = listed[0], listed[3]
    answer = visitor.search(about(other, photo="sea-3", post=own), None)
    assert isinstance(answer, RankedAnswer)
    assert answer.ranks == (3,)
    assert answer.first == tuple(listed[1:6])


def test_several_relevant_posts_count_as_they_come(visitor: Visitor, service: Service) -> None:
    """All of them that are on the page have their ranks."""
    listed = search_ids(service, text="море")
    answer = visitor.search(about(listed[4], "absent", listed[1], "held-child", text="море"), None)
    assert isinstance(answer, RankedAnswer)
    assert (answer.ranks, set(answer.relevant)) == ((2, 5), {listed[1], listed[4]})


@pytest.mark.parametrize(
    ("question", "why"),
    [
        (about("sea-0", text="a little girl at sea"), LeftOut.REFUSED),
        (about("held-child", "held-review", text="море"), LeftOut.WITHHELD),
        (about("sea-0", photo="sea-3", post="held-child"), LeftOut.WITHHELD),
        (about("sea-0", photo="sea-3", post="absent"), LeftOut.UNKNOWN),
        (about("absent", text="море"), LeftOut.UNKNOWN),
        (about("sea-0", photo="nowhere"), LeftOut.UNREADABLE),
        (about("sea-0", text="море" * 600), LeftOut.NOT_TAKEN),
    ],
    ids=lambda value: value.name if isinstance(value, LeftOut) else "",
)
def test_what_cannot_be_asked_is_left_out(question: EvaluationQuestion, why: LeftOut, visitor: Visitor) -> None:
    """Each reason is told apart, so that it can be counted."""
    assert visitor.search(question, None) is why


def test_words_that_the_model_never_saw_are_noticed(visitor: Visitor) -> None:
    """In every mode alike; a question by photo has no words."""
    for mode in Mode:
        answers = [visitor.search(about("sea-0", text=text), mode) for text in ("море", "море zyzzyva")]
        assert [answer.unknown for answer in answers if isinstance(answer, RankedAnswer)] == [False, True]
    assert not visitor.search(about("sea-0", photo="sea-3"), None).unknown  # type: ignore[union-attr]


def test_proposed_words_are_judged_by_captions(visitor: Visitor, service: Service) -> None:
    """Each proposal is right when the captions have it, in any form; withheld posts are not annotated."""
    used = ("море", "sea", "wave", "surf")
    answer = visitor.annotate(about(*used, photo="sea-3", post="sea-3"))
    assert isinstance(answer, Proposed)
    assert (len(answer.words), answer.truth) == (10, 4)
    assert sum(answer.right) >= 3
    keywords = service.annotate(question.Question(photo=photo_file("sea", 3), limit=10), GERMANY).keywords
    assert list(answer.words) == [keyword.word for keyword in keywords]
    assert not set(answer.words) & set(CHILD_WORDS)
    assert visitor.annotate(about(*used, photo="sea-3", post="held-child")) is LeftOut.WITHHELD
    assert visitor.annotate(about(*used, photo="sea-3", post="absent")) is LeftOut.UNKNOWN


def test_examples_show_what_may_be_shown(world: World, tmp_path: Path) -> None:
    """A post that the country withholds has no picture, whoever names it; one without a photo has its words."""
    with open_house(Settings(home=tmp_path / "home")) as house:
        there = replace(house, store=world.store)
        for country, ids in ((GERMANY, ["sea-0"]), (ICELAND, ["held-child", "sea-0"])):
            gallery = Gallery(there, there.law.gate.policy.rule_for(country), Drawn(), lambda post: post)
            pictures = gallery.pictures(["held-child", "absent", "sea-0"])
            assert sorted(picture.post for picture in pictures) == ids
            (sea,) = (picture for picture in pictures if picture.post == "sea-0")
            assert sea.photo is not None
            assert sea.photo.startswith("data:image/jpeg;base64,")
        without = Gallery(there, there.law.gate.policy.rule_for(GERMANY), Drawn(), lambda _: None)
        (sea,) = without.pictures(["sea-0"])
        assert sea.photo is None
        assert "wave" in sea.says or "sea" in sea.says


def test_the_worst_come_first_and_each_is_about_something_else(world: World, tmp_path: Path) -> None:
    """Of many questions about one photo one is shown; none stands among the worst and the best."""
    answers = [ranked_answer(n, *([] if n < 4 else [n])) for n in range(40)]  # two of a group
    with open_house(Settings(home=tmp_path / "home")) as house:
        gallery = Gallery(replace(house, store=world.store), house.law.gate.policy.strictest, Drawn(), lambda _: None)
        questions = {answer.key: EvaluationQuestion(answer.key, answer.group, ()) for answer in answers}
        worst, best = choose_examples(outcome(*answers), questions, gallery)
    assert len(worst) == len(best) == MOST
    ranks = [example.answer.ranks for example in worst]  # type: ignore[union-attr]
    assert ranks == [(), (), (39,), (37,), (35,), (33,)]
    assert [example.answer.ranks for example in best] == [(4,), (6,), (8,), (10,), (12,), (14,)]  # type: ignore[union-attr]
