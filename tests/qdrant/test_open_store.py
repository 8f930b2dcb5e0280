"""Which engine answers: the embedded one, unless an address of a server is given."""

import sys
from pathlib import Path

import pytest

from qdrant.engine.about import About
from qdrant.errors import StoreDown
from qdrant.open_store import open_store
from tests.support.qdrant_stand_in import healthy, serving


@pytest.mark.parametrize("url", [None, ""], ids=["no address", "an empty address"])
def test_without_an_address_the_folder_is_opened(tmp_path: Path, url: str | None) -> None:
    """The embedded engine needs nothing but a folder."""
    store = open_store(tmp_path / "store", url, None)
    assert "embedded" in store.info().engine
    store.close()


def test_with_an_address_the_server_is_asked(tmp_path: Path) -> None:
    """The folder is not touched then."""
    with serving(healthy(About())) as server:
        store = open_store(tmp_path / "store", server.url, None)
        assert "server" in store.info().engine
        store.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "module", "package"),
    [
        (None, "qdrant.edge.engine", "qdrant-edge-py"),
        ("http://qdrant.example", "qdrant.server.engine", "qdrant-client"),
    ],
    ids=["embedded", "server"],
)
def test_a_missing_engine_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str | None, module: str, package: str
) -> None:
    """The sentence has the line that installs it."""
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(StoreDown, match=f"pip install {package}"):
        open_store(tmp_path / "store", url, None)
