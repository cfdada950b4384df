"""Growth accounting: what inputs add to growth, what is left, and China's accounts with digital capital."""

from __future__ import annotations

import numpy as np
import pandas as pd

from digital_economy import accounts, capital, data, inputoutput
from digital_economy.accounts import Estimate

YEARS = pd.RangeIndex(2001, 2024, name="year")
PHASES = {"2001 to 2012": (2001, 2012), "2013 to 2017": (2013, 2017), "2018 to 2023": (2018, 2023)}
PARTS = ("digital_capital", "other_capital", "hours", "quality", "tfp")
INPUTS = ("digital_capital", "other_capital", "labour")
SHARE_SHIFT = 0.05  # by which the labour share is moved to see what hangs on it


# -- the algebra ------------------------------------------------------------------------------------


def log_growth(levels: pd.Series) -> pd.Series:
    """Return 100 times the log change on the year before; a year after a gap has none."""
    return (100 * np.log(levels / levels.rename(lambda year: year + 1))).dropna().rename("log_growth")


def mean_shares(shares: pd.DataFrame) -> pd.DataFrame:
    """Return the mean cost shares of a year and the year before, as the Törnqvist index wants them.

    Raises
    ------
    ValueError
        Shares outside [0, 1], or that do not sum to one.
    """
    total = shares.sum(axis=1)
    for year in total.index[~np.isclose(total, 1, rtol=0, atol=1e-9)]:
        raise ValueError(f"cost shares: found a sum of {total[year]:g} in {year}; right is 1")
    if not shares.stack().between(0, 1).all():
        raise ValueError(f"cost shares: found {shares.stack().min():g} to {shares.stack().max():g}; right is numbers in [0, 1]")
    return ((shares + shares.shift(1)) / 2).iloc[1:]


def contributions(output: pd.Series, inputs: pd.DataFrame, shares: pd.DataFrame) -> pd.DataFrame:
    """Return what each input adds to the growth of output, and ``tfp``, what is left; they sum to growth.

    ``output`` and ``inputs`` are growth rates of a year, 100 times log changes; ``shares`` the cost shares of the
    same inputs and years. Source: solow1957, jorgensongriliches1967.

    Raises
    ------
    ValueError
        Inputs without shares, or shares that do not sum to one.
    """
    if set(inputs) != set(shares):
        raise ValueError(f"growth accounting: found inputs {sorted(inputs)} and shares {sorted(shares)}; right is the same names")
    total = shares.sum(axis=1)
    if not np.allclose(total, 1, rtol=0, atol=1e-9):
        raise ValueError(f"cost shares: found sums of {total.min():g} to {total.max():g}; right is 1")
    parts = (inputs * shares[inputs.columns]).dropna()
    return parts.assign(tfp=output.reindex(parts.index) - parts.sum(axis=1))


def share_of_rise_from_capital(output: pd.Series, technology: pd.Series) -> float:
    """Return the part of the rise of output per worker that is not technology's, in per cent.

    The last output over the last ``technology`` (first 1) is output at the technology of the start.
    Source: solow1957.
    """
    without = output.iloc[-1] / (technology.iloc[-1] / technology.iloc[0])
    return float(100 * (without - output.iloc[0]) / (output.iloc[-1] - output.iloc[0]))


# -- China ------------------------------------------------------------------------------------------


def value_added() -> pd.DataFrame:
    """Return value added by component, by year of an input-output table and sector (S01 to S42), in 100 million yuan.

    Columns: ``labour_compensation``, ``net_production_tax``, ``depreciation``, ``operating_surplus``.
    """
    flows = data.load("input_output_flows").rename(columns={"row": "series_id", "column": "sector"})
    flows = flows[flows["series_id"].isin(inputoutput.VALUE_ADDED) & flows["sector"].str.fullmatch(r"S\d\d")]
    cells = pd.concat([flows, data.load("value_added_2023")]).astype({"period": int}).rename(columns={"period": "year"})
    return cells.pivot(index=["year", "sector"], columns="series_id", values="value").fillna(0).rename_axis(columns=None)


def cost_shares(*, labour_shift: float = 0.0) -> pd.DataFrame:
    """Return cost shares of ``digital_capital``, ``other_capital`` and ``labour`` by year, summing to one.

    Labour's is observed in the input-output tables, that of digital capital is its user cost over factor
    income; a year without a figure takes that of the nearest year that has one. ``labour_shift`` is added
    to labour's share, to see what hangs on it.
    """
    components = value_added().groupby("year").sum()
    factor_income = components.drop(columns="net_production_tax").sum(axis=1)
    labour = _nearest(components["labour_compensation"] / factor_income) + labour_shift
    untaxed = 1e4 * accounts.gdp() * _nearest(factor_income / components.sum(axis=1))  # of GDP, 100 million yuan
    digital = _nearest((capital.digital_services().sum(axis=1) / untaxed).dropna())
    return pd.DataFrame({"digital_capital": digital, "other_capital": 1 - labour - digital, "labour": labour})


def growth_accounts(*, labour_shift: float = 0.0) -> pd.DataFrame:
    """Return the growth accounts of China by year, in points of real growth (100 times log changes).

    Columns: ``digital_capital``, ``other_capital``, ``hours``, ``quality`` (of labour) and ``tfp``, which sum to ``growth``.
    """
    return _growth_accounts(labour_shift).copy()


@data.remembered
def _growth_accounts(labour_shift: float) -> pd.DataFrame:
    services = {name: log_growth(data.series("apo_productivity", source)) for name, source in _APO.items()}
    growth = 100 * np.log1p(accounts.gdp_real_growth() / 100)
    inputs = pd.DataFrame({name: services[name] for name in INPUTS})
    shares = mean_shares(cost_shares(labour_shift=labour_shift))
    parts = contributions(growth, inputs, shares)
    hours = shares["labour"] * services["hours"]
    split = parts.assign(hours=hours, quality=parts["labour"] - hours, growth=growth)
    return split[[*PARTS, "growth"]].loc[YEARS]


def digital_capital_growth() -> pd.Series:
    """Return growth of the services of digital capital by year, 100 times log changes (APO)."""
    return log_growth(data.series("apo_productivity", "it_capital_services")).rename("digital_capital_growth")


def phase_means(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the means of yearly columns over the phases that the accounts divide into."""
    return pd.DataFrame({name: frame.loc[first:last].mean() for name, (first, last) in PHASES.items()}).T.rename_axis("years")


def tfp_share(year: int) -> Estimate:
    """Return all TFP as per cent of real growth in a year, with the range over a labour share moved by five points."""
    shares = [_tfp_share(shift)[year] for shift in (0, -SHARE_SHIFT, SHARE_SHIFT)]
    return Estimate(shares[0], min(shares), max(shares))


_APO = {
    "digital_capital": "it_capital_services",
    "other_capital": "nonit_capital_services",
    "labour": "quality_adjusted_labour",
    "hours": "hours_worked",
}


def literature() -> pd.Series:
    """Return the growth accounts of the literature for 1981 to 2012, in per cent of GDP growth: all TFP and its digital part.

    Also ``gdp_growth`` and ``tfp_growth``, in per cent a year. Source: wuliang2017.
    """
    stated = data.load("productivity_literature").set_index("series_id")["value"]
    share = 100 * stated["tfp_growth"] / stated["gdp_growth"]
    digital = share * stated["digital_part_of_tfp_growth"] / 100
    return pd.Series(
        {"gdp_growth": stated["gdp_growth"], "tfp_growth": stated["tfp_growth"], "tfp_share": share, "digital_share": digital}
    )


def _tfp_share(labour_shift: float) -> pd.Series:
    frame = growth_accounts(labour_shift=labour_shift)
    return 100 * frame["tfp"] / frame["growth"]


def _nearest(values: pd.Series) -> pd.Series:
    return values.reindex(pd.RangeIndex(YEARS[0] - 1, YEARS[-1] + 1, name="year"), method="nearest")
