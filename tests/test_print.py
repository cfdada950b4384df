"""The printed book: a few of its pages in each language as one PDF, whole, linked, in vectors, and within the paper."""

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
from itertools import pairwise
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

COLUMNS = """() => Object.fromEntries([...document.querySelectorAll(".print-chapter")].map(chapter => {
  chapter.classList.add("print-measured");
  const columns = Math.round(chapter.scrollWidth / chapter.clientWidth);
  chapter.classList.remove("print-measured");
  return [chapter.id, columns];
}))"""
SMALLEST = """() => Math.min(...[...document.querySelectorAll(".chart-view text")].map(text => {
  const { a, b } = text.getScreenCTM();
  return parseFloat(getComputedStyle(text).fontSize) * Math.hypot(a, b);
}))"""
LINES = """cells => cells.map(cell => {
  const text = document.createRange();
  text.selectNodeContents(cell);
  return new Set([...text.getClientRects()].map(line => line.top)).size;
})"""
SEEN = "all => all.filter(element => element.checkVisibility()).map(element => element.textContent)"


@dataclass(frozen=True)
class Printed:
    """The document, what a browser laid out of it, and the PDF."""

    language: str
    html: BeautifulSoup
    outside: list[str]
    columns: dict[str, int]
    smallest: float
    sources: list[str]
    folios: dict[str, int]
    pdf: bytes


@pytest.fixture(scope="module")
def printing() -> ModuleType:
    specification = importlib.util.spec_from_file_location("print_book", SCRIPT)
    sys.modules["print_book"] = module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def chromium(printing: ModuleType) -> None:
    if not any(map(shutil.which, printing.BROWSERS)):
        pytest.skip("no Chromium on this machine")


@pytest.fixture(scope="module", params=["en", "zh"])
def printed(request: pytest.FixtureRequest, printing: ModuleType, chromium: None, html: Path) -> Iterator[Printed]:
    book = {"en": html, "zh": html / "zh"}[request.param]
    parts = printing.parts(printing.read(book, printing.FRONT))
    few = [replace(part, pages=kept) for part in parts if (kept := tuple(page for page in part.pages if page in PAGES))]
    path = book / "print-test.html"
    path.write_text(printing.document(book, few), encoding="utf-8")
    with printing.opened(path) as page:
        outside, columns, smallest = (page.evaluate(script) for script in (OUTSIDE, COLUMNS, SMALLEST))
        sources = page.eval_on_selector_all(".source", SEEN)
        pdf = printing.pdf(page)
        folios = page.eval_on_selector_all("[data-page]", "slots => slots.map(slot => [slot.dataset.page, Number(slot.textContent)])")
    document = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    yield Printed(request.param, document, outside, columns, smallest, sources, dict(folios), pdf)
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
    assert b"/StructTreeRoot" in printed.pdf and f"/Lang ({printed.language}".encode() in printed.pdf
    assert printed.pdf.count(b"/S /Figure") >= len(printed.html.select(".chart-view"))


def test_nothing_reaches_beyond_the_paper(printed: Printed) -> None:
    assert not printed.outside


def test_a_wide_table_is_set_smaller_and_a_cut_one_would_be_noticed(printing: ModuleType, chromium: None, html: Path) -> None:
    path = html / "print-table.html"
    cells = "".join(f"<td>{'wide' * 10}</td>" for _ in range(8))
    path.write_text(f"{printing.head([], '_static')}<body><div><table><tr>{cells}</tr></table></div>", encoding="utf-8")
    with printing.opened(path) as page:
        fitted = page.evaluate(OUTSIDE)
        page.add_style_tag(content="td { white-space: nowrap }")
        cut = page.evaluate(OUTSIDE)
    path.unlink()
    assert not fitted and [one for one in cut if one.startswith("TABLE")]


def test_short_words_keep_to_their_line(printing: ModuleType, chromium: None, html: Path) -> None:
    path = html / "print-words.html"
    heads = "".join("<th>the long head of a number</th>" for _ in range(9))
    row = f"<tr><td>first releases, on mixed bases</td>{'<td>1.0</td>' * 8}</tr>"
    path.write_text(f"{printing.head([], '_static')}<body><div><table><thead><tr>{heads}<tbody>{row * 9}</table></div>", encoding="utf-8")
    with printing.opened(path) as page:
        kept = page.eval_on_selector_all("td", LINES)
        left = page.eval_on_selector_all("td", f"cells => {{ for (const cell of cells) cell.style.whiteSpace = ''; return ({LINES})(cells) }}")
    path.unlink()
    assert max(kept) == 1 < max(left)


@pytest.mark.parametrize(("text", "size"), [(500, "88%"), (620, "80%"), (900, "88%")])
def test_charts_shrink_where_that_saves_a_page(printing: ModuleType, chromium: None, html: Path, text: int, size: str) -> None:
    path = html / "print-charts.html"
    chart = '<div class="chart-view"><svg viewBox="0 0 700 450"></svg></div>'
    chapter = f'<section class="print-chapter"><div style="height: {text}px"></div>{chart}</section>'
    path.write_text(f"{printing.head([], '_static')}<body>{chapter}", encoding="utf-8")
    with printing.opened(path) as page:
        shrunk = page.eval_on_selector(".print-chapter", "chapter => chapter.style.getPropertyValue('--chart')")
    path.unlink()
    assert shrunk == size


def test_pages_are_counted_as_they_are_printed(printed: Printed, printing: ModuleType) -> None:
    starts = [printed.folios[name] for name in printed.columns] + [len(printing.PAGE.findall(printed.pdf)) + 1]
    assert list(printed.columns.values()) == [after - start for start, after in pairwise(starts)]


def test_text_of_charts_can_be_read(printed: Printed) -> None:
    assert printed.smallest > 6  # CSS pixels: a line's name in the chart of forty-one divisions, which fills a page


def test_charts_and_tables_state_every_publisher(printed: Printed) -> None:
    assert len(printed.sources) == len(printed.html.select(".source")) >= len(printed.html.select(".chart-view"))
    assert not [source for source in printed.sources if "named below" in source or "见下" in source]


def test_nothing_of_the_screen_is_left(printed: Printed) -> None:
    assert not printed.html.select("body script, button, form, details, summary, [download], .headerlink, .tag_hide-input .cell_input")
    assert len(printed.html.select(".explorer svg[role=img]")) == 1


def test_solutions_stand_at_the_end(printed: Printed) -> None:
    places = [element.get("id") for element in printed.html.select(".print-chapter") for _ in element.select(".solution")]
    assert places and set(places) == {"solutions"}
    assert printed.html.select("#fig06_stabiliser .exercise")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_title_page_states_version_licence_and_own_data(printing: ModuleType, language: str) -> None:
    front = printing.parsed('<p class="edition">Version 1</p><div class="bd-header-announcement__content">Own data: &lt;b&gt;</div>')
    page = printing.title_page(front, "Book", printing.WORDS[language])
    licences = re.search(r"^license: \[(.+)\]", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE)[1]
    assert "Version 1" in page and "Own data: &lt;b&gt;" in page
    assert not [licence for licence in licences.split(", ") if licence.replace("-", " ") not in page.replace("-", " ")]


def test_a_download_leaves_its_sentence_whole(printing: ModuleType) -> None:
    page = printing.parsed('<p>As <a download href="a.csv">CSV</a> too. <a download href="b.csv">Download b.csv</a></p>')
    printing.take_off_screen(page)
    assert page.get_text() == "As CSV too. "


def test_a_title_stays_text_in_styles(printing: ModuleType) -> None:
    one = printing.Chapter("one", 'Say "a" \\ </style><script>', printing.parsed("<p></p>"))
    assert printing.head([("", [one])], "_static").count("</style>") == 1


def test_a_missing_browser_is_named(tmp_path: Path) -> None:
    run = subprocess.run([sys.executable, SCRIPT, tmp_path, tmp_path / "book.pdf"], env={**os.environ, "PATH": ""}, capture_output=True, text=True)
    assert run.returncode == 1
    assert "needs Chromium or Chrome; found none of chromium," in run.stderr


def test_a_missing_edition_is_named(chromium: None, tmp_path: Path) -> None:
    run = subprocess.run([sys.executable, SCRIPT, tmp_path / "fr", tmp_path / "book.pdf"], capture_output=True, text=True)
    assert run.returncode == 1
    assert f"no book in {tmp_path}/fr" in run.stderr


ENGLISH, CHINESE = "_build/html _build/book.pdf", "_build/html/zh _build/book-zh.pdf"


@pytest.mark.parametrize(("edition", "files"), [("", ENGLISH), ("EDITION=en", ENGLISH), ("EDITION=zh", CHINESE)])
def test_each_edition_has_its_file(edition: str, files: str) -> None:
    run = subprocess.run(["make", "--dry-run", "--no-print-directory", "print", *edition.split()], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout.splitlines()[-1].endswith(f"book/print.py {files}")
