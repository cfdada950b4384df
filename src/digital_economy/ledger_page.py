"""The page of the ledger: claims with their checks and public evidence, and the same as data to download."""

from __future__ import annotations

import html
import re
from functools import cache
from pathlib import Path

import pandas as pd
from IPython.display import HTML

from digital_economy import apparatus, checks, data, indicators, ledger, orderings, wording
from digital_economy.apparatus import number

ORIGIN = {
    "caict": "CAICT",
    "census": "economic census",
    "company": "company",
    "customs": "customs",
    "gartner": "Gartner",
    "idc": "IDC",
    "miit": "MIIT",
    "other": "other",
    "unstated": "not stated",
}
CHECK_MARKS = {"consistent": "✓", "edge": "≈", "inconsistent": "≠", "implied": "→"}
CONFIDENCE = {"to_be_verified": "not yet verified", "seen_in_source": "", "in_project_data": ""}
FILES = ("ledger.csv", "ledger.json")
PLACES = re.compile(r"https?://[^\s;,]+")


def cross_checks(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the public figures held against claims: ``claim, value, difference, publisher, where, confidence``.

    ``frame`` is the ledger. ``value`` and ``difference`` (public less printed) are in the claim's unit;
    figures come from the tables ``public_answers`` and ``public_figures``.
    """
    by_claim = frame.set_index("claim")
    figures = checks.public_figures().query("claim != ''")[["claim", "value", "publisher", "where", "confidence"]]
    public = pd.concat([_answers(by_claim["ours"]), figures], ignore_index=True)
    return public.assign(difference=public["value"] - public["claim"].map(by_claim["value"]))


def machine_readable() -> pd.DataFrame:
    """Return the whole ledger as one flat table: a row a claim, with its checks and public figures as text."""
    frame = ledger.ledger()
    public = cross_checks(frame)
    by_claim = _exploded()
    relations = (by_claim["check"] + ": " + by_claim["verdict"]).groupby(by_claim["claims"]).agg("; ".join)
    words = public["value"].map("{:g}".format) + " (" + public["publisher"] + ")"
    return frame.drop(columns=["low", "high", "decimals", "monte_carlo_error"]).assign(
        checks=frame["claim"].map(relations).fillna(""),
        public_figures=frame["claim"].map(words.groupby(public["claim"]).agg("; ".join)).fillna(""),
    )


def write(folder: Path) -> None:
    """Write the machine-readable ledger as CSV and as JSON into a folder."""
    frame = machine_readable()
    (folder / FILES[0]).write_text(apparatus.safe_csv(frame), encoding="utf-8")
    frame.to_json(folder / FILES[1], orient="records", force_ascii=False, indent=1)


def claims() -> HTML:
    """Return every claim with its verdict, checks and evidence, for ``ledger.js`` to filter; an anchor a row."""
    frame = ledger.ledger()
    related, public = _exploded().groupby("claims"), cross_checks(frame).groupby("claim")
    rows = [_claim_row(row, _group(related, row.claim), _group(public, row.claim)) for row in frame.itertuples()]
    head = ("Claim", "CAICT", "Ours", "Verdict", "Public figure and checks")
    caption = "Every claim of the report. Source of the claims: CAICT."
    return _filterable(rows, head, "claims", "chapter verdict origin", caption)


def relations_table() -> HTML:
    """Return every relation with what it comes to and its verdict, an anchor a row."""
    frame, known = checks.checks(), set(data.load("claims")["claim"])
    rows = [_check_row(row, known) for row in frame.itertuples()]
    head = ("Relation", "Comes to", "Stated", "Verdict", "What it is")
    return _filterable(rows, head, "relations", "verdict", "Every relation")


def orderings_table() -> HTML:
    """Return every ordering with its test and verdict, an anchor a row."""
    rows = [_ordering_row(row) for row in orderings.orderings().itertuples()]
    head = ("What the report says", "Verdict", "Test", "Rests on")
    return _filterable(rows, head, "orderings", "verdict", "Every ordering")


def counts() -> dict[str, int]:
    """Return how many relations and orderings have each verdict, by the verdict's name."""
    found = pd.concat([checks.checks()["verdict"], orderings.orderings()["verdict"]]).value_counts()
    return {name.replace(" ", "_"): int(count) for name, count in found.items()}


def apart_from_hand() -> pd.DataFrame:
    """Return the relations whose computed verdict is not the one reached by hand."""
    frame = checks.checks()
    apart = frame[frame["verdict"] != frame["by_hand"].replace({"rounding": "edge"})]
    return apart.assign(check=apart["check"].map(apparatus.Code), unit=apart["unit"].map(wording.UNIT))


def _answers(ours: pd.Series) -> pd.DataFrame:
    """Return the figures of ``public_answers`` with the source each was read in."""
    sources = data.load("sources").set_index("source")
    rows = []
    for answer in data.load("public_answers").itertuples():
        source = sources.loc[indicators.figure_of(answer)["source"]]
        where = f"{source['title']} {source['url']}"
        rows.append({"claim": answer.claim, "value": ours[answer.claim], "publisher": source["publisher"], "where": where})
    return pd.DataFrame(rows).assign(confidence="in_project_data")


def _exploded() -> pd.DataFrame:
    """Return the relations, a row for each claim they speak of."""
    return checks.checks().explode("claims").dropna(subset="claims")


def _group(groups, key: str) -> pd.DataFrame:
    return groups.get_group(key) if key in groups.groups else pd.DataFrame()


def _claim_row(row, related: pd.DataFrame, public: pd.DataFrame) -> str:
    place = wording.CHAPTER[row.chapter] + (f", {row.section}" if row.section not in (row.chapter, "fw") else "")
    place += f", Figure {row.figure}" if not pd.isna(row.figure) else ""
    verdict = f'<span class="verdict verdict-{row.verdict}">{wording.VERDICT[row.verdict]}</span>'
    cells = (
        f'<a class="anchor" href="#{html.escape(row.claim)}">{html.escape(row.subject_en)}</a>{_period(row)}<br>'
        f'<small><span lang="zh">{html.escape(row.subject_zh)}</span><br>{html.escape(place)}, line {row.line}</small>',
        html.escape(wording.published(row)),
        _ours(row),
        f"{verdict}<br><small>{wording.BASIS[row.basis]}</small>",
        _evidence(row, public) + _checks(related),
    )
    origin = ORIGIN.get(row.origin, row.origin)
    keys = {"chapter": wording.CHAPTER[row.chapter], "verdict": wording.VERDICT[row.verdict], "origin": origin}
    return _row(row.claim, keys, cells)


def _period(row) -> str:
    return f" <small>({html.escape(wording.period(row.period))})</small>" if row.period else ""


def _ours(row) -> str:
    link = "" if pd.isna(row.notebook) else f'<br><a class="notranslate" href="../{row.notebook}.html">{html.escape(row.notebook.split("/")[1])}</a>'
    if row.reason:
        return f"{html.escape(row.reason)}{link}"
    interval = html.escape(wording.interval(row))
    return f"{wording.answer(row)} <small>{interval}</small>{link} <code>{html.escape(row.function)}</code>"


def _evidence(row, public: pd.DataFrame) -> str:
    """Return the public figures held against a claim; where our answer rests on a series, the tables of it."""
    figures = "".join(
        f"<p>{_public(figure.value, row)} <small>({_signed(figure.difference, row.decimals)}) "
        f"<span>{html.escape(figure.publisher)}</span>: {_linked(figure.where)} {CONFIDENCE[figure.confidence]}</small></p>"
        for figure in public.itertuples()
    )
    if figures or pd.isna(row.tables):
        return figures
    names = [name for name in row.tables.split(", ") if name in _public_tables()]
    links = ", ".join(f'<a href="data_catalogue.html#table-{name}">{name}</a>' for name in names)
    return f'<p><small>tables: <span class="notranslate">{links}</span></small></p>' if links else ""


@cache
def _public_tables() -> set[str]:
    return {resource["name"] for resource in data.descriptor()["resources"] if resource["path"].startswith("public/")}


def _public(value: float, row) -> str:
    return f"{value:.0f}" if row.unit in wording.DATES else number(value, row.decimals)


def _checks(related: pd.DataFrame) -> str:
    if related.empty:
        return ""
    items = "".join(
        f'<li>{_verdict(row)} <a class="notranslate" href="#check-{row.check}">{html.escape(row.check)}</a></li>' for row in related.itertuples()
    )
    marks = " ".join(CHECK_MARKS[verdict] for verdict in related["verdict"])
    word = "check" if len(related) == 1 else "checks"
    return f"<details><summary>{len(related)} {word} <span>{marks}</span></summary><ul>{items}</ul></details>"


def _check_row(row, known: set[str]) -> str:
    formula = relations_linked(row.formula, known)
    unit = wording.UNIT.get(row.unit, row.unit)
    cells = (
        f'<a class="anchor notranslate" href="#check-{row.check}">{html.escape(row.check)}</a><br><code>{formula}</code>',
        _range(row.value, row.low, row.high, unit),
        "" if pd.isna(row.stated) else _range(row.stated, row.stated_low, row.stated_high, unit),
        _verdict(row),
        html.escape(row.note),
    )
    return _row(f"check-{row.check}", {"verdict": row.verdict}, cells)


def _ordering_row(row) -> str:
    place = f"section {row.section}" + (f", Figure {row.figure}" if not pd.isna(row.figure) else "")
    cells = (
        f'<a class="anchor" href="#ordering-{row.ordering}">{html.escape(row.statement)}</a><br>'
        f"<small>{html.escape(place)}</small>",
        html.escape(row.verdict),
        f"<code>{html.escape(row.formula)}</code> <small>{html.escape('; '.join(filter(None, (row.note, row.values))))}</small>",
        html.escape(row.evidence),
    )
    return _row(f"ordering-{row.ordering}", {"verdict": row.verdict}, cells)


def relations_linked(formula: str, known: set[str]) -> str:
    """Return a formula as HTML with each claim linked to its row."""
    parts = re.split(r"([a-zA-Z]\w*(?:-\w+)*)", formula)
    return "".join(f'<a href="#{part}">{part}</a>' if part in known else html.escape(part) for part in parts)


def _filterable(rows: list[str], head: tuple[str, ...], things: str, filters: str, caption: str) -> HTML:
    """Return a table that ``ledger.js`` filters; as its rows are laid out as grids, roles say that they are rows."""
    header = "".join(f'<th role="columnheader">{name}</th>' for name in head)
    return HTML(
        f'<div class="ledger" data-things="{things}" data-filters="{filters}">'
        f'<div class="table-scroll" tabindex="0" role="group" aria-label="{html.escape(caption)}"><table class="data-table" role="table"><caption>{html.escape(caption)}</caption>'
        f'<thead role="rowgroup"><tr role="row">{header}</tr></thead>'
        f'<tbody role="rowgroup">{"".join(rows)}</tbody></table></div></div>'
    )


def _row(name: str, keys: dict[str, str], cells: tuple[str, ...]) -> str:
    attributes = "".join(f' data-{key}="{html.escape(value)}"' for key, value in keys.items())
    body = "".join(f'<td role="cell">{cell}</td>' for cell in cells)
    return f'<tr role="row" id="{html.escape(name)}"{attributes}>{body}</tr>'


def _verdict(row) -> str:
    return f'<span class="check check-{row.verdict}">{row.verdict}</span>'


def _linked(text: str) -> str:
    """Return text as HTML with its addresses as links."""
    linked, at = "", 0
    for found in PLACES.finditer(text):
        address = html.escape(found[0])
        linked += html.escape(text[at : found.start()]) + f'<a href="{address}">source</a>'
        at = found.end()
    return linked + html.escape(text[at:])


def _range(value: float, low: float, high: float, unit: str) -> str:
    ends = "" if low == high else f" <small>[{_figures(low)}, {_figures(high)}]</small>"
    return f"{_figures(value)} {html.escape(unit)}{ends}"


def _figures(value: float) -> str:
    text = f"{value:,.5g}" if abs(value) < 1e5 else f"{value:,.0f}"
    return text.replace("-", "−").replace("inf", "∞")


def _signed(value: float, decimals: int) -> str:
    return f"{value:+,.{decimals}f}".replace("-", "−")
