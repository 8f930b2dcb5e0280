"""The page and its box in a real browser, against a stand-in for the service."""

import pytest

from tests.support.photo_page import AXE, DEMO, SENTENCE, Service, Visit, answer, hit, in_browser, problem


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
      await until(() => inside("#topics img").length === 2 && inside("#topics li[hidden]").length === 1);
      notes.tile = inside("#topics li:not([hidden]) p:not(.tags, .share)").map((line) => line.textContent);
      notes.href = inside("#topics a")[0].search;
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
