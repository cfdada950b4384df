"""Mend what the tools behind the book write against the rules of accessible pages (WCAG 2.2, ARIA 1.2)."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx_exercise.nodes import solution_node

MENDED = {
    '<summary aria-label="Toggle hidden content">': "<summary>",  # the label would hide the words that are seen
    ' id="exercise-content"': "",  # every exercise of a page would have the same
    ' id="solution-content"': "",
    'role="doc-biblioentry"': 'role="listitem"',  # deprecated, and not a child that a list may have
}
# What stays as it is: code, pictures, data, what has its language already, tags; and Chinese words in the text between.
KEPT = r"<(?P<name>pre|script|style|svg)\b.*?</(?P=name)>|<(?P<named>\w+)[^>]* lang=\"zh[^>]*>.*?</(?P=named)>|<[^>]*>"
CHINESE = r"《?[\u3400-\u9fff](?:[\d ]*[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+)*"
WORDS = re.compile(f"{KEPT}|(?P<chinese>{CHINESE})", re.DOTALL)
MARK = '<span class="chinese" lang="zh">{}</span>'
MARKED = re.compile(MARK.format("([^<]*)"))


def marked(body: str) -> str:
    """Return English HTML with its Chinese words marked as Chinese: a voice reads them so, and a browser takes the font for them."""
    return WORDS.sub(lambda found: MARK.format(found[0]) if found["chinese"] else found[0], body)


def unmarked(page: str) -> str:
    """Return a page without the marks of its Chinese words."""
    return MARKED.sub(r"\1", page)


def fold(app: Sphinx, tree: nodes.document, page: str) -> None:
    """Fold each solution by the browser's own means, which say by themselves whether it is open."""
    for solution in tree.findall(solution_node):
        title, *answer = solution.children
        opening = f'<details class="solution admonition" id="{solution["ids"][0]}"><summary class="admonition-title">{escape(title.astext())}</summary>'
        solution.parent.replace(solution, [nodes.raw("", opening, format="html"), *answer, nodes.raw("", "</details>", format="html")])


def mend(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: nodes.document | None) -> None:
    """Mend the body of a page."""
    if body := context.get("body"):
        for wrong, right in MENDED.items():
            body = body.replace(wrong, right)
        context["body"] = marked(body)


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("doctree-resolved", fold)
    app.connect("html-page-context", mend)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
