"""Reading the weights that PyTorch saved, without PyTorch and without running what a pickle asks for.

Such a file holds a small program in the language of pickle, and the numbers beside it: in a zip, or one after the
other in the format of before. The program is followed here step by step; it may build one thing, a dictionary of
tensors. Each step that such a dictionary does not need is refused, and so is a tensor that reaches beyond its numbers.
"""

import pickletools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from math import prod
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

import numpy as np
import numpy.typing as npt

from vision.errors import EncoderError

StateDict = dict[str, npt.NDArray[Any]]
_MAGIC: Final = 0x1950A86A20F9469CFC6C
_PROTOCOL: Final = 1001
_MOST_BYTES: Final = 1 << 30  # of a file; networks that see on a CPU are a tenth of that
_MOST_STEPS: Final = 2_000_000
_LONGEST_NAME: Final = 200
_STORAGES: Final[dict[str, str]] = {
    "torch DoubleStorage": "<f8",
    "torch FloatStorage": "<f4",
    "torch HalfStorage": "<f2",
    "torch LongStorage": "<i8",
    "torch IntStorage": "<i4",
    "torch ShortStorage": "<i2",
    "torch CharStorage": "<i1",
    "torch ByteStorage": "<u1",
    "torch BoolStorage": "?",
}
_OPCODES: Final = {step.code.encode("latin-1"): step for step in pickletools.opcodes}
_ORDERED, _REBUILD = "collections OrderedDict", "torch._utils _rebuild_tensor_v2"
_KNOWN: Final = {_ORDERED, _REBUILD, *_STORAGES}
_CONSTANTS: Final = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_NUMBERS: Final = {"BININT", "BININT1", "BININT2", "LONG1", "BINUNICODE"}
_PUTS, _GETS = {"BINPUT", "LONG_BINPUT"}, {"BINGET", "LONG_BINGET"}


@dataclass(frozen=True, slots=True)
class _Global:
    name: str


@dataclass(frozen=True, slots=True)
class _Storage:
    key: str
    kind: str
    count: int

    @property
    def size(self) -> int:
        return self.count * np.dtype(self.kind).itemsize


@dataclass(frozen=True, slots=True)
class _View:
    """Where the numbers of a tensor lie in a storage."""

    storage: _Storage
    offset: int
    sides: tuple[int, ...]
    strides: tuple[int, ...]


def read_state_dict(data: bytes, origin: str) -> StateDict:
    """Give the tensors of a file by name; what is no such file is refused by a sentence that begins with `origin`."""
    if len(data) > _MOST_BYTES:
        raise EncoderError(f"{origin} holds {len(data):,} bytes, at most {_MOST_BYTES:,} are read.")
    try:
        return _read_zip(data) if data.startswith(b"PK") else _read_plain(data)
    except _Refused as refused:
        raise EncoderError(
            f"{origin} holds no weights that can be read: {refused}. Expected what torch.save writes of a state_dict."
        ) from None


class _Refused(Exception):
    """What is wrong with the file."""


def _read_zip(data: bytes) -> StateDict:
    try:
        with ZipFile(BytesIO(data)) as archive:
            if sum(info.file_size for info in archive.infolist()) > 2 * len(data):
                raise _Refused("its parts are packed, which those of weights are not")
            names = [name for name in archive.namelist() if name.endswith("/data.pkl")]
            if len(names) != 1:
                raise _Refused(f"the zip holds {len(names)} files data.pkl instead of one")
            root = names[0].removesuffix("data.pkl")
            if f"{root}byteorder" in archive.namelist() and archive.read(f"{root}byteorder") != b"little":
                raise _Refused("its numbers are not in the order little endian")
            views, _ = _follow(BytesIO(archive.read(names[0])))

            def numbers(storage: _Storage) -> bytes:
                try:
                    return archive.read(f"{root}data/{storage.key}")
                except KeyError:
                    raise _Refused(f"the numbers {storage.key!r} are missing") from None

            return _tensors(views, numbers)
    except (BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError, ValueError) as error:
        raise _Refused(f"the zip is damaged ({error})") from None


def _read_plain(data: bytes) -> StateDict:
    stream = BytesIO(data)
    if _value(stream, "a number") != _MAGIC or _value(stream, "a number") != _PROTOCOL:
        raise _Refused("it does not begin as such a file does")
    system = _value(stream, "what wrote it")
    if not isinstance(system, dict) or system.get("little_endian") is not True:
        raise _Refused("its numbers are not in the order little endian")
    views, storages = _follow(stream)
    keys = _value(stream, "a list of its parts")
    if not isinstance(keys, list) or any(not isinstance(key, str) for key in keys) or sorted(keys) != sorted(storages):
        raise _Refused("the list of its parts names others than its tensors")
    parts: dict[str, bytes] = {}
    for key in keys:
        count = int.from_bytes(stream.read(8), "little")
        if count != storages[key].count:
            raise _Refused(f"the part {key!r} holds {count} numbers instead of {storages[key].count}, or is cut off")
        parts[key] = stream.read(storages[key].size)
    return _tensors(views, lambda storage: parts[storage.key])


def _follow(stream: BytesIO) -> tuple[Mapping[str, _View], dict[str, _Storage]]:
    """Follow the program that builds the dictionary: its tensors by name, and the storages that they lie in."""
    program = _Program()
    given = program.run(stream)
    if not isinstance(given, dict):
        raise _Refused(f"it holds a {type(given).__name__} instead of a dictionary of tensors")
    for name, view in given.items():
        if not isinstance(name, str) or not isinstance(view, _View):
            named = repr(name[:60]) if isinstance(name, str) else "something without a name"
            raise _Refused(f"{named} is no tensor in it; a state_dict alone is read, nothing around it")
    return given, program.storages


def _value(stream: BytesIO, what: str) -> Any:
    given = _Program().run(stream)
    if isinstance(given, _View | _Global | _Storage):
        raise _Refused(f"where {what} should be is none")
    return given


def _argument(step: pickletools.OpcodeInfo, stream: BytesIO) -> Any:
    if step.name == "GLOBAL":  # two lines, plain: their reader would follow escapes
        return " ".join(stream.readline(_LONGEST_NAME).removesuffix(b"\n").decode("ascii") for _ in range(2))
    return step.arg.reader(stream) if step.arg else None


class _Program:
    """The stack machine of pickle, with those of its steps that a dictionary of tensors is made of."""

    def __init__(self) -> None:
        self.storages: dict[str, _Storage] = {}
        self._stack: list[Any] = []
        self._marks: list[int] = []  # where a list of values begins on the stack
        self._memo: dict[int, Any] = {}

    def run(self, stream: BytesIO) -> Any:
        """Follow one program to its end; the stream stands behind it then."""
        try:
            for _ in range(_MOST_STEPS):
                step = _OPCODES[stream.read(1)]
                if step.name not in _STEPS:  # before anything of it is read
                    raise _Refused(f"it asks for the step {step.name}, which no weights need")
                if step.name == "STOP":
                    (given,) = self._stack
                    return given
                self._do(step.name, _argument(step, stream))
        except (ValueError, IndexError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise _Refused(f"it is cut off or damaged ({error})") from None
        raise _Refused(f"it takes more than {_MOST_STEPS:,} steps to read")

    def _do(self, step: str, argument: Any) -> None:
        stack = self._stack
        if step in _NUMBERS:
            stack.append(argument)
        elif step in _CONSTANTS:
            stack.append(_CONSTANTS[step])
        elif step in _PUTS:
            self._memo[argument] = stack[-1]
        elif step in _GETS:
            stack.append(self._memo[argument])
        elif step == "GLOBAL":
            if argument not in _KNOWN:
                raise _Refused(f"it asks for {argument.replace(' ', '.')[:80]}, which no weights need")
            stack.append(_Global(argument))
        elif step in _MAKERS:
            _MAKERS[step](self)

    def above_mark(self) -> list[Any]:
        """Take what was put on the stack since the last mark."""
        at = self._marks.pop()
        taken = self._stack[at:]
        del self._stack[at:]
        return taken

    def mark(self) -> None:
        """Begin a list of values."""
        self._marks.append(len(self._stack))

    def push(self, value: Any) -> None:
        """Put a value on the stack."""
        self._stack.append(value)

    def pop(self, count: int) -> tuple[Any, ...]:
        """Take so many values off the stack."""
        if len(self._stack) < count:
            raise _Refused("it is damaged")
        taken = tuple(self._stack[len(self._stack) - count :])
        del self._stack[len(self._stack) - count :]
        return taken

    def set_items(self, pairs: list[Any]) -> None:
        """Put names and values into the dictionary that lies on top."""
        target = self._stack[-1]
        if not isinstance(target, dict) or len(pairs) % 2:
            raise _Refused("it is damaged")
        target.update(zip(pairs[::2], pairs[1::2], strict=True))

    def append(self, values: list[Any]) -> None:
        """Put values into the list that lies on top."""
        if not isinstance(self._stack[-1], list):
            raise _Refused("it is damaged")
        self._stack[-1].extend(values)

    def call(self) -> None:
        """Make what a call of one of the known names gives."""
        wanted, arguments = self.pop(2)
        if wanted == _Global(_ORDERED) and arguments == ():
            self.push({})
        elif wanted == _Global(_REBUILD):
            self.push(_view(arguments))
        else:
            raise _Refused("it calls what no weights call")

    def storage(self) -> None:
        """Make a storage of the words that name it; who comes again is the same."""
        ((kind_of, kind, key, _, count, *view),) = self.pop(1)
        if kind_of != "storage" or not isinstance(kind, _Global) or kind.name not in _STORAGES or any(view):
            raise _Refused("it names its numbers in another way")
        if not isinstance(key, str) or type(count) is not int or not 0 <= count <= _MOST_BYTES:
            raise _Refused("it names its numbers in another way")
        storage = _Storage(key, _STORAGES[kind.name], count)
        if self.storages.setdefault(key, storage) != storage:
            raise _Refused(f"the numbers {key!r} are described twice, in two ways")
        self.push(storage)

    def drop_state(self) -> None:
        """Leave out what PyTorch keeps beside a dictionary: versions of its parts."""
        target, _ = self.pop(2)
        if not isinstance(target, dict):
            raise _Refused("it sets what no weights set")
        self.push(target)


_MAKERS: Final[dict[str, Callable[[_Program], None]]] = {
    "MARK": _Program.mark,
    "EMPTY_DICT": lambda program: program.push({}),
    "EMPTY_LIST": lambda program: program.push([]),
    "EMPTY_TUPLE": lambda program: program.push(()),
    "TUPLE": lambda program: program.push(tuple(program.above_mark())),
    "TUPLE1": lambda program: program.push(program.pop(1)),
    "TUPLE2": lambda program: program.push(program.pop(2)),
    "TUPLE3": lambda program: program.push(program.pop(3)),
    "SETITEM": lambda program: program.set_items(list(program.pop(2))),
    "SETITEMS": lambda program: program.set_items(program.above_mark()),
    "APPEND": lambda program: program.append(list(program.pop(1))),
    "APPENDS": lambda program: program.append(program.above_mark()),
    "REDUCE": _Program.call,
    "BINPERSID": _Program.storage,
    "BUILD": _Program.drop_state,
}
_STEPS: Final = {"PROTO", "GLOBAL", "STOP", *_CONSTANTS, *_NUMBERS, *_PUTS, *_GETS, *_MAKERS}


def _view(arguments: Any) -> _View:
    """What _rebuild_tensor_v2 is called with: a storage, an offset, sides and strides; the rest does not matter."""
    storage, offset, sides, strides = arguments[:4]
    whole = [offset, *sides, *strides]
    if not isinstance(storage, _Storage) or len(sides) != len(strides):
        raise _Refused("a tensor of it has no numbers")
    if any(type(number) is not int or number < 0 for number in whole) or len(sides) > 8:
        raise _Refused("a tensor of it has no shape")
    last = offset + sum((side - 1) * stride for side, stride in zip(sides, strides, strict=True))
    if 0 not in sides and (last >= storage.count or prod(sides) > storage.count):
        raise _Refused(f"a tensor of the shape {tuple(sides)} reaches beyond its {storage.count} numbers")
    return _View(storage, offset, tuple(sides), tuple(strides))


def _tensors(views: Mapping[str, _View], numbers: Callable[[_Storage], bytes]) -> StateDict:
    """Lay the views over their numbers; each tensor is a copy."""
    tensors: StateDict = {}
    for name, view in views.items():
        data = numbers(view.storage)
        if len(data) != view.storage.size:
            raise _Refused(f"of {name} {len(data):,} bytes are there instead of {view.storage.size:,}: it is cut off")
        flat = np.frombuffer(data, view.storage.kind)
        if 0 in view.sides:
            tensors[name] = np.zeros(view.sides, flat.dtype)
            continue
        strides = [stride * flat.itemsize for stride in view.strides]
        laid = np.lib.stride_tricks.as_strided(flat[view.offset :], view.sides, strides, writeable=False)
        tensors[name] = np.ascontiguousarray(laid).reshape(view.sides)
    return tensors
