"""Whose page asks: browsers say so, and programs that are none say nothing."""

from typing import Final

from starlette.requests import HTTPConnection, Request

_OURS: Final = ("same-origin", "none")  # none: the visitor himself, by the address bar or a bookmark
_DECLARED: Final = ("application/json", "application/x-ndjson")  # a foreign page has to ask first whether it may


def is_foreign(request: HTTPConnection) -> bool:
    """Whether a page of another origin asks; where the browser does not say, its origin is compared with the host."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in _OURS:
        return True
    origin = request.headers.get("origin")
    if origin is None or site is not None:
        return False
    scheme, _, authority = origin.partition("://")
    return scheme not in ("http", "https") or authority.lower() != request.headers.get("host", "").lower()


def could_be_a_form(request: Request) -> bool:
    """Whether any page could have a browser send this without asking: a POST, unless of a media type of programs."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return request.method == "POST" and media not in _DECLARED
