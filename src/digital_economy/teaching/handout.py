"""One page a notebook for the desk: its question, its first equations and its exercises."""

from __future__ import annotations

import html
import re
import shutil
from importlib.util import find_spec
from pathlib import Path

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from digital_economy import formulas
from digital_economy.teaching import markdown

QUESTION = re.compile(r"^\*\*Question\.\*\* (.*?)\n\n", re.DOTALL | re.MULTILINE)
EQUATION = re.compile(r"^\$\$.*?\$\$$", re.DOTALL | re.MULTILINE)
EXERCISES = re.compile(r"^## Exercises\n\n(.*?)(?=^## |\Z)", re.DOTALL | re.MULTILINE)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{title}</title>
<style>
  @page {{ size: A4; margin: 15mm 18mm; }}
  body {{ font: 11pt/1.35 "Noto Sans", "Segoe UI", Arial, "Liberation Sans", "Noto Sans CJK SC", sans-serif; }}
  body {{ width: 174mm; min-height: 264mm; margin: 0 auto; display: flex; flex-direction: column; }}
  h1 {{ font-size: 1.5em; margin: 0 0 .4em; }}
  h2 {{ font-size: 1.15em; margin: .9em 0 .3em; }}
  h3 {{ font-size: 1em; margin: .8em 0 .2em; }}
  p {{ margin: .3em 0; }}
  h3 ~ p:has(+ h3), p:has(+ footer) {{ flex-grow: 1; }} /* room for an answer */
  code {{ font-size: .92em; }}
{formulas}
  footer {{ border-top: 1px solid #6b7280; margin-top: 1em; padding-top: .3em; font-size: .8em; color: #4b5563; }}
</style>
<body>
{body}
<footer>China's digital economy, reproducible. Numbers of the report: 来源：中国信息通信研究院 (CAICT). Text: CC BY 4.0.</footer>
<script>
  // Sets the type smaller until the page is one sheet.
  const sheet = 266 * 96 / 25.4;
  for (let size = 11; document.body.scrollHeight > sheet && size > 7; size -= .25) document.body.style.fontSize = `${{size}}pt`;
</script>
</body>
</html>
"""


def write(folder: Path, stem: str, text: str) -> list[Path]:
    """Write the handout of one notebook, from its plain text without solutions, as HTML; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}.html"
    path.write_text(PAGE.format(title=html.escape(markdown.title(text)), formulas=formulas.style(), body=_body(text)), encoding="utf-8")
    return [path]


def print_all(folder: Path) -> list[Path]:
    """Print every handout of a folder as PDF beside it, where a Chromium is installed; return the PDFs."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None or find_spec("playwright") is None:
        return []
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        page = driver.chromium.launch(executable_path=browser, args=["--no-sandbox"]).new_page()
        return [_print(page, path) for path in sorted(folder.glob("*.html"))]


def _print(page, path: Path) -> Path:
    page.goto(path.resolve().as_uri())
    page.pdf(path=path.with_suffix(".pdf"), prefer_css_page_size=True)
    return path.with_suffix(".pdf")


def _body(text: str) -> str:
    equation = EQUATION.search(text.partition("\n## Exercises")[0])
    exercises = EXERCISES.search(text)[1].replace(markdown.ANSWER, "")
    parts = [f"# {markdown.title(text)}", QUESTION.search(text)[1], *([equation[0]] if equation else []), "## Exercises", exercises]
    renderer = MarkdownIt("commonmark").use(dollarmath_plugin, renderer=_mathematics)
    return renderer.render("\n\n".join(parts))


def _mathematics(content: str, options: dict) -> str:
    return formulas.drawn(content.strip(), display=options["display_mode"])
