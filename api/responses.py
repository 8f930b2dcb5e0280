"""Answers as JSON, never cached by anybody but the visitor, because the law differs by country."""

import msgspec
from starlette.responses import Response

NEVER_CACHED = {"Cache-Control": "private, no-store", "Vary": "Authorization"}


def answer(content: msgspec.Struct, status: int = 200) -> Response:
    """Answer with JSON."""
    return Response(msgspec.json.encode(content), status, NEVER_CACHED, media_type="application/json")
