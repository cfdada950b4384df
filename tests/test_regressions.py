"""Least squares against published tables and second implementations, intervals and tests against simulated panels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from linearmodels.panel import PanelOLS
from scipy import stats
from wildboottest.wildboottest import wildboottest

from digital_economy import regressions

EFFECTS = [(False, False), (True, False), (False, True), (True, True)]  # entity, time


def grunfeld() -> pd.DataFrame:
    frame = sm.datasets.grunfeld.load_pandas().data
    return frame[frame["firm"] != "American Steel"].set_index(["firm", "year"])


def simulated(seed: int, *, slope: float = 0.0, entities: int = 26, times: int = 5) -> pd.DataFrame:
    """A panel with entity effects, persistent regressors and errors that move together inside an entity."""
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product([range(entities), range(times)], names=["entity", "time"])

    def persistent() -> np.ndarray:
        return np.repeat(rng.normal(size=entities), times) + 0.7 * rng.normal(size=entities * times)

    frame = pd.DataFrame({"x": persistent()}, index=index)
    return frame.assign(y=slope * frame["x"] + persistent() + np.tile(rng.normal(size=times), entities))


def test_grunfeld_pooled_and_within() -> None:  # R plm
    frame = grunfeld()
    pooled, within = (
        regressions.panel(frame["invest"], frame[["value", "capital"]], entity_effects=effects, time_effects=False)
        for effects in (False, True)
    )
    np.testing.assert_allclose(pooled["coefficient"], [0.115562, 0.230678], atol=5e-7)
    np.testing.assert_allclose(within["coefficient"], [0.110124, 0.310065], atol=5e-7)


def test_grunfeld_two_way() -> None:
    frame = grunfeld()[["invest", "value", "capital"]]
    left = frame.apply(regressions.within, entity_effects=True, time_effects=True)
    found = np.linalg.lstsq(left[["value", "capital"]], left["invest"], rcond=None)[0]
    np.testing.assert_allclose(found, [0.117716, 0.357916], atol=5e-7)


@pytest.mark.parametrize(("entity", "time"), EFFECTS)
def test_panel_against_linearmodels(entity: bool, time: bool) -> None:
    frame = simulated(1)
    ours = regressions.panel(frame["y"], frame[["x"]], entity_effects=entity, time_effects=time).iloc[0]
    X = frame[["x"]] if entity or time else sm.add_constant(frame[["x"]])
    theirs = PanelOLS(frame["y"], X, entity_effects=entity, time_effects=time).fit(
        cov_type="clustered", cluster_entity=True, group_debias=True
    )
    assert ours["coefficient"] == pytest.approx(theirs.params["x"])
    # With both effects linearmodels counts the entities as parameters too: its errors are larger by a known factor.
    n, t, k = 130, 5 if time else 1, 1
    counted = np.sqrt((n - k - t) / (n - k - t - 25)) if entity and time else 1
    assert ours["standard_error"] * counted == pytest.approx(theirs.std_errors["x"], rel=5e-3)


def test_longley() -> None:  # NIST StRD, certified
    data = sm.datasets.longley.load_pandas()
    fit = regressions.cross_section(data.endog, data.exog)
    assert fit.at["GNPDEFL", "coefficient"] == pytest.approx(15.0618722713733, rel=1e-6)
    assert fit.at["YEAR", "coefficient"] == pytest.approx(1829.15146461355, rel=1e-6)
    assert (fit["n"] == 16).all()


def test_cross_section_against_its_formula() -> None:
    frame = simulated(2).xs(0, level="time")
    X = np.column_stack([frame["x"], np.ones(26)])
    bread = np.linalg.inv(X.T @ X)
    left = frame["y"] - X @ bread @ X.T @ frame["y"]
    hats = np.einsum("ij,jk,ik->i", X, bread, X)
    error = np.sqrt((bread @ (X.T * (left / (1 - hats)).to_numpy() ** 2) @ X @ bread)[0, 0])
    fit = regressions.cross_section(frame["y"], frame[["x"]]).iloc[0]
    assert fit["standard_error"] == pytest.approx(error)
    assert fit["high"] - fit["coefficient"] == pytest.approx(stats.t.ppf(0.975, 24) * error)


def test_slopes_of_parts_add_up_to_that_of_their_sum() -> None:
    frame = simulated(3).assign(z=lambda f: 100 - f["y"])
    for entity, time in EFFECTS:
        slopes = [
            regressions.panel(frame[part], frame[["x"]], entity_effects=entity, time_effects=time)["coefficient"].item()
            for part in ("y", "z")
        ]
        assert sum(slopes) == pytest.approx(0, abs=1e-10)


@pytest.mark.parametrize(("entity", "time"), EFFECTS[1:])
def test_intervals_cover_a_known_slope(entity: bool, time: bool) -> None:
    """Between 92 and 98 per cent of 300 intervals: three binomial standard errors around 95."""
    covered = 0
    for seed in range(300):
        frame = simulated(seed, slope=2)
        fit = regressions.panel(frame["y"], frame[["x"]], entity_effects=entity, time_effects=time).iloc[0]
        covered += fit["low"] < 2 < fit["high"]
    assert 0.92 < covered / 300 < 0.98


def arrays(seed: int, **panel) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    frame = simulated(seed, **panel).apply(regressions.within, entity_effects=False, time_effects=True)
    return frame["y"].to_numpy(), frame[["x"]].to_numpy(), frame.index.get_level_values(0).to_numpy()


def test_wild_bootstrap_is_that_of_the_library() -> None:
    y, X, clusters = arrays(4)
    theirs = wildboottest(sm.OLS(y, pd.DataFrame(X, columns=["x"])), B=999, cluster=clusters, param="x", seed=7, show=False)
    assert regressions.wild_cluster_p(y, X, clusters, seed=7) == theirs["p-value"].item()


def test_wild_bootstrap_keeps_its_size_and_finds_an_effect() -> None:
    rejected = np.mean([regressions.wild_cluster_p(*arrays(seed), seed=seed, draws=199) < 0.05 for seed in range(300)])
    assert 0.02 < rejected < 0.09
    assert regressions.wild_cluster_p(*arrays(5, slope=1.5), seed=5) < 0.01


def test_wild_interval_holds_the_values_that_are_not_rejected() -> None:
    y, X, clusters = arrays(6, slope=1)
    low, high = regressions.wild_cluster_interval(y, X, clusters, seed=6)
    width = high - low

    def p(null: float) -> float:
        return regressions.wild_cluster_p(y, X, clusters, seed=6, null=null)

    assert p(low - 0.05 * width) < 0.05 < p(low + 0.05 * width)
    assert p(high + 0.05 * width) < 0.05 < p(high - 0.05 * width)


def test_no_slope_passes_the_bound() -> None:
    rng = np.random.default_rng(8)
    for _ in range(50):
        x, y = pd.Series(rng.normal(size=9)), pd.Series(rng.normal(size=9))
        assert abs(np.polyfit(x, y, 1)[0]) <= regressions.slope_bound(y, x)
    assert regressions.slope_bound(-3 * x, x) == pytest.approx(3)


def test_break_statistic_against_a_t_test() -> None:
    values = np.random.default_rng(9).normal(size=11)
    t = stats.ttest_ind(values[:8], values[8:]).statistic
    assert regressions.break_f(values, 8) == pytest.approx(t**2)


def test_unknown_break_is_found_and_has_its_size() -> None:
    steps = np.array([1.0, 1.1, 0.9, 1.0, 1.05, 0.95, 1.0, 3.0, 3.1, 2.9, 3.0])
    assert regressions.unknown_break(steps)[0] == 7
    rng = np.random.default_rng(10)
    critical = np.quantile(regressions.unknown_break_null(11, rng=rng), 0.95)
    sizes = {
        persistence: (regressions.largest_break_f(regressions.autoregressions(11, persistence=persistence, rng=rng)) > critical).mean()
        for persistence in (0, 0.5)
    }
    assert sizes[0] == pytest.approx(0.05, abs=0.01) and sizes[0.5] > 0.15


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: few_clusters(), "found 4 clusters for 6 parameters; right is more clusters"),
        (lambda: regressions.cross_section(pd.Series([1.0, 2.0]), pd.DataFrame({"x": [1.0, 3.0]})), "2 observations for 2 parameters"),
        (lambda: regressions.cross_section(pd.Series([1.0, np.nan]), pd.DataFrame({"x": [1.0, 3.0]})), "1 missing values"),
        (lambda: regressions.within(simulated(1)["y"].iloc[1:], entity_effects=True, time_effects=True), "found 1 gaps"),
        (lambda: regressions.break_f(np.arange(5.0), 5), "position 5 of 5"),
    ],
)
def test_refusals_name_finding_and_rule(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def few_clusters() -> pd.DataFrame:
    frame = simulated(1, entities=4)
    return regressions.panel(frame["y"], frame[["x"]], entity_effects=True, time_effects=True)
