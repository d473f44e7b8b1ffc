"""Pages and pictures that are made from the code say what the code says."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from docs.generate.pages import PAGES, ROOT

pytestmark = pytest.mark.without_sql

COMMAND = "PYTHONPATH=. .venv/bin/python -m docs.generate"
_SVG = "{http://www.w3.org/2000/svg}"
_PICTURES = [name for name in PAGES if name.endswith(".svg")]


@pytest.mark.parametrize("name", PAGES)
def test_what_lies_here_is_what_the_code_makes(name: str) -> None:
    there = (ROOT / name).read_text("utf-8")
    assert there == PAGES[name](), f"{name} is not what the code says now. Run: {COMMAND}"


@pytest.mark.parametrize("name", [name for name in PAGES if name.endswith(".md")])
def test_a_page_says_how_it_is_made(name: str) -> None:
    assert COMMAND in (ROOT / name).read_text("utf-8")


@pytest.mark.parametrize("name", _PICTURES)
def test_a_picture_is_told_to_those_who_do_not_see_it(name: str) -> None:
    picture = ElementTree.parse(ROOT / name).getroot()
    named = (picture.get("aria-labelledby") or "").split()
    told = {part.get("id"): part.text or "" for part in picture if part.tag in _TELLING}
    assert picture.get("role") == "img" and named
    assert all(told[each] for each in named)


@pytest.mark.parametrize("name", _PICTURES)
def test_nothing_stands_outside_of_a_picture(name: str) -> None:
    picture = ElementTree.parse(ROOT / name).getroot()
    _, _, wide, high = map(float, str(picture.get("viewBox")).split())
    assert wide <= 1366
    for part in picture.iter(f"{_SVG}rect"):
        assert float(part.get("x", 0)) + float(part.get("width", 0)) <= wide
        assert float(part.get("y", 0)) + float(part.get("height", 0)) <= high


_TELLING = (f"{_SVG}title", f"{_SVG}desc")


def test_every_path_that_a_page_names_is_there() -> None:
    """In backticks or as a link; a page must not send a reader where nothing is."""
    lost = []
    for page in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]):
        for named in _paths(page.read_text("utf-8")):
            if not _is_there(page, named):
                lost.append(f"{page.relative_to(ROOT)}: {named}")
    assert lost == []


def _paths(text: str) -> list[str]:
    text = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    links = [link for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) if ":" not in link]
    quoted = [
        path.rstrip("/")
        for path in re.findall(r"`((?:[\w.-]+/)+[\w.*{},-]*)`", text)
        if path.partition("/")[0] in _FOLDERS
    ]
    return links + quoted


_FOLDERS = ("admin_ui", "idp", "sync", "web", "directory", "deploy", "docs", "migrations", "tests")


def _is_there(page: Path, named: str) -> bool:
    if (page.parent / named).exists() or (ROOT / "tests" / named).exists():
        return True  # a page of attacks names tests from their folder
    # `idp/locale/{vi,en}/…` names several, `*.po` any.
    alternatives = re.search(r"\{([^}]+)\}", named)
    if alternatives:
        each = alternatives[1].split(",")
        return all(_is_there(page, named.replace(alternatives[0], one)) for one in each)
    return any(ROOT.glob(named))
