"""Capital algebra against known answers, and the routes to China's digital capital against a second computation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digital_economy import accounts, capital, data


def yearly(*values: float, first: int = 2001) -> pd.Series:
    return pd.Series(values, index=range(first, first + len(values)), dtype=float)


ONES = yearly(*[1.0] * 40)


# -- stocks -----------------------------------------------------------------------------------------


def test_stock_of_steady_growth() -> None:
    stock = capital.perpetual_inventory(yearly(100, 105, 110.25), ONES, 0.10)
    assert stock.round(2).tolist() == [666.67, 700, 735, 771.75]
    assert np.log(stock).diff().dropna().tolist() == pytest.approx([0.0487902] * 3, abs=5e-8)


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=30), st.floats(0.01, 0.99), st.floats(0, 1e6))
def test_stock_and_flow_agree(investment: list[float], depreciation: float, initial: float) -> None:
    added = yearly(*investment)
    stock = capital.perpetual_inventory(added, ONES, depreciation, initial)
    change = stock.diff().dropna() + depreciation * stock.shift(1).dropna()
    np.testing.assert_allclose(change, added, rtol=1e-9, atol=1e-6)


def test_prices_turn_values_into_volumes() -> None:
    price = yearly(1, 2, 4)
    volume = capital.perpetual_inventory(yearly(10, 20, 40), price, 0.2, 50)
    assert volume.tolist() == capital.perpetual_inventory(yearly(10, 10, 10), ONES, 0.2, 50).tolist()


@pytest.mark.parametrize(("depreciation", "years"), [(0.31, 8), (0.2, 14), (0.4, 6)])
def test_the_initial_stock_is_forgotten_at_the_stated_rate(depreciation: float, years: int) -> None:
    """After ln(0.05)/ln(1-d) years less than 5 per cent of a wrong initial stock is left."""
    assert np.log(0.05) / np.log(1 - depreciation) == pytest.approx(years, abs=0.6)
    investment = yearly(*[10.0] * 30)
    right, wrong = (capital.perpetual_inventory(investment, ONES, depreciation, start) for start in (100, 200))
    left = (wrong - right) / 100
    np.testing.assert_allclose(left, (1 - depreciation) ** np.arange(31), rtol=1e-9)
    assert left.iloc[years + 1] < 0.05


def test_vintages_give_the_stock_of_the_recursion_for_many_cases_at_once() -> None:
    random = np.random.default_rng(7)
    investment = random.uniform(1, 2, size=(12, 3))
    rates, growth = np.array([0.2, 0.4]), np.array([0.0, 0.05, 0.1])
    profile = (1 - rates) ** np.arange(200)[:, np.newaxis]
    stocks = capital.vintage_stock(investment, profile, history=growth)
    assert stocks.shape == (12, 3, 2)
    for case in range(3):
        for place, rate in enumerate(rates):
            start = capital.steady_state_stock(investment[0, case], growth[case], rate)
            expected = capital.perpetual_inventory(yearly(*investment[:, case]), ONES, rate, start).iloc[1:]
            np.testing.assert_allclose(stocks[:, case, place], expected, rtol=1e-9)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((yearly(1, 2, 3).drop(2002), ONES, 0.1), "investment: found no value for \\[2002\\]"),
        ((yearly(1, np.nan, 3), ONES, 0.1), "investment: found no value for \\[2002\\]"),
        ((yearly(1, 2, 3), yearly(1, 0, 1), 0.1), "price: found 0.0 in 2002"),
        ((yearly(1, 2, 3), yearly(1, 1), 0.1), "price: found nan in 2003"),
        ((yearly(1, 2, 3), ONES, 1.3), "depreciation: found 1.3; right is a number between 0 and 1"),
        ((yearly(1, 2, 3), ONES, 0.0), "depreciation: found 0.0"),
        ((yearly(1, 2, 3), ONES, 0.1, -1.0), "initial stock: found -1.0"),
        ((yearly(100, 50, 20), ONES, 0.1), "steady state: found growth"),
    ],
)
def test_bad_input_is_refused_by_name(arguments: tuple, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        capital.perpetual_inventory(*arguments)


# -- ages and prices --------------------------------------------------------------------------------


def test_rates_from_life_and_residual_value() -> None:
    rates = [capital.declining_rate(life, 0.04) for life in (45, 20, 25)]
    assert [round(rate, 4) for rate in rates] == [0.0690, 0.1487, 0.1208]
    assert np.dot(rates, [0.63, 0.29, 0.08]) == pytest.approx(0.0963, abs=5e-5)


def test_hyperbolic_age_efficiency() -> None:
    printed = [1, 0.9474, 0.8889, 0.8235, 0.75, 0.6667, 0.5714, 0.4615, 0.3333, 0.1818, 0]
    assert capital.age_efficiency(10, 0.5).round(4).tolist() == printed
    assert capital.age_efficiency(5, 1).tolist() == [1, 1, 1, 1, 1, 0]


def test_age_price() -> None:
    assert capital.age_price(capital.age_efficiency(5, 0.5), 0.04)[:5].round(4).tolist() == [1, 0.7287, 0.4812, 0.2670, 0.0998]
    assert capital.age_price(capital.age_efficiency(5, 1), 0.04)[:5].round(4).tolist() == [1, 0.8154, 0.6234, 0.4237, 0.2160]


def test_survival_falls_from_all_to_none() -> None:
    alive = capital.survival(20, life=10, deviation=2)
    assert (np.diff(alive) < 0).all() and alive[10] == 0.5 and alive[0] > 0.999 and alive[20] < 0.001


def test_user_cost() -> None:
    assert capital.user_cost(yearly(100, 90), 0.05, 0.3).tolist() == pytest.approx([42])


def test_tornqvist_index_is_near_fishers() -> None:
    quantities, prices = pd.DataFrame([[10, 20], [11, 24]]), pd.DataFrame([[2, 1], [1.8, 1.1]])
    index = capital.tornqvist_index(quantities, prices).iloc[-1]
    assert index == pytest.approx(1.1524884, abs=5e-8)
    (q0, q1), (p0, p1) = quantities.to_numpy(), prices.to_numpy()
    fisher = np.sqrt((p0 @ q1) / (p0 @ q0) * (p1 @ q1) / (p1 @ q0))
    assert fisher == pytest.approx(1.1524973, abs=5e-8) and abs(index - fisher) < 1e-5


@given(st.lists(st.tuples(st.floats(0.1, 10), st.floats(0.1, 10)), min_size=2, max_size=8), st.floats(0.1, 10))
def test_tornqvist_index_of_equal_growth_is_that_growth(prices: list[tuple], growth: float) -> None:
    price = pd.DataFrame(prices)
    quantity = pd.DataFrame(np.outer(growth ** np.arange(len(price)), [1, 3]))
    assert capital.tornqvist_index(quantity, price).iloc[-1] == pytest.approx(growth ** (len(price) - 1), rel=1e-9)


def test_harmonised_price_and_linking_coefficient() -> None:
    assert capital.harmonised_price_growth(2, -10, 1.5) == pytest.approx(-9.5)
    assert capital.linking_coefficient(100, 200, 100, 180, 5) == pytest.approx(0.0239522, abs=5e-8)


@given(st.lists(st.floats(0.1, 100), min_size=7, max_size=7), st.lists(st.floats(0.1, 100), min_size=3, max_size=3))
def test_linked_path_closes_on_every_benchmark_and_follows_the_indicator(indicator: list, values: list) -> None:
    benchmarks = pd.Series(values, index=[2001, 2004, 2007])
    linked = capital.link_benchmarks(benchmarks, yearly(*indicator))
    np.testing.assert_allclose(linked.loc[benchmarks.index], benchmarks, rtol=1e-12)
    lead = np.log(linked).diff() - np.log(yearly(*indicator)).diff()
    np.testing.assert_allclose(lead.loc[2002:2004], lead[2002], atol=1e-9)


@pytest.mark.parametrize("years", [[2004, 2001], [2001, 2001], [2001]])
def test_benchmarks_out_of_order_are_refused(years: list[int]) -> None:
    with pytest.raises(ValueError, match="benchmarks: found .*order of years"):
        capital.link_benchmarks(pd.Series([1.0, 2.0][: len(years)], index=years), ONES)


# -- growth per worker ------------------------------------------------------------------------------


def test_deepening_is_geometric_or_arithmetic() -> None:
    stock, workers = yearly(100, 220, 242), yearly(10, 20, 20)
    assert capital.deepening(stock, workers, (2001, 2003)) == pytest.approx(10)
    assert capital.deepening(yearly(1, 2, 2), yearly(1, 1, 1), (2001, 2003), mean="arithmetic") == 50
    with pytest.raises(ValueError, match="mean: found 'harmonic'"):
        capital.deepening(stock, workers, (2001, 2003), mean="harmonic")
    with pytest.raises(ValueError, match="growth from 2001 to 2004"):
        capital.deepening(stock, workers, (2001, 2004))


@pytest.mark.parametrize(
    ("workers", "words"),
    [
        (yearly(757_820, 75_447, 75_064), "workers: found 75447 in 2002 after 757820; right is one unit"),
        (yearly(10, 20), "workers: found nan for 2003"),
        (yearly(10, 0, 10), "workers: found 0.0 for 2002"),
    ],
)
def test_workers_of_another_unit_or_without_a_year_are_refused(workers: pd.Series, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        capital.per_worker(yearly(1, 2, 3), workers)


# -- China ------------------------------------------------------------------------------------------


def test_apo_route_is_services_over_workers() -> None:
    per_worker = capital.digital_capital_per_worker("apo")
    assert list(per_worker.index) == list(range(2000, 2024)) and per_worker[2010] == 1
    assert per_worker[2023] == pytest.approx(8.7795 * 761050 / 740410, rel=1e-12)


def test_unknown_route_is_refused() -> None:
    with pytest.raises(ValueError, match="no route 'guess'.*apo"):
        capital.digital_capital_per_worker("guess")


def test_central_oecd_route_by_hand() -> None:
    """The array of variants holds, at the central choices, what the plain recursion gives."""
    prices = 1 + (data.series("investment_prices", "producer_price_electronics").loc[2004:] - 100) / 100
    deflator = 1 + accounts.gdp_deflator_growth().loc[2004:2018] / 100
    stock = 0
    for asset, rate, factors in (("hardware", 0.3, prices.loc[:2018]), ("software", 0.315, deflator)):
        price = factors.cumprod()
        dollars = data.series("digital_investment", "capital_formation_oecd", asset=asset)
        yuan = (dollars * data.series("investment_prices", "exchange_rate")).loc[2004:2018]
        real = yuan / price
        start = capital.steady_state_stock(real[2004], (real[2009] / real[2004]) ** (1 / 5) - 1, rate)
        stock += capital.perpetual_inventory(yuan, price, rate, start).loc[2004:] * price[2015]
    per_worker = stock / data.series("employment", "employed", industry="total")
    expected = (per_worker / per_worker[2010]).dropna()
    np.testing.assert_allclose(capital.digital_capital_per_worker("oecd"), expected, rtol=1e-9)


def test_services_of_both_parts_by_hand() -> None:
    """The variant that counts services is the Törnqvist index of the two stocks at their user costs."""
    labels, paths = capital.china.stocks_per_worker("input_output")
    at = {name: 0 for name in labels}

    def path(counted: str) -> np.ndarray:
        place = [labels[name].index(counted) if name == "what is counted" else at[name] for name in labels]
        return paths[(slice(None), *place)]

    quantities = pd.DataFrame({"first": path("hardware side only"), "second": path("software side only")})
    prices = [capital.china._price(asset, "producer prices") for asset in ("hardware", "software")]
    costs = [capital.user_cost(q, capital.china._nominal_rate().loc[2003:2023], d) for q, d in zip(prices, (0.3, 0.315))]
    workers = data.series("employment", "employed", industry="total").loc[2004:2023].to_numpy()
    stocks = quantities.mul(workers, axis=0)
    expected = capital.tornqvist_index(stocks, pd.DataFrame({"first": costs[0].to_numpy(), "second": costs[1].to_numpy()}))
    np.testing.assert_allclose(
        path("services of both") * workers / (path("services of both")[0] * workers[0]), expected, rtol=1e-9
    )


def test_extrapolation_is_marked_and_never_handed_on() -> None:
    frame = capital.routes()
    ends = frame[~frame["extrapolated"]].groupby("route")["year"].max()
    assert ends.to_dict() == {"apo": 2023, "fixed_assets": 2022, "input_output": 2020, "oecd": 2018}
    assert set(frame.loc[frame["route"] != "apo", "year"]) == set(range(2004, 2024))
    assert capital.digital_capital_per_worker("input_output").index.max() == 2020


def test_variants_are_a_full_factorial_that_holds_the_central_answer() -> None:
    variants = capital.all_variants()
    assert variants["route"].value_counts().to_dict() == {"input_output": 4608, "oecd": 2304, "fixed_assets": 1152, "apo": 6}
    assert not variants.drop(columns="growth").duplicated().any()
    growth = capital.routes_growth()
    for route, value in growth["value"].items():
        assert np.isclose(variants.loc[variants["route"] == route, "growth"], value, rtol=1e-12).any()


def test_main_effects_are_shares_of_one_variance() -> None:
    shares = capital.main_effects().groupby("route")["share"].sum()
    assert ((shares > 70) & (shares <= 100 + 1e-9)).all()


def test_spread_is_nested() -> None:
    wide = capital.fan().pivot(index="year", columns="level")
    assert (wide["low"]["all variants"] <= wide["low"]["nine in ten"]).all() and (
        wide["low"]["nine in ten"] <= wide["low"]["half"]
    ).all()
    assert wide["low"]["half"][2018] == pytest.approx(100) and wide["high"]["half"][2018] == pytest.approx(100)


def test_kept_results_count_as_readings_and_follow_an_edited_table(tmp_path: Path, monkeypatch) -> None:
    ours = capital.deepening_rate().value
    with data.reads() as tables:
        capital.routes()
    assert {"apo_productivity", "digital_investment", "investment_prices", "employment"} <= tables
    table = data.DATA / "public" / "apo_productivity.csv"
    edited = table.read_text(encoding="utf-8").replace("it_capital_services,2023,8.7795", "it_capital_services,2023,9.7795")
    (tmp_path / table.name).write_text(edited, encoding="utf-8")
    monkeypatch.setenv("DIGITAL_ECONOMY_DATA", str(tmp_path))
    assert capital.deepening_rate().value > ours + 1
    monkeypatch.delenv("DIGITAL_ECONOMY_DATA")
    assert capital.deepening_rate().value == ours
