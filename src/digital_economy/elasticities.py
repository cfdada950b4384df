"""Digital elasticities of the four cost components by year, their ranks, adding-up, and the break of 2021.

An elasticity is the change of a component in per cent of itself, at given revenue, for 1 per cent more digital
input: the slope of its share of revenue on ln(digital input), over its mean share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from digital_economy import costs, data, drifting_slopes, inputoutput, regressions, report, specifications
from digital_economy.accounts import Estimate
from digital_economy.costs import COMPONENTS, IN_WORDS

if TYPE_CHECKING:
    from digital_economy.drifting_slopes import Turned

PARTS = (*COMPONENTS, "other", "profit")  # of revenue; they add up to it
CLAIMS = {
    "production": "c3s2-production-cost",
    "management": "c3s2-management-rd-cost",
    "finance": "c3s2-finance-cost",
    "sales": "c3s2-sales-cost",
}
BREAK = 2021  # the first year of the weaker response in the report
SEED = 20250408


def number_of_components() -> int:
    """Return the number of cost components."""
    return len(COMPONENTS)


def table_before(year: int) -> int:
    """Return the last year up to ``year`` with an input-output table."""
    return max(known for known in inputoutput.YEARS if known <= year)


@data.remembered
def sample(*, carried: bool = False) -> pd.DataFrame:
    """Return the parts of revenue in per cent and ln of the digital share of inputs by (sector, year).

    The years with a table or, ``carried``, every year with the digital share of the last table before
    it: a robustness run, in which the yearly changes come from the costs alone.
    """
    shares = costs.shares_of_revenue(costs.accounts())
    tables = np.log(specifications.digital_input())
    if not carried:
        shares = shares[shares.index.get_level_values("year").isin(inputoutput.YEARS)]
    used = pd.MultiIndex.from_arrays([shares.index.get_level_values(0), shares.index.get_level_values(1).map(table_before)])
    return shares[list(PARTS)].assign(digital_input=tables.reindex(used).to_numpy())


@data.remembered
def yearly(*, carried: bool = False) -> pd.DataFrame:
    """Return the cross-section slope of each part of revenue in each year, a row (part, year).

    ``coefficient, low, high`` in points of revenue per log unit with HC3 errors, and ``elasticity,
    elasticity_low, elasticity_high`` at the year's mean share.
    """
    rows = {}
    for year, frame in sample(carried=carried).groupby("year"):
        for part in PARTS:
            fit = regressions.cross_section(frame[part], frame[["digital_input"]]).iloc[0]
            rows[part, year] = pd.concat([fit, elasticity(fit, frame[part].mean())])
    return pd.DataFrame(rows).T.rename_axis(["part", "year"])


def elasticity(fit: pd.Series, mean: float) -> pd.Series:
    """Return slope and interval over the mean of the outcome: per cent for 1 per cent more digital input."""
    middle = fit[["coefficient", "low", "high"]] / mean
    return middle.set_axis(["elasticity", "elasticity_low", "elasticity_high"])


@data.remembered
def averages() -> pd.DataFrame:
    """Return one slope for all years of each part of revenue, with year effects and errors clustered by sector.

    Columns as in ``yearly``, and ``share``, the mean share in per cent.
    """
    frame = sample()
    rows = {}
    for part in PARTS:
        fit = regressions.panel(frame[part], frame[["digital_input"]], entity_effects=False, time_effects=True).iloc[0]
        rows[part] = pd.concat([fit, elasticity(fit, frame[part].mean()), pd.Series({"share": frame[part].mean()})])
    return pd.DataFrame(rows).T.rename_axis("part")


def average(component: str) -> Estimate:
    """Return the mean digital elasticity of a cost component over the years with a table, with 95 per cent interval."""
    return Estimate(*map(float, averages().loc[component, ["elasticity", "elasticity_low", "elasticity_high"]]))


def response(component: str) -> Estimate:
    """Return the fall of a component in per cent for 1 per cent more digital input: the elasticity's negative."""
    found = average(component)
    return Estimate(-found.value, -found.high, -found.low)


def published(component: str) -> float:
    """Return the report's mean elasticity of a component."""
    return report.claim(f"{CLAIMS[component]}-elasticity-avg").value


# -- the hierarchical model ------------------------------------------------------------------------


def turned() -> Turned:
    """Return the four components, each over its mean so that its slope is an elasticity, ready for ``drifting_slopes``."""
    frame = sample()
    scaled = frame[list(COMPONENTS)] / frame[list(COMPONENTS)].mean()
    y = np.stack([scaled[component].unstack("year").to_numpy() for component in COMPONENTS])
    return drifting_slopes.turn(y, frame["digital_input"].unstack("year").to_numpy(), np.array(inputoutput.YEARS))


@data.remembered
def exact_draws() -> np.ndarray:
    """Return posterior draws of the elasticities (draw, component, year) without sampling error of a chain."""
    return drifting_slopes.exact(turned(), rng=np.random.default_rng(SEED))


def summary(draws: np.ndarray) -> pd.DataFrame:
    """Return posterior mean and 95 per cent interval of each component and year of draws (draw, component, year)."""
    index = pd.MultiIndex.from_product([COMPONENTS, inputoutput.YEARS], names=["component", "year"])
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    columns = {"elasticity": draws.mean(axis=0), "low": low, "high": high}
    return pd.DataFrame({name: values.ravel() for name, values in columns.items()}, index=index)


def ranks(draws: np.ndarray) -> np.ndarray:
    """Return the rank of each component (draw, component) by its mean elasticity over the years; 1 falls most."""
    return stats.rankdata(draws.mean(axis=2), axis=1).astype(int)


def rank_probabilities(draws: np.ndarray) -> pd.DataFrame:
    """Return the posterior probability in per cent of each rank, a row a component."""
    found = ranks(draws)
    columns = {rank: 100 * (found == rank).mean(axis=0) for rank in range(1, len(COMPONENTS) + 1)}
    return pd.DataFrame(columns, index=pd.Index(COMPONENTS, name="component"))


def rise(draws: np.ndarray, component: str) -> pd.Series:
    """Return how much a component's elasticity rose from the first to the last table.

    ``mean``, 95 per cent interval ``low, high``, and ``probability`` of a rise in per cent.
    """
    change = draws[:, COMPONENTS.index(component), -1] - draws[:, COMPONENTS.index(component), 0]
    low, high = np.quantile(change, [0.025, 0.975])
    return pd.Series({"mean": change.mean(), "low": low, "high": high, "probability": 100 * (change > 0).mean()})


def rank(component: str) -> Estimate:
    """Return the most probable rank of a component by its fall, with the 95 per cent interval of the posterior."""
    found = ranks(exact_draws())[:, COMPONENTS.index(component)]
    return Estimate(float(np.bincount(found).argmax()), *map(float, np.quantile(found, [0.025, 0.975], method="nearest")))


# -- adding-up and the profit ratio ----------------------------------------------------------------


def profit_effect() -> pd.Series:
    """Return the slope of the profit ratio that the slopes of its parts imply, and the direct one, in points per log unit.

    With profit P and cost and expenses T over revenue, and r = P / T: (slope of P - r slope of T) / T at the
    means. ``direct`` regresses the ratio of each sector, so the two differ by the curvature of the ratio.
    """
    slopes, shares = averages()["coefficient"], averages()["share"]
    expenses, profit = shares[list(COMPONENTS)].sum(), shares["profit"]
    implied = 100 * (slopes["profit"] - profit / expenses * slopes[list(COMPONENTS)].sum()) / expenses
    ratio = 100 * sample()["profit"] / sample()[list(COMPONENTS)].sum(axis=1)
    direct = regressions.panel(ratio, sample()[["digital_input"]], entity_effects=False, time_effects=True)
    return pd.Series({"implied": implied, "direct": direct["coefficient"].item()})


# -- the break -------------------------------------------------------------------------------------


def period_means() -> pd.DataFrame:
    """Return the mean yearly elasticity of each component in the report's periods, from the carried run, and as printed."""
    values = yearly(carried=True).loc[list(COMPONENTS), "elasticity"].unstack("year")
    last = values.columns[-1]
    spans = {"2013 to 2020": (2013, 2020), f"2021 to {last}": (BREAK, last), f"2013 to {last}": (2013, last)}
    means = {name: values.loc[:, start:end].mean(axis=1) for name, (start, end) in spans.items()}
    printed = pd.Series({component: published(component) for component in COMPONENTS})
    return pd.DataFrame(means).assign(published=printed).rename_axis("component")


def break_tests() -> pd.Series:
    """Return tests of a break in the eleven yearly elasticities of production, 2012 to 2022, of the carried run.

    ``f_2021`` with its p-value ``p_2021``; the largest F over all dates ``f_unknown``, its date ``year`` and
    p-value for normal years that are independent, ``p_unknown``, or whose neighbours are correlated by one
    half, ``p_dependent``; and the size that a nominal 5 per cent then has: ``size_2021``, ``size_unknown``.
    """
    values = yearly(carried=True).loc["production", "elasticity"]
    n, at = len(values), values.index.get_loc(BREAK)
    position, largest = regressions.unknown_break(values.to_numpy())
    rng = np.random.default_rng(SEED)
    null = regressions.unknown_break_null(n, rng=rng)
    dependent = regressions.autoregressions(n, persistence=0.5, rng=rng)
    f = regressions.break_f(values.to_numpy(), at)
    spurious = regressions.largest_break_f(dependent)
    return pd.Series(
        {
            "n": n,
            "f_2021": f,
            "p_2021": stats.f.sf(f, 1, n - 2),
            "year": values.index[position],
            "f_unknown": largest,
            "p_unknown": (null >= largest).mean(),
            "p_dependent": (spurious >= largest).mean(),
            "size_2021": 100 * (regressions.break_f(dependent, at) > stats.f.ppf(0.95, 1, n - 2)).mean(),
            "size_unknown": 100 * (spurious > np.quantile(null, 0.95)).mean(),
        }
    )


# -- for the charts --------------------------------------------------------------------------------


def average_points(draws: np.ndarray) -> pd.DataFrame:
    """Return each component's mean elasticity by least squares, by the posterior and as printed.

    Rows ``label, series, value, low, high``.
    """
    means = draws.mean(axis=2)
    rows = []
    for place, component in enumerate(COMPONENTS):
        ours, printed, words = average(component), published(component), IN_WORDS[component]
        low, high = np.quantile(means[:, place], [0.025, 0.975])
        rows.append((f"{words}, CAICT", "CAICT", printed, printed, printed))
        rows.append((f"{words}, least squares", "least squares", ours.value, ours.low, ours.high))
        rows.append((f"{words}, posterior", "posterior", means[:, place].mean(), low, high))
    return pd.DataFrame(rows, columns=["label", "series", "value", "low", "high"])


def yearly_points(least_squares: pd.DataFrame, posterior: pd.DataFrame) -> pd.DataFrame:
    """Return the yearly elasticities of both methods, a label a component and year: ``label, series, value, low, high``."""
    squares = least_squares.loc[list(COMPONENTS), ["elasticity", "elasticity_low", "elasticity_high"]]
    both = {"least squares": squares, "posterior": posterior[["elasticity", "low", "high"]]}
    rows = [frame.set_axis(["value", "low", "high"], axis=1).assign(series=name) for name, frame in both.items()]
    points = pd.concat([frame.rename_axis(["component", "year"]) for frame in rows]).reset_index()
    return points.assign(label=points["component"].map(IN_WORDS) + ", " + points["year"].astype(str))
