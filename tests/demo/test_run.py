"""The demo makes what is missing, once, in a folder of its own, and then tries itself out."""

import json
from pathlib import Path

import pytest

from demo.run import FEWEST, make_app, prepare, run_demo
from photosense.house import open_house
from photosense.settings import Settings
from qdrant.errors import StoreBusy
from tests.support.command import in_a_process
from tests.support.folders import copy_home
from tests.support.http_client import client_from

POSTS = 40


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with a small demo in it, to be copied."""
    home = tmp_path_factory.mktemp("drawn") / "home"
    prepare(settings_of(home), POSTS)
    return home


@pytest.fixture
def settings(drawn: Path, tmp_path: Path) -> Settings:
    copy_home(drawn, tmp_path / "home")
    return settings_of(tmp_path / "home")


def settings_of(home: Path, **changes: object) -> Settings:
    return Settings(home=home, passes=2, threads=1, **changes)


def changed(folder: Path) -> dict[str, int]:
    """When each file was last written, by its path; locks are for whoever opens the store."""
    files = (file for file in folder.rglob("*") if file.is_file() and file.suffix != ".lock")
    return {str(file.relative_to(folder)): file.stat().st_mtime_ns for file in files}


def texts(home: Path) -> dict[str, list[str]]:
    """The captions that the demo's world has, by post; broken lines left out."""
    known = [json.loads(line)["id"] for line in (home / "demo/world/truth.ndjson").read_text().splitlines()]
    captions = {}
    for line in (home / "demo/world/posts.ndjson").read_text("utf-8").splitlines():
        if line.endswith("}") and (sent := json.loads(line)).get("id") in known:
            captions[sent["id"]] = [caption["text"] for caption in sent["captions"]]
    return captions


class TestPrepare:
    def test_the_demo_lies_in_a_folder_of_its_own(self, settings: Settings) -> None:
        """World, store and model are made below the home folder, and nothing else is touched."""
        assert [file.name for file in settings.home.iterdir()] == ["demo"]
        ready = prepare(settings, POSTS)
        assert ready.home == settings.home / "demo"
        with open_house(ready) as house:
            assert house.store.count() == POSTS - 10  # eight broken lines, a duplicate and an advertisement
            assert house.models.topics is not None

    def test_a_second_start_makes_nothing_again(self, settings: Settings) -> None:
        """World, store and model are as they were: not one file is written."""
        before = changed(settings.home)
        prepare(settings, POSTS)
        assert changed(settings.home) == before

    def test_a_cut_note_is_made_again(self, settings: Settings) -> None:
        """A start that was killed is taken up again; what was drawn stays."""
        (settings.home / "demo" / "ready.json").write_text('{"posts": 4')
        before = changed(settings.home / "demo" / "world")
        with open_house(prepare(settings, POSTS)) as house:
            assert house.store.count() == POSTS - 10
        assert changed(settings.home / "demo" / "world") == before

    def test_another_size_is_another_world(self, settings: Settings) -> None:
        """Posts of the earlier world, which have the same ids, do not stay in the store."""
        with open_house(prepare(settings, POSTS - 10)) as house:
            stored = {
                point.id: [caption["text"] for caption in point.post["captions"]] for point in house.store.scroll()
            }
        sent = texts(settings.home)
        assert stored == {name: sent[name] for name in stored}
        assert 10 < len(stored) < POSTS - 10

    def test_the_site_itself_stays_out_of_it(self, settings: Settings) -> None:
        """The server and the key that the site has set are not the demo's."""
        (settings.home / "demo" / "ready.json").unlink()
        ready = prepare(settings_of(settings.home, qdrant_url="http://127.0.0.1:1", api_key="s3cret"), POSTS)
        assert (ready.qdrant_url, ready.api_key) == (None, None)


class TestRunDemo:
    @pytest.mark.parametrize("posts", [POSTS, POSTS + 5], ids=["same size", "other size"])
    def test_a_second_demo_of_the_same_folder_is_refused(self, settings: Settings, posts: int) -> None:
        """While one serves, another is told so, and does not draw over the photos that are served."""
        before = changed(settings.home / "demo" / "world")
        with open_house(prepare(settings, POSTS)), pytest.raises(StoreBusy, match="is in use by process"):
            run_demo(settings, posts=posts, once=True)
        assert changed(settings.home / "demo" / "world") == before

    def test_wrong_answers_are_counted(self, settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
        """A world too small to learn from fails the tries, says which, and keeps the law all the same."""
        assert run_demo(settings, posts=POSTS, once=True) == 1
        err = capsys.readouterr().err
        assert " of the first 5 fit: " in err
        assert " wrong" in err
        lawful = [line for line in err.splitlines() if line.startswith(("child,", "withheld", "the free country"))]
        assert len(lawful) == 5
        assert all(line.endswith(" ok") for line in lawful)

    def test_the_command_works_from_nothing(self, tmp_path: Path) -> None:
        """Started in an empty folder it draws, takes in, learns, tries and ends well; again, it draws nothing."""
        command = ("--once", "--posts", str(FEWEST), "--side", "160", "--home", "home")
        first = in_a_process(
            *command, folder=tmp_path, module="demo", PHOTOSENSE_THREADS="2", PHOTOSENSE_API_KEY="s3cret"
        )
        assert first.code == 0, first.err
        assert f"{FEWEST} lines: " in first.err
        assert "all as expected" in first.err
        before = changed(tmp_path / "home" / "demo" / "world")
        again = in_a_process(*command, folder=tmp_path, module="demo")
        assert again.code == 0, again.err
        assert "lines: " not in again.err
        assert changed(tmp_path / "home" / "demo" / "world") == before

    def test_the_pretend_host_site_stands_beside_the_service(self, settings: Settings) -> None:
        """The demo mounts the photos of its world and no other file; the page is offered examples of them."""
        ready = prepare(settings, POSTS)
        world = ready.home / "world"
        with open_house(ready) as house, client_from(make_app(house, world / "photos")) as client:
            examples = client.get("/v1/status").json()["welcome"]["examples"]
            photos = [example["photo"] for example in examples if example["photo"]]
            assert photos
            assert all(client.get(photo).content.startswith(b"\xff\xd8") for photo in photos)
            assert client.get("/host/photos/..%2Ftruth.ndjson").status_code == 404

    def test_no_advertisement_stands_on_the_first_page(self, settings: Settings) -> None:
        """Where nothing is asked the newest posts are shown: nearly all there are, and no advertisement."""
        ready = prepare(settings, POSTS)
        truth = [json.loads(line) for line in (ready.home / "world/truth.ndjson").read_text().splitlines()]
        adverts = {post["id"] for post in truth if post["kind"] == "advertisement"}
        with open_house(ready) as house, client_from(make_app(house, ready.home / "world/photos")) as client:
            shown = client.post("/v1/search", json={"limit": 100, "country": "IS"}).json()["hits"]
            first = client.post("/v1/search", json={"limit": 40}).json()["hits"]
        assert adverts
        assert len(shown) == POSTS - 10, "the free country sees all that was taken in"
        assert not adverts & {hit.get("id") for hit in [*shown, *first]}

    def test_a_folder_that_cannot_be_used_is_a_sentence(self, tmp_path: Path) -> None:
        """A file given as the home is said to be one, with exit code 2."""
        (tmp_path / "page.jpg").write_text("<!doctype html><title>404</title>")
        outcome = in_a_process("--home", "page.jpg", folder=tmp_path, module="demo")
        assert outcome.code == 2
        assert "The demo cannot be made in page.jpg" in outcome.err
