"""The book's charts: one theme, one renderer, a few forms that take tidy frames.

A form draws a frame with the columns ``year`` (or ``label``), ``value`` and, for several series,
``series``. A missing value is a gap in the line.
"""

from __future__ import annotations

import html
import json
import re
import textwrap
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

import altair as alt
import pandas as pd
import vl_convert as vlc

from digital_economy import apparatus

# Latin first: a Chinese font would set the apostrophe of an English word as wide as a character.
FONT = (
    "'Noto Sans', 'Segoe UI', 'Helvetica Neue', Arial, 'Liberation Sans', 'DejaVu Sans', "
    "'Noto Sans CJK SC', 'Source Han Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
)
WIDTH, HEIGHT = 640, 320
TITLE_WIDTH = 62  # characters a line
PLACES = re.compile(r' (?:d|transform|x|y|x1|x2|y1|y2|cx|cy|width|height)="[^"]*"')  # attributes of an SVG that hold positions
FONTS = re.compile(r' font-family="[^"]*"')
REPEATED = re.compile(r' (?:aria-(?:label|roledescription|hidden)|role)="[^"]*"| (?:opacity|stroke-width)="1"| pointer-events="none"')
LINE = r'<line transform="translate\(([^,]*),([^)]*)\)" x2="([^"]*)" y2="([^"]*)"([^>]*)/>'  # where it begins, how far it goes, its looks
LINES = re.compile(f"(?:{LINE}){{2,}}")
DECIMALS = re.compile(r"-?\d+\.\d+")
# Whether a name on the right of a vertical line would not fit; a Chinese character is as wide as its height.
FULL = "scale('x', datum.at) + length(datum.name) * (test(/[\u2e80-\uffef]/, datum.name) ? 12 : 7) > width"
RUN = ["first", "last"]  # places of neighbours that share a choice
SORTED = "specifications, sorted"
GUTTER = 132  # pixels for the labels of charts that stand under each other
# Okabe and Ito's colours, black first and yellow left out: readers with any colour vision tell them apart.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000", "#56B4E9", "#E69F00"]
SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right"]
DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [1, 0], [4, 2], [3, 1]]


@alt.theme.register("book", enable=True)
def book_theme() -> alt.theme.ThemeConfig:
    """One look for every chart: quiet axes, a legend on top, readable at any width.

    No mark has a label for screen readers: a chart is one picture with one description, and its numbers are a table beside it.
    """
    axis = {"gridColor": "#e5e7eb", "domainColor": "#6b7280", "tickColor": "#6b7280", "labelFontSize": 12}
    return {
        "config": {
            "aria": False,
            "mark": {"aria": False},
            "font": FONT,
            "view": {"continuousWidth": WIDTH, "discreteWidth": WIDTH, "continuousHeight": HEIGHT, "stroke": None},
            "axis": {**axis, "titleFontSize": 12, "titleFontWeight": "normal"},
            "title": {"anchor": "start", "frame": "bounds", "fontSize": 15, "offset": 12},
            "legend": {"orient": "top", "title": None, "labelFontSize": 12, "labelLimit": 320, "columns": 2},
            "range": {"category": COLOURS},
        }
    }


def render(spec: dict[str, Any], **_: Any) -> dict[str, str]:
    """Return a chart for a notebook, with the data it draws as CSV beside it."""
    data = apparatus.download(files(spec)["csv"], "csv", "chart")
    return {"text/html": f'<div class="chart">{view(spec)}<p class="chart-data">{data}</p></div>', "text/plain": spec["description"]}


def view(spec: dict[str, Any]) -> str:
    """Return a chart as static SVG with its specification beside it.

    The SVG shows in JupyterLab, in print and without scripts; on a page of the book ``charts.js``
    puts the interactive chart in its place.
    """
    description = spec.get("description")
    if not description:
        raise ValueError(
            "the chart has no description: give it one sentence that says what it shows, "
            "with the argument description=..."
        )
    light = {**spec, "datasets": {name: [_rounded(row) for row in rows] for name, rows in spec.get("datasets", {}).items()}}
    source = json.dumps(light, ensure_ascii=False, separators=(",", ":")).replace("<", r"\u003c")
    label = html.escape(description)
    return (
        f'<div class="chart-view" role="img" tabindex="0" aria-label="{label}">{_svg(spec)}</div>'
        f'<script type="application/json">{source}</script>'
    )


def files(spec: dict[str, Any]) -> dict[str, str | bytes]:
    """Return a chart as files to save, by their kind: all that it draws as CSV, and its picture as SVG and PNG."""
    picture = _svg(spec)
    rows = apparatus.safe_csv(pd.concat([_long(table) for table in drawn(spec)] or [pd.DataFrame()]))
    return {"csv": rows, "svg": picture, "png": vlc.svg_to_png(picture, scale=2)}


def drawn(spec: dict[str, Any]) -> list[pd.DataFrame]:
    """Return the tables that a chart draws, the zero line left out; the runs of a choice are lists in its row."""
    tables = [pd.DataFrame(rows) for rows in spec.get("datasets", {}).values()]
    return [table for table in tables if list(table) != ["zero"]]


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table that a chart draws as a reader takes it in: the runs of a choice in one cell, such as 3–4, 11."""
    if not set(RUN) <= set(table):
        return table
    spans = (zip(first, last, strict=True) for first, last in table[RUN].itertuples(index=False))
    shown = [", ".join(str(first) if first == last else f"{first}–{last}" for first, last in span) for span in spans]
    return table.drop(columns=RUN).assign(**{SORTED: shown})


def _long(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table that a chart draws with a row a mark."""
    return table.explode(RUN) if set(RUN) <= set(table) else table


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of data with as many digits as a picture can show."""
    return {name: float(f"{value:.7g}") if isinstance(value, float) else value for name, value in row.items()}


def _svg(spec: dict[str, Any]) -> str:
    """Return a chart's picture without what is repeated in each of its parts: the font, and labels beside the chart's own."""
    return _rendered(json.dumps(spec))


@lru_cache(maxsize=1)
def _rendered(spec: str) -> str:
    """Return the picture of a specification; it is kept, as a figure asks for it twice: for its page and for its files."""
    whole = vlc.vegalite_to_svg(spec)
    fonts = FONTS.findall(whole)[:1]
    root = f'<svg preserveAspectRatio="xMinYMin"{"".join(fonts)}'  # where there is more room, at its beginning
    light = REPEATED.sub("", FONTS.sub("", whole)).replace("<svg", root, 1)
    rounded = PLACES.sub(lambda place: DECIMALS.sub(lambda number: f"{float(number[0]):.1f}".removesuffix(".0"), place[0]), light)
    return LINES.sub(_path, rounded)


def _way(right: str, down: str) -> str:
    return f"h{right}" if down == "0" else f"v{down}" if right == "0" else f"l{right},{down}"


def _path(lines: re.Match) -> str:
    """Return lines of a picture that follow each other as one path for those of the same looks: lighter, and drawn at once."""
    alike = groupby(re.findall(LINE, lines[0]), key=itemgetter(4))
    strokes = ((looks, "".join(f"M{x},{y}{_way(right, down)}" for x, y, right, down, _ in group)) for looks, group in alike)
    return "".join(f'<path d="{stroke}"{looks}/>' for looks, stroke in strokes)


alt.renderers.register("book", render)
alt.renderers.enable("book")


def tidy(wide: pd.DataFrame, names: dict[str, str], *, index: str = "year") -> pd.DataFrame:
    """Return the columns of a frame as rows ``year`` (or another ``index``), ``series, value``, named for readers."""
    named = wide[[name for name in names if name in wide]].rename(columns=names).rename_axis(index=index)
    return named.melt(var_name="series", value_name="value", ignore_index=False).dropna().reset_index()


def lines(
    frame: pd.DataFrame,
    *,
    title: str,
    unit: str,
    description: str,
    zero_line: bool = False,
    years: list[int] | None = None,
    notes: pd.DataFrame | None = None,
    logarithmic: bool = False,
) -> alt.LayerChart:
    """Draw series over the years as lines with points; each differs in colour, dash and shape.

    The axis shows the span of the frame, or ``years``. ``notes`` has the columns ``year``, ``value``
    and ``note``: a ring around a point, with words beside it. A column ``extrapolated`` makes the
    points of its true rows hollow.

    Raises
    ------
    ValueError
        The frame lacks ``year``, ``series`` or ``value``, or holds more series than colours.
    """
    frame = _only(frame, "year", "series", "value", also=("extrapolated",))
    names = list(frame["series"].unique())
    if len(names) > len(COLOURS):
        raise ValueError(f"lines: found {len(names)} series; right is at most {len(COLOURS)}")
    whole = _with_gaps(frame)
    base = alt.Chart(whole).encode(
        x=_years(years or list(whole["year"].unique())),
        y=alt.Y("value:Q", title=unit, scale=alt.Scale(type="log", nice=False) if logarithmic else alt.Scale(zero=False)),
        color=alt.Color(**_by_series(names, COLOURS)),
        tooltip=_tooltip("year:O", "series:N", unit=unit),
    )
    line = base.mark_line(strokeWidth=2).encode(
        strokeDash=alt.StrokeDash(**_by_series(names, DASHES))
    )
    point = base.mark_point(filled=True, size=55, opacity=1).encode(
        shape=alt.Shape(**_by_series(names, SHAPES))
    )
    if "extrapolated" in frame:
        inside = point.encode(color=alt.value("white"), size=alt.value(20)).transform_filter("datum.extrapolated")
        point = alt.layer(point, inside)
    rule = [alt.Chart(pd.DataFrame({"zero": [0]})).mark_rule(color="#6b7280").encode(y="zero:Q")] if zero_line else []
    rings = [] if notes is None else _rings(notes)
    return _finish(alt.layer(*rule, line, point, *rings), title=title, description=description)


def timeline(frame: pd.DataFrame, *, title: str, unit: str, description: str) -> alt.LayerChart:
    """Draw series over dates (column ``date``) as points joined by lines, from zero; no date between is made up."""
    frame = _only(frame, "date", "series", "value")
    names = list(frame["series"].unique())
    base = alt.Chart(frame.dropna(subset="value")).encode(
        x=alt.X("date:T", title=None, axis=alt.Axis(format="%Y", tickCount="year", labelOverlap="greedy")),
        y=alt.Y("value:Q", title=unit, scale=alt.Scale(zero=True)),
        color=alt.Color(**_by_series(names, COLOURS)),
        tooltip=[alt.Tooltip("date:T", format="%Y-%m"), *_tooltip("series:N", unit=unit)],
    )
    line = base.mark_line(strokeWidth=1.5).encode(
        strokeDash=alt.StrokeDash(**_by_series(names, DASHES))
    )
    point = base.mark_point(filled=True, size=55, opacity=1).encode(
        shape=alt.Shape(**_by_series(names, SHAPES))
    )
    return _finish(alt.layer(line, point), title=title, description=description)


def fan(
    bands: pd.DataFrame, frame: pd.DataFrame, *, title: str, unit: str, description: str, zero_line: bool = False
) -> alt.LayerChart:
    """Draw series over the years on nested intervals, the darker the narrower.

    ``bands`` has the columns ``year``, ``low``, ``high`` and ``level`` (the probability or the name of an
    interval, the widest first); ``frame`` is that of ``lines``.
    """
    bands = _only(bands, "year", "level", "low", "high")
    levels = list(dict.fromkeys(bands["level"]))
    opacity = alt.Scale(domain=levels, range=[0.15 + 0.2 * step for step in range(len(levels))])
    span = range(min(bands["year"].min(), frame["year"].min()), max(bands["year"].max(), frame["year"].max()) + 1)
    area = (
        alt.Chart(bands)
        .mark_area(color=COLOURS[0])
        .encode(
            x=_years(list(span)),
            y=alt.Y("low:Q", title=unit, scale=alt.Scale(zero=False)),
            y2="high:Q",
            opacity=alt.Opacity("level:N", sort=levels, scale=opacity),
            tooltip=[*_ends(), alt.Tooltip("level:N")],
        )
    )
    drawn = lines(frame, title=title, unit=unit, description=description, zero_line=zero_line, years=list(span))
    drawn.layer = [area, *drawn.layer]
    return drawn


def curves(frame: pd.DataFrame, *, title: str, x_unit: str, unit: str, description: str) -> alt.LayerChart:
    """Draw series over a quantity as lines that differ in colour and dash: columns ``x``, ``series``, ``value``."""
    frame = _only(frame, "x", "series", "value")
    names = list(frame["series"].unique())
    line = (
        alt.Chart(frame)
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X("x:Q", title=x_unit, scale=alt.Scale(nice=False)),
            y=alt.Y("value:Q", title=unit),
            color=alt.Color(**_by_series(names, COLOURS)),
            strokeDash=alt.StrokeDash(**_by_series(names, DASHES)),
            tooltip=[alt.Tooltip("x:Q", title=x_unit, format=".3f"), *_tooltip("series:N", unit=unit)],
        )
    )
    return _finish(alt.layer(line), title=title, description=description)


def bundle(frame: pd.DataFrame, band: pd.DataFrame, *, title: str, x_unit: str, unit: str, description: str) -> alt.LayerChart:
    """Draw many lines over a quantity on a band: columns ``x``, ``series`` (colour and dash), ``label`` (a line each), ``value``.

    ``band`` has the columns ``x``, ``low`` and ``high``.
    """
    frame, band = _only(frame, "x", "series", "label", "value"), _only(band, "x", "low", "high")
    names = list(frame["series"].unique())
    x = alt.X("x:Q", title=x_unit, scale=alt.Scale(nice=False))
    area = alt.Chart(band).mark_area(color="#9ca3af", opacity=0.35).encode(x=x, y=alt.Y("low:Q", title=unit), y2="high:Q")
    line = (
        alt.Chart(frame)
        .mark_line(strokeWidth=1.2)
        .encode(
            x=x,
            y=alt.Y("value:Q", title=unit),
            detail="label:N",
            color=alt.Color(**_by_series(names, COLOURS)),
            strokeDash=alt.StrokeDash(**_by_series(names, DASHES)),
            tooltip=_tooltip("label:N", unit=unit),
        )
    )
    return _finish(alt.layer(area, line), title=title, description=description)


def stacked_bars(frame: pd.DataFrame, *, title: str, unit: str, description: str) -> alt.LayerChart:
    """Draw parts of a whole as stacked bars over the years, from zero, each with its sign; a year without a figure stays empty."""
    frame = _only(frame, "year", "series", "value")
    names = list(frame["series"].unique())
    base = alt.Chart(_with_gaps(frame)).encode(
        x=_years(list(_with_gaps(frame)["year"].unique())), color=alt.Color(**_by_series(names, COLOURS))
    )
    bars = base.mark_bar(stroke="white").encode(
        y=alt.Y("value:Q", title=unit, stack="zero"), tooltip=_tooltip("year:O", "series:N", unit=unit)
    )
    signs = base.mark_point(filled=True, opacity=1, stroke="white", size=60).encode(
        y=alt.Y("value:Q", title=unit, stack="zero", bandPosition=0.5), shape=alt.Shape(**_by_series(names, SHAPES))
    )
    return _finish(alt.layer(bars, signs), title=title, description=description)


def dots(
    frame: pd.DataFrame,
    *,
    title: str,
    unit: str,
    description: str,
    from_zero: bool = False,
    logarithmic: bool = False,
    step: int = 34,
    beside: bool = False,
    reference: dict[str, float] | None = None,
) -> alt.LayerChart:
    """Draw labelled values as dots on one axis, with named vertical lines at ``reference`` values.

    Rows keep the order of the frame, ``step`` pixels apart, and colours that of the categories or of first
    appearance; a label breaks at a colon. Several series of one label stand ``beside`` one another if asked. Columns ``low`` and
    ``high`` draw an interval, a column ``note`` is written beside the dot, and a column ``year`` stands in the tooltip.
    The axis is linear or ``logarithmic``.
    """
    frame = _only(frame, "label", "series", "value", also=("low", "high", "note", "year"))
    names = _names(frame["series"])
    scale = alt.Scale(type="log", nice=False, padding=12) if logarithmic else alt.Scale(zero=from_zero)
    rows = alt.Axis(labelLimit=300, labelExpr="split(datum.label, ': ')", ticks=False)
    base = alt.Chart(frame).encode(
        y=alt.Y("label:N", sort=list(dict.fromkeys(frame["label"])), title=None, axis=rows),
        color=alt.Color(**_by_series(names, COLOURS)),
    )
    if beside:
        base = base.encode(yOffset=alt.YOffset("series:N", sort=names))
    layers = [
        base.mark_point(filled=True, size=30 if beside else 80, opacity=1).encode(
            x=alt.X("value:Q", title=unit, scale=scale),
            shape=alt.Shape(**_by_series(names, SHAPES)),
            tooltip=_tooltip("label:N", "series:N", *(["year:O"] if "year" in frame else []), unit=unit),
        )
    ]
    if {"low", "high"} <= set(frame):
        layers.insert(0, base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", title=unit), x2="high:Q", tooltip=_ends()))
    if "note" in frame:
        text = base.mark_text(align="left", dx=9, fontSize=11).encode(x=alt.X("value:Q", scale=scale), text="note:N")
        layers.append(text.transform_filter("datum.note != ''"))
    for place, (name, at) in enumerate((reference or {}).items()):
        mark = alt.Chart(pd.DataFrame({"name": [name], "at": [at]}))
        side = {"align": alt.expr(f"{FULL} ? 'right' : 'left'"), "dx": alt.expr(f"{FULL} ? -4 : 4")}
        text = mark.mark_text(baseline="top", **side).encode(x="at:Q", y=alt.value(12 * place), text="name:N")
        layers += [mark.mark_rule(strokeDash=[4, 3]).encode(x="at:Q"), text]
    chart = alt.layer(*layers).properties(height=alt.Step(step))
    return _finish(chart, title=title, description=description)


def curve(
    frame: pd.DataFrame, *, title: str, unit: str, description: str, reference: dict[str, float] | None = None
) -> alt.LayerChart:
    """Draw many estimates with their intervals in the order of the frame, one beside the other, with named horizontal lines.

    ``frame`` has the columns ``value``, ``low``, ``high``, and ``label`` for the tooltip. ``choices``
    draws what lies behind each estimate, on the same axis.
    """
    frame = _only(frame, "label", "value", "low", "high")
    base = alt.Chart(frame).transform_window(place="row_number()")
    x = _places(len(frame))
    tooltip = [alt.Tooltip("label:N"), alt.Tooltip("value:Q", format=".2f"), *_ends()]
    layers = [
        base.mark_rule(color=COLOURS[5], strokeWidth=0.7).encode(
            x=x, y=alt.Y("low:Q", title=unit, axis=_gutter()), y2="high:Q"
        ),
        base.mark_point(color=COLOURS[0], filled=True, size=9, opacity=1).encode(x=x, y="value:Q", tooltip=tooltip),
    ]
    layers.append(alt.Chart(pd.DataFrame({"zero": [0]})).mark_rule(color="#6b7280").encode(y="zero:Q"))
    lines = sorted((reference or {}).items(), key=lambda line: -line[1])
    for place, baseline in ((slice(0, 1), "bottom"), (slice(1, None), "top")):  # the highest is named above its line
        marks = alt.Chart(pd.DataFrame(lines[place], columns=["name", "at"]))
        layers.append(marks.mark_rule(strokeDash=[4, 3]).encode(y="at:Q"))
        text = marks.mark_text(align="left", dx=4, dy=-2 if baseline == "bottom" else 2, baseline=baseline, fontSize=11)
        layers.append(text.encode(x=alt.value(0), y="at:Q", text="name:N"))
    return _finish(alt.layer(*layers), title=title, description=description)


def choices(frame: pd.DataFrame, *, title: str, description: str) -> alt.LayerChart:
    """Draw which choices lie behind each estimate of a ``curve``: a row a value of the frame, a bar from the first to the last of
    neighbours that share it."""
    order = list(dict.fromkeys(value for column in frame for value in sorted(frame[column].unique())))
    runs = pd.concat([_runs(frame[column]) for column in frame]).sort_values("first").groupby("choice")[RUN].agg(list)
    bar = (
        alt.Chart(runs.loc[order].reset_index())
        .transform_flatten(RUN)
        .transform_calculate(left="datum.first - 0.5", right="datum.last + 0.5")
        .mark_rule(color=COLOURS[0], strokeWidth=11)
        .encode(x=_places(len(frame), "left"), x2="right:Q", y=alt.Y("choice:N", sort=order, title=None, axis=_gutter(ticks=False)))
    )
    return _finish(alt.layer(bar).properties(height=alt.Step(16)), title=title, description=description)


def _runs(column: pd.Series) -> pd.DataFrame:
    """Return the runs of equal values of a column, counted from 1: ``choice, first, last``."""
    values = column.reset_index(drop=True)
    starts = values.index[values.ne(values.shift())]
    return pd.DataFrame({"choice": values[starts], "first": starts + 1, "last": [*starts[1:], len(values)]})


def _places(n: int, field: str = "place") -> alt.X:
    """Return the axis that ``curve`` and ``choices`` share."""
    scale = alt.Scale(domain=[0, n + 1], nice=False)
    return alt.X(f"{field}:Q", title=SORTED, scale=scale, axis=alt.Axis(grid=False))


def _gutter(**options: Any) -> alt.Axis:
    """Return a vertical axis as wide as its neighbour's, so that the columns of two charts stand under each other."""
    title = {"titleAngle": 0, "titleAlign": "left", "titleX": -GUTTER, "titleY": -10}
    return alt.Axis(minExtent=GUTTER, maxExtent=GUTTER, labelLimit=GUTTER - 5, **title, **options)


def _finish(chart: alt.LayerChart, *, title: str, description: str) -> alt.LayerChart:
    return chart.properties(title=textwrap.wrap(title, TITLE_WIDTH), description=description)


def _rings(notes: pd.DataFrame) -> list[alt.Chart]:
    base = alt.Chart(_only(notes, "year", "value", "note")).encode(x="year:O", y="value:Q")
    return [
        base.mark_point(size=220, color="#111", strokeWidth=1.5),
        base.mark_text(align="left", baseline="top", dx=9, dy=5, fontSize=12).encode(text="note:N"),
    ]


def _by_series(names: list[str], values: list) -> dict[str, Any]:
    """Return what an encoding needs to give each series a value of its own, in the order of ``names``."""
    return {"shorthand": "series:N", "sort": names, "scale": alt.Scale(domain=names, range=values[: len(names)])}


def _only(frame: pd.DataFrame, *columns: str, also: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return the columns of a frame that a form draws, and those of ``also`` that it has: a chart offers what it draws, no more."""
    absent = [column for column in columns if column not in frame]
    if absent:
        raise ValueError(f"chart: found the columns {list(frame)}; right is a frame with {absent} too")
    return frame[[*columns, *(column for column in also if column in frame)]]


def _names(series: pd.Series) -> list[str]:
    """Return the names of a column of series in the order of its categories, or of their first appearance."""
    return list(series.cat.categories if isinstance(series.dtype, pd.CategoricalDtype) else series.unique())


def _with_gaps(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with a row for every year and series of the span, missing where there is no value."""
    wide = frame.pivot(index="year", columns="series", values="value")
    whole = wide.reindex(index=range(wide.index.min(), wide.index.max() + 1), columns=frame["series"].unique())
    rows = whole.rename_axis(index="year", columns="series").stack(future_stack=True).rename("value").reset_index()
    if "extrapolated" not in frame:
        return rows
    marks = rows.merge(frame[["year", "series", "extrapolated"]], how="left")
    return marks.assign(extrapolated=marks["extrapolated"].eq(True))


def _years(years: list[int]) -> alt.X:
    step = -(-len(years) // 13)
    shown = [int(year) for year in years if (years[-1] - year) % step == 0]
    axis = alt.Axis(labelAngle=0, values=shown, labelOverlap="greedy", labelSeparation=8)
    return alt.X("year:O", title=None, axis=axis, scale=alt.Scale(domain=[int(year) for year in years]))


def _ends() -> list[alt.Tooltip]:
    """Return the lines of a tooltip that name the ends of an interval; a tier can be low or high too."""
    return [alt.Tooltip("low:Q", title="lower end", format=".2f"), alt.Tooltip("high:Q", title="upper end", format=".2f")]


def _tooltip(*fields: str, unit: str) -> list[alt.Tooltip]:
    names = [alt.Tooltip(field, title=field.split(":")[0]) for field in fields]
    return [*names, alt.Tooltip("value:Q", title=unit, format=".2f")]
