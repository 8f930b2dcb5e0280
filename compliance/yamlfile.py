"""Reading a rules file as YAML, strictly: a key given twice is an error, not a silent choice."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from pathlib import Path

import yaml

from compliance.errors import RulesError


class Lined(dict[Hashable, object]):
    """A mapping that knows the line where it begins, those of its keys, and those where the entries of its lists do."""

    line: int
    lines: Mapping[object, int]
    entries: Mapping[object, Sequence[int]]


class _StrictLoader(yaml.CSafeLoader):
    """Safe YAML that refuses a key given twice, and whose mappings know their lines."""

    def construct_lined(self, node: yaml.MappingNode) -> Iterator[Lined]:
        mapping = Lined()
        mapping.line = node.start_mark.line + 1
        mapping.lines = {key.value: key.start_mark.line + 1 for key, _ in node.value}
        mapping.entries = {
            key.value: [entry.start_mark.line + 1 for entry in value.value]
            for key, value in node.value
            if isinstance(value, yaml.SequenceNode)
        }
        yield mapping
        mapping.update(self.construct_mapping(node))

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
        keys: set[str] = set()
        for key, _ in node.value:
            if key.value in keys:
                raise yaml.MarkedYAMLError(problem=f"the key {key.value!r} is given twice", problem_mark=key.start_mark)
            keys.add(key.value)
        return super().construct_mapping(node, deep)


_StrictLoader.add_constructor("tag:yaml.org,2002:map", _StrictLoader.construct_lined)


def location(mapping: object, name: str, key: str | None = None, at: int | None = None) -> str:
    """Where a person finds it: the line of a mapping, of a key or of one entry of a list in it, and its name."""
    if not isinstance(mapping, Lined):
        return name
    line = mapping.lines.get(key, mapping.line) if at is None or key is None else mapping.entries[key][at]
    return f"line {line}, {name}"


def read_yaml(file: Path) -> Mapping[str, object]:
    """The mapping that a rules file holds; whatever keeps it from being read is a RulesError."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RulesError(file, "the file", f"it cannot be read ({error})", "Give a readable UTF-8 file") from error
    try:
        content = yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - it is the safe loader, made stricter
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark is not None else "the file"
        problem = getattr(error, "problem", None) or "it is not YAML"
        raise RulesError(file, where, problem, "Correct the YAML there") from error
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise RulesError(file, "the top", "a mapping of names is expected", "Start from the file that ships with it")
    return content


def strings(file: Path, where: str, value: object) -> tuple[str, ...]:
    """A list of strings as a tuple; a missing one is empty, and YAML's own ideas (NO is false) are refused."""
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        wrong = [item for item in value if not isinstance(item, str)] if isinstance(value, list) else value
        raise RulesError(file, where, f"a list of strings is expected, not {wrong!r}", "Put quotes around each entry")
    return tuple(value)


def no_other_keys(file: Path, where: str, given: Mapping[str, object], known: tuple[str, ...]) -> None:
    """Refuses keys that nobody reads: a misspelt restriction must not be silently without effect."""
    unknown = sorted(str(key) for key in given if key not in known)
    if unknown:
        expected = ", ".join(known)
        raise RulesError(file, where, f"unknown key {unknown[0]!r} (known: {expected})", "Correct or remove it")
