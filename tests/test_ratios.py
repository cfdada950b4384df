"""The arithmetic of Figure 9 by hand, against the worked example and the audit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digital_economy import ratios

shares = st.floats(60, 95)


def test_ratio_dynamics_worked_example() -> None:
    """W23: c = 0.8423, cost grows by 3 and revenue by 3.3 per cent."""
    growth = {"cost_growth": 3.0, "revenue_growth": 3.3}
    assert ratios.next_ratio(0.8423, **growth) == pytest.approx(0.8398538, abs=5e-8)
    assert ratios.next_ratio(0.8423, **growth, exact=False) == pytest.approx(0.8397731, abs=5e-8)


@given(st.floats(50, 99), st.floats(-20, 20), st.floats(-20, 20))
def test_difference_of_log_growth_is_exact(ratio: float, cost: float, revenue: float) -> None:
    after = ratios.next_ratio(ratio, cost_growth=cost, revenue_growth=revenue)
    assert np.log(after / ratio) == pytest.approx(np.log1p(cost / 100) - np.log1p(revenue / 100), abs=1e-12)


def test_scenario_gap_is_linear_in_years_and_zero_against_itself() -> None:
    assert ratios.scenario_gap(-0.03, 11.53, 11.53, 7) == 0
    four, eight = (ratios.scenario_gap(-0.03, 11.53, 0, years) for years in (4, 8))
    assert eight == pytest.approx(2 * four) and four == pytest.approx(-0.03 * 4 * 100 * np.log(1.1153))


@given(shares, st.floats(1, 20))
def test_accounting_identity_comes_back(cost: float, profit: float) -> None:
    other = ratios.other_items(cost, profit)
    assert ratios.profit_ratio(cost, other) == pytest.approx(profit)
    assert 1 / (1 + profit / 100) == pytest.approx((cost + other) / 100)


def test_profit_ratio_with_items_outside_its_denominator() -> None:
    """Industry in 2023: of 100 yuan 84.76 are cost, 8.56 expenses, 5.76 profit, the rest taxes less other income."""
    rest = 100 - 84.76 - 8.56 - 5.76
    assert ratios.profit_ratio(84.76, 8.56 + rest, rest) == pytest.approx(100 * 5.76 / (84.76 + 8.56))


def test_the_reports_accounts_need_rising_other_items() -> None:
    """The audit's F5: other items 9.61, 10.33, 10.90 per cent of revenue; held constant, profit is 7.70 and 9.14."""
    path = ratios.report_path()
    assert list(path["other"].round(2)) == [9.61, 10.33, 10.90]
    assert list(path["profit_if_constant"].round(2)) == [6.56, 7.70, 9.14]


def test_implied_elasticities_of_the_report() -> None:
    assert list(ratios.implied_elasticities().round(3)) == [-0.027, -0.045, -0.035]


def test_acceleration_by_functional_form() -> None:
    """The audit's F1, F2 and F4: cost 1.66 times as fast, 1.46 from the level of k, 1.00 from its log; profit 3.3."""
    frame = ratios.acceleration()
    assert list(frame["ratio"].round(2)) == [1.66, 3.27, 1.00, 1.46]
    assert frame.loc["cost-ratio", ["first", "second"]].round(3).tolist() == [-0.248, -0.410]
    assert 3 * frame.at["level", "second"] == pytest.approx(-1.08, abs=0.005)  # points over 2027-30; the report has -1.23
    assert frame.at["cost-ratio", "low"] < 1.66 < frame.at["cost-ratio", "high"]
    assert frame.at["log", "explained_cost"] == pytest.approx(0, abs=1e-12)
    assert 0.6 < frame.at["level", "explained_cost"] < 0.8
