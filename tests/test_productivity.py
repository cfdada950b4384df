"""Growth accounts against published ones, and their identity on random data and on China's."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digital_economy import accounts, productivity

RATES = st.floats(-30, 30)


@pytest.mark.parametrize(
    ("output", "capital", "capital_share", "labour", "tfp", "printed"),
    [
        (7.3, 8.0, 0.372, 3.2, 2.314, 2.3),  # Hong Kong 1966-91
        (8.7, 11.5, 0.491, 5.7, 0.152, 0.2),  # Singapore
        (10.3, 13.7, 0.297, 6.4, 1.732, 1.7),  # Korea
        (9.4, 12.3, 0.257, 4.9, 2.598, 2.6),  # Taiwan
    ],
)
def test_east_asia(output: float, capital: float, capital_share: float, labour: float, tfp: float, printed: float) -> None:
    """Young (1995), growth in per cent a year."""
    inputs = pd.DataFrame({"capital": [capital], "labour": [labour]}, index=[1991])
    shares = pd.DataFrame({"capital": [capital_share], "labour": [1 - capital_share]}, index=[1991])
    found = productivity.contributions(pd.Series([output], index=[1991]), inputs, shares).at[1991, "tfp"]
    assert found == pytest.approx(tfp, abs=5e-4) and round(found, 1) == printed


def test_solow_1909_to_1949() -> None:
    share = productivity.share_of_rise_from_capital(pd.Series([0.623, 1.275]), pd.Series([1, 1.809]))
    assert share == pytest.approx(12.5, abs=0.1)


@given(st.lists(st.tuples(RATES, RATES, RATES, RATES, st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=20))
def test_contributions_sum_to_growth(rows: list[tuple]) -> None:
    frame = pd.DataFrame(rows, columns=["output", "digital", "other", "labour", "a", "b"])
    low, high = frame[["a", "b"]].min(axis=1), frame[["a", "b"]].max(axis=1)
    shares = pd.DataFrame({"digital": low, "other": high - low, "labour": 1 - high})
    parts = productivity.contributions(frame["output"], frame[["digital", "other", "labour"]], shares)
    np.testing.assert_allclose(parts.sum(axis=1), frame["output"], rtol=0, atol=1e-12)


def test_shares_are_refused_unless_they_sum_to_one() -> None:
    shares = pd.DataFrame({"capital": [0.4, 0.4], "labour": [0.6, 0.57]}, index=[2001, 2002])
    with pytest.raises(ValueError, match="cost shares: found a sum of 0.97 in 2002; right is 1"):
        productivity.mean_shares(shares)
    rates = pd.DataFrame({"capital": [1.0, 1.0], "labour": [1.0, 1.0]}, index=[2001, 2002])
    with pytest.raises(ValueError, match="cost shares: found sums of 0.97 to 1"):
        productivity.contributions(rates["capital"], rates, shares)
    with pytest.raises(ValueError, match="inputs \\['capital', 'labour'\\] and shares \\['capital'\\]"):
        productivity.contributions(rates["capital"], rates, shares[["capital"]])
    with pytest.raises(ValueError, match="found -0.2 to 1.2; right is numbers in"):
        productivity.mean_shares(pd.DataFrame({"capital": [-0.2], "labour": [1.2]}))


def test_accounts_of_china_sum_to_real_growth_exactly() -> None:
    frame = productivity.growth_accounts()
    assert list(frame.index) == list(range(2001, 2024))
    np.testing.assert_allclose(frame[list(productivity.PARTS)].sum(axis=1), frame["growth"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(frame["growth"], 100 * np.log1p(accounts.gdp_real_growth().loc[2001:2023] / 100), rtol=1e-12)


def test_tfp_of_a_year_by_hand() -> None:
    """2023 from printed figures: growth less inputs at the mean of two years' shares."""
    shares = productivity.cost_shares().loc[2022:2023].mean()
    inputs = {
        "digital_capital": np.log(8.7795 / 8.1282),
        "other_capital": productivity.log_growth(productivity.data.series("apo_productivity", "nonit_capital_services"))[2023]
        / 100,
        "labour": productivity.log_growth(productivity.data.series("apo_productivity", "quality_adjusted_labour"))[2023] / 100,
    }
    growth = np.log1p(accounts.gdp_real_growth()[2023] / 100)
    by_hand = 100 * (growth - sum(shares[name] * rate for name, rate in inputs.items()))
    assert productivity.growth_accounts().at[2023, "tfp"] == pytest.approx(by_hand, rel=1e-9)


def test_cost_shares_are_those_of_the_tables() -> None:
    shares = productivity.cost_shares()
    assert shares.sum(axis=1).tolist() == pytest.approx([1] * 24, abs=1e-12)
    table = productivity.value_added().loc[2020].sum()
    assert shares.at[2020, "labour"] == pytest.approx(
        table["labour_compensation"] / (table.sum() - table["net_production_tax"]), rel=1e-12
    )
    assert shares["digital_capital"].between(0.01, 0.06).all()


def test_more_labour_share_means_less_for_capital() -> None:
    """Capital grew faster than labour, so TFP rises with the labour share."""
    low, high = (productivity.growth_accounts(labour_shift=shift)["tfp"].mean() for shift in (-0.05, 0.05))
    assert high > low
    estimate = productivity.tfp_share(2023)
    assert estimate.low < estimate.value < estimate.high


def test_literature_is_turned_into_shares_of_growth() -> None:
    found = productivity.literature()
    assert found["tfp_share"] == pytest.approx(8.8, abs=0.05) and found["digital_share"] == pytest.approx(13.2, abs=0.05)
