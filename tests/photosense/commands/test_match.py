"""`photosense match`: a match is learned from judgements, answers from then on, and says how far to trust it."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from photosense.house import open_house
from photosense.settings import Settings
from tests.support.command import Command, in_this_process
from tests.support.crawl import SCENES, crawl, encoded, photo

CAPTIONS = {scene: words[1] for scene, words in SCENES.items()}


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a topic model in its home, judged posts, and what three people said of them."""
    folder = tmp_path_factory.mktemp("taught")
    (folder / "posts.ndjson").write_text("".join(json.dumps(post) + "\n" for post in crawl(60)))
    judged, judgements, captions = [], [], []
    for number in range(36):
        scene = list(SCENES)[number % 3]
        judged.append({"id": f"j{number}", "photo": encoded(scene, 500 + number), "text": "a picture of the holidays"})
        for of, text in CAPTIONS.items():
            score = 4 if of == scene else 1
            judgements.append(f"j{number}\t{of}#0\t{score}\t{score}\t{max(1, score - number % 2)}\n")
            captions.append(f"{of}#0\t{text}\n")
    (folder / "judged.ndjson").write_text("".join(json.dumps(post) + "\n" for post in judged))
    (folder / "expert.tsv").write_text("".join([*judgements, "j1\tsea#0\tfine\n", "moon\tsea#0\t1\t1\t1\n"]))
    (folder / "captions.tsv").write_text("".join(captions))
    steps: Sequence[Sequence[str]] = (
        ("train", "posts.ndjson", "--topics", "6", "--passes", "8"),
        ("match", "train", "expert.tsv", "--posts", "judged.ndjson", "--captions", "captions.tsv"),
    )
    for step in steps:
        ended = in_this_process(*step, "--home", "home", folder=folder, PHOTOSENSE_THREADS="1")
        assert ended.code == 0, ended.err
        (folder / f"{step[0]}.out").write_text(ended.out)
    return folder


def score(photosense: Command, taught: Path, text: str, *photo: str) -> tuple[float, str]:
    result = photosense("match", "score", text, *photo, "--home", taught / "home", "--country", "DE")
    assert result.code == 0, result.err
    match = re.match(r"match (\d\.\d\d) \((.*)\)", result.out)
    assert match is not None, result.out
    return float(match[1]), match[2]


def test_training_says_how_far_people_agree_and_how_good_each_learner_is(taught: Path) -> None:
    """Agreement, what was left out and why, and a table of learners for each kind of post."""
    result = (taught / "match.out").read_text()
    assert "Experts judged 109 pairs: Krippendorff's alpha 0.9" in result
    assert "1  wrong_line: not learned from" in result
    assert "1  no_such_photo: not learned from" in result
    assert "A photo alone: 108 pairs of 36 photos, 36 fit" in result
    assert "A post with captions: 108 pairs of 36 photos, 36 fit" in result
    for learner in ("linear", "vectors", "logistic", "network", "shared mass"):
        assert len(re.findall(rf"^{learner}, ", result, re.M)) >= 2


def test_a_trained_match_answers_from_then_on(photosense: Command, taught: Path, tmp_path: Path) -> None:
    """What fits is likely, what does not is not, noise is nothing; the method is named."""
    (tmp_path / "sea.png").write_bytes(photo("sea", 999))
    option = ("--photo", str(tmp_path / "sea.png"))
    fits, method = score(photosense, taught, CAPTIONS["sea"], *option)
    assert method == "trained: good"
    assert fits > 0.8
    assert score(photosense, taught, CAPTIONS["city"], *option)[0] < 0.2
    for noise in ("asdf qwerty zxcv", "waves asdf qwerty zxcv pqrs"):
        assert score(photosense, taught, noise, *option)[0] <= 0.1
    of_post, method = score(photosense, taught, CAPTIONS["sea"], "--post", "p00")
    assert (of_post > 0.5, method) == (True, "calibrated: good")  # as its hit in a search


def test_the_page_draws_what_was_said_against_what_came_true(taught: Path) -> None:
    """It lies in the model folder, needs no network, and shows every trial of every kind."""
    (page,) = (taught / "home" / "models").glob("*/match.html")
    drawn = page.read_text("utf-8")
    assert drawn.count("<svg") == drawn.count("<h2>") == 2
    assert drawn.count("<polyline") == 2
    assert drawn.count("shared mass") == 2
    assert "http" not in drawn


def test_the_model_folder_is_whole_with_it(photosense: Command, taught: Path) -> None:
    """The service opens it, hits keep their odds, and `status` says that it is there."""
    assert re.search(r"match +calibrated.*trained by people", photosense("status", "--home", taught / "home").out)
    from api.search.question import Question
    from compliance.country import Country

    with open_house(Settings(home=taught / "home")) as house:
        assert house.models.matcher is not None
        service = house.service()
        answer = service.search(Question(text=CAPTIONS["sea"], limit=100), Country("DE", "site"))
        assert answer.fit == answer.posts[0].fit == "good"
        nothing = service.match("квантовый бозон", None, "p00", Country("DE", "site"))
        assert (nothing.fit, nothing.method, nothing.why) == ("none", "calibrated", ())
        assert (nothing.match or 1) <= 0.1
        assert "known" in (nothing.notice or "")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(("few.tsv", "--posts", "judged.ndjson"), "at least 20 of each are needed", id="too few"),
        pytest.param(("none.tsv", "--posts", "judged.ndjson"), "none.tsv cannot be read", id="no file"),
        pytest.param(("judged.ndjson", "--posts", "judged.ndjson"), "holds no judgement", id="no judgements"),
        pytest.param(("few.tsv", "--posts", "none.ndjson"), "none.ndjson cannot be read", id="no posts"),
        pytest.param(
            ("few.tsv", "--posts", "judged.ndjson", "--captions", "few.tsv"), "holds no caption", id="no captions"
        ),
        pytest.param(("few.tsv", "--posts", "judged.ndjson", "--home", "new"), "no topic model yet", id="no model"),
    ],
)
def test_what_cannot_be_learned_is_said(
    photosense: Command, taught: Path, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    """A sentence and exit code 2, and what was learned before stays in force."""
    (tmp_path / "few.tsv").write_text("j1\tj1#0\t1\t1\t1\nj2\tj2#0\t4\t4\t4\n")
    (tmp_path / "judged.ndjson").write_text((taught / "judged.ndjson").read_text())
    home = () if "--home" in arguments else ("--home", str(taught / "home"))
    before = sorted(file.name for file in (taught / "home" / "models").glob("*/match-*.json"))
    result = photosense("match", "train", *arguments, *home)
    assert result.code == 2
    assert says in result.err
    assert "Traceback" not in result.err
    assert sorted(file.name for file in (taught / "home" / "models").glob("*/match-*.json")) == before
