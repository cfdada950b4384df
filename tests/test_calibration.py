"""Ranks of true values are uniform under the right posterior, and under a wrong one they are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from digital_economy import arimax, calibration, data
from digital_economy.arimax_sample import Sample

BY = ["quantity"]


def tally(values: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"quantity": "made up", "bin": range(calibration.BINS), "count": values})


def test_uniform_ranks_hold_what_their_intervals_claim() -> None:
    found = calibration.summary(tally(np.full(calibration.BINS, 25)), BY).iloc[0]
    assert found[["data_sets", "chi_square", "p", "departure"]].tolist() == pytest.approx([1000, 0, 1, 0], abs=1e-12)
    assert found[["coverage_50", "coverage_80", "coverage_95"]].tolist() == [50, 80, 95]
    assert not found["outside"]


def test_ranks_at_one_end_leave_the_band() -> None:
    values = np.zeros(calibration.BINS, int)
    values[0] = 1000
    found = calibration.summary(tally(values), BY).iloc[0]
    assert found["outside"] and found["departure"] == pytest.approx(1 - 1 / calibration.BINS)
    assert found["coverage_95"] == 0


@pytest.mark.parametrize("data_sets", [50, 1000])
def test_the_band_holds_uniform_ranks_as_often_as_it_says(data_sets: int) -> None:
    rng, (low, high), outside = np.random.default_rng(1), calibration.band(data_sets), 0
    for _ in range(1000):
        ranks = pd.DataFrame({"made up": rng.integers(0, calibration.DRAWS + 1, data_sets)})
        gap = calibration.difference(calibration.counts(ranks)["count"].to_numpy())
        outside += bool(((gap < low - 1e-12) | (gap > high + 1e-12)).any())
    assert 0.03 < outside / 1000 < 0.08


def test_each_rank_falls_in_its_bin() -> None:
    ranks = pd.DataFrame({"made up": [0, 4, 5, 199]})
    found = calibration.counts(ranks).set_index("bin")["count"]
    assert found[found > 0].to_dict() == {0: 2, 1: 1, 39: 1}


def test_log_likelihoods_of_many_draws_are_those_of_each() -> None:
    rng = np.random.default_rng(3)
    y, x = pd.Series(rng.standard_normal(30)), pd.Series(rng.standard_normal(30), name="x")
    fitted = arimax.fit(y, x, order=(1, 0, 1), standardise=False, draws=5, chains=1, seed=1, method="exact")
    params = fitted.sample.original(fitted.draws)
    one_by_one = [fitted.log_likelihood({name: values[row] for name, values in params.items()}) for row in range(5)]
    assert fitted.sample.log_likelihood(fitted.draws) == pytest.approx(one_by_one, abs=1e-9)


@pytest.mark.parametrize("name", calibration.MODELS)
def test_regressors_stand_as_the_priors_expect_them(name: str) -> None:
    model = calibration.MODELS[name]
    if model.changes:
        changes = np.diff(model.regressor(24).iloc[: 24 + model.order[1]], model.order[1])
        assert [changes.mean(), changes.std(ddof=1)] == pytest.approx([0, 1], abs=1e-9)


def test_a_batch_depends_on_its_number_alone() -> None:
    first, again, other = (calibration.ranks("M2", length=12, batch=batch, data_sets=5) for batch in (0, 0, 1))
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)


def test_a_reduced_calibration_finds_no_fault() -> None:
    tables = [calibration.counts(calibration.ranks(name, length=12)).assign(model=name) for name in calibration.MODELS]
    found = calibration.summary(pd.concat(tables), ["model", "quantity"])
    assert len(found) == 34
    assert calibration.holm(found["p"]).min() > 0.01
    assert found["coverage_80"].between(60, 96).all()


@pytest.mark.parametrize(
    ("posterior", "caught"),
    [("wrong sign", ["effect", "log-likelihood"]), ("no Jacobian", ["ar", "ma"])],
)
def test_a_wrong_posterior_is_caught(posterior: str, caught: list[str]) -> None:
    wrong = calibration.ranks("ARMA(1,1)+x", length=12, data_sets=200, posterior=posterior)
    found = calibration.summary(calibration.counts(wrong), BY).set_index("quantity")
    assert (found.loc[caught, "p"] < 1e-6).all()
    assert found.loc[caught, "outside"].all()


def test_a_mistake_that_leaves_the_sample_alone_is_made_in_the_posterior_only() -> None:
    model = calibration.MODELS["ARMA(1,1)+x"]
    x = model.regressor(12).iloc[:12]
    y = pd.Series(np.random.default_rng(0).standard_normal(12))
    right, wrong = (calibration.POSTERIORS[name](y, x, model, seed=1) for name in ("exact", "wrong sign"))
    assert isinstance(wrong.sample, Sample) and wrong.sample.x.equals(right.sample.x)
    assert wrong.moments().at["effect[x]", "mean"] == pytest.approx(-right.moments().at["effect[x]", "mean"], abs=1e-9)


# -- the stored table ------------------------------------------------------------------------------------


def test_stored_counts_are_whole() -> None:
    totals = data.load("calibration").groupby([*calibration.KEYS, "quantity"])["count"].sum()
    studies = {(study.model, study.posterior, study.length): study.data_sets for study in calibration.STUDIES}
    assert {key[:3] for key in totals.index} == set(studies)
    assert all(total == studies[key[:3]] for key, total in totals.items())


def test_stored_counts_hold_the_batches_that_are_run_again() -> None:
    stored = data.load("calibration").set_index([*calibration.KEYS, "quantity", "bin"])["count"]
    for length in calibration.LENGTHS:
        again = calibration.counts(calibration.ranks("M2", length=length)).set_index(["quantity", "bin"])["count"]
        assert (again <= stored.loc["M2", "exact", length].reindex(again.index)).all()


def test_the_right_posterior_passes_and_the_mistakes_do_not() -> None:
    found = calibration.summary(data.load("calibration"), [*calibration.KEYS, "quantity"])
    right, wrong = found["posterior"].isin(["exact", "NUTS"]), found["posterior"].isin(["wrong sign", "no Jacobian"])
    assert calibration.holm(found[right]["p"]).min() > 0.01
    assert found[wrong].groupby("posterior")["p"].min().max() < 1e-6
