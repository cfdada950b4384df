"""The catalogues of the Chinese edition: read, brought up to date, and checked.

A message that several pages have stands in ``common.po``, any other in the catalogue of its page. Names of sectors,
indicators, claims and terms are in no catalogue: they come from the tables of ``data/`` that hold both languages.
"""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from digital_economy import data
from translation.messages import MARK, marks_agree

ROOT = Path(__file__).parents[3]
LOCALE = ROOT / "book" / "locale" / "zh_CN"
CATALOGUES = LOCALE / "LC_MESSAGES"
COMMON = "common"
HEADER = 'msgid ""\nmsgstr ""\n"Language: zh_CN\\n"\n"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
ALIKE = 0.6  # of two messages, for the translation of one to be offered for the other


@dataclass(frozen=True)
class Found:
    """A message as it was found on a page: ``example`` is its text there."""

    page: str
    message: str
    example: str


@cache
def names() -> dict[str, str]:
    """Return the Chinese names of what the tables of ``data/`` name in both languages: the glossary's, or the only one.

    A term for which other words are accepted too is no name: its translation depends on what is meant.
    """
    pairs: dict[str, set[str]] = {}
    for resource in data.descriptor()["resources"]:
        columns = {field["name"] for field in resource["schema"]["fields"]}
        for stem in (column.removesuffix("_en") for column in columns if column.endswith("_en")):
            if f"{stem}_zh" in columns:
                frame = data.load(resource["name"])
                for english, chinese in zip(frame[f"{stem}_en"], frame[f"{stem}_zh"]):
                    pairs.setdefault(english, set()).add(chinese)
    terms = dict(zip(*data.load("glossary")[["term_en", "term_zh"]].to_numpy().T))
    single = {english: chinese.pop() for english, chinese in pairs.items() if len(chinese) == 1} | terms
    return {english: chinese for english, chinese in single.items() if english not in accepted()}


def read(folder: Path = CATALOGUES) -> dict[str, Message]:
    """Return the messages of all catalogues by their English text.

    Raises
    ------
    ValueError
        Two catalogues hold the same message.
    """
    messages: dict[str, Message] = {}
    for path in sorted(folder.rglob("*.po")):
        for message in _read_one(path):
            if message.id in messages:
                raise ValueError(f"{path.relative_to(folder)}: found {message.id!r} a second time; right is one catalogue a message")
            messages[message.id] = message
    return messages


def update(found: Iterable[Found], folder: Path = CATALOGUES) -> dict[str, int]:
    """Write the catalogues anew for the messages found; return how many of each catalogue are still to be translated.

    A translation stays with its message, on whichever page that is now; for a new message the translation of the one
    most like it among those that are gone is offered and marked fuzzy.
    """
    by_page = _by_catalogue(found)
    old = read(folder)
    wanted = {each.message for entries in by_page.values() for each in entries}
    gone = {text: message.string for text, message in old.items() if message.string and text not in wanted}
    for path in folder.rglob("*.po"):
        if path.relative_to(folder).with_suffix("").as_posix() not in by_page:
            path.unlink()
    left = {}
    for name, entries in by_page.items():
        catalogue = Catalog(locale="zh_CN")
        for each in entries:
            comment = [] if each.example == each.message else [each.example]
            message = catalogue.add(each.message, auto_comments=comment)
            message.string, message.flags = _translation(each.message, old, gone)
        _write_one(folder / f"{name}.po", catalogue)
        left[name] = sum(not message.string or message.fuzzy for message in catalogue if message.id)
    return left


def problem(text: str, message: Message | None, terms: dict[str, set[str]]) -> str | None:
    """Return what keeps a message from being used, or None where its translation is whole."""
    if message is None:
        return "missing"
    if not message.string:
        return "empty"
    if message.fuzzy:
        return "fuzzy"
    if not marks_agree(text, message.string):
        return f"found the marks {MARK.findall(message.string)}; right is each of {MARK.findall(text)} once"
    for term in departures(text, message.string, terms):
        return f"found {term!r} without its term; right is {' or '.join(sorted(terms[term]))}"
    return None


@cache
def glossary() -> dict[str, set[str]]:
    """Return the Chinese words that may stand for each English term: the glossary's and those accepted beside it.

    A term that is accepted as nothing, an everyday word too, is left out.
    """
    frame = data.load("glossary")
    terms = {english.partition(" (")[0]: {chinese} for english, chinese in zip(frame["term_en"], frame["term_zh"])}
    if strange := set(accepted()) - set(terms):
        raise ValueError(f"accepted.csv: found {sorted(strange)}; right is an English term of the glossary")
    whole = {english: chinese | accepted().get(english, set()) for english, chinese in terms.items()}
    return {english: chinese for english, chinese in whole.items() if "" not in chinese}


@cache
def accepted() -> dict[str, set[str]]:
    """Return the words that are accepted for a term beside the glossary's."""
    words: dict[str, set[str]] = {}
    with (LOCALE / "accepted.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            words.setdefault(row["term_en"], set()).add(row["also_zh"])
    return words


def departures(text: str, translation: str, terms: dict[str, set[str]]) -> list[str]:
    """Return the terms of a text for which its translation has none of the words that may stand for them."""
    rest, found = MARK.sub("", text), []
    for term in sorted(terms, key=len, reverse=True):  # a longer term holds shorter ones
        rest, times = re.subn(rf"\b{re.escape(term)}s?\b", "·", rest, flags=re.IGNORECASE)
        if times and not any(word in MARK.sub("", translation) for word in terms[term]):
            found.append(term)
    return found


def _by_catalogue(found: Iterable[Found]) -> dict[str, list[Found]]:
    first: dict[str, Found] = {}
    pages: dict[str, set[str]] = {}
    for each in found:
        first.setdefault(each.message, each)
        pages.setdefault(each.message, set()).add(each.page)
    by_page: dict[str, list[Found]] = {}
    for message, each in first.items():
        by_page.setdefault(COMMON if len(pages[message]) > 1 else each.page, []).append(each)
    return by_page


def _translation(text: str, old: dict[str, Message], gone: dict[str, str]) -> tuple[str, set[str]]:
    if text in old:
        return old[text].string, old[text].flags & {"fuzzy"}
    for alike in difflib.get_close_matches(text, gone, n=1, cutoff=ALIKE):
        return gone[alike], {"fuzzy"}
    return "", set()


def _read_one(path: Path) -> list[Message]:
    with path.open("rb") as file:
        return [message for message in read_po(file, locale="zh_CN", charset="utf-8") if message.id]


def _write_one(path: Path, catalogue: Catalog) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(HEADER.encode())
        file.write(b"\n")
        write_po(file, catalogue, width=120, omit_header=True, ignore_obsolete=True)
