"""The ARIMAX against published estimates, likelihoods and forecasts, against itself, and against bad input."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import warnings
from pathlib import Path

import jax
import numpy as np
import pandas as pd
import pymc as pm
import pytest
from scipy import optimize, stats
from statsmodels.tsa.arima.datasets.brockwell_davis_2002 import lake
from statsmodels.tsa.statespace.tests.results import results_sarimax as stata

from digital_economy import arimax, arimax_nuts
from digital_economy.arimax import Priors
from digital_economy.arimax_sample import Sample

# W13 to W17 of the field: R's and Stata's reference outputs, and their data as statsmodels carries them.
HURON = pd.Series(lake.to_numpy() + 570, index=range(1875, 1973), name="level")
SINCE_1920 = pd.Series(HURON.index - 1920.0, index=HURON.index, name="year")
QUARTERS = pd.period_range("1959Q1", "1981Q4", freq="Q")
CONSUMPTION = pd.Series(stata.friedman2_data["consump"], index=QUARTERS)
MONEY = pd.Series(stata.friedman2_data["m2"], index=QUARTERS, name="m2")
PRICES = pd.Series(stata.wpi1_data, index=range(124))
# Luteinizing hormone at ten-minute intervals, R's data set lh (Diggle 1990).
HORMONE = pd.Series(
    [2.4, 2.4, 2.4, 2.2, 2.1, 1.5, 2.3, 2.3, 2.5, 2.0, 1.9, 1.7, 2.2, 1.8, 3.2, 3.2, 2.7, 2.2, 2.2, 1.9, 1.9, 1.8, 2.7, 3.0]
    + [2.3, 2.0, 2.0, 2.9, 2.9, 2.7, 2.7, 2.3, 2.6, 2.4, 1.8, 1.7, 1.5, 1.4, 2.1, 3.3, 3.5, 3.5, 3.1, 2.6, 2.1, 3.4, 3.0, 2.9]
)
PUBLISHED = {
    "W13": ((HURON, SINCE_1920, (2, 0, 0)), {"constant": 579.0993, "effect": -0.0216, "ar": [1.0048, -0.2913], "sigma": 0.4566**0.5}, -101.2),
    "W14": (
        (CONSUMPTION, MONEY, (1, 0, 1)),
        {"constant": -36.09872, "effect": 1.122029, "ar": 0.9348486, "ma": 0.3090592, "sigma": 9.655308},
        -340.50774,
    ),
    "W16": ((PRICES, None, (1, 1, 1)), {"constant": 0.7498197, "ar": 0.8742288, "ma": -0.4120458, "sigma": 0.7250436}, -135.35131),
    "W17 AR(1)": ((HORMONE, None, (1, 0, 0)), {"constant": 2.4133, "ar": 0.5739, "sigma": 0.1975**0.5}, -29.38),
    "W17 AR(3)": ((HORMONE, None, (3, 0, 0)), {"constant": 2.3931, "ar": [0.6448, -0.0634, -0.2198], "sigma": 0.1787**0.5}, -27.09),
}
DIGITS = {"W13": 0.05, "W14": 1e-4, "W16": 1e-4, "W17 AR(1)": 0.005, "W17 AR(3)": 0.005}  # as printed
W15 = {"constant": 0.66189, "effect": 1.037905, "ar": 0.8775207, "ma": 0.2770867, "sigma": 5.630046}


def exact(y: pd.Series, x=None, *, order: tuple[int, int, int], **settings) -> arimax.Fit:
    return arimax.fit(y, x, order=order, seed=1, method="exact", **settings)


def at(fit: arimax.Fit, params: dict, draws: int = 1) -> arimax.Fit:
    """Return the fit with every draw at given parameters."""
    values = {name: np.repeat(value, draws, axis=0) for name, value in fit.sample.standard(params).items()}
    return arimax.Fit(fit.sample, fit.priors, fit.method, fit.seed, 1, values)


# -- published numbers


@pytest.mark.parametrize("name", PUBLISHED)
def test_log_likelihood_is_the_published_one(name: str) -> None:
    (y, x, order), params, published = PUBLISHED[name]
    assert exact(y, x, order=order).log_likelihood(params) == pytest.approx(published, abs=DIGITS[name])


@pytest.mark.parametrize("name", PUBLISHED)
def test_maximum_likelihood_is_the_published_one(name: str) -> None:
    (y, x, order), params, published = PUBLISHED[name]
    found = arimax.fit_mle(y, x, order)
    assert found.log_likelihood == pytest.approx(published, abs=DIGITS[name])
    for key, value in params.items():
        assert found.params[key] == pytest.approx(np.atleast_1d(value), rel=1e-3, abs=2e-4)


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_mode_under_flat_priors_is_the_maximum_of_likelihood(name: str) -> None:
    """Under flat priors the log posterior density is the log-likelihood: its maximum, found here from afar, is statsmodels'."""
    (y, x, order), _, _ = PUBLISHED[name]
    fit, twin = exact(y, x, order=order, priors=Priors.flat()), arimax.fit_mle(y, x, order)
    start = fit.moments()["mean"]
    keys = start.index.str.split("[").str[0]
    scale = fit.moments()["sd"].to_numpy()

    def negative(values: np.ndarray) -> float:
        named = pd.Series(start.to_numpy() + scale * values, index=start.index)
        try:
            return -fit.log_likelihood({key: named[keys == key].to_numpy() for key in set(keys)})
        except ValueError:  # not stationary or not invertible
            return math.inf

    best = optimize.minimize(negative, np.zeros(len(start)), method="Nelder-Mead", options={"maxiter": 4000, "maxfev": 4000, "xatol": 1e-4, "fatol": 1e-7})
    assert -best.fun == pytest.approx(twin.log_likelihood, abs=1e-3)
    assert (np.abs(start.to_numpy() + scale * best.x - twin.estimates["estimate"].to_numpy()) / scale < 0.05).all()


def test_conditional_forecast_is_the_published_path() -> None:
    """W15: parameters from 1959 to 1978q1, m2 as it came, fifteen quarters ahead."""
    known, published = 77, [1384.148, 1412.057, 1432.403, 1452.703, 1486.975, 1520.77]
    fit = exact(CONSUMPTION[:known], MONEY[:known], order=(1, 0, 1))
    assert fit.log_likelihood(W15) == pytest.approx(-243.31642, abs=1e-4)
    certain = {**W15, "sigma": 1e-12}
    path = at(fit, certain).forecast(MONEY[known:]).iloc[0]
    assert list(path.index) == list(QUARTERS[known:])
    assert path.iloc[:6].to_numpy() == pytest.approx(published, abs=1e-3)
    assert path.iloc[-1] == pytest.approx(1825.897, abs=1e-3)


def test_forecast_spread_is_that_of_statsmodels() -> None:
    """At fixed parameters, ARIMA(1, 1, 1) with a regressor: mean and standard error, seven steps ahead."""
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    twin = arimax.fit_mle(CONSUMPTION[:80], MONEY[:80], (1, 1, 1))
    drawn = twin.forecast(MONEY[80:87], draws=40_000, seed=3)
    params = {key: value[0] for key, value in twin.params.items()}
    trend = np.arange(92.0)
    model = SARIMAX(CONSUMPTION.to_numpy()[:80], exog=np.column_stack([trend, MONEY])[:80], order=(1, 1, 1))
    results = model.filter([params["constant"], params["effect"], params["ar"], params["ma"], params["sigma"] ** 2])
    theirs = results.get_forecast(7, exog=np.column_stack([trend, MONEY])[80:87])
    assert drawn.mean().to_numpy() == pytest.approx(theirs.predicted_mean, abs=4 * theirs.se_mean.max() / 200)
    assert drawn.std().to_numpy() == pytest.approx(theirs.se_mean, rel=0.02)


# -- one model, two ways


def test_known_variance_is_the_closed_form() -> None:
    """W22, both ways: posterior 1.0175439 (.1324532), prediction at a change of 4: 4.0701754 (.7284928)."""
    y, x = pd.Series([0, 1.1, 3.0, 6.2]), pd.Series([0.0, 1, 3, 6], name="x")
    for method in arimax.METHODS:
        fit = arimax.fit(
            y, x, order=(0, 1, 0), constant=False, standardise=False, priors=Priors(effect_sd=1, sigma=0.5), seed=1, draws=5000, method=method
        )
        change = fit.forecast(pd.Series([10.0], index=[4]))[4] - 6.2
        effect = fit.moments().loc["effect[x]"]
        error = 4 * 0.1324532 / math.sqrt(20_000) if method == "nuts" else 1e-6
        assert effect["mean"] == pytest.approx(1.0175439, abs=error)
        assert change.mean() == pytest.approx(4.0701754, abs=4 * 0.7284928 / math.sqrt(20_000))
        assert change.std() == pytest.approx(0.7284928, rel=0.02)


GAPS = CONSUMPTION[:40].mask(np.isin(np.arange(40), [11, 12, 25]))
CASES = {
    "AR(2) + x": ((HURON, SINCE_1920), {"order": (2, 0, 0)}),
    "ARMA(1, 1) + x": ((CONSUMPTION, MONEY), {"order": (1, 0, 1)}),
    "transfer, twelve years": ((CONSUMPTION[:13], MONEY[:13]), {"order": (1, 1, 0), "form": "transfer"}),
    "Student t": ((CONSUMPTION[:20], MONEY[:20]), {"order": (1, 1, 0), "priors": Priors(effect_mean=-0.25, effect_sd=0.25, effect_df=4)}),
    "gaps": ((GAPS, MONEY[:40]), {"order": (0, 1, 1)}),
    "flat": ((CONSUMPTION[:40], MONEY[:40]), {"order": (1, 1, 0), "priors": Priors.flat()}),
}


@pytest.mark.parametrize("name", CASES)
def test_nuts_and_the_exact_engine_agree(name: str) -> None:
    """Means within four Monte Carlo errors, standard deviations within 10 per cent."""
    (y, x), settings = CASES[name]
    sampled = arimax.fit(y, x, seed=11, **settings).diagnostics()
    integrated = arimax.fit(y, x, seed=11, method="exact", **settings).moments()
    sampled = sampled.loc[integrated.index]
    assert (np.abs(sampled["mean"] - integrated["mean"]) < 4 * sampled["mcse_mean"]).all()
    assert (sampled["sd"] / integrated["sd"]).to_numpy() == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("case", ["ARMA(1,1)+x", "AR(2)+x"])
def test_posterior_is_that_of_an_independent_implementation(case: str) -> None:
    """BayesianSARIMAX of pymc-extras 0.15.1 (Kalman filter) on the same standardised data with the same priors.

    Made with benchmarks/arimax.py peer CASE nutpie 5000 (PyMC 6.3.2, nutpie 0.16.11, JAX 0.12.0, 4 chains, 1,000 of
    tuning, seed 1): beta_exog are level and effect, here in standard deviations of the data.
    """
    (y, x), settings = CASES[{"ARMA(1,1)+x": "ARMA(1, 1) + x", "AR(2)+x": "AR(2) + x"}[case]]
    theirs = pd.read_csv(Path(__file__).parent / "reference" / "pymc_extras_sarimax.csv").query("case == @case")
    fit = exact(y, x, **settings)
    count, one = len(fit.sample.design), np.eye(len(fit.sample.design))
    mean, sd = fit.integral.linear_moments(np.tile(one, (len(fit.integral.root), 1, 1)), np.zeros((1, count)))
    rest = fit.moments().iloc[count:].to_numpy().copy()
    rest[-1] /= fit.sample.scale
    means, sds = np.r_[mean, rest[:, 0]], np.r_[sd, rest[:, 1]]
    assert (np.abs(theirs["mean"] - means) < 4 * theirs["monte_carlo_error"]).all()
    assert (theirs["sd"] / sds).to_numpy() == pytest.approx(1, abs=0.08)


@pytest.mark.parametrize("d", [0, 1, 2])
def test_a_constant_added_to_y_leaves_the_evidence(d: int) -> None:
    plain, moved = (exact(HURON + shift, SINCE_1920**3, order=(1, d, 1)).log_evidence for shift in (0, 1e8))
    assert moved == pytest.approx(plain, abs=1e-6)


def test_the_evidence_knows_the_units() -> None:
    """In inches the density of each of the 98 levels is a twelfth."""
    feet, inches = (exact(factor * HURON, SINCE_1920, order=(1, 0, 0)).log_evidence for factor in (1, 12))
    assert feet - inches == pytest.approx(98 * math.log(12), abs=1e-8)


def test_effects_and_forecasts_follow_the_units() -> None:
    """With y in tenths and x in hundreds, everything is the same posterior."""
    one = exact(CONSUMPTION[:60], MONEY[:60], order=(1, 1, 0), form="transfer")
    other = exact(CONSUMPTION[:60] / 10, MONEY[:60] / 100, order=(1, 1, 0), form="transfer")
    assert other.moments()["mean"].to_numpy() == pytest.approx(one.moments()["mean"].to_numpy() * [0.1, 10, 1, 0.1], rel=1e-6)
    assert other.forecast(MONEY[60:63] / 100).to_numpy() == pytest.approx(one.forecast(MONEY[60:63]).to_numpy() / 10, rel=1e-6)


@pytest.mark.parametrize("form", arimax.FORMS)
@pytest.mark.parametrize("order", [(0, 0, 0), (2, 0, 1), (1, 1, 0), (0, 1, 2), (1, 2, 1)])
def test_draws_tree_and_moments_are_one_posterior(order: tuple[int, int, int], form: str) -> None:
    fit = exact(CONSUMPTION[:40], MONEY[:40], order=order, form=form, draws=4000)
    table, moments = fit.diagnostics(), fit.moments()
    assert set(moments.index) == {name for name in table.index if not name.startswith("long_run")}
    table = table.loc[moments.index]
    assert (np.abs(table["mean"] - moments["mean"]) < 4.5 * moments["sd"] / math.sqrt(16_000)).all()


def test_replications_look_like_the_sample_and_priors_do_not_know_it() -> None:
    fit = exact(CONSUMPTION[:60], MONEY[:60], order=(1, 1, 0))
    after, before = fit.posterior_predictive(), fit.prior_predictive()
    assert list(after.columns) == list(QUARTERS[:60]) and (after[QUARTERS[0]] == CONSUMPTION.iloc[0]).all()
    changes = CONSUMPTION[:60].diff().std()
    assert after.diff(axis=1).std(axis=1).median() == pytest.approx(changes, rel=0.2)
    assert before.iloc[:, -1].std() > 2 * after.iloc[:, -1].std()


def test_missing_values_are_drawn_where_a_forecast_needs_them() -> None:
    """With the last but one year missing, at fixed parameters: mean and standard error of statsmodels' Kalman filter."""
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    y, params = HURON[:40].mask(HURON[:40].index == HURON.index[38]), {"constant": 580.0, "ar": [0.5, 0.3], "ma": 0.6, "sigma": 0.7}
    drawn = at(exact(y, order=(2, 0, 1)), params, draws=40_000).forecast(horizon=4)
    theirs = SARIMAX(y.to_numpy() - 580, order=(2, 0, 1)).filter([0.5, 0.3, 0.6, 0.49]).get_forecast(4)
    assert drawn.mean().to_numpy() == pytest.approx(580 + theirs.predicted_mean, abs=4 * theirs.se_mean.max() / 200)
    assert drawn.std().to_numpy() == pytest.approx(theirs.se_mean, rel=0.02)


@pytest.mark.parametrize("d", [1, 2])
def test_missing_values_under_differencing_are_those_of_the_levels(d: int) -> None:
    """The likelihood is the normal density of the observed levels given the first d, by a dense covariance matrix."""
    y, sigma = CONSUMPTION[:20].mask(np.isin(np.arange(20), [6, 7, 13])), 8.0
    found = exact(y, order=(1, d, 0), constant=False).log_likelihood({"ar": 0.6, "sigma": sigma})
    sums = np.linalg.matrix_power(np.tril(np.ones((20 - d, 20 - d))), d)
    errors = sigma**2 / (1 - 0.36) * 0.6 ** np.abs(np.subtract.outer(np.arange(20 - d), np.arange(20 - d)))
    straight = y.iloc[0] + (y.iloc[1] - y.iloc[0]) * (d - 1) * np.arange(d, 20)
    seen = y.iloc[d:].notna().to_numpy()
    dense = (sums @ errors @ sums.T)[np.ix_(seen, seen)]
    assert found == pytest.approx(stats.multivariate_normal.logpdf((y.iloc[d:] - straight)[seen], cov=dense), abs=1e-6)


def test_without_a_constant_the_regression_goes_through_the_origin() -> None:
    fit = exact(CONSUMPTION[:40], MONEY[:40], order=(0, 0, 0), constant=False, priors=Priors.flat())
    slope = (CONSUMPTION[:40] @ MONEY[:40]) / (MONEY[:40] @ MONEY[:40])
    assert fit.moments().at["effect[m2]", "mean"] == pytest.approx(slope, rel=1e-6)


# -- the sampler's density


def test_a_uniform_partial_autocorrelation_is_sampled_as_a_standard_normal() -> None:
    with pm.Model() as model:
        pm.Uniform("partial", -1, 1, default_transform=arimax_nuts.NormalQuantile())
    density = model.compile_logp(mode="FAST_COMPILE")
    for value in (-3.0, -0.2, 0.0, 1.7):  # PyMC has the logarithm of the width in single precision
        assert density({"partial_normal_quantile__": value}) == pytest.approx(stats.norm.logpdf(value), abs=1e-8)


@pytest.mark.parametrize("edge", [1.0, -1.0])
def test_the_density_and_its_slope_are_finite_at_a_unit_root(edge: float) -> None:
    sample = Sample.of(HURON, SINCE_1920, order=(1, 0, 1), form="regression", constant=True, standardise=True)
    shape, data = arimax_nuts.Shape.of(sample), [getattr(sample, name) for name in arimax_nuts.DATA]

    def density(partials: np.ndarray):
        return arimax_nuts.log_marginal(shape, Priors(), partials[:1], partials[1:], 1.0, np.ones(1), *data)

    value, slope = jax.value_and_grad(density)(np.array([edge, 0.3]))
    near = density(np.array([edge * (1 - 1e-9), 0.3]))
    assert np.isfinite(slope).all() and value < near


# -- digits


SCRIPT = """
import numpy as np, pandas as pd
from digital_economy import arimax_nuts
from digital_economy.arimax_priors import Priors
from digital_economy.arimax_sample import Sample
rng = np.random.default_rng(7)
y, x = pd.Series(rng.standard_normal(30).cumsum()), pd.Series(rng.standard_normal(30).cumsum(), name="x")
sample = Sample.of(y, x, order=(1, 1, 1), form="regression", constant=True, standardise=True)
draws, _ = arimax_nuts.draw(sample, Priors(), draws=100, chains=2, seed=5, acceptance=0.9)
print([draws[name].sum().hex() for name in ("phi", "theta", "sigma", "coefficients")])
"""


def test_a_seed_gives_the_same_digits_with_a_cold_and_a_warm_cache(tmp_path) -> None:
    environment = {**os.environ, "PYTENSOR_FLAGS": f"base_compiledir={tmp_path}", "NUMBA_CACHE_DIR": str(tmp_path / "numba")}
    runs = [subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True) for _ in range(2)]
    assert runs[0].returncode == 0, runs[0].stderr
    assert runs[0].stdout == runs[1].stdout != ""


# -- refusals


Y, X = HURON[:20], SINCE_1920[:20] ** 2
REFUSED = {
    "negative order": (dict(y=Y, order=(-1, 0, 0)), "order: found .* whole numbers from 0"),
    "large order": (dict(y=Y, order=(4, 0, 0)), "order: found"),
    "fractional order": (dict(y=Y, order=(1, 0.5, 0)), "order: found"),
    "form": (dict(y=Y, form="armax"), "form: found 'armax'"),
    "method": (dict(y=Y, method="vi"), "method: found 'vi'"),
    "too much for the exact engine": (dict(y=Y, order=(2, 0, 2)), "p . q = 4"),
    "short": (dict(y=Y[:5], order=(2, 1, 0)), "y: found 4 observed values after 1 differences"),
    "empty": (dict(y=Y[:0]), "y: found"),
    "constant": (dict(y=Y * 0 + 3.0), "y: is constant"),
    "a line under differencing": (dict(y=pd.Series(np.arange(20.0)), order=(1, 1, 0)), "y: is constant after 1 differences"),
    "infinite": (dict(y=Y.replace(Y.iloc[3], np.inf)), "y: found inf in 1878"),
    "missing at the end": (dict(y=Y.mask(Y.index == 1894)), "begins and ends with observed"),
    "missing at the start": (dict(y=Y.mask(Y.index == 1875)), "begins and ends with observed"),
    "a skipped year": (dict(y=Y.drop(1880)), "y: 1881 follows 1879"),
    "a doubled year": (dict(y=pd.concat([Y, Y[-1:]])), "y: 1894 follows 1894"),
    "x of another length": (dict(y=Y, x=X[:-1]), "x: found 19 rows, 1875 to 1893; right is the index of y"),
    "x of another index": (dict(y=Y, x=X.rename(lambda year: year + 1)), "1876 to 1895"),
    "x with a gap": (dict(y=Y, x=X.mask(X.index == 1880)), "x: 'year' holds values that are missing"),
    "constant x": (dict(y=Y, x=X * 0 + 1), "x: 'year' is constant"),
    "x a line under differencing": (dict(y=Y, x=SINCE_1920[:20], order=(1, 1, 0)), "x: 'year' is constant after 1 differences"),
    "collinear x": (dict(y=Y, x=pd.DataFrame({"a": X, "b": np.sin(X), "c": 2 * X + 1})), "x: 'c' is collinear"),
    "priors of another number": (dict(y=Y, x=X, priors=Priors(effect_sd=(1.0, 2.0))), "effect_sd: found 2 numbers; right is one"),
    "y determined by x": (dict(y=3 * X + 1, x=X), "exact linear function of x"),
}


@pytest.mark.parametrize("method", arimax.METHODS)
@pytest.mark.parametrize("name", REFUSED)
def test_bad_input_is_refused_before_compiling(name: str, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments, message = REFUSED[name]
    if name == "too much for the exact engine" and method == "nuts":
        pytest.skip("NUTS takes it")
    monkeypatch.setattr(arimax, "_sampled", None)
    monkeypatch.setattr(arimax.exact, "integrate", None)
    with pytest.raises(ValueError, match=message):
        arimax.fit(**{"order": (1, 0, 0), "method": method, "seed": 1} | arguments)


def test_y_must_be_a_series() -> None:
    with pytest.raises(TypeError, match="y: found ndarray"):
        arimax.fit(Y.to_numpy(), seed=1, method="exact")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (SINCE_1920[21:23] ** 2, "found 1896 in place of 1895"),
        (SINCE_1920[19:22] ** 2, "found 1894 in place of 1895"),
        ((SINCE_1920**2).loc[[1895, 1897]], "found 1897 in place of 1896"),
        (SINCE_1920[:0], "no years"),
        (pd.Series([1.0, np.nan], index=[1895, 1896]), "missing or infinite"),
        (pd.DataFrame({"z": [1.0]}, index=[1895]), "right is the regressors"),
        (None, "right is their path"),
    ],
)
def test_a_future_path_must_follow_the_sample(path, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        exact(Y, X, order=(1, 0, 0)).forecast(path)


def test_a_far_path_is_named_an_extrapolation() -> None:
    fit = exact(Y, X, order=(1, 0, 0))
    with pytest.warns(UserWarning, match="'year' goes .* standard deviations .* extrapolation"):
        fit.forecast(pd.Series([1e5], index=[1895]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit.forecast(SINCE_1920[20:23] ** 2)


def test_params_of_the_wrong_kind_are_refused() -> None:
    fit = exact(Y, X, order=(1, 0, 0))
    with pytest.raises(ValueError, match="found 2 values of 'ar'"):
        fit.log_likelihood({"constant": 0, "effect": 1, "ar": [0.1, 0.2], "sigma": 1})
    with pytest.raises(ValueError, match="between -1 and 1"):
        fit.log_likelihood({"constant": 0, "effect": 1, "ar": 1.1, "sigma": 1})


def test_what_flat_priors_and_samplers_lack_is_refused() -> None:
    flat = exact(Y, X, order=(1, 0, 0), priors=Priors.flat())
    with pytest.raises(ValueError, match="log evidence: found a flat prior"):
        flat.log_evidence
    with pytest.raises(ValueError, match="prior: found a flat prior"):
        flat.prior_predictive()


def test_nuts_that_did_not_converge_is_refused_with_the_parameter() -> None:
    with pytest.raises(RuntimeError, match=r"did not converge: .* of \w+.* right is at"):
        arimax.fit(Y, X, order=(1, 0, 0), draws=50, chains=2, seed=1)
