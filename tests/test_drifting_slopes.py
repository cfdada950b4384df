"""The drifting model: its algebra against the full covariance, the sampler against the exact posterior, known slopes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from digital_economy import drifting_slopes

YEARS = np.array([2012, 2015, 2017, 2018, 2020])
SLOPES = np.array([[0.5, 0.4, 0.3, 0.3, 0.2], [-1.0, -1.0, -1.0, -1.0, -1.0]])


def panel(seed: int, entities: int = 26) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = np.repeat(rng.normal(size=(entities, 1)), 5, axis=1) + 0.3 * rng.normal(size=(entities, 5))
    effects = rng.normal(scale=0.8, size=(2, entities, 1)) + rng.normal(size=(2, 1, 5))
    return SLOPES[:, None, :] * x + effects + rng.normal(scale=0.2, size=(2, entities, 5)), x


def test_turning_splits_the_covariance() -> None:
    """The likelihood of the turned rows is that of the contrasts under the full covariance."""
    y, x = panel(1, entities=4)
    turned = drifting_slopes.turn(y, x, YEARS)
    between, within = 0.7, 0.3
    rows = stats.norm(turned.X @ SLOPES[0], np.sqrt(within**2 + between**2 * turned.repeats)).logpdf(turned.y[0]).sum()
    contrasts = np.kron(drifting_slopes.helmert(4), np.eye(5))
    covariance = contrasts @ np.kron(np.eye(4), within**2 * np.eye(5) + between**2) @ contrasts.T
    left = contrasts @ (y[0] - SLOPES[0] * x).ravel()
    assert rows == pytest.approx(stats.multivariate_normal(np.zeros(15), covariance).logpdf(left))


def test_year_effects_drop_out() -> None:
    y, x = panel(2)
    shifted = y + np.random.default_rng(0).normal(size=(2, 1, 5))
    first, second = (drifting_slopes.turn(values, x, YEARS).y for values in (y, shifted))
    np.testing.assert_allclose(first, second, atol=1e-12)


def test_exact_intervals_cover_known_slopes() -> None:
    """Between 92 and 98 per cent of 400 intervals (80 panels, 5 years, one outcome of constant slopes)."""
    covered = []
    for seed in range(80):
        draws = drifting_slopes.exact(drifting_slopes.turn(*panel(seed), YEARS), rng=np.random.default_rng(seed), draws=1000, points=8)
        low, high = np.quantile(draws, [0.025, 0.975], axis=0)
        covered.append((low < SLOPES) & (SLOPES < high))
    assert 0.92 < np.mean(covered) <= 0.995


@pytest.fixture(scope="module")
def drawn():
    return drifting_slopes.sample(drifting_slopes.turn(*panel(3), YEARS), seed=1)


def test_sampler_agrees_with_the_exact_posterior(drawn) -> None:
    sampled = drawn.posterior["slope"].to_numpy().reshape(-1, 2, 5)
    turned = drifting_slopes.turn(*panel(3), YEARS)
    exact = drifting_slopes.exact(turned, rng=np.random.default_rng(1), draws=20_000, points=32)
    spread = exact.std(axis=0)
    assert (abs(sampled.mean(axis=0) - exact.mean(axis=0)) < 0.15 * spread).all()
    np.testing.assert_allclose(sampled.std(axis=0), spread, rtol=0.1)


def test_predictions_cover_what_they_were_fitted_to(drawn) -> None:
    turned = drifting_slopes.turn(*panel(3), YEARS)
    covered = drifting_slopes.predictive_coverage(drawn, turned, rng=np.random.default_rng(2))
    assert 0.9 < covered < 0.99


def test_draws_that_did_not_converge_are_refused(drawn) -> None:
    found = drifting_slopes.diagnostics(drawn)
    assert found["divergences"] == 0 and found["r_hat"] <= 1.01 and found["effective_draws"] >= 400
    with pytest.raises(RuntimeError, match="drifting slopes: found .*effective_draws.*; right is no divergence"):
        drifting_slopes.converged(drawn.isel(draw=slice(0, 20)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda y, x: (y[:, :-1], x, YEARS), r"y \(2, 25, 5\), x \(26, 5\)"),
        (lambda y, x: (y, np.where(x > 0, np.nan, x), YEARS), "missing values or years out of order"),
        (lambda y, x: (y, x, YEARS[::-1]), "missing values or years out of order"),
    ],
)
def test_refusals(change, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        drifting_slopes.turn(*change(*panel(5)))
