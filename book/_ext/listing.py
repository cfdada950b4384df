"""Put the package's source into the book, a page a module, so that a figure can link to its function."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

SOURCE = Path("src")


def pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield a page for each module: its source in colours, an anchor at each function and class."""
    for path in sorted(Path(app.srcdir, SOURCE).glob("digital_economy/**/*.py")):
        place = path.relative_to(Path(app.srcdir, SOURCE))
        name = (place.parent if place.stem == "__init__" else place.with_suffix("")).as_posix()
        title = name.replace("/", ".")
        body = f'<h1 class="notranslate">{title}</h1>\n{_listing(app, path.read_text(encoding="utf-8"))}'
        yield f"_modules/{name}", {"title": title, "body": body}, "page.html"


def _listing(app: Sphinx, source: str) -> str:
    """Return a module's source as HTML; text before ``<pre>`` stands on the first line."""
    if not source.strip():
        return ""
    start, first, *lines = app.builder.highlighter.highlight_block(source, "python").replace("<pre>", '<pre tabindex="0">\n', 1).split("\n")
    lines = [first, *lines]
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            at = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]) - 1
            lines[at] = f'<span id="{node.name}"></span>{lines[at]}'
    return f'<div class="highlight-python notranslate">{start}' + "\n".join(lines) + "</div>"


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("html-collect-pages", pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
