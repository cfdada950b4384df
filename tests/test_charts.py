"""Charts carry a description, their data and honest gaps; tables show text as text."""

from __future__ import annotations

import base64
import io
import re

import pandas as pd
import pytest

from digital_economy import charts, pages

FRAME = pd.DataFrame({"year": [2020, 2021, 2024], "series": "a", "value": [1.0, 2.0, 4.0]})
WORDS = {"title": "Values rise", "unit": "index", "description": "Values rise from 1 to 4."}
HOSTILE = "<script>alert(1)</script>"


def drawn(chart) -> str:
    return charts.render(chart.to_dict())["text/html"]


def rows(chart) -> list[dict]:
    return max(chart.to_dict()["datasets"].values(), key=len)


@pytest.mark.parametrize("form", [charts.lines, charts.stacked_bars])
def test_a_missing_year_is_a_gap(form) -> None:
    values = {row["year"]: row["value"] for row in rows(form(FRAME, **WORDS))}
    assert values == {2020: 1, 2021: 2, 2022: None, 2023: None, 2024: 4}


def test_fan_nests_its_intervals_and_offers_them_with_the_lines() -> None:
    bands = pd.DataFrame({"year": 2025, "low": [3.0, 3.5], "high": [6.0, 5.0], "level": ["95%", "50%"]})
    chart = charts.fan(bands, FRAME, **WORDS)
    assert chart.to_dict()["layer"][0]["encoding"]["opacity"]["scale"]["domain"] == ["95%", "50%"]
    csv = base64.b64decode(re.search(r"base64,([^\"]+)", drawn(chart))[1]).decode("utf-8-sig")
    table = pd.read_csv(io.StringIO(csv))
    assert table["high"].dropna().tolist() == [6, 5] and table["value"].dropna().tolist() == [1, 2, 4]


def test_notes_ring_a_point_and_name_it() -> None:
    notes = pd.DataFrame({"year": [2021], "value": [2.0], "note": ["exception"]})
    text = charts.lines(FRAME, notes=notes, **WORDS).to_dict()["layer"][-1]
    assert text["mark"]["type"] == "text" and text["encoding"]["text"]["field"] == "note"
    assert "exception" in drawn(charts.lines(FRAME, notes=notes, **WORDS))


def test_extrapolated_points_are_hollow_and_marked_in_the_data() -> None:
    frame = FRAME.assign(extrapolated=[False, False, True])
    assert {row["year"] for row in rows(charts.lines(frame, **WORDS)) if row["extrapolated"]} == {2024}
    points = charts.lines(frame, **WORDS).to_dict()["layer"][-1]["layer"]
    assert points[1]["encoding"]["color"] == {"value": "white"} and "extrapolated" in points[1]["transform"][0]["filter"]
    assert "<svg" in drawn(charts.lines(frame, logarithmic=True, **WORDS))


def test_curves_differ_by_more_than_colour() -> None:
    frame = pd.DataFrame({"x": [0.0, 1.0] * 2, "series": ["a", "a", "b", "b"], "value": [1.0, 2.0, 3.0, 4.0]})
    encoding = charts.curves(frame, x_unit="elasticity", **WORDS).to_dict()["layer"][0]["encoding"]
    assert "strokeDash" in encoding and encoding["x"]["title"] == "elasticity"
    with pytest.raises(ValueError, match="'x'"):
        charts.curves(frame.drop(columns="x"), x_unit="elasticity", **WORDS)


def test_dots_draw_intervals_where_the_frame_has_them() -> None:
    frame = pd.DataFrame({"label": ["x"], "series": "a", "value": 2.0})
    assert len(charts.dots(frame, **WORDS).to_dict()["layer"]) == 1
    assert len(charts.dots(frame.assign(low=1.0, high=3.0), **WORDS).to_dict()["layer"]) == 2


def test_a_chart_offers_what_it_draws_and_no_column_more() -> None:
    frame = pd.DataFrame({"label": ["x"], "series": "a", "value": 2.0, "code_name": "x_1"})
    assert list(charts.drawn(charts.dots(frame, **WORDS).to_dict())[0]) == ["label", "series", "value"]
    chart = charts.dots(frame.assign(year=2020), **WORDS).to_dict()
    assert list(charts.drawn(chart)[0])[-1] == "year" and "year" in [line["title"] for line in chart["layer"][0]["encoding"]["tooltip"]]


def test_curve_and_choices_share_their_places() -> None:
    frame = pd.DataFrame({"value": [1.0, 2.0, 4.0], "low": 0.0, "high": 5.0, "label": ["a", "b", "c"]})
    above = charts.curve(frame, reference={"CAICT": 9.17}, **WORDS).to_dict()
    below = charts.choices(pd.DataFrame({"form": ["log", "level", "level"]}), title="t", description="d").to_dict()
    axes = [chart["layer"][0]["encoding"]["x"] for chart in (above, below)]
    assert [axis.pop("field") for axis in axes] == ["place", "left"] and axes[0] == axes[1]
    assert [row["name"] for table in above["datasets"].values() for row in table if "name" in row] == ["CAICT"]
    (bars,) = below["datasets"].values()
    assert bars == [{"choice": "level", "first": [2], "last": [3]}, {"choice": "log", "first": [1], "last": [1]}]


def test_choices_are_a_row_each_to_read_and_a_row_a_bar_to_save() -> None:
    chart = charts.choices(pd.DataFrame({"form": ["log", "level", "level", "log"]}), title="t", description="d").to_dict()
    (table,) = charts.drawn(chart)
    assert charts.readable(table).to_numpy().tolist() == [["level", "2–3"], ["log", "1, 4"]]
    saved = pd.read_csv(io.StringIO(charts.files(chart)["csv"]))
    assert saved.to_numpy().tolist() == [["level", 2, 3], ["log", 1, 1], ["log", 4, 4]]
    assert charts.readable(saved.drop(columns="last")).equals(saved.drop(columns="last"))
    twice = charts.choices(pd.DataFrame({"form": ["log", "level", "level"], "scale": ["level", "x", "x"]}), title="t", description="d").to_dict()
    assert charts.readable(charts.drawn(twice)[0]).to_numpy().tolist() == [["level", "1, 2–3"], ["log", "1"], ["x", "2–3"]]


def test_chart_without_a_description_is_refused() -> None:
    with pytest.raises(ValueError, match="no description"):
        charts.render({"mark": "point"})


def test_chart_refuses_a_frame_of_another_shape() -> None:
    with pytest.raises(ValueError, match="series"):
        charts.lines(FRAME.drop(columns="series"), **WORDS)


def test_chart_refuses_more_series_than_colours() -> None:
    many = pd.concat([FRAME.assign(series=str(i)) for i in range(len(charts.COLOURS) + 1)])
    with pytest.raises(ValueError, match="at most"):
        charts.lines(many, **WORDS)


def test_chart_shows_without_scripts_and_offers_its_data() -> None:
    page = drawn(charts.lines(FRAME, **WORDS))
    assert "<svg" in page and 'aria-label="Values rise from 1 to 4."' in page
    csv = base64.b64decode(re.search(r"base64,([^\"]+)", page)[1]).decode("utf-8-sig")
    assert pd.read_csv(io.StringIO(csv))["value"].dropna().tolist() == [1, 2, 4]


def test_lines_of_the_same_looks_are_one_path_in_the_picture() -> None:
    frame = pd.DataFrame({"value": [1.0, 2.0, 4.0], "low": 0.0, "high": [2.0, 4.0, 5.0], "label": ["a", "b", "c"]})
    page = drawn(charts.curve(frame, **WORDS))
    (intervals,) = re.findall(r'<path d="([^"]*)" stroke="#56B4E9"', page)
    assert re.fullmatch(r"(M[\d.]+,[\d.]+v-[\d.]+){3}", intervals)


def test_series_differ_by_more_than_colour() -> None:
    layers = charts.lines(FRAME, **WORDS).to_dict()["layer"]
    assert any("strokeDash" in layer["encoding"] for layer in layers)
    assert any("shape" in layer["encoding"] for layer in layers)


def test_series_of_one_label_stand_beside_one_another() -> None:
    frame = FRAME.assign(label="a")
    assert "yOffset" not in charts.dots(frame, **WORDS).to_dict()["layer"][0]["encoding"]
    drawn = charts.dots(frame, beside=True, **WORDS).to_dict()["layer"][0]["encoding"]
    assert drawn["yOffset"]["field"] == "series" and drawn["y"]["sort"] == ["a"]


def test_bars_start_at_zero_and_dots_mark_a_reference() -> None:
    bars = charts.stacked_bars(FRAME, **WORDS).to_dict()
    assert bars["layer"][0]["encoding"]["y"]["stack"] == "zero"
    assert bars["layer"][1]["encoding"]["shape"]["field"] == "series"  # the parts differ by more than colour
    dots = charts.dots(FRAME.assign(label=["a", "b", "c"]), reference={"CAICT": 2}, **WORDS).to_dict()
    assert {"name": "CAICT", "at": 2} in [row for table in dots["datasets"].values() for row in table]


def test_hostile_text_stays_text() -> None:
    chart = charts.lines(FRAME.assign(series=HOSTILE), **{**WORDS, "description": HOSTILE, "title": HOSTILE})
    assert "<script>alert" not in drawn(chart)
    assert "<script>" not in pages.table(pd.DataFrame({HOSTILE: [HOSTILE]}), caption=HOSTILE).data
    framework = pd.DataFrame([dict.fromkeys(["part_en", "part_zh", "item_en", "item_zh", "position"], HOSTILE)])
    cards = pages.cards(framework, group=["part_en", "part_zh"], item=["item_en", "item_zh"], label=HOSTILE)
    assert "<script>" not in cards.data
