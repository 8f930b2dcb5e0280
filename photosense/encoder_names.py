"""The setting `encoder` in photosense.toml: one more name in it, and every other line of the file as it is."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from common.files import write_file
from photosense.errors import SettingsError
from photosense.layers import from_file

_KEY = re.compile(r"^encoder\s*=", re.MULTILINE)
_TABLE = re.compile(r"^[ \t]*\[", re.MULTILINE)


def add_encoder(file: Path, name: str, usual: tuple[str, ...]) -> tuple[str, ...]:
    """Name one more encoder, beside those that are named or are usual; give all of them."""
    content = from_file(file, required=False)
    given = content.get("encoder", usual)
    names = (given,) if isinstance(given, str) else tuple(given)
    if name in names:
        return names
    names = (*names, name)
    line = f"encoder = [{', '.join(json.dumps(each, ensure_ascii=False) for each in names)}]"
    try:
        text = file.read_text("utf-8") if file.exists() else ""
        changed = _with_line(text, line)
        if changed is None or not _says(changed, {**content, "encoder": list(names)}):
            raise SettingsError(f"{file} could not be changed without a risk to its other lines: write {line} into it.")
        write_file(file, changed)
    except OSError as error:
        raise SettingsError(f"{file} cannot be written: {error.strerror}. Write {line} into it.") from None
    return names


def _with_line(text: str, line: str) -> str | None:
    """Put the line in place of the one that is there, else before the first table; None where it cannot be told."""
    table = _TABLE.search(text)
    head = text[: table.start()] if table else text
    key = _KEY.search(head)
    if key is None:
        head = head.rstrip("\n") + "\n" if head.strip() else ""
        rest = text[table.start() :] if table else ""
        return f"{head}{line}\n" + (f"\n{rest}" if rest else "")
    lines = text[key.start() :].splitlines(keepends=True)
    for count in range(1, len(lines) + 1):  # a list may go on over several lines
        if _says("".join(lines[:count]), None):
            return text[: key.start()] + line + "\n" + "".join(lines[count:])
    return None


def _says(text: str, content: dict[str, Any] | None) -> bool:
    """Whether it is TOML, and says just that where something is given."""
    try:
        return tomllib.loads(text) == content or content is None
    except ValueError:
        return False
