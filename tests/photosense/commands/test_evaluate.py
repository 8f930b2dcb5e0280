"""`photosense evaluate`: what visitors get is what is measured, the law included, and the home stays as it is."""

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api.feedback.feedback_folder import FeedbackFolder, Reaction
from tests.support.command import Command, Result, in_a_process
from tests.support.crawl import crawl, encoded, photo, post
from tests.support.taught_home import teach, write

SCENES = ("sea", "mountains", "city")
GIRL = "a little girl in a boat, and the waves"


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder that learned from thirty posts, to be copied; one post in it is about a child."""
    held = post("held", "sea", photo=encoded("sea", 77), child=True)
    return teach(tmp_path_factory.mktemp("taught"), held)


def fresh(count: int = 12) -> list[dict[str, Any]]:
    """Posts that no model has seen, with photos that are files beside them."""
    scenes = [SCENES[number % 3] for number in range(count)]
    return [post(f"new{n}", scene, photo=f"photos/new{n}.png") for n, scene in enumerate(scenes)]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    (tmp_path / "photos").mkdir()
    for number in range(12):
        (tmp_path / "photos" / f"new{number}.png").write_bytes(photo(SCENES[number % 3], 200 + number))
    return write(tmp_path / "corpus.ndjson", *fresh())


def sentence(result: Result) -> str:
    assert result.code == 2, result
    assert "Traceback" not in result.err
    return result.err.removeprefix("error: ").strip()


def contents(home: Path) -> dict[str, str]:
    """What a home holds, but for the store's own files, which change when it is opened."""
    names = (name for name in sorted(home.iterdir()) if not name.name.startswith("store"))
    files = (file for name in names for file in (name, *sorted(name.rglob("*"))) if file.is_file())
    return {str(file.relative_to(home)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def run_of(file: Path) -> dict[str, dict[str, Any]]:
    run = json.loads(file.read_text("utf-8"))
    return {f"{outcome['task']} {outcome['mode']}".strip(): outcome for outcome in run["outcomes"]}


class TestQueries:
    def test_questions_are_asked_of_the_store(self, photosense: Command, home: Path, tmp_path: Path) -> None:
        """Text, photo and both find posts of their scene; ranks are those that a visitor sees."""
        (tmp_path / "q.png").write_bytes(photo("mountains", 99))
        peaks = [f"p{n:02d}" for n in range(1, 30, 3)]
        questions = write(
            tmp_path / "asked.ndjson",
            {"query": "кадр p07", "relevant": ["p07"]},
            {"query": "снежные вершины", "relevant": peaks},
            {"photo": "q.png", "relevant": peaks},
            {"query": "ночной город", "photo": "q.png", "relevant": ["p00"]},
        )
        result = photosense("evaluate", "queries", questions, "--json", "run.json", "--modes", "hybrid,words")
        assert result.code == 0, result.err
        run = run_of(Path("run.json"))
        ranks = [answer["ranks"] for answer in run["queries hybrid"]["answers"]]
        assert ranks[0] == [1]
        assert ranks[1][:3] == ranks[2][:3] == [1, 2, 3]
        printed = photosense("search", "снежные вершины", "--limit", "5").out
        assert re.findall(r"\bp\d\d\b(?= +[\d.]+ )", printed) == run["queries hybrid"]["answers"][1]["first"]
        assert run["queries words"]["answers"][2]["ranks"] == []  # a photo says no words
        assert run["queries hybrid"]["figures"]["r1"][0] == pytest.approx(0.75)
        assert run["queries hybrid"]["latency_ms"]["p50"] > 0
        assert "queries hybrid against words: 4 questions" in result.out

    def test_questions_come_from_visitors(self, photosense: Command, home: Path, tmp_path: Path) -> None:
        """What they voted for is asked of the store; without their words the site's own list of questions is read."""
        said = FeedbackFolder(home / "feedback", 2**20)
        votes = (("кадр p07", "p07", "good"), ("ночной город", "held", "good"), ("море", "p00", "bad"))
        for text, name, reaction in votes:
            said.keep(text, name, Reaction(reaction), 1, datetime.now(UTC))
        assert "feedback_text = true" in sentence(photosense("evaluate", "feedback", "asked.ndjson"))
        (tmp_path / "log.txt").write_text("Кадр  P07\nночной город\n\n", "utf-8")
        result = photosense("evaluate", "feedback", "asked.ndjson", "--questions", str(tmp_path / "log.txt"))
        assert (result.code, "1 questions of 3 reactions" in result.out) == (0, True), result
        assert json.loads(Path("asked.ndjson").read_text("utf-8")) == {"query": "Кадр  P07", "relevant": ["p07"]}
        assert photosense("evaluate", "queries", "asked.ndjson", "--json", "run.json").code == 0
        assert run_of(Path("run.json"))["queries"]["answers"][0]["ranks"] == [1]

    def test_the_law_holds_and_is_counted(self, photosense: Command, home: Path, tmp_path: Path) -> None:
        """A question that the gate refuses, posts that are withheld or absent: left out, counted, and said."""
        questions = write(
            tmp_path / "asked.ndjson",
            {"query": "волны у берега", "relevant": ["p00", "held", "nobody"]},
            {"query": GIRL, "relevant": ["p00"]},
            {"query": "кадр held", "relevant": ["held"]},
            {"query": "волны", "relevant": ["nobody"]},
            {"photo": "absent.png", "relevant": ["p00"]},
            {"query": "я" * 3000, "relevant": ["p00"]},
        )
        before = contents(home)
        result = photosense(
            "evaluate", "queries", questions, "--json", "run.json", "--country", "RU", "--html", "run.html"
        )
        assert result.code == 0, result.err
        outcome = run_of(Path("run.json"))["queries"]
        assert outcome["left_out"] == {
            "refused by the gate": 1,
            "about posts that this country withholds": 1,
            "about posts that are not in the store": 1,
            "a photo that cannot be read": 1,
            "no question that the service takes": 1,
        }
        for reason in outcome["left_out"]:
            assert f"1  left out: {reason}" in result.out
        (answer,) = outcome["answers"]
        assert answer["relevant"] == ["p00"]
        for written in (result.out, *(Path(name).read_text("utf-8") for name in ("run.json", "run.html"))):
            assert "held" not in re.sub(r"with ?held|withholds?", "", written)
            assert "girl" not in written
        assert contents(home) == before  # measuring is nobody's question: the audit records none of it

    def test_where_nothing_is_withheld_everything_counts(self, photosense: Command, home: Path, tmp_path: Path) -> None:
        """The same questions from a country without the rule are all asked."""
        questions = write(
            tmp_path / "asked.ndjson",
            {"query": GIRL, "relevant": ["p00"]},
            {"query": "кадр held", "relevant": ["held"]},
        )
        result = photosense("evaluate", "queries", questions, "--json", "run.json", "--country", "IS")
        assert result.code == 0, result.err
        outcome = run_of(Path("run.json"))["queries"]
        assert (len(outcome["answers"]), outcome["left_out"]) == (2, {})

    def test_nothing_to_measure_is_a_sentence(self, photosense: Command, home: Path, tmp_path: Path) -> None:
        """When every question is left out, the reasons are told and nothing is written."""
        questions = write(tmp_path / "asked.ndjson", {"query": "волны", "relevant": ["nobody"]})
        message = sentence(photosense("evaluate", "queries", questions, "--json", "run.json"))
        assert "No question of queries is left to measure with: 1 about posts that are not in the store." in message
        assert not Path("run.json").exists()

    def test_photos_stand_on_the_page(self, photosense: Command, home: Path, tmp_path: Path) -> None:
        """With a folder of photos named by the posts' ids, the page shows them; without, what is said of the post."""
        questions = write(tmp_path / "asked.ndjson", {"query": "снежные вершины", "relevant": ["p01"]})
        (tmp_path / "here").mkdir()
        for number in range(30):
            (tmp_path / "here" / f"p{number:02d}.png").write_bytes(photo(SCENES[number % 3], number))
        result = photosense("evaluate", "queries", questions, "--html", "with.html", "--photos", "here")
        assert result.code == 0, result.err
        assert Path("with.html").read_text("utf-8").count('<img src="data:image/jpeg;base64,') >= 4
        photosense("evaluate", "queries", questions, "--html", "without.html")
        page = Path("without.html").read_text("utf-8")
        assert "<img" not in page
        assert "Снежные вершины" in page


class TestPosts:
    def test_every_task_is_measured(self, photosense: Command, home: Path, corpus: Path, tmp_path: Path) -> None:
        """All that a corpus allows is measured, and the home untouched; what each third photo shows is no short one."""
        before = contents(home)
        result = photosense("evaluate", "posts", corpus, "--json", "run.json", "--html", "run.html")
        assert result.code == 0, result.err
        run = run_of(Path("run.json"))
        assert {name: len(outcome["answers"]) for name, outcome in run.items()} == {
            "cold": 24,
            "photo": 12,
            "annotate": 12,
            "warm": 12,
        }
        # A scene has four photos that no caption tells apart, so one of them is found first, and all are near.
        assert run["cold"]["figures"]["r5"][0] >= 0.9
        assert run["photo"]["figures"]["r1"][0] == 1
        assert run["annotate"]["figures"]["precision5"][0] > 0.5
        for answer in run["photo"]["answers"]:
            assert answer["post"] not in answer["first"]
        page = Path("run.html").read_text("utf-8")
        assert page.count("<section") == 4
        assert "note short is not measured. The task short asks with words that several photos were given" in result.out
        assert page.count('<img src="data:image/jpeg;base64,') > 20
        assert contents(home) == before
        assert "Not known here: new1" in photosense("search", "кадр new1", "--mode", "words").out

    def test_progress_is_shown_where_somebody_watches(self, home: Path, corpus: Path, tmp_path: Path) -> None:
        """In a terminal bars come one after the other, on stderr, and the figures are the same."""
        arguments = ("evaluate", "posts", corpus, "--tasks", "cold,warm", "--modes", "hybrid,words")
        watched = in_a_process(*arguments, folder=tmp_path, FORCE_COLOR="1", TERM="xterm")
        assert watched.code == 0, watched.err
        for says in ("indexed", "cold, hybrid", "warm, words"):
            assert says in watched.err
        assert "cold (per cent), 24 questions" in re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", watched.out)

    @pytest.mark.usefixtures("home")
    def test_a_run_that_is_stopped_leaves_nothing(self, corpus: Path, tmp_path: Path) -> None:
        """Ctrl-C ends it with a sentence; the temporary store is gone, and no file is half-written."""
        (tmp_path / "temporary").mkdir()
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PHOTOSENSE_")}
        with subprocess.Popen(
            [
                sys.executable,
                "-c",
                "from photosense.cli import main; main()",
                "evaluate",
                "posts",
                corpus,
                "--json",
                "r",
            ],
            cwd=tmp_path,
            env={**clean, "PYTHONPATH": str(Path(__file__).parents[3]), "TMPDIR": str(tmp_path / "temporary")},
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # as in a terminal
        ) as running:
            while running.poll() is None and not list(
                (tmp_path / "temporary").glob("photosense-evaluate-*/store/*.json")
            ):
                time.sleep(0.02)
            running.send_signal(signal.SIGINT)
            _, result = running.communicate(timeout=120)
        assert (running.returncode, "Measuring was stopped" in result) == (2, True), result
        assert list((tmp_path / "temporary").iterdir()) == []
        assert not (tmp_path / "r").exists()

    def test_modes_stand_side_by_side(self, photosense: Command, home: Path, corpus: Path) -> None:
        """Words alone find nothing among photos without any, and hybrid is called better; photos have no words."""
        result = photosense(
            "evaluate", "posts", corpus, "--tasks", "cold,photo", "--modes", "hybrid,words", "--json", "run.json"
        )
        assert result.code == 0, result.err
        run = run_of(Path("run.json"))
        assert set(run) == {"cold hybrid", "cold words", "photo hybrid"}
        assert run["cold words"]["figures"]["r10"][0] == 0
        assert run["cold words"]["figures"]["median_rank"] == [None, None, None]
        assert re.search(r"R@10 +0\.0 .*better", result.out)

    def test_withheld_photos_are_neither_asked_for_nor_shown(
        self, photosense: Command, home: Path, corpus: Path, tmp_path: Path
    ) -> None:
        """A post whose captions speak of a child stays withheld when its photo is indexed without them."""
        girl = post("kid", "sea", photo="photos/new0.png", captions=[{"text": GIRL}, {"text": "waves at sunset"}])
        write(corpus, *fresh()[1:], girl)
        options = ("--json", "run.json", "--html", "run.html", "--tasks", "cold,photo,annotate,warm")
        result = photosense("evaluate", "posts", corpus, *options)
        assert result.code == 0, result.err
        left = {name: outcome["left_out"] for name, outcome in run_of(Path("run.json")).items()}
        assert left["cold"] == {"about posts that this country withholds": 2}
        assert left["warm"] == left["annotate"] == {"about posts that this country withholds": 1}
        for file in ("run.json", "run.html"):
            assert not re.search(r"\bkid\b|girl", Path(file).read_text("utf-8"))
        allowed = ("--tasks", "cold", "--json", "run.json", "--country", "IS")
        assert photosense("evaluate", "posts", corpus, *allowed).code == 0
        assert run_of(Path("run.json"))["cold"]["left_out"] == {}

    def test_posts_that_the_model_may_know_are_told(self, photosense: Command, home: Path, tmp_path: Path) -> None:
        """Figures over posts of the store flatter, and a note says so; what was left out of the corpus as well."""
        file = write(tmp_path / "known.ndjson", *crawl(6), {"id": "bare", "text": "words and no photo"})
        result = photosense("evaluate", "posts", file, "--tasks", "cold")
        assert result.code == 0, result.err
        assert "note 6 of these posts are in the store: the model may have learned from them" in result.out
        assert "note Left out of the corpus: 1 no_photo." in result.out

    def test_a_split_chooses(self, photosense: Command, home: Path, corpus: Path, tmp_path: Path) -> None:
        """A file of ids chooses the posts; ids that are not there are told."""
        (tmp_path / "ids.txt").write_text("new0\nnew1\nnew2\nnew3\nelsewhere\n")
        result = photosense("evaluate", "posts", corpus, "--ids", "ids.txt", "--tasks", "cold")
        assert "4 posts" in result.out
        assert "note Left out of the corpus: 1 named, without a photo here." in result.out

    def test_photos_that_do_not_decode_are_turned_away(
        self, photosense: Command, home: Path, corpus: Path, tmp_path: Path
    ) -> None:
        """A broken photo costs its own questions and is told."""
        (tmp_path / "photos" / "new5.png").write_bytes(b"no photo")
        result = photosense("evaluate", "posts", corpus, "--tasks", "cold")
        assert result.code == 0, result.err
        assert "note Turned away when they were indexed: 1 photo_unsupported." in result.out
        assert "2  left out: about posts that are not in the store" in result.out


class TestCompare:
    def test_a_run_is_no_better_than_itself(self, photosense: Command, home: Path, corpus: Path) -> None:
        """Every figure of a repeated run is the same, and no difference is shown."""
        for name in ("one.json", "two.json"):
            options = ("--tasks", "cold,annotate", "--every", "2", "--most", "5", "--json", name)
            assert photosense("evaluate", "posts", corpus, *options).code == 0
        result = photosense("evaluate", "compare", "one.json", "two.json")
        assert result.code == 0
        assert result.out.count("no difference shown") == 8
        assert "cold: 10 questions" in result.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["queries", "absent.ndjson"], "absent.ndjson cannot be read"),
        (["posts", "absent.ndjson"], "absent.ndjson cannot be read"),
        (["posts", "corpus.ndjson", "--tasks", "cold,hot"], "give some of cold, short, warm, photo, annotate"),
        (["posts", "corpus.ndjson", "--tasks", ","], "give some of cold"),
        (["posts", "corpus.ndjson", "--modes", "best"], "give some of hybrid, topics, words"),
        (["posts", "corpus.ndjson", "--every", "2", "--ids", "ids.txt"], "Give either --ids or --every"),
        (["posts", "corpus.ndjson", "--ids", "none.txt"], "none.txt cannot be read"),
        (["posts", "corpus.ndjson", "--json", "no/such/run.json"], "run.json cannot be written: give a file"),
        (["posts", "corpus.ndjson", "--html", "photos"], "photos cannot be written: give a file"),
        (["posts", "corpus.ndjson", "--home", "new"], "There is no model yet"),
        (["posts", "single.ndjson", "--tasks", "warm"], "no photo here has captions by two people"),
        (["compare", "absent.json", "absent.json"], "absent.json cannot be read"),
        (["compare", "corpus.ndjson", "corpus.ndjson"], "corpus.ndjson is no run"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
@pytest.mark.usefixtures("home", "corpus")
def test_what_cannot_be_measured_is_a_sentence(
    arguments: list[str], says: str, photosense: Command, tmp_path: Path
) -> None:
    """Every mistake is told in a sentence with what to do."""
    write(tmp_path / "single.ndjson", *({**sent, "captions": sent["captions"][:1]} for sent in fresh()))
    assert says in sentence(photosense("evaluate", *arguments))
