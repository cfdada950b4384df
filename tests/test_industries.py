"""Groups of industries: identities, gaps that stay gaps, and the digital part handed out by value added."""

from __future__ import annotations

import numpy as np
import pytest

from digital_economy import accounts, digital_tfp, industries, productivity


def test_weights_and_volumes_add_up_to_gdp() -> None:
    weights, growth = industries.weights(), industries.volume_growth()
    assert weights.loc[2015:2024].sum(axis=1).tolist() == pytest.approx([1] * 10, abs=1e-12)
    mean = ((weights + weights.shift(1)) / 2).loc[2016:2024]
    total = 100 * np.log1p(accounts.gdp_real_growth().loc[2016:2024] / 100)
    np.testing.assert_allclose((growth.loc[2016:2024] * mean).sum(axis=1), total, rtol=0, atol=1e-12)


def test_a_year_that_lacks_a_section_stays_empty() -> None:
    assert industries.weights().loc[2012:2014, ["producer_services", "rest"]].isna().all(axis=None)
    assert industries.volume_growth()["manufacturing"].first_valid_index() == 2015
    accounts_ = industries.growth_accounts()
    years = {group: list(accounts_.loc[group].index) for group in industries.GROUPS}
    assert years == {
        "manufacturing": [*range(2015, 2020)],
        "producer_services": [*range(2016, 2020)],
        "consumer_services": [*range(2014, 2020)],
    }
    coverage = industries.coverage().set_index("section")
    assert coverage.at["finance", "employed in private firms and self-employed"] == "none"
    assert coverage.at["manufacturing", "volume of value added"] == "2015 to 2024"
    assert coverage.at["hotels_catering", "fixed-asset investment"] == "2013 to 2022"


def test_accounts_of_a_group_sum_to_its_growth() -> None:
    frame = industries.growth_accounts()
    np.testing.assert_allclose(frame[["capital", "labour", "tfp"]].sum(axis=1), frame["growth"], rtol=0, atol=1e-12)


def test_volume_of_consumer_services_by_hand() -> None:
    """2019 from printed figures: trade and catering at their mean shares of 2018 and 2019."""
    trade, catering = (88903.7, 96864.9), (16520.6, 18249.2)
    weight = sum(t / (t + c) for t, c in zip(trade, catering)) / 2
    by_hand = weight * np.log(1.0674) + (1 - weight) * np.log(1.0733)
    assert industries.volume_growth().at[2019, "consumer_services"] == pytest.approx(100 * by_hand, rel=1e-9)


def test_labour_shares_are_those_of_the_tables() -> None:
    income = productivity.value_added().loc[2020]
    catering_and_trade = income.loc[["S29", "S31"]].drop(columns="net_production_tax").sum()
    share = catering_and_trade["labour_compensation"] / catering_and_trade.sum()
    assert industries.labour_shares().at[2020, "consumer_services"] == pytest.approx(share, rel=1e-12)
    assert industries.labour_shares().stack().between(0.3, 0.75).all()


def test_digital_part_of_the_groups_is_handed_out_by_value_added() -> None:
    whole = digital_tfp.contribution().query("level == 95").set_index("year")["share"]
    handed_out = industries.digital_factors() * digital_tfp.elasticity().quantile(0.5)
    np.testing.assert_allclose(handed_out.loc[2016:2023].sum(axis=1), whole.loc[2016:2023], rtol=1e-9)
    mean = industries.digital_phase_mean("manufacturing", "2013-2017")
    assert mean.value == pytest.approx(handed_out["manufacturing"].loc[2013:2017].mean(), rel=1e-9)
    assert 0 < mean.low < mean.value < mean.high


def test_published_means_do_not_add_up_to_the_published_total() -> None:
    sums = industries.published_sums()
    assert (sums["2013-2017"], sums["2018-2024"]) == pytest.approx((11.70, 11.26)) and sums["change"] == pytest.approx(-0.44)
    assert sums["three groups"] == pytest.approx(11.44, abs=0.005) and sums["difference"] == pytest.approx(9.92, abs=0.005)


def test_phase_means_say_how_many_years_they_rest_on() -> None:
    years = industries.phase_means().set_index(["group", "phase"])
    assert years["years"].tolist() == [5, 3, 5, 6, 6, 6] and years["tfp_years"].tolist() == [3, 2, 4, 2, 2, 2]
