"""Forecast evaluation and combination for Figure 9: rolling origins, 2024 and 2025 as they came, and the answers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from digital_economy import arimax, backtest, data, forecast, ratios, real_economy, report
from digital_economy.accounts import Estimate
from digital_economy.backtest import Backtest, Forecaster
from digital_economy.real_economy import REPORT_YEAR

FIRST_ORIGIN = 2013  # the first year with six changes behind it
FIRST_REVENUE = 2016  # the same for revenue, whose growth on one sample begins in 2011
AHEAD = 4  # years ahead in the backtest, as far as 2027 is from 2023
STACKED = "M2 and G1, stacked"
TAIL_ERROR = 1.71  # standard error of a normal's tenth percentile from n draws, in sd / sqrt(n)


def forecasters() -> dict[str, Forecaster]:
    """Return every method by name; each extends digital capital from its origin at the mean rate of the five years before.

    One is told the digital capital to come, as far as it is observed.
    """
    revenue = real_economy.index("revenue")

    def bayesian(form: str, known: int | None = None) -> Forecaster:
        return lambda series, horizon, rng: forecast.draws(series, form, rate=None, horizon=horizon, known=known, seed=_seed(rng))

    def difference(series: pd.Series, horizon: int, rng: np.random.Generator) -> np.ndarray:
        known = revenue.loc[: series.index[-1]]
        return forecast.growth_rate_difference(series, known, rate=None, horizon=horizon, seed=_seed(rng))

    return {form: bayesian(form) for form in forecast.FORMS} | {
        "M2, told": bayesian("M2", known=REPORT_YEAR),
        "G1": difference,
        "ML ARIMAX": maximum_likelihood,
        "ETS": backtest.exponential_smoothing,
        "drift": backtest.drift,
        "random walk": backtest.random_walk,
    }


def maximum_likelihood(series: pd.Series, horizon: int, rng: np.random.Generator) -> np.ndarray:
    """Return draws of M2's maximum-likelihood twin, which takes its estimates for the truth."""
    x = forecast.regressor("M2", forecast.digital_capital(through=series.index[-1], horizon=horizon))
    fitted = arimax.fit_mle(series, x.loc[series.index], order=forecast.FORMS["M2"].order)
    return fitted.forecast(x.loc[series.index[-1] + 1 :], draws=backtest.DRAWS, seed=_seed(rng)).to_numpy()


def backtested(*methods: str) -> Backtest:
    """Return the forecasts of the log cost ratio by the methods named, or by all, up to four years ahead.

    From every origin to 2023, since digital capital is observed no further; G1 starts later than the others.
    """
    return _backtested(methods)


def combination(rate: float) -> tuple[np.ndarray, pd.Series]:
    """Return draws of the log cost ratio ahead from M2 and G1 together, and their stacking weights.

    The weights have the least mean CRPS in the backtest up to 2023; later outcomes are kept for the score.
    """
    cost, revenue = forecast.history("cost"), forecast.history("revenue")
    parts = {
        "M2": forecast.draws(cost, rate=rate, size=forecast.LARGE),
        "G1": forecast.growth_rate_difference(cost, revenue, rate=rate, size=forecast.LARGE),
    }
    weights = backtest.stacking_weights(backtested(*parts).until(REPORT_YEAR), list(parts))
    return backtest.mixture(parts, weights, np.random.default_rng(forecast.SEED)), weights


def outcomes() -> pd.DataFrame:
    """Return the proxy's ratios of 2024 and 2025 as they came, on the basis of 2023, in per cent.

    The profit ratio holds taxes less other income at their share of 2023, since the expenses of these
    years are not at hand. ``rounding`` is what the rounding of growth rates may move the cost ratio.
    """
    changes = real_economy.changes().loc[REPORT_YEAR + 1 :]
    came = forecast.Paths.of(*(changes[name].cumsum() for name in ("cost", "other")))
    rounding = changes["rounding"].cumsum() * came.cost / 100
    return pd.DataFrame({"cost_ratio": came.cost, "profit_ratio": came.profit, "rounding": rounding})


def report_change(ratio: str, years: np.ndarray) -> np.ndarray:
    """Return the report's change since 2023 in points, read linearly between the years it prints."""
    path = ratios.report_path()[ratio]
    return np.interp(years, path.index, path - path[REPORT_YEAR])


def score() -> pd.DataFrame:
    """Return the forecasts made in 2023 against the proxy's 2024 and 2025, a row a ratio, forecast and year.

    The columns are those of ``backtest.score``, in per cent and points. The stacked forecast is that of
    the report's scenario; the others are those of the backtest's last origin. The report's path, a
    single number a year, has an error and as its CRPS the error's size, but no interval.
    """
    came, stacked = outcomes(), _combined(forecast.report_rate())
    last = {name: draws for (name, origin), draws in backtested().draws.items() if origin == REPORT_YEAR}
    made = {
        "cost_ratio": {STACKED: stacked.cost} | {name: real_economy.cost_ratio_at(draws) for name, draws in last.items()},
        "profit_ratio": {STACKED: stacked.profit},
    }
    rows = []
    for ratio, forecasts in made.items():
        path = real_economy.base_ratios()[ratio] + report_change(ratio, came.index.to_numpy())
        for place, (year, outcome) in enumerate(came[ratio].items()):
            key, error = {"ratio": ratio.replace("_", " "), "year": year}, outcome - path[place]
            rows += [{**key, "forecast": name} | backtest.score(draws[:, place], outcome) for name, draws in forecasts.items()]
            rows.append({**key, "forecast": "CAICT", "outcome": outcome, "mean": path[place], "error": error, "crps": abs(error)})
    return pd.DataFrame(rows)


def cost_ratio_forecast(year: int) -> Estimate:
    """Return the report's cost ratio of 2023 plus the proxy's change to a year, forecast under the report's scenario.

    The median and the central 80 per cent of the combination of M2 and G1. The proxy starts from
    another level than the report's real economy, so only its change is taken: the verdict is on the change.
    """
    stacked = _combined(forecast.report_rate())
    return _from_report("cost-ratio", stacked.cost, real_economy.cost_ratio().value, year)


def profit_ratio_forecast(year: int) -> Estimate:
    """Return the report's profit ratio of 2023 plus the proxy's change, as ``cost_ratio_forecast``, by the accounts."""
    stacked = _combined(forecast.report_rate())
    return _from_report("cost-profit-ratio", stacked.profit, real_economy.profit_ratio().value, year)


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31))


@data.remembered
def _backtested(methods: tuple[str, ...]) -> Backtest:
    series, found = real_economy.index("cost"), {}
    for name, forecaster in forecasters().items():
        if not methods or name in methods:
            origins = range(FIRST_REVENUE if name == "G1" else FIRST_ORIGIN, REPORT_YEAR + 1)
            part = backtest.rolling_origin(series, {name: forecaster}, origins=origins, horizon=AHEAD, seed=forecast.SEED)
            found |= part.draws
    return Backtest(series, found)


@data.remembered
def _combined(rate: float) -> forecast.Paths:
    cost, _ = combination(rate)
    other = forecast.draws(forecast.history("other"), rate=rate, size=forecast.LARGE, seed=forecast.SEED + 1)
    return forecast.Paths.of(cost, other)


def _from_report(ratio: str, paths: np.ndarray, base: float, year: int) -> Estimate:
    start, change = report.claim(f"c3s3-{ratio}-{REPORT_YEAR}").value, paths[:, year - REPORT_YEAR - 1] - base
    low, median, high = (float(start + end) for end in forecast.central(change))
    return Estimate(median, low, high, float(TAIL_ERROR * change.std() / np.sqrt(len(change))))
