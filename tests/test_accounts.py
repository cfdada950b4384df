"""The arithmetic of sizes on numbers that can be checked by hand."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digital_economy import accounts

LEVELS = pd.Series({2018: 100.0, 2019: 110.0, 2021: 121.0, 2022: 133.1})
POSITIVE = st.floats(min_value=1, max_value=1e6)


def test_growth_has_no_value_after_a_gap() -> None:
    assert accounts.growth(LEVELS).round(9).to_dict() == {2019: 10, 2022: 10}


def test_change_has_no_value_after_a_gap() -> None:
    assert accounts.change(LEVELS).round(9).to_dict() == {2019: 10, 2022: 12.1}


def test_share_needs_both_years() -> None:
    whole = pd.Series({2019: 220.0, 2020: 500.0})
    assert accounts.share(LEVELS, whole).to_dict() == {2019: 50}


@given(st.lists(POSITIVE, min_size=2, max_size=2), st.lists(POSITIVE, min_size=2, max_size=2))
def test_contributions_of_parts_sum_to_the_whole(one: list[float], other: list[float]) -> None:
    parts = pd.DataFrame({"one": one, "other": other}, index=[2023, 2024])
    whole = parts.sum(axis=1)
    if abs(whole[2024] - whole[2023]) > 1e-3:
        total = sum(accounts.contribution(parts[name], whole)[2024] for name in parts)
        assert total == pytest.approx(100, rel=1e-6)


@given(POSITIVE)
def test_growth_of_a_constant_is_zero(level: float) -> None:
    assert (accounts.growth(pd.Series(level, index=range(2000, 2005))) == 0).all()


def test_gdp_vintages_keep_apart() -> None:
    assert accounts.gdp("census4")[2023] == 126.05821
    assert accounts.gdp("census5")[2023] == 129.42717
    assert accounts.gdp("census5_preliminary")[2024] == 134.90835
    assert accounts.gdp("census5")[2024] == 134.80662
    assert 2024 not in accounts.gdp("census4")


def test_unknown_vintage_is_refused() -> None:
    with pytest.raises(ValueError, match="census9.*census5"):
        accounts.gdp("census9")


def test_years_without_a_published_size_stay_absent() -> None:
    assert list(accounts.scale().index) == [2005, 2012, *range(2014, 2025)]


def test_parts_sum_to_the_size_where_both_are_published() -> None:
    """CAICT rounds to one decimal, so that parts may miss the whole by one unit of it."""
    parts = accounts.structure().drop(columns="not_split").dropna()
    assert ((parts.sum(axis=1) - accounts.size()[parts.index]).abs() <= 0.1 + 1e-9).all()


def test_proxy_weights_published_rates_by_revenue() -> None:
    year = accounts.digital_industry().loc[2024]
    levels = {"electronics": 151000, "software": 123258, "telecommunications": 16800}
    rates = {"electronics": 7.3, "software": 10.0, "telecommunications": 3.2}
    by_hand = sum(levels[name] * rates[name] for name in levels) / sum(levels.values())
    assert year["proxy_comparable"] == pytest.approx(by_hand)
    assert year["proxy_levels"] == pytest.approx(100 * ((161900 + 137276 + 17400) / sum(levels.values()) - 1))
