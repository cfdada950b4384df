"""What a notebook hands to its page: numbers for the prose, and tables."""

from __future__ import annotations

import html
import re

import altair as alt
import pandas as pd
from IPython import get_ipython
from IPython.display import HTML
from myst_nb import glue

from digital_economy import apparatus, charts, data, ledger, provenance, report
from digital_economy.apparatus import Code, Link, number
from digital_economy.provenance import Origin

provenance.watch()

COLUMNS = {  # the package's names for quantities, in a reader's words
    "alone": "alone (%)",
    "by_evidence": "by evidence",
    "by_hand": "by hand",
    "original_url": "publisher's own address",
    "url": "read at",
    "coefficient": "slope",
    "contribution": "contribution (%)",
    "coverage_50": "50% holds",
    "coverage_80": "80% holds",
    "coverage_95": "95% holds",
    "chi_square": "chi-square",
    "data_sets": "data sets",
    "departure": "largest departure",
    "digital_input": "digital input (%)",
    "cost_per_100": "cost",
    "cost_per_100_change": "cost, change",
    "cost_ratio": "cost ratio",
    "crps": "CRPS",
    "cv": "CV",
    "divisor": "divisor in SD",
    "ess_bulk": "ESS, bulk",
    "ess_tail": "ESS, tail",
    "effective": "effective number",
    "evidence": "log Bayes factor",
    "exact_a_second": "one at a time, a second",
    "expense_per_100": "expenses",
    "expense_per_100_change": "expenses, change",
    "gap": "gap (points)",
    "high": "upper end",
    "gdp_growth": "GDP growth (%)",
    "growth": "published growth (%)",
    "growth_of_sizes": "growth of sizes (%)",
    "in_all": "with interactions (%)",
    "in_tier": "sectors in their tier",
    "interval_score": "interval score",
    "largest": "largest change",
    "largest_difference_sd": "largest difference (sd)",
    "last_month": "January to month",
    "low": "lower end",
    "matches_cv": "prints as CAICT's CV",
    "matches_sd": "prints as CAICT's SD",
    "mcse_mean": "error of the mean",
    "mean_rate": "growth in mean",
    "measure": "digital share",
    "needed": "needed of the unseen",
    "negative": "probability of a fall",
    "own": "alone",
    "nominal_growth": "nominal growth (%)",
    "nominal_points": "points of nominal growth",
    "per_doubling": "per doubling",
    "per_log_unit": "per log unit",
    "per_percent": "per 1%",
    "prior_mean": "mean before",
    "prior_sd": "sd before",
    "products": "digital products",
    "profit_if_constant": "profit ratio, other items constant",
    "profit_margin": "margin",
    "profit_ratio": "profit ratio",
    "r_hat": "R-hat",
    "range": "range (points)",
    "rank_correlation": "rank correlation",
    "rank_correlation_high": "inside high",
    "rank_correlation_low": "inside low",
    "rank_correlation_medium": "inside medium",
    "rate": "growth in SD",
    "real_growth": "real growth (%)",
    "real_points": "points of real growth",
    "revenue_growth": "revenue, growth (%)",
    "rmse": "RMSE",
    "sd": "SD",
    "seen": "sectors seen",
    "series_a_second": "at once, a second",
    "share": "share (%)",
    "share_change": "change of share (points)",
    "slopes": "intervals that hold it (%)",
    "standard_error": "standard error",
    "unseen": "sectors unseen",
    "value_added_growth": "value added, real growth (%)",
    "vintage": "GDP",
    "wild_high": "wild, high",
    "wild_low": "wild, low",
    "wild_p": "wild p",
}
MEASURE = {
    "direct_output": "direct coefficient",
    "direct_intermediate": "direct share",
    "complete": "complete coefficient",
    "complete_share": "complete share",
}
PRODUCTS = {
    "hardware": "hardware",
    "software": "software",
    "hardware_software": "hard- and software",
    "with_instruments": "with instruments",
}
DEFINITION = {"measure": MEASURE, "products": PRODUCTS}  # of digital input, by column
PARAMETER = {"ar": "autoregression", "ma": "moving average", "sigma": "scale of the shocks"}
RATIO = {"cost_ratio": "cost ratio", "profit_ratio": "profit ratio"}
BASIS = {
    "identity": "arithmetic on published numbers",
    "public_data": "public data",
    "public_proxy": "public proxy",
    "open_method": "open method",
    "quoted": "quoted",
}
VERDICT = {
    "reproduced": "reproduced",
    "within_interval": "within our interval",
    "different": "different",
    "not_recomputable": "not recomputable",
}
CHAPTER = {"fw": "Foreword", "1": "Chapter 1", "2": "Chapter 2", "3": "Chapter 3", "4": "Chapter 4"}
UNIT = {
    "trillion_yuan": "trillion yuan",
    "yuan_100m": "hundred million yuan",
    "usd_100m": "hundred million US dollars",
    "percent": "%",
    "ratio_percent": "%",
    "percentage_point": "points",
    "ratio": "",
    "elasticity": "",
    "count": "",
    "count_1k": "thousand",
    "count_10k": "ten thousand",
    "count_10m": "ten million",
    "count_100m": "hundred million",
    "square_metre_100m": "hundred million square metres",
    "gbps": "Gbit/s",
    "eflops": "EFLOPS",
    "eb": "EB",
    "second": "seconds",
    "week": "weeks",
    "year": "years",
    "year_label": "",
    "year_month": "",
    "rank": "in rank",
    "score_point": "score points",
    "k_resolution": "K",
    "task_per_month": "tasks a month",
}
TYPE = {"string": "text", "integer": "whole number", "number": "number"}
DATES = ("year_label", "year_month")  # a date takes no thousands separator
LEDGER = "reproduction/ledger"
OF_A_YEAR = re.compile(r"(\w+)_(\d{4})")  # a column of a wide table
SPAN = re.compile(r"last_(\d+)y")
PART = re.compile(r"(\d{4})(H1|H2|Q1|Q2|Q3|Q4)")
PART_NAMES = {
    "H1": "first half of",
    "H2": "second half of",
    "Q1": "first quarter of",
    "Q2": "second quarter of",
    "Q3": "third quarter of",
    "Q4": "fourth quarter of",
}
QUALIFIER = {"exact": "", "about": "about ", "more_than": "more than ", "nearly": "nearly ", "up_to": "up to "}


def stand_alone() -> None:
    """Show from now on the words of links into the book without the links: for a notebook that has no book beside it."""
    formatter = get_ipython().display_formatter.formatters["text/html"]
    formatter.for_type(HTML, lambda shown: apparatus.unlinked(shown.data))


def numbers(**values: float | int | str) -> None:
    """Give numbers a name, for ``{glue:text}`` roles in the prose of this and of other pages."""
    for name, value in values.items():
        glue(name, value.item() if hasattr(value, "item") else value, display=False)


def figure(name: str, chart: alt.TopLevelMixin) -> None:
    """Give a chart, with what stands below it, a name for ``{glue:figure}`` on this page and on others."""
    glue(name, framed(name, chart, origin=provenance.origin()), display=False)


def framed(name: str, chart: alt.TopLevelMixin, *, origin: Origin) -> HTML:
    """Return a chart with what stands below it: source, downloads, what it draws as a table, how it was computed."""
    spec = chart.to_dict()
    title = " ".join(spec["title"])
    rows = "".join(apparatus.table(_named(charts.readable(frame)), caption=title, decimals=None) for frame in charts.drawn(spec))
    downloads = [apparatus.download(content, kind, name) for kind, content in charts.files(spec).items()]
    return HTML(f'<div class="chart">{charts.view(spec)}{apparatus.below(title, origin, downloads, rows=rows)}</div>')


def table(frame: pd.DataFrame, *, caption: str, decimals: int = 2) -> HTML:
    """Return a frame as an HTML table, with what stands below it; text is shown as text, a missing value as a dash.

    Columns get their names in a reader's words; a named index becomes a column. A ``Link`` becomes a link.
    """
    return _table(frame, caption=caption, decimals=decimals, origin=provenance.origin())


def claims_table(notebook: str) -> HTML:
    """Return the report's claims that a notebook treats: our value, interval and verdict, or why there is none."""
    frame = ledger.ledger(notebook)
    frame = frame[~frame.duplicated(["subject_en", "value", "period"], keep="last")]  # the foreword repeats claims
    shown = {
        "Claim of the report": [
            Link(f"{row.subject_en} ({period(row.period)})" if row.period else row.subject_en, LEDGER, row.claim)
            for row in frame.itertuples()
        ],
        "CAICT": [published(row) for row in frame.itertuples()],
        "Ours, or why there is none": [
            row.reason or f"{answer(row)} {interval(row)}".strip() for row in frame.itertuples()
        ],
        "Verdict": frame["verdict"].map(VERDICT),
        "Basis": frame["basis"].map(BASIS),
    }
    origin = Origin(_words(frame["function"]), tuple(dict.fromkeys(["claims", *_words(frame["tables"])])))
    return _table(pd.DataFrame(shown), caption="The report's claims on this page. Source of the claims: CAICT.", origin=origin)


def cards(frame: pd.DataFrame, *, group: list[str], item: list[str], label: str) -> HTML:
    """Return a diagram of lists: one card for each group of rows, marked with its position.

    It is text in the page, so that it can be read aloud, searched, translated and printed.
    """
    parts = []
    for (name, name_zh, position), rows in frame.groupby([*group, "position"], sort=False):
        items = "".join(f"<li>{_two(*row)}</li>" for row in rows[item].itertuples(index=False))
        kind = html.escape(position)
        parts.append(f'<section class="part part-{kind}"><h3>{_two(name, name_zh)}</h3><ul>{items}</ul></section>')
    return HTML(f'<div class="parts" role="group" aria-label="{html.escape(label)}">{"".join(parts)}</div>')


def verdict_counts() -> pd.DataFrame:
    """Return the number of claims by verdict and by chapter, with totals."""
    frame = ledger.ledger()
    counts = pd.crosstab(frame["chapter"].map(CHAPTER), frame["verdict"]).reindex(
        index=CHAPTER.values(), columns=ledger.VERDICTS, fill_value=0
    )
    counts.loc["All"] = counts.sum()
    counts["all"] = counts.sum(axis=1)
    return counts.rename(columns=VERDICT).rename_axis(index="Chapter", columns=None).reset_index()


def catalogue() -> HTML:
    """Return the data catalogue: a section a table, from the data package's own descriptor."""
    return HTML("".join(_catalogue_entry(resource) for resource in data.descriptor()["resources"]))


def published(row) -> str:
    """Return a claim's number as the report prints it, with its qualifier and unit."""
    printed = f"{row.value:.0f}" if row.unit in DATES else number(row.value, row.decimals)
    if not pd.isna(row.value_high):
        printed += f" to {row.value_high:.0f}"
    unit = "point" if row.unit == "percentage_point" and row.value == 1 else UNIT.get(row.unit, row.unit)
    return f"{QUALIFIER[row.qualifier]}{printed} {unit}".strip()


def answer(row) -> str:
    """Return our answer to a claim as text: one decimal more than the claim's, none for counts and dates."""
    if row.unit in DATES:
        return f"{row.ours:.0f}"
    whole = row.unit in report.COUNTED and float(row.ours).is_integer()
    return number(row.ours, row.decimals if whole else row.decimals + 1)


def interval(row) -> str:
    """Return the interval of our answer to a claim as text, empty where it is a point."""
    if pd.isna(row.ours) or row.ours_low == row.ours_high:
        return ""
    low, high = (number(end, row.decimals + 1) for end in (row.ours_low, row.ours_high))
    return f"[{low}, {high}]"


def period(code: str) -> str:
    """Return the time a claim speaks of in words: ``2013/2023`` is 2013 to 2023, ``2025H1`` the first half of 2025."""
    if span := SPAN.fullmatch(code):
        return f"last {span[1]} years"
    return " to ".join(PART.sub(lambda part: f"{PART_NAMES[part[2]]} {part[1]}", end) for end in code.split("/"))


def parameter(name: str) -> str:
    """Return a model's parameter in words: ``ar[2]`` is the second lag of its autoregression."""
    kind, _, which = name.removesuffix("]").partition("[")
    words = PARAMETER.get(kind, kind)
    if not which:
        return words
    return f"{words}, lag {which}" if which.isdecimal() else f"{words} of {which}"


def _table(frame: pd.DataFrame, *, caption: str, origin: Origin, decimals: int = 2) -> HTML:
    whole = _named(frame.reset_index() if frame.index.name or frame.index.nlevels > 1 else frame)
    name = apparatus.slug(caption)
    downloads = [apparatus.download(apparatus.safe_csv(whole), "csv", name)]
    shown = apparatus.table(whole, caption=caption, decimals=decimals, name=name)
    return HTML(shown + apparatus.below(caption, origin, downloads))


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.rename(columns=lambda name: COLUMNS.get(name) or OF_A_YEAR.sub(r"\1 in \2", str(name))).rename_axis(columns=None)


def _words(texts: pd.Series) -> tuple[str, ...]:
    """Return the different parts of texts that are separated by commas."""
    return tuple(dict.fromkeys(part for text in texts.dropna() for part in text.split(", ") if part))


def _catalogue_entry(resource: dict) -> str:
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
        f"<p>{_catalogue_file(resource)}</p>{apparatus.table(fields, caption='Columns of ' + resource['name'])}</section>"
    )


def _catalogue_file(resource: dict) -> str:
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


def _two(english: str, chinese: str) -> str:
    return f'{html.escape(english)} <span lang="zh">{html.escape(chinese)}</span>'
