"""The search index of the Chinese edition, in the form of Sphinx's, cut into words by jieba."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import jieba
from bs4 import BeautifulSoup, NavigableString, Tag

PREFIX, SUFFIX = "Search.setIndex(", ")"
WORD = re.compile(r"\w+")
SCRIPT = Path(__file__).parent / "language_data.js"  # no words left out, no stems, queries cut as the index is
HEADINGS = ("h1", "h2", "h3", "h4")


@dataclass(frozen=True)
class PageWords:
    """What the index holds of a page: its title, its words, those of its headings, and the headings with their anchors."""

    title: str = ""
    terms: frozenset[str] = frozenset()
    title_terms: frozenset[str] = frozenset()
    headings: tuple[tuple[str, str | None], ...] = ()


def teach(terms: Iterable[str]) -> None:
    """Let the cutter know terms as words; it finds their parts too."""
    jieba.setLogLevel("ERROR")
    for term in terms:
        jieba.add_word(term)


def cut(text: str) -> frozenset[str]:
    """Return the words of a text, Chinese ones with their parts, in small letters; single characters are left out."""
    found = (word.lower() for word in jieba.cut_for_search(text) if len(word) > 1 and WORD.fullmatch(word))
    return frozenset(word for word in found if not word.isdigit())


def headings(article: Tag) -> list[tuple[str, str | None]]:
    """Return the headings of a page with their anchors, the page's title first and without one."""
    found = article.find_all(HEADINGS)
    anchors = [None, *(section.get("id") if (section := heading.find_parent("section")) else None for heading in found[1:])]
    return [(_text(heading).removesuffix("#").strip(), anchor) for heading, anchor in zip(found, anchors)]


def page_words(page: BeautifulSoup) -> PageWords:
    """Return what the index holds of a page."""
    article = page.find("article")
    if article is None:
        return PageWords()
    found = headings(article)
    title = found[0][0] if found else ""
    return PageWords(title, cut(_text(article)), cut(" ".join(text for text, _ in found)), tuple(found))


def index(english: str, pages: dict[str, PageWords]) -> str:
    """Return the index in Chinese: the pages and their order are those of the English one."""
    whole = json.loads(english.removeprefix(PREFIX).removesuffix(SUFFIX))
    order = [pages[name] for name in whole["docnames"]]
    all_titles = defaultdict(list)
    for place, page in enumerate(order):
        for text, anchor in page.headings:
            all_titles[text].append([place, anchor])
    whole |= {
        "titles": [page.title for page in order],
        "alltitles": all_titles,
        "terms": _inverted([page.terms for page in order]),
        "titleterms": _inverted([page.title_terms for page in order]),
        "indexentries": {},
    }
    return PREFIX + json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + SUFFIX


def _text(element: Tag) -> str:
    """Return the text of an element, scripts and styles left out."""
    return " ".join(" ".join(text for text in element.find_all(string=True) if type(text) is NavigableString).split())


def _inverted(words: list[frozenset[str]]) -> dict[str, int | list[int]]:
    places = defaultdict(list)
    for place, terms in enumerate(words):
        for term in terms:
            places[term].append(place)
    return {term: found[0] if len(found) == 1 else found for term, found in places.items()}
