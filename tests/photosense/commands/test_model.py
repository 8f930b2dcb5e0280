"""`photosense model add-modality`, `remove-modality` and `classify`: a modality comes, is asked, and goes."""

import json
from pathlib import Path

import pytest

from tests.support.command import Command, in_a_process
from tests.support.crawl import SCENES, crawl
from tests.support.taught_home import write
from training.untaught import load_untaught, save_untaught, untaught_name

TOML = '[modalities]\nalbum = "attrs.album"\n'


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose posts have albums that nobody had declared when they came; the model knows none."""
    folder = tmp_path_factory.mktemp("taught")
    names = list(SCENES)
    posts = [{**line, "attrs": {"album": f"The {names[n % len(names)]}"}} for n, line in enumerate(crawl())]
    for step in (("ingest", write(folder / "posts.ndjson", *posts)), ("train", "--topics", "6", "--passes", "8")):
        result = in_a_process(*step, "--home", folder / "home", folder=folder, PHOTOSENSE_THREADS="1")
        assert result.code == 0, result.err
    return folder / "home"


def models(home: Path) -> dict[str, list[str]]:
    """What each model that is kept knows."""
    return {
        folder.name: list(json.loads((folder / "vocabulary.json").read_text("utf-8"))["tokens"])
        for folder in (home / "models").iterdir()
    }


def test_a_modality_comes_is_classified_into_and_goes(photosense: Command, home: Path) -> None:
    """Posts that came before it was declared teach it; classes are written as posts write them."""
    Path("photosense.toml").write_text(TOML, "utf-8")
    (before,) = models(home)
    save_untaught(home / "models" / before, ["p1"])  # by these models are compared: none of the three learned it
    added = photosense("model", "add-modality", "album", "--weight", "0")
    assert (added.code, "album (" in added.out) == (0, True), added
    grown = next(name for name, known in models(home).items() if "album" in known)
    assert load_untaught(home / "models" / grown) == {untaught_name("p1")}
    asked = photosense("classify", "album", "--text", "sea, waves, море", "--country", "IS")
    assert asked.code == 0, asked.err
    shares = [line.split("%") for line in asked.out.splitlines()]
    assert shares[0][1].strip() == "The sea"
    assert [float(share) for share, _ in shares] == sorted((float(share) for share, _ in shares), reverse=True)
    removed = photosense("model", "remove-modality", "album")
    assert (removed.code, "still" in removed.out) == (0, True), removed
    assert f"Model {before} is in force" in removed.out
    assert load_untaught(home / "models" / before) == {untaught_name("p1")}
    assert grown in models(home)  # which can be gone back to


@pytest.mark.usefixtures("home")
def test_what_cannot_be_is_a_sentence(photosense: Command) -> None:
    """What nobody declared, what the model has already, and what everything else is made of."""
    told = photosense("model", "add-modality", "album")
    assert (told.code, 'album = "attrs.album"' in told.err) == (2, True), told
    assert photosense("classify", "album", "--text", "sea").code == 2
    assert "no further modality" in photosense("model", "remove-modality", "text").err
    assert "--weights wants" in photosense("train", "--weights", "image").err
    assert "images" in photosense("train", "--weights", "images=2").err


def test_weights_reach_the_model(photosense: Command, home: Path) -> None:
    """As the setting of that name does, for one training; all anew learns what is declared, too."""
    Path("photosense.toml").write_text(TOML, "utf-8")
    done = photosense("train", "--topics", "6", "--passes", "2", "--weights", "image=0.5", "--weights", "album=2")
    assert done.code == 0, done.err
    (folder,) = (one for one in (home / "models").iterdir() if "album" in models(home)[one.name])
    weights = json.loads((folder / "model.json").read_text("utf-8"))["recipe"]["weights"]
    assert weights == {"text": 1.0, "tag": 1.0, "image": 0.5, "album": 2.0}
