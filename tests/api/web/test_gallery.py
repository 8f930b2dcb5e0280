"""The rows of photos in a real browser, against a stand-in for the service."""

import json
from typing import Any

from tests.support.photo_page import DEMO, SENTENCE, Service, Visit, answer, hit, in_browser, problem


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
      notes.undone = location.search;
      await search.similar("p1", "caption 1");
      await choose(0);
      await click(".menu:popover-open input[type=checkbox]");
      notes.similar = location.search;
    """
    notes = visit(service, "/?q=sea&lang=en", steps)["notes"]
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
    bodies = [json.loads(body) for _, target, body in service.requests if target == "/v1/search"]
    counted = [(body["facets"], body.get("like"), body.get("filter")) for body in bodies if "facets" in body]
    assert counted == [
        (["attrs.place"], None, None),
        (["attrs.taken:year"], None, place),
        (["attrs.place"], ["p1"], None),
    ]
    assert [target for _, target, _ in service.requests if "/similar" in target] == ["/v1/posts/p1/similar?limit=40"]
    assert (bodies[-1]["like"], bodies[-1]["filter"]) == (["p1"], place)
    assert notes["similar"] == "?lang=en&q=sea&similar=p1&only=attrs.place%3AKarelia"
    assert notes["place"] == ["Karelia", "?lang=en&q=sea&only=attrs.place%3AKarelia"]
    assert notes["year"] == ["2024", notes["place"][1] + "&when=attrs.taken%3A2024-01-01..2024-12-31"]
    assert (notes["sorted"], notes["undone"]) == (notes["year"][1] + "&sort=attrs.taken%3Aasc", notes["year"][1])
    assert notes["cleared"] == "?lang=en&q=sea&sort=attrs.taken%3Aasc"


@in_browser
def test_windows_of_any_width_show_photos_first_and_nothing_overflows(visit: Visit) -> None:
    """More than 25 whole photos in a first view of 1440 by 900, six on a phone; at 320 pixels nothing sticks out."""
    hits = [hit(number, thumb="/photo.png", attrs={"place": "Karelia", "taken": "2024-05-01"}) for number in range(40)]
    query = {"topics": [{"topic": n, "share": 0.2, "words": ["закат", "sunset", "horizon"]} for n in range(4)]}
    service = Service({"sea": answer(*hits, query=query), "": answer(*hits)}, demo=DEMO)
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
      notes.first = await open("/", 1440, 900);
      notes.desk = await open("/?q=sea", 1440, 900);
      notes.phone = await open("/?q=sea&lang=ru", 390, 844);
      notes.small = await open("/?q=sea&lang=ru", 320, 640);
      notes.topics = await open("/topics", 320, 640);
    """
    notes = visit(service, "/?lang=en", steps)["notes"]
    assert notes["first"]["seen"] >= 25
    assert notes["desk"]["seen"] >= 25
    assert notes["phone"]["seen"] >= 6
    assert [notes[name]["over"] for name in ("desk", "phone", "small", "topics")] == [[0, 0]] * 3 + [[0]]
