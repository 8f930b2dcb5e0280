"""What is told is true: settings, addresses and reasons stand on their pages, and links and quotes lead somewhere."""

import ast
import re
from pathlib import Path

import pytest

from api.app import Parts, create_app
from photosense.settings import Settings
from tests.compliance import mutations
from tests.support.reference_store import ReferenceStore

ROOT = Path(__file__).parent.parent
READMES = [ROOT / "api" / "web" / "README.md", *sorted((ROOT / "clients").glob("*/README.md"))]
PAGES = [*sorted(ROOT.glob("*.md")), *READMES, *sorted((ROOT / "docs").rglob("*.md"))]


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text("utf-8")


def headings(file: Path) -> set[str]:
    """The anchors that a code host makes of a page's headings."""
    titles = re.findall(r"^#+ (.+)$", file.read_text("utf-8"), re.MULTILINE) if file.suffix == ".md" else []
    return {"#" + re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("setting", Settings.model_fields)
def test_every_setting_is_described(setting: str) -> None:
    """Whoever runs the service finds each setting on the page about running it."""
    assert f"`{setting}`" in page("running.md")


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(ROOT)))
def test_nobody_is_told_to_fetch_photosense_from_where_it_is_not(file: Path) -> None:
    """No index of packages has it, and whoever takes the name there would be installed; extras go to what is there."""
    assert not re.search(r"pip install (?:-\S+ )*photosense(?![\w\[-])", file.read_text("utf-8"))


def test_every_address_is_described() -> None:
    """Each route of the API is in the table, by method and path."""
    described = page("http.md")
    for path, methods in create_app(Settings(), Parts(ReferenceStore())).openapi()["paths"].items():
        for method in methods:
            assert f"`{method.upper()} {path}`" in described


def test_every_reason_is_described() -> None:
    """A reason that a line can be rejected for is in the table of reasons."""
    described = page("posts.md")
    reasons = set()
    for file in (ROOT / "ingest").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in (
                "PostRejected",
                "PhotoError",
                "Reason",
                "Mark",
                "reject",
            ):
                reasons |= {argument.value for argument in node.args[:1] if isinstance(argument, ast.Constant)}
    assert len(reasons) >= 15
    assert {reason for reason in reasons if f"`{reason!s}`" not in described} == set()


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(ROOT)))
def test_links_lead_somewhere(file: Path) -> None:
    """A relative link in a page names a file that exists, and a heading that it has."""
    for target, heading in re.findall(r"\]\(([^)#]*)(#[^)]+)?\)", file.read_text("utf-8")):
        if not target.startswith(("http:", "https:")):
            page = file.parent / target if target else file
            assert page.exists(), target
            assert heading in ("", *headings(page)), f"{target}{heading}"


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(ROOT)))
def test_what_make_is_told_to_do_it_does(file: Path) -> None:
    """A page that says `make something` names a target of the Makefile."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z]+)", file.read_text("utf-8"), re.MULTILINE)) <= targets


def test_every_decision_is_in_the_list() -> None:
    """Numbered as they came, none left out, each with what it costs and what would change our mind."""
    folder = ROOT / "docs" / "decisions"
    files = sorted(file.name for file in folder.glob("0*.md"))
    assert re.findall(r"\((0\d+-.+\.md)\)", (folder / "README.md").read_text("utf-8")) == files
    assert [int(name[:4]) for name in files] == list(range(1, len(files) + 1))
    for name in files:
        decision = (folder / name).read_text("utf-8")
        for part in ("Context", "Decision", "What it costs", "What would change our mind"):
            assert f"**{part}.**" in decision, f"{name}: {part}"


def test_what_would_be_broken_on_purpose_stands_in_its_file() -> None:
    """Each line that the mutations of compliance break is quoted as it is: else nobody would know that a test fails."""
    assert mutations.faults() == []


TERMS = re.findall(r"^\| ([^|]+?) \| [^|]+ \| `(\w+)` in `([\w/.]+)` \|$", page("glossary.md"), re.MULTILINE)


def test_the_glossary_has_a_row_for_each_term() -> None:
    """Every row of the table names an identifier and a file, and no term stands twice."""
    rows = [line for line in page("glossary.md").splitlines() if line.startswith("| ")][2:]
    assert len(TERMS) == len(rows) == len({term for term, _, _ in TERMS})


@pytest.mark.parametrize(("term", "identifier", "file"), TERMS, ids=[term for term, _, _ in TERMS])
def test_a_term_of_the_glossary_is_in_the_code(term: str, identifier: str, file: str) -> None:
    """Where the glossary says that a term lives, the identifier is."""
    nodes = ast.walk(ast.parse((ROOT / file).read_text("utf-8")))
    names = {getattr(node, field, None) for node in nodes for field in ("id", "attr", "name", "arg")}
    assert identifier in names, term
