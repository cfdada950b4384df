"""The part of a page in which a reader moves the scenario of Figure 9; ``explorer.js`` redraws it, text stays here.

Without scripts and in print it shows the report's scenario under the main prior. Places on the plot are per cent of
its width and height, so that nothing need be drawn anew when the page gets narrower.
"""

from __future__ import annotations

import html
import json
from dataclasses import dataclass

import numpy as np
import pandas as pd
from IPython.display import HTML
from myst_nb import glue

from digital_economy import apparatus, data, explorer, forecast, provenance, real_economy
from digital_economy.apparatus import number
from digital_economy.charts import COLOURS
from digital_economy.explorer import FIRST, OFFERED, QUANTILES, RATES, YEARS
from digital_economy.provenance import Origin
from digital_economy.real_economy import REPORT_YEAR

LAST = int(YEARS[-1])
PRIOR = {
    "sceptical": "sceptical: close to none",
    "main": "main: moderate, of either sign",
    "optimistic": "optimistic: it lowers costs",
}
FIRST_SHOWN = {"prior": explorer.SAMPLED, "outcome": "cost"}
LINE = 'fill="none" vector-effect="non-scaling-stroke"'
BAND, MEDIAN = (f'class="fan" fill="{COLOURS[0]}" fill-opacity="0.16"', f'class="median" {LINE} stroke-width="3" stroke="{COLOURS[0]}"')
FUNCTIONS = ("explorer.quantiles", "explorer.known", "forecast.draws", "forecast.Paths")
COLUMNS = ("95% from", "80% from", "50% from", "median", "50% to", "80% to", "95% to")


@dataclass(frozen=True)
class Outcome:
    """A ratio's words: what it is, its unit, and which side of 2023 and of CAICT's path counts as its promise."""

    name: str
    unit: str
    side: str
    as_far: str
    sign: int


@dataclass(frozen=True)
class Series:
    """How a series of known values is named and drawn, in colours that the style sheet may change."""

    words: str
    colour: str
    dash: str
    mark: str


SERIES = {
    "observed": Series("proxy, observed", COLOURS[0], "none", "M-4,0A4,4,0,1,1,4,0A4,4,0,1,1,-4,0Z"),
    "later": Series("proxy, came later", COLOURS[1], "6 3", "M-4-4H4V4H-4Z"),
    "report": Series("CAICT’s path, as change since 2023", COLOURS[2], "2 2", "M0-5L5,4H-5Z"),
}
OUTCOME = {
    "cost": Outcome("cost ratio", "per cent of revenue", "below", "as low", -1),
    "profit": Outcome("profit ratio", "per cent of cost and expenses", "above", "as high", 1),
}


def explorer_html() -> HTML:
    """Return the explorer: settings, a panel an outcome, buttons to copy and to save, its origin, and the data as JSON."""
    rate = forecast.report_rate()
    panels = "".join(_panel(outcome, rate, hidden=outcome != FIRST_SHOWN["outcome"]) for outcome in OUTCOME)
    source = json.dumps(block(), separators=(",", ":"))
    saved = "".join(f'<button type="button" data-save="{kind}">{words}</button>' for kind, words in apparatus.LABELS.items())
    below = apparatus.below("Scenario explorer", Origin(FUNCTIONS, provenance.origin().tables), [])  # of what was read just now
    return HTML(
        f'<div class="explorer" id="explorer" role="region" aria-label="Scenario explorer">{_settings(rate)}{panels}'
        '<p class="explorer-tools"><button type="button" data-copy="numbers">Copy the numbers</button>'
        '<button type="button" data-copy="address">Copy a link to this setting</button>'
        f"{saved}"
        '<span class="explorer-copied" role="status" data-done="Copied." data-failed="The browser does not allow it: copy the table or the address by hand."></span></p>'
        f'{below}<p class="explorer-spoken" role="status"></p><script type="application/json">{source}</script></div>'
    )


def link(name: str, text: str, *, rate: float, prior: str, outcome: str) -> None:
    """Give a link that brings the explorer on the same page to a setting a name, for ``{glue:}`` roles in its prose."""
    address = f"#rate={rate:.2f}&amp;prior={prior}&amp;outcome={outcome}"
    glue(name, HTML(f'<a href="{address}">{html.escape(text)}</a>'), display=False)


def block() -> dict:
    """Return what the script needs besides the page's text: draws, priors, base ratios, and the scales of the plots."""
    parts = explorer.draws()
    return {
        "draws": {name: part.steps.T.tolist() for name, part in parts.items()},
        "step": explorer.STEP,
        "priors": {name: part.priors for name, part in parts.items()},
        "sampled": explorer.SAMPLED,
        "pairs": explorer.PAIRS,
        "quantiles": QUANTILES,
        "base": real_economy.base_ratios()[["cost_ratio", "other", "net_other"]].to_dict(),
        "horizon": forecast.HORIZON,
        "span": [FIRST, REPORT_YEAR, LAST],
        "outcomes": {name: {"axis": [_scale(name).low, _scale(name).high], "sign": OUTCOME[name].sign, "observed": _observed(name)} | _ends(name) for name in OUTCOME},
    }


def _ends(outcome: str) -> dict[str, float]:
    path = explorer.known(outcome)["report"]
    return {"start": path[REPORT_YEAR], "report": path[LAST]}


def _observed(outcome: str) -> list[float]:
    """Return the observed ratio of each year from FIRST to REPORT_YEAR, as it is printed."""
    return explorer.known(outcome)["observed"].loc[FIRST:REPORT_YEAR].round(2).tolist()


# -- settings and words -------------------------------------------------------------------------------


def _settings(rate: float) -> str:
    ends = f'min="{RATES[0]:g}" max="{RATES[1]:g}" value="{rate:g}" aria-labelledby="explorer-rate"'
    choices = {"prior": ("Prior on its effect", PRIOR), "outcome": ("Outcome", {key: words.name for key, words in OUTCOME.items()})}
    fields = "".join(
        f'<fieldset><legend>{html.escape(legend)}</legend>{"".join(_choice(name, *option) for option in options.items())}</fieldset>'
        for name, (legend, options) in choices.items()
    )
    return (
        '<form class="explorer-settings" autocomplete="off"><p class="explorer-rate">'
        '<span id="explorer-rate">Growth of digital capital per worker, per cent a year</span>'
        f'<input type="range" name="slider" step="0.1" {ends}><input type="number" name="rate" step="0.01" required {ends}></p>'
        f"{fields}</form>"
    )


def _choice(name: str, value: str, words: str) -> str:
    checked = " checked" if FIRST_SHOWN[name] == value else ""
    return f'<label><input type="radio" name="{name}" value="{value}"{checked}> {html.escape(words)}</label>'


def _panel(outcome: str, rate: float, *, hidden: bool) -> str:
    words, known = OUTCOME[outcome], explorer.known(outcome)
    values = explorer.ratio(outcome, rate=rate, prior=explorer.SAMPLED)
    table = explorer.quantiles(outcome, rate=rate, prior=explorer.SAMPLED)
    title = f"Proxy, industry above designated size: {words.name}, {words.unit}"
    return (
        f'<div class="explorer-outcome" data-outcome="{outcome}"{" hidden" if hidden else ""}>'
        f'<p class="explorer-title">{title}</p>{_plot(outcome, table, known, title)}{_key()}'
        f"{_answer(outcome, values[:, -1], table.loc[LAST])}{_table(title, rate, table, known)}</div>"
    )


def _answer(outcome: str, last: np.ndarray, row: pd.Series) -> str:
    words, ends = OUTCOME[outcome], _ends(outcome)
    reached = {name: 100 * (words.sign * (last - end) > 0).mean() for name, end in ends.items()}
    return (
        f'<p class="explorer-answer">In {LAST} the median is {_slot("median", row[0.5])} per cent, with eighty per cent probability '
        f"between {_slot('low', row[QUANTILES[1]])} and {_slot('high', row[QUANTILES[-2]])}. It lies {words.side} the "
        f"{number(ends['start'], 2)} of {REPORT_YEAR} with a probability of {_slot('beyond', reached['start'], 0)} per cent, and is "
        f"{words.as_far} as CAICT’s change would have it ({number(ends['report'], 2)}) with one of {_slot('reached', reached['report'], 0)} per cent.</p>"
    )


def _slot(name: str, value: float, decimals: int = 2) -> str:
    return f'<b data-value="{name}">{number(value, decimals)}</b>'


def _table(title: str, rate: float, table: pd.DataFrame, known: pd.DataFrame) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in ("year", *COLUMNS, SERIES["later"].words, "CAICT’s change"))
    beside = known.reindex(table.index)[["later", "report"]]
    rows = "".join(
        f'<tr><th scope="row">{year}</th>' + "".join(f"<td>{number(cell, 2)}</td>" for cell in (*table.loc[year], *beside.loc[year])) + "</tr>"
        for year in table.index
    )
    caption = f'{title}; digital capital {_slot("rate", rate)} per cent a year, prior <b data-value="prior">{explorer.SAMPLED}</b>'
    return (
        f'<div class="table-scroll" tabindex="0" role="region" aria-label="Numbers of the fan"><table class="data-table">'
        f"<caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


# -- the plot ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scale:
    """Where years and values stand on a plot, in per cent of its width and height, and how far its ticks are apart."""

    low: int
    high: int
    step: int

    def x(self, year: float) -> float:
        return 100 * (year - FIRST + 0.5) / (LAST - FIRST + 1)

    def y(self, value: float) -> float:
        return 100 * (self.high - value) / (self.high - self.low)

    def path(self, series: pd.Series) -> str:
        return "M" + "L".join(f"{self.x(year):.2f},{self.y(value):.2f}" for year, value in series.items())


@data.remembered
def _scale(outcome: str) -> Scale:
    """Return a scale that holds the fan at every setting, so that its axis stands still when the fan moves."""
    settings = [explorer.quantiles(outcome, rate=rate, prior=prior) for rate in RATES for prior in OFFERED]
    low, high = min(frame.min().min() for frame in settings), max(frame.max().max() for frame in settings)
    step = 2 if high - low < 20 else 5
    return Scale(int(step * np.floor(low / step)), int(step * np.ceil(high / step)), step)


def _plot(outcome: str, table: pd.DataFrame, known: pd.DataFrame, title: str) -> str:
    scale = _scale(outcome)
    lines = "".join(_line(name, scale.path(known[name].dropna())) for name in SERIES)
    return (
        f'<div class="explorer-plot"><svg width="100%" height="320" overflow="visible" role="img" aria-label="{title}: the fan to {LAST}; its numbers stand in the table below.">'
        f'{_axes(scale)}<svg viewBox="0 0 100 100" preserveAspectRatio="none" width="100%" height="100%">'
        f"{_fan(scale, known.at[REPORT_YEAR, 'observed'], table)}{lines}</svg>{_marks(scale, known)}</svg></div>"
    )


def _axes(scale: Scale) -> str:
    heights = {tick: f"{scale.y(tick):.2f}%" for tick in range(scale.low, scale.high + 1, scale.step)}
    values = "".join(
        f'<line stroke="#d1d5db" x1="0" x2="100%" y1="{height}" y2="{height}"/><text x="0" y="{height}" dx="-8" dy="4">{number(tick, 0)}</text>'
        for tick, height in heights.items()
    )
    years = "".join(f'<text class="year" x="{scale.x(year):.2f}%" y="100%" dy="20">{year}</text>' for year in range(FIRST, LAST + 1, 3))
    return f'<g class="explorer-axes" font-size="12" fill="currentColor"><g text-anchor="end">{values}</g><g text-anchor="middle">{years}</g></g>'


def _fan(scale: Scale, start: float, table: pd.DataFrame) -> str:
    """Return the bands, the widest first, and the median, all from the known value of the report's year."""
    edges = [pd.concat([pd.Series({REPORT_YEAR: start}), table[level]]) for level in QUANTILES]
    around = [scale.path(pd.concat([low, high[::-1]])) for low, high in zip(edges[:3], edges[::-1])]
    bands = "".join(f'<path {BAND} data-band="{place}" d="{path}Z"/>' for place, path in enumerate(around))
    return f'{bands}<path {MEDIAN} data-band="3" d="{scale.path(edges[3])}"/>'


def _line(name: str, path: str) -> str:
    series = SERIES[name]
    return f'<path class="{name}" {LINE} stroke-width="2" stroke="{series.colour}" stroke-dasharray="{series.dash}" d="{path}"/>'


def _mark(name: str, x: str, y: str) -> str:
    series = SERIES[name]
    return f'<svg x="{x}" y="{y}" overflow="visible"><path class="{name}-mark" fill="{series.colour}" d="{series.mark}"/></svg>'


def _marks(scale: Scale, known: pd.DataFrame) -> str:
    return "".join(
        _mark(name, f"{scale.x(year):.2f}%", f"{scale.y(value):.2f}%") for name in SERIES for year, value in known[name].dropna().items()
    )


def _key() -> str:
    """Return the legend: the bands as they look on top of each other, the median, and the series."""
    bands = {f"{level:.0%} band": f'<rect {BAND} width="28" height="14"/>' * (place + 1) for place, level in enumerate(forecast.LEVELS)}
    lines = {series.words: _line(name, "M0,7H28") + _mark(name, "14", "7") for name, series in SERIES.items()}
    drawn = bands | {"median": f'<path {MEDIAN} d="M0,7H28"/>'} | lines
    entries = (f'<li><svg width="28" height="14" aria-hidden="true">{drawing}</svg> {html.escape(words)}</li>' for words, drawing in drawn.items())
    return f'<ul class="explorer-key">{"".join(entries)}</ul>'
