"""Own data that hold markup, scripts, roles or formulas are shown as text: on the page, in the chart, in a spreadsheet."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from digital_economy import charts, data, pages
from digital_economy.provenance import Origin

PAYLOADS = [
    "<img src=x onerror=hacked=1>",
    "</script><script>hacked=1</script>",
    "</td></table><svg onload=hacked=1>",
    "{{ 7*7 }} {glue:text}`x` **bold** <!--",
    '=HYPERLINK("javascript:hacked=1","y")',
    "javascript:hacked=1",
]
TOC = """format: jb-book
root: notebooks/ch1_new_stage/fig01_framework
chapters:
  - file: notebooks/reproduction/glossary
  - file: notebooks/reproduction/ledger
  - file: notebooks/reproduction/data_catalogue
"""
COLUMNS = {
    "framework": ["part_en", "item_en"],
    "glossary": ["term_en", "definition_en"],
    "claims": ["subject_en", "period"],
    "sources": ["publisher", "title"],
    "reasons": ["reason"],
}


def spoilt(name: str, columns: list[str]) -> pd.DataFrame:
    """Return a table with a payload before each of its labels, so that they stay different."""
    frame = data.load(name).drop(columns="decimals", errors="ignore")
    before = pd.Series(PAYLOADS * (len(frame) // len(PAYLOADS) + 1))[: len(frame)].set_axis(frame.index)
    return frame.assign(**{column: before + " " + frame[column].astype(str) for column in columns})


@pytest.fixture(scope="module")
def hostile_book(copy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small book built from hostile tables."""
    own = tmp_path_factory.mktemp("own")
    for name, columns in COLUMNS.items():
        spoilt(name, columns).to_csv(own / f"{name}.csv", index=False)
    (own / "toc.yml").write_text(TOC, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(copy / "src"), "DIGITAL_ECONOMY_DATA": str(own)}
    command = [copy / ".venv/bin/jupyter-book", "build", ".", "--toc", own / "toc.yml", "--path-output", own, "-q"]
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return own / "_build" / "html"


@pytest.mark.parametrize(
    "name", ["ch1_new_stage/fig01_framework", "reproduction/glossary", "reproduction/ledger", "reproduction/data_catalogue"]
)
def test_a_book_of_hostile_data_runs_nothing(browser, hostile_book: Path, name: str) -> None:
    context = browser.new_context(bypass_csp=True)  # the text itself must be harmless, without the policy's help
    page = context.new_page()
    page.goto((hostile_book / f"notebooks/{name}.html").as_uri())
    assert page.evaluate("window.hacked") is None
    assert not page.locator("img[src=x], .bd-article svg[onload], .bd-article a[href^=javascript]").count()
    shown = page.locator(".bd-article").text_content()
    assert PAYLOADS[0] in shown and PAYLOADS[3].split(" <")[0] in shown
    context.close()


def test_downloads_of_hostile_data_hold_no_formula(hostile_book: Path) -> None:
    files = [*hostile_book.glob("_downloads/**/*.csv"), hostile_book / "_static" / "ledger.csv"]
    assert len(files) >= 3
    for file in files:
        cells = pd.read_csv(file, dtype=str, keep_default_na=False).to_numpy().ravel()
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@")) or cell.startswith("-") and not is_number(cell)]
    assert "'=HYPERLINK" in (hostile_book / "_static" / "ledger.csv").read_text(encoding="utf-8")


def is_number(text: str) -> bool:
    try:
        return float(text) is not None
    except ValueError:
        return False


def test_a_chart_of_hostile_data_runs_nothing(browser, html: Path) -> None:
    """Labels, legend, title, description and tooltip; the scripts are the book's own, on a page without a policy."""
    frame = pd.concat(pd.DataFrame({"year": [2020, 2021], "series": text, "value": [at, at + 1.0]}) for at, text in enumerate(PAYLOADS))
    hostile = "".join(PAYLOADS)
    chart = charts.lines(frame, title=hostile, unit=hostile, description=hostile)
    body = pages.framed("x", chart, origin=Origin()).data
    context = browser.new_context()
    page = context.new_page()
    page.set_content(f"<body>{body}</body>")
    for script in ("vega.js", "tables.js"):
        page.add_script_tag(path=html / "_static" / script)
    page.add_script_tag(content=(html / "_static" / "charts.js").read_text().replace("document.currentScript.src", "'file:///x'"))
    page.wait_for_selector(".vega-embed svg")
    page.locator(".chart-view .mark-symbol.role-mark path").first.hover()
    assert PAYLOADS[0] in page.locator("#vg-tooltip-element").inner_text()
    page.locator("details").first.locator("summary").click()
    assert PAYLOADS[1] in page.locator("details table").first.inner_text()
    assert page.evaluate("window.hacked") is None and not page.locator("img, svg[onload]").count()
    context.close()
