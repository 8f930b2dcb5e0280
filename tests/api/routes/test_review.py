"""The review queue over HTTP: what waits, decisions and their undoing, consents; each holds for the next request."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageOps

from api.app import Parts, create_app
from api.settings import ServiceSettings
from compliance.facts import Child
from compliance.gate import Gate
from compliance.law import Law
from compliance.lexicon.lexicon import default_lexicon
from compliance.policy import Policy, load_policy
from compliance.records.audit import Audit
from tests.support.http_client import TestClient, client_from, problem_of
from tests.support.reference_store import ReferenceStore
from tests.support.small_world import SENTENCE, as_base64, held_posts, photo_file, words_only_world

NDJSON = {"Content-Type": "application/x-ndjson"}


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = datetime.now(UTC)

    def now(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def audit_file(tmp_path: Path) -> Path:
    return tmp_path / "audit.ndjson"


@pytest.fixture
def backend(clock: Clock, audit_file: Path) -> Iterator[TestClient]:
    gate = Gate(load_policy(), default_lexicon(), now=clock.now)
    app = create_app(ServiceSettings(), Parts(words_only_world().store, law=Law(gate=gate, audit=Audit(audit_file))))
    with client_from(app) as client:
        yield client


def decide(client: TestClient, post: str, child: str, **more: Any) -> Any:
    return client.put(f"/v1/posts/{post}/compliance", json={"by": "m1", "child": child, **more})


def visible(client: TestClient, post: str, country: str = "RU") -> bool:
    """Whether the post is read by its id and found by its words, which must agree."""
    answer = client.get(f"/v1/posts/{post}?country={country}")
    if answer.status_code == 451:
        assert answer.json()["detail"] == SENTENCE
    results = client.post("/v1/search", json={"text": "море волна берег sea", "limit": 100, "country": country}).json()
    assert not (post in str(results) and answer.status_code != 200)
    return bool(answer.status_code == 200)


def test_what_waits_is_listed_and_a_decision_holds_for_the_next_request(backend: TestClient) -> None:
    """A post leaves the queue as soon as somebody decided, and is found by its words again."""
    queue = backend.get("/v1/review").json()
    assert [(each["id"], each["facts"]["child"]) for each in queue["posts"]] == [("held-review", "review")]
    assert not visible(backend, "held-review")
    assert decide(backend, "held-review", "clear").json()["facts"]["source"] == "reviewer"
    assert visible(backend, "held-review")
    answer = backend.post("/v1/search", json={"text": "кворлина kvorlina", "mode": "words", "country": "RU"}).json()
    assert [hit["id"] for hit in answer["hits"]] == ["held-review"]
    left = backend.get("/v1/review").json()
    assert (left["posts"], left["total"], left["more"], left["found"]) == ([], 0, False, 0)


def test_queue_shows_a_reviewer_what_is_to_be_judged(backend: TestClient) -> None:
    """Captions with their authors, tags, links and fields, and each rule with its sentence and the words it found."""
    (waiting,) = backend.get("/v1/review").json()["posts"]
    post = waiting["post"]
    assert [caption["author"] for caption in post["captions"]] == ["u666", None]
    assert post["captions"][1]["text"] == "сын у моря, a kid"
    assert (post["tags"], post["attrs"]) == (["kvorlina", "sea"], {"album": "zubrowka"})
    assert post["thumb"] == "https://photos.example/held/2.jpg"
    assert [reason["rule"] for reason in waiting["reasons"]] == waiting["facts"]["rules"]
    assert all(reason["says"] and reason["words"] for reason in waiting["reasons"])


def test_a_copy_is_shown_beside_the_held_post_that_it_is_like(backend: TestClient) -> None:
    """Whoever decides sees both: what was held, and what came later with the same photo under a harmless name."""
    photo = photo_file("forest", seed=77)
    mirrored = io.BytesIO()
    ImageOps.mirror(Image.open(io.BytesIO(photo))).save(mirrored, "PNG")
    lines = [
        {"id": "first", "photo": as_base64(photo), "text": "Лес утром", "child": True},
        {"id": "again", "photo": as_base64(mirrored.getvalue()), "text": "A quiet wood", "child": False},
    ]
    taken = backend.post("/v1/posts:bulk", content="\n".join(map(json.dumps, lines)), headers=NDJSON)
    assert taken.status_code == 200, taken.text
    queue = {each["id"]: each for each in backend.get("/v1/review").json()["posts"]}
    (original,) = queue["again"]["originals"]
    assert (original["id"], original["facts"]["child"]) == ("first", "child")
    assert queue["held-review"]["originals"] == []


def test_bulk_decides_and_undo_takes_back(backend: TestClient) -> None:
    """Each post has its own result; a post that is not there fails no other; undoing twice says so."""
    decisions = [{"id": "sea-0", "child": "child"}, {"id": "nobody", "child": "clear"}]
    done = backend.post("/v1/review", json={"by": "m1", "decisions": decisions}).json()["posts"]
    assert [each["status"] for each in done] == ["decided", "not_found"]
    assert not visible(backend, "sea-0")
    for expected in ("undone", "nothing_to_undo"):
        (result,) = backend.post("/v1/review", json={"by": "m2", "undo": ["sea-0"]}).json()["posts"]
        assert result["status"] == expected
        assert visible(backend, "sea-0")


def test_a_decision_is_about_what_was_seen(backend: TestClient) -> None:
    """The site changed the post meanwhile, or somebody else decided: nothing is done, and the answer says why."""
    seen = {each["id"]: each["revision"] for each in backend.get("/v1/review").json()["posts"]}["held-review"]
    patch = {"text": "my 5 year old daughter on the sand", "version": 8}
    assert backend.patch("/v1/posts/held-review", json=patch).status_code == 200
    decision = {"id": "held-review", "child": "clear", "revision": seen}
    (refused,) = backend.post("/v1/review", json={"by": "m1", "decisions": [decision]}).json()["posts"]
    assert (refused["status"], "look at it again" in refused["detail"]) == ("changed", True)
    problem = problem_of(decide(backend, "held-review", "clear", revision=seen), 409)
    assert problem["code"] == "changed"
    assert not visible(backend, "held-review")
    now = backend.get("/v1/posts/held-review/compliance").json()["revision"]
    assert decide(backend, "held-review", "clear", revision=now).status_code == 200


def test_only_the_decision_that_was_seen_is_taken_back(backend: TestClient) -> None:
    """One clears, another holds, and the first takes his clearance back: the hold stands, however often he asks."""
    decision = {"id": "sea-0", "child": "clear"}
    (own,) = backend.post("/v1/review", json={"by": "m1", "decisions": [decision]}).json()["posts"]
    held = decide(backend, "sea-0", "child", by="m2").json()["revision"]
    for _ in range(2):
        undo = {"id": "sea-0", "revision": own["revision"]}
        (result,) = backend.post("/v1/review", json={"by": "m1", "undo": [undo]}).json()["posts"]
        assert result["status"] == "changed"
        assert not visible(backend, "sea-0")
    undo = {"id": "sea-0", "revision": held}
    (result,) = backend.post("/v1/review", json={"by": "m2", "undo": [undo]}).json()["posts"]
    assert (result["status"], result["revision"]) == ("undone", own["revision"])


@pytest.mark.parametrize("named", ["sea-0 ", " sea-0", "sea-0\n"])
def test_blanks_belong_to_an_id(backend: TestClient, named: str) -> None:
    """Who may choose ids could have had a decision, or a takedown, meet another post than the one it names."""
    decisions = {"by": "m1", "decisions": [{"id": named, "child": "child"}], "undo": [f"{named}."]}
    answered = backend.post("/v1/review", json=decisions).json()["posts"]
    assert [each["status"] for each in answered] == ["not_found", "not_found"]
    taken = backend.post("/v1/takedowns", json={"by": "m1", "reason": "order 7", "post_id": named})
    assert taken.json()["posts"] == 0
    assert visible(backend, "sea-0")


def test_what_opens_a_post_is_on_record_or_is_not_done(backend: TestClient, audit_file: Path) -> None:
    """Neither a clearance nor the undoing of a hold; what withholds holds, record or not."""
    for post, child in (("sea-0", "child"), ("held-child", "clear")):
        assert decide(backend, post, child).status_code == 200
    audit_file.unlink()
    audit_file.mkdir()
    assert problem_of(decide(backend, "held-review", "clear"), 507)["code"] == "record_not_written"
    assert problem_of(backend.post("/v1/review", json={"by": "m1", "undo": ["sea-0"]}), 507)
    assert decide(backend, "held-child", "child").status_code == 200
    assert [visible(backend, post) for post in ("held-review", "sea-0", "held-child")] == [False, False, False]


def test_history_tells_who_decided_and_what_held_before(backend: TestClient) -> None:
    """The latest word is in force, the earlier ones are kept."""
    decide(backend, "held-child", "review")
    decide(backend, "held-child", "clear")
    facts = backend.get("/v1/posts/held-child/compliance").json()["facts"]
    assert [facts["child"], facts["by"]] == ["clear", "m1"]
    assert [(each["child"], each["source"]) for each in facts["history"]] == [("child", "host"), ("review", "reviewer")]


def test_consent_holds_in_its_countries_only(backend: TestClient) -> None:
    """Elsewhere, and where the country is not known, the post is about a child."""
    decide(backend, "held-child", "consented", consent={"record": "form-1", "countries": ["RU"]})
    assert visible(backend, "held-child", "RU")
    assert not visible(backend, "held-child", "DE")
    assert not visible(backend, "held-child", "XX")


def test_consent_ends_at_that_very_moment(backend: TestClient, clock: Clock) -> None:
    """A microsecond before it is one, at its end it is none, for reading by id and for searching."""
    until = clock.time + timedelta(hours=1)
    decide(backend, "held-child", "consented", consent={"record": "form-1", "until": until.isoformat()})
    clock.time = until - timedelta(microseconds=1)
    assert visible(backend, "held-child")
    clock.time = until
    assert not visible(backend, "held-child")
    assert backend.get("/v1/posts/held-child/compliance").json()["facts"]["by"] == "consent-ended"


def test_consents_that_a_clock_ended_which_ran_ahead_come_back_with_it(backend: TestClient, clock: Clock) -> None:
    """But for what was taken back, or decided, since: that stands."""
    now, until = clock.time, clock.time + timedelta(days=30)
    for post in ("held-child", "held-review"):
        decide(backend, post, "consented", consent={"record": f"form-{post}", "until": until.isoformat()})
    assert [visible(backend, post) for post in ("held-child", "held-review")] == [True, True]
    clock.time = until + timedelta(days=400)
    assert [visible(backend, post) for post in ("held-child", "held-review")] == [False, False]
    decide(backend, "held-review", "child")
    clock.time = now + timedelta(minutes=1)
    assert visible(backend, "held-child")
    assert not visible(backend, "held-review")
    clock.time = until
    assert not visible(backend, "held-child")


def test_consent_can_be_revoked(backend: TestClient) -> None:
    """Also one that the site sent with the post."""
    assert visible(backend, "agreed-0")
    assert backend.delete("/v1/posts/agreed-0/compliance/consent?by=m1").json()["facts"]["child"] == "child"
    assert not visible(backend, "agreed-0")


def test_every_act_is_on_record_without_a_word_of_the_post(backend: TestClient, audit_file: Path) -> None:
    """Decisions, undoing, consents and their end; posts by their salted hashes."""
    decide(backend, "held-child", "consented", consent={"record": "form-1"})
    backend.delete("/v1/posts/held-child/compliance/consent?by=m1")
    decide(backend, "held-child", "review")
    backend.post("/v1/review", json={"by": "m1", "undo": ["held-child"]})
    written = audit_file.read_text()
    for event in ("decided", "consented", "revoked", "undone"):
        assert f'"event": "{event}"' in written
    assert not any(word in written.lower() for word in ("held-child", "kvorlin", "кворлин", "photos.example"))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        pytest.param({"by": "m1"}, "nothing is decided", id="nothing"),
        pytest.param({"by": "Anna Ivanova", "undo": ["a"]}, "no name and no link", id="a name decides"),
        pytest.param(
            {
                "by": "m1",
                "decisions": [{"id": "a", "child": "consented", "consent": {"record": "https://a.example/form"}}],
            },
            "no name and no link",
            id="a link as a record",
        ),
        pytest.param({"decisions": [{"id": "a", "child": "clear"}]}, "by", id="nobody decides"),
        pytest.param({"by": "m1", "decisions": [{"id": "a", "child": "unseen"}]}, "child", id="unseen"),
        pytest.param({"by": "m1", "decisions": [{"id": "a", "child": "clear"}], "undo": ["a"]}, "twice", id="twice"),
        pytest.param(
            {"by": "m1", "decisions": [{"id": "a", "child": "clear", "consent": {"record": "1"}}]},
            "goes with",
            id="consent to nothing",
        ),
        pytest.param(
            {
                "by": "m1",
                "decisions": [{"id": "a", "child": "consented", "consent": {"record": "1", "countries": ["UK"]}}],
            },
            "ISO 3166",
            id="no country",
        ),
        pytest.param(
            {
                "by": "m1",
                "decisions": [{"id": "a", "child": "consented", "consent": {"record": "1", "until": "2030-01-01"}}],
            },
            "until",
            id="a day without a time and zone",
        ),
    ],
)
def test_wrong_decisions_are_answered_with_what_is_wrong(backend: TestClient, body: dict, says: str) -> None:
    """Nothing of such a request is done."""
    assert says in problem_of(backend.post("/v1/review", json=body), 422, "wrong_field")["detail"]


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_post_that_is_not_there_is_not_found(backend: TestClient, method: str) -> None:
    """A reviewer is told so."""
    path = "/v1/posts/nobody/compliance" + ("/consent?by=m1" if method == "delete" else "")
    body = {"json": {"by": "m1", "child": "clear"}} if method == "put" else {}
    problem_of(getattr(backend, method)(path, **body), 404, "not_found")


def test_photos_that_nobody_looked_at_wait_last_where_the_rules_want_them_seen(
    fresh: TestClient, empty_store: ReferenceStore
) -> None:
    """They are listed behind what was found, page by page; where no rule asks for it they do not wait."""
    photos = [
        {"id": f"new-{n}", "photo": as_base64(photo_file("city", 60 + n)), "text": f"street {n}"} for n in range(3)
    ]
    body = b"".join(json.dumps(post).encode() + b"\n" for post in [*photos, *held_posts()])
    fresh.post("/v1/posts:bulk", content=body, headers={"content-type": "application/x-ndjson"})
    queue = fresh.get("/v1/review").json()
    assert queue["total"] == 4
    assert [each["facts"]["child"] for each in queue["posts"]] == ["review", "unseen", "unseen", "unseen"]
    pages = [fresh.get(f"/v1/review?limit=2&offset={offset}").json() for offset in (0, 2)]
    assert [each["id"] for page in pages for each in page["posts"]] == [each["id"] for each in queue["posts"]]
    assert [page["more"] for page in pages] == [True, False]
    decide(fresh, "new-0", "clear")
    assert fresh.get("/v1/review").json()["total"] == 3
    relaxed = Gate(_relaxed(), default_lexicon())
    with client_from(create_app(ServiceSettings(), Parts(empty_store, law=Law(gate=relaxed)))) as client:
        assert client.get("/v1/review").json()["total"] == 1


def _relaxed() -> Policy:
    """The shipped rules, where a photo need not have been looked at."""
    policy = load_policy()
    rules = [replace(rule, withhold=rule.withhold - {Child.UNSEEN}) for rule in (policy.strictest, *policy.groups)]
    return replace(policy, strictest=rules[0], groups=tuple(rules[1:]))


def test_what_waits_is_chosen_by_rule_author_and_age(fresh: TestClient) -> None:
    """Each filter leaves what fits; what may be chosen by is counted over all that waits."""
    lines = [
        {"id": "one", "captions": [{"text": "A kid at the old pier, evening light", "author": "u1"}], "child": False},
        {"id": "two", "captions": [{"text": "Девочка, ветер и старый причал", "author": "u2"}], "child": False},
        {"id": "three", "photo": as_base64(photo_file("city", 61)), "text": "street at night"},
    ]
    taken = fresh.post("/v1/posts:bulk", content="\n".join(map(json.dumps, lines)), headers=NDJSON)
    assert "rejected" not in taken.text

    def queue(**asked: str) -> Any:
        return fresh.get("/v1/review", params=asked).json()

    everything = queue(sort="age")
    assert [each["id"] for each in everything["posts"]] == ["one", "two", "three"]
    assert (everything["found"], everything["unseen"], everything["authors"]) == (2, 1, {"u1": 1, "u2": 1})
    assert {each["rule"]: (each["posts"], bool(each["says"])) for each in everything["rules"]} == {
        "child-en": (1, True),
        "boy-girl-ru": (1, True),
    }
    assert [each["pictured"] for each in everything["posts"]] == [False, False, True]
    for asked, expected in [
        ({"rule": "boy-girl-ru"}, ["two"]),
        ({"author": "u1"}, ["one"]),
        ({"author": "nobody"}, []),
        ({"unseen": "true"}, ["three"]),
        ({"unseen": "false"}, ["one", "two"]),
        ({"limit": "1", "offset": "2"}, ["three"]),
    ]:
        answered = queue(**asked)
        assert [each["id"] for each in answered["posts"]] == expected
        assert answered["total"] == len(expected) or "limit" in asked
    assert problem_of(fresh.get("/v1/review?sort=name"), 422, "wrong_field")
