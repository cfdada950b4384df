"""Arithmetic of cost and profit ratios: identities, growth-rate differences, and what the report's path implies."""

from __future__ import annotations

import numpy as np
import pandas as pd
from mpmath import iv

from digital_economy import report
from digital_economy.accounts import Estimate

YEARS = (2023, 2027, 2030)  # whose ratios the report prints
RATIOS = ("cost-ratio", "cost-profit-ratio")
RATE = "c3s3-digital-capital-deepening-rate-cost"


def next_ratio(ratio: float, *, cost_growth: float, revenue_growth: float, exact: bool = True) -> float:
    """Return next year's cost ratio from growth in per cent, in the unit of ``ratio``: method G1.

    c (1 + g^C) / (1 + g^R), or with ``exact=False`` c (1 + g^C - g^R), the difference of growth rates.
    """
    cost, revenue = cost_growth / 100, revenue_growth / 100
    return ratio * (1 + cost) / (1 + revenue) if exact else ratio * (1 + cost - revenue)


def scenario_gap(elasticity: float | np.ndarray, rate: float, base: float, years: int | np.ndarray) -> float | np.ndarray:
    """Return 100 times the log of the cost ratio under one rate of deepening over that under another: method G4.

    elasticity h (g - g0), with the rates in per cent a year taken as log growth of digital capital per worker.
    """
    return 100 * elasticity * years * (np.log1p(rate / 100) - np.log1p(base / 100))


def profit_ratio(cost_ratio: np.ndarray, other: np.ndarray, net_other: float = 0.0) -> np.ndarray:
    """Return the profit ratio in per cent that the accounts leave, with all shares in per cent of revenue.

    What is left of revenue after cost and ``other`` is profit; the denominator is all the rest but
    ``net_other`` (taxes less other income, inside ``other``), which the definition leaves out. With
    ``net_other=0`` this is 1 / (1 + pi) = c + other.
    """
    margin = 100 - cost_ratio - other
    return 100 * margin / (100 - margin - net_other)


def other_items(cost_ratio: float, profit: float) -> float:
    """Return what a cost ratio and a profit ratio leave for all other items, in per cent of revenue: 1 / (1 + pi) - c."""
    return 100 / (1 + profit / 100) - cost_ratio


def report_path() -> pd.DataFrame:
    """Return the report's cost and profit ratio of 2023, 2027 and 2030, and what its accounts imply.

    ``other`` is all that is neither cost nor profit; ``profit_if_constant`` is the profit ratio that
    the report's cost ratios give when ``other`` stays at its 2023 share of revenue.
    """
    cost, profit = ([_claim(ratio, year).value for year in YEARS] for ratio in RATIOS)
    frame = pd.DataFrame({"cost_ratio": cost, "profit_ratio": profit}, index=pd.Index(YEARS, name="year"))
    frame["other"] = other_items(frame["cost_ratio"], frame["profit_ratio"])
    return frame.assign(profit_if_constant=profit_ratio(frame["cost_ratio"], frame.at[YEARS[0], "other"]))


def implied_elasticities() -> pd.Series:
    """Return the elasticity of the report's cost ratio to digital capital per worker, by span of years."""
    cost, growth = np.log(report_path()["cost_ratio"]), np.log1p(report.claim(RATE).value / 100)
    spans = [(2023, 2027), (2027, 2030), (2023, 2030)]
    values = {f"{first} to {last}": (cost[last] - cost[first]) / ((last - first) * growth) for first, last in spans}
    return pd.Series(values, name="elasticity")


def acceleration() -> pd.DataFrame:
    """Return yearly changes over 2023-27 and 2027-30 and their ratio, printed and by functional form.

    Rows: the report's cost and profit ratio (points a year, the ratio with its rounding), and what
    constant growth at the report's rate gives when the cost ratio is linear in the logarithm or in
    the level of digital capital per worker, scaled to the report's first span. ``explained`` is the
    part of the ratio's excess over one that a form accounts for, of cost and of profit.
    """
    factor = 1 + report.claim(RATE).value / 100
    ahead = np.array([year - YEARS[0] for year in YEARS])
    rows = {ratio: _pace([_claim(ratio, year) for year in YEARS]) for ratio in RATIOS}
    first = rows["cost-ratio"]["first"]
    for form, path in {"log": ahead * np.log(factor), "level": factor**ahead - 1.0}.items():
        pace = np.diff(path) / np.diff(ahead)
        ratio = pace[1] / pace[0]
        rows[form] = {"first": first, "second": first * ratio, "ratio": ratio, "low": ratio, "high": ratio}
    frame = pd.DataFrame(rows).T.rename_axis("path")
    excess = frame["ratio"] - 1
    of = {f"explained_{name}": excess / excess[ratio] for name, ratio in zip(("cost", "profit"), RATIOS)}
    return frame.assign(**of)


def _claim(ratio: str, year: int) -> report.Claim:
    return report.claim(f"c3s3-{ratio}-{year}")


def _pace(claims: list[report.Claim]) -> dict[str, float]:
    values, ends = [claim.value for claim in claims], [iv.mpf((claim.low, claim.high)) for claim in claims]

    def ratio(a, b, c):  # the two yearly changes, second over first
        return ((c - b) / (YEARS[2] - YEARS[1])) / ((b - a) / (YEARS[1] - YEARS[0]))

    estimate = Estimate.of(ratio(*values), ratio(*ends))
    first = (values[1] - values[0]) / (YEARS[1] - YEARS[0])
    return {"first": first, "second": first * estimate.value, "ratio": estimate.value, "low": estimate.low, "high": estimate.high}
