"""Formulas drawn as pictures when a page is written: it shows them without a script, alike on every screen and on paper.

MathJax sets them, in a JavaScript engine of its own; each picture has MathML beside it for who listens to the page.
"""

from __future__ import annotations

import atexit
import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from py_mini_racer import MiniRacer

MATHJAX = Path(find_spec("sphinx-mathjax-offline").origin).parent / "static" / "mathjax"
INPUT, OUTPUT = ("input/tex", "input/tex/extensions/boldsymbol"), ("output/svg", "output/svg/fonts/tex")
PARTS = ("startup", "core", "adaptors/liteDOM", *INPUT, *OUTPUT, "a11y/assistive-mml")
# Outlines stand in each picture, which so needs nothing else; an unknown command is an error: not red text, nor more of MathJax.
SETTINGS = """
var window = globalThis;
var MathJax = {
  loader: { load: [] },
  startup: { typeset: false },
  svg: { fontCache: "none" },
  tex: { packages: { "[+]": ["boldsymbol"], "[-]": ["noundefined", "autoload", "require"] } },
};
"""
DRAW = "var draw = (tex, display) => MathJax.startup.adaptor.outerHTML(MathJax.tex2svg(tex, { display }))"
ERROR, DEPTH, STYLE_ATTRIBUTE = re.compile('data-mjx-error="([^"]*)"'), re.compile(r"vertical-align: -?([\d.]+)ex"), re.compile(' style="[^"]*"')
OUTLINE = re.compile(r'<path data-c="[0-9A-F]+" d="([^"]+)"([^>]*)></path>')
SIGNS = '<div class="signs"><svg><defs>'
STEP, DEEPEST = 0.05, 4.0  # of what is below the line in a sentence, in ex
RULES = """
mjx-container { position: relative; white-space: nowrap; }
mjx-container > svg { overflow: visible; }
mjx-container[display] > svg { display: block; margin: 0 auto; }
mjx-assistive-mml { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.signs { display: none; }
"""


@cache
def drawn(tex: str, *, display: bool = False) -> str:
    """Return a formula in TeX as HTML: SVG in the colour and size of the text around it, and hidden MathML.

    It has no style of its own, which a strict content security policy would forbid: `style` has the rules.

    Raises
    ------
    ValueError
        MathJax cannot read the formula.
    """
    html = _engine().call("draw", tex, display)
    if error := ERROR.search(html):
        raise ValueError(f"formula {tex!r}: found {error[1]}; right is TeX that MathJax reads")
    below = round(float(depth[1]) / STEP) if (depth := DEPTH.search(html)) else 0
    return STYLE_ATTRIBUTE.sub("", html).replace("<svg ", f'<svg class="below-{below}" ', 1)


def shared(html: str) -> str:
    """Return a page, or its body, with the outline of each sign once, at its beginning; its formulas use them."""
    outlines = {}

    def use(found: re.Match) -> str:
        name = f"sign-{hashlib.sha256(found[1].encode()).hexdigest()[:8]}"
        outlines[name] = f'<path id="{name}" d="{found[1]}"></path>'
        return f'<use href="#{name}"{found[2]}></use>'

    page = OUTLINE.sub(use, html)
    new = "".join(outline for name, outline in outlines.items() if f'id="{name}"' not in html)
    if SIGNS in page:
        return page.replace(SIGNS, f"{SIGNS}{new}", 1)
    return f"{SIGNS}{new}</defs></svg></div>{page}" if new else page


def style() -> str:
    """Return the style sheet of the formulas."""
    depths = (f".below-{step} {{ vertical-align: {-step * STEP:.2f}ex; }}" for step in range(round(DEEPEST / STEP) + 1))
    return "\n".join([RULES.strip(), *depths]) + "\n"


@cache
def _engine() -> MiniRacer:
    """Return a JavaScript engine with MathJax in it, which answers to ``draw``."""
    with ThreadPoolExecutor(1) as apart:  # or it would make an event loop that runs here its own
        engine = apart.submit(MiniRacer).result()
    atexit.register(engine.close)  # or its threads may keep the process from ending
    engine.eval(SETTINGS)
    for part in PARTS:
        engine.eval((MATHJAX / f"{part}.js").read_text(encoding="utf-8"))
    engine.eval("MathJax.startup.defaultReady()")
    engine.eval(DRAW)
    return engine
