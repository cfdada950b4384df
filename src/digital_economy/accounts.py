"""The arithmetic of sizes: shares, growth, gaps and contributions, under every GDP vintage."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd
from mpmath import iv

from digital_economy import data

VINTAGES = {  # a vintage, and the states of the accounts it takes its years from, first choice first
    "first_release": ("first_release",),
    "census2": ("census2",),
    "census3": ("census3",),
    "census4": ("census4",),
    "census5_preliminary": ("census5_preliminary", "census5"),
    "census5": ("census5", "census5_preliminary"),
}
VINTAGES_IN_WORDS = {
    "first_release": "first releases, on mixed bases",
    "census2": "second census",
    "census3": "third census",
    "census4": "fourth census",
    "census5_preliminary": "fifth census, preliminary",
    "census5": "fifth census, current",
}
CURRENT = "census5"
LIKE_FOR_LIKE = ("census2", "census3", "census4", "census5_preliminary", "census5")
COMPONENTS = {  # an industry, and its revenue series, first choice first
    "electronics": ("electronics_revenue", "electronics_revenue_main_business"),
    "software": ("software_revenue_yearbook", "software_revenue"),
    "telecommunications": ("telecom_revenue",),
}
COMPONENT_GROWTH = {
    "electronics": ("electronics_revenue_growth", "electronics_revenue_main_business_growth"),
    "software": ("software_revenue_growth",),
    "telecommunications": ("telecom_revenue_growth",),
    "internet": ("internet_revenue_growth",),
}


@dataclass(frozen=True)
class Estimate:
    """A value with the interval [low, high] that rounding, the choice of vintage or a posterior leaves open.

    ``monte_carlo_error`` is the standard error of a value that was simulated; an exact one has none.
    """

    value: float
    low: float
    high: float
    monte_carlo_error: float = math.nan

    @classmethod
    def of(cls, value: float, *intervals: iv.mpf) -> Estimate:
        """Return ``value`` with the hull of ``intervals``."""
        low = min(float(interval.a) for interval in intervals)
        high = max(float(interval.b) for interval in intervals)
        return cls(float(value), low, high)


# -- pure arithmetic ------------------------------------------------------------------------------


def growth(levels: pd.Series) -> pd.Series:
    """Return growth on the year before in per cent; a year after a gap has none."""
    before = levels.rename(lambda year: year + 1)
    return (100 * (levels / before - 1)).dropna().rename("growth")


def share(part: pd.Series, whole: pd.Series) -> pd.Series:
    """Return ``part`` as per cent of ``whole``, for the years that have both."""
    return (100 * part / whole).dropna().rename("share")


def change(values: pd.Series) -> pd.Series:
    """Return the change on the year before, in the unit of ``values``; a year after a gap has none."""
    return (values - values.rename(lambda year: year + 1)).dropna().rename("change")


def contribution(part: pd.Series, whole: pd.Series) -> pd.Series:
    """Return the change of ``part`` as per cent of the change of ``whole``: its contribution to growth."""
    return (100 * change(part) / change(whole)).dropna().rename("contribution")


# -- gross domestic product -----------------------------------------------------------------------


@data.remembered
def gdp(vintage: str = CURRENT) -> pd.Series:
    """Return nominal GDP by year in trillion yuan under one vintage.

    ``first_release`` holds each year's first figure and so changes its base between years; the
    census vintages are consistent series. ``census5_preliminary`` is the series of January 2025,
    with the first estimate of 2024; ``census5`` has the final one, and the first estimate of 2025.

    Raises
    ------
    ValueError
        Unknown vintage.
    """
    if vintage not in VINTAGES:
        raise ValueError(f"no GDP vintage {vintage!r}: right is one of {list(VINTAGES)}")
    levels = pd.Series(dtype=float)
    for state in VINTAGES[vintage]:
        levels = levels.combine_first(data.series("gross_domestic_product", "gdp_nominal", vintage=state))
    return (levels / 1e4).rename("gdp")


def gdp_growth(vintage: str = CURRENT) -> pd.Series:
    """Return nominal GDP growth in per cent under one vintage."""
    return growth(gdp(vintage))


def gdp_real_growth() -> pd.Series:
    """Return real GDP growth in per cent under the current vintage."""
    return data.series("gross_domestic_product", "gdp_real_growth", vintage=CURRENT)


def gdp_deflator_growth() -> pd.Series:
    """Return the growth of the price of GDP in per cent: nominal over real growth, current vintage."""
    ratio = (1 + gdp_growth() / 100) / (1 + gdp_real_growth() / 100)
    return (100 * (ratio - 1)).dropna().rename("deflator_growth")


# -- the digital economy (Figure 2) ---------------------------------------------------------------


def size() -> pd.Series:
    """Return CAICT's size of the digital economy in trillion yuan; years it did not publish are absent."""
    return data.series("caict_digital_economy", "digital_economy_size").rename("size")


def published_growth() -> pd.Series:
    """Return CAICT's published nominal growth of the digital economy in per cent by year."""
    return data.series("caict_digital_economy", "digital_economy_growth_nominal").rename("growth")


def published_contribution() -> pd.Series:
    """Return CAICT's printed contributions of the digital economy to GDP growth, in per cent by year."""
    return data.series("caict_digital_economy", "digital_economy_contribution_gdp_growth")


def structure() -> pd.DataFrame:
    """Return the digital economy by part in trillion yuan, a row a published year.

    Columns: ``digital_industrialisation``, ``industrial_digitalisation``, and ``not_split``, the
    whole for the years in which no public copy of CAICT's report gives the parts.
    """
    parts = pd.DataFrame(
        {
            part: data.series("caict_digital_economy", f"{part}_value_added")
            for part in ("digital_industrialisation", "industrial_digitalisation")
        }
    ).reindex(size().index)
    return parts.assign(not_split=size().where(parts.isna().any(axis=1)))


def scale(vintage: str = CURRENT) -> pd.DataFrame:
    """Return the digital economy against GDP of one vintage, a row a published year.

    Columns: ``share`` of GDP, ``growth`` as published and ``growth_of_sizes`` (both per cent),
    ``gdp_growth``, ``gap`` of published growth to GDP growth (points), ``share_change`` (points)
    and ``contribution`` to nominal GDP growth (per cent). What a year's data can't give is missing.
    """
    frame = {
        "share": share(size(), gdp(vintage)),
        "growth": published_growth(),
        "growth_of_sizes": growth(size()),
        "gdp_growth": gdp_growth(vintage),
        "gap": published_growth() - gdp_growth(vintage),
        "share_change": change(share(size(), gdp(vintage))),
        "contribution": contribution(size(), gdp(vintage)),
    }
    return pd.DataFrame(frame).reindex(size().index)


def scale_by_vintage() -> pd.DataFrame:
    """Return ``scale`` under every vintage, a row a vintage and year."""
    frames = {vintage: scale(vintage) for vintage in VINTAGES}
    return pd.concat(frames, names=["vintage", "year"])


def size_from_growth(year: int) -> Estimate:
    """Return the size that last year's published size and this year's published growth give."""
    before, rate = size()[year - 1], published_growth()[year]
    return Estimate.of(before * (1 + rate / 100), _size(year - 1) * (1 + _growth(year) / 100))


def growth_from_sizes(year: int) -> Estimate:
    """Return growth in per cent from two published sizes."""
    return Estimate.of(growth(size())[year], 100 * (_size(year) / _size(year - 1) - 1))


def share_of_gdp(year: int) -> Estimate:
    """Return the share of GDP in per cent: current vintage, with the range over vintages and rounding."""
    return Estimate.of(scale()["share"][year], *(100 * _size(year) / level for level in _gdp_levels(year)))


def share_change(year: int) -> Estimate:
    """Return the change of the share of GDP in points with both years on one vintage of GDP.

    The range is over the vintages that hold both years on one base, and over rounding.
    """
    ranges = [
        100 * (_size(year) / gdp(vintage)[year] - _size(year - 1) / gdp(vintage)[year - 1])
        for vintage in LIKE_FOR_LIKE
        if {year, year - 1} <= set(gdp(vintage).index)
    ]
    return Estimate.of(scale()["share_change"][year], *ranges)


def growth_gap(year: int) -> Estimate:
    """Return the lead of published digital growth over nominal GDP growth, in points."""
    return Estimate.of(scale()["gap"][year], *(_growth(year) - rate for rate in _gdp_rates(year)))


def gdp_growth_change(year: int) -> Estimate:
    """Return the change of nominal GDP growth in points, with the range over vintages."""
    changes = [change(gdp_growth(vintage)).get(year) for vintage in LIKE_FOR_LIKE]
    return Estimate.of(change(gdp_growth())[year], *(iv.mpf(x) for x in changes if x is not None))


def mixed_vintages(year: int) -> pd.DataFrame:
    """Return the change of the share for every pair of GDP vintages, in points.

    Rows: the vintage under the earlier year; columns: the vintage under ``year``. The diagonal is
    like for like, what lies off it mixes the growth of the economy with a revision of its measure.
    """
    now = {v: share(size(), gdp(v)).get(year) for v in VINTAGES}
    before = {v: share(size(), gdp(v)).get(year - 1) for v in VINTAGES}
    table = {v: {w: later - earlier for w, earlier in before.items() if earlier} for v, later in now.items() if later}
    return pd.DataFrame(table).rename_axis(index=f"GDP of {year - 1}", columns=f"GDP of {year}")


def definitions() -> pd.DataFrame:
    """Return every public estimate of the digital economy's share of GDP, in per cent.

    Columns: ``definition``, ``year``, ``value``, and ``series``, whose estimate it is.
    """
    caict = data.series("caict_digital_economy", "digital_economy_share_gdp")
    official = data.series("caict_digital_economy", "nbs_digital_core_industries_share_gdp")
    papers = data.load("digital_economy_estimates").query("measure == 'share_gdp'")
    return pd.concat(
        [
            _definition("CAICT: all parts", caict, "CAICT"),
            _definition("NBS: core industries", official, "official statistics"),
            papers.rename(columns={"period": "year"}).assign(series="academic papers"),
        ],
        ignore_index=True,
        join="inner",
    ).astype({"year": int})


# -- digital industry and electronics (Figures 3 and 4) --------------------------------------------


def digital_industry() -> pd.DataFrame:
    """Return growth of digital industry revenue against nominal GDP growth, in per cent by year.

    ``proxy_levels``: growth of the summed revenue of electronics, software and telecommunications,
    each pair of years from one series; ``proxy_comparable``: the published comparable-basis growth
    rates weighted by last year's revenue; ``published``: growth of the ministry's own total.
    """
    pairs = pd.concat({name: _pairs(ids) for name, ids in COMPONENTS.items()}, axis=1).dropna()
    before = pairs.xs("before", axis=1, level=1)
    rates = component_growth()[list(COMPONENTS)]
    weighted = rates.mul(before.div(before.sum(axis=1), axis=0)).dropna().sum(axis=1)
    frame = {
        "proxy_levels": 100 * (pairs.xs("now", axis=1, level=1).sum(axis=1) / before.sum(axis=1) - 1),
        "proxy_comparable": weighted,
        "published": data.series("digital_industry", "digital_industry_revenue_growth"),
        "gdp_growth": gdp_growth(),
    }
    return pd.DataFrame(frame).loc[lambda f: f.drop(columns="gdp_growth").notna().any(axis=1)]


def component_growth() -> pd.DataFrame:
    """Return the published growth of each digital industry's revenue, in per cent by year."""
    return pd.DataFrame({name: _first(ids) for name, ids in COMPONENT_GROWTH.items()})


def digital_industry_revenue(year: int) -> Estimate:
    """Return the ministry's total revenue of the digital industry, in trillion yuan."""
    return _published("digital_industry", "digital_industry_revenue", year)


def digital_industry_growth(year: int) -> Estimate:
    """Return the published growth of the digital industry's revenue, in per cent."""
    return _published("digital_industry", "digital_industry_revenue_growth", year)


def digital_industry_gap(year: int) -> Estimate:
    """Return the lead of digital industry revenue growth over nominal GDP growth, in points."""
    rate = iv.mpf(data.printed("digital_industry", "digital_industry_revenue_growth", year))
    value = digital_industry_growth(year).value - gdp_growth()[year]
    return Estimate.of(value, *(rate - other for other in _gdp_rates(year)))


def digital_industry_mean_growth() -> Estimate:
    """Return the mean growth of the three-industry proxy in per cent; range: the two ways to compute it."""
    proxies = digital_industry()[["proxy_levels", "proxy_comparable"]].mean()
    return Estimate.of(proxies["proxy_levels"], *(iv.mpf(value) for value in proxies))


def electronics() -> pd.DataFrame:
    """Return electronics manufacturing by year: revenue and real value-added growth (per cent), their gap.

    Revenue growth is on a comparable basis, of main business revenue to 2016 and of operating
    revenue after; value added is at comparable prices, so the gap also holds the price change.
    """
    revenue = component_growth()["electronics"]
    value_added = data.series("digital_industry", "electronics_value_added_growth_real")
    frame = pd.DataFrame({"revenue_growth": revenue, "value_added_growth": value_added}).dropna().rename_axis("year")
    return frame.assign(gap=frame["value_added_growth"] - frame["revenue_growth"])


def electronics_value_added_growth(year: int) -> Estimate:
    """Return the real growth of electronics value added, in per cent."""
    return _published("digital_industry", "electronics_value_added_growth_real", year)


def electronics_gap(year: int) -> Estimate:
    """Return the lead of electronics value-added growth over revenue growth, in points."""
    ends = [
        iv.mpf(data.printed("digital_industry", series_id, year))
        for series_id in ("electronics_value_added_growth_real", "electronics_revenue_growth")
    ]
    return Estimate.of(electronics()["gap"][year], ends[0] - ends[1])


# -- pieces ---------------------------------------------------------------------------------------


def _published(table: str, series_id: str, year: int) -> Estimate:
    return Estimate.of(data.series(table, series_id)[year], iv.mpf(data.printed(table, series_id, year)))


def _size(year: int) -> iv.mpf:
    return iv.mpf(data.printed("caict_digital_economy", "digital_economy_size", year))


def _growth(year: int) -> iv.mpf:
    return iv.mpf(data.printed("caict_digital_economy", "digital_economy_growth_nominal", year))


def _gdp_levels(year: int) -> list[float]:
    levels = (gdp(vintage).get(year) for vintage in VINTAGES)
    return [level for level in levels if level is not None]


def _gdp_rates(year: int) -> list[float]:
    rates = (gdp_growth(vintage).get(year) for vintage in LIKE_FOR_LIKE)
    return [rate for rate in rates if rate is not None]


def _definition(name: str, shares: pd.Series, series: str) -> pd.DataFrame:
    return pd.DataFrame({"definition": name, "year": shares.index, "value": shares.to_numpy(), "series": series})


def _first(series_ids: tuple[str, ...]) -> pd.Series:
    """Return the first series, its missing years taken from the next."""
    rates = pd.Series(dtype=float)
    for series_id in series_ids:
        rates = rates.combine_first(data.series("digital_industry", series_id))
    return rates


def _pairs(series_ids: tuple[str, ...]) -> pd.DataFrame:
    """Return this and last year's level, both from the first series that has the two."""
    pairs = pd.DataFrame(columns=["now", "before"], dtype=float)
    for series_id in series_ids:
        levels = data.series("digital_industry", series_id)
        pair = {"now": levels, "before": levels.rename(lambda year: year + 1)}
        pairs = pairs.combine_first(pd.DataFrame(pair).dropna())
    return pairs
