"""The posterior of the digital part of TFP: closed forms, a sampler, known parameters, and refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

from digital_economy import digital_tfp, productivity
from digital_economy.digital_tfp import Elasticity, Prior

YEARS = range(2001, 2024)


def made_up(elasticity: float, *, n: int, sigma: float, seed: int) -> tuple[pd.Series, pd.Series]:
    random = np.random.default_rng(seed)
    digital = pd.Series(random.normal(18, 8, n))
    return 1 + elasticity * digital + random.normal(0, sigma, n), digital


def test_conjugate_regression_in_closed_form() -> None:
    design, outcome = np.array([[1.0], [2], [3]]), np.array([1.1, 1.9, 3.2])
    mean, covariance, evidence = digital_tfp.conjugate(design, outcome, mean=np.zeros(1), covariance=np.eye(1), sigma=0.5)
    assert mean[0] == pytest.approx(1.0175439, abs=5e-8) and np.sqrt(covariance[0, 0]) == pytest.approx(0.1324532, abs=5e-8)
    assert 4 * mean[0] == pytest.approx(4.0701754, abs=5e-8)
    assert np.sqrt(16 * covariance[0, 0] + 0.25) == pytest.approx(0.7284928, abs=5e-8)
    marginal = stats.multivariate_normal(cov=design @ design.T + 0.25 * np.eye(3))
    assert evidence == pytest.approx(marginal.logpdf(outcome), rel=1e-12)


@pytest.mark.parametrize("prior", [Prior(), Prior(0.0, 0.1, positive=False)])
def test_posterior_is_that_of_a_brute_force_grid(prior: Prior) -> None:
    tfp, digital = made_up(0.05, n=12, sigma=1.2, seed=3)
    found = digital_tfp.posterior(tfp, digital, prior=prior)
    elasticity = np.linspace(0 if prior.positive else -0.6, 0.7, 301)
    other, sigma = np.linspace(-9, 9, 241), np.linspace(0.3, 8, 160)
    b, c, s = np.meshgrid(elasticity, other, sigma, indexing="ij", sparse=True)
    density = (
        stats.norm.logpdf(b, prior.mean, prior.sd)
        + stats.norm.logpdf(c, 0, digital_tfp.OTHER_SD)
        - (s / digital_tfp.SIGMA_SCALE) ** 2 / 2
    )
    for y, x in zip(tfp, digital):
        density = density - np.log(s) - ((y - c - b * x) / s) ** 2 / 2
    marginal = integrate.simpson(integrate.simpson(np.exp(density - density.max()), x=sigma), x=other)
    marginal = marginal / integrate.simpson(marginal, x=elasticity)
    mean = integrate.simpson(elasticity * marginal, x=elasticity)
    assert found.mean == pytest.approx(mean, abs=1e-4)
    assert found.sd == pytest.approx(np.sqrt(integrate.simpson(elasticity**2 * marginal, x=elasticity) - mean**2), abs=1e-4)
    np.testing.assert_allclose(found.density(elasticity), marginal, atol=2e-3 * marginal.max())


def test_elasticity_is_a_distribution() -> None:
    found = digital_tfp.posterior(*made_up(0.02, n=15, sigma=1, seed=5))
    grid = np.linspace(0, 0.6, 4001)
    assert integrate.simpson(found.density(grid), x=grid) == pytest.approx(1, abs=1e-6)
    for probability in (0.025, 0.5, 0.975):
        assert found.cdf(found.quantile(probability)) == pytest.approx(probability, abs=1e-9)
    assert found.cdf(0) == 0 and found.density(np.array([-0.1])).item() == 0
    normal = Elasticity(np.ones(1), np.array([0.05]), np.array([0.05]), positive=True)
    expected = stats.truncnorm(-1, np.inf, 0.05, 0.05)
    assert (normal.mean, normal.sd) == pytest.approx((expected.mean(), expected.std()), rel=1e-9)


def test_intervals_cover_known_elasticities_as_often_as_they_say() -> None:
    """Over 300 data sets drawn from the prior the 80% interval covers within 4 standard errors."""
    random = np.random.default_rng(11)
    covered = 0
    for _ in range(300):
        true = stats.truncnorm(-1, np.inf, 0.05, 0.05).rvs(random_state=random)
        digital = pd.Series(random.normal(18, 8, 15))
        tfp = (
            random.normal(0, digital_tfp.OTHER_SD)
            + true * digital
            + random.normal(0, abs(random.normal(0, digital_tfp.SIGMA_SCALE)), 15)
        )
        found = digital_tfp.posterior(tfp, digital)
        covered += 0.1 < found.cdf(true) < 0.9
    assert abs(covered / 300 - 0.8) < 4 * np.sqrt(0.8 * 0.2 / 300)


def test_much_data_finds_the_elasticity() -> None:
    found = digital_tfp.posterior(*made_up(0.08, n=2000, sigma=1, seed=2))
    assert found.mean == pytest.approx(0.08, abs=4 * found.sd) and found.sd < 0.004


def test_sampler_agrees_with_the_integral_and_finds_known_parameters() -> None:
    tfp, digital = made_up(0.06, n=60, sigma=0.8, seed=9)
    exact = digital_tfp.posterior(tfp, digital)
    drawn = digital_tfp.sample(tfp, digital, seed=4).posterior["elasticity"].values.ravel()
    assert drawn.mean() == pytest.approx(exact.mean, abs=0.1 * exact.sd)
    assert drawn.std() == pytest.approx(exact.sd, rel=0.06)
    assert abs(drawn.mean() - 0.06) < 3 * exact.sd


def test_prior_predictive_interval_is_that_of_its_mixture() -> None:
    digital = pd.Series([0.0, 20.0], index=[2001, 2002])
    found = digital_tfp.predictive(digital_tfp.prior_draws(200_000, np.random.default_rng(1)), digital, np.random.default_rng(2))
    sigma = np.sqrt(digital_tfp.OTHER_SD**2 + np.linspace(0.001, 9, 4000) ** 2)
    weight = np.exp(-((np.linspace(0.001, 9, 4000) / digital_tfp.SIGMA_SCALE) ** 2) / 2)
    assert weight @ stats.norm.cdf(found["high"][0] / sigma) / weight.sum() == pytest.approx(0.975, abs=1e-3)
    assert found["high"][1] > found["high"][0] and abs(found["low"][0] + found["high"][0]) < 0.1


def test_a_sampler_that_did_not_converge_is_refused() -> None:
    tfp, digital = made_up(0.06, n=12, sigma=0.8, seed=9)
    with pytest.raises(digital_tfp.NotConverged, match="R-hat .* effective sample size .* divergences; right is"):
        digital_tfp.sample(tfp, digital, seed=4, draws=30)


def test_series_of_other_years_are_refused() -> None:
    with pytest.raises(ValueError, match="right is the same three or more"):
        digital_tfp.posterior(pd.Series([1.0, 2, 3]), pd.Series([1.0, 2, 3], index=[1, 2, 3]))


def test_china_by_sample_and_prior() -> None:
    frame = digital_tfp.sensitivity()
    assert frame.set_index(["prior", "sample"]).loc["positive, around 0.05"]["n"].tolist() == [23, 11, 20, 8]
    assert (frame["low"] < frame["mean"]).all() and (frame["mean"] < frame["high"]).all() and (frame["ratio"] < 1).all()


def test_contribution_in_points_is_elasticity_times_growth_of_digital_capital() -> None:
    frame = digital_tfp.contribution().query("level == 95").set_index("year")
    points = digital_tfp.elasticity().quantile(0.5) * productivity.digital_capital_growth().loc[2001:2023]
    np.testing.assert_allclose(frame["points"], points, rtol=1e-9)
    growth = productivity.growth_accounts()["growth"]
    np.testing.assert_allclose(frame["share"] * growth / 100, points, rtol=1e-9)
    assert digital_tfp.share(2013).value == pytest.approx(frame.at[2013, "share"], rel=1e-9)
    bands = digital_tfp.contribution().pivot(index="year", columns="level", values="points_high")
    assert (bands[50] < bands[80]).all() and (bands[80] < bands[95]).all()
