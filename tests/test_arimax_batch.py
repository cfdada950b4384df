"""Many series at once: the same posteriors as one at a time, whatever the panel holds, and what can't be done is named."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import toeplitz
from statsmodels.tsa.arima_process import arma_acovf

from digital_economy import adaptive_grid, arimax, arimax_angles, arimax_batch, arma
from digital_economy.arimax_batch_sample import pairs, swept
from digital_economy.arimax_priors import Priors

ORDERS = [(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2)]


def panel(
    order: tuple[int, int, int], *, series: int, length: int, regressors: int = 1, seed: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Return series (N, T) of random ARIMA processes on regressors (N, T, R) that are random walks."""
    rng = np.random.default_rng(seed)
    p, d, q = order
    ar, ma = (np.clip(rng.normal(0, 0.5, (size, series)), -0.95, 0.95) for size in (p, q))
    phi = [1.0, *(-one[:, None] for one in arma.from_partials(list(ar)))]
    theta = [1.0, *(one[:, None] for one in arma.moving_average(list(ma)))]
    noise = arma.divide(arma.multiply(rng.standard_normal((series, length + 100)), theta), phi)[:, 100:]
    for _ in range(d):
        noise = noise.cumsum(axis=1)
    x = rng.standard_normal((series, length, regressors)).cumsum(axis=1)
    return 3 + noise + x @ rng.normal(0, 0.5, regressors), x


def alone(y: np.ndarray, x: np.ndarray, **settings) -> tuple[pd.DataFrame, float]:
    """Return moments and log evidence of one series by the exact engine."""
    frame = pd.DataFrame(x, columns=[str(number + 1) for number in range(x.shape[1])]) if x.shape[1] else None
    fit = arimax.fit(pd.Series(y), frame, method="exact", seed=1, draws=1, chains=1, **settings)
    return fit.moments(), fit.log_evidence if fit.priors.proper else math.nan


def off(found: arimax_batch.Panel, y: np.ndarray, x: np.ndarray, **settings) -> float:
    """Return the largest difference from the exact engine: means and log evidence in posterior sds and units, sds as ratios."""
    worst = 0.0
    for row in range(len(y)):
        moments, evidence = alone(y[row], x[row], **settings)
        ours = found.moments(row)
        assert list(ours.index) == list(moments.index)
        apart = [np.abs(ours["mean"] - moments["mean"]) / moments["sd"], np.abs(ours["sd"] / moments["sd"] - 1)]
        worst = max(worst, *(part.max() for part in apart), abs(np.nan_to_num(found.log_evidence[row] - evidence)))
    return worst


@pytest.fixture
def refined(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the exact engine's grid wider and finer."""
    monkeypatch.setattr(adaptive_grid, "STEP", 0.3)
    monkeypatch.setattr(adaptive_grid, "DEPTH", 30.0)
    monkeypatch.setattr(adaptive_grid, "FINEST", {0: 1, 1: 800, 2: 300})


@pytest.mark.parametrize("length", [12, 100])
@pytest.mark.parametrize("order", ORDERS)
def test_posteriors_are_those_of_the_exact_engine(order: tuple[int, int], length: int, refined) -> None:
    """Means within 1e-3 posterior standard deviations, standard deviations and evidence within 1e-3."""
    settings = {"order": (order[0], int(length == 100), order[1])}
    y, x = panel(settings["order"], series=4, length=length)
    found = arimax_batch.integrate(y, x, **settings)
    assert not found.refused and not found.unsettled
    assert off(found, y, x, **settings) < 1e-3


CASES = {
    "no regressor": (0, {}),
    "three regressors": (3, {}),
    "no constant": (1, {"constant": False}),
    "own priors": (2, {"priors": Priors((0.2, -0.1), (0.3, 1.0), constant_sd=0.7, sigma_scale=0.8, partial_sd=0.3)}),
    "flat priors": (1, {"priors": Priors(effect_sd=math.inf, sigma_scale=math.inf, partial_sd=math.inf)}),
}


@pytest.mark.parametrize("name", CASES)
def test_designs_and_priors_are_those_of_the_exact_engine(name: str, refined) -> None:
    regressors, settings = CASES[name]
    y, x = panel((1, 0, 0), series=4, length=25, regressors=regressors)
    found = arimax_batch.integrate(y, x, order=(1, 0, 0), **settings)
    assert off(found, y, x, order=(1, 0, 0), **settings) < 1e-3
    assert np.isnan(found.log_evidence).all() == (name == "flat priors")


def test_the_exact_engine_finds_what_its_first_grid_missed() -> None:
    """MA(2) near the edge of invertibility: a ridge so narrow that the first nodes see its foot alone."""
    y, x = (part[16:17] for part in panel((0, 0, 2), series=100, length=100, seed=100))
    assert off(arimax_batch.integrate(y, x, order=(0, 0, 2)), y, x, order=(0, 0, 2)) < 1e-3


def test_all_series_may_share_their_regressors() -> None:
    y, x = panel((1, 0, 0), series=3, length=20)
    shared = arimax_batch.integrate(y, x[0], order=(1, 0, 0))
    assert shared.mean == pytest.approx(arimax_batch.integrate(y, np.tile(x[:1], (3, 1, 1)), order=(1, 0, 0)).mean, rel=1e-12)


def test_units_and_levels_change_nothing_but_the_units() -> None:
    """y in tenths, and 1e8 added to it: the same posterior, and an evidence that knows the units alone."""
    y, x = panel((1, 0, 1), series=3, length=30)
    plain, tenths, moved = (arimax_batch.integrate(one, x, order=(1, 0, 1)) for one in (y, y / 10, y + 1e8))
    assert tenths.standard_mean == pytest.approx(plain.standard_mean, abs=1e-9)
    assert tenths.mean[:, 1] * 10 == pytest.approx(plain.mean[:, 1], rel=1e-9)
    assert tenths.log_evidence - 30 * math.log(10) == pytest.approx(plain.log_evidence, abs=1e-9)
    assert moved.log_evidence == pytest.approx(plain.log_evidence, abs=1e-6)
    assert moved.mean[:, 0] - 1e8 == pytest.approx(plain.mean[:, 0], abs=1e-6)


def test_a_series_has_one_answer_in_every_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    y, x = panel((1, 0, 1), series=40, length=12)
    whole = arimax_batch.integrate(y, x, order=(1, 0, 1))
    monkeypatch.setattr(arimax_batch, "BLOCK", {"cpu": 1, "gpu": 1})
    parts = arimax_batch.integrate(y[5:30], x[5:30], order=(1, 0, 1))
    assert parts.log_evidence == pytest.approx(whole.log_evidence[5:30], abs=1e-10)
    assert parts.mean == pytest.approx(whole.mean[5:30], abs=1e-10)


def test_what_the_grid_does_not_resolve_goes_to_a_finer_one_or_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The period of a cycle with little noise is known too well for the first grid: named there, and right on a finer one."""
    time = np.arange(60)
    y = np.stack([np.cos(1.2 * time), np.cos(1.9 * time)]) + 0.05 * np.random.default_rng(2).standard_normal((2, 60))
    y = np.concatenate([y, panel((2, 0, 0), series=2, length=60)[0]])
    settled = arimax_batch.integrate(y, order=(2, 0, 0))
    monkeypatch.setattr(arimax_batch, "FINER", (1,))
    coarse = arimax_batch.integrate(y, order=(2, 0, 0))
    assert coarse.unsettled == [0, 1] and not settled.unsettled
    monkeypatch.setattr(arimax_batch, "FINER", (8,))
    truth = arimax_batch.integrate(y, order=(2, 0, 0))
    assert np.abs(settled.log_evidence - truth.log_evidence).max() < 1e-3
    assert np.abs(coarse.log_evidence - truth.log_evidence)[:2].max() > 1e-2


# -- the parts


@pytest.mark.parametrize("order", ORDERS)
def test_forms_are_those_of_the_dense_covariance(order: tuple[int, int]) -> None:
    at = arimax_angles.nodes(order, 9, 8, Priors())
    columns = np.random.default_rng(3).standard_normal((9, 3, 2))
    forms = {pair: np.asarray(value) for pair, value in arimax_angles._forms(at, columns).items()}
    for node in range(0, at.weights.shape[1], 5):
        phi, theta = np.split(np.asarray(at.values)[:, node], [order[0]])
        dense = np.linalg.inv(toeplitz(arma_acovf(np.r_[1, -phi], np.r_[1, theta], 9)))
        for i, j in pairs(3):
            assert forms[i, j][node] == pytest.approx(np.einsum("tb,ts,sb->b", columns[:, i], dense, columns[:, j]), rel=1e-8)


def test_weights_hold_prior_and_determinant() -> None:
    """The prior integrates to one; what remains is the root of 1 / |V|."""
    at = arimax_angles.nodes((1, 1), 9, 40, Priors())
    phi, theta = np.asarray(at.values)
    determinants = np.array([np.linalg.slogdet(toeplitz(arma_acovf([1, -a], [1, b], 9)))[1] for a, b in zip(phi, theta)])
    assert (np.asarray(at.weights) * np.exp(0.5 * determinants)).sum(axis=1) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("root", [False, True])
def test_both_rules_integrate_polynomials(root: bool) -> None:
    values, weights = arimax_angles._rule(12, root=root)
    for power, plain, rooted in ((0, 2, math.pi / 2), (1, 0, 0), (2, 2 / 3, math.pi / 8), (4, 2 / 5, math.pi / 16)):
        density = values**power * (np.sqrt(1 - values**2) if root else 1)
        assert weights @ density == pytest.approx(rooted if root else plain, abs=1e-12)


def test_sweeping_inverts_and_regresses() -> None:
    matrix = np.cov(np.random.default_rng(4).standard_normal((4, 30)))
    form, pivots = swept({(i, j): matrix[i, j] for i, j in pairs(4)}, 3)
    inverse = np.linalg.inv(matrix[:3, :3])
    assert [-form[pair] for pair in pairs(3)] == pytest.approx([inverse[pair] for pair in pairs(3)])
    assert [form[i, 3] for i in range(3)] == pytest.approx(inverse @ matrix[:3, 3])
    assert form[3, 3] * math.prod(pivots) == pytest.approx(np.linalg.det(matrix))


# -- refusals


def test_bad_series_are_named_and_the_rest_is_done() -> None:
    y, x = panel((1, 0, 0), series=8, length=20, regressors=2)
    good = arimax_batch.integrate(y, x, order=(1, 0, 0))
    y, x = y.copy(), x.copy()
    y[1, 4], y[2], x[3, 0, 1], x[4, :, 0] = np.nan, 5.0, np.inf, 2.0
    x[5, :, 1] = 3 * x[5, :, 0] - 1
    y[6] = 2 * x[6, :, 0] + 1
    found = arimax_batch.integrate(y, x, order=(1, 0, 0))
    reasons = ["y: holds values", "y: is constant", "x: holds values", "x: a regressor is constant", "collinear", "exact linear"]
    for row, words in enumerate(reasons, start=1):
        assert words in found.refused[row]
    assert set(found.refused) == set(range(1, 7)) and np.isnan(found.mean[1:7]).all()
    assert found.mean[[0, 7]] == pytest.approx(good.mean[[0, 7]], rel=1e-9) and found.unsettled == []


Y, X = panel((1, 0, 0), series=2, length=12)
REFUSED = {
    "one series": (dict(y=Y[0]), "y: found an array of shape .12,.; right is .series, periods."),
    "no series": (dict(y=Y[:0]), "y: found an array of shape .0, 12."),
    "x of another length": (dict(y=Y, x=X[:, :-1]), "x: found an array of shape .2, 11, 1.; right is .2, 12, 'regressors'."),
    "x of other series": (dict(y=Y, x=X[:1]), "x: found an array of shape .1, 12, 1."),
    "x without regressors' axis": (dict(y=Y, x=X[0, :, 0]), "x: found an array of shape .12,."),
    "large order": (dict(y=Y, order=(2, 0, 1)), "order: found .*; right is .*p . q and d up to 2"),
    "negative order": (dict(y=Y, order=(-1, 0, 0)), "order: found"),
    "short": (dict(y=Y[:, :5], order=(2, 1, 0)), "y: found 4 values after 1 differences; .* needs 5"),
    "Student t": (dict(y=Y, x=X, priors=Priors(effect_df=4)), "effect_df: found a Student t, 4"),
    "known sigma": (dict(y=Y, priors=Priors(sigma=0.5)), "sigma: found a known 0.5"),
    "priors of another number": (dict(y=Y, x=X, priors=Priors(effect_sd=(1.0, 2.0))), "effect_sd: found 2 numbers"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_input_is_refused_before_compiling(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments, message = REFUSED[name]
    monkeypatch.setattr(arimax_batch, "integrals", None)
    monkeypatch.setattr(arimax_batch, "nodes", None)
    with pytest.raises(ValueError, match=message):
        arimax_batch.integrate(**{"order": (1, 0, 0)} | arguments)


def test_the_absence_of_jax_is_named() -> None:
    script = "import sys; sys.modules['jax'] = None; from digital_economy import arimax_batch"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 1 and "ImportError: many series at once: found no JAX; right is `pip install" in done.stderr
