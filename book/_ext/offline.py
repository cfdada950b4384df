"""Serve the book's scripts from the book itself: no page asks another host for anything."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

import vl_convert as vlc
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError

from digital_economy import data, ledger_page

ICONS = ("angle-left", "angle-right", "arrow-up", "bars", "circle-half-stroke", "list", "magnifying-glass", "moon", "sun", "xmark")
PIXELS = 72  # the height of an icon, three times what most pages show
OWN_DATA = "Built with own data in place of these tables: "
LEDGER = "notebooks/reproduction/ledger"
SCRIPTS = {
    "<details class": ("folded.js",),
    'class="chart"': ("charts.js",),
    'class="ledger"': ("ledger.js",),
    "data-table": ("tables.js",),
    'class="explorer"': ("explorer.css", "explorer.js"),
}


def add_scripts(
    app: Sphinx, page: str, template: str, context: dict[str, Any], tree: nodes.document | None
) -> None:
    """Load what charts, tables, ledger and explorer need only on the pages that have one; write the ledger's data beside."""
    for mark, names in SCRIPTS.items():
        if mark in context.get("body", ""):
            for name in names:
                app.add_css_file(name) if name.endswith(".css") else app.add_js_file(name, loading_method="defer")
    if page == LEDGER:
        folder = Path(app.outdir, "_static")
        folder.mkdir(exist_ok=True)
        ledger_page.write(folder)


def announce_own_data(app: Sphinx, config: Config) -> None:
    """Say on every page which tables are not the edition's own."""
    if names := ", ".join(data.replaced()):
        config.html_theme_options["announcement"] = f'{OWN_DATA}<span class="notranslate">{names}</span>.'


def mark_figures(app: Sphinx, tree: nodes.document) -> None:
    """Say it in every caption too: a picture may leave its page."""
    if names := ", ".join(data.replaced()):
        for caption in tree.findall(nodes.caption):
            marked = nodes.inline(text=names, classes=["notranslate"])
            caption += [nodes.Text(" "), nodes.emphasis("", OWN_DATA, marked, nodes.Text("."), classes=["own-data"])]


def write_libraries(app: Sphinx, error: Exception | None) -> None:
    """Put Vega, Vega-Lite and Vega-Embed in one file beside the pages."""
    vega = Path(app.outdir, "_static", "vega.js")
    if error is None and app.builder.format == "html" and not vega.exists():
        # In a function of its own, for its names clash with Sphinx's scripts.
        vega.write_text(f"(() => {{{vlc.javascript_bundle()}}})();", encoding="utf-8")


def write_icons(app: Sphinx, error: Exception | None) -> None:
    """Draw the theme's few icons in a small style sheet, so that no page loads a font or a script of two thousand."""
    static = Path(app.outdir, "_static")
    if error is None and app.builder.format == "html":
        drawings = (static / "scripts" / "fontawesome.js").read_text(encoding="utf-8")
        no_font = ".fa-solid { font-family: inherit; }"
        (static / "icons.css").write_text("\n".join([no_font, *(_icon(name, drawings) for name in ICONS)]), encoding="utf-8")


def _icon(name: str, drawings: str) -> str:
    """Return the rule that draws an icon in the colour of the text; its outline is the theme's."""
    found = re.findall(rf'[{{,]"?{name}"?:\[(\d+),(\d+),\[[^\]]*\],"[0-9a-f]+","([^"]+)"\]', drawings)
    if not found:
        raise ExtensionError(f"icons: found no {name} in the theme's fontawesome.js; right is a name that it has")
    width, height, outline = found[-1]
    picture = f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}'><path d='{outline}'/></svg>"
    png = base64.b64encode(vlc.svg_to_png(picture, scale=PIXELS / int(height))).decode()  # a browser is slow with SVG in a style
    mask = f'url("data:image/png;base64,{png}") center / contain no-repeat'
    return (
        f'.fa-solid.fa-{name}::before {{ content: ""; display: inline-block; height: 1em; width: {int(width) / int(height):.3f}em; '
        f"background: currentColor; mask: {mask}; }}"
    )


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("config-inited", announce_own_data)
    app.connect("doctree-read", mark_figures)
    app.connect("html-page-context", add_scripts)
    app.add_css_file("icons.css")
    app.connect("build-finished", write_libraries)
    app.connect("build-finished", write_icons)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
