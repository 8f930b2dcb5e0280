"""A visitor of the page, and one browser for all tests of the desk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.browser import Browser, browser
from tests.support.photo_page import Visit, look


@pytest.fixture
def visit(tmp_path: Path) -> Visit:
    """Opens an address of the page on a service, and gives what the visitor sees after the steps."""
    return lambda service, target, steps="": look(service, target, tmp_path / "profile", steps)


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Each page that it opens has a profile of its own."""
    with browser(tmp_path_factory.mktemp("browser") / "profile") as opened:
        yield opened
