"""Mend what the tools behind the book write against the rules of accessible pages (WCAG 2.2, ARIA 1.2)."""

from __future__ import annotations

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


def fold(app: Sphinx, tree: nodes.document, page: str) -> None:
    """Fold each solution by the browser's own means, which say by themselves whether it is open."""
    for solution in tree.findall(solution_node):
        title, *answer = solution.children
        opening = f'<details class="solution admonition" id="{solution["ids"][0]}"><summary class="admonition-title">{escape(title.astext())}</summary>'
        solution.parent.replace(solution, [nodes.raw("", opening, format="html"), *answer, nodes.raw("", "</details>", format="html")])


def mend(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: nodes.document | None) -> None:
    """Mend the body of a page."""
    for wrong, right in MENDED.items():
        if body := context.get("body"):
            context["body"] = body.replace(wrong, right)


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("doctree-resolved", fold)
    app.connect("html-page-context", mend)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
