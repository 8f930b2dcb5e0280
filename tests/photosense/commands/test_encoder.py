"""`photosense encoder`: what there is, what it sees, fitting it to posts; and the store takes what was fitted."""

import json
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photosense.house import open_house
from photosense.settings import Settings
from tests.support.command import Command
from tests.support.crawl import crawl, encoded, photo
from tests.support.tiny_network import write_encoder
from vision.make_encoder import make_encoder

COUNT = 60


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    """Posts of three scenes, beside one about a child, one without a photo, a broken photo and a broken line."""
    kid = {"id": "kid", "photo": encoded("sea", 500), "text": "мальчик у моря"}
    broken = {"id": "broken", "photo": "data:;base64,/9j/", "text": "a boat"}
    sent = [*crawl(COUNT), kid, {"id": "silent", "text": "a boat at sea"}, broken]
    file = tmp_path / "posts.ndjson"
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in sent) + "{\n", "utf-8")
    return file


def test_list_says_what_there_is(photosense: Command, posts: Path) -> None:
    """Names, extras that are missing, fitted folders, and what is in force."""
    result = photosense("encoder", "list")
    assert result.code == 0
    assert "patches" in result.out
    assert "In force: patches." in result.out
    assert photosense("encoder", "fit", posts).code == 0
    assert "photosense-data/encoders/fitted-" in photosense("encoder", "list").out


def test_show_says_the_words_of_a_photo(photosense: Command, tmp_path: Path) -> None:
    """The heaviest words of each kind, in words for people."""
    (tmp_path / "sea.png").write_bytes(photo("sea", 1))
    result = photosense("encoder", "show", tmp_path / "sea.png", "--words", "3")
    assert result.code == 0
    assert result.out.startswith("patches-2: words of patches 200.")
    assert result.out.count("blue") >= 1
    description = write_encoder(tmp_path, "classes", "channels")
    result = photosense("encoder", "show", tmp_path / "sea.png", "--encoder", description, "--encoder", "patches")
    assert "class: class " in result.out
    assert "channel: channel channel " in result.out
    assert "patches: " in result.out


def test_show_refuses_what_is_no_photo(photosense: Command, tmp_path: Path) -> None:
    """A missing file and a file that is no photo are sentences."""
    (tmp_path / "page.jpg").write_text("<html><body>404</body></html>")
    for name, says in (("gone.jpg", "cannot be read"), ("page.jpg", "the photo is HTML")):
        result = photosense("encoder", "show", tmp_path / name)
        assert result.code == 2
        assert says in result.err


class TestFit:
    def test_concepts_are_learned_used_and_said(self, photosense: Command, posts: Path, tmp_path: Path) -> None:
        """From fit to search: teachers are stored with out-of-fold concepts, and a new photo finds its scene."""
        result = photosense("encoder", "fit", posts, "--concepts")
        assert result.code == 0, result.err
        for reason in ("not_clear_of_children", "no_photo", "photo_broken", "broken_json"):
            assert f"1  {reason}" in result.out
        (folder,) = Path("photosense-data/encoders").iterdir()
        assert str(folder) in result.out
        Path("photosense.toml").write_text(f'encoder = "{folder}"\n')
        (tmp_path / "sea.png").write_bytes(photo("sea", 900))
        result = photosense("encoder", "show", tmp_path / "sea.png")
        assert "concept: " in result.out
        assert "waves" in result.out
        assert photosense("ingest", posts).code == 0
        encoder = make_encoder(str(folder))
        with open_house(Settings(encoder=(str(folder),))) as house:
            stored = {point.id: point.tokens("image") for point in house.store.scroll()}
            assert house.photos.encoder.id == encoder.id == folder.name
        for post in crawl(COUNT)[:5]:
            number = int(str(post["id"])[1:])
            pixels = np.asarray(Image.open(BytesIO(photo(["sea", "mountains", "city"][number % 3], number))))
            assert stored[post["id"]] == pytest.approx(encoder.encode([pixels])[0], abs=1e-2)
        assert photosense("train", "--topics", "6", "--passes", "5").code == 0
        result = photosense("search", "--photo", tmp_path / "sea.png", "--limit", "3", "--country", "DE")
        assert result.out.count("Закат над морем") == 3

    def test_words_of_children_are_not_learned(self, photosense: Command, posts: Path) -> None:
        """A word that only posts about children have is no concept."""
        assert photosense("encoder", "fit", posts, "--concepts", "--least-photos", "1").code == 0
        (folder,) = Path("photosense-data/encoders").iterdir()
        words = json.loads((folder / "encoder.json").read_text())["concepts"]["words"]
        assert "море" in words
        assert "мальчик" not in words

    def test_no_more_photos_are_read_than_asked_for(self, photosense: Command, posts: Path) -> None:
        """Of a large file the first so many photos teach, and the answer says how many did."""
        assert "from 60 photos." in photosense("encoder", "fit", posts).out
        result = photosense("encoder", "fit", posts, "--photos", "25")
        assert "from 25 photos." in result.out
        assert "photo_broken" not in result.out

    def test_a_network_is_fitted_to_posts(self, photosense: Command, posts: Path, tmp_path: Path) -> None:
        """A description with a codebook becomes a folder that sees without it."""
        description = write_encoder(tmp_path, "channels", "codebook")
        assert photosense("encoder", "fit", posts, "--encoder", description).code == 0
        (folder,) = Path("photosense-data/encoders").iterdir()
        for file in (description, tmp_path / "tiny.onnx"):
            file.unlink()
        (tmp_path / "sea.png").write_bytes(photo("sea", 900))
        assert "book: book pattern " in photosense("encoder", "show", tmp_path / "sea.png", "--encoder", folder).out

    def test_what_cannot_be_fitted_is_said(self, photosense: Command, posts: Path, tmp_path: Path) -> None:
        """No file, too few photos, words that nobody shares: a sentence each, beside what was left out."""
        result = photosense("encoder", "fit", tmp_path / "gone.ndjson")
        assert (result.code, "gone.ndjson cannot be read" in result.err) == (2, True)
        few = tmp_path / "few.ndjson"
        few.write_text("".join(posts.read_text("utf-8").splitlines(keepends=True)[:5]), "utf-8")
        result = photosense("encoder", "fit", few)
        assert (result.code, "There are 5 photos to learn from" in result.err) == (2, True)
        result = photosense("encoder", "fit", posts, "--concepts", "--least-photos", "500")
        assert (result.code, "ask for less with --least-photos" in result.err) == (2, True)
        assert "1  photo_broken" in result.out


@pytest.mark.skipif(find_spec("tensorflow") is not None, reason="tensorflow is installed")
def test_export_says_what_it_needs(photosense: Command) -> None:
    """Without the extra nothing is written, and the message has the line that installs it."""
    result = photosense("encoder", "export", "inception-v3")
    assert result.code == 2
    assert "pip install 'photosense[tensorflow]'" in result.err
    assert not Path("networks").exists()


def test_a_model_of_another_encoder_is_refused(photosense: Command, posts: Path) -> None:
    """Who changes the total weight of words changes the encoder, and is told before anything mixes."""
    assert photosense("ingest", posts).code == 0
    assert photosense("train", "--topics", "6", "--passes", "3").code == 0
    Path("photosense.toml").write_text("[encoder_totals]\npatches = 50\n")
    result = photosense("search", "море", "--country", "DE")
    assert result.code == 2
    assert "'patches-2', the settings name 'patches-2*50'" in result.err
