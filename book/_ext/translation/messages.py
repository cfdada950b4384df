"""A message: a piece of a page's text as a translator sees it, and the way of its translation back into the page.

What is not to be translated, such as a number or a formula, stands in a message as ``{0}``; what is emphasised or
linked in it stands between ``<1>`` and ``</1>``. A translation holds the same marks, in any order.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Protocol

from bs4 import NavigableString, Tag

MARK = re.compile(r"(\{\d+\}|</?\d+>)")
# What changes with the data and not with the words: numbers, names of columns and files, addresses.
VARYING = re.compile(r"(?<![\w.])[−+-]?\d+(?:[,.]\d+)*+(?!\w)|\b[a-z]\w*_\w+\b|\b\w+\.(?:csv|svg|png)\b|https?://\S+")
WORDS, CHINESE = re.compile(r"[A-Za-z]{2,}"), re.compile(r"[\u3400-\u9fff]")
NAMED = re.compile(r"(.+) \(([^()]+)\)")  # a name and what is said of it, such as a year
LISTED = re.compile(r"[^,. ]+(?: [^,. ]+){0,2}(?:, [^,. ]+(?: [^,. ]+){0,2}){3,}")  # four items or more, of three words at most
OPAQUE = {"code", "img", "input", "kbd", "math", "pre", "script", "style", "svg", "textarea"}  # never looked into
HELD = {"pasted-text", "std-numref"}  # classes of what stands in a sentence and is translated by itself


class Slot(Protocol):
    """A place in a page whose text is a message; ``plain`` is the text as it is read there.

    ``nodes`` are what in the page holds it, none for an attribute and for a text of a chart.
    """

    message: str
    plain: str
    nodes: list[NavigableString | Tag]

    def put(self, translation: str) -> None:
        """Put the translation in the place of the text."""


class Text:
    """The slot of a string, written back by ``write`` between ``before`` and ``after``."""

    def __init__(self, text: str, write: Callable[[str], None], *, varying: bool = True, before: str = "", after: str = "") -> None:
        self.plain = collapse(text)
        self.nodes: list[NavigableString | Tag] = []
        self.parts: list[str] = []
        self.message = VARYING.sub(self._hold, self.plain) if varying else self.plain
        self._write = lambda translation: write(f"{before}{translation}{after}")

    def _hold(self, found: re.Match) -> str:
        self.parts.append(found[0])
        return f"{{{len(self.parts) - 1}}}"

    def put(self, translation: str) -> None:
        self._write(re.sub(r"\{(\d+)\}", lambda mark: self.parts[int(mark[1])], translation))


class Run:
    """The slot of text with inline elements in it, which stand next to each other in a page.

    In ``varying`` text, which code wrote, numbers are marks, and elements are translated by themselves.
    """

    def __init__(self, nodes: list[NavigableString | Tag], *, varying: bool) -> None:
        self.nodes, self.varying = nodes, varying
        self.parts: list[NavigableString | tuple[Tag, Tag]] = []  # of an element also its innermost, which holds the words
        self.held: list[Tag] = []
        self.message = collapse(self._read(nodes))
        self.plain = collapse("".join(node.get_text() for node in nodes))

    def _read(self, nodes: Iterable[NavigableString | Tag]) -> str:
        return "".join(self._read_one(node) for node in nodes)

    def _read_one(self, node: NavigableString | Tag) -> str:
        if not isinstance(node, Tag):
            return VARYING.sub(lambda found: self._hold(NavigableString(found[0])), str(node)) if self.varying else str(node)
        if self.varying or _apart(node) or not any(words(text) for text in _texts(node)):
            self.held.append(node)
            return self._hold(node)
        inner = node
        while len(inner.contents) == 1 and isinstance(inner.contents[0], Tag):
            inner = inner.contents[0]
        self.parts.append((node, inner))
        place = len(self.parts) - 1
        return f"<{place}>{self._read(inner.children)}</{place}>"

    def _hold(self, node: NavigableString | Tag) -> str:
        self.parts.append((node, node) if isinstance(node, Tag) else node)
        return f"{{{len(self.parts) - 1}}}"

    def put(self, translation: str) -> None:
        first = NavigableString(edge(self.nodes[0], 0))
        self.nodes[0].insert_before(first)
        last = NavigableString(edge(self.nodes[-1], -1))
        self.nodes[-1].insert_after(last)
        for node in self.nodes:
            node.extract()
        for node in self._built(translation):
            last.insert_before(node)

    def _built(self, translation: str) -> list[NavigableString | Tag]:
        levels: list[list[NavigableString | Tag]] = [[]]
        for token in MARK.split(translation):
            part = self.parts[int(token.strip("{</>}"))] if MARK.fullmatch(token) else NavigableString(token)
            if token.startswith("<") and token[1] != "/" and isinstance(part, tuple):
                levels.append([])
            elif token.startswith("</") and isinstance(part, tuple):
                part[1].clear()
                part[1].extend(levels.pop())
                levels[-1].append(part[0])
            else:
                levels[-1].append(part[0] if isinstance(part, tuple) else part)
        return levels[0]


def collapse(text: str) -> str:
    """Return text with each stretch of white space as one blank, and none at the ends."""
    return " ".join(text.split())


def words(message: str) -> bool:
    """Tell whether a message has words to translate; a title that is mostly Chinese has none."""
    text = MARK.sub(" ", message)
    return sum(map(len, WORDS.findall(text))) > len(CHINESE.findall(text))


def opaque(element: Tag) -> bool:
    """Tell whether an element is left as it is: code, formulas, Chinese, citations, and what is marked so."""
    classes = set(element.get("class", ()))
    citation = re.fullmatch(r"id\d+", element.get("id", "")) and element.find("a", class_="reference")
    return element.name in OPAQUE or "notranslate" in classes or element.get("lang") == "zh" or bool(citation)


def marks_agree(message: str, translation: str) -> bool:
    """Tell whether a translation holds each mark of its message once, and closes what it opens."""
    if Counter(MARK.findall(message)) != Counter(MARK.findall(translation)):
        return False
    open_marks: list[str] = []
    for mark in MARK.findall(translation):
        if mark.startswith("</"):
            if not open_marks or open_marks.pop() != mark[2:-1]:
                return False
        elif mark.startswith("<"):
            open_marks.append(mark[1:-1])
    return True


def text_slots(text: str, write: Callable[[str], None], names: dict[str, str], *, varying: bool = True) -> list[Text]:
    """Return the slot of a string, none where it has no words or is a name of the tables, which is written at once.

    Of a name with something after it in brackets only this is left to translate, and of a list of choices each by itself.
    """
    plain = collapse(text)
    found = NAMED.fullmatch(plain)
    if varying and LISTED.fullmatch(plain):
        return _listed(plain.split(", "), write, names)
    if plain in names:
        write(names[plain])
        return []
    if found and found[1] in names:
        slot = Text(found[2], write, before=f"{names[found[1]]}（", after="）")
        if not words(slot.message):
            slot.put(slot.message)
            return []
    else:
        slot = Text(plain, write, varying=varying)
    return [slot] if words(slot.message) else []


def _listed(items: list[str], write: Callable[[str], None], names: dict[str, str]) -> list[Text]:
    """Return the slots of the items of a list, which is written whenever one of them is."""
    chinese = list(items)

    def keep(place: int, text: str) -> None:
        chinese[place] = text
        write("，".join(chinese))

    return [slot for place, item in enumerate(items) for slot in text_slots(item, partial(keep, place), names)]


def _apart(element: Tag) -> bool:
    """Tell whether an element in a sentence is no part of its message."""
    return opaque(element) or bool(HELD & set(element.get("class", ())))


def _texts(element: Tag) -> Iterator[str]:
    """Yield the texts in an element that are part of a message."""
    for child in () if _apart(element) else element.children:
        if isinstance(child, Tag):
            yield from _texts(child)
        else:
            yield str(child)


def edge(node: NavigableString | Tag, place: int) -> str:
    """Return the white space at an end of a run."""
    text = "" if isinstance(node, Tag) else str(node)
    return " " if text and text[place].isspace() else ""
