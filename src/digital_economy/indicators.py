"""The indicators of chapter 2: public counts by year and month, and what the report's numbers imply beside them."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
from mpmath import iv

from digital_economy import accounts, checks, data, report
from digital_economy.accounts import Estimate

NETWORKS, PRODUCTS, FIRMS = "networks_and_computing", "electronics_and_software", "firms_data_and_services"
SOFTWARE_PARTS = ("products", "services", "security", "embedded")
FACTORY_LEVELS = ("basic", "advanced", "excellent")
OUTPUT = ("mobile_phone", "microcomputer", "integrated_circuit")
FRAUD = {  # a count and the claim of the report on it
    "fraud_fund_warnings": "c2s5-fraud-warnings",
    "fraud_calls_blocked": "c2s5-fraud-calls-blocked",
    "fraud_messages_blocked": "c2s5-fraud-sms-blocked",
    "fraud_domains_handled": "c2s5-fraud-domains",
    "fraud_funds_stopped": "c2s5-fraud-funds-stopped",
}


def published(claim: str) -> Estimate:
    """Return the public figure that the table ``public_answers`` names for a claim, in the claim's unit.

    Raises
    ------
    KeyError
        The table names none.
    ValueError
        The figure's unit measures something else than the claim's.
    """
    answer = data.load("public_answers").set_index("claim").loc[claim]
    figure = figure_of(answer)
    units = data.load("units").set_index("unit")
    found, right = units.loc[figure.unit], units.loc[report.claim(claim).unit]
    if found["base_unit"] != right["base_unit"]:
        raise ValueError(f"{claim}: found a figure in {found['base_unit']}; right is one in {right['base_unit']}")
    scale = found["factor_to_base"] / right["factor_to_base"]
    low, high = report.printed_interval(figure)
    return Estimate(float(figure.value * scale), float(low * scale), float(high * scale))


def figure_of(answer) -> pd.Series:
    """Return the row of a public table that a row of ``public_answers`` points to; the better status if there are two."""
    frame = data.load(answer.table)
    same = frame[["series_id", "period", "month"]] == [answer.series_id, answer.period, answer.month]
    rows = frame[same.all(axis=1)].assign(value_high=float("nan"))
    return rows.sort_values("status", key=lambda status: status.map(data.STATUS_ORDER.index)).iloc[0]


def dated(table: str, series_id: str) -> pd.Series:
    """Return one series by the last day of its months, in the table's unit; the better status where two sources give it."""
    frame = data.load(table)
    months = sorted(frame.loc[frame["series_id"] == series_id, "month"].unique())
    parts = [_at_month(data.series(table, series_id, month=month), month) for month in months]
    if not parts:
        raise data.DataError(f"{table}: found no series {series_id!r}; right is one of {sorted(set(frame['series_id']))}")
    return pd.concat(parts).sort_index().rename(series_id)


def annual(table: str, series_id: str) -> pd.Series:
    """Return the whole-year or year-end values of a series by year."""
    return data.series(table, series_id, month=12)


def claimed(*claims: str) -> list[float]:
    """Return the printed values of claims."""
    return [report.claim(name).value for name in claims]


# -- networks, computing and artificial intelligence ------------------------------------------------


def base_stations() -> pd.DataFrame:
    """Return 5G base stations in millions, users in hundred millions, and users a station, by date."""
    stations, users = dated(NETWORKS, "base_stations_5g") / 100, dated(NETWORKS, "users_5g") / 100
    frame = pd.DataFrame({"stations": stations, "users": users}).dropna()
    return frame.assign(users_per_station=100 * frame["users"] / frame["stations"])


def benchmark_gaps() -> pd.DataFrame:
    """Return the reasoning gap between the best models of the United States and China, at both dates printed.

    Columns: ``gap`` in score points and ``lag`` as printed; the scores of ``leader`` and ``follower`` in
    points if the lag is a per cent of the leader's score, each with ``_low`` and ``_high``.
    """
    return pd.DataFrame({date: _benchmark(date) for date in ("2024-12", "2025-07")}).T.rename_axis("date")


def benchmark_scores() -> pd.DataFrame:
    """Return the implied scores of ``benchmark_gaps``, a row a date and model: ``label, series, value, low, high``."""
    gaps = benchmark_gaps()
    scores = [
        gaps[[who, f"{who}_low", f"{who}_high"]].set_axis(["value", "low", "high"], axis=1).assign(series=series)
        for who, series in (("leader", "best American model"), ("follower", "best Chinese model"))
    ]
    frame = pd.concat(scores).reset_index()
    return frame.assign(label=frame["date"] + ": " + frame["series"]).sort_values("label", ignore_index=True)


def unicorns() -> pd.DataFrame:
    """Return the count of artificial-intelligence unicorns by country, and what left the list in between.

    Columns: ``before`` (first quarter of 2024, public) and ``now`` (second quarter of 2025, report);
    their shares in per cent; ``change``; and ``new_in_half_year``, the additions that the report counts.
    """
    places = {"United States": ("usa", "us"), "China": ("china", "china"), "world": ("world", "global")}
    rows = {name: _unicorns(*keys) for name, keys in places.items()}
    rows["other countries"] = rows["world"] - rows["United States"] - rows["China"]
    frame = pd.DataFrame(rows).T
    shares = {f"share_{column}": 100 * frame[column] / frame.at["world", column] for column in ("before", "now")}
    return frame.assign(**shares).rename_axis("place")


# -- electronics and software -----------------------------------------------------------------------


def output() -> pd.DataFrame:
    """Return yearly output of phones, microcomputers (hundred millions) and integrated circuits (hundred billions)."""
    frame = {}
    for product in OUTPUT:
        early = annual(PRODUCTS, f"{product}_output") / 1e4
        frame[product] = early.combine_first(annual(PRODUCTS, f"{product}_output_100m"))
    return pd.DataFrame(frame).assign(integrated_circuit=lambda wide: wide["integrated_circuit"] / 1000)


def output_index(base: int = 2010) -> pd.DataFrame:
    """Return ``output`` with the year ``base`` = 100."""
    levels = output()
    return 100 * levels / levels.loc[base]


def phones_to_may() -> pd.DataFrame:
    """Return phone shipments of January to May (hundred millions) and the share of 5G phones (per cent).

    2024 is what the report's numbers of 2025 imply; the years before are CAICT's monthly reports.
    """
    shipments = data.series(PRODUCTS, "phone_shipments", month=5)
    share = data.series(PRODUCTS, "phone_5g_share", month=5)
    frame = pd.DataFrame({"shipments": shipments, "share": share})
    frame.loc[2024] = [checks.computed(name).value for name in ("phone-shipments-2024m5", "phone-5g-share-2024m5")]
    frame.loc[2025] = claimed("c2s1-phone-shipments", "c2s1-5g-phone-share")
    return frame.sort_index()


def software_revenue() -> pd.DataFrame:
    """Return software revenue by part in trillion yuan: final figures to 2022, preliminary ones after."""
    return pd.DataFrame({part: annual(PRODUCTS, f"software_{part}_revenue") / 1e4 for part in SOFTWARE_PARTS})


def services_revenue() -> pd.DataFrame:
    """Return revenue of telecommunications and of internet enterprises in trillion yuan; years without a figure are gaps."""
    return pd.DataFrame({name: data.series("digital_industry", f"{name}_revenue") / 1e4 for name in ("telecom", "internet")})


def software_half_year_growth() -> Estimate:
    """Return the growth of software revenue in the first half of 2025 from two published levels, in per cent."""
    before = data.printed(PRODUCTS, "software_revenue", 2024, month=6)
    now = report.claim("c2s1-software-revenue")
    middle = 100 * (1e4 * now.value / data.series(PRODUCTS, "software_revenue", month=6)[2024] - 1)
    return Estimate.of(middle, 100 * (10000 * iv.mpf((now.low, now.high)) / iv.mpf(before) - 1))


# -- firms, data and services -----------------------------------------------------------------------


def smart_factories() -> pd.DataFrame:
    """Return the ministry's counts of smart factories by level and date; every count is a lower bound."""
    return pd.DataFrame({level: dated(FIRMS, f"smart_factories_{level}") for level in FACTORY_LEVELS})


def open_platforms() -> pd.DataFrame:
    """Return local open-data platforms by date: ``total``, ``provincial``, ``city``; the last date is the report's."""
    names = {"total": "", "provincial": "-province", "city": "-city"}
    frame = pd.DataFrame({name: dated(FIRMS, f"open_data_platforms_{name}") for name in names})
    last = claimed(*(f"c2s3-open-platforms{name}" for name in names.values()))
    frame.loc[pd.Timestamp("2024-07-31")] = last
    return frame


def enterprise_use() -> pd.DataFrame:
    """Return computers per hundred employees and the per cent of enterprises with electronic commerce, by year."""
    names = {"computers": "computers_per_100_employees", "ecommerce": "enterprises_with_ecommerce_share"}
    return pd.DataFrame({name: annual(FIRMS, series_id) for name, series_id in names.items()})


def bandwidth() -> pd.DataFrame:
    """Return two measures of China's international bandwidth in terabits a second, by year.

    ``outlets``: international outlets as official statistics count them; ``flow``: the report's cross-border
    data flow, with the level of 2023 that its growth rate implies.
    """
    flow = {2023: checks.computed("crossborder-flow-2023").value, 2024: report.claim("c2s3-crossborder-flow").value}
    outlets = annual(NETWORKS, "international_outlet_bandwidth")
    return pd.DataFrame({"outlets": outlets, "flow": pd.Series(flow)}) / 1000


def caict_flow_growth() -> pd.Series:
    """Return the growth rates of cross-border data flow that the report prints, in per cent by year."""
    rates = claimed("c2s3-crossborder-growth-ten-years-ago", "c2s3-crossborder-flow-growth")
    return pd.Series(rates, index=[2014, 2024])


def crossborder_growth() -> pd.DataFrame:
    """Return growth of international bandwidth in per cent by year.

    Columns: ``outlets``, China's international outlet bandwidth as official statistics count it, and
    ``world``, the mean yearly growth of all countries' international bandwidth between published years.
    """
    outlets = accounts.growth(annual(NETWORKS, "international_outlet_bandwidth"))
    world = annual(NETWORKS, "world_international_bandwidth")
    return pd.DataFrame({"outlets": outlets, "world": _mean_growth(world)})


def ecommerce() -> pd.DataFrame:
    """Return cross-border e-commerce in trillion yuan by year: as ``published``, and 2024 as quoted by the report."""
    levels = annual(FIRMS, "cross_border_ecommerce_trade") / 1e4
    return pd.DataFrame({"published": levels, "caict": pd.Series({2024: report.claim("c2s4-crossborder-ecommerce").value})})


def ecommerce_from_growth() -> Estimate:
    """Return cross-border e-commerce of 2024 in trillion yuan: the published level of 2023 and the printed growth."""
    return _ecommerce(lambda before, size, rate: before * (1 + rate / 100))


def ecommerce_growth() -> Estimate:
    """Return growth of cross-border e-commerce in 2024 in per cent: the printed level over the published one of 2023."""
    return _ecommerce(lambda before, size, rate: 100 * (size / before - 1))


def fraud_prevention() -> pd.DataFrame:
    """Return the police's counts of 2023, the report's of 2024, and their ratio, a row a count."""
    rows = {
        claim: {"2023": annual(FIRMS, series_id)[2023], "2024": report.claim(claim).value}
        for series_id, claim in FRAUD.items()
    }
    frame = pd.DataFrame(rows).T.set_index(pd.Index([report.claim(name).subject_en for name in rows], name="count"))
    return frame.assign(ratio=frame["2024"] / frame["2023"], unit=[report.claim(name).unit for name in rows])


def _at_month(values: pd.Series, month: int) -> pd.Series:
    return values.set_axis([pd.Timestamp(int(year), int(month), 1) + pd.offsets.MonthEnd(0) for year in values.index])


def _benchmark(date: str) -> dict[str, float]:
    gap, lag = claimed(f"c2s1-ai-reasoning-gap-{date}", f"c2s1-ai-reasoning-gap-pct-{date}")
    leader = checks.computed(f"ai-leader-score-{date}")
    return {
        "gap": gap, "lag": lag, "leader": leader.value, "leader_low": leader.low, "leader_high": leader.high,
        "follower": leader.value - gap, "follower_low": leader.low - gap, "follower_high": leader.high - gap,
    }  # fmt: skip


def _unicorns(series: str, claim: str) -> pd.Series:
    before = data.series(FIRMS, f"ai_unicorns_{series}", month=3)[2024]
    now, new = claimed(f"c2s1-ai-unicorns-{claim}", f"c2s1-ai-unicorns-new-{claim}")
    return pd.Series({"before": before, "now": now, "change": now - before, "new_in_half_year": new})


def _mean_growth(levels: pd.Series) -> pd.Series:
    years = levels.index.to_series().diff()
    return (100 * ((levels / levels.shift()) ** (1 / years) - 1)).dropna()


def _ecommerce(formula: Callable) -> Estimate:
    before = annual(FIRMS, "cross_border_ecommerce_trade")[2023] / 1e4
    low, high = before - 0.005, before + 0.005  # published as 2.38 trillion yuan
    size, rate = report.claim("c2s4-crossborder-ecommerce"), report.claim("c2s4-crossborder-ecommerce-growth")
    ends = formula(iv.mpf((low, high)), iv.mpf((size.low, size.high)), iv.mpf((rate.low, rate.high)))
    return Estimate.of(formula(before, size.value, rate.value), ends)
