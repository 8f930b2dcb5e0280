"""Packages of npm that a test tries ours with: fetched when it runs, and only the bytes that were looked at before."""

import base64
import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest

NPM = shutil.which("npm")


def npm_package(name: str, version: str, integrity: str, folder: Path) -> Path:
    """Fetch a package into a folder and give its archive; where npm or a registry is not there, the test is skipped."""
    if NPM is None:
        pytest.skip(f"NO NPM: {name} is not there to be tried with")
    command = [NPM, "pack", f"{name}@{version}", "--json", "--prefer-offline", "--pack-destination", folder]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    if ran.returncode:
        pytest.skip(f"NO REGISTRY: npm cannot fetch {name} to be tried with: {ran.stderr[:300]}")
    archive = folder / json.loads(ran.stdout)[0]["filename"]
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    assert f"sha512-{digest}" == integrity, f"{name} {version} is not what it was"
    return archive
