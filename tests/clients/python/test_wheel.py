"""What is installed at the host site: the package, its types, its licence, and httpx beside it."""

import shutil
import subprocess
import sys
from email import message_from_bytes
from pathlib import Path
from zipfile import ZipFile

from photosense_client.version import VERSION

ROOT = Path(__file__).parents[3]
SOURCE = ROOT / "clients" / "python"


def test_the_client_is_a_package_of_its_own(tmp_path: Path) -> None:
    """Its wheel holds its modules and nothing of the service, and wants httpx alone."""
    tree = tmp_path / "tree"
    shutil.copytree(SOURCE, tree, ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--no-index", "-w", tmp_path, tree], check=True, capture_output=True)
    wheel = ZipFile(tmp_path / f"photosense_client-{VERSION}-py3-none-any.whl")
    modules = {f"photosense_client/{file.name}" for file in (SOURCE / "photosense_client").glob("*.*")}
    assert {name for name in wheel.namelist() if ".dist-info/" not in name} == modules
    assert "photosense_client/py.typed" in modules
    metadata = message_from_bytes(wheel.read(f"photosense_client-{VERSION}.dist-info/METADATA"))
    assert metadata.get_all("Requires-Dist") == ["httpx<1,>=0.27"]
    licences = [name for name in wheel.namelist() if name.endswith("licenses/LICENSE")]
    assert [wheel.read(name) for name in licences] == [(ROOT / "LICENSE").read_bytes()]
