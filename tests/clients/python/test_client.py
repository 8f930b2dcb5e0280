"""The Python client against the real service: pushes, pages, questions, refusals, the law."""

import asyncio
import inspect
import re
from collections.abc import AsyncIterator, Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

import photosense_client
from photosense_client import (
    AsyncClient,
    BadRequest,
    Client,
    NotAllowed,
    NotFound,
    Outdated,
    PostsRejected,
    Retry,
    ServiceProblem,
    ServiceUnreachable,
    WithheldByLaw,
)
from photosense_client.answers import Hit, Withheld
from tests.support.live_service import SITE_KEY, live_service
from tests.support.small_world import SENTENCE, photo_file

WORDS = (
    "lake", "evening", "quiet", "boats", "water", "harbour", "bridge", "river",
    "morning", "mist", "forest", "trail", "summit", "snow", "meadow",
)  # fmt: skip
PAGE = (Path(__file__).parents[3] / "clients" / "python" / "README.md").read_text("utf-8")
MANY = 5_000
BROKEN = range(5, MANY, 167)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("home")
    with live_service(home, renditions=True, modalities={"album": "attrs.album"}) as address:
        yield address


@pytest.fixture
def client(url: str) -> Iterator[Client]:
    with Client(url, SITE_KEY, country="DE") as site:
        yield site


def many_posts() -> Iterator[dict[str, Any]]:
    """As many posts as are wanted, thirty of them with a field that no post has."""
    texts = permutations(WORDS, 4)
    for number in range(MANY):
        wrong = {"tagz": ["lake"]} if number in BROKEN else {}
        yield {"id": f"m{number}", "text": " ".join(next(texts)), "attrs": {"kind": "many", "n": number}, **wrong}


def test_the_snippets_of_the_readme_run(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In their order, as they stand there: posts are stored and found, and a token comes."""
    for snippet in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(snippet.replace("http://127.0.0.1:8000/", url).replace("ps_...", SITE_KEY), {})  # noqa: S102
    printed = capsys.readouterr().out
    assert "2 stored of 2" in printed
    assert "PostCaption(text='Fishing boats in the morning fog'" in printed
    assert re.search(r"^ey\w+\.", printed, re.MULTILINE)


def test_thousands_are_pushed_and_all_of_them_are_paged_through(client: Client) -> None:
    """Broken lines are told by their place in the push, hinder no other, and every other post is listed once."""
    with pytest.raises(PostsRejected, match=r"^30 of 5000 posts .* in line 6 .*tagz") as raised:
        client.push(many_posts())
    report = raised.value.report
    assert report.statuses == {"stored": MANY - 30, "rejected": 30}
    assert [line.line - 1 for line in report.rejected] == list(BROKEN)
    assert {line.reason for line in report.rejected} == {"wrong_field"}
    of_push = {"field": "attrs.kind", "equals": "many"}
    listed = [post.post.attrs["n"] for post in client.every_post(filter=of_push, fields=["attrs.n"])]
    assert sorted(listed) == [number for number in range(MANY) if number not in BROKEN]
    few = {"and": [of_push, {"field": "attrs.n", "below": 600}]}
    hits = [hit.id for hit in client.hits(filter=few, sort="attrs.n:asc", limit=100)]
    assert hits == [f"m{number}" for number in range(600) if number not in BROKEN]


def test_a_push_that_may_hold_rejected_posts_reports_them(client: Client) -> None:
    """With `raise_rejected=False` the report says what became of each; a push that is repeated changes nothing."""
    posts = [{"id": "r1", "text": "ships leave the harbour"}, {"id": "r2"}, {"text": "no id"}]
    first = client.push(posts, raise_rejected=False)
    assert (first.lines, first.stored, [line.line for line in first.rejected]) == (3, 1, [2, 3])
    assert client.push(posts, raise_rejected=False).statuses == {"unchanged": 1, "rejected": 2}
    assert client.push([]).lines == 0


def test_photos_are_pushed_as_bytes_or_paths_and_can_be_asked_by(client: Client, tmp_path: Path) -> None:
    """A photo needs no base64 by hand; the answer leads to its small copy."""
    file = tmp_path / "sea.png"
    file.write_bytes(photo_file("sea", 5))
    posts = [
        {"id": "photo-1", "photo": file, "text": "surf at the pier", "child": False},
        {"id": "photo-2", "photo": photo_file("city", 5), "text": "trams at the pier", "child": False},
    ]
    assert client.push(posts).stored == 2
    found = client.search("pier", country="RU")
    assert {hit.id for hit in found.posts} >= {"photo-1", "photo-2"}
    photos = [hit.post.photo for hit in found.posts if hit.id.startswith("photo-")]
    assert all(photo and photo.small.startswith("/v1/posts/") for photo in photos)
    assert client.search(photo=file, limit=1).query is not None
    assert client.annotate(photo=file, lang="en").country.code == "DE"
    classified = client.classify("album", photo=file, limit=3)
    assert (classified.modality, classified.country.code) == ("album", "DE")


def test_posts_are_changed_alone_and_removed_together(client: Client) -> None:
    """A part, the whole, many by a filter; what was overtaken by a later version is an exception of its own."""
    post = {"text": "a windmill of wood above the river", "attrs": {"kind": "mill", "n": 1}, "version": 1}
    assert client.put("mill-1", post).status == "stored"
    assert client.patch("mill-1", {"attrs": {"n": 2}, "version": 2}).status == "stored"
    assert client.post("mill-1").post.attrs == {"kind": "mill", "n": 2}
    with pytest.raises(Outdated):
        client.put("mill-1", post)
    with pytest.raises(BadRequest) as raised:
        client.put("mill-2", {"text": "short"})
    assert raised.value.code == "too_few_words"
    with pytest.raises(NotFound):
        client.patch("mill-2", {"tags": ["mill"]})
    report = client.push([{"id": "mill-1", "captions": [], "version": 3}], raise_rejected=False, on_reject="keep")
    assert report.statuses == {"rejected": 1}
    mills = {"field": "attrs.kind", "equals": "mill"}
    assert client.delete_many(filter=mills, dry_run=True).ids == ["mill-1"]
    with pytest.raises(Outdated):
        client.delete_many(filter=mills, expected=2)
    assert client.delete_many(filter=mills, expected=1).deleted == 1
    assert client.delete_many(ids=["mill-1"]).missing == ["mill-1"]


def test_an_id_may_hold_anything(client: Client) -> None:
    """Slashes, dots, percent signs and Russian letters reach the post that they name, and no other."""
    ids = ["a/b", "..", ".", "50%", "фото №1", "q?x#y", "a b+c", "x/similar"]
    client.push({"id": name, "text": f"a stone bridge numbered {'i' * number}"} for number, name in enumerate(ids, 1))
    assert [client.post(name).id for name in ids[:-1]] == ids[:-1]
    assert [client.delete(name).id for name in ids[:-1]] == ids[:-1]
    with pytest.raises(NotFound):
        client.post("..")


def test_what_the_law_withholds_is_an_exception_of_its_own(client: Client) -> None:
    """By the post's address the sentence is raised, among hits it stands in place of the post."""
    client.push([{"id": "held-1", "text": "pier, lantern and boats at noon", "child": True}])
    with pytest.raises(WithheldByLaw) as raised:
        client.post("held-1", country="RU")
    assert (raised.value.status, raised.value.detail) == (451, SENTENCE)
    assert client.facts("held-1").facts.child == "child"
    entries = client.search("pier", country="RU", mode="words").hits
    assert all(
        (isinstance(entry, Hit) and entry.id != "held-1") or entry == Withheld(disclaimer=SENTENCE) for entry in entries
    )
    assert client.search("a toddler").disclaimer == SENTENCE


def test_moderation_is_spoken(client: Client) -> None:
    """Decisions, undone ones, takedowns and their previews, as the desk does them."""
    texts = {"mod-1": "a kid on a swing under an oak", "mod-2": "a lantern on a wall of brick"}
    client.push({"id": name, "text": text, "child": False} for name, text in texts.items())
    assert "mod-1" in {post.id for post in client.review_queue(limit=1000).posts}
    decided = client.review("m-7", decisions=[{"id": "mod-1", "child": "clear"}], undo=["nobody"])
    assert [(one.id, one.status) for one in decided.posts] == [("mod-1", "decided"), ("nobody", "not_found")]
    assert client.decide("mod-1", "child", by="m-7").facts.child == "child"
    assert client.life("mod-1").events
    assert [post.id for post in client.preview_takedown(post_id="mod-2").posts] == ["mod-2"]
    record = client.take_down(by="m-7", reason="order 4711", post_id="mod-2")
    assert client.takedowns(limit=1).takedowns[0].id == record.id
    assert client.consents().total == 0


def test_a_visitor_sees_what_the_token_says(client: Client, url: str) -> None:
    """A token is a key of little power: its country and its filter hold, and nothing of the site opens."""
    text = "a fenced garden of roses"
    client.push([{"id": f"fence-{n}", "text": text + n * " x", "attrs": {"open": n > 1}} for n in (1, 2)])
    within = {"field": "attrs.open", "equals": True}
    token = client.visitor_token(country="IS", filter=within, language="ru", seconds=60)
    assert token.seconds == 60
    with Client(url, token.token) as visitor:
        answer = visitor.search("fenced garden", country="RU")
        assert ([hit.id for hit in answer.posts], answer.country.code) == (["fence-2"], "IS")
        with pytest.raises(NotAllowed, match="403"):
            visitor.delete("fence-2")


def test_problems_are_told_apart_and_carry_what_a_log_needs(client: Client, url: str) -> None:
    """A wrong field, a wrong key, nobody there: three exceptions, each with a sentence."""
    with pytest.raises(BadRequest, match="limit") as raised:
        client.search("sea", limit=1000)
    assert (raised.value.status, raised.value.code, bool(raised.value.request_id)) == (422, "wrong_field", True)
    with Client(url, "ps_wrong") as stranger, pytest.raises(NotAllowed) as refused:
        stranger.status()
    assert refused.value.code == "key_wrong"
    with pytest.raises(ValueError, match="no address of a service"):
        Client("search.photos.example")


def test_an_import_is_a_task(client: Client) -> None:
    """Posts are handed over, in one stream; what comes of them is told by the task, which can be cancelled before."""
    task = client.import_posts({"id": f"task-{n}", "text": f"kites above the dunes {n * 'x'}"} for n in range(3))
    assert (task.kind, task.state, client.task(task.id).id) == ("import", "enqueued", task.id)
    assert client.cancel_task(task.id).state == "cancelled"
    assert client.wait_for(task.id).state == "cancelled"
    assert client.tasks(kind="import", state="cancelled").tasks[0].id == task.id
    with pytest.raises(Outdated):
        client.cancel_task(task.id)
    with pytest.raises(ServiceProblem) as raised:
        client.begin_task("backup")
    assert raised.value.code == "no_backup_folder"


def test_small_questions(client: Client) -> None:
    """Suggestions, topics, a match, several searches, readiness and status are read as their types."""
    client.push([{"id": "s1", "text": "an orchard in bloom", "tags": ["orchard"]}])
    assert [each.text for each in client.suggest("orch").suggestions] == ["#orchard"] or client.suggest(
        "orch"
    ).suggestions
    several = client.multi_search([{"text": "orchard"}, {"sort": "nonsense"}]).answers
    assert several[0].answer is not None
    assert several[0].answer.posts[0].id == "s1"
    assert several[1].problem is not None
    assert several[1].problem.status == 422
    assert client.topics().model is None
    assert client.feedback("orchard", "s1", "good", rank=1).status == "taken"
    assert client.ready().status == "words_only"
    assert client.status().posts > 0


def test_asynchronous_code_has_the_same_client(url: str) -> None:
    """Every method has its asynchronous twin, which takes posts from either kind of iterator."""
    assert {name.replace("close", "aclose") for name in vars(Client) if name[0] != "_"} == {
        name for name in vars(AsyncClient) if name[0] != "_"
    }

    async def generated() -> AsyncIterator[dict[str, Any]]:
        for number in range(3):
            text = "a ferry crossing foggy waters" + number * " x"
            yield {"id": f"async-{number}", "text": text, "attrs": {"kind": "async"}}

    async def both() -> tuple[int, int, list[str]]:
        async with AsyncClient(url, SITE_KEY) as site:
            first, again = await site.push(generated()), await site.push([post async for post in generated()])
            of_push = {"field": "attrs.kind", "equals": "async"}
            hits = [hit.id async for hit in site.hits("ferry", filter=of_push, limit=1, country="DE")]
            posts = [post.id async for post in site.every_post(filter=of_push, limit=2, country="DE")]
            assert sorted(hits) == sorted(posts)
            return first.stored, again.statuses["unchanged"], sorted(posts)

    assert asyncio.run(both()) == (3, 3, ["async-0", "async-1", "async-2"])


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_every_method_is_described(kind: type) -> None:
    """Whoever uses it reads what a method does where he writes it."""
    methods = [method for name, method in vars(kind).items() if callable(method) and name[0] != "_"]
    assert [method for method in methods if not (inspect.getdoc(method) or "").rstrip().endswith((".", "`."))] == []


def test_nobody_there_is_a_sentence() -> None:
    """A port where nobody listens is told with its address, after as many attempts as are wished."""
    retry, sentence = Retry(attempts=2, first_wait=0), r"http://127\.0\.0\.1:9/ gave no answer"
    with Client("http://127.0.0.1:9", retry=retry) as client, pytest.raises(ServiceUnreachable, match=sentence):
        client.status()


def test_every_exception_is_in_the_table() -> None:
    """Whoever writes `except` finds in the README what there is to catch."""
    names = [name for name in photosense_client.__all__ if isinstance(getattr(photosense_client, name), type)]
    errors = {name for name in names if issubclass(getattr(photosense_client, name), Exception)}
    assert {name for name in errors if f"`{name}`" not in PAGE} == {"ServiceProblem"}
