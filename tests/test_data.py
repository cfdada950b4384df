"""Tables are typed and checked; a table that breaks its schema is refused by name, row and rule."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from digital_economy import data

TABLE = "gross_domestic_product"
HEADER = "series_id,vintage,period,value,unit,status,source,note"
ROW = "gdp_nominal,census5,2023,1294271.7,yuan_100m,official_revised,nbs_2025_c,"


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function that loads ``TABLE`` from the text or bytes it is given."""
    monkeypatch.setenv("DIGITAL_ECONOMY_DATA", str(tmp_path))

    def load(content: str | bytes, name: str = TABLE) -> pd.DataFrame:
        raw = content.encode() if isinstance(content, str) else content
        (tmp_path / f"{name}.csv").write_bytes(raw)
        return data.load(name)

    return load


@pytest.mark.parametrize("name", data.names())
def test_every_table_keeps_to_its_schema(name: str) -> None:
    assert len(data.load(name)) > 0


def test_types_follow_the_schema(own) -> None:
    frame = own(f"{HEADER}\n{ROW}\n")
    assert frame.dtypes.astype(str).to_dict() == {
        **dict.fromkeys(["series_id", "vintage", "unit", "status", "source", "note"], "str"),
        "period": "Int64",
        "value": "float64",
        "decimals": "int64",
    }


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (f"{HEADER.replace('unit', 'units')}\n{ROW}\n", ["row 1", "units", "'unit'"]),
        (f"{HEADER}\n{ROW.replace('2023', 'last')}\n", ["row 2", "period", "'last'", "integer"]),
        (f"{HEADER}\n{ROW.replace('1294271.7', 'much')}\n", ["row 2", "value", "'much'", "number"]),
        (f"{HEADER}\n{ROW.replace('1294271.7', 'NaN')}\n", ["row 2", "value", "'NaN'"]),
        (f"{HEADER}\n{ROW.replace('yuan_100m', 'dollars')}\n", ["row 2", "'dollars'", "table units"]),
        (f"{HEADER}\n{ROW}\n{ROW}\n", ["row 3", "row at position 2", "occurs once"]),
        (f"{HEADER}\n{ROW.replace('1294271.7', '99999999')}\n", ["row 2", "value", "'99999999'", "maximum is 2000000"]),
        (f"{HEADER}\n{ROW.replace('official_revised', 'rumour')}\n", ["row 2", "status", "'rumour'", "secondary"]),
        (f"{HEADER}\n{ROW.replace('nbs_2025_c', 'nobody')}\n", ["row 2", "'nobody'", "table sources"]),
        (f"{HEADER}\n{ROW.replace('nbs_2025_c', '')}\n", ["row 2", "source", "required"]),
        (f"{HEADER}\n{ROW.replace('2023', '1890')}\n", ["row 2", "period", "'1890'", "minimum is 1999"]),
        (f"{HEADER}\n{ROW}, one more\n".encode("gb18030") + "数".encode("gb18030"), ["encoding", "UTF-8"]),
        ("", ["empty"]),
        (f"{HEADER}\n", ["rows is 0"]),
        (f"{HEADER}\n{ROW},extra\n", ["row 2", "9 cells", "right is 8"]),
    ],
    ids=[
        "missing column", "wrong type", "not a number", "not finite", "unknown unit", "duplicate key", "out of range",
        "unknown status", "unknown source", "missing source", "year outside the span", "encoding", "empty file",
        "no rows", "extra cell",
    ],
)  # fmt: skip
def test_refusals_name_table_row_finding_and_rule(own, content: str | bytes, words: list[str]) -> None:
    with pytest.raises(data.DataError) as refusal:
        own(content)
    for word in [TABLE, *words]:
        assert word in str(refusal.value)


def test_unknown_table_is_refused_with_the_known_ones() -> None:
    with pytest.raises(data.DataError, match="atlantis.*gross_domestic_product"):
        data.load("atlantis")


def test_own_folder_must_exist_and_hold_known_tables_only(own, tmp_path: Path, monkeypatch) -> None:
    with pytest.raises(data.DataError, match="atlantis"):
        own(f"{HEADER}\n{ROW}\n", name="atlantis")
    monkeypatch.setenv("DIGITAL_ECONOMY_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(data.DataError, match="nowhere"):
        data.load(TABLE)


def test_an_own_folder_that_would_be_passed_over_is_refused(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "public").mkdir()
    monkeypatch.setenv("DIGITAL_ECONOMY_DATA", str(tmp_path))
    with pytest.raises(data.DataError, match="found no table in .*; right is a folder with a CSV file a table"):
        data.replaced()
    monkeypatch.setenv("DIGITAL_ECONOMY_DATA", "own-data")
    with pytest.raises(data.DataError, match="found the path 'own-data'; right is one from the root"):
        data.replaced()


def test_own_tables_are_checked_with_those_that_refer_to_them(tmp_path: Path, monkeypatch) -> None:
    sources = data.load("sources")
    monkeypatch.setenv("DIGITAL_ECONOMY_DATA", str(tmp_path))
    sources.to_csv(tmp_path / "sources.csv", index=False)
    data.check_replaced()
    sources[sources["source"] != "caict_report_2025"].to_csv(tmp_path / "sources.csv", index=False)
    with pytest.raises(data.DataError, match="caict_digital_economy, row .*: found 'caict_report_2025'; right is a key of the table sources"):
        data.check_replaced()


def test_own_table_replaces_ours(own) -> None:
    frame = own(f"{HEADER}\n{ROW.replace('1294271.7', '1000000')}\n")
    assert list(frame["value"]) == [1_000_000]
    assert data.replaced() == [TABLE]


def test_a_loaded_table_is_the_callers_own() -> None:
    mine = data.load("units")
    mine["unit"] = "spoilt"
    assert not (data.load("units")["unit"] == "spoilt").any()


def test_an_edited_table_is_read_anew(own) -> None:
    own(f"{HEADER}\n{ROW}\n")
    assert own(f"{HEADER}\n{ROW.replace('1294271.7', '1')}\n")["value"].item() == 1


def test_decimals_are_those_printed() -> None:
    claims = data.load("claims").set_index("claim")
    assert claims.at["c3s1-de-tfp-contribution-2013", "decimals"] == 2  # printed 16.30
    assert claims.at["c3s2-sectors", "decimals"] == 0


@pytest.mark.parametrize(
    ("value", "decimals", "interval"),
    [(59.2, 1, (59.15, 59.25)), (16.3, 2, (16.295, 16.305)), (35, 0, (34.5, 35.5)), (-0.7, 1, (-0.75, -0.65))],
)
def test_rounding_interval(value: float, decimals: int, interval: tuple[float, float]) -> None:
    assert data.rounding_interval(value, decimals) == interval


def test_series_prefers_the_better_status() -> None:
    assert data.series("digital_industry", "telecom_revenue")[2024] == 17400
    with pytest.raises(data.DataError, match="no series_id 'nothing'"):
        data.series("digital_industry", "nothing")


def test_series_refuses_two_figures_of_one_status() -> None:
    with pytest.raises(data.DataError, match="digital_industrialisation_growth twice"):
        data.series("caict_digital_economy", "digital_industrialisation_growth")


def test_printed_refuses_a_year_without_a_figure() -> None:
    with pytest.raises(data.DataError, match="no digital_economy_size for 2013"):
        data.printed("caict_digital_economy", "digital_economy_size", 2013)


def test_reads_records_the_tables_inside_the_block_only() -> None:
    with data.reads() as outer:
        data.load("units")
        with data.reads() as inner:
            data.load("figures")
    data.load("claims")
    assert (outer, inner) == ({"units", "figures"}, {"figures"})


def test_remembered_results_are_computed_once_and_still_name_their_tables() -> None:
    calls = []

    @data.remembered
    def rows(name: str, *, times: int = 1) -> int:
        calls.append(name)
        return times * len(data.load(name))

    assert rows("units", times=2) == rows("units", times=2) == 2 * len(data.load("units"))
    with data.reads() as tables:
        rows("units", times=2)
    assert (calls, tables) == (["units"], {"units"})


def test_remembered_results_count_as_readings_and_follow_the_table(own) -> None:
    calls = []

    @data.remembered
    def total(name: str) -> float:
        calls.append(name)
        return data.load(name)["value"].sum()

    own(f"{HEADER}\n{ROW}\n")
    assert total(TABLE) == total(TABLE) == 1294271.7 and calls == [TABLE]
    with data.reads() as tables:
        total(TABLE)
    assert tables == {TABLE}
    own(f"{HEADER}\n{ROW.replace('1294271.7', '1')}\n")
    assert total(TABLE) == 1 and calls == [TABLE, TABLE]


def test_every_source_is_used() -> None:
    tables = [data.load(name) for name in data.names()]
    used = set().union(*(table["source"] for table in tables if "source" in table and "publisher" not in table))
    assert set(data.load("sources")["source"]) == used


def test_claims_are_all_there() -> None:
    claims = data.load("claims")
    assert len(claims) == 286
    assert claims["chapter"].value_counts().to_dict() == {"2": 191, "3": 75, "fw": 13, "1": 5, "4": 2}


def test_last_edition_of_the_series_is_the_report() -> None:
    claims = data.load("claims").set_index("claim")["value"]
    for series_id, claim in {
        "digital_economy_size": "c1-de-size",
        "digital_economy_growth_nominal": "c1-de-nominal-growth",
        "digital_economy_share_gdp": "c1-de-gdp-share",
        "digital_economy_growth_gap_to_gdp_nominal": "c1-de-growth-gap-over-gdp",
    }.items():
        assert data.series("caict_digital_economy", series_id)[2024] == claims[claim]
