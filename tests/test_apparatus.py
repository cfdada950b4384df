"""What stands under figures and tables: text stays text, a spreadsheet finds no formula, links lead to what was computed."""

from __future__ import annotations

import base64
import io
import re

import pandas as pd
import pytest

from digital_economy import apparatus, charts, data, pages
from digital_economy.apparatus import Link
from digital_economy.provenance import Origin

FORMULAS = ['=HYPERLINK("http://x.example","y")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"]


def words(text: str) -> str:
    """Return HTML without its tags."""
    return re.sub(r"<[^>]*>", "", text)


def test_csv_holds_no_formula_and_keeps_numbers() -> None:
    frame = pd.DataFrame({"=name": FORMULAS, "value": [-1.5, 2.0, -3.0, 4.0, 5.0, 6.0], "count": range(-3, 3)})
    read = pd.read_csv(io.StringIO(apparatus.safe_csv(frame)))
    assert list(read) == ["'=name", "value", "count"]
    assert read["'=name"].str.startswith("'").all()
    assert read["value"].tolist() == frame["value"].tolist() and read["count"].tolist() == list(range(-3, 3))


def test_download_is_the_file_itself() -> None:
    link = apparatus.download("a\n数字\n", "csv", "name")
    assert 'download="name.csv"' in link
    assert base64.b64decode(re.search(r"base64,([^\"]+)", link)[1]).decode("utf-8-sig") == "a\n数字\n"


def test_a_number_that_rounds_to_zero_has_no_sign() -> None:
    assert [apparatus.number(value, 2) for value in (-0.004, 0.004, -0.006)] == ["0.00", "0.00", "−0.01"]


@pytest.mark.parametrize(
    ("value", "text"), [(16.3, "16.3"), (8.634412, "8.63441"), (-0.00012345678, "−0.000123457"), (1234567.8, "1,234,568"), (0.0, "0"), (float("nan"), "–")]
)
def test_a_drawn_number_has_six_digits_and_no_more(value: float, text: str) -> None:
    assert f"<td>{text}</td>" in apparatus.table(pd.DataFrame({"value": [value]}), caption="c", decimals=None)


def test_cells_of_every_kind() -> None:
    frame = pd.DataFrame({"cell": [True, None, pd.NA, pd.NaT, 3, Link("a<b", "x/y", "z")]}, dtype=object)
    shown = re.findall(r"<td>(.*?)</td>", apparatus.table(frame, caption="c"))
    assert shown == ["yes", "–", "–", "–", "3", '<a href="book:notebooks/x/y.html#z">a&lt;b</a>']


def test_a_column_of_long_texts_is_wide() -> None:
    frame = pd.DataFrame({"short": ["a", "b"], "long": ["a", 61 * "b"]})
    assert re.findall(r"<th (.*?)</th>", apparatus.table(frame, caption="c")) == ['scope="col">short', 'scope="col" class="wide">long']


def test_box_leads_to_function_table_file_and_publisher() -> None:
    box = apparatus.below("A finding", Origin(("capital.china.stock",), ("claims",)), [])
    assert 'href="book:_modules/digital_economy/capital/china.html#stock"' in box
    assert 'href="book:notebooks/reproduction/data_catalogue.html#table-claims"' in box
    assert 'href="book:_static/data/report/claims.csv"' in box
    assert "Source: China Academy of Information" in words(box) and "A finding" in words(box.split('class="citation"')[1])


def test_many_publishers_are_counted() -> None:
    line = apparatus.below("t", Origin((), tuple(data.names())), []).split("</p>")[0]
    assert re.search(r"; \d+ others, named below", words(line))


def test_own_data_are_named_and_not_shipped(tmp_path, monkeypatch) -> None:
    data.load("employment").drop(columns="decimals").to_csv(tmp_path / "employment.csv", index=False)
    monkeypatch.setenv("DIGITAL_ECONOMY_DATA", str(tmp_path))
    box = apparatus.below("t", Origin((), ("employment",)), [])
    assert "own data stand in for employment" in words(box) and "employment.csv" not in box


def test_anchors_are_words() -> None:
    assert apparatus.slug("Claims by chapter, 2.5 < 3!") == "claims-by-chapter-2-5-3"
    assert apparatus.slug("…") == "table"
    assert 'id="claims-by-chapter"' in pages.table(pd.DataFrame({"a": [1]}), caption="Claims by chapter").data


def test_a_chart_is_drawn_from_the_rows_that_it_offers() -> None:
    frame = pd.DataFrame({"year": [2020, 2021], "series": "a", "value": [1 / 3, 2.0]})
    chart = charts.lines(frame, title="t", unit="u", description="d", zero_line=True).to_dict()
    (rows,) = charts.drawn(chart)
    assert rows["value"].tolist() == [1 / 3, 2.0]
    assert pd.read_csv(io.StringIO(charts.files(chart)["csv"]))["value"].tolist() == [1 / 3, 2.0]
    assert charts.files(chart)["png"].startswith(b"\x89PNG")
