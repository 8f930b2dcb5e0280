"""The page and <photo-search> in a real browser, against a stand-in for the service."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.support.photo_page import AXE, BROWSER, Service, answer, hit, look, problem

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
def test_photos_stand_in_rows_with_their_words_on_demand(visit: Visit) -> None:
    """All of a row are of one height and keep their shape; what has no photo is a quote, what is withheld a sentence.

    A post without a thumb, or whose thumb does not load, shows the photo of the service.
    """
    kept, gone = ({"small": f"/{name}?size=320", "large": f"/{name}?size=1600"} for name in ("photo.png", "gone.png"))
    hits = (
        hit(1, thumb="/wide.png"),
        hit(2, thumb="/high.png"),
        hit(3, photo=kept),
        hit(4, thumb="/gone.png", photo=kept),
        {"disclaimer": SENTENCE},
        hit(5, photo=gone),
        hit(6),
    )
    steps = """
      await until(() => all(".grid img").length === 4);
      notes.boxes = all(".grid > li").map((tile) => tile.getBoundingClientRect())
        .map(({ top, width, height }) => [top, width / height]);
      const legend = () => getComputedStyle(find(".legend")).position;
      notes.legend = [legend()];
      find("[part=text-button]").click();
      notes.legend.push(legend());
    """
    page = visit(Service({"sea": answer(*hits)}), "/?q=sea&lang=en", steps)
    wide, high, *others = page["notes"]["boxes"]
    assert wide[0] == high[0], "they stand in one row"
    assert (round(wide[1], 1), round(high[1], 1), round(others[0][1], 1)) == (2.4, 0.6, 1.3), "far shapes are cut"
    assert page["notes"]["legend"] == ["absolute", "static"], (
        "over the photo for whoever points at it, then below all of them"
    )
    photos = [card["photo"] and card["photo"].rpartition("/")[2] for card in page["cards"]]
    assert photos == ["wide.png", "high.png", "photo.png?size=320", "photo.png?size=320", None, None, None]
    assert (page["cards"][4]["text"], page["cards"][4]["elements"]) == (SENTENCE, ["p"])
    for number in (5, 6):
        assert page["cards"][number]["text"].count(f"caption {number}") == 1
        assert "q" in page["cards"][number]["elements"]
    assert "caption 1" in page["cards"][0]["text"]
    assert "72%" in page["cards"][0]["text"]
    assert "7 posts" in page["status"]


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


@in_browser
def test_a_withheld_answer_is_the_sentence_alone(visit: Visit) -> None:
    """Where the law withholds the whole answer, neither counts nor topics stand beside the sentence."""
    service = Service({"q": answer(total=7, disclaimer=SENTENCE)}, similar=problem(451, SENTENCE, "withheld"))
    steps = "notes.asked = state(); await search.similar('p1', 'label');"
    page = visit(service, "/?q=q&lang=en", steps)
    for seen in (page["notes"]["asked"], page):
        ways_on = ["Ask for something else", "Show the newest photos"]
        assert [line for line in seen["results"].splitlines() if line] == [SENTENCE, *ways_on]
        assert (seen["more"], seen["cards"], seen["status"]) == (False, [], "")


@in_browser
def test_words_of_strangers_stay_words(visit: Visit) -> None:
    """Markup in captions, authors, tags, fields and topics is shown as it was written, and a script link is no link."""
    bad = "<img src=x onerror=alert(1)>"
    captions = [{"text": bad, "author": bad}] * 2
    post = hit(1, captions=captions, tags=[bad], link="javascript:alert(1)", thumb="javascript:1", attrs={bad: bad})
    post["why"] = [{"topic": 1, "share": 0.4, "words": [bad]}]
    query = {"unknown_terms": [bad], "topics": post["why"]}
    page = visit(Service({"sea": answer(post, query=query)}), "/?q=sea", "await click('.grid button');")
    card = page["cards"][0]
    assert card["text"].count(bad) == 2
    assert not {"img", "a", "script"} & set(card["elements"])
    assert page["results"].count(bad) == 4
    assert page["lightbox"].count(bad) == 9


@in_browser
def test_what_is_not_found_is_said_and_so_is_what_went_wrong(visit: Visit) -> None:
    """Without hits the notice is shown, unknown words and those searched as well; a refusal in the service's words."""
    query: dict[str, Any] = {"text": "xyzzy", "mode": "hybrid", "unknown_terms": ["xyzzy"], "topics": []}
    query["understood"] = [{"typed": "собака", "words": ["dog", "hound"]}, {"typed": "снег", "words": ["snow"]}]
    sentence = "Busy: try again in 2 seconds."
    service = Service({"xyzzy": answer(notice="No known word.", query=query), "sea": problem(503, sentence)})
    page = visit(service, "/?q=xyzzy&lang=en", "notes.empty = state(); await search.search({ text: 'sea' });")
    empty = page["notes"]["empty"]
    assert empty["notice"] == ["No known word."]
    assert "Not known here: xyzzy" in empty["results"]
    assert "Searched as well: собака → dog, hound; снег → snow" in empty["results"]
    assert (page["error"], page["notice"], page["cards"]) == ([sentence], [], [])
    assert page["events"][-1] == ["error", {"message": sentence, "status": 503, "code": "refused"}]


@in_browser
def test_a_photo_is_dropped_balanced_with_words_and_removed(visit: Visit) -> None:
    """A dropped picture is searched and shown small, a text file is refused; with words there is a slider between them.

    In its middle the weights are the service's own, at an end they are sent.
    """
    steps = """
      const drop = (name, kind, bytes) => {
        const carried = new DataTransfer();
        carried.items.add(new File([bytes], name, { type: kind }));
        find("form").dispatchEvent(new DragEvent("drop", { dataTransfer: carried, cancelable: true }));
      };
      drop("note.txt", "text/plain", "words");
      notes.refused = state();
      drop("photo.png", "image/png", await (await fetch("/photo.png")).blob());
      await until(() => find("[part=preview] canvas"));
      await pause(500);
      notes.dropped = state();
      await search.search({ text: "sea" });
      find("[type=range]").value = 100;
      find("[type=range]").dispatchEvent(new InputEvent("input"));
      await pause(1000);
      notes.both = state();
      find(".remove").click();
    """
    service = Service()
    page = visit(service, "/", steps)
    alone, both, leaning = (body for _, target, body in service.requests if b"multipart" in body or b"filename" in body)
    assert (page["notes"]["dropped"]["preview"], page["notes"]["dropped"]["balance"]) == (True, False)
    assert page["notes"]["refused"]["error"] != []
    assert b'name="photo"; filename="photo.png"' in alone
    assert b'name="text"\r\n\r\nsea' in both
    assert b"weights" not in both
    assert b'{"text":0,"tag":0,"image":2}' in leaning
    assert (page["notes"]["both"]["balance"], page["preview"], page["balance"]) == (True, False, False)


@in_browser
def test_further_pages_come_by_themselves_and_back_leads_to_where_one_was(visit: Visit) -> None:
    """Pages follow by cursor; tags and similar posts are questions of their own, and Back brings the words before."""
    first = answer(hit(1), hit(2), total=483, more=True, cursor="c1")
    service = Service({"sea": first, "sea@c1": answer(hit(3), total=483)}, answer(hit(5)))
    service.answers["#evening"] = answer(hit(4))
    steps = """
      await until(() => all(".grid > li").length === 3);
      notes.sea = state();
      await click(".grid button");
      await click("[part=tag]");
      notes.tag = state();
      await click("[part=similar]");
      notes.similar = state();
      history.back();
      await pause(1500);
      notes.back = state();
      history.go(-2);
      await until(() => all(".grid > li").length === 3);
    """
    page = visit(service, "/?q=sea&lang=en", steps)
    notes = page["notes"]
    questions = [(question["text"], question.get("cursor")) for question in service.questions()]
    assert questions[:3] == [("sea", None), ("sea", "c1"), ("#evening", None)]
    assert "about 480 posts" in notes["sea"]["status"]
    assert notes["tag"]["address"] == "?lang=en&q=%23evening"
    assert any("/v1/posts/p4/similar" in target for _, target, _ in service.requests)
    assert "Similar to “caption 4” · 1 post" in notes["similar"]["status"]
    assert notes["similar"]["address"].endswith("similar=p4")
    assert (notes["back"]["text"], notes["back"]["address"]) == ("#evening", "?lang=en&q=%23evening")
    assert (page["text"], page["open"], len(page["cards"])) == ("sea", False, 3)


@in_browser
def test_typing_is_asked_after_a_pause_and_the_latest_question_wins(visit: Visit) -> None:
    """Letters in between are not asked, a slow earlier answer does not win over a later one, removal ends it all."""
    service = Service({"slow": answer(hit(1)), "sea": answer(hit(2))}, delays={"slow": 0.5})
    steps = """
      type("se"); await pause(100); type("sea"); await pause(1500);
      notes.length = history.length;
      search.search({ text: "slow" }); search.search({ text: "sea" });
      await pause(1500); await until(() => true);
      notes.overtaken = texts(".grid > li");
      type("never"); search.remove();
    """
    page = visit(service, "/?lang=en", steps)
    assert [question["text"] for question in service.questions()] in (["sea", "sea"], ["sea", "slow", "sea"])
    assert ["caption 2" in card for card in page["notes"]["overtaken"]] == [True]


@in_browser
def test_a_country_is_chosen_only_in_the_demo(visit: Visit) -> None:
    """The demo offers countries; elsewhere the address cannot choose one, nor can it ever fetch from elsewhere."""
    demo, site = Service(demo=DEMO), Service()
    offered = visit(demo, "/?q=sea&country=ru")
    refused = visit(site, "/?q=sea&country=RU&photo=https://photos.example/photo.png")
    assert (offered["country"], demo.questions()[0].get("country")) == (True, "RU")
    assert "an evening" in offered["page"]
    assert (refused["country"], refused["preview"], site.questions()[0].get("country")) == (False, False, None)


@in_browser
def test_the_interface_speaks_russian_with_its_plurals(visit: Visit) -> None:
    """In Russian counts, reasons, notices and errors are Russian by their codes; the mode of the address is asked."""
    like, unlike = {**hit(1, consented=True, thumb="/photo.png"), "looks_like": 0.62}, {**hit(2), "looks_like": 0.2}
    service = Service({"sea": answer(like, unlike, total=22)})
    steps = """
      await click(".grid button");
      notes.like = state();
      press("ArrowRight", find("dialog"));
      notes.unlike = state();
      search.close();
      await search.search({ text: "nothing" });
      notes.nothing = state();
      await search.search({ text: "busy" });
    """
    nothing = answer(notice="Nothing here matches.", notice_code="nothing_matches")
    nothing["country"]["note"] = "No country was given: the strictest rule applies."
    service.answers |= {"nothing": nothing, "busy": problem(503, "There are as many.", "busy")}
    page = visit(service, "/?q=sea&lang=ru&mode=words", steps)
    assert page["placeholder"] == "Опишите фото или перетащите его сюда"
    seen = page["notes"]
    assert "22 поста" in seen["like"]["status"]
    assert "совпадение" in seen["unlike"]["lightbox"]
    for says in ("Фото похоже на это.", "Показано с согласия родителей"):
        assert [says in seen[name]["lightbox"] for name in ("like", "unlike")] == [True, False]
    assert "С согласия родителей" in seen["like"]["cards"][0]["text"]
    assert seen["nothing"]["notice"] == ["Ничего не подходит. Попробуйте другие слова или фото."]
    assert "Страна неизвестна: действует самое строгое правило." in seen["nothing"]["results"]
    assert page["error"] == ["Сейчас ищут многие. Повторите через несколько секунд."]
    assert service.questions()[:1] == [{"text": "sea", "limit": 40, "highlight": True, "mode": "words"}]


@in_browser
def test_photos_are_filtered_and_ordered_and_the_address_says_so(visit: Visit) -> None:
    """Chips are for fields that posts have; values are counted without their own filter; Back undoes a choice."""
    service = Service({"sea": answer(hit(1, attrs={"place": "Karelia", "taken": "2024-05-01"}))})
    steps = """
      const chips = () => all(".filters > .chip").filter((chip) => !chip.hidden).map((chip) => chip.textContent);
      const choose = async (number) => {
        all(".filters > button")[number].click();
        await until(() => find(".menu:popover-open li"));
      };
      notes.chips = chips();
      await choose(0);
      notes.values = texts(".menu:popover-open li, .menu:popover-open p");
      await click(".menu:popover-open input[type=checkbox]");
      notes.place = [chips()[0], location.search];
      await choose(1);
      await click(".years button");
      notes.year = [chips()[1], location.search];
      find("[part=sort]").value = "attrs.taken:asc";
      find("[part=sort]").dispatchEvent(new Event("change"));
      await pause(1000);
      notes.sorted = location.search;
      await click("[part=clear-filters]");
      notes.cleared = location.search;
      history.go(-2);
      await pause(1500);
    """
    page = visit(service, "/?q=sea&lang=en", steps)
    notes = page["notes"]
    assert [chip.split("first")[0] for chip in notes["chips"]] == ["Place", "Taken", "Author", "Tags", "Best match "]
    assert notes["values"] == ["Karelia3", "Altai2", "and 17 more"]
    place, year = (
        {"field": "attrs.place", "any_of": ["Karelia"]},
        {"field": "attrs.taken", "from": "2024-01-01", "below": "2025-01-01"},
    )
    asked = [(question.get("filter"), question.get("sort")) for question in service.questions()]
    both = {"and": [place, year]}
    assert asked == [
        (None, None),
        (place, None),
        (both, None),
        (both, "attrs.taken:asc"),
        (None, "attrs.taken:asc"),
        (both, None),
    ]
    counted = [json.loads(body) for _, _, body in service.requests if b"facets" in body]
    assert [(body["facets"], body.get("filter")) for body in counted] == [
        (["attrs.place"], None),
        (["attrs.taken:year"], place),
    ]
    assert notes["place"] == ["Karelia", "?lang=en&q=sea&only=attrs.place%3AKarelia"]
    assert notes["year"] == ["2024", notes["place"][1] + "&when=attrs.taken%3A2024-01-01..2024-12-31"]
    assert (notes["sorted"], page["address"]) == (notes["year"][1] + "&sort=attrs.taken%3Aasc", notes["year"][1])
    assert notes["cleared"] == "?lang=en&q=sea&sort=attrs.taken%3Aasc"


@in_browser
def test_words_are_suggested_while_typing_and_questions_of_before_are_offered(visit: Visit) -> None:
    """The box is a combobox: arrows choose, Enter asks, Esc closes; what was asked stands there next time."""
    service = Service({"sunset sea": answer(hit(1))})
    steps = """
      const box = find("[type=search]");
      const aria = () => ["aria-expanded", "aria-activedescendant"].map((name) => box.getAttribute(name));
      type("sun");
      await until(() => !find("[role=listbox]").hidden);
      notes.offered = texts("[role=option]");
      notes.aria = [aria()];
      press("ArrowDown", box);
      notes.aria.push(aria());
      press("Enter", box);
      await pause(1000);
      notes.asked = [search.text, location.search, find("[role=listbox]").hidden];
      search.text = "";
      box.click();
      await until(() => !find("[role=listbox]").hidden);
      notes.recent = texts("[role=option]");
      press("Escape", box);
      notes.aria.push(aria());
    """
    page = visit(service, "/?lang=en", steps)
    notes = page["notes"]
    assert notes["offered"] == ["sunset sea", "sunset #evening"]
    assert notes["aria"] == [["true", None], ["true", "option-0"], ["false", None]]
    assert notes["asked"] == ["sunset sea", "?lang=en&q=sunset+sea", True]
    assert notes["recent"] == ["sunset sea", "Forget these questions"]


@in_browser
def test_topics_steer_a_question_and_have_a_mosaic_of_their_own(visit: Visit) -> None:
    """Of each that the question is understood as, or a hit has, one asks for more or less; the mosaic leads to photos.

    A topic of which this visitor may see nothing has no tile.
    """
    query = {"topics": [{"topic": 3, "share": 0.5, "words": ["sunset"]}, {"topic": 7, "share": 0.2, "words": ["sea"]}]}
    service = Service({"sea": answer(hit(1), query=query)})
    service.topics = [{"topic": 3, "words": ["закат", "sunset"]}, {"topic": 5, "words": ["nobody"]}]
    service.typical = {3: answer(hit(1, thumb="/photo.png"), hit(2), hit(3, thumb="/wide.png"))}
    steps = """
      const pressed = () => all(".remarks [part=steer]").map((button) => button.ariaPressed);
      await click(".remarks [part=steer]");
      notes.more = [location.search, pressed()];
      await click(".grid button");
      all(".about-post [part=steer]")[3].click();
      await pause(1500);
      notes.less = [location.search, pressed(), find("dialog").open];
      await click(".remarks [part=steer]");
      notes.without = location.search;
      const frame = document.createElement("iframe");
      frame.src = document.querySelector("#topics").href;
      document.body.append(frame);
      const inside = (selector) => [...(frame.contentDocument?.querySelectorAll(selector) ?? [])];
      await until(() => inside("#mosaic img").length === 2 && inside("#mosaic li[hidden]").length === 1);
      notes.tile = inside("#mosaic li:not([hidden]) p").map((line) => line.textContent);
      notes.href = inside("#mosaic a")[0].search;
    """
    page = visit(service, "/?q=sea&lang=ru", steps)
    notes = page["notes"]
    assert notes["more"] == ["?lang=ru&q=sea&more=3", ["true", "false", "false", "false"]]
    assert notes["less"] == ["?lang=ru&q=sea&more=3&less=7", ["true", "false", "false", "true"], False]
    assert notes["without"] == "?lang=ru&q=sea&less=7"
    asked = [(question.get("more_of"), question.get("less_of")) for question in service.questions()]
    assert asked == [(None, None), ([3], None), ([3], [7]), (None, [7])]
    assert notes["tile"] == ["закат", "sunset"]
    assert notes["href"] == "?lang=ru&more=3"


@in_browser
def test_windows_of_any_width_show_photos_first_and_nothing_overflows(visit: Visit) -> None:
    """More than 25 whole photos in a first view of 1440 by 900, six on a phone; at 320 pixels nothing sticks out."""
    hits = [hit(number, thumb="/photo.png", attrs={"place": "Karelia", "taken": "2024-05-01"}) for number in range(40)]
    query = {"topics": [{"topic": n, "share": 0.2, "words": ["закат", "sunset", "horizon"]} for n in range(4)]}
    service = Service({"sea": answer(*hits, query=query)}, demo=DEMO)
    service.topics = [{"topic": 3, "words": ["достопримечательность" * 3]}]
    steps = """
      const open = async (address, width, height) => {
        const frame = document.createElement("iframe");
        Object.assign(frame.style, { width: `${width}px`, height: `${height}px`, border: "0" });
        frame.src = address;
        document.body.append(frame);
        const inner = () => frame.contentDocument?.querySelector("photo-search")?.shadowRoot;
        const tiles = () => [...(inner()?.querySelectorAll(".grid > li") ?? [])];
        await until(() => address === "/topics" || tiles().length === 40);
        await pause(500);
        const seen = tiles().filter((tile) => tile.getBoundingClientRect().bottom <= height).length;
        inner()?.querySelector(".open").click();
        await pause(500);
        const page = frame.contentDocument;
        const boxes = [page.documentElement, inner()?.querySelector("dialog")].filter(Boolean);
        const over = boxes.map((box) => box.scrollWidth - box.clientWidth);
        frame.remove();
        return { seen, over };
      };
      notes.desk = await open("/?q=sea", 1440, 900);
      notes.phone = await open("/?q=sea&lang=ru", 390, 844);
      notes.small = await open("/?q=sea&lang=ru", 320, 640);
      notes.topics = await open("/topics", 320, 640);
    """
    notes = visit(service, "/?lang=en", steps)["notes"]
    assert notes["desk"]["seen"] >= 25
    assert notes["phone"]["seen"] >= 6
    assert [notes[name]["over"] for name in ("desk", "phone", "small", "topics")] == [[0, 0]] * 3 + [[0]]


@in_browser
@pytest.mark.skipif(AXE is None, reason="NO JUDGE: whoever cannot see the page is untested for without axe-core-python")
def test_whoever_cannot_see_the_page_can_use_it(visit: Visit) -> None:
    """The judge finds nothing wrong, light and dark: first page, photos, filters, suggestions, lightbox, refusals."""
    hits = (
        hit(1, thumb="/photo.png", consented=True, link="https://photos.example/p1", attrs={"place": "Karelia"}),
        hit(2),
    )
    query = {"topics": [{"topic": 3, "share": 0.5, "words": ["sunset"]}], "unknown_terms": ["xyzzy"]}
    answers = {
        "sea": answer(*hits, {"disclaimer": SENTENCE}, query=query, fit="weak", more=True, total=9, cursor="c"),
        "kids": answer(disclaimer=SENTENCE),
        "nothing": answer(notice="Nothing here matches."),
        "down": problem(503, "The store does not answer."),
    }
    steps = """
      notes.wrong = {};
      const look = async (name) => {
        for (const scheme of ["light", "dark"]) {
          document.documentElement.style.colorScheme = scheme;
          notes.wrong[`${name}, ${scheme}`] = await judge();
        }
      };
      await look("first page");
      await search.search({ text: "sea" });
      find("[part=text-button]").click();
      await look("photos");
      find("[part=filter]:not([hidden])").click();
      await until(() => find(".menu:popover-open li"));
      await look("filters");
      find(".menu:popover-open").hidePopover();
      find("[type=search]").focus();
      type("sun");
      await until(() => !find("[role=listbox]").hidden);
      await look("suggestions");
      press("Escape", find("[type=search]"));
      await search.search({ text: "sea" });
      await click(".grid button");
      await look("lightbox");
      search.close();
      for (const text of ["kids", "nothing", "down"]) {
        await search.search({ text });
        await look(text);
      }
      document.body.append(new Image());
      notes.fault = await judge();
    """
    service = Service(answers, answer(hit(8, thumb="/photo.png")), demo=DEMO)
    notes = visit(service, "/?lang=en", steps)["notes"]
    assert len(notes["wrong"]) == 16
    assert {where: wrong for where, wrong in notes["wrong"].items() if wrong} == {}
    assert notes["fault"], "a photo without words is found, so the judge does look"
