"""The open sizes: sums of the tables, an identity of the Leontief inverse, and bands that hold their centre."""

from __future__ import annotations

import pytest

from digital_economy import accounts, capital, inputoutput, productivity, size


def test_digital_industries_are_rows_of_the_tables() -> None:
    assert size.digital_industries()[2023] == pytest.approx((28446.92 + 58434.03) / 1e4, abs=1e-5)
    assert size.digital_industries()[2020] == pytest.approx(inputoutput.read_table(2020).value_added[["S20", "S32"]].sum() / 1e4)
    more = size.digital_industries("with instruments") - size.digital_industries()
    assert (more > 0.1).all() and (more < 0.5).all()


def test_digital_content_of_final_output_is_digital_output() -> None:
    """Final uses less imports, sent through the Leontief inverse, give output back: the two-step check of the inverse."""
    for year, content in size.digital_content().items():
        assert content == pytest.approx(inputoutput.read_table(year).output[["S20", "S32"]].sum() / 1e4, rel=1e-6)


def test_services_elsewhere_leave_out_the_digital_industries_own() -> None:
    alone, all_ = size.services_elsewhere(), size.services_elsewhere(own_use=False)
    income = productivity.value_added().loc[2020][["depreciation", "operating_surplus"]].sum(axis=1)
    part = income[["S20", "S32"]].sum() / income.sum()
    assert alone[2020] / all_[2020] == pytest.approx(1 - part, rel=1e-12)
    assert all_[2020] == pytest.approx(capital.digital_services().loc[2020].sum() / 1e4, rel=1e-12)


def test_services_need_a_known_regime() -> None:
    with pytest.raises(ValueError, match="found 'guess' and 'middle'; right is one of"):
        capital.digital_services(price="guess")


def test_bands_hold_the_centre_and_years_are_those_of_tables() -> None:
    frame = size.estimates()
    assert ((frame["low"] <= frame["value"] + 1e-12) & (frame["value"] <= frame["high"] + 1e-12)).all()
    years = frame.groupby("measure")["year"].apply(list).to_dict()
    assert years == {"digital_industries": [2012, 2015, 2017, 2018, 2020, 2023], "lower_bound": [2012, 2015, 2017, 2018, 2020],
                     "upper_reading": [2012, 2015, 2017, 2018, 2020]}  # fmt: skip
    assert size.number_of_variants() == 48


def test_readings_are_ordered_and_below_caict() -> None:
    frame = size.beside_published()
    full = frame.dropna(subset=["digital_industries", "lower_bound", "upper_reading", "caict"])
    assert list(full.index) == [2012, 2015, 2017, 2018, 2020]
    assert (full["digital_industries"] < full["lower_bound"]).all() and (full["lower_bound"] < full["upper_reading"]).all()
    assert (full["upper_reading"] < full["caict"]).all()
    assert frame.at[2020, "caict"] == pytest.approx(100 * accounts.size()[2020] / accounts.gdp()[2020])
