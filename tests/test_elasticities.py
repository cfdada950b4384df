"""Elasticities of the cost components: adding-up, the link to the profit ratio, ranks and the break."""

from __future__ import annotations

import numpy as np
import pytest

from digital_economy import elasticities, inputoutput, report
from digital_economy.elasticities import COMPONENTS, PARTS


@pytest.mark.parametrize("carried", [False, True])
def test_slopes_of_all_parts_of_revenue_add_up_to_zero(carried: bool) -> None:
    yearly = elasticities.yearly(carried=carried)["coefficient"]
    assert yearly.groupby("year").sum().abs().max() < 1e-10
    assert abs(elasticities.averages()["coefficient"].sum()) < 1e-10


def test_years_of_the_two_runs() -> None:
    assert list(elasticities.yearly().index.unique("year")) == list(inputoutput.YEARS)
    assert list(elasticities.yearly(carried=True).index.unique("year")) == list(range(2012, 2023))


def test_a_table_is_carried_forward_and_never_interpolated() -> None:
    assert [elasticities.table_before(year) for year in range(2012, 2023)] == [
        *[2012] * 3, *[2015] * 2, 2017, *[2018] * 2, *[2020] * 3,
    ]  # fmt: skip
    carried, known = elasticities.sample(carried=True)["digital_input"], elasticities.sample()["digital_input"]
    assert carried.loc[known.index].equals(known)
    assert (carried.xs(2022, level="year") == carried.xs(2020, level="year")).all()


def test_elasticity_is_the_slope_over_the_mean_share() -> None:
    rows = elasticities.averages().loc[list(COMPONENTS)]
    np.testing.assert_allclose(rows["elasticity"], rows["coefficient"] / rows["share"])
    assert elasticities.response("production").value == -elasticities.average("production").value
    assert elasticities.averages()["share"].sum() == pytest.approx(100)


def test_parts_imply_the_slope_of_the_profit_ratio() -> None:
    effect = elasticities.profit_effect()
    assert effect["implied"] == pytest.approx(effect["direct"], abs=0.1)
    whole = elasticities.averages()["coefficient"]
    assert whole["profit"] == pytest.approx(-whole.drop("profit").sum(), abs=1e-10)


def test_report_means_are_an_average_of_its_two_periods() -> None:
    before, after = (report.claim(f"c3s2-production-cost-response-{name}").value for name in ("to-2020", "from-2021"))
    assert -elasticities.published("production") == pytest.approx((8 * before + 3 * after) / 11, abs=0.005)


def test_ranks_are_a_permutation_in_every_draw() -> None:
    draws = elasticities.exact_draws()
    assert (np.sort(elasticities.ranks(draws), axis=1) == np.arange(1, 5)).all()
    probabilities = elasticities.rank_probabilities(draws)
    assert probabilities.sum().tolist() == pytest.approx([100] * 4) and probabilities.sum(axis=1).tolist() == pytest.approx([100] * 4)
    made_up = np.array([[[-3.0], [1.0], [-1.0], [2.0]]])
    assert elasticities.ranks(made_up).tolist() == [[1, 3, 2, 4]]


def test_posterior_agrees_with_least_squares_year_by_year() -> None:
    posterior = elasticities.summary(elasticities.exact_draws())["elasticity"]
    yearly = elasticities.yearly()["elasticity"].reindex(posterior.index)
    assert (posterior - yearly).abs().max() < 0.12  # the model borrows from other years and from inside the sectors


def test_break_tests() -> None:
    tests = elasticities.break_tests()
    assert tests["n"] == 11 and tests["f_unknown"] >= tests["f_2021"]
    assert 0 <= tests["p_2021"] <= 1 and 0 <= tests["p_unknown"] <= 1
    assert tests["size_unknown"] > tests["size_2021"] > 5


def test_parts_name_the_components_first() -> None:
    assert PARTS[:4] == COMPONENTS and elasticities.number_of_components() == 4


def test_rise_from_the_first_to_the_last_table() -> None:
    draws = np.zeros((4, 4, 5))
    draws[:, 1, -1] = [1, 1, 1, -1]
    assert elasticities.rise(draws, "management")[["mean", "probability"]].tolist() == [0.5, 75]
    assert elasticities.rise(elasticities.exact_draws(), "management")["probability"] > 97.5


def test_means_of_the_periods() -> None:
    means, yearly = elasticities.period_means(), elasticities.yearly(carried=True)["elasticity"]
    assert list(means.index) == list(COMPONENTS)
    assert means.at["sales", "2021 to 2022"] == pytest.approx((yearly["sales", 2021] + yearly["sales", 2022]) / 2)
