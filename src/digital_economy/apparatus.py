"""What every figure and table has: itself as a table, its source, downloads, how it was computed, how to cite it.

Addresses that begin with ``book:`` are paths from the root of the book; the build makes them relative
to the page, and puts each download, which is part of the page here, into a file of its own.
"""

from __future__ import annotations

import base64
import html
import math
import re
from dataclasses import dataclass

import pandas as pd

from digital_economy import data
from digital_economy.provenance import Origin

LINK = re.compile(r'<a [^>]*href="book:[^"]*"[^>]*>(.*?)</a>', re.DOTALL)
CATALOGUE = "book:notebooks/reproduction/data_catalogue.html"
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet takes a cell that begins so for a formula
TYPES = {"csv": "text/csv", "svg": "image/svg+xml", "png": "image/png"}
LABELS = {"csv": "Data (CSV)", "svg": "SVG", "png": "PNG"}
DIGITS = 6  # significant, in a table of what a chart draws
NAMED = 3  # publishers in the line of sources
LONG = 30  # rows; a longer table scrolls in a box of its own
WIDE = 60  # characters; a column of longer texts keeps a width on a narrow screen, where its rows would be tall


@dataclass(frozen=True)
class Code:
    """A cell of a table that shows a name or a rule as code."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Link:
    """A cell of a table that shows ``text`` and leads to a notebook's page."""

    text: str
    notebook: str
    anchor: str = ""

    @property
    def address(self) -> str:
        return f"book:notebooks/{self.notebook}.html" + (f"#{self.anchor}" if self.anchor else "")

    def __str__(self) -> str:
        return self.text


def table(frame: pd.DataFrame, *, caption: str, decimals: int | None = 2, name: str = "") -> str:
    """Return a frame as an HTML table in a box that scrolls; text is shown as text, a missing value as a dash.

    Numbers have ``decimals``, or six significant digits with None. ``name`` becomes the anchor of the box.
    """
    head = "".join(_heading(column, cells) for column, cells in frame.items())
    rows = "".join(
        f"<tr>{''.join(_cell(cell, decimals) for cell in row)}</tr>" for row in frame.astype(object).itertuples(index=False, name=None)
    )
    box = "table-scroll table-long" if len(frame) > LONG else "table-scroll"
    anchor = f' id="{html.escape(name)}"' if name else ""
    return (
        f'<div class="{box}"{anchor} tabindex="0" role="group" aria-label="{html.escape(caption)}">'
        f'<table class="dataframe data-table"><caption>{html.escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def number(value: float, decimals: int) -> str:
    """Return a number with thousands separators and a true minus sign, never before a zero, or a dash where it is missing."""
    return "–" if pd.isna(value) else f"{value:z,.{decimals}f}".replace("-", "−").replace("inf", "∞")


def slug(text: str) -> str:
    """Return the first words of a text as an anchor."""
    return "-".join(re.findall(r"[^\W_]+", text.lower())[:8]) or "table"


def safe_csv(frame: pd.DataFrame) -> str:
    """Return a frame as CSV that no spreadsheet takes for formulas: text that would be one gets an apostrophe before it."""
    plain = frame.rename(columns=lambda name: _harmless(str(name))).astype(object).map(_harmless)
    return plain.to_csv(index=False, lineterminator="\r\n")


def download(content: str | bytes, kind: str, name: str) -> str:
    """Return a link that saves ``content`` as a file; a CSV says that it is UTF-8, which spreadsheets want to know."""
    encoding = "utf-8-sig" if kind == "csv" else "utf-8"
    body = content if isinstance(content, bytes) else content.encode(encoding)
    address = f"data:{TYPES[kind]};base64,{base64.b64encode(body).decode()}"
    return f'<a download="{html.escape(name)}.{kind}" href="{address}">{LABELS[kind]}</a>'


def unlinked(shown: str) -> str:
    """Return HTML with the words of each link into the book in place of the link."""
    return LINK.sub(r"\1", shown)


def below(title: str, origin: Origin, downloads: list[str], *, rows: str = "") -> str:
    """Return what stands below a figure or table: source and downloads, what it draws as a table, how it came about."""
    same = f"<details><summary>The same as a table</summary>{rows}</details>" if rows else ""
    return (
        f'<div class="apparatus"><p class="chart-data">{_source(origin)} {" ".join(downloads)}</p>'
        f"{same}{_computed(title, origin)}</div>"
    )


def _heading(column: object, cells: pd.Series) -> str:
    wide = ' class="wide"' if max((len(str(cell)) for cell in cells), default=0) > WIDE else ""
    return f'<th scope="col"{wide}>{html.escape(str(column))}</th>'


def _cell(cell, decimals: int | None) -> str:
    match cell:
        case bool():
            return f"<td>{'yes' if cell else 'no'}</td>"
        case Link():
            return f'<td><a href="{html.escape(cell.address)}">{html.escape(cell.text)}</a></td>'
        case Code():
            return f"<td><code>{html.escape(cell.text)}</code></td>"
        case float():
            return f"<td>{_short(cell) if decimals is None else number(cell, decimals)}</td>"
        case None:
            return "<td>–</td>"
    return f"<td>{'–' if cell is pd.NA or cell is pd.NaT else html.escape(str(cell))}</td>"


def _short(value: float) -> str:
    """Return a number with six significant digits, without zeros at its end."""
    if not math.isfinite(value) or value == 0:
        return number(value, 0)
    decimals = max(0, DIGITS - 1 - math.floor(math.log10(abs(value))))
    text = number(value, decimals)
    return text.rstrip("0").rstrip(".") if decimals else text


def _harmless(cell):
    text = str(cell) if isinstance(cell, str | Link | Code) else cell
    return f"'{text}" if isinstance(text, str) and text.startswith(FORMULA) else text


def _source(origin: Origin) -> str:
    """Return the line that names who published what a figure rests on."""
    own = [name for name in origin.tables if name in data.replaced()]
    publishers = _publishers(origin.tables)
    others = [f"<span>{len(publishers) - NAMED} others, named below</span>"] if len(publishers) > NAMED + 1 else publishers[NAMED:]
    published = "; ".join([*publishers[:NAMED], *others])
    names = f'<span class="notranslate">{html.escape(", ".join(own))}</span>'
    instead = f' <span class="own-data">The reader\'s own data stand in for {names}.</span>' if own else ""
    whose = f"Source: <span>{published}</span>; computed by this edition." if published else "Source: this edition."
    return f'<span class="source">{whose}{instead}</span>'


def _publishers(tables: tuple[str, ...]) -> list[str]:
    titles = [source["title"] for name in tables for source in _resource(name)["sources"]]
    return [f"<span>{html.escape(title)}</span>" for title in dict.fromkeys(titles) if title != "this edition"]


def _computed(title: str, origin: Origin) -> str:
    """Return the box that leads from a figure to the functions, the tables and the sources behind it."""
    parts = {
        "Functions": "<br>".join(_function(name) for name in origin.functions),
        "Tables": "<br>".join(_table(name) for name in origin.tables),
        "Published by": "<br>".join(_publishers(origin.tables)),
        "Cite as": f'<span class="citation">{html.escape(title)}</span>',
    }
    terms = "".join(f"<dt>{term}</dt><dd>{shown}</dd>" for term, shown in parts.items() if shown)
    return f"<details><summary>How was this computed?</summary><dl>{terms}</dl></details>"


def _function(name: str) -> str:
    module, _, function = name.rpartition(".")
    address = f"book:_modules/digital_economy/{module.replace('.', '/')}.html#{function}"
    return f'<a href="{html.escape(address)}"><code>{html.escape(name)}</code></a>'


def _table(name: str) -> str:
    """Return links to a table's entry in the catalogue and to its file; the reader's own tables are not in the book."""
    entry = f'<a class="notranslate" href="{CATALOGUE}#table-{html.escape(name)}">{html.escape(name)}</a>'
    if name in data.replaced():
        return f"{entry} (the reader's own data)"
    licence = html.escape(_resource(name)["licenses"][0]["title"])
    path = html.escape(_resource(name)["path"])
    return f'{entry} (<a class="notranslate" download href="book:_static/data/{path}">{path.rpartition("/")[2]}</a>; <span>{licence}</span>)'


def _resource(name: str) -> dict:
    return next(resource for resource in data.descriptor()["resources"] if resource["name"] == name)
