"""The arithmetic relations between the numbers of the report, each evaluated over its rounding intervals."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pandas as pd

from digital_economy import accounts, data, relations, report, stabiliser
from digital_economy.accounts import Estimate
from digital_economy.relations import Quantity, RelationError

VINTAGE = "census5_preliminary"  # the GDP that the report's numbers for 2024 rest on


def checks() -> pd.DataFrame:
    """Return every relation with its verdict, in the order of the table ``checks``.

    To the table's columns come ``value, low, high`` (what the left side comes to, for an order the left
    side less the right one), ``stated, stated_low, stated_high`` (the right side of an equation), all in
    the relation's ``unit``; ``verdict``; and ``claims``, the claims it speaks of.
    """
    lookup = names()
    frame = data.load("checks")
    known = set(report.claims()["claim"])
    rows = [_evaluated(row, lookup, known) for row in frame.itertuples()]
    return pd.concat([frame, pd.DataFrame(rows)], axis=1)


def computed(check: str) -> Estimate:
    """Return what the left side of one relation comes to, in its unit.

    Raises
    ------
    KeyError
        No relation of that name.
    """
    row = data.load("checks").set_index("check", drop=False).loc[check]
    found = _evaluated(row, names(), set())
    return Estimate(found["value"], found["low"], found["high"])


def names(computed: dict[str, tuple[Callable[[], float], str]] | None = None) -> Callable[[str], Quantity]:
    """Return a function that gives the quantity a name of a relation stands for, in base units.

    Names are claims, public figures (``pub_``), counts of what the text itself names (``list_``), what
    the package computes from public series (``calc_``; ``computed`` gives other functions than those
    of ``COMPUTED``, each with the unit it answers in), and units.
    """
    functions = COMPUTED if computed is None else computed
    units = data.load("units").set_index("unit")
    printed = {row.claim: row for row in report.claims().itertuples()}
    public = cache(lambda: {row.figure: row for row in public_figures().itertuples()})
    counts = cache(named_items)

    def lookup(name: str) -> Quantity:
        if row := printed.get(name) or (name.startswith("pub_") and public().get(name)):
            return _quantity(row.value, row.low, row.high, row.unit)
        if name.startswith("list_") and name in counts():
            return _quantity(counts()[name], counts()[name], counts()[name], "count")
        if name in functions:
            compute, unit = functions[name]
            value = compute()
            return _quantity(value, value, value, unit)
        if name in units.index:
            return _quantity(1, 1, 1, name)
        raise RelationError(f"found the name {name!r}; right is a claim, a pub_, list_ or calc_ name, or a unit")

    def _quantity(value: float, low: float, high: float, unit: str) -> Quantity:
        factor, base = units.loc[unit, ["factor_to_base", "base_unit"]]
        return Quantity.of(value * factor, low * factor, high * factor, None if base == "one" else base)

    return cache(lookup)


def public_figures() -> pd.DataFrame:
    """Return the public figures that relations name, with ``low`` and ``high`` as for claims."""
    frame = data.load("public_figures").assign(value_high=float("nan"))
    ends = [report.printed_interval(row) for row in frame.itertuples()]
    return frame.assign(low=[low for low, _ in ends], high=[high for _, high in ends])


def public_figure(figure: str) -> Estimate:
    """Return one public figure of the table ``public_figures``, in its unit."""
    row = public_figures().set_index("figure").loc[figure]
    return Estimate(row["value"], row["low"], row["high"])


def named_items() -> dict[str, int]:
    """Return how many items the text names, by ``list_`` name: those of its lists, its framework and its tiers."""
    tiers = data.load("sector_tiers")["tier"]
    return {
        **data.load("named_items")["list"].value_counts().add_prefix("list_"),
        **tiers.value_counts().add_prefix("list_tier_"),
        "list_tiers": tiers.nunique(),
        "list_components": report.framework_parts(),
    }


def items_alike(first: str, second: str) -> int:
    """Return how many items of two of the text's lists read the same at the same place."""
    items = data.load("named_items").set_index(["list", "position"])["item"]
    return int((items[first] == items[second]).sum())


def _evaluated(row, lookup: Callable[[str], Quantity], known: set[str]) -> dict:
    outcome = relations.evaluate(row.formula, lookup)
    unit = relations.evaluate(row.unit, lookup).computed
    if outcome.computed.unit != unit.unit:
        found, right = relations.in_words(outcome.computed.unit), relations.in_words(unit.unit)
        raise RelationError(f"checks, {row.check}: found a result in {found}; right is the unit it gives, {right}")
    return {
        **_in_unit("value", "low", "high", outcome.computed, unit.value),
        **_in_unit("stated", "stated_low", "stated_high", outcome.stated, unit.value),
        "verdict": outcome.verdict,
        "claims": tuple(name for name in relations.parse(row.formula).names.values() if name in known),
    }


def _in_unit(value: str, low: str, high: str, quantity: Quantity | None, one: float) -> dict[str, float]:
    if quantity is None:
        return dict.fromkeys((value, low, high), float("nan"))
    return {value: quantity.value / one, low: quantity.low / one, high: quantity.high / one}


def _gdp_growth(statistic: str, rate: str) -> float:
    rates = stabiliser.gdp_growth_rates(VINTAGE, rate=rate)
    return float(rates.mean() if statistic == "mean" else rates.std(ddof=0))


COMPUTED: dict[str, tuple[Callable[[], float], str]] = {  # a name, its function, and the unit it answers in
    "calc_gdp_growth_mean": (lambda: _gdp_growth("mean", "simple"), "percent"),
    "calc_gdp_growth_sd": (lambda: _gdp_growth("sd", "simple"), "percent"),
    "calc_gdp_growth_log_mean": (lambda: _gdp_growth("mean", "log"), "percent"),
    "calc_gdp_growth_log_sd": (lambda: _gdp_growth("sd", "log"), "percent"),
    "calc_gdp_growth_change_2024": (
        lambda: float(accounts.change(accounts.gdp_growth(VINTAGE))[2024]),
        "percentage_point",
    ),
    "calc_figure_titles_alike": (lambda: items_alike("figure_titles_contents", "figure_titles_captions"), "count"),
    "calc_section_titles_alike": (lambda: items_alike("section_titles_contents", "section_titles_headings"), "count"),
}
