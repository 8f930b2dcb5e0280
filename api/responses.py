"""Answers as JSON: orjson, never cached by anybody but the visitor, because the law differs by country."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response

_HEADERS = {"Cache-Control": "private, no-store", "Vary": "Authorization"}


def answer(content: Mapping[str, Any], status: int = 200) -> Response:
    """Answer with JSON."""
    return Response(orjson.dumps(content), status, _HEADERS, media_type="application/json")
