"""What a notebook hands to its page: numbers for the prose, and tables."""

from __future__ import annotations

import html

import altair as alt
import pandas as pd
from IPython import get_ipython
from IPython.display import HTML
from myst_nb import glue

from digital_economy import apparatus, charts, ledger, provenance, wording
from digital_economy.apparatus import Link
from digital_economy.provenance import Origin

provenance.watch()

LEDGER = "reproduction/ledger"


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
            Link(f"{row.subject_en} ({wording.period(row.period)})" if row.period else row.subject_en, LEDGER, row.claim)
            for row in frame.itertuples()
        ],
        "CAICT": [wording.published(row) for row in frame.itertuples()],
        "Ours, or why there is none": [
            row.reason or f"{wording.answer(row)} {wording.interval(row)}".strip() for row in frame.itertuples()
        ],
        "Verdict": frame["verdict"].map(wording.VERDICT),
        "Basis": frame["basis"].map(wording.BASIS),
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
    counts = pd.crosstab(frame["chapter"].map(wording.CHAPTER), frame["verdict"]).reindex(
        index=wording.CHAPTER.values(), columns=ledger.VERDICTS, fill_value=0
    )
    counts.loc["All"] = counts.sum()
    counts["all"] = counts.sum(axis=1)
    return counts.rename(columns=wording.VERDICT).rename_axis(index="Chapter", columns=None).reset_index()


def _table(frame: pd.DataFrame, *, caption: str, origin: Origin, decimals: int = 2) -> HTML:
    whole = _named(frame.reset_index() if frame.index.name or frame.index.nlevels > 1 else frame)
    name = apparatus.slug(caption)
    downloads = [apparatus.download(apparatus.safe_csv(whole), "csv", name)]
    shown = apparatus.table(whole, caption=caption, decimals=decimals, name=name)
    return HTML(shown + apparatus.below(caption, origin, downloads))


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.rename(columns=wording.column).rename_axis(columns=None)


def _words(texts: pd.Series) -> tuple[str, ...]:
    """Return the different parts of texts that are separated by commas."""
    return tuple(dict.fromkeys(part for text in texts.dropna() for part in text.split(", ") if part))


def _two(english: str, chinese: str) -> str:
    return f'{html.escape(english)} <span lang="zh">{html.escape(chinese)}</span>'
