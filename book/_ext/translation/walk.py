"""The walk over a built page: every slot in it, in the order of reading."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import groupby

from bs4 import BeautifulSoup, NavigableString, Tag

from digital_economy import formulas
from translation import catalogues
from translation.messages import Run, Slot, collapse, edge, opaque, text_slots, words

INLINE = {"a", "abbr", "b", "cite", "code", "em", "i", "img", "input", "kbd", "q", "small", "span", "strong", "sub", "sup", "svg", "wbr"}
APART = {"caption-number", "caption-text", "own-data"}  # classes of what is a message by itself beside others
WRITTEN_BY_CODE = {"cell_output", "chart", "edition", "ledger", "pasted-text", "std-numref", "caption-number"}
WORDS = re.compile(r"(?<=\\text\{)([^{}]+)(?=\})")  # in a formula
PAGE_TITLE = "page-title"
BIBLIOGRAPHY = {"bibliography", "citation-list"}  # references stay as published
ATTRIBUTES = ("aria-label", "title", "alt", "placeholder", "data-bs-title", "data-done", "data-failed", "data-chapter", "data-verdict", "data-origin")


def page_slots(page: BeautifulSoup, names: dict[str, str]) -> Iterator[Slot]:
    """Yield the slots of a page: texts, and attributes that are read out or shown."""
    yield from _walk(page.html, names, varying=False)
    for formula in page.find_all(attrs={"data-tex": WORDS}):
        yield from _formula(formula, names)
    for element in page.find_all(True):
        for name in ATTRIBUTES:
            if isinstance(value := element.get(name), str) and not opaque(element.parent):
                yield from text_slots(value, partial(element.attrs.__setitem__, name), names, varying=element.name != "link")


def _formula(element: Tag, names: dict[str, str]) -> Iterator[Slot]:
    """Yield the slots of the words in a formula, which is drawn anew with their translation."""
    pieces = WORDS.split(element["data-tex"])  # every second one is words

    def put(place: int, text: str) -> None:
        pieces[place] = f"{edge(pieces[place], 0)}{text}{edge(pieces[place], -1)}"
        element["data-tex"] = "".join(pieces)
        element.clear()
        element.append(BeautifulSoup(formulas.drawn(element["data-tex"], display=element.name == "div"), "html.parser"))

    for place in range(1, len(pieces), 2):
        yield from text_slots(pieces[place], partial(put, place), names, varying=False)


def _walk(element: Tag, names: dict[str, str], *, varying: bool) -> Iterator[Slot]:
    classes = set(element.get("class", ()))
    if opaque(element) or element.name == "title" or BIBLIOGRAPHY & classes:  # the title of a page follows from its heading
        return
    varying = (varying or bool(WRITTEN_BY_CODE & classes)) and PAGE_TITLE not in classes
    for inline, nodes in groupby(list(element.children), _inline):
        if inline:
            yield from _run(_trimmed(list(nodes)), names, varying=varying)
        else:
            for child in nodes:
                if isinstance(child, Tag):
                    yield from _walk(child, names, varying=varying)


def _run(nodes: list[NavigableString | Tag], names: dict[str, str], *, varying: bool) -> Iterator[Slot]:
    if not nodes:
        return
    if len(nodes) == 1 and isinstance(nodes[0], Tag):
        yield from _walk(nodes[0], names, varying=varying)
        return
    if varying and len(nodes) == 1:
        if not _beside_its_translation(nodes[0], names):
            slots = text_slots(str(nodes[0]), _writer(nodes[0]), names)
            if len(slots) == 1:
                slots[0].nodes = nodes
            yield from slots
        return
    run = Run(nodes, varying=varying)
    if words(run.message):
        yield run
    for element in run.held:
        yield from _walk(element, names, varying=varying)


def _inline(node: NavigableString | Tag) -> bool:
    if not isinstance(node, Tag):
        return type(node) is NavigableString
    apart = APART & set(node.get("class", ()))
    return node.name in INLINE and not apart and node.get("lang") != "zh" and (opaque(node) or all(_inline(child) for child in node.children))


def _trimmed(nodes: list[NavigableString | Tag]) -> list[NavigableString | Tag]:
    """Return the nodes without those at the ends that show no text: white space, icons, links to headings."""
    while nodes and _silent(nodes[0]):
        nodes = nodes[1:]
    while nodes and _silent(nodes[-1]):
        nodes = nodes[:-1]
    return nodes


def _silent(node: NavigableString | Tag) -> bool:
    return not node.get_text().strip() or (isinstance(node, Tag) and "headerlink" in node.get("class", ()))


def _writer(node: NavigableString) -> Callable[[str], None]:
    """Return a function that puts a text in the place of a node, with the white space that was around it."""
    before, after = edge(node, 0), edge(node, -1)

    def write(text: str) -> None:
        nonlocal node
        new = NavigableString(f"{before}{text}{after}")
        node.replace_with(new)
        node = new

    return write


def _beside_its_translation(text: NavigableString, names: dict[str, str]) -> bool:
    """Tell whether a row of a table already holds a name or a term in both languages."""
    english, row = collapse(text), text.find_parent("tr")
    chinese = {names.get(english), *catalogues.glossary().get(english, ())}
    return row is not None and any(cell.get_text() in chinese for cell in row.find_all("td"))
