"""The watch list of chapter 4: indicators of six policy fields, where they stand and how they have moved."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from digital_economy import data, indicators

TREND_YEARS = 5
WATCHED: dict[str, Callable[[], pd.Series]] = {  # an indicator of the watch list, and its series by year
    "integrated_circuits": lambda: 100 * indicators.output()["integrated_circuit"],
    "industrial_software": lambda: indicators.annual(indicators.PRODUCTS, "software_industrial_revenue") / 10,
    "digital_industry_revenue": lambda: data.series("digital_industry", "digital_industry_revenue"),
    "base_stations_5g": lambda: indicators.annual(indicators.NETWORKS, "base_stations_5g") / 100,
    "computing_racks": lambda: indicators.annual(indicators.NETWORKS, "computing_racks") / 100,
    "computers": lambda: indicators.enterprise_use()["computers"],
    "enterprise_ecommerce": lambda: indicators.enterprise_use()["ecommerce"],
    "data_production": lambda: indicators.annual(indicators.FIRMS, "data_production"),
    "fraud_funds": lambda: indicators.annual(indicators.FIRMS, "fraud_funds_stopped") / 10,
    "ecommerce_abroad": lambda: indicators.annual(indicators.FIRMS, "cross_border_ecommerce_trade") / 1e4,
    "outlet_bandwidth": lambda: indicators.annual(indicators.NETWORKS, "international_outlet_bandwidth") / 1000,
}


def watch_list() -> pd.DataFrame:
    """Return the indicators of the watch list with their latest public values and trends.

    To the columns of the table ``watch_list`` come ``latest`` and its ``year``, ``trend`` and the year
    ``since`` which it is taken: mean yearly growth in per cent for a level, mean yearly change in points
    for a share, over the last five years that the series has.
    """
    frame = data.load("watch_list")
    return frame.assign(**pd.DataFrame([_watched(row) for row in frame.itertuples()]).to_dict("series"))


def _watched(row) -> dict[str, float]:
    series = WATCHED[row.indicator]().dropna()
    last = series.index[-1]
    first = series.loc[last - TREND_YEARS :].index[0]
    years = last - first
    growth = 100 * ((series[last] / series[first]) ** (1 / years) - 1)
    trend = growth if row.kind == "level" else (series[last] - series[first]) / years
    return {"latest": series[last], "year": last, "trend": trend, "since": first}
