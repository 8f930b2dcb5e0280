"""The page and <photo-search> in a real browser, against a stand-in for the service."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.support.photo_page import BROWSER, Service, answer, hit, look, problem

SENTENCE = "This image is unavailable in your country in compliance with local laws."
DEMO = {
    "countries": [{"code": None, "label": "unknown"}, {"code": "RU", "label": "Russia"}],
    "examples": [{"label": "an evening", "text": "sea", "photo": None}],
}
Visit: TypeAlias = Callable[..., dict[str, Any]]

in_browser = pytest.mark.skipif(
    BROWSER is None,
    reason="NO BROWSER: the page is untested without chromium, chromium-browser or google-chrome in PATH",
)


@pytest.fixture
def visit(tmp_path: Path) -> Visit:
    """Opens an address of the page on a service, and gives what the visitor sees after the steps."""
    return lambda service, target, steps="": look(service, target, tmp_path / "profile", steps)


@in_browser
def test_an_address_with_words_shows_its_hits_with_their_reasons(visit: Visit) -> None:
    """A hit shows its match, captions with authors, tags, topics in words, and the words found in the post."""
    captions = [{"text": "Low sun", "author": "u017"}, {"text": "Тихо", "author": "u018"}]
    page = visit(Service({"закат": answer(hit(1, captions=captions, thumb="/photo.png"), hit(2))}), "/?q=закат&lang=en")
    first = page["cards"][0]
    for words in ("72%", "Low sun", "u017", "Тихо", "u018", "50%", "sunset, #evening", "In the post itself:"):
        assert words in first["text"]
    assert re.search(r'<img src="http://127.0.0.1:\d+/photo.png" alt="Low sun" loading="lazy"', first["markup"])
    assert "2 posts" in page["status"]
    assert [name for name, _ in page["events"]] == ["ask", "results"]


@in_browser
def test_a_post_without_a_thumb_shows_the_photo_of_the_service(visit: Visit) -> None:
    """Also where its thumb does not load; a photo that is gone leaves the first caption."""
    photo, gone = ({"small": f"/{name}?size=320", "large": f"/{name}?size=1600"} for name in ("photo.png", "gone.png"))
    hits = hit(1, photo=photo), hit(2, photo=photo, thumb="/gone.png"), hit(3, photo=gone)
    page = visit(Service({"sea": answer(*hits)}), "/?q=sea")
    for card in page["cards"][:2]:
        assert re.search(r'<img src="http://127.0.0.1:\d+/photo.png\?size=320"', card["markup"])
    assert "img" not in page["cards"][2]["elements"]
    assert page["cards"][2]["text"].count("caption 3") == 1


@in_browser
def test_a_withheld_hit_is_a_card_with_nothing_but_the_sentence(visit: Visit) -> None:
    """The card between two others holds one paragraph: no link, button, photo or number."""
    page = visit(Service({"sea": answer(hit(1), {"disclaimer": SENTENCE}, hit(2))}), "/?q=sea&lang=ru")
    card = page["cards"][1]
    assert (card["text"], card["elements"]) == (SENTENCE, ["p"])
    assert len(page["cards"]) == 3


@in_browser
@pytest.mark.parametrize(
    ("service", "target"),
    [
        pytest.param(Service({"q": answer(total=7, disclaimer=SENTENCE)}), "/?q=q", id="the query"),
        pytest.param(Service(similar=problem(451, SENTENCE)), "/?similar=p1", id="a withheld post"),
    ],
)
def test_a_withheld_answer_is_the_sentence_alone(visit: Visit, service: Service, target: str) -> None:
    """Where the law withholds the whole answer, neither counts nor topics stand beside the sentence."""
    page = visit(service, target + "&lang=en")
    hidden_controls = r"Back to the search|Explain all|More"
    assert re.sub(hidden_controls, "", page["results"]) == SENTENCE
    assert (page["more"], page["cards"], page["status"]) == (False, [], "")


@in_browser
def test_words_of_strangers_stay_words(visit: Visit) -> None:
    """Markup in captions, authors, tags and topics is shown as it was written, and a script link is no link."""
    bad = "<img src=x onerror=alert(1)>"
    captions = [{"text": bad, "author": bad}] * 2
    post = hit(1, captions=captions, tags=[bad], link="javascript:alert(1)", thumb="javascript:1")
    post["why"] = [{"topic": 1, "share": 0.4, "words": [bad]}]
    query = {"unknown_terms": [bad], "topics": post["why"]}
    page = visit(Service({"sea": answer(post, query=query)}), "/?q=sea")
    card = page["cards"][0]
    assert card["text"].count(bad) == 6
    assert not {"img", "a", "script"} & set(card["elements"])
    assert page["results"].count(bad) == 8


@in_browser
def test_an_empty_answer_says_why(visit: Visit) -> None:
    """Without hits the notice is shown, the words that are not known, and those that were searched as well."""
    query: dict[str, Any] = {
        "text": "xyzzy",
        "mode": "hybrid",
        "known_terms": [],
        "unknown_terms": ["xyzzy"],
        "topics": [],
    }
    query["understood"] = [{"typed": "собака", "words": ["dog", "hound"]}, {"typed": "снег", "words": ["snow"]}]
    page = visit(Service({"xyzzy": answer(notice="No known word.", query=query)}), "/?q=xyzzy&lang=en")
    assert page["notice"] == ["No known word."]
    assert "Not known here: xyzzy" in page["results"]
    assert "Searched as well: собака → dog, hound; снег → snow" in page["results"]


@in_browser
def test_a_refusal_is_told_in_the_words_of_the_service(visit: Visit) -> None:
    """The detail of a problem becomes the visible sentence and the event's message."""
    sentence = "Busy: try again in 2 seconds."
    page = visit(Service({"sea": problem(503, sentence)}), "/?q=sea")
    assert page["error"] == [sentence]
    assert page["events"][-1] == ["error", {"message": sentence, "status": 503, "code": "refused"}]


@in_browser
def test_a_post_without_a_photo_is_a_quote(visit: Visit) -> None:
    """No photo, or one that does not load: the first caption stands in its place, once."""
    page = visit(Service({"sea": answer(hit(1), hit(2, thumb="/gone.png"))}), "/?q=sea")
    for number, card in enumerate(page["cards"], start=1):
        assert "q" in card["elements"]
        assert "img" not in card["elements"]
        assert card["text"].count(f"caption {number}") == 1


@in_browser
def test_a_photo_and_words_go_together_and_can_be_balanced(visit: Visit) -> None:
    """With both there is a slider; the middle leaves the weights to the service, an end sends them."""
    service = Service()
    lean = """
      await until(() => find("[part=preview] canvas"));
      await pause(500);
      find("[type=range]").value = 100;
      find("[type=range]").dispatchEvent(new InputEvent("input"));
    """
    page = visit(service, "/?q=sea&photo=/photo.png", lean)
    balanced, leaning = (body for _, target, body in service.requests if target == "/v1/search")
    assert (page["balance"], page["preview"]) == (True, True)
    assert b'name="photo"; filename="photo.png"' in balanced
    assert b'name="text"\r\n\r\nsea' in balanced
    assert b"weights" not in balanced
    assert b'{"text":0,"tag":0,"image":2}' in leaning


@in_browser
def test_a_photo_can_be_dropped_and_removed(visit: Visit) -> None:
    """A dropped picture is searched and shown small, a dropped text file is refused, and removing ends the search."""
    drop = """
      const drop = (name, kind, bytes) => {
        const carried = new DataTransfer();
        carried.items.add(new File([bytes], name, { type: kind }));
        find("form").dispatchEvent(new DragEvent("drop", { dataTransfer: carried, cancelable: true }));
      };
      drop("note.txt", "text/plain", "words");
      drop("photo.png", "image/png", await (await fetch("/photo.png")).blob());
      await until(() => find("[part=preview] canvas"));
      await pause(500);
    """
    dropped = visit(Service(), "/", drop)
    assert [name for name, _ in dropped["events"]] == ["error", "ask", "results"]
    assert (dropped["preview"], dropped["balance"]) == (True, False)
    removed = visit(Service(), "/", drop + "find('.remove').click();")
    assert (removed["preview"], removed["cards"], removed["notice"]) == (False, [], [])


@in_browser
def test_tags_similar_posts_and_further_pages_are_one_click_away(visit: Visit) -> None:
    """More asks from where the list ends, a tag is searched, and similar posts are asked for by id."""
    first = answer(hit(1), hit(2), total=9, more=True)
    service = Service({"sea": first, "#evening": answer(hit(3))}, answer(hit(5)))
    clicks = "".join(f"find('{part}').click(); await pause(500);" for part in (".more", "[part=tag]", "[part=similar]"))
    page = visit(service, "/?q=sea&lang=en", clicks)
    questions = [(question["text"], question.get("offset")) for question in service.questions()]
    assert questions == [("sea", None), ("sea", 2), ("#evening", None)]
    assert service.requests[-1][1] == "/v1/posts/p3/similar?limit=20"
    assert "Similar to “caption 3” · 1 post" in page["status"]
    assert page["address"].endswith("similar=p3")


@in_browser
def test_typing_is_asked_after_a_pause_and_the_latest_question_wins(visit: Visit) -> None:
    """Letters in between are not asked, and a slow earlier answer does not overwrite a later one."""
    service = Service({"slow": answer(hit(1)), "sea": answer(hit(2))}, delays={"slow": 0.5})
    typed = visit(service, "/?lang=en", "type('se'); await pause(100); type('sea');")
    assert [question["text"] for question in service.questions()] == ["sea"]
    overtaken = visit(service, "/?lang=en", "search.search({ text: 'slow' }); search.search({ text: 'sea' });")
    for page, count in ((typed, 1), (overtaken, 2)):
        assert [name for name, _ in page["events"]] == ["ask"] * count + ["results"]
        assert ["caption 2" in card["text"] for card in page["cards"]] == [True]


@in_browser
def test_removal_ends_what_was_under_way(visit: Visit) -> None:
    """An element taken out of the page does not ask what was still being typed."""
    service = Service()
    page = visit(service, "/", "type('sea'); await pause(1000); type('never'); search.remove();")
    assert [question["text"] for question in service.questions()] == ["sea"]
    assert [name for name, _ in page["events"]] == ["ask", "results"]


@in_browser
def test_a_country_is_chosen_only_in_the_demo(visit: Visit) -> None:
    """The demo offers countries and examples; elsewhere the address cannot choose a country."""
    demo, site = Service(demo=DEMO), Service()
    offered = visit(demo, "/?q=sea&country=ru")
    refused = visit(site, "/?q=sea&country=RU")
    assert (offered["country"], demo.questions()[0].get("country")) == (True, "RU")
    assert "an evening" in offered["page"]
    assert (refused["country"], site.questions()[0].get("country")) == (False, None)


@in_browser
def test_the_interface_speaks_russian_with_its_plurals(visit: Visit) -> None:
    """In Russian the placeholder, the count and the reasons are Russian, and the mode of the address is asked."""
    service = Service({"sea": answer(hit(1), total=22)})
    page = visit(service, "/?q=sea&lang=ru&mode=words")
    assert page["placeholder"] == "Опишите фото или перетащите его сюда"
    assert "22 поста" in page["status"]
    assert "Почему?" in page["cards"][0]["text"]
    assert service.questions() == [{"text": "sea", "limit": 20, "mode": "words"}]


@in_browser
def test_a_shared_address_cannot_fetch_a_photo_from_elsewhere(visit: Visit) -> None:
    """A photo address of another site is ignored, and the words are searched alone."""
    service = Service()
    visit(service, "/?q=sea&photo=https://photos.example/photo.png")
    assert [question["text"] for question in service.questions()] == ["sea"]


@in_browser
@pytest.mark.parametrize(("near", "expected"), [(0.62, True), (0.2, False), (None, False)])
def test_a_photo_that_looks_like_it_says_so(visit: Visit, near: float | None, *, expected: bool) -> None:
    """Only where it is nearer than strangers are; the reason is in the language of the page."""
    page = visit(Service({"sea": answer({**hit(1), "looks_like": near})}), "/?q=sea&lang=ru")
    assert ("Фото похоже на это." in page["cards"][0]["text"]) == expected
