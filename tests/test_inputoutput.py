"""Input-output algebra against textbook tables, the tables of China against their own totals, and refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digital_economy import data
from digital_economy import inputoutput as io

# millerblair2009, tables 2.3 and 2.4
FLOWS = pd.DataFrame([[150.0, 500.0], [200.0, 100.0]], index=["a", "b"], columns=["a", "b"])
OUTPUT = pd.Series({"a": 1000.0, "b": 2000.0})
COEFFICIENTS = io.technical_coefficients(FLOWS, OUTPUT)

# eurostat2008, table 15.4: Germany 1995, domestic flows and output, million euro
GROUPS = ["agriculture", "manufacturing", "construction", "trade", "business services", "other services"]
GERMANY = pd.DataFrame(
    [
        [1131, 25480, 1, 607, 710, 762],
        [7930, 304584, 64167, 41082, 11981, 30360],
        [426, 7334, 3875, 5296, 23457, 9155],
        [3559, 72717, 14190, 74399, 10835, 21008],
        [3637, 96115, 31027, 65755, 193176, 34223],
        [1552, 14986, 1747, 11225, 15058, 22070],
    ],
    index=GROUPS,
    columns=GROUPS,
)
GERMAN_OUTPUT = pd.Series([43910, 1079446, 245606, 540063, 692487, 508918], index=GROUPS)


def small_table(**change) -> io.Table:
    zero = pd.Series(0.0, index=OUTPUT.index)
    final, added = pd.Series({"a": 350.0, "b": 1700.0}), pd.Series({"a": 650.0, "b": 1400.0})
    parts = {"flows": FLOWS, "output": OUTPUT, "final_use": final, "value_added": added, "imports": zero, "exports": zero}
    return io.Table(**{**parts, **change})


def productive(seed: int, n: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    matrix = rng.random((n, n))
    return pd.DataFrame(matrix / matrix.sum(axis=0) * rng.uniform(0.1, 0.9, n))


def test_textbook_coefficients_and_inverse() -> None:
    np.testing.assert_allclose(COEFFICIENTS, [[0.15, 0.25], [0.20, 0.05]])
    inverse = io.leontief_inverse(COEFFICIENTS)
    np.testing.assert_allclose(inverse, [[1.25412541, 0.330033], [0.2640264, 1.12211221]], atol=1e-8)
    output = inverse @ np.array([600, 1500])
    np.testing.assert_allclose(output, [1247.52, 1841.58], atol=0.005)
    np.testing.assert_allclose(output * [0.30, 0.25], [374.26, 460.40], atol=0.005)
    complete = io.complete_coefficients(COEFFICIENTS)
    np.testing.assert_allclose(complete, [[0.25412541, 0.330033], [0.2640264, 0.12211221]], atol=1e-8)


def test_output_multipliers_of_germany() -> None:
    multipliers = io.leontief_inverse(io.technical_coefficients(GERMANY, GERMAN_OUTPUT)).sum()
    np.testing.assert_allclose(multipliers, [1.7048, 1.8413, 1.8136, 1.6035, 1.5951, 1.3782], atol=5e-5)


@given(seed=st.integers(0, 10_000), n=st.integers(2, 12))
@settings(max_examples=40, deadline=None)
def test_inverse_is_the_sum_of_the_rounds_of_suppliers(seed: int, n: int) -> None:
    matrix = productive(seed, n)
    rounds, term = np.eye(n), np.eye(n)
    for _ in range(400):
        term = term @ matrix.to_numpy()
        rounds += term
    np.testing.assert_allclose(io.leontief_inverse(matrix), rounds, rtol=1e-9)


@given(seed=st.integers(0, 10_000), factor=st.floats(1e-6, 1e6))
@settings(max_examples=30, deadline=None)
def test_shares_and_tiers_do_not_depend_on_the_currency_unit(seed: int, factor: float) -> None:
    rng = np.random.default_rng(seed)
    output = pd.Series(rng.uniform(1, 100, 9))
    flows = productive(seed, 9) * output
    for measure in io.MEASURES:
        shares = [io.input_share(io.technical_coefficients(flows * k, output * k), [0, 1], measure=measure) for k in (1, factor)]
        np.testing.assert_allclose(*shares, rtol=1e-9)
        assert io.tiers(shares[0], (2, 3, 4)).equals(io.tiers(shares[0] * factor, (2, 3, 4)))


def test_shares_of_the_textbook_table() -> None:
    expected = {
        "direct_output": [0.15, 0.25],
        "direct_intermediate": [0.15 / 0.35, 0.25 / 0.30],
        "complete": [0.25412541, 0.330033],
        "complete_share": [0.25412541 / 0.51815181, 0.330033 / 0.45214521],
    }
    for measure, values in expected.items():
        np.testing.assert_allclose(io.input_share(COEFFICIENTS, ["a"], measure=measure), values, rtol=1e-6)


def test_imports_leave_a_row_in_proportion() -> None:
    table = small_table(imports=pd.Series({"a": 250.0, "b": 0.0}), exports=pd.Series({"a": 250.0, "b": 0.0}))
    np.testing.assert_allclose(io.domestic_coefficients(COEFFICIENTS, table), [[0.1125, 0.1875], [0.20, 0.05]])


@pytest.mark.parametrize("year", io.YEARS)
def test_tables_of_china_balance_and_have_42_sectors(year: int) -> None:
    table = io.read_table(year)
    io.check_balance(table, tolerance=3e-7)
    assert table.flows.shape == (42, 42)
    assert table.value_added.sum() == pytest.approx((table.final_use - table.imports).sum(), rel=1e-8)


def test_digital_share_names_every_sector_once_and_is_a_percentage() -> None:
    shares = io.all_shares()
    assert list(shares.index) == [f"S{number:02d}" for number in range(1, 43)]
    assert shares.shape[1] == len(io.YEARS) * len(io.definitions()) == 160
    assert (shares > 0).all(axis=None) and (shares.drop(columns="complete", level="measure") < 100).all(axis=None)


def test_digital_share_against_a_second_way() -> None:
    table = io.read_table(2018)
    supply = table.output + table.imports - table.exports
    domestic = table.flows.to_numpy() * (1 - table.imports / supply).to_numpy()[:, None] / table.output.to_numpy()
    solved = np.linalg.solve(np.eye(42) - domestic, domestic)  # B = (I - A)^-1 A
    digital = [table.flows.index.get_loc(code) for code in ("S20", "S32")]
    expected = 100 * solved[digital].sum(axis=0) / solved.sum(axis=0)
    np.testing.assert_allclose(io.digital_input_share(2018), expected, rtol=1e-9)


def test_footnote_4_is_found_among_the_definitions() -> None:
    found = io.agreements()
    assert found.index[0] == (2017, "complete_share", "hardware_software", "removed")
    assert found.iloc[0]["rank_correlation"] == pytest.approx(0.9857, abs=5e-5)
    whole = found.query("in_tier == 42").index.droplevel("imports").unique()
    assert set(whole) == {(year, "direct_intermediate", "with_instruments") for year in (2018, 2020)}


def test_agreement_of_the_printed_order_with_itself_is_perfect() -> None:
    agreement = io.agreement(-io.sectors()["order"].astype(float))
    assert agreement["in_tier"] == 42 and agreement.filter(like="rank").tolist() == pytest.approx([1, 1, 1, 1])


def test_tiers_by_size_and_by_breaks() -> None:
    share = pd.Series([1.0, 9.0, 8.8, 5.0, 1.2, 0.9], index=list("abcdef"))
    assert io.tiers(share, (2, 1, 3)).to_dict() == dict(zip("abcdef", ["low", "high", "high", "medium", "low", "low"], strict=True))
    assert io.natural_breaks(share) == io.clusters(share) == (2, 1, 3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: io.technical_coefficients(FLOWS, OUTPUT * [1, -1]), r"output: found -2000.0 in \['b'\].*positive"),
        (lambda: io.technical_coefficients(FLOWS - 150, OUTPUT), "flows: found -50.0 from b to b"),
        (lambda: io.leontief_inverse(COEFFICIENTS * 4), "spectral radius of 1.3.*below 1"),
        (lambda: io.leontief_inverse(pd.DataFrame([[0.5, 0.5], [0.5, 0.5]])), "spectral radius of 1 "),
        (lambda: io.check_balance(small_table(output=OUTPUT + [0, 10])), "row b to add to 2,000.00 against.*2,010.00, 1 rows"),
        (lambda: io.check_balance(small_table(value_added=pd.Series({"a": 649.0, "b": 1400.0}))), "column a to add to 999.00"),
        (lambda: io.check_balance(small_table(value_added=pd.Series({"a": 650.0}))), "column b to add to nan"),
        (lambda: io.read_table(2019), "none for 2019; right is one of .*2018, 2020"),
        (lambda: io.digital_input_share(2020, measure="share"), "measure: found 'share'; right is one of"),
        (lambda: io.digital_input_share(2020, products="robots"), "products: found 'robots'"),
        (lambda: io.digital_input_share(2020, imports="some"), "imports: found 'some'"),
        (lambda: io.tiers(pd.Series([1.0, 2.0]), (1, 2)), "sizes .1, 2. for 2 sectors"),
        (lambda: io.tiers(pd.Series([1.0, np.nan]), (1, 1)), r"no share for \[1\]"),
        (lambda: io.input_share(COEFFICIENTS * [1, 0], ["a"], measure="direct_intermediate"), r"none in \['b'\]"),
    ],
)
def test_refusals_name_finding_and_rule(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_an_unbalanced_own_table_is_refused(tmp_path, monkeypatch) -> None:
    frame = pd.read_csv(data.DATA / "public" / "input_output_flows.csv", dtype=str)
    frame.loc[(frame["row"] == "S08") & (frame["column"] == "S09") & (frame["period"] == "2020"), "value"] = "99999"
    frame.to_csv(tmp_path / "input_output_flows.csv", index=False)
    monkeypatch.setenv("DIGITAL_ECONOMY_DATA", str(tmp_path))
    with pytest.raises(ValueError, match="row S08 to add to .* against an output of"):
        io.read_table(2020)
