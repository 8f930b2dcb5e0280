"""The image is built for real, step by step, and what it starts answers; where a base and buildah are there."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BASE = os.environ.get("PHOTOSENSE_TEST_BASE", "")

pytestmark = pytest.mark.skipif(
    not (BASE and shutil.which("buildah")), reason="PHOTOSENSE_TEST_BASE names no image with Python, or no buildah"
)


def buildah(*words: str) -> str:
    """Run the builder without a daemon; what it says is shown where it fails."""
    done = subprocess.run(["buildah", *words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout.strip()


def test_every_step_of_the_image_runs_and_its_command_starts() -> None:
    """From an empty store of images to a container in which the product says its version, as nobody in particular."""
    tag = "localhost/photosense:test"
    buildah(
        "bud",
        "--build-arg",
        f"BASE={BASE}",
        "--isolation",
        "chroot",
        "--network",
        "host",
        "--format",
        "docker",
        "--tag",
        tag,
        ".",
    )
    container = buildah("from", tag)
    try:
        run = ("run", "--isolation", "chroot", "--network", "host", container, "--")
        assert buildah(*run, "photosense", "--version").startswith("photosense ")
        assert buildah(*run, "id", "-u") == "10001"
        assert "ps_" in buildah(*run, "photosense", "keys", "create", "backend")
        assert buildah(*run, "sh", "-c", "command -v pip || echo none") in ("none", "/usr/local/bin/pip")
    finally:
        buildah("rm", container)
