"""Forecasts of Figure 9: closed forms, processes whose truth is known, and the accounts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from digital_economy import forecast, ratios, real_economy

COST = real_economy.index("cost").loc[:2023]


def simulated(seed: int, *, effect: float = -4.0, drift: float = 0.6, ar: float = 0.3, sd: float = 0.4) -> pd.Series:
    """Return a series that follows M2 on the observed digital capital, 2007 to 2023."""
    rng = np.random.default_rng(seed)
    x = forecast.regressor("M2", forecast.digital_capital(horizon=0)).loc[2007:]
    noise = [rng.normal(0, sd / np.sqrt(1 - ar**2))]
    for _ in range(len(x) - 2):
        noise.append(ar * noise[-1] + rng.normal(0, sd))
    changes = drift + effect * x.diff().dropna() + noise
    return pd.concat([pd.Series({2007: 0.0}), changes.cumsum()])


def test_digital_capital_is_observed_and_then_grows_at_the_rate() -> None:
    path = forecast.digital_capital(11.53)
    observed = forecast.digital_capital(horizon=0)
    assert list(observed.index) == list(range(2000, 2024)) and path.index[-1] == 2030
    assert path[2030] / observed[2023] == pytest.approx(1.1153**7)
    mean = forecast.digital_capital(through=2018, horizon=3)
    assert mean[2021] / observed[2018] == pytest.approx((observed[2018] / observed[2013]) ** (3 / 5))


def test_random_walk_with_drift_has_the_mean_of_its_changes() -> None:
    """The prior of the drift is centred at the sample mean, so the posterior mean is that mean."""
    draws = forecast.draws(COST, "M0", rate=None, horizon=5)
    drift = COST.diff().mean()
    assert np.allclose(draws.mean(axis=0), COST.iloc[-1] + drift * np.arange(1, 6), atol=4 * draws.std(axis=0).max() / np.sqrt(len(draws)))


def test_scenarios_differ_by_the_effect_alone() -> None:
    """G4: the log gap between two rates is elasticity times years times the difference of log growth, draw by draw."""
    fitted = forecast.fit(COST, "M2")
    elasticity = fitted.sample.original(fitted.draws)["effect"] / 100
    gap = forecast.draws(COST, rate=11.53) - forecast.draws(COST, rate=0.0)
    assert np.allclose(gap, ratios.scenario_gap(elasticity, 11.53, 0.0, np.arange(1, 8)))


def test_the_level_of_digital_capital_bends_the_path_and_its_log_does_not() -> None:
    """The mean of M1 is a straight line; that of M3 accelerates as the level of k does."""

    def pace(form: str) -> float:
        gap = np.median(forecast.draws(COST, form, rate=11.53) - forecast.draws(COST, form, rate=0.0), axis=0)
        return ((gap[6] - gap[3]) / 3) / (gap[3] / 4)

    assert pace("M1") == pytest.approx(1)
    assert pace("M3") == pytest.approx(ratios.acceleration().at["level", "ratio"])


def test_coverage_is_near_nominal_where_the_model_is_the_truth() -> None:
    covered = []
    for seed in range(80):
        series = simulated(seed)
        ahead = forecast.draws(series.loc[:2020], rate=None, known=2023, horizon=3, seed=seed)
        low, high = np.quantile(ahead, [0.1, 0.9], axis=0)
        covered.append((low <= series.loc[2021:]) & (series.loc[2021:] <= high))
    assert np.mean(covered) == pytest.approx(0.8, abs=0.1)


def test_growth_rate_difference_finds_cost_that_lags_revenue() -> None:
    """Cost grows by nine tenths of revenue: the log cost ratio falls by a tenth of what revenue grows."""
    revenue = real_economy.index("revenue").loc[:2023]
    noise = np.random.default_rng(1).normal(0, 0.01, size=len(revenue))
    ahead = forecast.growth_rate_difference(-0.1 * revenue + noise, revenue, rate=11.53)
    growth = forecast.draws(revenue, rate=11.53)
    assert np.allclose(ahead.mean(axis=0), -0.1 * growth.mean(axis=0), atol=0.15)
    assert ahead[:, -1].std() == pytest.approx(0.1 * growth[:, -1].std(), rel=0.1)


def test_cost_other_items_and_margin_fill_revenue() -> None:
    found = forecast.paths()
    base = real_economy.base_ratios()
    margin = 100 - found.cost - found.other
    assert np.allclose(found.profit, 100 * margin / (100 - margin - base["net_other"]))
    still = forecast.Paths.of(np.zeros(1), np.zeros(1))
    assert still.cost[0] == 84.76 and still.profit[0] == pytest.approx(real_economy.profit_ratio().value)


def test_profit_forecast_alone_starts_from_the_same_ratio() -> None:
    alone, derived = forecast.profit_alone(), forecast.paths().profit
    assert np.median(alone[:, 0]) == pytest.approx(np.median(derived[:, 0]), abs=0.1)


def test_bands_are_nested_around_the_median() -> None:
    frame = forecast.bands(forecast.paths().cost, start=84.76).pivot(index="year", columns="level", values=["low", "high"])
    assert list(frame.index) == list(range(2023, 2031)) and (frame.loc[2023] == 84.76).all()
    frame = frame.loc[2024:]
    assert (frame["low"]["95%"] < frame["low"]["80%"]).all() and (frame["high"]["50%"] < frame["high"]["80%"]).all()


def test_effects_shrink_from_prior_to_posterior() -> None:
    frame = forecast.effects().set_index(["form", "prior"])
    cost, capital = COST.diff().std(), np.log(forecast.digital_capital(horizon=0)).loc[2007:].diff().std()
    assert frame.at[("M1", "main"), "prior_sd"] == pytest.approx(0.5 * cost / capital / 100)
    assert frame.at[("M1", "heavy tails"), "prior_sd"] == pytest.approx(frame.at[("M1", "main"), "prior_sd"] * np.sqrt(2))
    assert (frame["ratio"] < 1).all()
    assert frame.at[("M1", "wide"), "ratio"] < frame.at[("M1", "main"), "ratio"]  # a wider prior learns more


def test_effect_of_a_process_with_a_large_effect_is_found() -> None:
    found = [forecast.fit(simulated(seed, effect=-8), "M2", prior="wide").moments().loc["effect[capital]"] for seed in range(12)]
    z = [(moments["mean"] + 8) / moments["sd"] for moments in found]
    assert np.mean(np.abs(z)) < 1.5


def test_evidence_prefers_the_form_that_made_the_series(monkeypatch) -> None:
    """A large effect in logs: the forms that hold it beat the drift alone by a wide margin."""
    monkeypatch.setattr(forecast, "history", lambda column: simulated(5, effect=-20))
    found = forecast.evidence()
    assert list(found.index) == list(forecast.FORMS)
    assert found["M1"] - found["M0"] > 3 and found["M2"] - found["M0"] > 3
