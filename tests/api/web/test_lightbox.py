"""One photo, large, in a real browser, against a stand-in for the service."""

from tests.support.photo_page import SENTENCE, Service, Visit, answer, hit, in_browser, problem


@in_browser
def test_a_photo_opens_large_with_its_words_and_leads_on(visit: Visit) -> None:
    """The lightbox says who wrote what and why it matches, turns by keys, has a link, and gives focus back."""
    captions = [{"text": "Low 🌅 sun", "author": "u017"}, {"text": "Тихо", "author": "u018"}]
    first = hit(
        1, captions=captions, thumb="/photo.png", link="https://photos.example/p1", attrs={"taken": "2024-05-01"}
    )
    first["highlights"] = [{"caption": 0, "start": 6, "end": 9}]
    similar = answer(hit(8, thumb="/photo.png"), hit(9))
    old, new = ({"small": "/photo.png", "large": f"/{name}.png"} for name in ("gone", "wide"))
    second, renewed = (hit(2, photo=photo)["post"] for photo in (old, new))
    service = Service({"sea": answer(first, {**hit(2), "post": second})}, similar)
    service.posts["p2"] = {"id": "p2", "version": 1, "post": renewed}
    steps = """
      await until(() => find(".grid img"));
      find(".grid button").focus();
      await click(".grid button");
      await until(() => find(".strip"));
      notes.first = state();
      notes.marks = texts(".caption mark");
      notes.link = ["href", "target", "rel"].map((name) => find("[part=link]").getAttribute(name));
      notes.strip = all(".strip button").length;
      press("ArrowRight", find("dialog"));
      await until(() => find(".figure img").src.endsWith("/wide.png"));
      notes.large = find(".figure img").getAttribute("src").slice(-9);
      notes.second = state();
      history.back();
      await until(() => shadow.activeElement?.closest("li")?.dataset.post === "p2");
      notes.closed = state();
      notes.focus = shadow.activeElement?.closest("li")?.dataset.post;
      history.forward();
      await until(() => find("dialog").open);
    """
    page = visit(service, "/?q=sea&lang=en", steps)
    notes = page["notes"]
    for words in (
        "Low 🌅 sun",
        "u017",
        "Тихо",
        "u018",
        "May 1, 2024",
        "72%",
        "50%",
        "sunset, #evening",
        "#evening",
        "1 / 2",
    ):
        assert words in notes["first"]["lightbox"]
    assert (notes["marks"], notes["strip"]) == (["sun"], 1)
    assert notes["large"] == "/wide.png", "an address that is over was asked for anew"
    assert notes["link"] == ["https://photos.example/p1", "_blank", "noopener"]
    assert notes["first"]["address"].endswith("post=p1")
    assert (notes["second"]["address"][-7:], "caption 2" in notes["second"]["lightbox"]) == ("post=p2", True)
    assert (notes["closed"]["open"], notes["closed"]["address"], notes["focus"]) == (False, "?lang=en&q=sea", "p2")
    assert (page["open"], "caption 2" in page["lightbox"]) == (True, True)


@in_browser
def test_a_photo_opened_while_the_browser_still_goes_back_from_another_stays_open(visit: Visit) -> None:
    """Closing goes back in the history, which takes the browser a moment: what is opened or asked meanwhile waits."""
    service = Service({"sea": answer(hit(1), hit(2)), "snow": answer(hit(3))})
    steps = """
      await until(() => find(".grid .open"));
      await click(".grid .open");
      search.close();
      await search.open("p2");
      await pause(500);
      notes.closing = state();
      search.close();
      await until(() => !find("dialog").open);
      await pause(0);
      await search.open("p1");
      await pause(500);
      notes.other = state();
      search.close();
      await search.search({ text: "snow" });
      await pause(500);
      notes.asked = state();
      history.back();
      await until(() => all(".grid > li").length === 2);
    """
    page = visit(service, "/?q=sea&lang=en", steps)
    closing, other, asked = (page["notes"][name] for name in ("closing", "other", "asked"))
    assert (closing["open"], closing["address"]) == (True, "?lang=en&q=sea&post=p2")
    assert (other["open"], other["address"]) == (True, "?lang=en&q=sea&post=p1")
    assert (asked["open"], asked["address"]) == (False, "?lang=en&q=snow")
    assert (page["open"], page["text"]) == (True, "sea"), "Back leads where one was, and a photo was open there"


@in_browser
def test_a_link_to_a_photo_opens_it_unless_the_law_withholds_it(visit: Visit) -> None:
    """It is asked for by its id; one that is withheld is the sentence in its place, with nothing beside it."""
    own = {"id": "p7", "version": 1, "post": hit(7, thumb="/photo.png")["post"]}
    service = Service(posts={"p7": own, "p8": problem(451, SENTENCE, "withheld")})
    steps = """
      await until(() => find(".figure img[src]"));
      notes.shown = state();
      search.close();
      await pause(500);
      await search.open("p8");
      await pause(500);
      notes.withheld = find(".figure").textContent;
    """
    page = visit(service, "/?post=p7&lang=en", steps)
    assert "caption 7" in page["notes"]["shown"]["lightbox"]
    assert page["notes"]["withheld"] == page["lightbox"] == SENTENCE
