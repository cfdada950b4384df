"""The likelihood of an ARMA process against dense covariance matrices."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp

from digital_economy import arma

PARTIAL = st.floats(-0.97, 0.97)


def autocovariances(phi: list[float], theta: list[float], length: int) -> list:
    """Return the autocovariances of an ARMA process with unit innovations, from its linear equations, to 40 digits."""
    p, weights = len(phi), [1, *theta]
    driven = [mp.mpf(1)]  # the moving-average form as far as the shocks of theta reach
    for lag in range(1, len(weights)):
        driven.append(weights[lag] + sum(phi[i] * driven[lag - 1 - i] for i in range(min(p, lag))))
    right = [sum(weights[j] * driven[j - lag] for j in range(lag, len(weights))) for lag in range(length + p)]
    equations = mp.eye(p + 1)
    for lag in range(p + 1):
        for i, coefficient in enumerate(phi, start=1):
            equations[lag, abs(lag - i)] -= coefficient
    gamma = list(mp.lu_solve(equations, mp.matrix(right[: p + 1])))
    while len(gamma) < length:
        gamma.append(right[len(gamma)] + sum(phi[i] * gamma[-1 - i] for i in range(p)))
    return gamma


def normal_log_density(values: np.ndarray, covariance) -> float:
    """Return the log density of a normal vector with mean zero, to 40 digits."""
    root = mp.cholesky(covariance)
    scores = [mp.mpf(0)] * len(values)
    for i, value in enumerate(values):
        scores[i] = (mp.mpf(value) - sum(root[i, j] * scores[j] for j in range(i))) / root[i, i]
    log_root = sum(mp.log(root[i, i]) for i in range(len(values)))
    return float(-(len(values) * mp.log(2 * mp.pi) + sum(score**2 for score in scores)) / 2 - log_root)


@given(st.lists(PARTIAL, max_size=3))
def test_partials_and_coefficients_are_inverse(partials: list[float]) -> None:
    phi = arma.from_partials(partials)
    assert arma.to_partials(phi) == pytest.approx(partials, abs=1e-8)
    assert (np.abs(np.roots(np.r_[1, -np.array(phi)])) < 1).all()


def test_an_explosive_autoregression_has_no_partials() -> None:
    with pytest.raises(ValueError, match="between -1 and 1"):
        arma.to_partials([1.2, 0.1])


@given(st.lists(PARTIAL, min_size=1, max_size=3), st.integers(1, 70))
def test_division_undoes_multiplication_both_ways(partials: list[float], length: int) -> None:
    series = np.random.default_rng(1).standard_normal((2, length))
    theta = [1.0, *arma.moving_average(partials)]
    product = arma.multiply(series, theta)
    assert arma.divide(product, theta) == pytest.approx(series, abs=1e-6)
    assert arma.divide_by_squaring(product, theta, np) == pytest.approx(series, abs=1e-6)


@settings(deadline=None)
@given(st.lists(PARTIAL, max_size=3), st.lists(PARTIAL, max_size=3), st.booleans())
def test_log_likelihood_is_that_of_the_dense_covariance(ar: list[float], ma: list[float], gaps: bool) -> None:
    """Every order to (3, 3), with and without missing values, against the normal density of what is observed."""
    length, sigma = 40, 1.3
    phi, theta = arma.from_partials(ar), arma.moving_average(ma)
    series = np.random.default_rng(2).standard_normal(length)
    absent = [4, 5, 30] if gaps else []
    present = np.setdiff1d(np.arange(length), absent)
    with mp.workdps(40):  # double precision leaves a dense covariance too few digits near a unit root
        gamma = autocovariances([mp.mpf(value) for value in phi], [mp.mpf(value) for value in theta], length)
        dense = mp.matrix([[mp.mpf(sigma) ** 2 * gamma[abs(i - j)] for j in present.tolist()] for i in present.tolist()])
        expected = normal_log_density(series[present], dense)
    found = arma.log_likelihood(series, np.eye(length)[absent], ar, theta, sigma)
    assert found == pytest.approx(expected, abs=1e-6)
