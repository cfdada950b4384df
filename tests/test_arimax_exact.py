"""The exact engine against dense covariance matrices, numerical integration and closed forms."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from scipy import stats
from scipy.linalg import toeplitz
from statsmodels.tsa.arima_process import arma_acovf

from digital_economy import adaptive_grid
from digital_economy import arimax_exact as exact
from digital_economy.arimax_priors import Priors



def covariance(phi: list[float], theta: list[float], length: int) -> np.ndarray:
    """Return the covariance of an ARMA process with unit innovations, by statsmodels."""
    return toeplitz(arma_acovf(np.r_[1, -np.array(phi)], np.r_[1, theta], length))


def regression(length: int = 40, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Return a series and a design, a constant and one regressor, on a scale near one."""
    rng = np.random.default_rng(seed)
    design = np.vstack([np.ones(length), rng.standard_normal(length)])
    noise = np.zeros(length)
    for t, shock in enumerate(rng.standard_normal(length)):
        noise[t] = 0.6 * noise[t - 1] + 0.6 * shock
    return 0.4 * design[1] + noise, design


def test_posterior_of_a_known_variance_is_the_closed_form() -> None:
    """W22: three changes, sigma 0.5, effect ~ N(0, 1): mean 1.0175439, standard deviation 0.1324532."""
    posterior = exact.integrate(
        np.array([1.1, 1.9, 3.2]), np.array([[1.0, 2, 3]]), np.zeros((0, 3)), order=(0, 0), priors=Priors(effect_sd=1, sigma=0.5), constant=False
    )
    mean, sd = posterior.linear_moments(np.ones((1, 1, 1)), np.zeros((1, 1)))
    assert (mean[0], sd[0]) == pytest.approx((1.0175439, 0.1324532), abs=1e-7)


@pytest.mark.parametrize("df", [1, 2, 4, 10, 40])
def test_the_student_t_is_the_mixture(df: float) -> None:
    factors, logs = Priors(effect_df=df).mixture()
    effects = np.array([0.0, 0.5, 2.0, 5.0])
    mixed = (np.exp(logs) * stats.norm.pdf(effects[:, None], scale=factors**-0.5)).sum(axis=1)
    assert mixed == pytest.approx(stats.t.pdf(effects, df), rel=1e-4)


def test_priors_refuse_a_negative_scale() -> None:
    with pytest.raises(ValueError, match="effect_sd: found -1; right is a number above 0"):
        Priors(effect_sd=-1)


@pytest.mark.parametrize("transfer", [False, True])
@pytest.mark.parametrize("effect_df", [math.inf, 4])
def test_evidence_by_brute_force(transfer: bool, effect_df: float) -> None:
    """AR(1) with one regressor: dense normal algebra for the level, Gauss-Legendre or trapezoidal rule for all the rest."""
    series, design = regression(12)
    nodes, weights = np.polynomial.legendre.leggauss(60)
    effects = np.linspace(-6, 6, 1201)
    prior = stats.norm.pdf(effects, 0.1, 0.5) if math.isinf(effect_df) else stats.t.pdf(effects, effect_df, 0.1, 0.5)

    def density(partial: float, sigma: float) -> float:
        regressor = design[1].copy()
        if transfer:
            for t in range(1, 12):
                regressor[t] += partial * regressor[t - 1]
        dense = sigma**2 * covariance([partial], [], 12) + 0.8**2
        away = series[:, None] - np.outer(regressor, effects)
        squares = (away * np.linalg.solve(dense, away)).sum(axis=0)
        normal = np.exp(-0.5 * (12 * math.log(2 * math.pi) + np.linalg.slogdet(dense)[1] + squares))
        return (prior * normal).sum() * 0.01 * stats.truncnorm.pdf(partial / 0.5, -2, 2) / 0.5 * stats.halfnorm.pdf(sigma)

    sigmas, widths = (part * 1.2 for part in np.polynomial.legendre.leggauss(30))
    values = np.array([[density(partial, 1.35 + sigma) for sigma in sigmas] for partial in nodes])
    expected = math.log(weights @ values @ widths)
    priors = Priors(effect_mean=0.1, effect_sd=0.5, effect_df=effect_df, constant_sd=0.8)
    posterior = exact.integrate(series, design, np.zeros((0, 12)), order=(1, 0), priors=priors, transfer=transfer)
    assert posterior.log_evidence == pytest.approx(expected, abs=1e-3)


ORDERS = [(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (3, 0), (2, 1), (1, 2), (0, 3)]


@pytest.mark.parametrize(("length", "order"), [*product([12, 100], ORDERS[:6]), *product([100], ORDERS[6:]), (500, (1, 1)), (500, (2, 1))])
def test_moments_are_those_of_a_refined_grid(length: int, order: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Means within 1e-3 posterior standard deviations, standard deviations within 1%."""
    series, design = regression(length)
    found = all_moments(exact.integrate(series, design, np.zeros((0, length)), order=order, priors=Priors()))
    monkeypatch.setattr(adaptive_grid, "STEP", 0.3)
    monkeypatch.setattr(adaptive_grid, "DEPTH", 17.0)
    monkeypatch.setattr(adaptive_grid, "FINEST", {0: 1, 1: 800, 2: 200, 3: 100})
    refined = all_moments(exact.integrate(series, design, np.zeros((0, length)), order=order, priors=Priors()))
    assert np.abs(found[0] - refined[0]) / refined[1] == pytest.approx(0, abs=1e-3)
    assert found[1] / refined[1] == pytest.approx(1, abs=1e-2)


def all_moments(posterior: exact.Posterior) -> tuple[np.ndarray, np.ndarray]:
    size = posterior.root.shape[1]
    coefficients = posterior.linear_moments(np.tile(np.eye(size), (len(posterior.root), 1, 1)), np.zeros((1, size)))
    nodes = [posterior.node_moments(column[:, None]) for column in np.column_stack([posterior.phi, posterior.theta]).T]
    nodes.append(posterior.node_moments(posterior.sigma))
    return np.r_[coefficients[0], [mean for mean, _ in nodes]], np.r_[coefficients[1], [sd for _, sd in nodes]]


def test_draws_have_the_moments_of_the_integral() -> None:
    series, design = regression(60)
    posterior = exact.integrate(series, design, np.zeros((0, 60)), order=(1, 1), priors=Priors())
    draws = posterior.draw(20_000, np.random.default_rng(4))
    drawn = np.column_stack([draws["coefficients"], draws["phi"], draws["theta"], draws["sigma"]])
    mean, sd = all_moments(posterior)
    assert (np.abs(drawn.mean(axis=0) - mean) / sd < 4 / math.sqrt(20_000)).all()
    assert drawn.std(axis=0) / sd == pytest.approx(1, abs=0.03)


def test_missing_values_are_integrated_out() -> None:
    """White noise: a missing year adds nothing, so the evidence is that of the sample without it."""
    series, design = regression(30)
    absent = [3, 17]
    present = np.setdiff1d(np.arange(30), absent)
    gaps = exact.integrate(np.where(np.isin(np.arange(30), absent), 99.0, series), design, np.eye(30)[absent], order=(0, 0), priors=Priors())
    without = exact.integrate(series[present], design[:, present], np.zeros((0, 28)), order=(0, 0), priors=Priors())
    assert gaps.log_evidence == pytest.approx(without.log_evidence, abs=1e-9)


def test_the_cost_is_linear_in_the_length() -> None:
    """A sample of 10,000 is done, its autocorrelation is found, and no square matrix of the sample is formed."""
    series, design = regression(10_000)
    posterior = exact.integrate(series, design, np.zeros((0, 10_000)), order=(1, 0), priors=Priors())
    mean, sd = posterior.node_moments(posterior.phi)
    assert abs(mean - 0.6) < 4 * sd and sd == pytest.approx(0.8 / 100, rel=0.05)
