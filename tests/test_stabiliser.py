"""Statistics of dispersion against textbook answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from digital_economy import productivity, stabiliser

TEXTBOOK = pd.Series([2.0, 4, 4, 4, 5, 5, 7, 9])  # mean 5, population deviation 2
NUMACC1 = pd.Series([10000001.0, 10000003, 10000002])  # NIST StRD: sample deviation exactly 1


def test_coefficient_of_variation_of_the_textbook_example() -> None:
    assert stabiliser.coefficient_of_variation(TEXTBOOK, divisor="population") == pytest.approx(0.4)
    assert stabiliser.coefficient_of_variation(TEXTBOOK) == pytest.approx(2.13809 / 5, rel=1e-5)


def test_coefficient_of_variation_keeps_its_digits() -> None:
    assert stabiliser.coefficient_of_variation(NUMACC1) * NUMACC1.mean() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("values", [[1.0], [-1.0, 1.0]])
def test_coefficient_of_variation_refuses_what_has_none(values: list[float]) -> None:
    with pytest.raises(ValueError, match="mean"):
        stabiliser.coefficient_of_variation(pd.Series(values))


@pytest.mark.parametrize(("cv", "printed"), [(0.11, (0.08, 0.19)), (0.36, (0.25, 0.68))])
def test_cv_interval_at_twelve_years(cv: float, printed: tuple[float, float]) -> None:
    assert tuple(round(end, 2) for end in stabiliser.cv_interval(cv, 12)) == printed


def test_cv_interval_covers_as_often_as_it_says() -> None:
    """Over 4,000 normal samples of 12 with a coefficient of 0.3 the 95% interval covers within 4 standard errors."""
    samples = np.random.default_rng(2025).normal(1, 0.3, size=(4000, 12))
    cvs = samples.std(axis=1, ddof=1) / samples.mean(axis=1)
    covered = np.mean([low <= 0.3 <= high for low, high in (stabiliser.cv_interval(cv, 12) for cv in cvs)])
    assert abs(covered - 0.95) < 4 * stats.binom.std(4000, 0.95) / 4000


@pytest.mark.parametrize("arguments", [{"cv": 0, "n": 12}, {"cv": 0.1, "n": 1}, {"cv": 0.1, "n": 12, "level": 1}])
def test_cv_interval_refuses_nonsense(arguments: dict) -> None:
    with pytest.raises(ValueError, match="right is cv > 0"):
        stabiliser.cv_interval(**arguments)


@given(st.lists(st.tuples(*[st.floats(-10, 10)] * 3), min_size=3, max_size=20))
def test_variance_contributions_sum_to_one(rows: list[tuple]) -> None:
    parts = pd.DataFrame(rows)
    if parts.sum(axis=1).std() > 1e-3:
        assert stabiliser.variance_contributions(parts).sum() == pytest.approx(1)


def test_a_constant_share_makes_that_share_of_the_variance() -> None:
    split = stabiliser.constant_share(20)
    assert stabiliser.variance_contributions(split)["digital"] == pytest.approx(0.2)
    assert (split["digital"] / split.sum(axis=1)).std() == pytest.approx(0, abs=1e-12)


def test_tables_of_definitions_are_complete() -> None:
    frame = stabiliser.gdp_growth_dispersion()
    assert not frame.duplicated(["vintage", "rate", "divisor", "mean_rate"]).any()
    assert set(frame.query("complete")["vintage"]) == {"census5", "census5_preliminary"}
    assert len(frame.query("complete")) == 2 * 2 * 2 * 2


def test_steadiness_is_what_pandas_gives() -> None:
    parts = pd.DataFrame(np.random.default_rng(1).normal(1, 1, size=(11, 3)), columns=list("abc"))
    total = parts.sum(axis=1)
    found = dict(zip(stabiliser.STATISTICS, stabiliser.steadiness(parts.to_numpy())))
    assert found["contribution"] == pytest.approx(stabiliser.variance_contributions(parts)["a"])
    assert found["correlation"] == pytest.approx(parts["a"].corr(total))
    assert (found["sd"], found["sd_with"]) == pytest.approx((parts["a"].std(), total.std()))
    assert found["sd_without"] == pytest.approx((parts["b"] + parts["c"]).std())
    assert found["cv"] == pytest.approx(stabiliser.coefficient_of_variation(parts["a"]))


def test_blocks_keep_neighbours_together_and_years_whole() -> None:
    years = np.arange(11, dtype=float)[:, np.newaxis] * [1, 10]
    resamples = stabiliser.block_bootstrap(years, np.random.default_rng(2), block=3, draws=500)
    assert resamples.shape == (500, 11, 2) and (resamples[..., 1] == 10 * resamples[..., 0]).all()
    steps = np.diff(resamples[..., 0], axis=1) % 11
    assert (steps[:, [0, 1, 3, 4, 6, 7, 9]] == 1).all()
    assert np.abs(np.bincount(resamples[..., 0].astype(int).ravel()) / 500 - 1).max() < 0.15
    with pytest.raises(ValueError, match="found a block of 12 in 11 years; right is 1 to 11"):
        stabiliser.block_bootstrap(years, np.random.default_rng(2), block=12)


def test_bootstrap_covers_a_known_correlation() -> None:
    """Over 200 series of 40 independent years the 95% interval, known to be short, covers a correlation of 0.6 in 85%."""
    random = np.random.default_rng(3)
    covered = 0
    for _ in range(200):
        part, rest = random.normal(size=(2, 40))
        resamples = stabiliser.block_bootstrap(np.stack([0.75 * part, rest], axis=1), random, draws=300)
        low, high = np.quantile(stabiliser.steadiness(resamples)[:, 4], [0.025, 0.975])
        covered += low <= 0.6 <= high
    assert covered / 200 > 0.85


def test_pitman_morgan_against_a_simulated_level() -> None:
    random = np.random.default_rng(4)
    shared = random.normal(size=(1500, 12))
    pairs = shared + 0.5 * random.normal(size=(2, 1500, 12))
    rejected = np.mean([stabiliser.pitman_morgan(pd.Series(a), pd.Series(b)) < 0.05 for a, b in zip(*pairs)])
    assert abs(rejected - 0.05) < 4 * np.sqrt(0.05 * 0.95 / 1500)
    assert stabiliser.pitman_morgan(pd.Series(shared[0]), 5 * pd.Series(shared[1])) < 0.01


def test_parts_of_chinas_growth_sum_to_it_and_their_shares_to_one() -> None:
    parts = stabiliser.parts_of_growth()
    assert list(parts.index) == list(range(2013, 2024))
    np.testing.assert_allclose(parts.sum(axis=1), productivity.growth_accounts()["growth"].loc[2013:2023], rtol=0, atol=1e-12)
    for without in (False, True):
        frame = stabiliser.growth_statistics(seed=1, without_shock=without)
        shares = frame[frame["statistic"] == "contribution"]
        assert shares["value"].sum() == pytest.approx(1, abs=1e-12) and (shares["low"] < shares["high"]).all()
        pd.testing.assert_frame_equal(frame, stabiliser.growth_statistics(seed=1, without_shock=without))
