"""Who decides, and which record a consent has, are written down as identifiers: no name and no link may stand there."""

import re
from typing import Final

NOT_SHOWN: Final = "(not shown)"
_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def identifier(written: str) -> str:
    """The identifier that is written, or a ValueError that says what one is."""
    if not _IDENTIFIER.fullmatch(written):
        raise ValueError(
            "an identifier of your records is expected, no name and no link: up to 100 Latin letters, digits, "
            "dots, dashes and underscores, such as moderator-7 or form-4711"
        )
    return written


def public_identifier(written: str) -> str:
    """What may be shown of something that was recorded before identifiers were asked for."""
    return written if not written or _IDENTIFIER.fullmatch(written) else NOT_SHOWN
