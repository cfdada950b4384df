"""Ratios of costs and profits: sums by hand, published totals, what tier means imply, and refusals."""

from __future__ import annotations

import pandas as pd
import pytest

from digital_economy import costs, inputoutput, report
from digital_economy.costs import ratios, shares_of_revenue

BRANCHES = pd.DataFrame(
    [
        ("iron", "cost", 2020, 3.0),
        ("copper", "cost", 2020, 4.0),
        ("iron", "cost", 2021, 5.0),
        ("cloth", "cost", 2021, 6.0),
    ],
    columns=["branch", "series_id", "period", "value"],
)
CONCORDANCE = pd.Series({"iron": "metal", "copper": "metal", "cloth": "textiles"})
ONE = pd.DataFrame(
    [{"revenue": 200.0, "production": 150.0, "management": 10.0, "finance": 2.0, "sales": 8.0, "profit": 17.0}]
)


def test_branches_add_up_and_a_sum_that_lacks_one_is_missing() -> None:
    table = costs.by_sector(BRANCHES, CONCORDANCE)["cost"]
    assert table.to_dict() == {("metal", 2020): 7, ("textiles", 2021): 6}


def test_a_branch_missing_from_the_concordance_is_refused() -> None:
    with pytest.raises(ValueError, match=r"concordance: found no sector for the branches \['cloth'\]"):
        costs.by_sector(BRANCHES, CONCORDANCE.drop("cloth"))


def test_ratios_by_hand() -> None:
    assert ratios(ONE).iloc[0].to_dict() == pytest.approx({"cost_ratio": 75, "profit_ratio": 10})
    assert shares_of_revenue(ONE)["other"].item() == pytest.approx(6.5)


def test_sectors_have_every_year_and_parts_that_add_to_revenue() -> None:
    table = costs.accounts()
    assert table.groupby("year").size().to_dict() == dict.fromkeys(range(2012, 2023), 26)
    assert shares_of_revenue(table).sum(axis=1).to_numpy() == pytest.approx(100)
    assert (table["revenue"] > 0).all() and (table[["production", "management", "sales"]] > 0).all(axis=None)


@pytest.mark.parametrize(("year", "published"), [(2019, 84.08), (2020, 83.89), (2021, 83.74), (2022, 84.72)])
def test_all_sectors_together_give_the_published_cost_per_100_yuan(year: int, published: float) -> None:
    total = costs.accounts().xs(year, level="year").sum()
    assert 100 * total["production"] / total["revenue"] == pytest.approx(published, abs=0.006)


def test_revenue_changes_its_concept_in_one_year_only() -> None:
    early, late = costs.accounts(operating_from=2017), costs.accounts(operating_from=2019)
    differing = (early["revenue"] != late["revenue"]).groupby("year").any()
    assert list(differing.index[differing]) == [2017, 2018]
    assert costs.breaks()["mean"].abs().max() < 0.5


def test_a_vintage_is_never_chained_to_another() -> None:
    assert sorted(costs.accounts(vintage="yearbook").index.unique("year")) == list(range(2012, 2018))


def test_latest_ratios_reach_some_sectors_and_say_when() -> None:
    latest = costs.latest()
    assert latest["cost_ratio"].notna().sum() == 29 and latest["profit_ratio"].notna().sum() == 30
    assert set(latest["year"].dropna()) == {2021, 2022, 2023}
    assert latest["primary"].sum() == 5


def test_tier_means_by_hand() -> None:
    frame = pd.DataFrame(
        {
            "tier": ["high", "medium", "medium", "medium", "low"],
            "primary": [False, False, True, False, False],
            "cost_ratio": [70.0, 80.0, 50.0, None, 90.0],
            "revenue": [1.0, 3.0, 1.0, 1.0, 1.0],
        }
    )
    medium = costs.tier_means(frame, "cost_ratio").loc["medium"]
    assert medium.to_dict() == {"sectors": 3, "seen": 2, "mean": 65, "weighted": 72.5, "without_primary": 80}


def test_bounds_of_a_mean_with_unknown_members() -> None:
    estimate = costs.bounded_mean(pd.Series([10.0, 20.0, None, None]), 0, 50)
    assert (estimate.value, estimate.low, estimate.high) == (15, 7.5, 32.5)


def test_what_the_published_means_imply() -> None:
    assert costs.implied_excluded("medium", 1).value == pytest.approx(39.22)
    assert [round(costs.implied_excluded("low", k).value, 2) for k in (4, 5)] == [22.55, 18.97]
    oil = costs.oil_and_gas(2023)
    assert 40 < oil < 42
    weight = costs.implied_weight(oil)
    assert weight.low < weight.value < weight.high < 100 / 20 and weight.value > 5 * costs.revenue_share("S03", 2020)
    unseen = costs.implied_unseen("cost_ratio").loc["high"]
    whole = unseen["mean"] * unseen["seen"] + unseen["needed"] * unseen["unseen"]
    assert whole / 6 == pytest.approx(report.claim("c3s2-cost-ratio-high").value)


def test_ratios_of_the_input_output_table_cover_all_sectors() -> None:
    table = costs.input_output_ratios(2020)
    assert list(table.index) == list(inputoutput.sectors().index)
    assert table["intermediate"].between(0, 100).all()
