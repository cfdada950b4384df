"""Forecasts held against what came: rolling origins, proper scores, simple rivals, stacking.

A forecaster is a function of the series up to the origin, the number of years ahead and a generator
of random numbers; it returns draws, one row a draw and one column a year ahead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy import optimize

Forecaster = Callable[[pd.Series, int, np.random.Generator], np.ndarray]
DRAWS = 4000
LEVEL = 0.8


@dataclass(frozen=True)
class Backtest:
    """Draws by method and origin, and the series they are held against."""

    series: pd.Series
    draws: Mapping[tuple[str, int], np.ndarray]

    def until(self, year: int) -> Backtest:
        """Return the same forecasts, held only against what had come by a year."""
        return Backtest(self.series.loc[:year], self.draws)

    def ahead(self, origin: int, draws: np.ndarray) -> list[int]:
        """Return the positions of the years ahead of an origin that have come."""
        return [step for step in range(draws.shape[1]) if origin + step + 1 in self.series.index]

    def scores(self, *, level: float = LEVEL) -> pd.DataFrame:
        """Return a row a method, origin and year ahead: ``year, outcome, mean, error, crps, interval_score, covered, pit``.

        ``error`` is outcome less mean; ``interval_score`` and ``covered`` refer to the central interval
        of probability ``level``; ``pit`` is the share of draws below the outcome.
        """
        rows = [row for (method, origin), draws in self.draws.items() for row in self._rows(method, origin, draws, level)]
        return pd.DataFrame(rows)

    def _rows(self, method: str, origin: int, draws: np.ndarray, level: float) -> list[dict]:
        return [
            {"method": method, "origin": origin, "ahead": step + 1, "year": origin + step + 1}
            | score(draws[:, step], self.series[origin + step + 1], level=level)
            for step in self.ahead(origin, draws)
        ]


def rolling_origin(
    series: pd.Series, methods: Mapping[str, Forecaster], *, origins: Iterable[int], horizon: int, seed: int
) -> Backtest:
    """Return the forecasts of every method from every origin, each from the series up to its origin alone.

    Every method meets the same random numbers at an origin, whichever others take part.

    Raises
    ------
    ValueError
        An origin outside the series, or without a year to be held against.
    """
    last = int(series.index[-1])
    wrong = [origin for origin in origins if origin not in series.index or origin == last]
    if wrong:
        raise ValueError(f"origins: found {wrong}; right are years of the series before its last, {last}")
    draws = {
        (name, origin): forecast(series.loc[:origin], min(horizon, last - origin), np.random.default_rng([seed, origin]))
        for (name, forecast), origin in product(methods.items(), origins)
    }
    return Backtest(series, draws)


def score(draws: np.ndarray, outcome: float, *, level: float = LEVEL) -> dict[str, float]:
    """Return outcome, mean, error, CRPS, interval score, coverage and PIT of draws of one number.

    CRPS and interval score are in the unit of the outcome, and smaller is better; they are those of scoringrules.
    """
    import scoringrules  # compiles as it is imported, seconds that a page without scores need not wait

    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return {
        "outcome": outcome,
        "mean": draws.mean(),
        "error": outcome - draws.mean(),
        "crps": float(scoringrules.crps_ensemble(outcome, draws)),
        "interval_score": float(scoringrules.interval_score(outcome, low, high, 1 - level)),
        "covered": bool(low <= outcome <= high),
        "pit": float((draws < outcome).mean()),
    }


def summary(scores: pd.DataFrame, by: str | list[str] = "method") -> pd.DataFrame:
    """Return mean scores by group: ``n``, root mean square error, CRPS, interval score and coverage (a share)."""
    groups = scores.groupby(by, sort=False)
    columns = {
        "n": groups.size(),
        "rmse": groups["error"].apply(lambda error: float(np.sqrt((error**2).mean()))),
        "crps": groups["crps"].mean(),
        "interval_score": groups["interval_score"].mean(),
        "coverage": groups["covered"].mean(),
    }
    return pd.DataFrame(columns)


def compare(scores: pd.DataFrame, pairs: list[tuple[str, str]]) -> pd.DataFrame:
    """Return how much better the first of each pair of methods is than the second, by mean CRPS over shared origins.

    ``difference`` (negative: the first is better) with its ``standard_error`` over origins, which
    share outcomes, so that it is if anything too small; ``better``: the origins at which the first is ahead.
    """
    by_origin = scores.groupby(["origin", "method"])["crps"].mean().unstack("method")
    rows = []
    for first, second in pairs:
        gap = (by_origin[first] - by_origin[second]).dropna()
        error = gap.std() / np.sqrt(len(gap))
        rows.append({"method": first, "against": second, "difference": gap.mean(), "standard_error": error, "better": int((gap < 0).sum()), "origins": len(gap)})
    return pd.DataFrame(rows)


def random_walk(series: pd.Series, horizon: int, rng: np.random.Generator) -> np.ndarray:
    """Return draws of a random walk without drift; its variance is the mean square of the past changes."""
    return _walk(series, np.zeros((DRAWS, 1)), np.sqrt((series.diff().dropna() ** 2).mean()), horizon, rng)


def drift(series: pd.Series, horizon: int, rng: np.random.Generator) -> np.ndarray:
    """Return draws of a random walk with drift, with the standard error of the drift. Source: hyndman2021fpp3."""
    changes = series.diff().dropna()
    mean = rng.normal(changes.mean(), changes.std() / np.sqrt(len(changes)), size=(DRAWS, 1))
    return _walk(series, mean, changes.std(), horizon, rng)


def exponential_smoothing(series: pd.Series, horizon: int, rng: np.random.Generator) -> np.ndarray:
    """Return draws of additive exponential smoothing, without or with trend, whichever has the lower AICc."""
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    fits = [ETSModel(series.to_numpy(), error="add", trend=trend).fit(disp=False) for trend in (None, "add")]
    best = min(fits, key=lambda fit: fit.aicc)
    return best.simulate(horizon, anchor="end", repetitions=DRAWS, rng=rng).T.reshape(DRAWS, horizon)


def stacking_weights(backtest: Backtest, methods: list[str]) -> pd.Series:
    """Return the weights, none below zero and one in sum, of the mixture with the least mean CRPS.

    Over the origins and years ahead that every method has. The CRPS of a mixture is quadratic in the
    weights: w'a - w'Dw/2, with a the mean distances to the outcomes and D those between the methods.
    """
    shared = set.intersection(*({origin for name, origin in backtest.draws if name == method} for method in methods))
    targets = [
        ([backtest.draws[method, origin][:, step] for method in methods], backtest.series[origin + step + 1])
        for origin in sorted(shared)
        for step in backtest.ahead(origin, backtest.draws[methods[0], origin])
    ]
    to_outcome = np.mean([[np.abs(draws - outcome).mean() for draws in columns] for columns, outcome in targets], axis=0)
    between = np.mean([[[_distance(a, b) for b in columns] for a in columns] for columns, _ in targets], axis=0)
    found = optimize.minimize(
        lambda weights: weights @ to_outcome - weights @ between @ weights / 2,
        np.full(len(methods), 1 / len(methods)),
        jac=lambda weights: to_outcome - between @ weights,
        bounds=[(0, 1)] * len(methods),
        constraints={"type": "eq", "fun": lambda weights: weights.sum() - 1},
        method="SLSQP",
        options={"ftol": 1e-12},
    )
    return pd.Series(found.x, index=methods).clip(0).rename("weight")


def mixture(draws: Mapping[str, np.ndarray], weights: pd.Series, rng: np.random.Generator) -> np.ndarray:
    """Return draws of the mixture of methods with equally many draws each, rows kept whole and shuffled."""
    rows = np.stack([draws[name] for name in weights.index])
    method = rng.choice(len(weights), size=rows.shape[1], p=weights / weights.sum())
    return rows[method, rng.permutation(rows.shape[1])]


def _walk(series: pd.Series, mean: np.ndarray, sd: float, horizon: int, rng: np.random.Generator) -> np.ndarray:
    return series.iloc[-1] + np.cumsum(mean + rng.normal(0, sd, size=(DRAWS, horizon)), axis=1)


def _distance(left: np.ndarray, right: np.ndarray) -> float:
    """Return the mean absolute distance between two samples, by sorting one of them."""
    ordered, count = np.sort(right), len(right)
    below, sums = np.searchsorted(ordered, left), np.concatenate([[0.0], np.cumsum(ordered)])
    return float(np.mean(left * (2 * below - count) + sums[-1] - 2 * sums[below]) / count)
