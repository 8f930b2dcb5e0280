"""A file that changed is named; the digest is the one that everybody's tools give."""

import json
from pathlib import Path

import pytest

from common.digest import check_seal, damaged_file, file_digest, sealed

DIGESTS = {
    "empty": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "abc": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of two files."""
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "abc").write_bytes(b"abc")
    return tmp_path


def test_digest_is_that_of_sha256sum(folder: Path) -> None:
    """Whoever doubts a file can check it by hand."""
    assert {name: file_digest(folder / name) for name in DIGESTS} == DIGESTS


def test_file_that_changed_is_named(folder: Path) -> None:
    """One letter is enough; while nothing changed there is none to name."""
    assert damaged_file(folder, DIGESTS) is None
    (folder / "abc").write_bytes(b"abd")
    assert damaged_file(folder, DIGESTS) == folder / "abc"


def test_file_that_is_gone_is_an_error(folder: Path) -> None:
    """It is not passed over."""
    (folder / "abc").unlink()
    with pytest.raises(FileNotFoundError):
        damaged_file(folder, DIGESTS)


def test_an_object_that_changed_is_told_by_its_seal() -> None:
    """A letter, a number, a field more or less; spelled otherwise in the file it is the same object."""
    content = sealed({"format": 1, "words": {"море": 0.5, "sea": 2.0}, "names": ("a", "b")})
    check_seal(json.loads(json.dumps(content, indent=2, ensure_ascii=False)))
    for change in ({"format": 2}, {"words": {"море": 0.5, "sea": 2.5}}, {"names": ["a"]}, {"more": None}):
        with pytest.raises(ValueError, match="its sum differs"):
            check_seal({**content, **change})
    assert sealed(content) == content
    check_seal({"of": "before there were seals"})
