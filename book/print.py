"""Put the pages of a built book together and print them as one PDF: ``print.py <book's folder> <file>``.

The pages are those of `make book`, in the order of their navigation, in whichever language they are.
They lose what only works on a screen, and their links lead within the document. A headless Chromium
fits the tables and charts and prints twice: the second time with page numbers in the contents.
"""

from __future__ import annotations

import html
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from posixpath import dirname, join, normpath
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Page, sync_playwright

FRONT = "book/index"
WIDTH = 658  # of the text on a page of print.css, in CSS pixels
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
STYLES = ("pygments.css", "book.css", "formulas.css", "explorer.css", "print.css")
SCREEN_ONLY = (
    "script, form, button, .headerlink, .toctree-wrapper, .explorer-tools, .explorer-settings, .explorer-spoken, .apparatus details, "
    "[hidden], svg [opacity='0'], .chart-data a, .tag_hide-input details, details.hide > summary, details.hide > .cell_input, .ledger details > ul"
)
STATED = ("component-author", "edition", "bd-header-announcement__content")  # who, which version, and whether own data stand in
WORDS = {
    "en": {
        "contents": "Contents",
        "solutions": "Solutions to the exercises",
        "licence": "Text: CC BY 4.0. Code: MIT. "
        "Numbers and terms of the report: China Academy of Information and Communications Technology (CAICT).",
        "left_out": "This is the printed form of the book. Its pages on the screen also unfold the code of each chart and table, say how each "
        "was computed, and offer the data; there the ledger can be searched and the scenario of Figure 9 can be moved.",
    },
    "zh": {
        "contents": "目录",
        "solutions": "练习解答",
        "licence": "文字：CC BY 4.0。代码：MIT。报告的数字和术语来源：中国信息通信研究院（CAICT）。",
        "left_out": "本文件是本书的印刷版。网页版另可展开每张图表的源代码、查看计算过程、下载数据、检索论断台账，并可调整图9的情景。",
    },
}


@dataclass(frozen=True)
class Part:
    """Some pages under one caption; the front page has none."""

    caption: str
    pages: tuple[str, ...]


@dataclass(frozen=True)
class Chapter:
    """A page as it is printed: a name that begins all its anchors, its title, its text."""

    name: str
    title: str
    body: Tag


Bound = list[tuple[str, list[Chapter]]]  # the caption of each part and its chapters


# -- reading the book -----------------------------------------------------------------------------------


def read(book: Path, page: str) -> BeautifulSoup:
    """Return a page of the book."""
    return parsed((book / f"{page}.html").read_text(encoding="utf-8"))


def parts(front: BeautifulSoup) -> list[Part]:
    """Return the parts of the book as the navigation of its front page has them."""
    navigation = front.select_one("nav.bd-links")
    found = [Part("", (FRONT,))]
    for caption in navigation.select("p.caption"):
        links = caption.find_next_sibling("ul").select("li.toctree-l1 > a")
        found.append(Part(caption.get_text(strip=True), tuple(target(FRONT, link["href"])[0] for link in links)))
    return found


def target(page: str, address: str) -> tuple[str, str]:
    """Return the page and the anchor that a relative address on a page leads to."""
    url = urlsplit(address)
    path = normpath(join(page, "..", unquote(url.path))).removesuffix(".html") if url.path else page
    return path, unquote(url.fragment)


def anchor(page: str, fragment: str = "") -> str:
    """Return the name that an anchor of a page has in the document."""
    name = page.rpartition("/")[2]
    return f"{name}-{fragment}" if fragment else name


def chapter(page: BeautifulSoup, name: str, printed: set[str], *, level: int) -> Chapter:
    """Return a page for print: its title a heading of a level, its links leading to the printed pages."""
    body = page.select_one("article.bd-article")
    name_publishers(body)
    take_off_screen(body)
    for heading in body.find_all(["h1", "h2", "h3", "h4", "h5"]):
        heading.name = f"h{min(int(heading.name[1]) + level - 1, 6)}"
    for element in body.select("[id]:not(.signs *)"):  # the signs of formulas have the same name in all chapters
        element["id"] = anchor(name, element["id"])
    for link in body.find_all("a", href=True):
        redirect(link, name, printed)
    return Chapter(anchor(name), " ".join(body.find(f"h{level}").get_text().split()), body)


def name_publishers(body: Tag) -> None:
    """Name every publisher under a chart or table: on a screen the last of a long list stand in what is folded."""
    for stated in body.select(".apparatus .source > span"):
        folded = stated.find_parent(class_="apparatus").select("dd")
        publishers = next(names for names in (terms.find_all("span", recursive=False) for terms in folded) if stated.span in names)
        stated.string = "; ".join(name.get_text() for name in publishers)


def take_off_screen(body: Tag) -> None:
    """Take away what works only on a screen, and unfold what is folded there."""
    for element in body.select(SCREEN_ONLY):
        element.decompose()
    for link in body.select("a[download]"):
        if link.next_sibling:  # the sentence goes on
            link.unwrap()
        else:
            link.decompose()
    for element in body.find_all(["details", "summary"]):
        element.name = "div"
        if not {"solution", "admonition-title"} & set(element.get("class", ())):
            element.attrs.clear()
    for cell in body.find_all(class_="cell"):
        if not cell.get_text(strip=True) and not cell.svg:  # or a heading would be left with it at the foot of a page
            cell.decompose()
    for mark in body.find_all(opacity=True):  # each would be a group of its own in the PDF, and slow to show
        mark["fill-opacity"] = mark["stroke-opacity"] = mark.attrs.pop("opacity")


def redirect(link: Tag, page: str, printed: set[str]) -> None:
    """Let a link lead to its place in the document; what it says stays without a link if that is not there."""
    url = urlsplit(link["href"])
    if url.scheme or url.netloc:
        return
    goal, fragment = target(page, link["href"])
    if goal in printed and "=" not in fragment:
        link["href"] = f"#{anchor(goal, fragment)}"
    else:
        link.unwrap()


def solutions(chapters: list[Chapter], title: str) -> Chapter | None:
    """Take the solutions out of the chapters and return them as one at the end, each under the title of its exercise."""
    end = parsed(f"<article><h1>{title}</h1></article>").article
    for one in chapters:
        if found := one.body.select(".solution"):
            end.append(parsed(f'<h2><a href="#{one.name}">{html.escape(one.title)}</a></h2>'))
        for solution in found:
            exercise = solution.find_previous(class_="exercise")
            heading = html.escape(exercise.select_one(".admonition-title").get_text())
            solution.select_one(".admonition-title").replace_with(parsed(f'<p class="admonition-title"><a href="#{exercise["id"]}">{heading}</a></p>'))
            end.append(solution.extract())
    return Chapter("solutions", title, end) if end.h2 else None


def parsed(text: str) -> BeautifulSoup:
    """Return some HTML as elements."""
    return BeautifulSoup(text, "html.parser")


# -- writing the document -------------------------------------------------------------------------------


def document(book: Path, outline: list[Part]) -> str:
    """Return the document to print: title page, contents, the parts' chapters, solutions."""
    front = read(book, FRONT)
    language = front.html["lang"]
    words, printed = WORDS[language[:2]], {page for part in outline for page in part.pages}
    bound = [(part.caption, [chapter(read(book, page), page, printed, level=2 if part.caption else 1) for page in part.pages]) for part in outline]
    if answers := solutions([one for _, chapters in bound for one in chapters], words["solutions"]):
        bound.append(("", [answers]))
    title = html.escape(front.h1.find(string=True))
    static = dirname(target(FRONT, front.select_one("link[href*='/book.css']")["href"])[0])  # the Chinese edition shares it
    return (
        f'<!doctype html><html lang="{language}" data-theme="light"><head><meta charset="utf-8"><title>{title}</title>{head(bound, static)}</head>'
        f"<body>{title_page(front, title, words)}{contents(bound, words['contents'])}"
        f"{''.join(section(one, '' if place else caption) for caption, chapters in bound for place, one in enumerate(chapters))}</body></html>"
    )


def head(bound: Bound, static: str) -> str:
    """Return the document's styles."""
    styles = "".join(f'<link rel="stylesheet" href="{static}/{name}">' for name in STYLES)
    running = "".join(f"@page {one.name} {{ @top-left {{ content: {_quoted(one.title)} }} }}\n" for _, chapters in bound for one in chapters)
    return f"{styles}<style>{running}</style>"


def section(one: Chapter, part: str) -> str:
    """Return a chapter on pages of its own; the first of a part stands under the part's caption."""
    caption = f'<h1 class="print-part">{html.escape(part)}</h1>' if part else ""
    return f'<section class="print-chapter" id="{one.name}" style="page: {one.name}">{caption}{one.body.decode_contents()}</section>'


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("<", "\\3c ") + '"'


def title_page(front: BeautifulSoup, title: str, words: dict[str, str]) -> str:
    """Return the title page: title, what the pages state of the edition, the licence, and what print leaves out."""
    lines = [" ".join(element.get_text().split()) for name in STATED if (element := front.select_one(f".{name}"))]
    stated = "".join(f"<p>{html.escape(line)}</p>" for line in [*lines, words["licence"]])
    return f'<section class="print-title"><p class="print-name">{title}</p>{stated}<p class="print-note">{html.escape(words["left_out"])}</p></section>'


def contents(bound: Bound, heading: str) -> str:
    """Return the contents, with an empty place for the number of each chapter's page."""
    entry = '<li><a href="#{0}"><span>{1}</span><span class="print-folio" data-page="{0}">000</span></a></li>'
    lists = "".join(
        f'{f"<p>{html.escape(caption)}</p>" if caption else ""}<ul>{"".join(entry.format(one.name, html.escape(one.title)) for one in chapters)}</ul>'
        for caption, chapters in bound
    )
    return f'<nav class="print-contents"><h1>{heading}</h1>{lists}</nav>'


# -- printing ------------------------------------------------------------------------------------------


def browser() -> str:
    """Return the path of a Chromium, or end with a message that names what is missing."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    return path or sys.exit(f"print: needs Chromium or Chrome; found none of {', '.join(BROWSERS)} on the PATH")


# A table too wide is set smaller, and a column stays on one line where the table grows no longer by it.
FIT = """
for (const table of document.querySelectorAll("table")) {
  const fits = () => table.offsetWidth <= table.parentElement.clientWidth;
  for (const size of [8, 7.5, 7]) { if (fits()) break; table.style.fontSize = `${size}pt`; }
  if (!fits()) table.classList.add("print-broken");
  if (getComputedStyle(table).tableLayout === "fixed") continue;
  for (let place = 1, column; (column = table.querySelectorAll(`tbody > tr > :nth-child(${place})`)).length; place++) {
    const height = table.offsetHeight;
    for (const cell of column) cell.style.whiteSpace = "nowrap";
    if (!fits() || table.offsetHeight > height) for (const cell of column) cell.style.whiteSpace = "";
  }
}
"""
# The charts of a chapter are smaller where that saves it a page, as far as their text of 12 px stays 5.8 points.
PACK = """
for (const chart of document.querySelectorAll(".chart-view > svg")) {
  chart.style.minWidth = `min(88%, ${chart.viewBox.baseVal.width * 0.64}px)`;
}
for (const chapter of document.querySelectorAll(".print-chapter")) {
  const pages = size => {
    chapter.style.setProperty("--chart", `${size}%`);
    return Math.round(chapter.scrollWidth / chapter.clientWidth);
  };
  chapter.classList.add("print-measured");
  const tried = [88, 84, 80, 76].map(size => ({ size, pages: pages(size) }));
  pages(tried.reduce((best, one) => one.pages < best.pages ? one : best).size);
  chapter.classList.remove("print-measured");
}
"""
NUMBER = "pages => { for (const slot of document.querySelectorAll('[data-page]')) slot.textContent = pages[slot.dataset.page] ?? '' }"
PAGE = re.compile(rb"^(\d+) 0 obj\n<</Type /Page\n", re.MULTILINE)
DESTINATION = re.compile(rb"/(?!Dest )(\S+) \[(\d+) 0 R /XYZ ")


def destinations(printed: bytes) -> dict[str, int]:
    """Return the page of each anchor that a link leads to, from 1, as Chromium writes them."""
    numbers = {name: number for number, name in enumerate(PAGE.findall(printed), start=1)}
    return {re.sub(r"#([0-9A-F]{2})", lambda code: chr(int(code[1], 16)), name.decode()): numbers[page] for name, page in DESTINATION.findall(printed)}


@contextmanager
def opened(path: Path) -> Iterator[Page]:
    """Give a document laid out for paper, its tables and charts fitted."""
    with sync_playwright() as driver:
        window = driver.chromium.launch(executable_path=browser(), args=["--no-sandbox", "--disable-gpu"])
        page = window.new_page(viewport={"width": WIDTH, "height": 1000})
        page.emulate_media(media="print")
        page.goto(path.resolve().as_uri())
        page.evaluate("document.fonts.ready.then(() => {})")
        page.evaluate(FIT)
        page.evaluate(PACK)
        yield page
        window.close()


def pdf(page: Page) -> bytes:
    """Return an opened document as PDF, tagged, with an outline, and with page numbers in its contents."""
    page.evaluate(NUMBER, destinations(page.pdf(prefer_css_page_size=True)))
    return page.pdf(prefer_css_page_size=True, print_background=True, tagged=True, outline=True)


def main(book: Path, file: Path) -> None:
    """Print a built book into a file."""
    browser()  # before any work
    if not (book / f"{FRONT}.html").is_file():
        sys.exit(f"print: no book in {book}: `make book` writes the English one to _build/html, the Chinese one to _build/html/zh")
    path = book / "print.html"  # beside what it loads
    path.write_text(document(book, parts(read(book, FRONT))), encoding="utf-8")
    try:
        with opened(path) as page:
            file.write_bytes(pdf(page))
    finally:
        path.unlink()
    print(file)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
