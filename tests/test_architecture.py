"""The shape of the house: who may import whom, and where each vendor lives."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

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
    "numba": "topic_model/kernels.py",
    "artm": "topic_model/training/bigartm_worker.py",
    "uvicorn": "photosense/server.py",
    "sklearn": {"training/advertisements.py", "topic_model/match/learners.py"},  # two who learn, nobody who answers
    "py3langid": "ingest/steps/language.py",
    "pyarrow": "ingest/sources/parquet.py",
    "backports": "ingest/sources/stream.py",
    "onnxruntime": "vision/networks/onnx.py",
    "openvino": "vision/networks/openvino.py",
    "tokenizers": "vision/dual/tokenizer.py",
    "ai_edge_litert": "vision/networks/litert.py",
    "tensorflow": "vision/networks/keras.py",
}


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


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
