"""Addresses, headers and parameters are written so that the service reads what was meant."""

import pytest

from photosense_client.exchange import base_of, headers_of, post_address, query_of


@pytest.mark.parametrize("url", ["https://a.example", "https://a.example/", "https://a.example/search/"])
def test_an_address_may_end_on_a_slash_or_not(url: str) -> None:
    """Paths are appended to it, below a prefix as well."""
    assert base_of(url) == url.rstrip("/") + "/"


@pytest.mark.parametrize("url", ["", "a.example", "ftp://a.example", "https://", "https://a.example/?x=1"])
def test_what_is_no_address_is_told(url: str) -> None:
    """At once, and not by the first request."""
    with pytest.raises(ValueError, match="address"):
        base_of(url)


def test_a_key_with_a_line_break_is_told_without_showing_it() -> None:
    """Keys come from files and environments, and a log is no place for them."""
    assert headers_of("ps_1")["Authorization"] == "Bearer ps_1"
    with pytest.raises(ValueError, match="line break") as raised:
        headers_of("ps_1\nX-Evil: 1")
    assert "ps_1" not in str(raised.value)


def test_dots_are_no_steps_in_the_path() -> None:
    """An id of dots names a post."""
    assert [post_address(name) for name in (".", "..", "a/b", "...")] == [
        "v1/posts/%2E", "v1/posts/%2E%2E", "v1/posts/a%2Fb", "v1/posts/...",
    ]  # fmt: skip


def test_lists_and_filters_stand_in_an_address() -> None:
    """A list says the name again, a filter is JSON, what is not given is left out."""
    query = query_of(
        {"fields": ["tags", "attrs.n"], "filter": {"field": "tags"}, "limit": 5, "unseen": True, "sort": None}
    )
    assert query.multi_items() == [
        ("fields", "tags"), ("fields", "attrs.n"), ("filter", '{"field": "tags"}'), ("limit", "5"), ("unseen", "true"),
    ]  # fmt: skip
