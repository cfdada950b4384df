"""Figure 9: what cost and profit ratio do to 2030 under imposed paths of digital capital per worker.

The model is fitted to the public proxy, so its forecasts are changes of the proxy since 2023; the
report's own numbers enter only for comparison.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from scipy import stats

from digital_economy import arimax, backtest, capital, data, ratios, real_economy, report
from digital_economy.accounts import Estimate
from digital_economy.arimax import Priors
from digital_economy.backtest import Backtest, Forecaster
from digital_economy.real_economy import REPORT_YEAR

HORIZON = 7  # years from the report's last year to 2030
WINDOW = 5  # years of the mean rate of deepening, as in the report's scenario
SCENARIOS = (0.0, 6.0, 11.53, 17.0)  # growth of digital capital per worker, per cent a year
FIRST_ORIGIN = 2013  # the first year with six changes behind it
FIRST_REVENUE = 2016  # the same for revenue, whose growth on one sample begins in 2011
AHEAD = 4  # years ahead in the backtest, as far as 2027 is from 2023
PROBABILITY = 0.8
STACKED = "M2 and G1, stacked"
LEVELS = (0.95, PROBABILITY, 0.5)
TAIL_ERROR = 1.71  # standard error of a normal's tenth percentile from n draws, in sd / sqrt(n)
LARGE = 4000  # draws a chain where a page shows the result; a thousand where it is one of many
SEED = 2023


@dataclass(frozen=True)
class Form:
    """A model form: the order of its ARIMA errors, and how digital capital per worker enters, if it does."""

    words: str
    order: tuple[int, int, int]
    regressor: str | None = None


FORMS = {
    "M0": Form("random walk with drift", (0, 1, 0)),
    "M1": Form("log of digital capital", (0, 1, 0), "log"),
    "M2": Form("log of digital capital, autoregressive errors", (1, 1, 0), "log"),
    "M3": Form("level of digital capital, autoregressive errors", (1, 1, 0), "level"),
}
PRIORS = {  # of the effect; all else as the model's defaults
    "main": Priors(),
    "wide": Priors(effect_sd=1.0),
    "heavy tails": Priors(effect_df=4),
    "optimistic": Priors(effect_mean=-0.25, effect_sd=0.25),
}


# -- the model under an imposed path of digital capital ---------------------------------------------


def digital_capital(rate: float | None = None, *, through: int = REPORT_YEAR, horizon: int = HORIZON) -> pd.Series:
    """Return digital capital per worker, observed through a year and then growing at ``rate`` per cent a year.

    Without a rate it grows at its geometric mean rate over the last five years, as in the report's scenario.
    """
    observed = capital.digital_capital_per_worker().loc[:through]
    factor = (observed[through] / observed[through - WINDOW]) ** (1 / WINDOW) if rate is None else 1 + rate / 100
    ahead = np.arange(1, horizon + 1)
    return pd.concat([observed, pd.Series(observed[through] * factor**ahead, index=through + ahead)])


def regressor(form: str, path: pd.Series) -> pd.Series | None:
    """Return what a form makes of a path of digital capital per worker: its log, its level with 2023 = 1, or nothing."""
    kind = FORMS[form].regressor
    if kind is None:
        return None
    return (np.log(path) if kind == "log" else path / capital.digital_capital_per_worker()[REPORT_YEAR]).rename("capital")


def fit(
    series: pd.Series, form: str = "M2", *, prior: str = "main", method: str = "exact", size: int = 1000, seed: int = SEED
) -> arimax.Fit:
    """Return the posterior of a form for a series whose years all have an observed digital capital; four times ``size`` draws."""
    x = regressor(form, digital_capital(through=series.index[-1], horizon=0))
    x = None if x is None else x.loc[series.index]
    return arimax.fit(series, x, order=FORMS[form].order, priors=PRIORS[prior], draws=size, seed=seed, method=method)


def draws(
    series: pd.Series,
    form: str = "M2",
    *,
    rate: float | None,
    horizon: int = HORIZON,
    prior: str = "main",
    known: int | None = None,
    size: int = 1000,
    seed: int = SEED,
) -> np.ndarray:
    """Return draws of a series ahead of its last year, a row a draw, while digital capital grows at ``rate``.

    ``known`` is the last year whose digital capital is known when the forecast is made, the series' own by default.
    """
    last = series.index[-1]
    path = regressor(form, digital_capital(rate, through=known or last, horizon=horizon))
    ahead = {"horizon": horizon} if path is None else {"x_future": path.loc[last + 1 : last + horizon]}
    return fit(series, form, prior=prior, size=size, seed=seed).forecast(**ahead).to_numpy()


def growth_rate_difference(
    series: pd.Series, revenue: pd.Series, *, rate: float | None, horizon: int = HORIZON, size: int = 1000, seed: int = SEED
) -> np.ndarray:
    """Return draws of the log cost ratio ahead as a difference of growth rates, g^C - g^R: method G1.

    Revenue growth is forecast from digital capital per worker; what cost grows beyond revenue is
    forecast from both, since cost need not follow revenue one for one. ``revenue`` is the cumulated log.
    """
    shared = series.index.intersection(revenue.index)
    revenue_ahead = draws(revenue.loc[shared], rate=rate, horizon=horizon, size=size, seed=seed)
    x = pd.DataFrame({"revenue": revenue, "capital": regressor("M2", digital_capital(rate, through=shared[-1], horizon=horizon))})
    fitted = arimax.fit(series.loc[shared], x.loc[shared], order=FORMS["M2"].order, draws=size, seed=seed + 1, method="exact")
    middle = pd.Series(revenue_ahead.mean(axis=0), index=shared[-1] + np.arange(1, horizon + 1))
    ahead = fitted.forecast(x.loc[middle.index].assign(revenue=middle)).to_numpy()
    slope = fitted.sample.original(fitted.draws)["effect"][:, :1]
    return ahead + slope * (revenue_ahead - middle.to_numpy())


# -- the proxy's ratios to 2030 -----------------------------------------------------------------------


@dataclass(frozen=True)
class Paths:
    """Ratios in per cent, a column a year from 2024 on: ``profit`` follows from cost and other items by the accounts."""

    cost: np.ndarray
    other: np.ndarray
    profit: np.ndarray

    @classmethod
    def of(cls, cost: np.ndarray, other: np.ndarray) -> Paths:
        """Return the ratios that lie changes since 2023 from the proxy's published ones; ``cost`` is 100 times the log."""
        base = real_economy.base_ratios()
        cost_ratio, rest = real_economy.cost_ratio_at(cost), base["other"] + other
        return cls(cost_ratio, rest, ratios.profit_ratio(cost_ratio, rest, base["net_other"]))


def paths(form: str = "M2", *, rate: float = SCENARIOS[2], prior: str = "main") -> Paths:
    """Return draws of the proxy's ratios to 2030, with cost and other items each forecast from its changes through 2023."""
    parts = (
        draws(_history(name), form, rate=rate, prior=prior, size=LARGE, seed=SEED + place)
        for place, name in enumerate(("cost", "other"))
    )
    return Paths.of(*parts)


def profit_alone(form: str = "M2", *, rate: float = SCENARIOS[2]) -> np.ndarray:
    """Return draws of the proxy's profit ratio to 2030 forecast by itself, without the accounts."""
    base = real_economy.base_ratios()
    markup = 100 * base["margin"] / (100 - base["margin"]) + draws(
        _history("markup"), form, rate=rate, size=LARGE, seed=SEED + 2
    )
    margin = 100 * markup / (100 + markup)
    return ratios.profit_ratio(100 - margin, 0.0, base["net_other"])


def bands(paths: np.ndarray, *, start: float, first: int = REPORT_YEAR) -> pd.DataFrame:
    """Return central intervals of draws, the widest first: ``year, level, low, median, high``.

    They open at ``start``, the known value of the year ``first``, the one before the draws.
    """
    known = np.column_stack([np.full(len(paths), start), paths])
    frames = []
    for level in LEVELS:
        low, median, high = np.quantile(known, [(1 - level) / 2, 0.5, (1 + level) / 2], axis=0)
        years = first + np.arange(known.shape[1])
        frames.append(pd.DataFrame({"year": years, "level": f"{level:.0%}", "low": low, "median": median, "high": high}))
    return pd.concat(frames, ignore_index=True)


def scenarios(form: str = "M2") -> pd.DataFrame:
    """Return the proxy's cost ratio by rate of deepening: median by year, and the gap to no deepening (method G4).

    Columns: ``rate``, ``year``, ``median`` (per cent), and ``gap, gap_low, gap_high``, the difference in
    points from a rate of zero with its central 80 per cent. The draws share their shocks, so that the
    gap is the effect alone.
    """
    values = {rate: paths(form, rate=rate).cost for rate in SCENARIOS}
    frames = []
    for rate, cost in values.items():
        low, gap, high = _central(cost - values[0.0])
        columns = {"rate": rate, "year": REPORT_YEAR + 1 + np.arange(HORIZON), "median": np.median(cost, axis=0)}
        frames.append(pd.DataFrame(columns | {"gap": gap, "gap_low": low, "gap_high": high}))
    return pd.concat(frames, ignore_index=True)


def effects() -> pd.DataFrame:
    """Return the effect of digital capital on the proxy's cost ratio before and after the data, a row a form and prior.

    ``prior_mean, prior_sd, mean, sd`` and ``ratio``, the posterior over the prior standard deviation: near
    one the data say little. Log forms: the elasticity of the cost ratio. M3: points of its log (in
    hundredths) for the digital capital of 2023. ``negative`` is the posterior probability of a fall.
    """
    cost = _history("cost")
    return pd.DataFrame([_effect(cost, form, prior) for form in FORMS if FORMS[form].regressor for prior in PRIORS])


def sensitivity() -> pd.DataFrame:
    """Return the change of the proxy's cost ratio since 2023 in points under every form, prior and sample.

    A row a combination, with the median and the central 80 per cent for 2027 and 2030 under the
    report's scenario. ``first`` is the year of the first change: 2008, or 2011 on one sample throughout.
    """
    choices = [(form, prior) for form in FORMS for prior in PRIORS if FORMS[form].regressor or prior == "main"]
    samples = [_history("cost", since=first) for first in (2008, 2011)]
    return pd.DataFrame([_outlook(cost, *choice) for cost in samples for choice in choices])


# -- backtest, combination and the report's claims ----------------------------------------------------


def forecasters() -> dict[str, Forecaster]:
    """Return every method by name; each extends digital capital from its origin at the mean rate of the five years before.

    One is told the digital capital to come, as far as it is observed.
    """
    revenue = real_economy.index("revenue")

    def bayesian(form: str, known: int | None = None) -> Forecaster:
        return lambda series, horizon, rng: draws(series, form, rate=None, horizon=horizon, known=known, seed=_seed(rng))

    def difference(series: pd.Series, horizon: int, rng: np.random.Generator) -> np.ndarray:
        return growth_rate_difference(series, revenue.loc[: series.index[-1]], rate=None, horizon=horizon, seed=_seed(rng))

    return {form: bayesian(form) for form in FORMS} | {
        "M2, told": bayesian("M2", known=REPORT_YEAR),
        "G1": difference,
        "ML ARIMAX": maximum_likelihood,
        "ETS": backtest.exponential_smoothing,
        "drift": backtest.drift,
        "random walk": backtest.random_walk,
    }


def maximum_likelihood(series: pd.Series, horizon: int, rng: np.random.Generator) -> np.ndarray:
    """Return draws of M2's maximum-likelihood twin, which takes its estimates for the truth."""
    x = regressor("M2", digital_capital(through=series.index[-1], horizon=horizon))
    fitted = arimax.fit_mle(series, x.loc[series.index], order=FORMS["M2"].order)
    ahead = fitted.get_forecast(horizon, exog=x.loc[series.index[-1] + 1 :].to_numpy()[:, None])
    return ahead.predicted_mean + ahead.se_mean * rng.standard_normal((backtest.DRAWS, horizon))


def backtested(*methods: str) -> Backtest:
    """Return the forecasts of the log cost ratio by the methods named, or by all, up to four years ahead.

    From every origin to 2023, since digital capital is observed no further; G1 starts later than the others.
    """
    return _backtested(methods, _state())


def combination(rate: float) -> tuple[np.ndarray, pd.Series]:
    """Return draws of the log cost ratio ahead from M2 and G1 together, and their stacking weights.

    The weights have the least mean CRPS in the backtest up to 2023; later outcomes are kept for the score.
    """
    cost = _history("cost")
    revenue = _history("revenue")
    parts = {"M2": draws(cost, rate=rate, size=LARGE), "G1": growth_rate_difference(cost, revenue, rate=rate, size=LARGE)}
    weights = backtest.stacking_weights(backtested(*parts).until(REPORT_YEAR), list(parts))
    return backtest.mixture(parts, weights, np.random.default_rng(SEED)), weights


def outcomes() -> pd.DataFrame:
    """Return the proxy's ratios of 2024 and 2025 as they came, on the basis of 2023, in per cent.

    The profit ratio holds taxes less other income at their share of 2023, since the expenses of these
    years are not at hand. ``rounding`` is what the rounding of growth rates may move the cost ratio.
    """
    changes = real_economy.changes().loc[REPORT_YEAR + 1 :]
    came = Paths.of(*(changes[name].cumsum() for name in ("cost", "other")))
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
    came, stacked = outcomes(), _combined(_scenario(), _state())
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
    return _from_report("cost-ratio", _combined(_scenario(), _state()).cost, real_economy.cost_ratio().value, year)


def profit_ratio_forecast(year: int) -> Estimate:
    """Return the report's profit ratio of 2023 plus the proxy's change, as ``cost_ratio_forecast``, by the accounts."""
    return _from_report("cost-profit-ratio", _combined(_scenario(), _state()).profit, real_economy.profit_ratio().value, year)


def _history(column: str, *, since: int = 2000) -> pd.Series:
    return real_economy.index(column, since=since).loc[:REPORT_YEAR]


def _scenario() -> float:
    return report.claim(ratios.RATE).value


def _central(values: np.ndarray) -> np.ndarray:
    """Return the lower end, the median and the upper end of the central 80 per cent."""
    return np.quantile(values, [(1 - PROBABILITY) / 2, 0.5, (1 + PROBABILITY) / 2], axis=0)


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31))


def _state() -> tuple[int, ...]:
    """Return a mark of the figures that forecasts rest on: a result is kept as long as they stay."""
    return tuple(int(pd.util.hash_pandas_object(data.load(name)).sum()) for name in ("industry_enterprises", "apo_productivity"))


@cache
def _backtested(methods: tuple[str, ...], state: tuple[int, ...]) -> Backtest:
    series, found = real_economy.index("cost"), {}
    for name, forecaster in forecasters().items():
        if not methods or name in methods:
            origins = range(FIRST_REVENUE if name == "G1" else FIRST_ORIGIN, REPORT_YEAR + 1)
            found |= backtest.rolling_origin(series, {name: forecaster}, origins=origins, horizon=AHEAD, seed=SEED).draws
    return Backtest(series, found)


@cache
def _combined(rate: float, state: tuple[int, ...]) -> Paths:
    cost, _ = combination(rate)
    return Paths.of(cost, draws(_history("other"), rate=rate, size=LARGE, seed=SEED + 1))


def _effect(cost: pd.Series, form: str, prior: str) -> dict:
    fitted, priors = fit(cost, form, prior=prior), PRIORS[prior]
    unit = 100 if FORMS[form].regressor == "log" else 1  # the series is 100 times a log
    scale = float(fitted.sample.scale / fitted.sample.x_scale[0]) / unit
    spread = priors.effect_sd if np.isinf(priors.effect_df) else priors.effect_sd * stats.t.std(priors.effect_df)
    mean, sd = fitted.moments().loc["effect[capital]"] / unit
    values = {"prior_mean": scale * priors.effect_mean, "prior_sd": scale * spread, "mean": mean, "sd": sd}
    negative = (fitted.sample.original(fitted.draws)["effect"] < 0).mean()
    return {"form": form, "prior": prior} | values | {"ratio": sd / values["prior_sd"], "negative": negative}


def _outlook(cost: pd.Series, form: str, prior: str) -> dict:
    change = real_economy.cost_ratio_at(draws(cost, form, rate=_scenario(), prior=prior)) - real_economy.cost_ratio_at(0.0)
    row = {"first": cost.index[1], "form": form, "prior": prior if FORMS[form].regressor else "none"}
    for year in ratios.YEARS[1:]:
        low, median, high = _central(change[:, year - REPORT_YEAR - 1])
        row |= {f"median_{year}": median, f"low_{year}": low, f"high_{year}": high}
    return row


def _from_report(ratio: str, forecast: np.ndarray, base: float, year: int) -> Estimate:
    start, change = report.claim(f"c3s3-{ratio}-{REPORT_YEAR}").value, forecast[:, year - REPORT_YEAR - 1] - base
    low, median, high = (float(start + end) for end in _central(change))
    return Estimate(median, low, high, float(TAIL_ERROR * change.std() / np.sqrt(len(change))))
