"""Letters that stand as numbers or names, as forms, addresses and programs write them: what a page makes of them."""

import re
from html import unescape
from typing import Final

from compliance.lexicon.unknown_word import Rewritten

# A form that cannot hold a letter sends its number (&#1076;), and what is packed twice begins with &amp;.
_ENTITY: Final = r"&(?:amp;){0,4}(?:#[0-9]{1,7};?|#[xX][0-9a-fA-F]{1,6};?|[A-Za-z][A-Za-z0-9]{1,30};)"
_PERCENT: Final = r"(?:%[0-9A-Fa-f]{2})+"
_JSON: Final = r"(?:\\u[0-9a-fA-F]{4})+"
_ESCAPED: Final = re.compile(f"({_ENTITY})|({_PERCENT})|{_JSON}")
_PACKED: Final = re.compile("^&(?:amp;)+(?=.)")
_OLD: Final = 3  # bytes from which on what is no UTF-8 is taken for Russian as addresses had it before


def unescaped(text: str) -> Rewritten | None:
    """The text as a page or a browser would show it, and where each letter stood; nothing if it has none of these."""
    if not any(sign in text for sign in "&%\\"):
        return None
    parts: list[str] = []
    stretches: list[tuple[int, int, int, int]] = []
    length = end = 0
    for match in _ESCAPED.finditer(text):
        letters = _letters(match)
        if letters is None:
            continue
        kept = text[end : match.start()]
        start = length + len(kept)
        length, end = start + len(letters), match.end()
        parts += (kept, letters)
        stretches.append((start, length, match.start(), end))
    return Rewritten("".join((*parts, text[end:])), tuple(stretches)) if stretches else None


def as_shown(text: str) -> str:
    """The text as a page or a browser would show it."""
    rewritten = unescaped(text)
    return rewritten.text if rewritten else text


def _letters(match: re.Match[str]) -> str | None:
    written = match[0]
    if match[1]:
        name = _PACKED.sub("&", written)
        letters = unescape(name)
        return letters if letters != name else None
    if match[2]:
        return _of_bytes(bytes.fromhex(written.replace("%", "")))
    return bytes.fromhex(written.replace("\\u", "")).decode("utf-16-be", "replace")


def _of_bytes(content: bytes) -> str | None:
    try:
        return content.decode()
    except UnicodeDecodeError:
        is_old = len(content) >= _OLD and all(byte >= 0x80 for byte in content)
        return content.decode("cp1251", "replace") if is_old else None
