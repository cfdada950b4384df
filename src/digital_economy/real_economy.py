"""The real economy's cost and profit ratios: industry above designated size as a public proxy.

No public series of the "real economy" exists. Industry above designated size publishes revenue, cost,
expenses and profit, but its threshold moved twice, main business items gave way to operating items
in 2018, R&D left the administrative expenses in 2019, and each year's sample differs from the one
before. All of that is handled here: levels come in segments that share a basis, and two years are
compared only on one basis. Nothing is chained from one segment to the next.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from mpmath import iv

from digital_economy import data
from digital_economy.accounts import Estimate

TABLE = "industry_enterprises"
EXPENSES = ("selling_expenses", "administrative_rd_expenses", "finance_expenses")
PER_100 = {"cost_ratio": "cost_per_100", "expense_ratio": "expense_per_100", "margin": "profit_margin"}
REPORT_YEAR = 2023  # the last year of the report's history
SEGMENTS = {  # a segment, named for its threshold or its items: vintage, concept of revenue and cost, years
    "state_and_5m": ("yearbook", "main_business", range(2000, 2007)),
    "above_5m": ("yearbook", "main_business", range(2007, 2011)),
    "above_20m": ("yearbook", "main_business", range(2011, 2018)),
    "release_main": ("release", "main_business", range(2011, 2019)),
    "release_operating": ("release", "operating", range(2017, 2026)),
}
SEGMENTS_IN_WORDS = {
    "state_and_5m": "yearbook, to 2006",
    "above_5m": "yearbook, 2007 to 2010",
    "above_20m": "yearbook, from 2011",
    "release_main": "release, main business",
    "release_operating": "release, operating items",
}
BASES_IN_WORDS = {  # what the change of a year rests on
    "levels": "yearbook, one threshold",  # each year's own enterprises
    "sample": "release, one sample",  # this year's enterprises in both years
    "per_100": "published change",
    "rates": "growth rates",
}


def segments() -> pd.DataFrame:
    """Return the published levels, a row a segment and year, in per cent; what a year lacks is missing.

    Columns: ``cost_ratio`` and ``margin`` (of revenue), ``expense_ratio`` (selling, administrative
    with R&D, and finance expenses, of revenue) and ``profit_ratio``, profit over cost and those
    expenses. Figures published per 100 yuan fill what the amounts of the same release lack, and
    come first from 2023 on, when the amounts are rounded.
    """
    parts = {name: _ratios(concept, vintage).reindex(years) for name, (vintage, concept, years) in SEGMENTS.items()}
    amounts, per_100 = parts["release_operating"], _per_100("level")
    parts["release_operating"] = amounts.loc[: REPORT_YEAR - 1].combine_first(per_100).combine_first(amounts)
    frame = pd.concat(parts, names=["segment", "year"]).dropna(how="all")
    frame["profit_ratio"] = _profit_ratio(frame)
    published = _figures("yearbook", "level")["cost_expense_profit_ratio"]
    frame.loc[("state_and_5m", 2000), "profit_ratio"] = published[2000]  # its expenses are not at hand
    return frame


def changes() -> pd.DataFrame:
    """Return the changes on the year before that keep to one basis, a row a year; other years have none.

    Columns: ``cost`` (100 times the change of the log cost ratio), ``margin``, ``other``, ``markup``
    and ``profit_ratio`` (points), ``revenue`` (100 times the log, one sample, from 2011), ``basis``
    (a key of ``BASES_IN_WORDS``), and ``rounding``, how far the rounding of published rates may move
    ``cost``. ``other`` is what lies between cost and profit: 100 less cost ratio less margin. ``markup``
    is profit over the rest of revenue; unlike the profit ratio it needs no expenses and so has no gap.
    2007, when the threshold moved, has no row.
    """
    yearbook, now, before = _ratios("main_business", "yearbook"), _per_100("level"), _per_100("change")
    before = now - before.reindex(now.index)
    parts = [
        _compare("levels", yearbook, yearbook.rename(lambda year: year + 1), years)
        for years in (range(2004, 2007), range(2008, 2011))
    ]
    for concept, years in {"main_business": range(2011, 2019), "operating": range(2019, 2023)}.items():
        parts.append(_compare("sample", _ratios(concept, "release"), _ratios(concept, "release", "prior_year"), years))
    low, high = _printed("cost_per_100", REPORT_YEAR, "change")
    published = _compare("per_100", now, before, [REPORT_YEAR]).assign(rounding=50 * (high - low) / now["cost_ratio"])
    frame = pd.concat([*parts, published, _from_rates()])
    frame["profit_ratio"] = frame["profit_ratio"].combine_first(_profit_ratio(now) - _profit_ratio(before))
    growth = _figures("release", "growth")
    revenue = growth["operating_revenue"].combine_first(growth["main_business_revenue"])
    return frame.assign(revenue=100 * np.log1p(revenue / 100)).rename_axis("year")


def index(column: str, *, since: int = 2000) -> pd.Series:
    """Return one column of ``changes`` cumulated over its longest unbroken stretch, with 2023 = 0.

    The first year is the one before the first change; ``since`` leaves out changes before a year.
    It is a sum of changes, each on one basis, not a chain of levels.

    Raises
    ------
    ValueError
        The longest stretch does not hold 2023.
    """
    values = changes().loc[since:, column].dropna()
    run = (values.index.to_series().diff() != 1).cumsum()
    stretch = values[run == run.value_counts().idxmax()]
    if REPORT_YEAR not in stretch.index:
        years = f"{stretch.index[0]} to {stretch.index[-1]}"
        raise ValueError(f"{column}: found its longest unbroken stretch in {years}; right is one that holds {REPORT_YEAR}")
    level = pd.concat([pd.Series({stretch.index[0] - 1: 0.0}), stretch.cumsum()])
    return (level - level[REPORT_YEAR]).rename_axis("year").rename(column)


def cost_ratio_at(change: pd.Series | np.ndarray) -> pd.Series | np.ndarray:
    """Return the cost ratio in per cent that lies a change (100 times the log) from that of 2023."""
    return base_ratios()["cost_ratio"] * np.exp(change / 100)


def cost_ratio() -> Estimate:
    """Return the proxy's cost ratio of 2023 in per cent, published per 100 yuan of operating revenue."""
    return Estimate(base_ratios()["cost_ratio"], *_printed("cost_per_100", REPORT_YEAR))


def profit_ratio() -> Estimate:
    """Return the proxy's profit ratio of 2023 in per cent: margin over cost and expenses, with their rounding."""
    margin, cost, expense = (iv.mpf(_printed(PER_100[name], REPORT_YEAR)) for name in ("margin", "cost_ratio", "expense_ratio"))
    return Estimate.of(base_ratios()["profit_ratio"], 100 * margin / (cost + expense))


@data.remembered
def base_ratios() -> pd.Series:
    """Return the proxy's ratios of 2023 in per cent, from which changes count.

    To the columns of ``segments`` come ``other``, all of revenue that is neither cost nor profit, and
    ``net_other``, its part that is no expense either: taxes less other income.
    """
    published = _per_100("level").loc[[REPORT_YEAR]].assign(profit_ratio=_profit_ratio)
    published["other"] = 100 - published["cost_ratio"] - published["margin"]
    return published.assign(net_other=published["other"] - published["expense_ratio"]).loc[REPORT_YEAR]


def within_year() -> pd.DataFrame:
    """Return the releases within 2024 to 2026 per 100 yuan of revenue: levels, and published changes.

    The index is the year and the last month of the figures, which run from January.
    """
    frame = data.load("industry_year_to_date")
    column = frame["series_id"] + frame["measure"].map({"level": "", "change": "_change"})
    wide = frame.assign(column=column).pivot(index=["period", "last_month"], columns="column", values="value")
    return wide.rename_axis(index=["year", "last_month"], columns=None)


def _figures(vintage: str, measure: str) -> pd.DataFrame:
    """Return the published figures of one vintage and measure, a row a year and a column a series."""
    frame = data.load(TABLE)
    chosen = frame[(frame["vintage"] == vintage) & (frame["measure"] == measure)]
    return chosen.astype({"period": int}).pivot(index="period", columns="series_id", values="value").rename_axis("year")


def _ratios(concept: str, vintage: str, measure: str = "level") -> pd.DataFrame:
    """Return ``cost_ratio``, ``expense_ratio`` and ``margin`` in per cent of revenue, from amounts."""
    amounts = _figures(vintage, measure)
    parts = {
        "cost_ratio": amounts[f"{concept}_cost"],
        "expense_ratio": amounts[list(EXPENSES)].sum(axis=1, skipna=False),
        "margin": amounts["total_profit"],
    }
    return (100 * pd.DataFrame(parts).div(amounts[f"{concept}_revenue"], axis=0)).dropna(subset="cost_ratio")


def _per_100(measure: str) -> pd.DataFrame:
    figures = _figures("release", measure)
    return pd.DataFrame({column: figures[name] for column, name in PER_100.items()}).dropna(how="all")


def _profit_ratio(ratios: pd.DataFrame) -> pd.Series:
    return 100 * ratios["margin"] / (ratios["cost_ratio"] + ratios["expense_ratio"])


def _compare(basis: str, now: pd.DataFrame, before: pd.DataFrame, years: range | list[int]) -> pd.DataFrame:
    """Return the changes from ``before`` to ``now``, two states of the same years' ratios."""
    now, before = now.reindex(years), before.reindex(years)
    margin, cost = (now[name] - before[name] for name in ("margin", "cost_ratio"))
    columns = {
        "cost": 100 * np.log(now["cost_ratio"] / before["cost_ratio"]),
        "margin": margin,
        "other": -cost - margin,
        "markup": _markup(now["margin"]) - _markup(before["margin"]),
        "profit_ratio": _profit_ratio(now) - _profit_ratio(before),
    }
    return pd.DataFrame(columns).assign(basis=basis, rounding=0.0)


def _markup(margin: pd.Series) -> pd.Series:
    return 100 * margin / (100 - margin)


def _from_rates() -> pd.DataFrame:
    """Return the changes of 2024 and 2025, whose releases are at hand only with growth rates.

    2024: gross profit and revenue, from the ratios of 2023. 2025: cost and revenue, to its own
    ratios; the change of its margin is published.
    """
    per_100, margin_change = _per_100("level"), _per_100("change").at[2025, "margin"]
    base, margin_2025 = per_100.loc[REPORT_YEAR], per_100.at[2025, "margin"]
    cost_2025 = _ratios("operating", "release").at[2025, "cost_ratio"]
    gross_2024, profit_2024 = (_against_revenue(name, 2024) for name in ("gross_profit", "total_profit"))
    step_2025 = _against_revenue("operating_cost", 2025)
    now = {
        "cost_ratio": [100 - (100 - base["cost_ratio"]) * gross_2024.value, cost_2025],
        "margin": [base["margin"] * profit_2024.value, margin_2025],
    }
    before = {
        "cost_ratio": [base["cost_ratio"], cost_2025 / step_2025.value],
        "margin": [base["margin"], margin_2025 - margin_change],
    }
    frames = (pd.DataFrame(ratios, index=[2024, 2025]).assign(expense_ratio=np.nan) for ratios in (now, before))
    half_2024, half_2025 = (50 * (step.high - step.low) for step in (gross_2024, step_2025))
    rounding = [half_2024 * (100 / base["cost_ratio"] - 1), half_2025]
    return _compare("rates", *frames, [2024, 2025]).assign(rounding=rounding)


def _against_revenue(name: str, year: int) -> Estimate:
    """Return one plus an item's published growth over one plus that of revenue, with their rounding."""
    item, revenue = (1 + iv.mpf(_printed(series, year, "growth")) / 100 for series in (name, "operating_revenue"))
    return Estimate.of(float(item.mid) / float(revenue.mid), item / revenue)


def _printed(name: str, year: int, measure: str = "level") -> tuple[float, float]:
    return data.printed(TABLE, name, year, vintage="release", measure=measure)
