"""The command says in a sentence what it did or could not do; no mistake of a user ends in a traceback."""

import json
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from compliance.policy import SENTENCE
from photosense.house import Company, open_house
from photosense.settings import Settings
from photosense.work.training_work import one_training
from tests.support.command import Command, Result, in_a_process
from tests.support.crawl import crawl, photo, post
from tests.support.taught_home import teach, write

KID = post("kid", text="мальчик с воздушным змеем")


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder that the command itself filled and taught, to be copied."""
    return teach(tmp_path_factory.mktemp("taught"), KID, {"id": "empty"})


def test_the_command_starts_without_any_extra() -> None:
    """What is installed by `make demo` is all that the command and the service need to start."""
    extras = ["onnxruntime", "openvino", "tokenizers", "pyarrow", "ai_edge_litert", "onnx", "tensorflow"]
    extras += ["opentelemetry.sdk", "opentelemetry.exporter"]
    code = f"import sys; sys.modules |= dict.fromkeys({extras}); import photosense.cli, photosense.server, demo.run"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stderr


def test_a_command_waits_for_nothing_that_only_serving_or_training_needs() -> None:
    """Each takes a quarter of a second to load, and numba 60 MB, for which whoever asks for `status` would wait."""
    code = "import sys, photosense.cli; print(*{'fastapi', 'numba', 'scipy', 'sklearn'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def sentence(result: Result) -> str:
    """The one sentence of a refusal: exit code 2, nothing on stdout, no traceback."""
    assert result.code == 2, result
    assert result.out == ""
    assert result.err.startswith("error: "), result.err
    assert "Traceback" not in result.err
    return result.err.removeprefix("error: ").strip()


class TestAnswers:
    def test_ingest_counts_and_keeps_rejects(self, photosense: Command, tmp_path: Path) -> None:
        """Every line is accounted for, reasons are told, and rejects lie in the home folder."""
        result = photosense("ingest", write(tmp_path / "new.ndjson", *crawl(3), {"id": "empty"}), "--home", "here")
        assert result.code == 0
        assert "4 lines: 1 rejected, 3 stored." in result.out
        assert "1  empty" in result.out
        (letters,) = Path("here/rejected").glob("new-*.ndjson")
        assert str(letters) in result.out
        assert json.loads(letters.read_text())["id"] == "empty"

    def test_search_finds_by_words_and_by_photo(self, photosense: Command, home: Path, tmp_path: Path) -> None:
        """Text, photo or both find posts of the scene, with match and captions."""
        (tmp_path / "q.png").write_bytes(photo("mountains", 99))
        for question in (["снежные вершины"], ["--photo", "q.png"], ["trail", "--photo", "q.png"]):
            result = photosense("search", *question, "--limit", "3", "--mode", "topics", "--country", "DE")
            assert result.code == 0
            assert result.out.count("Снежные вершины") == 3

    def test_a_question_about_children_gets_the_sentence(self, photosense: Command, home: Path) -> None:
        """Nothing but the sentence is printed, for a country with a rule and for none."""
        for country in (["--country", "RU"], []):
            result = photosense("search", "мальчик", *country)
            assert (result.code, result.out.strip()) == (0, SENTENCE)

    def test_unknown_words_are_told(self, photosense: Command, home: Path) -> None:
        """Words that nobody used find nothing, and the answer says which."""
        result = photosense("search", "квантовый бозон")
        assert result.code == 0
        assert "Not known here: " in result.out
        assert "бозон" in result.out
        assert "None of these words is known here." in result.out

    def test_search_before_anything_is_stored(self, photosense: Command) -> None:
        """An empty store is an answer, not an error."""
        Path("new").mkdir()
        result = photosense("search", "море", "--home", "new")
        assert result.code == 0
        assert "There are no posts yet" in result.out

    def test_annotate_match_topics_and_status(self, photosense: Command, home: Path) -> None:
        """The other questions are answered from the same model."""
        assert "волна" in photosense("annotate", "--text", "закат над морем").out
        match = re.match(r"match (\d\.\d\d) ", photosense("match", "score", "закат над морем", "--post", "p00").out)
        assert match is not None
        assert 0.3 < float(match[1]) <= 1
        assert "волна" in photosense("topics").out
        result = photosense("status")
        (model,) = (home / "models").iterdir()
        assert "31 posts, qdrant-edge" in result.out
        assert model.name in result.out
        assert "calibrated on captions held aside" in result.out

    def test_captions_do_not_command_the_terminal(self, photosense: Command, tmp_path: Path) -> None:
        """Control characters, markup and emoji codes in captions are shown as harmless text."""
        text = "Закат \x1b]0;owned\x07 [bold]море[/] :wave: волны"
        photosense("ingest", write(tmp_path / "posts.ndjson", post("p\x1b[2J", text=text)))
        result = photosense("search", "закат", "--country", "DE")
        assert "[bold]море[/] :wave: волны" in " ".join(result.out.split())  # however wide the terminal is
        assert not re.search(r"[\x00-\x09\x0b-\x1f]", result.out)


class TestRefusals:
    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            pytest.param(
                ["ingest", "missing.ndjson"], "missing.ndjson cannot be read: No such file", id="missing file"
            ),
            pytest.param(["search"], "The query is empty: give a text, --photo FILE, or both.", id="no query"),
            pytest.param(["search", "  "], "The query is empty", id="blank query"),
            pytest.param(["annotate"], "The query is empty", id="nothing to annotate"),
            pytest.param(["search", "--photo", "missing.jpg"], "missing.jpg cannot be read", id="missing photo"),
            pytest.param(["search", "--photo", "."], "cannot be read: Is a directory", id="folder as photo"),
            pytest.param(["search", "--photo", "page.jpg"], "expected one of", id="photo that is none"),
            pytest.param(["annotate", "--photo", "page.jpg"], "expected one of", id="annotate no photo"),
            pytest.param(["match", "score", "море"], "Give either --photo FILE or --post ID", id="nothing to match"),
            pytest.param(["match", "score", "море", "--photo", "page.jpg"], "expected one of", id="match no photo"),
            pytest.param(
                ["match", "score", "море", "--post", "nobody"], "There is no post 'nobody'", id="unknown post"
            ),
            pytest.param(["match", "score", "море", "--post", "kid"], SENTENCE, id="withheld post"),
            pytest.param(["train", "--topics", "1"], "topics is 1 (from command line)", id="one topic"),
            pytest.param(
                ["train", "--topics", "2", "--background", "2"], "background is 2: give 0", id="only background"
            ),
            pytest.param(["train", "--home", "new"], "Train on more posts", id="nothing to learn from"),
            pytest.param(["serve", "--host", "0.0.0.0"], "without a key", id="exposed"),  # noqa: S104
            pytest.param(["serve", "--port", "70000"], "port is 70000 (from command line)", id="no port"),
            pytest.param(["topics", "--home", "page.jpg"], "page.jpg cannot be used", id="file as home"),
        ],
    )
    def test_a_mistake_is_a_sentence(
        self, photosense: Command, home: Path, tmp_path: Path, arguments: list[str], expected: str
    ) -> None:
        """What was given, what is expected, and exit code 2."""
        (tmp_path / "page.jpg").write_text("<!doctype html><title>404</title>")
        assert expected in sentence(photosense(*arguments))

    @pytest.mark.parametrize("command", ["serve", "search", "nonsense"])
    def test_a_wrong_option_is_refused(self, photosense: Command, command: str) -> None:
        """What the command does not know it refuses with its usage."""
        result = photosense(command, "--nonsense")
        assert result.code == 2
        assert "Usage: " in result.err

    @pytest.mark.parametrize("command", [["search", "море"], ["topics"], ["ingest", "p.ndjson"], ["status"]])
    def test_commands_of_one_home_work_side_by_side(self, photosense: Command, home: Path, command: list[str]) -> None:
        """While one process has the store open, another is answered by it."""
        write(Path("p.ndjson"), post("new"))
        with open_house(Settings(home=home)):
            assert photosense(*command).code == 0

    def test_one_command_learns_at_a_time(self, photosense: Command, home: Path) -> None:
        """Two would put their models in place one over the other; each says so, and changes nothing."""
        with one_training(Settings(home=home)):
            for words in (("train",), ("model", "rollback"), ("model", "publish", "any")):
                assert "learns or publishes a model" in sentence(photosense(*words))

    def test_what_goes_back_needs_what_was_before(self, photosense: Command, home: Path) -> None:
        """A home with one model, and a name that no model has: a sentence names those there are."""
        assert "No model of before is kept" in sentence(photosense("model", "rollback", "--home", home))
        assert "There is no model 'any'" in sentence(photosense("model", "publish", "any", "--home", home))

    def test_who_wants_the_store_alone_is_refused_beside_others(self, photosense: Command, home: Path) -> None:
        """The sentence names the process that has it."""
        with open_house(Settings(home=home), company=Company.ALONE):
            assert "is in use by process" in sentence(photosense("search", "море"))
            result = photosense("status")
        assert result.code == 0
        assert "is in use by process" in result.out

    def test_a_port_in_use_is_refused(self, photosense: Command, home: Path) -> None:
        """The sentence names the port; the store is let go."""
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            for _ in range(2):
                assert f"Port {port} on 127.0.0.1 is in use" in sentence(photosense("serve", "--port", port))

    @pytest.mark.parametrize(
        ("damage", "expected"),
        [
            pytest.param("photosense-data/store/store.json", "is no photosense store", id="store"),
            pytest.param("photosense-data/models/*/phi.npy", "is damaged", id="model"),
            pytest.param("rules.yaml", "rules.yaml at ", id="rules"),
            pytest.param("photosense.toml", "photosense.toml cannot be read", id="settings"),
        ],
    )
    def test_what_is_damaged_is_named(
        self,
        photosense: Command,
        home: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        damage: str,
        expected: str,
    ) -> None:
        """A damaged store, model, rules or settings file stops every command with its name."""
        if damage == "rules.yaml":
            monkeypatch.setenv("PHOTOSENSE_RULES", damage)
        file = next(tmp_path.glob(damage), tmp_path / damage)
        file.write_bytes(b"\x93{: [damaged")
        for command in (["search", "море"], ["status"], ["serve"]):
            ended = photosense(*command)
            assert ended.code == 2
            assert expected in ended.err
            assert "Traceback" not in ended.err

    def test_a_lost_model_is_learned_anew(self, photosense: Command, home: Path) -> None:
        """The way out that the sentence names works."""
        shutil.rmtree(home / "models")
        assert "photosense train --anew" in sentence(photosense("search", "море"))
        assert photosense("train", "--anew", "--topics", "6", "--passes", "3").code == 0
        assert "Закат" in photosense("search", "море", "--country", "DE").out

    def test_a_process_of_its_own_ends_the_same_way(self, tmp_path: Path) -> None:
        """Run from a shell, a mistake is one line on stderr and exit code 2."""
        result = sentence(in_a_process("search", folder=tmp_path))
        assert result == "The query is empty: give a text, --photo FILE, or both."


class TestTraining:
    def test_a_file_is_taken_in_and_learned_from(self, photosense: Command, tmp_path: Path) -> None:
        """`train FILE` stores the posts, learns, and says how many topics live and how good they are."""
        posts = write(tmp_path / "posts.ndjson", *crawl())
        result = photosense("train", posts, "--topics", "6", "--passes", "5", "--held-out", "4", "--home", "here")
        assert result.code == 0
        assert "30 stored." in result.out
        assert re.search(r"Model \w{12}: \d of 6 topics live, in force\.", result.out)
        assert "Perplexity on posts kept out of training: text " in result.out
        (model,) = Path("here/models").iterdir()
        assert {"model.json", "quality.json", "child_psi.npy"} <= {file.name for file in model.iterdir()}
        assert not Path("here/training").exists()

    def test_the_topics_become_a_page(self, photosense: Command, home: Path) -> None:
        """`topics --html` writes one file with the words of every topic, and none about children."""
        result = photosense("topics", "--html", "topics.html")
        assert result.code == 0
        assert "topics.html" in result.out
        page = Path("topics.html").read_text("utf-8")
        assert "волна" in page
        assert "мальчик" not in page

    def test_a_page_that_cannot_be_written_is_a_sentence(self, photosense: Command, home: Path) -> None:
        """A folder that does not exist is said, with what to give instead."""
        assert "Give a file in a writable folder" in sentence(photosense("topics", "--html", "nowhere/topics.html"))

    def test_settings_reach_the_model(self, photosense: Command, tmp_path: Path) -> None:
        """Modalities, weights and regularisers of photosense.toml are in the model that is trained."""
        Path("photosense.toml").write_text(
            """
            home = "here"
            topics = 4
            passes = 3
            children = 0
            [modalities]
            camera = "attrs.camera"
            [weights]
            image = 0.0
            [[regularisers]]
            kind = "decorrelate"
            tau = 10.0
            group = "subject"
            """,
            "utf-8",
        )
        posts = [{**line, "attrs": {"camera": f"x{number % 2}"}} for number, line in enumerate(crawl())]
        assert photosense("train", write(tmp_path / "posts.ndjson", *posts)).code == 0
        (model,) = Path("here/models").iterdir()
        about = json.loads((model / "model.json").read_text("utf-8"))
        words = json.loads((model / "vocabulary.json").read_text("utf-8"))["tokens"]
        assert about["recipe"]["regularisers"][0]["kind"] == "decorrelate"
        assert set(words["camera"]) == {"x0", "x1"}
        assert "image" not in words
