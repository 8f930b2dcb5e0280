"""Addresses of renditions for pages: signed and short-lived, because an `<img>` sends no header of ours.

What is signed is whose law the address was made for, and within which filter, not that the post may be seen: that is
decided at the time.
"""

import hmac
import json
import logging
import secrets
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Final
from urllib.parse import quote, urlencode

from api.answers import PhotoLinks
from api.errors import AddressRefused
from api.visitor import Guest
from common.secret_file import secret_in
from compliance.country import Country
from ingest.photos.rendition_folder import RenditionFolder, shown_photo
from qdrant.points import StoredPoint
from vision.rendition import LARGE, SMALL

SECONDS: Final = (
    600  # an address is good for once to twice as long, and stays the same for as long: browsers keep photos
)
_log = logging.getLogger(__name__)


class PhotoAddresses:
    """Makes addresses of the photos that have renditions, and tells those that were made here from others."""

    def __init__(self, folder: RenditionFolder | None, now: Callable[[], datetime]) -> None:
        self._folder = folder
        self._now = now

    def of(self, point: StoredPoint, country: Country) -> PhotoLinks | None:
        """Addresses for a visitor of a country; None where the post has no renditions."""
        within = country.within if isinstance(country, Guest) else None
        return self._links(point, country.code or "", within or "", review=False)

    def for_review(self, point: StoredPoint) -> PhotoLinks | None:
        """Addresses for those who decide on a post, whatever the law says of it."""
        return self._links(point, "", "", review=True)

    def check(
        self, post: str, size: int, country: str, within: str, until: int, signature: str, *, review: bool
    ) -> None:
        """Refuse an address that was not made here, or that is over."""
        signed = self._signature(post, size, country, within, until, review)
        if not hmac.compare_digest(signed.encode(), signature.encode("utf-8", "surrogatepass")):
            raise AddressRefused("This address was not made by the service, or was changed: take it from a new answer.")
        if until <= self._now().timestamp():
            raise AddressRefused("This address is over: they are good for some minutes, take it from a new answer.")

    def _links(self, point: StoredPoint, country: str, within: str, *, review: bool) -> PhotoLinks | None:
        if self._folder is None or not self._folder.has(point.id, shown_photo(point)):
            return None
        until = (int(self._now().timestamp()) // SECONDS + 2) * SECONDS
        small, large = (self._address(point.id, size, country, within, until, review) for size in (SMALL, LARGE))
        return PhotoLinks(small, large)

    def _address(self, post: str, size: int, country: str, within: str, until: int, review: bool) -> str:
        named = {"country": country} if country else {}
        named |= {"within": within} if within else {}
        named |= {"review": "true"} if review else {}
        signature = self._signature(post, size, country, within, until, review)
        query = urlencode({"size": size, **named, "until": until, "signature": signature})
        return f"/v1/posts/{quote(post, safe='', errors='surrogatepass')}/photo?{query}"

    def _signature(self, post: str, size: int, country: str, within: str, until: int, review: bool) -> str:
        message = json.dumps([post, size, country, within, until, review]).encode()
        return hmac.digest(self._secret, message, "sha256").hex()[:40]

    @cached_property
    def _secret(self) -> bytes:
        """The secret of the home, beside the folder; where none can be kept, one of this process."""
        try:
            return secret_in(self._folder.path.with_suffix(".secret")) if self._folder else secrets.token_bytes(32)
        except OSError as error:
            _log.warning(
                "the secret of photos' addresses cannot be kept (%s): they end with the process", error.strerror
            )
            return secrets.token_bytes(32)
