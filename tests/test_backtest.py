"""Scores against closed forms, forecasters on a process whose truth is known, stacking where the best is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scoringrules
from scipy import stats
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from digital_economy import backtest

RIVALS = {
    "random walk": backtest.random_walk,
    "drift": backtest.drift,
    "exponential smoothing": backtest.exponential_smoothing,
}


def walk(length: int, seed: int, *, drift: float = 0.2, sd: float = 1.0) -> pd.Series:
    changes = np.random.default_rng(seed).normal(drift, sd, size=length)
    return pd.Series(np.cumsum(changes), index=range(2000, 2000 + length))


def test_crps_of_gaussian_draws_is_the_closed_form() -> None:
    """sigma (z (2 Phi(z) - 1) + 2 phi(z) - 1/sqrt(pi)), here at quantiles instead of draws."""
    quantiles = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000, 1, 2)
    for outcome in (-3.0, 1.0, 2.5):
        z = (outcome - 1) / 2
        exact = 2 * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / np.sqrt(np.pi))
        found = backtest.score(quantiles, outcome)
        assert found["crps"] == pytest.approx(exact, abs=1e-4)
        assert float(scoringrules.crps_normal(outcome, 1, 2)) == pytest.approx(exact)
        assert found["pit"] == pytest.approx(stats.norm.cdf(z), abs=1e-4)


def test_interval_score_by_hand() -> None:
    """Width 8 of the central 80 per cent of 0 to 10, and ten times the distance of an outcome outside it."""
    draws = np.linspace(0, 10, 100_001)
    assert backtest.score(draws, 5)["interval_score"] == pytest.approx(8)
    assert backtest.score(draws, 11)["interval_score"] == pytest.approx(8 + 10 * 2)
    assert backtest.score(draws, 5)["covered"] and not backtest.score(draws, 11)["covered"]


def test_coverage_is_near_nominal_where_the_model_is_the_truth() -> None:
    """300 short random walks with drift; the drift forecaster is their model, its variance estimated from 20 changes."""
    scores = [
        backtest.rolling_origin(walk(24, seed), {"drift": backtest.drift}, origins=[2020], horizon=3, seed=seed).scores()
        for seed in range(300)
    ]
    result = backtest.summary(pd.concat(scores), by="ahead")
    assert list(result["n"]) == [300] * 3
    assert np.allclose(result["coverage"], 0.8, atol=0.07)  # three standard errors
    assert np.all(np.diff(result["crps"]) > 0)  # farther is harder


def test_the_true_model_scores_best() -> None:
    scores = [
        backtest.rolling_origin(walk(26, seed, drift=1.0), RIVALS, origins=[2018, 2021], horizon=4, seed=1).scores()
        for seed in range(12)
    ]
    crps = backtest.summary(pd.concat(scores))["crps"]
    assert crps.idxmin() == "drift"


def test_pairs_are_compared_over_the_origins_they_share() -> None:
    scores = pd.DataFrame(
        [(origin, method, crps) for origin, pair in {1: (1, 2), 2: (4, 3), 3: (1, 4)}.items() for method, crps in zip("ab", pair)]
        + [(4, "a", 9.0)],
        columns=["origin", "method", "crps"],
    )
    row = backtest.compare(scores, [("a", "b")]).iloc[0]
    assert (row["difference"], row["better"], row["origins"]) == (-1, 2, 3)
    assert row["standard_error"] == pytest.approx(2 / np.sqrt(3))


def test_a_forecast_sees_nothing_after_its_origin() -> None:
    series = walk(20, 3)
    spoilt = series.copy()
    spoilt.loc[2013:] += 100
    for name, forecaster in RIVALS.items():
        a, b = (forecaster(s.loc[:2012], 3, np.random.default_rng(5)) for s in (series, spoilt))
        assert a.shape == (backtest.DRAWS, 3) and np.array_equal(a, b), name
    late = backtest.rolling_origin(series, RIVALS, origins=[2017], horizon=5, seed=1)
    assert {draws.shape[1] for draws in late.draws.values()} == {2}  # only years that have come


def test_random_walks_have_their_moments() -> None:
    series = walk(200, 1)
    changes = series.diff().dropna()
    draws = backtest.drift(series, 9, np.random.default_rng(2))
    assert draws[:, -1].mean() - series.iloc[-1] == pytest.approx(9 * changes.mean(), abs=0.2)
    assert draws[:, -1].std() == pytest.approx(changes.std() * np.sqrt(9 + 81 / len(changes)), rel=0.03)
    still = backtest.random_walk(series, 9, np.random.default_rng(2))
    assert still[:, -1].mean() == pytest.approx(series.iloc[-1], abs=0.2)


def test_smoothing_without_trend_has_the_variance_of_its_formula() -> None:
    """sigma^2 (1 + alpha^2 (h-1)) for ETS(A,N,N). Source: hyndman2021fpp3."""
    series = pd.Series(np.random.default_rng(8).normal(size=60), index=range(1950, 2010))
    fit = ETSModel(series.to_numpy(), error="add").fit(disp=False)
    draws = backtest.exponential_smoothing(series, 5, np.random.default_rng(1))
    expected = np.sqrt(fit.mse * (1 + fit.alpha**2 * np.arange(5)))
    assert np.allclose(draws.std(axis=0), expected, rtol=0.06)


def test_distance_between_samples_by_brute_force() -> None:
    rng = np.random.default_rng(4)
    a, b = rng.normal(size=200), rng.normal(1, 2, size=300)
    assert backtest._distance(a, b) == pytest.approx(np.abs(a[:, None] - b[None, :]).mean())


def test_stacking_finds_the_truth_and_shares_between_equals() -> None:
    rng = np.random.default_rng(6)
    series = pd.Series(rng.normal(size=80), index=range(1940, 2020))
    make = {"right": (0, 1), "biased": (3, 1), "wide": (0, 6)}
    draws = {
        (name, origin): rng.normal(mean, sd, size=(1500, 1)) for name, (mean, sd) in make.items() for origin in range(1940, 2019)
    }
    weights = backtest.stacking_weights(backtest.Backtest(series, draws), list(make))
    assert weights.sum() == pytest.approx(1) and (weights >= 0).all() and weights["right"] > 0.9
    pooled = backtest.mixture({name: draws[name, 1950] for name in make}, weights, rng)
    assert len(pooled) == 1500 and abs(pooled.mean()) < 0.2


def test_origins_outside_the_series_are_refused() -> None:
    with pytest.raises(ValueError, match=r"origins: found \[1999, 2019\]; right are years of the series before its last, 2019"):
        backtest.rolling_origin(walk(20, 1), RIVALS, origins=[1999, 2010, 2019], horizon=1, seed=1)
