"""The proxy: its ratios against published ones, its segments, and the changes that keep to one basis."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from digital_economy import data, real_economy

RELEASE = {"vintage": "release", "measure": "change"}


def test_profit_ratio_prints_as_the_yearbook_prints_it() -> None:
    """The yearbook's own ratio, to the printed digits, as long as its definition is the one of the report."""
    published = data.series("industry_enterprises", "cost_expense_profit_ratio", vintage="yearbook", measure="level")
    ours = real_economy.segments()["profit_ratio"].unstack("segment")
    pd.testing.assert_series_equal(
        ours["state_and_5m"].combine_first(ours["above_5m"]).loc[2005:2010].round(2), published.loc[2005:2010], check_names=False
    )


def test_ratios_of_amounts_print_as_the_figures_per_100_yuan() -> None:
    levels = real_economy.segments().loc["release_operating"]
    for column, name in real_economy.PER_100.items():
        printed = data.series("industry_enterprises", name, vintage="release", measure="level").loc[2020:2022]
        assert np.allclose(levels[column].loc[printed.index], printed, atol=0.0051)


@pytest.mark.parametrize(("column", "name"), [("points", "cost_per_100"), ("margin", "profit_margin")])
def test_changes_on_one_sample_are_the_published_changes(column: str, name: str) -> None:
    printed = data.series("industry_enterprises", name, **RELEASE).loc[2020:2022]
    changes = real_economy.changes()
    changes["points"] = -changes["other"] - changes["margin"]
    assert np.allclose(changes.loc[printed.index, column], printed, atol=0.0101)  # NBS subtracts rounded ratios


def test_changes_of_cost_margin_and_the_rest_add_to_zero() -> None:
    changes, levels = real_economy.changes(), real_economy.segments()["cost_ratio"]
    for segment, years in (("above_5m", range(2008, 2011)), ("release_main", range(2011, 2019))):
        now = levels.loc[segment].reindex(years)
        points = now * (1 - np.exp(-changes["cost"].reindex(years) / 100))
        assert np.allclose(points + changes["margin"].reindex(years) + changes["other"].reindex(years), 0, atol=1e-9)


def test_the_break_from_main_business_to_operating_items_hardly_touches_the_change() -> None:
    """2018 was released under both concepts, each with 2017 on the same enterprises."""

    def step(concept: str) -> float:
        ratio = {
            measure: data.series("industry_enterprises", f"{concept}_cost", vintage="release", measure=measure)[2018]
            / data.series("industry_enterprises", f"{concept}_revenue", vintage="release", measure=measure)[2018]
            for measure in ("level", "prior_year")
        }
        return 100 * np.log(ratio["level"] / ratio["prior_year"])

    assert step("main_business") == pytest.approx(real_economy.changes().at[2018, "cost"])
    assert abs(step("main_business") - step("operating")) < 0.005
    levels = real_economy.segments()["cost_ratio"]
    assert abs(levels["release_main", 2018] - levels["release_operating", 2018]) > 0.08  # a level must not be chained


def test_years_across_a_change_of_threshold_have_no_change() -> None:
    years = real_economy.changes().index
    assert 2007 not in years and list(years) == sorted(set(range(2004, 2026)) - {2007})
    assert real_economy.changes().at[2011, "basis"] == "sample"  # published on the new threshold for both years


def test_change_of_2024_follows_from_gross_profit_and_revenue() -> None:
    """By hand: 100 yuan of revenue with 15.24 of gross profit grow by 2.1 and -0.3 per cent."""
    cost = 100 - 15.24 * 0.997 / 1.021
    row = real_economy.changes().loc[2024]
    assert row["cost"] == pytest.approx(100 * np.log(cost / 84.76))
    assert row["margin"] == pytest.approx(5.76 * 0.967 / 1.021 - 5.76, abs=1e-9)
    assert 0.01 < row["rounding"] < 0.02


def test_index_is_zero_in_the_reports_last_year_and_cumulates_the_changes() -> None:
    level = real_economy.index("cost")
    assert level[2023] == 0 and list(level.index) == list(range(2007, 2026))
    assert np.allclose(level.diff().dropna(), real_economy.changes()["cost"].loc[2008:])
    assert list(real_economy.index("cost", since=2011).index) == list(range(2010, 2026))


def test_index_refuses_a_stretch_that_ends_too_early() -> None:
    with pytest.raises(ValueError, match="profit_ratio: found its longest unbroken stretch in 2008 to 2018; right is one that"):
        real_economy.index("profit_ratio")


def test_ratios_of_2023_with_their_rounding() -> None:
    cost, profit = real_economy.cost_ratio(), real_economy.profit_ratio()
    assert (cost.value, cost.low, cost.high) == (84.76, 84.755, 84.765)
    assert profit.value == pytest.approx(100 * 5.76 / 93.32)
    assert (profit.low, profit.high) == (pytest.approx(100 * 5.755 / 93.33), pytest.approx(100 * 5.765 / 93.31))
    assert real_economy.base_ratios()["net_other"] == pytest.approx(100 - 84.76 - 8.56 - 5.76)


def test_readings_within_the_year_carry_their_published_change() -> None:
    frame = real_economy.within_year()
    assert frame.loc[(2026, 8), "cost_per_100"] == 85.07 and frame.loc[(2026, 8), "cost_per_100_change"] == -0.41


def test_revenue_grew_by_what_the_amounts_of_one_sample_say() -> None:
    growth = real_economy.changes()["revenue"].dropna()
    level, before = (
        data.series("industry_enterprises", "operating_revenue", vintage="release", measure=measure) for measure in ("level", "prior_year")
    )
    assert list(growth.index) == list(range(2011, 2026)) and list(real_economy.index("revenue").index) == list(range(2010, 2026))
    assert np.allclose(growth.loc[2019:2022], (100 * np.log(level / before)).loc[2019:2022], atol=0.051)


def test_cost_ratio_follows_the_log_change() -> None:
    assert real_economy.cost_ratio_at(0.0) == 84.76
    change = 100 * np.log(85.0 / 84.76)
    assert real_economy.cost_ratio_at(np.array([change]))[0] == pytest.approx(85.0)
