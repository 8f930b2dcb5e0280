"""Naming an encoder in photosense.toml: one setting changes, and every other line of the file stays as it is."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from common.files import write_file
from photosense.errors import SettingsError
from photosense.layers import from_file

_TABLE = re.compile(r"^[ \t]*\[", re.MULTILINE)


def add_encoder(file: Path, name: str, usual: tuple[str, ...]) -> tuple[str, ...]:
    """Name one more encoder, beside those that are named or are usual; give all of them."""
    content = from_file(file, required=False)
    given = content.get("encoder", usual)
    names = (given,) if isinstance(given, str) else tuple(given)
    if name in names:
        return names
    names = (*names, name)
    _set(file, "encoder", list(names), content)
    return names


def name_text_encoder(file: Path, name: str) -> None:
    """Name the text encoder, in place of one that was named."""
    content = from_file(file, required=False)
    if content.get("text_encoder") != name:
        _set(file, "text_encoder", name, content)


def _set(file: Path, key: str, value: str | list[str], content: dict[str, Any]) -> None:
    line = f"{key} = {_written(value)}"
    try:
        text = file.read_text("utf-8") if file.exists() else ""
        changed = _with_line(text, key, line)
        if changed is None or not _says(changed, {**content, key: value}):
            raise SettingsError(f"{file} could not be changed without a risk to its other lines: write {line} into it.")
        write_file(file, changed)
    except OSError as error:
        raise SettingsError(f"{file} cannot be written: {error.strerror}. Write {line} into it.") from None


def _written(value: str | list[str]) -> str:
    each = [json.dumps(name, ensure_ascii=False) for name in ([value] if isinstance(value, str) else value)]
    return each[0] if isinstance(value, str) else f"[{', '.join(each)}]"


def _with_line(text: str, key: str, line: str) -> str | None:
    """Put the line in place of the one that is there, else before the first table; None where it cannot be told."""
    table = _TABLE.search(text)
    head = text[: table.start()] if table else text
    named = re.search(rf"^{key}\s*=", head, re.MULTILINE)
    if named is None:
        head = head.rstrip("\n") + "\n" if head.strip() else ""
        rest = text[table.start() :] if table else ""
        return f"{head}{line}\n" + (f"\n{rest}" if rest else "")
    lines = text[named.start() :].splitlines(keepends=True)
    for count in range(1, len(lines) + 1):  # a list may go on over several lines
        if _says("".join(lines[:count]), None):
            return text[: named.start()] + line + "\n" + "".join(lines[count:])
    return None


def _says(text: str, content: dict[str, Any] | None) -> bool:
    """Whether it is TOML, and says just that where something is given."""
    try:
        return tomllib.loads(text) == content or content is None
    except ValueError:
        return False
