"""Many series: each by itself as alone, all together as their joint density says, and what is refused is named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import block_diag
from scipy.stats import multivariate_normal
from statsmodels.tsa.arima_process import ArmaProcess

from digital_economy import arimax, arma, panel_density
from digital_economy.arimax_panel import fit_many, sample, series
from digital_economy.arimax_priors import Pooling, Priors
from digital_economy.arimax_sample import Sample

MEAN, SPREAD = 0.4, 0.25
QUIET = {"seed": 1, "workers": 1, "progress": False}


def simulated(count: int, length: int, *, seed: int, shock: float = 0.0, shared_x: bool = False, sigma: float = 0.7) -> tuple[pd.DataFrame, np.ndarray]:
    """Return a panel of levels whose changes follow a regressor with effects around MEAN, and the effects."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((1 if shared_x else count, length)) * np.ones((count, 1))
    effects = MEAN + SPREAD * rng.standard_normal(count)
    changes = effects[:, None] * x + shock * rng.standard_normal(length) + sigma * rng.standard_normal((count, length))
    frames = [
        pd.DataFrame({"key": f"series {row}", "year": range(2000, 2001 + length), "y": np.r_[0, y.cumsum()], "x": np.r_[0, z.cumsum()]})
        for row, (y, z) in enumerate(zip(changes, x))
    ]
    return pd.concat(frames, ignore_index=True), effects


# -- breaks and segments -----------------------------------------------------------------------------


@pytest.mark.parametrize("order", [(1, 1, 0), (0, 1, 1), (1, 2, 1)])
def test_the_size_of_a_break_is_of_no_account(order: tuple[int, int, int]) -> None:
    panel, _ = simulated(1, 30, seed=1)
    y, x = (panel.set_index("year")[name] for name in "yx")
    one, other = (arimax.fit(y + jump * (y.index >= 2012), x, order=order, seed=1, method="exact", breaks=[2012]) for jump in (0, 1000))
    assert one.log_evidence == pytest.approx(other.log_evidence, abs=1e-6)
    pd.testing.assert_frame_equal(one.moments(), other.moments(), rtol=1e-6)


def test_a_break_takes_one_change_out() -> None:
    """In a random walk with drift the changes on either side are independent: the evidence is that of the others alone."""
    panel, _ = simulated(1, 20, seed=2)
    y = panel.set_index("year")["y"]
    fixed = {"order": (0, 1, 0), "seed": 1, "method": "exact", "standardise": False}
    without = y.diff().drop([2000, 2010])
    shorter = pd.Series(np.r_[0, without.cumsum()], index=range(2000, 2020))
    assert arimax.fit(y, breaks=[2010], **fixed).log_evidence == pytest.approx(arimax.fit(shorter, **fixed).log_evidence, abs=1e-9)


@pytest.mark.parametrize(("breaks", "order", "message"), [
    ([2000], (0, 1, 0), "breaks: found \\[2000\\]"),
    ([2030], (0, 1, 0), "breaks: found \\[2030\\]"),
    ([2005, 2005], (0, 1, 0), "each once"),
    ([2005], (1, 0, 0), "right is d of at least 1"),
])  # fmt: skip
def test_breaks_that_cannot_be(breaks: list[int], order: tuple[int, int, int], message: str) -> None:
    y = simulated(1, 20, seed=2)[0].set_index("year")["y"]
    with pytest.raises(ValueError, match=message):
        arimax.fit(y, order=order, seed=1, method="exact", breaks=breaks)


def test_segments_are_joined_where_they_share_a_year_and_broken_where_they_do_not() -> None:
    rows = pd.DataFrame([
        ("old", 2001, 10.0), ("old", 2002, 11.0), ("new", 2002, 50.0), ("new", 2003, 53.0), ("last", 2004, 7.0), ("last", 2005, 8.0),
    ], columns=["segment", "year", "y"])  # fmt: skip
    y, x, breaks = series(rows, [])
    assert y.diff().dropna().to_dict() == {2002: 1, 2003: 3, 2004: 7 - 14, 2005: 1} and breaks == [2004] and x is None


# -- each by itself ----------------------------------------------------------------------------------


def test_unpooled_is_each_series_alone() -> None:
    panel, _ = simulated(3, 25, seed=3)
    found = fit_many(panel, **QUIET)
    for key, rows in panel.groupby("key"):
        alone = arimax.fit(rows.set_index("year")["y"], rows.set_index("year")[["x"]], draws=4000, chains=1, seed=1, method="exact")
        effect = found.unpooled.loc[(key, "x")]
        assert [*effect[["mean", "sd"]] * effect["scale"]] == pytest.approx([*alone.moments().loc["effect[x]"]], rel=1e-12)
        assert found.log_evidence[key] == alone.log_evidence
        assert effect["low"] < effect["mean"] < effect["high"]
    with pytest.raises(ValueError, match="pooled: found no hierarchy"):
        found.pooled()


def test_what_is_refused_is_named_and_the_rest_is_fitted() -> None:
    panel, _ = simulated(5, 20, seed=4)
    panel["segment"] = "one"
    number = panel["key"].str[-1].astype(int)
    spoiled = pd.concat([panel[(number != 0) | (panel["year"] < 2003)], panel[(number == 1) & (panel["year"] == 2004)]])
    spoiled.loc[(number == 2) & (panel["year"] > 2010), "segment"] = "two"
    overlap = panel[(number == 2) & panel["year"].between(2008, 2010)].assign(segment="two")
    spoiled = pd.concat([spoiled, overlap, panel[(number == 3) & (panel["year"] == 2020)].assign(segment="two", x=99.0)])
    found = fit_many(spoiled, **QUIET)
    assert list(found.log_evidence.index) == ["series 4"]
    reasons = {key[-1]: reason for key, reason in found.refused.items()}
    assert reasons["0"].startswith("y: found 2 observed values") and reasons["1"] == "year: found 2004 twice; right is once in a segment"
    assert reasons["2"].startswith("segment: found one that begins in 2008") and reasons["3"] == "x: found two values in a year; right is one"


@pytest.mark.parametrize(("spoil", "message"), [
    (lambda panel: panel.drop(columns="y"), "panel: found no column \\['y'\\]"),
    (lambda panel: panel.mask(panel["key"] == "series 1"), "a row without key or year"),
    (lambda panel: panel[panel["key"] == "series 1"], "found 1 series; right for a hierarchy is at least 2"),
])  # fmt: skip
def test_a_panel_that_cannot_be(spoil, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fit_many(spoil(simulated(2, 20, seed=4)[0]), pooling=Pooling(), **QUIET)


def test_a_hierarchy_needs_proper_priors() -> None:
    for priors in (Priors.flat(), Priors(effect_df=4), Priors(sigma=1.0)):
        with pytest.raises(ValueError, match="priors: found"):
            fit_many(simulated(2, 20, seed=4)[0], priors=priors, pooling=Pooling(), **QUIET)
    with pytest.raises(ValueError, match="regressors: found none"):
        fit_many(simulated(2, 20, seed=4)[0], regressors=[], pooling=Pooling(), **QUIET)
    with pytest.raises(ValueError, match="spread: found -1"):
        Pooling(spread=-1)


# -- the joint density -------------------------------------------------------------------------------


@pytest.mark.parametrize("transfer", [False, True])
def test_the_density_is_that_of_one_large_normal_vector(transfer: bool) -> None:
    """Series of two lengths, one with breaks, an ARMA(1,1) each, shared shocks: against the whole covariance matrix."""
    panel, _ = simulated(5, 12, seed=5)
    form = "transfer" if transfer else "regression"
    samples = [
        sample(rows[rows["year"] < (2009 if key == "series 1" else 2099)], regressors=["x"], order=(1, 1, 1), form=form)
        for key, rows in panel.groupby("key")
    ]
    rows = panel[panel["key"] == "series 3"].set_index("year")
    samples[3] = Sample.of(rows["y"], rows[["x"]], order=(1, 1, 1), form=form, constant=True, standardise=True, breaks=[2004, 2008])
    rng = np.random.default_rng(5)
    ar, ma = rng.uniform(-0.8, 0.8, (2, 5, 1))
    sigma, spread, shock, priors = rng.uniform(0.5, 1.2, 5), 0.37, 0.41, Priors(effect_mean=0.1)
    given = {"partial_ar": ar, "partial_ma": ma, "sigma": sigma, "spread": np.array([spread]), "shock": shock}
    noise, effects, years, kept = [], [], [], []
    for row, one in enumerate(samples):
        length = len(one.series)
        lags = np.abs(np.subtract.outer(range(length), range(length)))
        process = ArmaProcess([1, -ar[row, 0]], [1, arma.moving_average([ma[row, 0]])[0]])
        noise.append(sigma[row] ** 2 * process.acovf(length)[lags] + priors.constant_sd**2)
        effects.append(arma.divide(one.design[1], [1.0, -ar[row, 0]]) if transfer else one.design[1])
        years.append(np.equal.outer(list(one.y.index[1:]), list(range(2001, 2013))))
        kept.append(~one.missing.any(axis=0))
    x, u, kept = np.concatenate(effects), np.concatenate(years).astype(float), np.concatenate(kept)
    own = block_diag(*(np.outer(part, part) for part in effects))
    covariance = block_diag(*noise) + spread**2 * own + priors.effect_sd**2 * np.outer(x, x) + shock**2 * u @ u.T
    y = np.concatenate([one.series for one in samples])
    expected = multivariate_normal.logpdf(y[kept], 0.1 * x[kept], covariance[np.ix_(kept, kept)])
    groups = panel_density.groups(samples)
    assert len(groups) == 3
    assert panel_density.log_marginal(groups, priors, given) == pytest.approx(expected, abs=1e-9)
    weights = priors.effect_sd**2 * x[kept] @ np.linalg.inv(covariance[np.ix_(kept, kept)])
    mean, sd = panel_density.mean_effects(groups, priors, given)
    assert mean[0] == pytest.approx(0.1 + weights @ (y[kept] - 0.1 * x[kept]), abs=1e-9)
    assert sd[0] ** 2 == pytest.approx(priors.effect_sd**2 * (1 - weights @ x[kept]), abs=1e-9)


# -- the hierarchy -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pooled():
    """Return the fit of a simulated panel and its true effects, on the scale of each series."""
    panel, effects = simulated(12, 30, seed=6)
    found = fit_many(panel, order=(0, 1, 0), pooling=Pooling(shock_scale=0), draws=600, chains=2, **QUIET)
    return found, effects / found.unpooled["scale"].to_numpy()


def test_the_hierarchy_finds_mean_and_spread(pooled) -> None:
    found, truth = pooled
    table = found.hierarchy.diagnostics
    for name, value in (("mean[x]", truth.mean()), ("spread[x]", truth.std(ddof=1))):
        assert table.at[name, "low"] < value < table.at[name, "high"]
    assert abs(table.at["mean[x]", "mean"] - truth.mean()) < 2.5 * table.at["mean[x]", "sd"]
    inside = (found.pooled()["low"] < truth) & (truth < found.pooled()["high"])
    assert inside.sum() >= 10


def test_pooled_effects_lie_between_the_own_and_the_mean(pooled) -> None:
    found, _ = pooled
    mean = found.hierarchy.diagnostics.at["mean[x]", "mean"]
    own, drawn_in = found.unpooled["mean"] - mean, found.pooled()["mean"] - mean
    far = own.abs() > 0.1
    assert far.sum() >= 4 and ((drawn_in / own)[far].between(0, 1)).all()
    assert found.pooled()["sd"].mean() < 0.95 * found.unpooled["sd"].mean()


def test_without_pooling_the_hierarchy_is_each_series_alone() -> None:
    """With a large spread that is known, around a mean that is nearly so: two samplers of one posterior."""
    panel, _ = simulated(3, 25, seed=7)
    apart = Pooling(spread=3.0, shock_scale=0, memory_scale=np.inf)
    one = fit_many(panel, priors=Priors(effect_sd=1e-4), pooling=apart, draws=600, chains=2, **QUIET)
    alone = fit_many(panel, priors=Priors(effect_sd=3.0), **QUIET).unpooled
    labels = [f"effect[{key}, x]" for key, _ in alone.index]
    errors = one.hierarchy.diagnostics.loc[labels, "mcse_mean"].to_numpy()
    assert (np.abs(one.pooled()["mean"] - alone["mean"]) < 4 * errors).all()
    assert one.pooled()["sd"].to_numpy() == pytest.approx(alone["sd"].to_numpy(), rel=0.1)


def test_shocks_of_the_year_keep_a_common_regressor_from_being_counted_many_times() -> None:
    """With x and the shocks common to all, the mean is no better known than from one series; without shocks it seems so."""
    panel, _ = simulated(20, 15, seed=8, shock=0.8, shared_x=True)
    samples = [sample(rows, regressors=["x"], order=(0, 1, 0)) for _, rows in panel.groupby("key")]
    groups = panel_density.groups(samples)
    given = {"partial_ar": np.zeros((20, 0)), "partial_ma": np.zeros((20, 0)), "sigma": np.full(20, 0.5), "spread": np.array([0.2])}
    (with_shocks,), (without,) = (panel_density.mean_effects(groups, Priors(effect_sd=5.0), {**given, "shock": shock})[1] for shock in (0.6, 0.0))
    assert with_shocks > 0.6 / np.sqrt(14) * 0.9 and without < 0.5 * with_shocks


def test_a_hierarchy_that_did_not_converge_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digital_economy.arimax_hierarchy.TUNE", 100)
    with pytest.raises(RuntimeError, match="NUTS did not converge: .*(ess|R-hat|divergences)"):
        fit_many(simulated(2, 20, seed=9)[0], order=(0, 1, 0), pooling=Pooling(spread=0.3, shock_scale=0), draws=30, chains=2, **QUIET)
