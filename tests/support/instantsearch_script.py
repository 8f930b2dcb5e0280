"""The InstantSearch that is tried with: the script of its package, as browsers load it."""

import json
import tarfile
from pathlib import Path

from tests.support.npm_package import npm_package

PACKAGE = Path(__file__).parents[2] / "clients" / "instantsearch"


def instantsearch_script(folder: Path) -> str:
    """Fetch the package into a folder and give its script; skip the test where that cannot be."""
    tried = json.loads((PACKAGE / "package.json").read_text("utf-8"))["triedWith"]["instantsearch.js"]
    archive = npm_package("instantsearch.js", tried["version"], tried["integrity"], folder)
    with tarfile.open(archive) as packed:
        script = packed.extractfile("package/dist/instantsearch.production.min.js")
        assert script is not None
        return script.read().decode()
