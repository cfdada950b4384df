"""Figure 9: what cost and profit ratio do to 2030 under imposed paths of digital capital per worker.

The model is fitted to the public proxy, so its forecasts are changes of the proxy since 2023; the
report's own numbers enter only for comparison.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from digital_economy import arimax, capital, ratios, real_economy, report
from digital_economy.arimax import Priors
from digital_economy.real_economy import REPORT_YEAR

HORIZON = 7  # years from the report's last year to 2030
WINDOW = 5  # years of the mean rate of deepening, as in the report's scenario
PROBABILITY = 0.8
LEVELS = (0.95, PROBABILITY, 0.5)
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
    # Takes the report's direction for granted: a sixth of it lies above zero.
    "optimistic": Priors(effect_mean=-0.25, effect_sd=0.25),
    # Its mirror (spiegelhalter1994): no effect at the centre, and a sixth beyond the optimist's.
    "sceptical": Priors(effect_sd=0.25),
}


# -- the model under an imposed path of digital capital ---------------------------------------------


def digital_capital(rate: float | None = None, *, through: int = REPORT_YEAR, horizon: int = HORIZON) -> pd.Series:
    """Return digital capital per worker, observed through a year and then growing at ``rate`` per cent a year.

    Without a rate it grows at its geometric mean rate over the last five years, as in the report's scenario.
    """
    observed = capital.digital_capital_per_worker().loc[:through]
    factor = (observed[through] / observed[through - WINDOW]) ** (1 / WINDOW) if rate is None else 1 + rate / 100
    return continued(observed, factor, horizon)


def continued(observed: pd.Series, factor: float, horizon: int = HORIZON) -> pd.Series:
    """Return a series by year with the years after its last, each ``factor`` times the one before."""
    last, ahead = observed.index[-1], np.arange(1, horizon + 1)
    return pd.concat([observed, pd.Series(observed[last] * factor**ahead, index=last + ahead)])


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


def paths(form: str = "M2", *, rate: float | None = None, prior: str = "main") -> Paths:
    """Return draws of the proxy's ratios to 2030, with cost and other items each forecast from its changes through 2023.

    Digital capital grows at ``rate``, by default the report's.
    """
    rate = report_rate() if rate is None else rate
    parts = (
        draws(history(name), form, rate=rate, prior=prior, size=LARGE, seed=SEED + place)
        for place, name in enumerate(("cost", "other"))
    )
    return Paths.of(*parts)


def profit_alone(form: str = "M2", *, rate: float | None = None) -> np.ndarray:
    """Return draws of the proxy's profit ratio to 2030 forecast by itself, without the accounts."""
    rate = report_rate() if rate is None else rate
    base = real_economy.base_ratios()
    markup = 100 * base["margin"] / (100 - base["margin"]) + draws(
        history("markup"), form, rate=rate, size=LARGE, seed=SEED + 2
    )
    margin = 100 * markup / (100 + markup)
    return ratios.profit_ratio(100 - margin, 0.0, base["net_other"])


def bands(paths: np.ndarray, *, start: float, first: int = REPORT_YEAR) -> pd.DataFrame:
    """Return central intervals of draws, the widest first: ``year, level, low, median, high``.

    They open at ``start``, the known value of the year ``first``, the one before the draws.
    """
    known = np.column_stack([np.full(len(paths), start), paths])
    return arimax.bands(pd.DataFrame(known, columns=first + np.arange(known.shape[1])), levels=LEVELS)


def scenarios(form: str = "M2") -> pd.DataFrame:
    """Return the proxy's cost ratio by rate of deepening: median by year, and the gap to no deepening (method G4).

    Columns: ``rate``, ``year``, ``median`` (per cent), and ``gap, gap_low, gap_high``, the difference in
    points from a rate of zero with its central 80 per cent. The draws share their shocks, so that the
    gap is the effect alone.
    """
    values = {rate: paths(form, rate=rate).cost for rate in (0.0, 6.0, report_rate(), 17.0)}
    frames = []
    for rate, cost in values.items():
        low, gap, high = central(cost - values[0.0])
        columns = {"rate": rate, "year": REPORT_YEAR + 1 + np.arange(HORIZON), "median": np.median(cost, axis=0)}
        frames.append(pd.DataFrame(columns | {"gap": gap, "gap_low": low, "gap_high": high}))
    return pd.concat(frames, ignore_index=True)


def effects() -> pd.DataFrame:
    """Return the effect of digital capital on the proxy's cost ratio before and after the data, a row a form and prior.

    ``prior_mean, prior_sd, mean, sd`` and ``ratio``, the posterior over the prior standard deviation: near
    one the data say little. Log forms: the elasticity of the cost ratio. M3: points of its log (in
    hundredths) for the digital capital of 2023. ``negative`` is the posterior probability of a fall.
    """
    cost = history("cost")
    return pd.DataFrame([_effect(cost, form, prior) for form in FORMS if FORMS[form].regressor for prior in PRIORS])


def effect_prior(fitted: arimax.Fit, prior: str | None = None) -> tuple[float, float]:
    """Return mean and standard deviation of the effect before the data, in the units of a fit to one regressor.

    Of the fit's own prior, or of another by name.
    """
    priors = fitted.priors if prior is None else PRIORS[prior]
    scale = float(fitted.sample.scale / fitted.sample.x_scale[0])
    spread = priors.effect_sd if np.isinf(priors.effect_df) else priors.effect_sd * stats.t.std(priors.effect_df)
    return scale * priors.effect_mean, scale * spread


def evidence() -> pd.Series:
    """Return the log evidence of every form under the main prior: the log density of the proxy's changes to 2023."""
    return pd.Series({form: fit(history("cost"), form).log_evidence for form in FORMS}, name="log_evidence").rename_axis("form")


def outlooks() -> pd.DataFrame:
    """Return the change of the proxy's cost ratio since 2023 in points under every form, prior and sample.

    A row a combination, with the median and the central 80 per cent for 2027 and 2030 under the
    report's scenario. ``first`` is the year of the first change: 2008, or 2011 on one sample throughout.
    """
    choices = [(form, prior) for form in FORMS for prior in PRIORS if FORMS[form].regressor or prior == "main"]
    samples = [history("cost", since=first) for first in (2008, 2011)]
    return pd.DataFrame([_outlook(cost, *choice) for cost in samples for choice in choices])


def history(column: str, *, since: int = 2000) -> pd.Series:
    """Return the proxy's cumulated changes of one column through the report's last year, the sample of every fit."""
    return real_economy.index(column, since=since).loc[:REPORT_YEAR]


def report_rate() -> float:
    """Return the report's rate of deepening, per cent a year."""
    return report.claim(ratios.RATE).value


def central(values: np.ndarray) -> np.ndarray:
    """Return the lower end, the median and the upper end of the central 80 per cent."""
    return np.quantile(values, [(1 - PROBABILITY) / 2, 0.5, (1 + PROBABILITY) / 2], axis=0)


def _effect(cost: pd.Series, form: str, prior: str) -> dict:
    fitted = fit(cost, form, prior=prior)
    unit = 100 if FORMS[form].regressor == "log" else 1  # the series is 100 times a log
    (prior_mean, prior_sd), (mean, sd) = (np.array(found) / unit for found in (effect_prior(fitted), fitted.moments().loc["effect[capital]"]))
    values = {"prior_mean": prior_mean, "prior_sd": prior_sd, "mean": mean, "sd": sd}
    negative = (fitted.sample.original(fitted.draws)["effect"] < 0).mean()
    return {"form": form, "prior": prior} | values | {"ratio": sd / values["prior_sd"], "negative": negative}


def _outlook(cost: pd.Series, form: str, prior: str) -> dict:
    change = real_economy.cost_ratio_at(draws(cost, form, rate=report_rate(), prior=prior)) - real_economy.cost_ratio_at(0.0)
    row = {"first": cost.index[1], "form": form, "prior": prior if FORMS[form].regressor else "none"}
    for year in ratios.YEARS[1:]:
        low, median, high = central(change[:, year - REPORT_YEAR - 1])
        row |= {f"median_{year}": median, f"low_{year}": low, f"high_{year}": high}
    return row
