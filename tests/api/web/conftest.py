"""A visitor of the page."""

from pathlib import Path

import pytest

from tests.support.photo_page import Visit, look


@pytest.fixture
def visit(tmp_path: Path) -> Visit:
    """Opens an address of the page on a service, and gives what the visitor sees after the steps."""
    return lambda service, target, steps="": look(service, target, tmp_path / "profile", steps)
