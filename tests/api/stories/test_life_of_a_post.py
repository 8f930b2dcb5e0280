"""The life of a post about a child: whatever becomes of it, nothing that was withheld comes back by itself."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from api.app import Parts, create_app
from api.settings import ServiceSettings
from ingest.settings import Copies
from tests.ingest.steps.test_copies import photo
from tests.support.http_client import TestClient, client_from, problem_of
from tests.support.reference_store import ReferenceStore
from tests.support.small_world import as_base64, photo_file

BOY = "мальчик на пляже, море и песок"
SEA = "тихое море, песок и волны"
SNOW = "горы зимой, снег и лёд на тропе"
CONSENT = {"record": "form-1", "countries": ["DE"]}
EDITS = {
    "a hashtag": {"tags": ["малыш"]},
    "a harmless hashtag": {"tags": ["summer"]},
    "a field": {"attrs": {"note": "мальчик Петя 5 лет"}},
    "the link": {"link": "https://photos.example/malchik-5-let"},
    "the thumb": {"thumb": "https://photos.example/t/other.jpg"},
    "the author": {"text": None, "captions": [{"text": BOY, "author": "девочка Маша 7 лет"}]},
    "the caption": {"text": BOY + " и лодка"},
    "the photo": {"photo": as_base64(photo_file("city", 5))},
}


@pytest.fixture
def site() -> Iterator[TestClient]:
    """The site's backend, at a service whose store is empty."""
    with client_from(create_app(ServiceSettings(), Parts(ReferenceStore()))) as client:
        yield client


def send(site: TestClient, **fields: Any) -> str:
    post = {name: value for name, value in {"id": "p1", "text": BOY, **fields}.items() if value is not None}
    return str(site.post("/v1/posts:bulk", content=_line(post), headers={"content-type": "application/x-ndjson"}).text)


def _line(post: dict[str, Any]) -> bytes:
    return msgspec.json.encode(post) + b"\n"


def decide(site: TestClient, child: str, post: str = "p1", **more: Any) -> Any:
    return site.put(f"/v1/posts/{post}/compliance", json={"by": "m1", "child": child, **more})


def undo(site: TestClient, post: str = "p1") -> str:
    return str(site.post("/v1/review", json={"by": "m1", "undo": [post]}).json()["posts"][0]["status"])


def kind(site: TestClient, post: str = "p1") -> str:
    return str(site.get(f"/v1/posts/{post}/compliance").json()["facts"]["child"])


def is_open(site: TestClient, post: str = "p1", country: str | None = None) -> bool:
    """Whether a visitor of a country, by default one whom the strictest rule holds for, may read it."""
    path = f"/v1/posts/{post}" + (f"?country={country}" if country else "")
    return bool(site.get(path).status_code == 200)


class TestAClearance:
    @pytest.mark.parametrize("edit", EDITS)
    @pytest.mark.parametrize("word", [None, False], ids=["silent", "no child, says the site"])
    def test_ends_with_any_change_of_what_is_shown(self, site: TestClient, edit: str, word: bool | None) -> None:
        """The reviewer never saw what the post is now, so somebody looks again; the site's word does not open it."""
        send(site)
        decide(site, "clear")
        assert is_open(site)
        send(site, child=word, **EDITS[edit])
        assert not is_open(site)
        assert kind(site) in ("review", "child")

    def test_stands_while_the_post_is_sent_as_it_was(self, site: TestClient) -> None:
        """Sending a file twice changes nothing."""
        send(site, tags=["sea"], attrs={"place": "Сочи"}, photo=as_base64(photo_file("sea", 1)))
        decide(site, "clear")
        send(site, tags=["sea"], attrs={"place": "Сочи"}, photo=as_base64(photo_file("sea", 1)))
        assert is_open(site)


class TestAConsent:
    @pytest.mark.parametrize("word", [None, False], ids=["silent", "no child, says the site"])
    def test_ends_with_an_edit(self, site: TestClient, word: bool | None) -> None:
        """It was given for what was shown, in one country: afterwards the post waits for review everywhere."""
        send(site)
        decide(site, "consented", consent=CONSENT)
        assert (is_open(site, country="DE"), is_open(site, country="RU")) == (True, False)
        send(site, text=SEA, child=word)
        assert (is_open(site, country="DE"), is_open(site, country="RU"), is_open(site)) == (False, False, False)

    def test_without_a_record_is_refused(self, site: TestClient) -> None:
        """A consent has who, what, when and where."""
        send(site)
        detail = problem_of(decide(site, "consented"), 422, "wrong_field")["detail"]
        assert "record" in detail
        assert not is_open(site)

    def test_that_was_revoked_comes_back_by_no_undo(self, site: TestClient) -> None:
        """Neither by undoing the revocation, nor by undoing a decision that covered the consent."""
        send(site)
        decide(site, "consented", consent=CONSENT)
        decide(site, "review")
        site.delete("/v1/posts/p1/compliance/consent?by=parent-1")
        assert undo(site) == "nothing_to_undo"
        assert not is_open(site, country="DE")
        decide(site, "child")
        assert undo(site) == "undone"
        assert undo(site) == "nothing_to_undo"
        assert not is_open(site, country="DE")


class TestAConsentOfTheSite:
    """It comes with the post, and has a record as one that a reviewer writes down."""

    def test_opens_its_countries_and_nothing_else(self, site: TestClient) -> None:
        """The post is about a child elsewhere, whatever else the site says of it; sent again it is the same consent."""
        for number in range(3):
            send(site, consent=CONSENT, version=number + 1)
            assert (is_open(site, country="DE"), is_open(site, country="RU"), is_open(site)) == (True, False, False)
        facts = site.get("/v1/posts/p1/compliance").json()["facts"]
        assert (facts["consent"]["by"], facts.get("history", [])) == ("form-1", [])

    @pytest.mark.parametrize("word", [None, False], ids=["silent", "no child, says the site"])
    def test_ends_with_an_edit_and_at_its_end(self, site: TestClient, word: bool | None) -> None:
        """Also where the edit brings the consent again: a reviewer decides whether it was given for this."""
        send(site, consent={**CONSENT, "until": "2020-01-01T00:00:00Z"})
        assert not is_open(site, country="DE")
        send(site, id="p2", text="девочка и собака у реки", consent=CONSENT)
        send(site, id="p2", text=SEA, consent=CONSENT, child=word)
        assert not any(is_open(site, "p2", country) for country in (None, "DE", "RU"))

    def test_without_a_record_is_turned_away_and_opens_nothing(self, site: TestClient) -> None:
        """What is stored stays as it is, or gets stricter: a consent is given for a child."""
        assert "consent_without_record" in send(site, child=True, consent=True)
        assert site.get("/v1/posts/p1/compliance").status_code == 404
        send(site, text=SEA, version=1)
        assert is_open(site)
        send(site, text=SEA, consent=True, version=2)
        assert (kind(site), is_open(site)) == ("child", False)

    def test_is_taken_back_by_the_reviewer_for_good(self, site: TestClient) -> None:
        """The site may send it as often as it likes."""
        send(site, consent=CONSENT)
        site.delete("/v1/posts/p1/compliance/consent?by=parent-1")
        send(site, consent=CONSENT, version=2)
        site.delete("/v1/posts/p1")
        send(site, consent=CONSENT)
        assert not is_open(site, country="DE")


class TestAHold:
    def test_by_a_reviewer_outlives_every_edit(self, site: TestClient) -> None:
        """Whatever the post becomes, and whatever the site says."""
        send(site, text=SEA)
        decide(site, "child")
        send(site, text="горы и снег", child=False)
        assert kind(site) == "child"

    def test_by_the_site_is_not_forgotten_by_silence(self, site: TestClient) -> None:
        """The next version says nothing of a child, which takes nothing back."""
        send(site, text=SEA, child=True, version=1)
        send(site, text=SEA + " вечером", version=2)
        assert kind(site) == "child"

    def test_that_the_site_says_beneath_a_hold_is_there_after_its_undo(self, site: TestClient) -> None:
        """Undo opens nothing that something later closed."""
        send(site, text=SEA)
        decide(site, "review")
        send(site, text=SEA, child=True)
        assert undo(site) == "undone"
        assert kind(site) == "child"

    def test_that_covers_a_clearance_of_an_older_post_does_not_bring_it_back(self, site: TestClient) -> None:
        """Cleared, held, edited, undone: nobody has seen what the post is now."""
        send(site)
        decide(site, "clear")
        decide(site, "child")
        send(site, text=SEA)
        undo(site)
        assert not is_open(site)


class TestTheWordOfTheSite:
    """What random lives found open."""

    def test_of_no_consent_takes_back_no_word_about_a_child(self, site: TestClient) -> None:
        """It says nothing of whether there is one."""
        send(site, text=SEA, child=True, version=1)
        send(site, text=SNOW, consent=False, version=2)
        assert kind(site) == "child"

    def test_on_a_line_that_is_rejected_is_kept_beneath_what_the_words_told(self, site: TestClient) -> None:
        """The post was held already; silence afterwards takes nothing back."""
        send(site)
        send(site, text=None, child=True)
        send(site, text=SEA)
        assert kind(site) == "child"

    def test_about_another_photo_opens_none_that_nobody_saw(self, site: TestClient) -> None:
        """A line of the same version changes nothing that is stored, and tells of what is not."""
        send(site, text=SEA, photo=photo(1), version=1)
        send(site, text=SEA, photo=photo(2), child=False, version=1)
        assert kind(site) == "unseen"

    def test_holds_a_copy_that_comes_beside_a_line_that_changes_nothing(self, site: TestClient) -> None:
        """The held post's own line is stale, so it goes on to show what the copy shows."""
        send(site, text=SEA, child=True, version=5)
        lines = _line({"id": "p1", "text": SNOW, "version": 1}) + _line({"id": "p2", "text": SEA, "photo": photo(1)})
        site.post("/v1/posts:bulk", content=lines, headers={"content-type": "application/x-ndjson"})
        assert kind(site, "p2") == "review"


class TestACopy:
    @pytest.mark.parametrize("copy", [photo(1), photo(1, 240)], ids=["same file", "resized"])
    def test_of_a_held_photo_waits_whatever_the_site_says(self, copy: str) -> None:
        """Under a new id, other words and `child: false`; the reviewer is told which post it is like, and decides."""
        settings = ServiceSettings(same_photo=Copies.LINK)
        with client_from(create_app(settings, Parts(ReferenceStore()))) as site:
            send(site, text=SEA, photo=photo(1), child=True)
            send(site, id="p2", text="горы и снег", photo=copy, child=False)
            facts = site.get("/v1/posts/p2/compliance").json()["facts"]
            assert (facts["child"], facts["rules"]) == ("review", ["copy-of:p1"])
            decide(site, "clear", "p2")
            assert is_open(site, "p2")

    def test_that_is_stored_already_waits_as_soon_as_a_reviewer_holds_the_other(self) -> None:
        """Both were open; whoever held the one, nobody but a reviewer opens the other."""
        with client_from(create_app(ServiceSettings(same_photo=Copies.LINK), Parts(ReferenceStore()))) as site:
            send(site, text=SEA, photo=photo(1), child=False)
            send(site, id="p2", text=SNOW, photo=photo(1), child=False)
            assert is_open(site, "p2")
            decide(site, "child")
            assert kind(site, "p2") == "review"
            send(site, id="p2", text=SNOW, photo=photo(1), child=False, version=2)
            assert not is_open(site, "p2")

    def test_of_a_post_that_a_reviewer_holds_hides_behind_no_line_of_the_same_batch(self) -> None:
        """The site sends the held post again as clear, and a copy of it beside."""
        with client_from(create_app(ServiceSettings(same_photo=Copies.LINK), Parts(ReferenceStore()))) as site:
            send(site, text=SEA, photo=photo(1))
            decide(site, "child")
            again = {"id": "p1", "text": SEA, "photo": photo(1), "child": False, "version": 2}
            both = _line(again) + _line({**again, "id": "p2", "text": SNOW})
            site.post("/v1/posts:bulk", content=both, headers={"content-type": "application/x-ndjson"})
            assert (kind(site), kind(site, "p2")) == ("child", "review")

    def test_with_the_same_words_and_a_photo_added_waits(self, site: TestClient) -> None:
        """The words were all there was to hold."""
        send(site, text=SEA, child=True)
        send(site, id="p2", text=SEA, photo=photo(1), child=False)
        assert kind(site, "p2") == "review"


HOLDS = {
    "a reviewer": lambda site: decide(site, "child"),
    "the site": lambda site: send(site, text=SEA, photo=photo(1), child=True, version=1),
    "a consent that was taken back": lambda site: (
        decide(site, "consented", consent=CONSENT),
        site.delete("/v1/posts/p1/compliance/consent?by=parent-1"),
    ),
    "a consent that stands": lambda site: decide(site, "consented", consent=CONSENT),
}


class TestATombstone:
    """A held post is deleted; what it was comes again."""

    @pytest.fixture
    def site(self) -> Iterator[TestClient]:
        """A site that keeps copies."""
        with client_from(create_app(ServiceSettings(same_photo=Copies.LINK), Parts(ReferenceStore()))) as client:
            send(client, text=SEA, photo=photo(1), child=False, version=1)
            yield client

    @pytest.mark.parametrize("hold", HOLDS)
    @pytest.mark.parametrize("text", [SEA, SNOW], ids=["as it was", "changed"])
    def test_holds_the_id_whatever_the_site_says(self, site: TestClient, hold: str, text: str) -> None:
        """It is about a child as before, until a reviewer decides."""
        HOLDS[hold](site)
        site.delete("/v1/posts/p1")
        send(site, text=text, photo=photo(1 if text == SEA else 2), child=False)
        assert kind(site) == "child"
        send(site, text=text + " вечером", child=False)
        assert not any(is_open(site, country=country) for country in (None, "DE", "US"))

    @pytest.mark.parametrize("hold", HOLDS)
    @pytest.mark.parametrize("copy", [photo(1), photo(1, 240)], ids=["same file", "same look"])
    def test_holds_the_photo_under_another_id(self, site: TestClient, hold: str, copy: str) -> None:
        """As a copy of a stored post is held."""
        HOLDS[hold](site)
        site.delete("/v1/posts/p1")
        send(site, id="p2", text=SNOW, photo=copy, child=False)
        assert kind(site, "p2") == "review"
        assert not any(is_open(site, "p2", country) for country in (None, "DE", "US"))

    def test_holds_a_photo_that_was_edited_away(self, site: TestClient) -> None:
        """The held post shows another photo now, and the old one comes elsewhere."""
        decide(site, "child")
        send(site, text=SEA, photo=photo(2), child=False, version=2)
        send(site, id="p2", text=SNOW, photo=photo(1), child=False)
        assert (kind(site), kind(site, "p2")) == ("child", "review")

    def test_holds_the_words_of_what_was_taken_down(self, site: TestClient) -> None:
        """Id, link and photo are rejected; the words alone wait."""
        site.post("/v1/takedowns", json={"by": "m1", "reason": "order", "post_id": "p1"})
        send(site, id="p2", text=SEA, child=False)
        assert kind(site, "p2") == "review"

    def test_is_lifted_by_who_clears_that_very_content(self, site: TestClient) -> None:
        """It is asked once: sent again it is open, sent with another hashtag it waits."""
        decide(site, "child")
        site.delete("/v1/posts/p1")
        for expected in (False, True):
            send(site, text=SEA, photo=photo(1), child=False)
            assert is_open(site) == expected
            decide(site, "clear")
            site.delete("/v1/posts/p1")
        send(site, text=SEA, photo=photo(1), child=False, tags=["лето"])
        assert not is_open(site)

    def test_goes_with_the_hold_that_is_undone(self, site: TestClient) -> None:
        """A slip of a reviewer is remembered no longer than he wishes."""
        decide(site, "child")
        assert undo(site) == "undone"
        site.delete("/v1/posts/p1")
        send(site, text=SEA, photo=photo(1), child=False)
        assert is_open(site)

    def test_tells_the_reviewer_why_the_post_waits(self, site: TestClient) -> None:
        """By a sentence of its own beside the number."""
        decide(site, "review")
        site.delete("/v1/posts/p1")
        send(site, text=SEA, photo=photo(1), child=False)
        (waiting,) = site.get("/v1/review").json()["posts"]
        (reason,) = waiting["reasons"]
        assert reason["rule"].startswith("tombstone:h-")
        assert "held before it was deleted" in reason["says"]

    def test_of_what_the_words_alone_told_is_none_once_they_changed(self, site: TestClient) -> None:
        """As when the post is edited: what is found now holds; its photo elsewhere is a copy."""
        send(site, text=BOY, photo=photo(1), version=2)
        site.delete("/v1/posts/p1")
        send(site, text=SEA, photo=photo(1), child=False)
        send(site, id="p2", text=SNOW, photo=photo(1), child=False)
        assert (kind(site, "p2"), kind(site)) == ("review", "clear")

    def test_no_two_lines_of_a_batch_pass_between(self, site: TestClient) -> None:
        """The first line holds, the second one shows something else and says nothing."""
        lines = _line({"id": "p9", "text": SNOW, "photo": photo(3), "child": True})
        lines += _line({"id": "p9", "text": "город зимой, огни и мосты"})
        lines += _line({"id": "p8", "text": "горы летом, тропа и ручей", "photo": photo(3), "child": False})
        site.post("/v1/posts:bulk", content=lines, headers={"content-type": "application/x-ndjson"})
        assert (kind(site, "p9"), kind(site, "p8")) == ("child", "review")


@pytest.mark.parametrize("field", ["age", "возраст"])
def test_age_among_the_fields_holds_a_post_and_no_filter_finds_it(site: TestClient, field: str) -> None:
    """A number is no word, but under this name it says as much; the grown-up beside it is found."""
    send(site, text=SEA, attrs={field: 7})
    send(site, id="p2", text="море зимой, снег и лёд на камнях", attrs={field: 35})
    assert kind(site) == "child"
    question = {"text": "море", "min_match": 0, "filter": {"field": f"attrs.{field}", "below": 99}}
    answer = site.post("/v1/search", json=question).json()
    assert [hit["id"] for hit in answer["hits"]] == ["p2"]
