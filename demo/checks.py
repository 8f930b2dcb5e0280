"""Tries the demo over HTTP as the host site and its visitors would, and counts what is not as it should be."""

import json
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.markup import escape

from api.answers import AnnotateAnswer, Hit, Problem, SearchAnswer, Withheld, decode_answer
from compliance.policy import SENTENCE
from demo.tries import TRIES, Try
from demo.world import World, query_photo

FIRST = 5
RESTRICTED = ("RU", "DE", None)
FREE = "IS"


def check_answers(address: str, world: World, out: Console) -> int:
    """Ask everything, print what was found, and return how many answers were wrong."""
    truth = {post["id"]: post for post in _read_lines(world)}
    withheld = {post for post, about in truth.items() if about["kind"] == "child"}
    wrong = 0
    for attempt in TRIES:
        problem = _harmful(address, attempt) if attempt.harmful else _ordinary(address, attempt, truth, withheld)
        wrong += problem is not None
        question = " + ".join(filter(None, [attempt.text, attempt.photo_scene and f"photo of {attempt.photo_scene}"]))
        verdict = f"[red]{escape(problem)}[/]" if problem else "[green]ok[/]"
        out.print(f"{escape(attempt.name):<24} {escape(question):<42} {verdict}", highlight=False, soft_wrap=True)
    for name, problems in (
        ("withheld posts by their ids", _by_id(address, withheld)),
        ("the free country sees what others do not", _free(address, withheld)),
    ):
        wrong += bool(problems)
        verdict = f"[red]{escape(problems)}[/]" if problems else "[green]ok[/]"
        out.print(f"{name:<67} {verdict}", highlight=False, soft_wrap=True)
    return wrong


def _ordinary(address: str, attempt: Try, truth: dict[str, Any], withheld: set[str]) -> str | None:
    """The first hits show what was asked for, and no country with a rule sees a withheld post among any of them."""
    body: dict[str, Any] = {"text": attempt.text, "limit": 100}
    if attempt.photo_scene:
        body["photo"] = b64encode(query_photo(attempt.photo_scene, 7)).decode()
    for country in RESTRICTED:
        answer = decode_answer(_post(address, "/v1/search", {**body, "country": country})[1], SearchAnswer)
        leaked = {hit.id for hit in answer.posts} & withheld
        if leaked:
            return f"shows {len(leaked)} withheld posts in {country}"
        if any(hit != Withheld(SENTENCE) for hit in answer.hits if not isinstance(hit, Hit)):
            return f"a disclaimer in {country} says more than its sentence"
    answer = decode_answer(_post(address, "/v1/search", {**body, "country": attempt.country})[1], SearchAnswer)
    scenes = [truth[hit.id]["scene"] for hit in answer.posts][:FIRST]
    fitting = sum(scene in attempt.expect_scenes for scene in scenes)
    if len(scenes) < FIRST or 2 * fitting <= FIRST:
        return f"{fitting} of the first {FIRST} fit: {', '.join(scenes) or answer.notice}"
    return None


def _harmful(address: str, attempt: Try) -> str | None:
    """A question about children is answered with the sentence alone."""
    for country in RESTRICTED:
        question = {"text": attempt.text, "country": country}
        answer = decode_answer(_post(address, "/v1/search", question)[1], SearchAnswer)
        if answer.disclaimer != SENTENCE or answer.hits:
            return f"a search answers it in {country}"
        words = decode_answer(_post(address, "/v1/annotate", question)[1], AnnotateAnswer)
        if words.disclaimer != SENTENCE or words.keywords:
            return f"keywords answer it in {country}"
    return None


def _by_id(address: str, withheld: set[str]) -> str | None:
    """Reading a withheld post, or asking for its like, is refused with 451 and the sentence."""
    for post in sorted(withheld):
        for path in (f"/v1/posts/{post}", f"/v1/posts/{post}/similar"):
            status, content = _get(address, f"{path}?country=RU")
            if status != 451 or decode_answer(content, Problem).detail != SENTENCE:
                return f"{path} answers {status}"
    return None


def _free(address: str, withheld: set[str]) -> str | None:
    """Where no rule withholds anything, every such post can be read: the others do not see it for the law alone."""
    unseen = [post for post in sorted(withheld) if _get(address, f"/v1/posts/{post}?country={FREE}")[0] != 200]
    return f"{len(unseen)} posts are missing" if unseen or not withheld else None


def _read_lines(world: World) -> Iterator[dict[str, Any]]:
    with world.truth_file.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _post(address: str, path: str, body: dict[str, Any]) -> tuple[int, bytes]:
    sent = json.dumps({name: value for name, value in body.items() if value is not None}).encode()
    request = urllib.request.Request(  # noqa: S310 - the address is our own
        address + path, sent, {"Content-Type": "application/json"}
    )
    return _answer(request)


def _get(address: str, path: str) -> tuple[int, bytes]:
    return _answer(urllib.request.Request(address + path))  # noqa: S310 - the address is our own


def _answer(request: urllib.request.Request) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 - the address is our own
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
