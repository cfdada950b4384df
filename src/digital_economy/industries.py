"""Growth accounts of three groups of industries as far as public data carry, and the digital part of TFP by group."""

from __future__ import annotations

import numpy as np
import pandas as pd

from digital_economy import accounts, capital, data, digital_tfp, productivity, report
from digital_economy.accounts import Estimate

GROUPS = {  # a group, and the sections of the national classification it takes
    "manufacturing": {"manufacturing": "C"},
    "producer_services": {"transport_post": "G", "information_software": "I", "finance": "J", "leasing_business": "L"},
    "consumer_services": {"wholesale_retail": "F", "hotels_catering": "H"},
}
REST = "rest"
PHASES = {"2013-2017": range(2013, 2018), "2018-2024": range(2018, 2025)}
CLAIMS = {  # the published means
    ("manufacturing", "2013-2017"): "c3s1-tfp-manufacturing-2013-2017",
    ("producer_services", "2013-2017"): "c3s1-tfp-producer-services-2013-2017",
    ("consumer_services", "2013-2017"): "c3s1-tfp-life-services-2013-2017",
    ("manufacturing", "2018-2024"): "c3s1-tfp-manufacturing-2018-2024",
    ("producer_services", "2018-2024"): "c3s1-tfp-producer-services-2018-2024",
    ("consumer_services", "2018-2024"): "c3s1-tfp-life-services-2018-2024",
}
DEPRECIATION = 0.10  # of fixed assets of all kinds
INVESTMENT = "fixed_asset_investment"
SERIES = {
    "value_added": "value added at current prices",
    "value_added_index": "volume of value added",
    "employed_urban_units": "employed in urban units",
    "employed_private": "employed in private firms and self-employed",
    INVESTMENT: "fixed-asset investment",
}


def coverage() -> pd.DataFrame:
    """Return the years from 2013 to 2024 that public data hold, a row a section, a column a series; the years are unbroken."""
    rows = []
    for group, sections in GROUPS.items():
        for section in sections:
            spans = {
                words: _span(_investment(section) if series_id == INVESTMENT else _section(series_id, section))
                for series_id, words in SERIES.items()
            }
            rows.append({"group": group, "section": section, **spans})
    return pd.DataFrame(rows)


def weights() -> pd.DataFrame:
    """Return the share of each group in nominal GDP by year; ``rest`` is what is left. A year that lacks a section has none."""
    gdp = accounts.gdp() * 1e4
    groups = {group: _sections("value_added", group).sum(axis=1, skipna=False) / gdp for group in GROUPS}
    frame = pd.DataFrame(groups).loc[2012:2024]
    return frame.assign(rest=1 - frame.sum(axis=1, skipna=False))


def volume_growth() -> pd.DataFrame:
    """Return growth of the volume of value added by group, 100 times log changes, and of the ``rest`` by difference.

    A group's growth is the mean of its sections' at two-year mean weights (Törnqvist).
    """
    groups = {}
    for group in GROUPS:
        growth = 100 * np.log(_sections("value_added_index", group) / 100)
        groups[group] = (growth * _mean_shares(_sections("value_added", group))).sum(axis=1, skipna=False)
    frame = pd.DataFrame(groups).loc[2013:2024]
    mean = _two_year_mean(weights())
    total = 100 * np.log1p(accounts.gdp_real_growth() / 100)
    by_groups = (frame * mean[list(GROUPS)]).sum(axis=1, skipna=False)
    return frame.assign(rest=(total - by_groups) / mean[REST])


def labour_growth() -> pd.DataFrame:
    """Return growth of registered employment by group, 100 times log changes, for the years that have every part."""
    return pd.DataFrame({group: productivity.log_growth(_employed(group)) for group in GROUPS})


def capital_growth() -> pd.DataFrame:
    """Return growth of the capital stock from fixed-asset investment by group, 100 times log changes, from 2013 on."""
    stocks = {}
    for group, sections in GROUPS.items():
        parts = [
            capital.perpetual_inventory(_investment(section), capital.investment_price(), DEPRECIATION) for section in sections
        ]
        stocks[group] = productivity.log_growth(pd.concat(parts, axis=1).sum(axis=1))
    return pd.DataFrame(stocks).loc[2013:]


def labour_shares() -> pd.DataFrame:
    """Return labour's share of factor income by group and year of an input-output table."""
    section = data.load("input_output_sectors").set_index("sector")["section"]
    income = productivity.value_added().drop(columns="net_production_tax")
    letters = income.index.get_level_values("sector").map(section)
    shares = {}
    for group, sections in GROUPS.items():
        found = income[letters.isin(list(sections.values()))].groupby("year").sum()
        shares[group] = found["labour_compensation"] / found.sum(axis=1)
    return pd.DataFrame(shares)


@data.remembered
def _growth_accounts() -> pd.DataFrame:
    labour, capital_, output = labour_growth(), capital_growth(), volume_growth()
    shares = labour_shares().reindex(range(2012, 2025), method="nearest").rolling(2).mean()
    frames = []
    for group in GROUPS:
        inputs = pd.DataFrame({"capital": capital_[group], "labour": labour[group]}).dropna()
        share = pd.DataFrame({"capital": 1 - shares[group], "labour": shares[group]}).loc[inputs.index]
        parts = productivity.contributions(output[group], inputs, share).dropna()
        frames.append(parts.assign(group=group, growth=output[group]))
    frame = pd.concat(frames).rename_axis("year").set_index("group", append=True).swaplevel()
    weight = _two_year_mean(weights()).stack().rename_axis(["year", "group"]).reorder_levels(["group", "year"])
    points = frame["tfp"] * weight.reindex(frame.index)
    total = 100 * np.log1p(accounts.gdp_real_growth() / 100)
    return frame.assign(points=points, share=100 * points / total.reindex(frame.index.get_level_values("year")).to_numpy())


def growth_accounts() -> pd.DataFrame:
    """Return growth accounts by ``group`` and ``year``, as far as every series reaches.

    Columns: ``capital``, ``labour`` and ``tfp`` (points of the group's growth), ``growth`` of the group, and
    what its TFP adds to the growth of GDP in ``points`` and as a ``share`` in per cent.
    """
    return _growth_accounts().copy()


def digital_factors() -> pd.DataFrame:
    """Return the factor that turns the elasticity into the digital part of TFP as a share of growth, by year and group.

    The digital part of the whole economy is handed out by the group's share of GDP: an illustration, as no
    public series holds digital capital by industry. In per cent per unit of elasticity.
    """
    return _digital_factors().copy()


@data.remembered
def _digital_factors() -> pd.DataFrame:
    total = 100 * np.log1p(accounts.gdp_real_growth() / 100)
    factor = 100 * productivity.digital_capital_growth() / total
    return weights().mul(factor, axis=0).loc[2013:2023]


def digital_phase_mean(group: str, phase: str) -> Estimate:
    """Return the mean digital part of TFP of a group over a phase, in per cent of growth: median and 95% interval.

    Over the years of the phase that the data reach.
    """
    factor = digital_factors()[group].reindex(PHASES[phase]).dropna().mean()
    return Estimate(*(factor * digital_tfp.elasticity().quantile(probability) for probability in (0.5, 0.025, 0.975)))


def phase_means() -> pd.DataFrame:
    """Return published and open means by group and phase, a row each.

    Columns: ``group``, ``phase``, ``published``, ``digital`` with ``low`` and ``high`` (95%), the number of
    ``years`` it rests on, and ``tfp_share`` with ``tfp_years``: all TFP of the group, from its own account.
    """
    rows = []
    for (group, phase), claim in CLAIMS.items():
        span, digital = PHASES[phase], digital_phase_mean(group, phase)
        years = int(digital_factors()[group].reindex(span).count())
        own = growth_accounts()["share"][group].reindex(span).dropna()
        row = {"group": group, "phase": phase, "published": report.claim(claim).value, "years": years}
        ends = {"digital": digital.value, "low": digital.low, "high": digital.high}
        rows.append({**row, **ends, "tfp_share": own.mean(), "tfp_years": len(own)})
    return pd.DataFrame(rows)


def published_sums() -> pd.Series:
    """Return the arithmetic of the published means, in per cent of growth.

    The sum of the three groups by phase, its ``change``, their mean over 2013 to 2024 weighted with the years
    of the phases, the ``total`` that the printed deviation implies, and the ``difference``.
    """
    frame = phase_means().pivot(index="phase", columns="group", values="published").sum(axis=1)
    years = pd.Series({phase: len(span) for phase, span in PHASES.items()})
    mean = (frame * years).sum() / years.sum()
    spread = (report.claim(f"c3s1-de-tfp-contribution-{name}").value for name in ("sd", "cv"))
    total = next(spread) / next(spread)
    return pd.Series({**frame, "change": frame.diff().iloc[-1], "three groups": mean, "total": total, "difference": total - mean})


# -- pieces -----------------------------------------------------------------------------------------


def _section(series_id: str, section: str) -> pd.Series:
    frame = data.load("industry_accounts")
    found = frame[(frame["series_id"] == series_id) & (frame["industry"] == section)]
    return found.astype({"period": int}).set_index("period")["value"].rename_axis("year")


def _sections(series_id: str, group: str) -> pd.DataFrame:
    return pd.DataFrame({section: _section(series_id, section) for section in GROUPS[group]}).sort_index()


def _span(values: pd.Series) -> str:
    known = values.loc[2013:2024].index
    return f"{known[0]} to {known[-1]}" if len(known) else "none"


def _employed(group: str) -> pd.Series:
    """Return persons employed by year: urban units, and private firms and self-employed where they are registered at all."""
    parts = [_sections("employed_urban_units", group), _sections("employed_private", group).dropna(axis=1, how="all")]
    return pd.concat(parts, axis=1).sum(axis=1, skipna=False).dropna()


def _investment(section: str) -> pd.Series:
    levels = _section(INVESTMENT, section)
    later = (1 + _section("fixed_asset_investment_growth", section) / 100).cumprod() * levels.iloc[-1]
    return pd.concat([levels, later])


def _mean_shares(values: pd.DataFrame) -> pd.DataFrame:
    return _two_year_mean(values.div(values.sum(axis=1, skipna=False), axis=0))


def _two_year_mean(values: pd.DataFrame) -> pd.DataFrame:
    return (values + values.shift(1)) / 2
