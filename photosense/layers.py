"""Layers of settings: what a file says, and what the environment says."""

import json
import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from photosense.errors import SettingsError

PREFIX = "PHOTOSENSE_"
NOT_SETTINGS = {PREFIX + name for name in ("CONFIG", "KEY", "BIGARTM_PYTHON", "REAL_DATA", "FAULTS")}
FOR_TESTS = PREFIX + "TEST_"


def from_file(file: Path, *, required: bool) -> dict[str, Any]:
    """Read the file, which need not be there unless somebody named it."""
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        if required:
            raise SettingsError(
                f"{PREFIX}CONFIG names {file}, which does not exist: correct it or remove it."
            ) from None
        return {}
    except (OSError, ValueError) as error:
        raise SettingsError(f"The settings file {file} cannot be read: {error}.") from None


def from_environment(environment: Mapping[str, str], fields: Mapping[str, FieldInfo]) -> dict[str, Any]:
    """Read what the environment says; an empty variable says nothing."""
    values: dict[str, Any] = {}
    known = {PREFIX + name.upper() for name in fields} | NOT_SETTINGS
    for name in environment:
        if name.startswith(PREFIX) and not name.startswith(FOR_TESTS) and name not in known:
            raise SettingsError(f"{name} is no setting{did_you_mean(name, known)}: `photosense status` lists them all.")
    for name, setting in fields.items():
        value = environment.get(PREFIX + name.upper())
        if value:  # compose files pass a variable on as empty when nobody set it
            values[name] = _typed(name, value, str(setting.annotation))
    return values


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The setting that a misspelt name is near to, as a part of a sentence; nothing where it is near to none."""
    near = get_close_matches(name, sorted(known), 1, 0.75)
    return f" (did you mean {near[0]}?)" if near else ""


def _typed(name: str, value: str, kind: str) -> Any:
    """Read a list as words between commas, and what has structure as JSON."""
    if kind.startswith("tuple"):
        return [part.strip() for part in value.split(",") if part.strip()]
    if not kind.startswith(("dict", "list")):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise SettingsError(f"{PREFIX}{name.upper()} is no JSON ({error}): write it as in photosense.toml.") from None
