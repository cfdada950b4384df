"""The orders and trends that the report states without a number, each tested or with a reason why not."""

from __future__ import annotations

import math
from collections.abc import Callable

import pandas as pd

from digital_economy import accounts, checks, data, indicators, relations

VERDICTS = ("holds", "at the edge", "does not hold", "not testable")
WORDS = dict(zip(("consistent", "edge", "inconsistent", "implied"), VERDICTS, strict=True))
BAND = (5, 15)  # per cent: what "around ten per cent" is taken to allow


def orderings() -> pd.DataFrame:
    """Return every ordering with its ``verdict``: that of the weakest of the relations its test joins.

    ``values`` lists what the statistics of public series in the test come to.
    """
    frame = data.load("orderings")
    functions = {**checks.COMPUTED, **COMPUTED}
    lookup = checks.names(functions)
    return frame.assign(
        verdict=[_verdict(formula, lookup) for formula in frame["formula"]],
        values=[_values(formula, functions) for formula in frame["formula"]],
    )


def _verdict(formula: str, lookup: Callable[[str], relations.Quantity]) -> str:
    if not formula:
        return "not testable"
    found = [WORDS[relations.evaluate(part, lookup).verdict] for part in formula.split(" and ")]
    return max(found, key=VERDICTS.index)


def _values(formula: str, functions: dict[str, tuple[Callable[[], float], str]]) -> str:
    names = dict.fromkeys(name for name in relations.NAME.findall(formula) if name in functions)
    return ", ".join(f"{name} is {functions[name][0]():.3g}" for name in names)


def _size_growth(first: int, last: int) -> float:
    """Return mean yearly growth of the published size of the digital economy, in per cent."""
    size = accounts.size()
    return 100 * ((size[last] / size[first]) ** (1 / (last - first)) - 1)


def _size_contribution(first: int, last: int) -> float:
    """Return the rise of the published size as per cent of the rise of nominal GDP."""
    size, gdp = accounts.size(), accounts.gdp()
    return 100 * (size[last] - size[first]) / (gdp[last] - gdp[first])


def _share_falls() -> int:
    return int((accounts.scale()["share_change"].dropna() <= 0).sum())


def _digital_industry(count: Callable[[pd.DataFrame], pd.Series]) -> int:
    frame = accounts.digital_industry().dropna(subset=["proxy_levels", "gdp_growth"])
    return int(count(frame).sum())


def _electronics(count: Callable[[pd.DataFrame], pd.Series]) -> int:
    return int(count(accounts.electronics()).sum())


def _outlet_growth(first: int, last: int) -> float:
    rates = indicators.crossborder_growth()["outlets"].loc[first:last]
    return 100 * (math.prod(1 + rate / 100 for rate in rates) ** (1 / len(rates)) - 1)


COMPUTED: dict[str, tuple[Callable[[], float], str]] = {
    **{
        f"calc_de_growth_{first}_{last}": (lambda first=first, last=last: _size_growth(first, last), "percent")
        for first, last in ((2012, 2015), (2015, 2020), (2020, 2024))
    },
    **{
        f"calc_de_contribution_{first}_{last}": (lambda first=first, last=last: _size_contribution(first, last), "percent")
        for first, last in ((2012, 2015), (2015, 2020))
    },
    **{
        f"calc_outlet_growth_{first}_{last}": (lambda first=first, last=last: _outlet_growth(first, last), "percent")
        for first, last in ((2012, 2014), (2019, 2021))
    },
    "calc_de_gap_2024": (lambda: float(accounts.scale()["gap"][2024]), "percentage_point"),
    "calc_de_share_falls": (_share_falls, "count"),
    "calc_digind_years": (lambda: _digital_industry(lambda f: f["proxy_levels"].notna()), "count"),
    "calc_digind_years_off_band": (lambda: _digital_industry(lambda f: ~f["proxy_levels"].between(*BAND)), "count"),
    "calc_digind_years_below_gdp": (lambda: _digital_industry(lambda f: f["proxy_levels"] <= f["gdp_growth"]), "count"),
    "calc_electronics_years": (lambda: _electronics(lambda f: f["gap"].notna()), "count"),
    "calc_electronics_exceptions": (lambda: _electronics(lambda f: f["gap"] <= 0), "count"),
}
