"""Commands that ask: in words or as JSON, of a home or of a service that runs, and without leaving anything behind."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.answers import AnnotateAnswer, SearchAnswer, TopicsAnswer, decode_answer
from compliance.policy import SENTENCE
from tests.support.command import Command, Result
from tests.support.crawl import crawl, photo, post
from tests.support.live_service import SITE_KEY, live_service
from tests.support.taught_home import teach, write


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder that the command itself filled and taught, to be copied."""
    return teach(tmp_path_factory.mktemp("taught"))


@pytest.fixture(scope="module")
def server(taught: Path) -> Iterator[str]:
    with live_service(taught) as url:
        yield url


def plain(result: Result) -> Any:
    """What was printed as JSON; remarks for people stand beside it."""
    assert result.code == 0, result
    return json.loads(result.out)


def refused(result: Result) -> str:
    assert (result.code, result.out) == (2, ""), result
    assert "Traceback" not in result.err
    return result.err


@pytest.mark.usefixtures("home")
def test_answers_come_as_json(photosense: Command) -> None:
    """The same types as over HTTP, and nothing beside them; a refused question has its sentence."""
    result = photosense("search", "закат над морем", "--country", "DE", "--json", "--limit", "2")
    found = decode_answer(result.out.encode(), SearchAnswer)
    assert (result.err, len(found.posts), found.country.code) == ("", 2, "DE")
    assert plain(photosense("search", "мальчик", "--country", "RU", "--json"))["disclaimer"] == SENTENCE
    assert decode_answer(photosense("annotate", "--text", "закат", "--json").out.encode(), AnnotateAnswer).keywords
    listed = decode_answer(photosense("topics", "--json").out.encode(), TopicsAnswer)
    assert listed.topics
    status = plain(photosense("status", "--json"))
    assert status["home"]["posts"] == 30
    assert status["home"]["model"] == listed.model
    assert status["settings"]["home"] == {"value": "photosense-data", "from": "default"}


def test_keys_stay_hidden_in_json(photosense: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A status that is sent to somebody tells no secret."""
    monkeypatch.setenv("PHOTOSENSE_API_KEY", "very-secret")
    result = photosense("status", "--json")
    assert "very-secret" not in result.out
    assert plain(result)["settings"]["api_key"] == {"value": "(set)", "from": "environment"}
    assert plain(result)["home"] is None


def test_an_ingest_reports_as_json(photosense: Command, tmp_path: Path) -> None:
    """Counts by status and reason, and where the rejected lines are kept."""
    report = plain(photosense("ingest", write(tmp_path / "new.ndjson", *crawl(2), {"id": "empty"}), "--json"))
    assert (report["lines"], report["statuses"]) == (3, {"stored": 2, "rejected": 1})
    assert report["reasons"] == {"empty": 1}
    assert Path(report["rejected_lines"]).is_file()


@pytest.mark.parametrize("words", [("search", "море"), ("annotate", "--text", "море"), ("topics",)])
def test_a_mistyped_home_is_not_made(photosense: Command, tmp_path: Path, words: tuple[str, ...]) -> None:
    """The sentence says that it is not there; the folder stays as it was."""
    assert "There is no home at nowhere: correct --home" in refused(photosense(*words, "--home", "nowhere"))
    assert photosense("status", "--home", "nowhere").code == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [("annotate", "--text", "море"), ("topics",), ("topics", "--html", "t.html")])
def test_without_a_model_the_exit_code_says_so(photosense: Command, tmp_path: Path, words: tuple[str, ...]) -> None:
    """A script that wants topics, or words from them, must not go on as if there were some."""
    photosense("ingest", write(tmp_path / "posts.ndjson", post("p1")))
    assert "There is no model yet: run `photosense train`." in refused(photosense(*words))


def test_a_service_that_runs_is_asked(
    photosense: Command, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its address, with a key from the environment; no home is opened, or made."""
    monkeypatch.setenv("PHOTOSENSE_KEY", SITE_KEY)
    (tmp_path / "q.png").write_bytes(photo("mountains", 99))
    for question in (["снежные вершины"], ["--photo", "q.png"]):
        result = photosense("search", *question, "--country", "DE", "--limit", "3", "--server", server)
        assert result.out.count("Снежные вершины") == 3
    wanted = '{"field": "tags", "equals": "nothing"}'
    assert "No post" in refused(
        photosense("search", "море", "--filter", '{"field": "attrs.x", "equals": 1}', "--server", server)
    )
    assert plain(photosense("search", "море", "--filter", wanted, "--server", server, "--json"))["hits"] == []
    assert "волна" in photosense("annotate", "--text", "закат над морем", "--server", server).out
    assert "волна" in photosense("topics", "--server", server).out
    assert "30 posts, qdrant-edge" in photosense("status", "--server", server).out
    assert plain(photosense("status", "--server", server, "--json"))["posts"] == 30
    assert [file.name for file in tmp_path.iterdir()] == ["q.png"]


def test_what_waits_for_a_moderator_is_listed(photosense: Command, tmp_path: Path, server: str) -> None:
    """With why it waits, also for programs; over HTTP it wants a key."""
    photosense("ingest", write(tmp_path / "posts.ndjson", post("wait", text="a kid beside the boats", child=False)))
    result = photosense("review")
    assert "1 wait: in 1 something was found" in result.out
    assert "a kid beside the boats" in result.out
    assert [one["id"] for one in plain(photosense("review", "--json"))["posts"]] == ["wait"]
    assert "0 wait" in photosense("review", "--server", server, "--key", SITE_KEY).out
    assert "key" in refused(photosense("review", "--server", server))


def test_completion_is_offered(photosense: Command) -> None:
    """The shell learns the commands and options by heart."""
    assert "--install-completion" in photosense("--help").out
