"""What is installed: the wheel holds the rooms of the product with all their data, and nothing else."""

import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.test_architecture import PACKAGES

ROOT = Path(__file__).parent.parent
ROOMS = {package for package in PACKAGES if package != "demo"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    """Build it from a copy, so that the tree stays clean, with what is installed here."""
    folder = tmp_path_factory.mktemp("wheel")
    leave = shutil.ignore_patterns("__pycache__")
    for name in (*PACKAGES, "tests", "benchmarks"):
        shutil.copytree(ROOT / name, folder / "tree" / name, ignore=leave)
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, folder / "tree")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--no-index", "-w", folder, folder / "tree"], check=True, capture_output=True)
    [file] = folder.glob("*.whl")
    return ZipFile(file)


def files(wheel: ZipFile) -> set[str]:
    return {name for name in wheel.namelist() if ".dist-info/" not in name}


def test_the_rooms_are_installed_and_nothing_else(wheel: ZipFile) -> None:
    """Neither the demo nor tests nor benchmarks; what stands at the top of site-packages is named in the README."""
    assert {name.split("/")[0] for name in files(wheel)} == ROOMS
    section = (ROOT / "README.md").read_text("utf-8").split("## Install", 1)[1].split("\n## ", 1)[0]
    assert {room for room in ROOMS if f"`{room}`" not in section} == set()


def test_every_file_of_a_room_is_installed(wheel: ZipFile) -> None:
    """Pages, rules, lists of words and templates come along; each room says that it is typed."""
    sources = {
        str(file.relative_to(ROOT))
        for room in ROOMS
        for file in (ROOT / room).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert {f"{room}/py.typed" for room in ROOMS} <= sources
    assert files(wheel) == sources


def test_the_licence_comes_along(wheel: ZipFile) -> None:
    """So does the notice of what it stands on."""
    names = {Path(name).name for name in wheel.namelist() if ".dist-info/licenses/" in name}
    assert names == {"LICENSE", "NOTICE"}


def test_the_command_is_installed(wheel: ZipFile) -> None:
    """`photosense` is there once the wheel is."""
    [entry] = [name for name in wheel.namelist() if name.endswith(".dist-info/entry_points.txt")]
    assert "photosense = photosense.cli:main" in wheel.read(entry).decode()
