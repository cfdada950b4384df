"""Formulas stand in the pages as pictures, so that no page has to set them when it is opened."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

from digital_economy import formulas

LOGGER = logging.getLogger(__name__)


def inline(translator: HTML5Translator, node: nodes.math) -> None:
    """Write a formula of a sentence."""
    _write(translator, node, node.astext(), display=False)


def block(translator: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula that stands by itself; none of the book bears a number."""
    if label := node.get("label"):
        LOGGER.warning("formula: found the label %r; right is one without a number", label, location=node)
    _write(translator, node, node.astext().strip(), display=True)


def _write(translator: HTML5Translator, node: nodes.Element, tex: str, *, display: bool) -> None:
    try:
        picture = formulas.drawn(tex, display=display)
    except ValueError as wrong:  # a warning fails the build, after all others are told
        LOGGER.warning("%s", wrong, location=node)
        raise nodes.SkipNode from wrong
    tag, reached = ("div", ' tabindex="0"') if display else ("span", "")  # a wide formula scrolls
    ids = f' id="{node["ids"][0]}"' if node["ids"] else ""
    translator.body.append(f'<{tag} class="math notranslate nohighlight"{reached}{ids} data-tex="{escape(tex)}">{picture}</{tag}>')
    raise nodes.SkipNode


def share(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: nodes.document | None) -> None:
    """Write each sign once in a page."""
    if "body" in context:
        context["body"] = formulas.shared(context["body"])


def write_style(app: Sphinx, error: Exception | None) -> None:
    """Put the formulas' style sheet beside the pages."""
    if error is None and app.builder.format == "html":
        Path(app.outdir, "_static", "formulas.css").write_text(formulas.style(), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_html_math_renderer("picture", (inline, None), (block, None))
    app.add_css_file("formulas.css")
    app.connect("html-page-context", share)
    app.connect("build-finished", write_style)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
