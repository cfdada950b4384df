"""The Chinese edition written beside the English one: pages, downloads, search, and a switch on every page."""

from __future__ import annotations

import csv
import io
import json
import multiprocessing
import os
import posixpath
import re
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, cached_property, partial
from html import escape
from pathlib import Path
from posixpath import relpath

import sphinx
import yaml
from babel.messages.catalog import Message
from babel.messages.extract import extract
from bs4 import BeautifulSoup, NavigableString, Tag

import accessible
import policy
from digital_economy import charts, data, formulas
from translation import catalogues, search
from translation.catalogues import COMMON, Found
from translation.kept import Kept, Written, shared
from translation.messages import CHINESE, Slot, text_slots
from translation.specification import chart_slots, localise, pictures
from translation.walk import page_slots

LANGUAGE, FOLDER = "zh-CN", "zh"
KEPT_PAGES = "chinese"  # the folder beside the book that keeps them from one build to the next
OWN_DATA = (  # what only a book with a reader's own data says
    "Built with own data in place of these tables: {0}.",
    "The reader's own data stand in for {0}.",
    "{0} (the reader's own data)",
    "Announcement",
)
PAGES_EACH = 20  # a process takes seconds to start
OWN = {"documentation_options.js", "language_data.js", "translations.js"}  # scripts that each language has for itself
CHART = re.compile(r'<div class="chart-view"(?:(?!</svg>).)*</svg></div><script type="application/json">(.*?)</script>', re.DOTALL)
PICTURE = re.compile(r"\.(?:svg|png)$")
CODE = re.compile(r"<pre\b.*?</pre>", re.DOTALL)
AND = re.compile(r"(?<=[\u3400-\u9fff]) and (?=[\u3400-\u9fff])")  # between the authors of a citation
KEPT = '<i class="kept" data-place="{}"></i>'
SHARED = re.compile(r"(?:\.\./)*(?:_static/([^?#]*)|_sources/.*)")
CHARSET = '<meta charset="utf-8"/>'
HEADER = '<div class="article-header-buttons">'
SPHINX_WORDS = Path(sphinx.__file__).parent / "locale" / "zh_CN" / "LC_MESSAGES" / "sphinx.js"
SCRIPTS = catalogues.ROOT / "book" / "_static"


def pages(book: Path) -> list[str]:
    """Return the pages of a built English book, without ``.html``."""
    found = (path.relative_to(book).with_suffix("").as_posix() for path in sorted(book.rglob("*.html")))
    return [page for page in found if not page.startswith(("_static/", f"{FOLDER}/"))]


def contents() -> list[str]:
    """Return the pages that the book's table of contents names."""
    toc = yaml.safe_load((catalogues.ROOT / "book" / "_toc.yml").read_text(encoding="utf-8"))
    return [toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])]


class Page:
    """A built page with its charts and its code apart: ``slots`` are all its texts, ``html()`` is the page as it is now."""

    def __init__(self, book: Path, name: str) -> None:
        self.book, self.name = book, name
        self.kept: list[dict | str] = []
        text = accessible.unmarked((book / f"{name}.html").read_text(encoding="utf-8"))
        text = CHART.sub(lambda found: self._keep(json.loads(found[1])), text)
        self.soup = BeautifulSoup(CODE.sub(lambda found: self._keep(found[0]), text), "html.parser")

    def _keep(self, part: dict | str) -> str:
        self.kept.append(part)
        return KEPT.format(len(self.kept) - 1)

    @property
    def specifications(self) -> list[dict]:
        """The specifications of the charts that are not drawn yet."""
        return [part for part in self.kept if isinstance(part, dict)]

    def slots(self) -> Iterator[Slot]:
        """Yield the slots of the page and of its charts."""
        if self.soup.html is None:
            return
        yield from list(page_slots(self.soup, catalogues.names()))
        for spec in self.specifications:
            yield from list(chart_slots(spec, catalogues.names()))

    def html(self) -> str:
        """Return the page with its code, and with its charts as ``draw`` left them."""
        return re.sub(KEPT.format(r"(\d+)"), lambda place: self.kept[int(place[1])], str(self.soup))

    def draw(self) -> Iterator[tuple[Tag, dict[str, bytes]]]:
        """Draw each chart from its specification; yield the element around it, and its picture as files."""
        for place, part in enumerate(self.kept):
            if isinstance(part, dict):
                self.kept[place] = charts.view(part)
                yield self.soup.find("i", attrs={"data-place": str(place)}).find_parent(class_="chart"), pictures(self.kept[place])


def found(book: Path) -> list[Found]:
    """Return every message of the built English book, of its scripts, and of a book with own data."""
    messages = [Found(name, slot.message, slot.plain) for name in pages(book) for slot in Page(book, name).slots()]
    return messages + [Found(COMMON, text, text) for text in (*script_messages(), *OWN_DATA)]


def script_messages() -> list[str]:
    """Return the messages of the book's own scripts, which call ``_`` as Sphinx's do."""
    texts = []
    for path in sorted(SCRIPTS.glob("*.js")):
        with path.open("rb") as file:
            texts += [text for _, text, _, _ in extract("javascript", file, keywords={"_": None})]
    return list(dict.fromkeys(texts))


class Edition:
    """The Chinese edition of a built book; ``problems`` are the messages of each page that lack a good translation."""

    def __init__(self, book: Path, folder: Path = catalogues.CATALOGUES) -> None:
        self.book, self.folder, self.out = book, folder, book / FOLDER
        self.problems: dict[str, dict[str, str]] = {}
        self._wrong: dict[str, str | None] = {}

    @cached_property
    def messages(self) -> dict[str, Message]:
        """The messages of the catalogues by their English text."""
        return catalogues.read(self.folder)

    def write(self) -> None:
        """Write all pages and what they need; a text without a good translation stays English."""
        shutil.rmtree(self.out, ignore_errors=True)
        written = self._written(pages(self.book))
        for name, page in written.items():
            _write(self.out / f"{name}.html", page.html.encode())
            for file, content in page.downloads.items():
                _write(self.out / "_downloads" / name / file, content)
        self.problems |= {name: page.problems for name, page in written.items() if page.problems}
        self._write_search({name: page.words for name, page in written.items()})
        self._write_scripts()

    def _written(self, names: list[str]) -> dict[str, Written]:
        """Return the pages: those that were made from the same as now as they are kept, the others made anew."""
        kept = Kept(self.book.with_name(KEPT_PAGES), self.book, shared(catalogues.ROOT, self.folder))
        found = {name: kept.find(name) for name in names}
        new = [name for name, page in found.items() if page is None]
        for name, page in zip(new, self._made(new)):
            kept.keep(name, page)
            found[name] = page
        kept.only(names)
        return found

    def _made(self, names: list[str]) -> list[Written]:
        workers = min(os.cpu_count() or 1, len(names) // PAGES_EACH)
        if workers < 2:
            return [self.make(name) for name in names]
        with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
            return list(pool.map(partial(_make_in_worker, self.book, self.folder), names))

    def whole(self) -> bool:
        """Tell whether nothing is left to translate; what own data say a catalogue cannot know, and it stays English."""
        allowed = {"missing"} if data.replaced() else set()
        return all(set(problems.values()) <= allowed for problems in self.problems.values())

    def remove(self) -> None:
        """Take the edition away again."""
        shutil.rmtree(self.out)

    def switch(self) -> None:
        """Let every English page lead to its Chinese one."""
        for name in pages(self.book):
            path = self.book / f"{name}.html"
            path.write_text(switched(path.read_text(encoding="utf-8"), name, to=FOLDER), encoding="utf-8")

    def _chinese(self, name: str, message: str) -> str | None:
        """Return the translation of a message; without a good one note why, and return None."""
        if message not in self._wrong:
            self._wrong[message] = catalogues.problem(message, self.messages.get(message), catalogues.glossary())
        if self._wrong[message]:
            self.problems.setdefault(name, {})[message] = self._wrong[message]
            return None
        return self.messages[message].string

    def _translate(self, name: str, slots: Iterable[Slot]) -> None:
        for slot in slots:
            if chinese := self._chinese(name, slot.message):
                slot.put(chinese)
            elif slot.nodes:
                _mark_english(slot.nodes)

    def make(self, name: str) -> Written:
        """Return one page in Chinese."""
        page = Page(self.book, name)
        if page.soup.html is None:  # it only leads on to another
            return Written((self.book / f"{name}.html").read_text(encoding="utf-8"))
        _teach()
        self._translate(name, page.slots())
        for spec in page.specifications:
            localise(spec)
        downloads = self._downloads(page)
        _finish(page.soup)
        text = AND.sub("、", switched(formulas.shared(page.html()), name, to="en"))
        html = text.replace(CHARSET, CHARSET + policy.tag(text), 1)
        return Written(html, search.page_words(page.soup), downloads, self.problems.get(name, {}))

    def _downloads(self, page: Page) -> dict[str, bytes]:
        """Draw the page's charts; return the files of its tables and charts, in Chinese, by the names in its links."""
        tables = (self.book / "_downloads" / page.name).glob("*.csv")
        files = {path.name: self._rows(page.name, path).encode("utf-8-sig") for path in tables}
        for chart, drawn in page.draw():
            for link in chart.find_all("a", download=PICTURE, href=re.compile("_downloads/")):
                files[link["download"]] = drawn[link["download"].rpartition(".")[2]]
        return files

    def _rows(self, name: str, path: Path) -> str:
        """Return the file of a table with its words translated as they are on the page."""
        lines = io.StringIO()
        rows = csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""))
        csv.writer(lines, lineterminator="\n").writerows([self._cell(name, cell) for cell in row] for row in rows)
        return lines.getvalue()

    def _cell(self, name: str, cell: str) -> str:
        written = [cell]
        for slot in text_slots(cell, written.append, catalogues.names()):
            if slot.message in self.messages:
                self._translate(name, [slot])
        return written[-1]

    def _write_search(self, words: dict[str, search.PageWords]) -> None:
        english = (self.book / "searchindex.js").read_text(encoding="utf-8")
        (self.out / "searchindex.js").write_text(search.index(english, words), encoding="utf-8")

    def _write_scripts(self) -> None:
        """Write the scripts that Sphinx has for each language: its own words and those of the book's scripts."""
        static = self.out / "_static"
        static.mkdir(exist_ok=True)
        shutil.copy(search.SCRIPT, static)
        options = (self.book / "_static" / "documentation_options.js").read_text(encoding="utf-8")
        (static / "documentation_options.js").write_text(options.replace("LANGUAGE: 'en'", f"LANGUAGE: '{LANGUAGE}'"), encoding="utf-8")
        words = json.loads(SPHINX_WORDS.read_text(encoding="utf-8").partition("(")[2].rpartition(")")[0])["messages"]
        ours = {text: self._chinese(COMMON, text) or text for text in script_messages()}
        # Not by Sphinx's own function, which makes code from text: the pages' policy forbids it.
        script = f"Object.assign(Documentation.TRANSLATIONS, {json.dumps(words | ours, ensure_ascii=False)});\nDocumentation.PLURAL_EXPR = () => 0;\n"
        (static / "translations.js").write_text(script, encoding="utf-8")


@cache
def _edition(book: Path, folder: Path) -> Edition:
    return Edition(book, folder)


def _make_in_worker(book: Path, folder: Path, name: str) -> Written:
    return _edition(book, folder).make(name)


@cache
def _teach() -> None:
    """Let the cutter of words know those of the tables and of the glossary, once in a process."""
    search.teach({*catalogues.names().values(), *(word for words in catalogues.glossary().values() for word in words)})


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def switched(html: str, name: str, *, to: str) -> str:
    """Return a page with a switch to the same page in the other language, for readers and for search engines."""
    if 'class="btn btn-sm language-switch"' in html:
        return html
    language, word = ("en", "English") if to == "en" else (LANGUAGE, "中文")
    here, there = (f"{FOLDER}/{name}", name) if to == "en" else (name, f"{FOLDER}/{name}")
    address = escape(relpath(f"{there}.html", posixpath.dirname(here) or "."))
    switch = f'<a class="btn btn-sm language-switch" href="{address}" lang="{language}" hreflang="{language}">{word}</a>'
    alternate = f'<link rel="alternate" hreflang="{language}" href="{address}"/>'
    return html.replace(HEADER, HEADER + switch, 1).replace("</head>", f"{alternate}</head>", 1)


def _finish(page: BeautifulSoup) -> None:
    """Give a translated page its language, its title, its addresses, and the words of the scripts."""
    page.html["lang"] = LANGUAGE
    english = {"meta": {"http-equiv": "Content-Security-Policy"}, "link": {"rel": "alternate"}, "a": {"class": "language-switch"}}
    for name, attributes in english.items():
        for element in page.find_all(name, attrs=attributes):
            element.decompose()
    if search_language := page.find("meta", attrs={"name": "docsearch:language"}):
        search_language["content"] = LANGUAGE
    article, book = page.find("article"), page.find(class_="logo__title").get_text()
    headings = search.headings(article) if article else []
    page.title.string = " — ".join(dict.fromkeys([headings[0][0] if headings else book, book]))
    for name in ("href", "src"):
        for element in page.find_all(attrs={name: SHARED}):
            element[name] = _address(element[name])
    doctools = page.find("script", src=re.compile("doctools"))
    doctools.insert_after(page.new_tag("script", src=doctools["src"].partition("_static/")[0].replace("../", "", 1) + "_static/translations.js"))
    for reference in page.select("div.citation"):
        if not CHINESE.search(reference.get_text()):
            reference["lang"] = "en"
    _turn_names(page)


def _mark_english(nodes: list[NavigableString | Tag]) -> None:
    """Say what language a text is in that has no translation."""
    if len(nodes) == len(nodes[0].parent.contents):
        nodes[0].parent["lang"] = "en"
        return
    english = Tag(name="span", attrs={"lang": "en"})
    nodes[0].insert_before(english)
    english.extend(nodes)


def _address(address: str) -> str:
    """Return the address of a file that both languages share, one folder up; each has some scripts for itself."""
    found = SHARED.fullmatch(address.partition("?")[0])
    return f"../{address}" if found and found[1] not in OWN else address


def _turn_names(page: BeautifulSoup) -> None:
    """Let the English name stand where the English page has the Chinese one beside its own."""
    english = {chinese: name for name, chinese in catalogues.names().items()}
    for element in page.find_all(lang="zh"):
        if name := english.get(element.get_text()):
            element.string, element["lang"] = name, "en"
