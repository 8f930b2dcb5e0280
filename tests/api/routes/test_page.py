"""The files of the page as they are served: self-contained, and true to their contract."""

import re
from pathlib import Path

import pytest

WEB = Path(__file__).parents[3] / "api" / "web"
NAMED_HOSTS = {"www.w3.org", "photos.example"}  # an XML namespace, and the example of the README


FILES = sorted(file for pattern in ("*.*", "page/**/*.*", "photo-search/**/*.*") for file in WEB.glob(pattern))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_needs_nothing_from_elsewhere(file: Path) -> None:
    """No file names a foreign host, parses markup, or carries inline scripts, styles or handlers."""
    text = file.read_text(encoding="utf-8")
    assert set(re.findall(r"https?://([\w.-]+)", text)) <= NAMED_HOSTS
    if file.suffix == ".js":
        assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|\beval\b", text)
    if file.suffix == ".html":
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", text)


@pytest.mark.parametrize("file", [file for file in FILES if file.suffix == ".css"], ids=lambda file: file.name)
def test_a_stylesheet_is_ascii(file: Path) -> None:
    """A host page without a charset would read anything else as another encoding."""
    assert file.read_bytes().isascii()


def test_the_readme_names_every_attribute_event_property_and_part() -> None:
    """The contract lists all that the component reads, tells and lets a host style."""
    readme = (WEB / "README.md").read_text(encoding="utf-8")
    scripts = "".join(file.read_text(encoding="utf-8") for file in FILES if file.suffix == ".js")
    styles = "".join(file.read_text(encoding="utf-8") for file in FILES if file.suffix == ".css")
    observed = re.search(r"observedAttributes = \[(.*?)\]", scripts, re.DOTALL)
    assert observed, "photo-search.js is expected to list observedAttributes"
    names = re.findall(r'"([\w-]+)"', observed[1]) + re.findall(r'part: "([\w-]+)"', scripts)
    names += re.findall(r"--photo-search-[\w-]+", styles)
    names += [f"photo-search:{name}" for name in re.findall(r'#tell\("(\w+)"', scripts)]
    assert [name for name in names if f"`{name}`" not in readme] == []


def test_both_languages_say_the_same_things() -> None:
    """Whatever has a word in one language has one in the other."""

    def names(file: str) -> set[str]:
        return set(re.findall(r"^ +\"?([\w.:-]+)\"?: ", (WEB / file).read_text(encoding="utf-8"), re.MULTILINE))

    english, russian = (names(f"photo-search/words/{language}.js") for language in ("english", "russian"))
    assert english == russian
    assert "placeholder" in english
