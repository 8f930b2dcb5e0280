"""The shape of the house: who may import whom, and where each vendor lives."""

import ast
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from clients.js import generate as browser_client
from clients.python import generate as python_client
from tests.support.mirrors import ELSEWHERE

ROOT = Path(__file__).parent.parent
# Each room may import those of the floors below its own; rooms of one floor stay strangers.
FLOORS = (
    {"demo"},
    {"photosense"},
    {"api"},
    {"moderation", "training"},
    {"ingest"},
    {"vision", "compliance"},
    {"topic_model", "qdrant"},
    {"common"},
)
PACKAGES = tuple(sorted(room for floor in FLOORS for room in floor if (ROOT / room).is_dir()))
MAY_IMPORT = {room: set().union(*FLOORS[height + 1 :]) for height, floor in enumerate(FLOORS) for room in floor}
ONE_FILE = {
    "qdrant_edge": "qdrant/edge/engine.py",
    "qdrant_client": "qdrant/server/engine.py",
    "numba": {"topic_model/kernels/compiled.py", "common/bits.py"},
    "artm": "topic_model/training/bigartm_worker.py",
    "uvicorn": {"photosense/server.py", "photosense/service/connection.py"},
    "sklearn": {"training/advertisements.py", "topic_model/match/learners.py"},  # two who learn, nobody who answers
    "jwt": "api/access/signer.py",
    "opentelemetry": "api/telemetry/traces.py",
    "py3langid": "ingest/steps/language.py",
    "pyarrow": "ingest/sources/parquet.py",
    "backports": "ingest/sources/stream.py",
    "onnxruntime": "vision/networks/onnx.py",
    "openvino": "vision/networks/openvino.py",
    "tokenizers": "vision/text/tokenizer.py",
    "ai_edge_litert": "vision/networks/litert.py",
    "tensorflow": "vision/networks/keras.py",
}
MOST_MODULES = 14
CROWDED = {  # folders with more modules, each with its reason
    "demo/scenes": "a scene a file, each drawn by itself",
    "photosense/evaluation": "one instrument, from a question to the page of its figures; nobody imports a part of it",
}
NOUNS = {  # what ends on -ing and is a noun of the field
    "decoding": "of photos: hostile bytes to pixels",
    "fitting": "of an encoder to a site's photos",
    "folding": "of letters: case, marks and lookalikes",
    "ranking": "the order of hits",
    "reading": "of lines, in processes of their own",
    "spelling": "of words, and which one was meant",
    "standing": "of a post: the facts that a store filters by",
    "training": "of models",
    "widening": "of a question, by words that say the same",
}
SAME_IN_TWO = {  # public functions that two modules have
    "infer": "by numba, and by numpy on machines without it",
    "infer_batch": "as infer",
    "near": "as infer",
    "main": "where a process begins",
}


@cache
def body(file: Path) -> list[ast.stmt]:
    """The statements of a module, read once for all tests."""
    return ast.parse(file.read_text("utf-8")).body


@cache
def imports(file: Path) -> list[str]:
    modules: list[str] = []
    for node in (node for statement in body(file) for node in ast.walk(statement)):
        if isinstance(node, ast.Import):
            modules.extend(name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules.append(node.module)
    return modules


@cache
def sources() -> list[Path]:
    return [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_run_one_way(package: str) -> None:
    """From the command down to the shared tools; nobody looks back up, nobody looks across."""
    for file in (ROOT / package).rglob("*.py"):
        for module in imports(file):
            top = module.split(".")[0]
            if top in PACKAGES and top != package:
                assert top in MAY_IMPORT[package], f"{file.relative_to(ROOT)} imports {module}"


def test_no_circle() -> None:
    """No module leads back to itself, not even by an import inside a function."""
    named = {
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in sources()
    }
    graph = {name: {module for module in imports(file) if module in named} - {name} for name, file in named.items()}
    list(TopologicalSorter(graph).static_order())  # raises CycleError, which names the circle


@pytest.mark.parametrize(("vendor", "home"), ONE_FILE.items())
def test_a_vendor_stays_in_one_file(vendor: str, home: str | set[str]) -> None:
    """An engine is imported by the one file that translates it, and really by that file."""
    users = {
        str(file.relative_to(ROOT)) for file in sources() for module in imports(file) if module.split(".")[0] == vendor
    }
    assert users == ({home} if isinstance(home, str) else home)


def test_fastapi_stays_in_the_http_layer() -> None:
    """Only api/ speaks FastAPI; what opens, serves or mounts names the app's type alone."""
    users = {file.relative_to(ROOT).parts[0] for file in sources() for module in imports(file) if module == "fastapi"}
    assert users <= {"api", "photosense", "demo"}
    outside = [file for file in (ROOT / "photosense").rglob("*.py") if "fastapi" in set(imports(file))]
    assert {file.name for file in outside} <= {"house.py", "server.py"}


def names(file: Path, kind: type[ast.ClassDef] | type[ast.FunctionDef]) -> Iterator[str]:
    """The public classes or functions of a module."""
    for node in body(file):
        if isinstance(node, kind) and not node.name.startswith("_"):
            yield node.name


def is_command(file: Path) -> bool:
    return "commands" in file.parts or file.name == "cli.py"


def defined_twice(kind: type[ast.ClassDef] | type[ast.FunctionDef]) -> dict[str, list[str]]:
    homes: dict[str, list[str]] = {}
    for file in sources():
        for name in names(file, kind) if kind is ast.ClassDef or not is_command(file) else ():
            homes.setdefault(name, []).append(str(file.relative_to(ROOT)))
    return {name: files for name, files in homes.items() if len(files) > 1}


def test_a_class_name_stands_once() -> None:
    """One word, one meaning: who reads the name of a class knows which one it is, in every room."""
    assert defined_twice(ast.ClassDef) == {}


def test_a_function_name_stands_once() -> None:
    """A public function has its name for itself, but for commands, and for those that do one thing in two ways."""
    twice = defined_twice(ast.FunctionDef)
    assert {name: files for name, files in twice.items() if name not in SAME_IN_TWO} == {}
    assert SAME_IN_TWO.keys() <= twice.keys()


def test_modules_are_named_by_nouns() -> None:
    """A module is a thing of the field: a name on -ing has to be a noun that people of the field use."""
    stems = {file.stem if file.stem != "__init__" else file.parent.name for file in sources()}
    assert {stem for stem in stems if stem.endswith("ing")} == NOUNS.keys()


def test_an_artifact_is_spelled_one_way() -> None:
    """In code and on the pages alike."""
    pages = [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md"), *sources()]
    assert [str(page) for page in pages if "artefact" in page.read_text("utf-8").lower()] == []


@pytest.mark.parametrize(
    "file", sorted((ROOT / "clients" / "python" / "photosense_client").glob("*.py")), ids=lambda file: file.name
)
def test_the_client_stands_alone(file: Path) -> None:
    """What a host site installs imports nothing of the house, and httpx alone from elsewhere."""
    tops = {module.split(".")[0] for module in imports(file)}
    assert tops - sys.stdlib_module_names <= {"photosense_client", "httpx"}


def test_the_clients_follow_the_service() -> None:
    """Their answers and options say what they would say if they were written now from the service's own types."""
    files = {python_client.PACKAGE / name: text for name, text in python_client.FILES.items()}
    files |= {browser_client.FILE: browser_client.answer_types}
    old = [str(file.relative_to(ROOT)) for file, text in files.items() if file.read_text("utf-8") != text()]
    assert old == [], "run `make clients`: python -m clients.python.generate, python -m clients.js.generate"


def test_a_folder_fits_into_a_head() -> None:
    """At most so many modules a folder: more of them are two rooms, or a reason is given."""
    counts = Counter(str(file.parent.relative_to(ROOT)) for file in sources() if file.name != "__init__.py")
    assert {folder for folder, count in counts.items() if count > MOST_MODULES} == CROWDED.keys()


def test_every_module_has_a_mirrored_test() -> None:
    """The test of a module lies at its path below tests/, or the list says what tests it instead."""
    modules = {str(file.relative_to(ROOT)): file for file in sources() if file.stem not in ("__init__", "__main__")}
    without = {
        name for name, file in modules.items() if not (ROOT / "tests" / name).with_name(f"test_{file.name}").exists()
    }
    assert without - ELSEWHERE.keys() == set(), "write a test for it, or say in tests/support/mirrors.py what tests it"
    assert ELSEWHERE.keys() - without == set(), "it has a test now, or is gone: take it off the list"


@pytest.mark.parametrize("instead", sorted({instead for instead in ELSEWHERE.values() if instead.startswith("tests/")}))
def test_what_tests_a_module_instead_is_there(instead: str) -> None:
    """Where the list names a file, it is one."""
    assert (ROOT / instead).is_file()


def test_packages_are_named_in_the_build() -> None:
    """A folder with code that the wheel forgets would only fail at the user's."""
    import tomllib

    named = set(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"])
    folders = {".".join(file.parent.relative_to(ROOT).parts) for file in sources() if file.name == "__init__.py"}
    assert named == {folder for folder in folders if folder.split(".")[0] != "demo"}


def test_every_test_says_what_it_shows() -> None:
    """Each test has a sentence for a person who sees it fail."""
    silent = []
    for file in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if (
                isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                and node.name.startswith("test_")
                and not ast.get_docstring(node)
            ):
                silent.append(f"{file.relative_to(ROOT)}: {node.name}")
    assert silent == []
