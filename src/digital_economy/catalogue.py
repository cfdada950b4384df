"""The data catalogue, from the data package's own descriptor."""

from __future__ import annotations

import html

import pandas as pd
from IPython.display import HTML

from digital_economy import apparatus, data
from digital_economy.apparatus import Code

TYPE = {"string": "text", "integer": "whole number", "number": "number"}


def sections() -> HTML:
    """Return a list of the tables and a section for each: what it holds, its source, terms, columns and file."""
    resources = data.descriptor()["resources"]
    links = (f'<li><a href="#table-{html.escape(one["name"])}">{html.escape(one["title"])}</a></li>' for one in resources)
    return HTML(f'<ul class="tables">{"".join(links)}</ul>{"".join(map(_section, resources))}')


def _section(resource: dict) -> str:
    frame = data.load(resource["name"])
    fields = pd.DataFrame(
        {
            "column": Code(field["name"]),
            "type": TYPE[field["type"]],
            "meaning": field["description"],
            "always given": field.get("constraints", {}).get("required", False),
            "allowed": Code(_allowed(field.get("constraints", {}))),
        }
        for field in resource["schema"]["fields"]
    )
    sources = "; ".join(f"<span>{html.escape(source['title'])}</span>" for source in resource["sources"])
    name = html.escape(resource["name"])
    return (
        f'<section id="table-{name}"><h2>{html.escape(resource["title"])}</h2>'
        f"<p>{html.escape(resource['description'])}</p>"
        f"<p><code>data.load(&quot;{name}&quot;)</code>: {len(frame)} rows; "
        f"key: <code>{html.escape(', '.join(resource['schema']['primaryKey']))}</code>. "
        f"Publisher: <span>{sources}</span>. Terms: <span>{html.escape(resource['licenses'][0]['title'])}</span>.</p>"
        f"<p>{_file(resource)}</p>{apparatus.table(fields, caption='Columns of ' + resource['name'])}</section>"
    )


def _file(resource: dict) -> str:
    """Return the link to a table's file; the reader's own table is in no book."""
    name = f'<span class="notranslate">{html.escape(resource["name"])}{{}}</span>'
    if resource["name"] in data.replaced():
        return f'{name.format("")} (the reader\'s own data)'
    return f'<a download href="book:_static/data/{html.escape(resource["path"])}">Download {name.format(".csv")}</a>'


def _allowed(rules: dict) -> str:
    """Return which values a column may hold: a list, a pattern or a range, nothing where any will do."""
    if listed := rules.get("enum"):
        return ", ".join(listed)
    ends = [rules.get("minimum"), rules.get("maximum")]
    if ends == [None, None]:
        return rules.get("pattern", "")
    return " … ".join("" if end is None else str(end) for end in ends).strip()
