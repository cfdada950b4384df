"""Chapter 2's indicators: public figures in the claim's unit, implied values by hand, and honest gaps."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from digital_economy import data, indicators, report
from digital_economy.accounts import Estimate


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("c2s1-5g-base-stations", Estimate(454.9, 454.85, 454.95)),
        ("c2s2-smart-factory-basic", Estimate(3, 3, math.inf)),  # more than 30,000, in ten thousands
        ("c2s2-little-giant-firms", Estimate(1.46, 1.455, 1.465)),
        ("c2s1-latency-cross-hub", Estimate(20, -math.inf, 20)),  # not more than
    ],
)
def test_published_figures_come_in_the_claims_unit(claim: str, expected: Estimate) -> None:
    found = indicators.published(claim)
    assert [found.value, found.low, found.high] == pytest.approx([expected.value, expected.low, expected.high])


def test_published_refuses_a_figure_of_another_kind(tmp_path, monkeypatch) -> None:
    table = data.load("public_answers")
    table.loc[table["claim"] == "c2s1-5g-base-stations", "series_id"] = "storage_capacity"
    table.to_csv(tmp_path / "public_answers.csv", index=False)
    monkeypatch.setenv("DIGITAL_ECONOMY_DATA", str(tmp_path))
    with pytest.raises(ValueError, match="found a figure in eb; right is one in count"):
        indicators.published("c2s1-5g-base-stations")


def test_every_public_answer_is_within_reach_of_its_claim() -> None:
    """A figure off by a power of ten would be a unit read wrongly."""
    for name in data.load("public_answers")["claim"]:
        assert 0.5 < indicators.published(name).value / report.claim(name).value < 2


def test_dated_series_stand_at_the_end_of_their_month() -> None:
    stations = indicators.dated(indicators.NETWORKS, "base_stations_5g")
    assert stations[pd.Timestamp("2024-12-31")] == 425.1 and stations[pd.Timestamp("2025-06-30")] == 454.9
    assert stations.index.is_monotonic_increasing and stations.index.is_unique
    with pytest.raises(data.DataError, match="no series 'base_stations_6g'"):
        indicators.dated(indicators.NETWORKS, "base_stations_6g")


def test_benchmark_gap_in_points_and_in_per_cent() -> None:
    """Audit G6: 11.16 points and 24 per cent make a leader of 46.5; 3.5 and 5.4 one of 64.8."""
    gaps = indicators.benchmark_gaps()
    assert list(gaps["leader"].round(1)) == [46.5, 64.8]
    assert list(gaps["follower"].round(1)) == [35.3, 61.3]
    assert (100 * (gaps["leader"] - gaps["follower"]) / gaps["leader"]).tolist() == pytest.approx(gaps["lag"].tolist())
    assert (gaps["leader_low"] < gaps["leader"]).all() and (gaps["leader"] < gaps["leader_high"]).all()


def test_unicorns_add_up() -> None:
    frame = indicators.unicorns()
    parts = frame.drop(index="world")
    assert parts["share_now"].sum() == pytest.approx(100)
    assert parts["new_in_half_year"].sum() == 15
    assert frame.at["China", "change"] == 0  # as many left as the six that came


def test_output_is_on_one_scale_across_its_two_sources() -> None:
    output = indicators.output()
    assert output.at[2022, "mobile_phone"] == pytest.approx(15.608)
    assert output.loc[2023, "mobile_phone"] == 15.7 and output.at[2025, "integrated_circuit"] == pytest.approx(4.843)
    assert pd.isna(output.at[2024, "integrated_circuit"])  # no public figure: a gap
    assert (indicators.output_index().loc[2010] == 100).all()


def test_software_growth_from_two_levels_is_not_the_printed_rate() -> None:
    found = indicators.software_half_year_growth()
    assert found.value == pytest.approx(100 * (70600 / 62350 - 1))
    assert found.low > 11.9


def test_ecommerce_fits_within_rounding() -> None:
    level, rate = indicators.ecommerce_from_growth(), indicators.ecommerce_growth()
    assert level.value == pytest.approx(2.38 * 1.108) and level.low < 2.635 < level.high
    assert rate.value == pytest.approx(100 * (2.63 / 2.38 - 1)) and rate.low < 10.8 < rate.high


def test_outlets_do_not_explain_the_cross_border_flow() -> None:
    bandwidth = indicators.bandwidth()
    assert bandwidth.at[2021, "outlets"] == pytest.approx(13.84, abs=0.005)
    assert bandwidth.at[2023, "flow"] == pytest.approx(113.0265 / 1.203)
    assert indicators.crossborder_growth().at[2014, "outlets"] == pytest.approx(100 * (4118.663 / 3406.824 - 1))


def test_fraud_counts_of_two_years() -> None:
    frame = indicators.fraud_prevention()
    assert frame["2023"].tolist() == [940, 27.5, 22.8, 836.4, 3288]
    assert frame.loc["fraud-related funds stopped", "ratio"] == pytest.approx(3151 / 3288)
