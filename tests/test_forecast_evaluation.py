"""Outcomes by hand, a backtest that sees nothing after its origins, and answers that repeat to the last digit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from digital_economy import data, forecast, forecast_evaluation, real_economy


def test_outcomes_are_the_cumulated_changes() -> None:
    frame = forecast_evaluation.outcomes()
    gross = (100 - 84.76) * 0.997 / 1.021
    assert frame.at[2024, "cost_ratio"] == pytest.approx(100 - gross)
    assert frame.at[2025, "cost_ratio"] == pytest.approx((100 - gross) * 1.013 / 1.011)
    margin = 5.76 * 0.967 / 1.021
    assert frame.at[2024, "profit_ratio"] == pytest.approx(100 * margin / (100 - margin - 0.92))


def test_report_is_read_linearly_between_its_years() -> None:
    assert forecast_evaluation.report_change("cost_ratio", np.array([2023, 2025, 2027, 2030])) == pytest.approx([0, -0.495, -0.99, -2.22])


def test_backtest_holds_every_method_and_nothing_after_its_origin() -> None:
    found = forecast_evaluation.backtested()
    origins = pd.Index([method for method, _ in found.draws]).value_counts()
    assert origins["G1"] == 8 and set(origins.drop("G1")) == {11} and len(origins) == 10
    cost = forecast.history("cost")
    spoilt = cost.where(cost.index < 2019, cost + 50)
    first, second = (forecast.draws(series.loc[:2018], "M1", rate=None, horizon=4, seed=3) for series in (cost, spoilt))
    assert np.array_equal(first, second)


def test_answers_to_the_claims_start_from_the_report_and_repeat_to_the_last_digit() -> None:
    for answer in (forecast_evaluation.cost_ratio_forecast, forecast_evaluation.profit_ratio_forecast):
        first, second = answer(2027), answer(2030)
        assert first == answer(2027) and second.high - second.low > first.high - first.low > 0
    draws, weights = forecast_evaluation.combination(11.53)
    assert weights.sum() == pytest.approx(1) and list(weights.index) == ["M2", "G1"]
    change = np.median(real_economy.cost_ratio_at(draws[:, 3])) - 84.76
    assert forecast_evaluation.cost_ratio_forecast(2027).value == pytest.approx(84.23 + change)


def test_cost_and_other_items_are_drawn_independently() -> None:
    found = forecast_evaluation._combined(11.53)
    assert abs(np.corrcoef(found.cost[:, -1], found.other[:, -1])[0, 1]) < 0.03


def test_own_data_make_a_forecast_of_their_own(tmp_path, monkeypatch) -> None:
    """A cached result may not outlive the table that it rests on."""
    ours = forecast_evaluation.cost_ratio_forecast(2027).value
    text = (data.DATA / "public" / "industry_enterprises.csv").read_text(encoding="utf-8")
    (tmp_path / "industry_enterprises.csv").write_text(text.replace("84.76,yuan", "80.00,yuan"), encoding="utf-8")
    monkeypatch.setenv("DIGITAL_ECONOMY_DATA", str(tmp_path))
    assert forecast_evaluation.cost_ratio_forecast(2027).value != ours
