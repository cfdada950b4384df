"""The likelihood of an ARMA process against dense covariance matrices."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.linalg import toeplitz
from statsmodels.tsa.arima_process import arma_acovf

from digital_economy import arma

PARTIAL = st.floats(-0.97, 0.97)


def covariance(phi: list[float], theta: list[float], length: int) -> np.ndarray:
    """Return the covariance of an ARMA process with unit innovations, by statsmodels."""
    return toeplitz(arma_acovf(np.r_[1, -np.array(phi)], np.r_[1, theta], length))


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
    dense = sigma**2 * covariance(phi, theta, length)[np.ix_(present, present)]
    expected = stats.multivariate_normal.logpdf(series[present], cov=dense)
    found = arma.log_likelihood(series, np.eye(length)[absent], ar, theta, sigma)
    assert found == pytest.approx(expected, rel=1e-7, abs=1e-6)  # the dense inverse keeps no more near a unit root
