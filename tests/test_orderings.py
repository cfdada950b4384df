"""Every ordering of the report has a test or a reason, and the tests can fail."""

from __future__ import annotations

import pytest

from digital_economy import data, orderings


@pytest.fixture(scope="module")
def frame():
    return orderings.orderings().set_index("ordering")


def test_each_has_a_test_or_a_reason(frame) -> None:
    assert len(frame) == 38
    untested = frame["formula"] == ""
    assert (frame["verdict"] == "not testable").equals(untested)
    assert frame.loc[untested, "note"].ne("").all()
    assert frame["evidence"].ne("").equals(~untested)


@pytest.mark.parametrize(
    ("ordering", "verdict"),
    [
        ("de-twelfth-plan-slow", "does not hold"),  # 19.1 per cent a year in 2012-2015, 16.1 in 2015-2020
        ("de-fourteenth-plan-steady", "holds"),
        ("digind-over-gdp", "does not hold"),  # three years of ten
        ("elec-va-over-revenue", "holds"),  # two years of fifteen
        ("tfp-opposite-2024", "holds"),
        ("new-unicorn-share-rises", "not testable"),
    ],
)
def test_known_verdicts(frame, ordering: str, verdict: str) -> None:
    assert frame.at[ordering, "verdict"] == verdict


def test_the_numbers_behind_a_test_are_given(frame) -> None:
    assert frame.at["elec-va-over-revenue", "values"] == "calc_electronics_exceptions is 2, calc_electronics_years is 15"
    assert frame.at["tier-cost", "values"] == ""


def test_a_reversed_order_does_not_hold(tmp_path, monkeypatch) -> None:
    table = data.load("orderings")
    table["formula"] = "c2s1-latency-city > c2s1-latency-region and c2s1-latency-city > 0 * ms"
    table.to_csv(tmp_path / "orderings.csv", index=False)
    monkeypatch.setenv("DIGITAL_ECONOMY_DATA", str(tmp_path))
    assert set(orderings.orderings()["verdict"]) == {"does not hold"}  # the weakest of the two counts


def test_growth_of_the_published_sizes() -> None:
    compute, unit = orderings.COMPUTED["calc_de_growth_2015_2020"]
    assert unit == "percent" and compute() == pytest.approx(100 * ((39.2 / 18.6) ** 0.2 - 1))
