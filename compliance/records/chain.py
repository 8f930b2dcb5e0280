"""A file of records that proves itself: one JSON object a line, each with the hash of the line before.

Who changes a line, or leaves one out, shows it. Lines end with a newline and with nothing else: a record may hold any
character. What a power cut left of a last line is cut off and kept beside; a disk that fills up leaves nothing half
written. Several processes may append. A file that grew long is closed, and the next goes on: see `volumes`. Beside the
file lies its head, the length and hash of what is safe on disk: without it nobody would miss the last lines.
"""

import errno
import fcntl
import hashlib
import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from compliance.errors import RecordNotWritten
from compliance.records.volumes import (
    AFTER,
    VOLUME,
    closed_file,
    entry_of,
    lines_before,
    volumes,
    volumes_before,
    whole_lines,
)

START: Final = "0" * 64
BEFORE, UNCHAINED, TORN = "before", "unchained", "torn"  # what the chain itself says in a line


class Record(NamedTuple):
    """One line that is a JSON object, and its number in the file."""

    number: int
    entry: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Soundness:
    """Whether a file of records is what was written: its lines, how many are of before the chain, its breaks."""

    path: Path
    lines: int = 0
    unchained: int = 0
    breaks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Say it in a sentence or two."""
        name = self.path.name
        if self.breaks:
            more = f", and {len(self.breaks) - 1:,} more" if len(self.breaks) > 1 else ""
            return (
                f"The chain of {name} is broken: {self.breaks[0]}{more}. Compare it with a backup; what is lost there "
                "cannot be proved."
            )
        if not self.lines:
            return f"{name} has no record yet."
        old = f", {self.unchained:,} of them of before the chain" if self.unchained else ""
        return " ".join([f"The chain of {name} is whole: {_count(self.lines)}{old}.", *self.notes])


class Chain:
    """Appends records to a file, and reads them."""

    def __init__(self, path: Path, *, twin: bool = False) -> None:
        """With a twin, every line is written twice: see `twin`."""
        self.path = path
        self._twin = twin
        self._lock = threading.Lock()
        self._end: _End | None = None  # as it was when this process wrote last
        self._file = 0  # the inode of the file that ended so
        self._seen = 0  # bytes that `news` has given, or that were written here after those

    def append(self, entry: Mapping[str, object], *, sync: bool = True) -> str:
        """Write one record; with `sync` it is on disk when this returns. What is refused left nothing behind.

        Gives the hash of the line before, which the record carries.
        """
        try:
            with self._lock, self._open() as file:
                return self._write(file, entry, sync=sync)
        except OSError as error:
            raise RecordNotWritten(
                f"{self.path} cannot be written ({error.strerror}): nothing was recorded. Make room, then ask again."
            ) from None

    def close_volume(self, entry: Mapping[str, object], above: int) -> bool:
        """Close a file of more than so many bytes: the next one begins with this record; tells whether that was done.

        Whatever ends it half-way leaves the file as it was, perhaps under a second name, which the next try takes away.
        """
        if self._end is None or self._end.size <= above:
            return False
        with self._lock, self._open() as file:
            end = self._find_end(os.fstat(file).st_size)
            if end.size <= above or end.torn or end.unchained:
                return False  # another process did it, or the next record mends it first
            number = volumes_before(self.path) + 1
            closed, aside = closed_file(self.path, number), self.path.with_name(f".{self.path.name}.next")
            if closed.exists():
                if not closed.samefile(self.path):
                    raise FileExistsError(errno.EEXIST, f"{closed.name} is there already")
                closed.unlink()
            line = _packed({**entry, VOLUME: number, AFTER: end.lines, BEFORE: end.hash})
            os.fsync(file)
            _write_new(aside, line + b"\n")
            os.link(self.path, closed)
            aside.replace(self.path)
            self._file, self._end = self.path.stat().st_ino, _End(len(line) + 1, end.lines + 1, _hash(line))
            _sync_folder(self.path.parent)
            _write_head(self.path, self._end)
            return True

    def records(self) -> Iterator[Record]:
        """Every whole line that is a JSON object, in order; what is none of these is for `verify` to name."""
        for number, line in enumerate((line for file in volumes(self.path) for line in whole_lines(file)), 1):
            entry = entry_of(line)
            if entry is not None:
                yield Record(number, entry)

    def news(self) -> Iterator[Record]:
        """What was appended since the last news, but what was appended here; at first everything."""
        for line in whole_lines(self.path, self._seen) if self._has_grown() else ():
            self._seen += len(line) + 1
            entry = entry_of(line)
            if entry is not None:
                yield Record(0, entry)

    def _has_grown(self) -> bool:
        try:
            return self.path.stat().st_size != self._seen
        except (FileNotFoundError, NotADirectoryError):
            return False

    @contextmanager
    def _open(self) -> Iterator[int]:
        """The file, for this process alone."""
        while True:
            file = self._open_once()
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                inode = os.fstat(file).st_ino
                if not self.path.exists() or self.path.stat().st_ino != inode:
                    continue  # it was closed, or taken away, while another process had it
                if inode != self._file:
                    self._end, self._file = None, inode
                yield file
                return
            finally:
                os.close(file)

    def _open_once(self) -> int:
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT
        try:
            return os.open(self.path, flags, 0o600)
        except FileNotFoundError:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            return os.open(self.path, flags, 0o600)

    def _write(self, file: int, entry: Mapping[str, object], *, sync: bool) -> str:
        size = os.fstat(file).st_size
        end = self._end
        if end is None or end.size != size:
            end = self._find_end(size)
            if end.torn:
                self._cut(file, end)
        link: dict[str, object] = {BEFORE: end.hash}
        link |= {UNCHAINED: end.unchained} if end.unchained else {}
        link |= {TORN: end.torn} if end.torn else {}
        line = _packed({**entry, **link})
        self._end = None
        try:
            _write_all(file, line + b"\n")
            if sync:
                os.fsync(file)
                if not end.size:
                    _sync_folder(self.path.parent)  # a new file has a name only when its folder is on disk
        except OSError:
            os.ftruncate(file, end.size)
            raise
        self._end = _End(end.size + len(line) + 1, end.lines + 1, _hash(line))
        if self._seen == end.size:
            self._seen = self._end.size
        if sync:
            _write_head(self.path, self._end)
        if self._twin:
            _append_twin(twin_file(self.path), end.size, line + b"\n", sync=sync)
        return end.hash

    def _find_end(self, size: int) -> "_End":
        """Where the whole lines end, what the next one must follow, and how much of a torn line comes after them.

        What this process wrote itself is not read again.
        """
        known = self._end if self._end is not None and self._end.size <= size else _End(0, 0, START)
        whole, lines, last = known.size, known.lines, known.hash
        seal, chained = hashlib.sha256(), lines > 0
        for line in whole_lines(self.path, whole):
            entry = None if chained and whole else entry_of(line)
            lines += 1 + (0 if whole else lines_before(entry))
            whole += len(line) + 1
            seal.update(line + b"\n")
            last = _hash(line)
            chained = chained or _link(entry) is not None
        torn = size - whole
        head = _read_head(self.path)
        if lines and not chained and head is None:
            return _End(whole, lines, seal.hexdigest(), torn, lines)
        if head is not None and head.lines >= lines and not (torn and head.lines == lines + 1):
            last = head.hash  # what was written last, whatever stands there now
        return _End(whole, lines, last, torn)

    def _cut(self, file: int, end: "_End") -> None:
        """Keep a torn last line beside, then cut it off."""
        with torn_file(self.path).open("ab") as kept:
            kept.write(os.pread(file, end.torn, end.size) + b"\n")
            kept.flush()
            os.fsync(kept.fileno())
        os.ftruncate(file, end.size)


def verify(path: Path, *, file: Path | None = None, headless: bool = False) -> Soundness:
    """Whether every line of a record follows the one before, and the last one is there; it changes nothing.

    The lines may be those of another file; `headless` asks for what they say without the head.
    """
    last, seal, lines, unchained, chained = START, hashlib.sha256(), 0, 0, False
    breaks: list[str] = []
    notes: list[str] = []
    head, whole = None if headless else _read_head(path), 0
    files = volumes(path) if file is None else [file]
    for volume, line in ((each, line) for each in files for line in whole_lines(each)):
        entry = entry_of(line)
        link = _link(entry)
        if not lines and link is not None and (elsewhere := lines_before(entry)):
            lines, last, chained = elsewhere, link, True
            notes.append(f"Its first {_count(elsewhere)} are in volumes that lie elsewhere, and were not read.")
        lines += 1
        whole += len(line) + 1 if volume == files[-1] else 0
        if link is None:
            unchained += not chained
            if chained:
                breaks.append(f"line {lines} is no record of the chain")
        else:
            seals = (link, (entry or {}).get(UNCHAINED)) == (seal.hexdigest(), unchained)
            if not (link == last if chained or not unchained else seals):
                breaks.append(
                    f"line {lines} does not follow the line before, so that one there was changed or left out"
                )
            chained = True
        if entry is not None and TORN in entry:
            notes.append(
                f"A torn line was cut off before line {lines} ({entry[TORN]} bytes, kept in {torn_file(path).name})."
            )
        seal.update(line + b"\n")
        last = _hash(line)
        if head is not None and lines == head.lines and last != head.hash:
            breaks.append(f"line {lines} is not the one that was written")
    torn = path.stat().st_size - whole if file is None and path.exists() else 0
    if torn:
        notes.append(f"Its last line is torn ({torn} bytes): the next record cuts it off and keeps it beside.")
    if head is not None and head.lines > lines + bool(torn):
        breaks.append(f"the last {_count(head.lines - lines)} written can no longer be found")
    return Soundness(path, lines, unchained, tuple(dict.fromkeys(breaks)), tuple(notes))


def head_file(path: Path) -> Path:
    """Where the length and the hash of a file of records lie."""
    return path.with_name(f"{path.name}.head")


def twin_file(path: Path) -> Path:
    """Where the lines of a file of records stand a second time."""
    return path.with_name(f"{path.name}.twin")


def torn_file(path: Path) -> Path:
    """Where torn lines of a file of records are kept."""
    return path.with_name(f"{path.name}.torn")


class _End(NamedTuple):
    """How long a file of records is, and the hash that its next line must carry."""

    size: int
    lines: int
    hash: str
    torn: int = 0
    unchained: int = 0


def _link(entry: Mapping[str, Any] | None) -> str | None:
    """The hash that a line carries; lines of before the chain carry none."""
    link = entry.get(BEFORE) if entry is not None else None
    return link if isinstance(link, str) and len(link) == len(START) else None


def _packed(entry: Mapping[str, object]) -> bytes:
    try:
        return json.dumps(entry, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return json.dumps(entry).encode()


def _hash(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def _write_new(path: Path, line: bytes) -> None:
    """Write a file anew, on disk when this returns."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        _write_all(file, line)
        os.fsync(file)
    finally:
        os.close(file)


def _write_all(file: int, line: bytes) -> None:
    while line:
        line = line[os.write(file, line) :]


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _write_head(path: Path, end: _End) -> None:
    """Note the end, in one write of always the same length; a head that cannot be written is only older."""
    head = json.dumps({"size": end.size, "lines": end.lines, "hash": end.hash}).ljust(159) + "\n"
    try:
        file = os.open(head_file(path), os.O_WRONLY | os.O_CREAT, 0o600)
    except OSError:
        return
    try:
        os.pwrite(file, head.encode(), 0)
    except OSError:
        return
    finally:
        os.close(file)


def _append_twin(twin: Path, size: int, line: bytes, *, sync: bool) -> None:
    """Write a line a second time, where what stands there is as long; else the next start makes the twin anew."""
    with suppress(OSError):
        file = os.open(twin, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            if os.fstat(file).st_size == size:
                _write_all(file, line)
                if sync:
                    os.fsync(file)
        finally:
            os.close(file)


def _read_head(path: Path) -> _End | None:
    try:
        head = json.loads(head_file(path).read_bytes())
        return _End(int(head["size"]), int(head["lines"]), str(head["hash"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _count(lines: int) -> str:
    return f"{lines:,} line{'' if lines == 1 else 's'}"
