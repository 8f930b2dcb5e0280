"""Identifiers are neither names nor links."""

import pytest

from compliance.records.identifier import NOT_SHOWN, identifier, public_identifier


@pytest.mark.parametrize("written", ["m1", "moderator-7", "form_4711", "consent-ended", "2024.09.14-3", "a" * 100])
def test_identifiers_are_taken_and_shown(written: str) -> None:
    """As they are."""
    assert identifier(written) == public_identifier(written) == written


@pytest.mark.parametrize(
    "written",
    [
        "Anna Ivanova",
        "Анна",
        "https://a.example/p",
        "a/b",
        "anna@a.example",
        "a" * 101,
        "",
        "-a",
        "m1\n",
        "<b>",
        "=1+1",
    ],
)
def test_names_and_links_are_refused_with_what_is_expected(written: str) -> None:
    """And not shown where they were recorded before."""
    with pytest.raises(ValueError, match="no name and no link"):
        identifier(written)
    assert public_identifier(written) == (NOT_SHOWN if written else "")
