"""The printed book: a few of its pages as one PDF, whole, linked, in vectors, and within the paper."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import pytest
from bs4 import BeautifulSoup

playwright = pytest.importorskip("playwright.sync_api")

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "book" / "print.py"
PAGES = {
    "book/index",
    "notebooks/ch1_new_stage/fig02_scale",
    "notebooks/ch3_new_paths/fig06_stabiliser",
    "notebooks/ch3_new_paths/fig09_forecast",
    "notebooks/ch3_new_paths/sectors",
    "notebooks/reproduction/glossary",
    "book/references",
}
TITLE = re.compile(rb"/Title (?:\((.*?[^\\])\)|<FEFF([0-9A-F]*)>)\n/")
OUTSIDE = """() => [...document.querySelectorAll("body :not(svg *, mjx-assistive-mml *), .chart-view text")].filter(element => {
  const { left, right, width, height } = element.getBoundingClientRect();
  return width && (left < -2 || right > innerWidth + 2 || (element.matches("figure") && height > 960));
}).map(element => `${element.tagName} ${element.textContent.slice(0, 60)}`)"""


@dataclass(frozen=True)
class Printed:
    """The document, what a browser laid out of it, and the PDF."""

    html: BeautifulSoup
    outside: list[str]
    folios: dict[str, int]
    faults: list[str]
    pdf: bytes


@pytest.fixture(scope="module")
def printing() -> ModuleType:
    specification = importlib.util.spec_from_file_location("print_book", SCRIPT)
    sys.modules["print_book"] = module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def printed(printing: ModuleType, html: Path) -> Iterator[Printed]:
    if not any(map(shutil.which, printing.BROWSERS)):
        pytest.skip("no Chromium on this machine")
    parts = printing.parts(printing.read(html, printing.FRONT))
    few = [replace(part, pages=kept) for part in parts if (kept := tuple(page for page in part.pages if page in PAGES))]
    path, faults = html / "print-test.html", []
    path.write_text(printing.document(html, few), encoding="utf-8")
    with printing.opened(path) as page:
        outside = page.evaluate(OUTSIDE)
        faults = page.eval_on_selector_all("mjx-merror", "errors => errors.map(error => error.textContent)")
        pdf = printing.pdf(page)
        folios = page.eval_on_selector_all("[data-page]", "slots => slots.map(slot => [slot.dataset.page, Number(slot.textContent)])")
    yield Printed(BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser"), outside, dict(folios), faults, pdf)
    path.unlink()


def outline(pdf: bytes) -> list[str]:
    """Return the titles of a PDF's outline; the first is that of the document."""
    found = [bytes.fromhex(code.decode()).decode("utf-16-be") if code else plain.decode() for plain, code in TITLE.findall(pdf)]
    return [" ".join(title.split()) for title in found]


def test_the_navigation_gives_the_parts_in_order(printing: ModuleType, html: Path) -> None:
    parts = printing.parts(printing.read(html, printing.FRONT))
    toc = (ROOT / "book" / "_toc.yml").read_text(encoding="utf-8")
    assert [page for part in parts for page in part.pages] == re.findall(r"(?:file|root): (\S+)", toc)
    assert [part.caption for part in parts[1:]] == [caption.strip('"') for caption in re.findall(r"caption: (.+)", toc)]


def test_every_link_within_leads_to_one_place(printed: Printed, printing: ModuleType) -> None:
    names = Counter(element["id"] for element in printed.html.select("[id]"))
    links = {link["href"][1:] for link in printed.html.select("a[href^='#']")}
    assert len(links) > 25 and "references" in links and "fig02_scale" in links
    assert not [name for name in links if names[name] != 1]
    assert links == set(printing.destinations(printed.pdf))


def test_other_links_are_addresses(printed: Printed) -> None:
    assert not [link["href"] for link in printed.html.select("a") if not re.match(r"#|https?://", link["href"])]


def test_outline_holds_every_chapter_and_section(printed: Printed) -> None:
    headings = [" ".join(heading.get_text().split()) for heading in printed.html.select("h1, h2, h3")]
    assert not Counter(headings) - Counter(outline(printed.pdf)[1:])


def test_contents_state_the_pages(printed: Printed, printing: ModuleType) -> None:
    places = printing.destinations(printed.pdf)
    assert len(printed.folios) >= len(PAGES)
    assert printed.folios == {name: places[name] for name in printed.folios}
    assert list(printed.folios.values()) == sorted(printed.folios.values())
    count = len(printing.PAGE.findall(printed.pdf))
    assert 20 < printed.folios["references"] <= count < 60


def test_charts_are_vectors_and_fonts_are_within(printed: Printed) -> None:
    assert len(printed.html.select(".chart-view > svg")) > 10
    assert b"/Subtype /Image" not in printed.pdf
    kinds = Counter(re.findall(rb"/Subtype /(Type\d|TrueType|CIDFontType\d)\b", printed.pdf))
    assert kinds.keys() <= {b"Type0", b"CIDFontType2", b"Type3"}  # a font of type 3 is its own drawings
    assert kinds[b"CIDFontType2"] == printed.pdf.count(b"/FontFile2 ") > 0


def test_pdf_is_tagged_and_names_its_language(printed: Printed) -> None:
    assert b"/StructTreeRoot" in printed.pdf and b"/Lang (en" in printed.pdf
    assert printed.pdf.count(b"/S /Figure") >= len(printed.html.select(".chart-view"))


def test_nothing_reaches_beyond_the_paper(printed: Printed) -> None:
    assert not printed.outside
    assert not printed.faults


def test_nothing_of_the_screen_is_left(printed: Printed) -> None:
    assert not printed.html.select("body script, button, form, details, summary, [download], .headerlink, .tag_hide-input .cell_input")
    assert len(printed.html.select(".explorer svg[role=img]")) == 1


def test_solutions_stand_at_the_end(printed: Printed) -> None:
    places = [element.get("id") for element in printed.html.select(".print-chapter") for _ in element.select(".solution")]
    assert places and set(places) == {"solutions"}
    assert printed.html.select("#fig06_stabiliser .exercise")


def test_title_page_states_version_and_own_data(printing: ModuleType) -> None:
    front = printing.parsed('<p class="edition">Version 1</p><div class="bd-header-announcement__content">Own data: &lt;b&gt;</div>')
    page = printing.title_page(front, "Book", "left out")
    assert "Version 1" in page and "Own data: &lt;b&gt;" in page


def test_a_title_stays_text_in_styles(printing: ModuleType) -> None:
    one = printing.Chapter("one", 'Say "a" \\ </style><script>', printing.parsed("<p></p>"))
    assert printing.head([("", [one])], "_static").count("</style>") == 1


def test_a_missing_browser_is_named(tmp_path: Path) -> None:
    run = subprocess.run([sys.executable, SCRIPT, tmp_path, tmp_path / "book.pdf"], env={**os.environ, "PATH": ""}, capture_output=True, text=True)
    assert run.returncode == 1
    assert "needs Chromium or Chrome; found none of chromium," in run.stderr
