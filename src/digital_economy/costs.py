"""Cost ratio and cost-expense profit ratio by sector and tier, and what the report's tier means imply.

Cost ratio: cost over revenue. Profit ratio: total profit over cost, selling, administrative (with
R&D) and financial expenses. Both in per cent, of enterprises above designated size, by the sectors
of the input-output tables.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from mpmath import iv

from digital_economy import data, inputoutput, report
from digital_economy.accounts import Estimate

ITEMS = {  # what a column is called here, and its item in the enterprise statistics
    "production": "cost",
    "management": "administration_with_rd",
    "finance": "finance",
    "sales": "selling",
    "profit": "profit",
}
COMPONENTS = ("production", "management", "finance", "sales")
IN_WORDS = {"production": "production", "management": "management and R&D", "finance": "financing", "sales": "sales"}  # finance is a sector too
RATIOS = ("cost_ratio", "profit_ratio")
OPERATING_FROM = 2018  # until then the headline items are those of the main business
LATEST = 2022  # the last year with all items of all divisions of industry
LATEST_SERVICES = 2021
PRIMARY = ("A", "B")  # sections whose sectors sell primary products: agriculture and mining
PUBLISHED = {  # the tier means of the report's Figure 7
    "cost_ratio": "c3s2-cost-ratio-{tier}",
    "profit_ratio": "c3s2-cost-profit-ratio-{tier}",
    "without_primary": "c3s2-cost-profit-ratio-{tier}-ex-primary",
}


def items(*, vintage: str) -> pd.DataFrame:
    """Return every item of the enterprise statistics by (sector, year) in 100 million yuan, branches added up.

    A sector has an item only in the years in which all its branches have it.

    Raises
    ------
    ValueError
        A branch without a sector in the concordance.
    """
    frame = data.load("enterprise_accounts").query("vintage == @vintage")
    concordance = data.load("enterprise_branches").set_index("branch")["sector"]
    return by_sector(frame, concordance)


def by_sector(frame: pd.DataFrame, concordance: pd.Series) -> pd.DataFrame:
    """Return long rows ``branch, series_id, period, value`` added up to sectors: a row (sector, year), a column an item.

    ``concordance`` gives the sector of each branch. A sum that lacks a branch is missing, not smaller.

    Raises
    ------
    ValueError
        A branch without a sector in the concordance.
    """
    absent = sorted(set(frame["branch"]) - set(concordance.index))
    if absent:
        raise ValueError(f"concordance: found no sector for the branches {absent}; right is one sector for each branch")
    members = concordance[concordance.index.isin(frame["branch"])].value_counts()
    sector = frame["branch"].map(concordance).rename("sector")
    year = frame["period"].astype(int).rename("year")
    groups = frame.groupby([sector, year, "series_id"])["value"]
    totals, counts = groups.sum(), groups.size()
    whole = counts == counts.index.get_level_values("sector").map(members)
    return totals[whole.to_numpy()].unstack("series_id")


@data.remembered
def accounts(*, vintage: str = "release", operating_from: int = OPERATING_FROM) -> pd.DataFrame:
    """Return revenue, the four cost components and profit of the 26 industrial sectors, in 100 million yuan.

    Rows (sector, year), for the years that have every item. This is the one place where the breaks of
    definition are handled: revenue and cost are those of the main business before ``operating_from`` and
    operating ones from then on (2017 and 2018 have both); management always includes R&D, which a
    release leaves out from 2019 on: there the yearbook's figure is taken, the only item ever taken from
    another vintage.
    """
    table = items(vintage=vintage)
    operating = table.index.get_level_values("year") >= operating_from

    def headline(item: str) -> pd.Series:
        old = table[f"{item}_main_business"]
        return table[f"{item}_operating"].where(operating, old) if f"{item}_operating" in table else old

    table = table.assign(cost=headline("cost"), revenue=headline("revenue"))
    if vintage == "release":
        yearbook = items(vintage="yearbook")["administration_with_rd"]
        table["administration_with_rd"] = table["administration_with_rd"].fillna(yearbook)
    named = table[["revenue", *ITEMS.values()]].set_axis(["revenue", *ITEMS], axis=1)
    return named[named.index.get_level_values("sector").isin(_industry())].dropna()


def ratios(frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``cost_ratio`` and ``profit_ratio`` in per cent from the columns of ``accounts``."""
    return pd.DataFrame(
        {
            "cost_ratio": 100 * frame["production"] / frame["revenue"],
            "profit_ratio": 100 * frame["profit"] / frame[list(COMPONENTS)].sum(axis=1),
        }
    )


def shares_of_revenue(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the four components, profit and the rest (taxes, other income) in per cent of revenue; a row adds to 100."""
    shares = 100 * frame[[*COMPONENTS, "profit"]].div(frame["revenue"], axis=0)
    return shares.assign(other=100 - shares.sum(axis=1))


@data.remembered
def services() -> pd.DataFrame:
    """Return both ratios of the service sectors and construction by (sector, year), as far as they are public.

    There are no expenses, so the profit ratio is profit over all revenue that is not profit. Profit of
    trade, hotels and catering before 2019 is main business profit and left out.
    """
    frame = data.load("enterprise_accounts")
    concordance = data.load("enterprise_branches").set_index("branch")["sector"]
    outside = frame["branch"].map(concordance).isin(_industry())
    table = by_sector(frame[~outside], concordance)
    revenue = table["revenue_operating"].fillna(table["revenue_main_business"])
    cost = table["cost_operating"].fillna(table["cost_main_business"])
    return pd.DataFrame({"cost_ratio": 100 * cost / revenue, "profit_ratio": profit_on_rest(table["profit"], revenue)})


def profit_on_rest(profit: pd.Series, revenue: pd.Series) -> pd.Series:
    """Return profit over revenue without profit in per cent: the profit ratio where no expenses are known."""
    return 100 * profit / (revenue - profit)


@data.remembered
def latest() -> pd.DataFrame:
    """Return the two ratios of each of the 42 sectors in its latest full year, missing where nothing is public.

    Columns ``cost_ratio, profit_ratio, revenue, year`` and those of ``inputoutput.sectors``; ``primary``
    marks agriculture and mining.
    """
    industry = ratios(accounts()).xs(LATEST, level="year").assign(year=LATEST)
    others = services().dropna(how="all").reset_index("year").groupby("sector").last()
    revenue = accounts()["revenue"].xs(LATEST, level="year")
    sectors = inputoutput.sectors()
    frame = sectors.join(pd.concat([industry, others])).assign(revenue=revenue)
    return frame.assign(primary=sectors["section"].isin(PRIMARY))


def tier_means(frame: pd.DataFrame, ratio: str) -> pd.DataFrame:
    """Return the mean of a ratio in each tier: unweighted, weighted by revenue, and without primary products.

    Columns ``sectors`` in the tier, ``seen`` with the ratio, ``mean``, ``weighted`` (over the industrial
    sectors, whose revenue is one concept), ``without_primary``.
    """
    seen = frame.dropna(subset=ratio)
    weighed = seen.dropna(subset="revenue")
    products = (weighed[ratio] * weighed["revenue"]).groupby(weighed["tier"]).sum()
    means = {
        "sectors": frame.groupby("tier").size(),
        "seen": seen.groupby("tier").size(),
        "mean": seen.groupby("tier")[ratio].mean(),
        "weighted": products / weighed.groupby("tier")["revenue"].sum(),
        "without_primary": seen[~seen["primary"]].groupby("tier")[ratio].mean(),
    }
    return pd.DataFrame(means).loc[list(inputoutput.TIERS)]


def bounded_mean(values: pd.Series, lowest: float, highest: float) -> Estimate:
    """Return the mean of the values that are known, between the means if all others were ``lowest`` or ``highest``."""
    low, high = values.fillna(lowest).mean(), values.fillna(highest).mean()
    return Estimate(float(values.mean()), float(low), float(high))


def tier_mean(ratio: str, tier: str, *, with_primary: bool = True) -> Estimate:
    """Return the unweighted mean of a ratio over the sectors of a tier in the latest full years.

    The interval lets each sector without public figures lie anywhere between the lowest and the
    highest ratio of any sector that has them.
    """
    frame = latest()
    members = frame[(frame["tier"] == tier) & (with_primary | ~frame["primary"])]
    return bounded_mean(members[ratio], frame[ratio].min(), frame[ratio].max())


def tier_points(ratio: str) -> pd.DataFrame:
    """Return the tier means of a ratio as rows ``label, series, value, low, high`` for a chart.

    The report's mean, the unweighted mean of the sectors with public figures with its bounds, the
    revenue-weighted mean of industry and the mean without primary products.
    """
    means = tier_means(latest(), ratio)
    rows = []
    for tier in inputoutput.TIERS:
        ours = tier_mean(ratio, tier)
        known = f"{means.at[tier, 'seen']} of {means.at[tier, 'sectors']} sectors"
        rows.append((f"{tier}, CAICT", "CAICT", *[published_mean(ratio, tier).value] * 3))
        rows.append((f"{tier}, {known}", "unweighted", ours.value, ours.low, ours.high))
        for column, name in {"weighted": "by revenue", "without_primary": "no primary"}.items():
            rows.append((f"{tier}, {name}", name, *[means.at[tier, column]] * 3))
    return pd.DataFrame(rows, columns=["label", "series", "value", "low", "high"])


def history() -> pd.DataFrame:
    """Return the unweighted tier means of both ratios over the industrial sectors: rows year, columns (ratio, tier)."""
    frame = ratios(accounts())
    tier = frame.index.get_level_values("sector").map(inputoutput.sectors()["tier"])
    return frame.groupby([tier.rename("tier"), "year"]).mean().unstack("tier")


def breaks() -> pd.DataFrame:
    """Return how far the breaks of definition move the ratios of the 26 sectors, in percentage points.

    ``mean`` and ``largest`` change over the sectors: operating against main business items in 2017 and
    2018, and yearbook against release in 2017.
    """
    old, new = ratios(accounts(operating_from=2019)), ratios(accounts(operating_from=2017))
    moves = {f"operating against main business, {year}": (new - old).xs(year, level="year") for year in (2017, 2018)}
    moves["yearbook against release, 2017"] = (ratios(accounts(vintage="yearbook")) - old).xs(2017, level="year")
    rows = {
        (change, ratio): {"mean": move[ratio].mean(), "largest": move[ratio].loc[move[ratio].abs().idxmax()]}
        for change, move in moves.items()
        for ratio in RATIOS
    }
    return pd.DataFrame(rows).T.rename_axis(["definition", "ratio"])


# -- what the published means imply ----------------------------------------------------------------


def published_mean(kind: str, tier: str) -> report.Claim:
    """Return a tier mean of the report's Figure 7; ``kind`` is a key of ``PUBLISHED``."""
    return report.claim(PUBLISHED[kind].format(tier=tier))


def implied_excluded(tier: str, excluded: int) -> Estimate:
    """Return the mean profit ratio of ``excluded`` sectors that takes one published tier mean to the other.

    With n sectors and unweighted means m of all and m' without them: (n m - (n - k) m') / k. The
    interval covers the rounding of both.
    """
    whole, rest = published_mean("profit_ratio", tier), published_mean("without_primary", tier)
    n = int((inputoutput.sectors()["tier"] == tier).sum())
    ends = (n * iv.mpf((whole.low, whole.high)) - (n - excluded) * iv.mpf((rest.low, rest.high))) / excluded
    return Estimate.of((n * whole.value - (n - excluded) * rest.value) / excluded, ends)


def implied_weight(excluded_ratio: float) -> Estimate:
    """Return the weight in per cent that one excluded medium sector with this profit ratio must have had.

    m = w r + (1 - w) m', so w = (m - m') / (r - m'); an unweighted mean of twenty gives five per cent.
    """
    whole, rest = published_mean("profit_ratio", "medium"), published_mean("without_primary", "medium")
    rest_ends = iv.mpf((rest.low, rest.high))
    ends = 100 * (iv.mpf((whole.low, whole.high)) - rest_ends) / (iv.mpf(excluded_ratio) - rest_ends)
    return Estimate.of(100 * (whole.value - rest.value) / (excluded_ratio - rest.value), ends)


def implied_unseen(ratio: str) -> pd.DataFrame:
    """Return the mean that the sectors without public figures need for the published tier means to hold.

    Columns ``published``, ``mean`` and number (``seen``) of the sectors with figures, ``unseen`` and
    ``needed``, missing where a tier has no unseen sector.
    """
    means = tier_means(latest(), ratio)[["sectors", "seen", "mean"]]
    published = pd.Series({tier: published_mean(ratio, tier).value for tier in means.index})
    unseen = means["sectors"] - means["seen"]
    needed = (published * means["sectors"] - means["mean"] * means["seen"]) / unseen.replace(0, np.nan)
    return means.drop(columns="sectors").assign(unseen=unseen, published=published, needed=needed)


def oil_and_gas(year: int) -> float:
    """Return the profit ratio of oil and gas extraction in per cent, with the expense ratio of ``LATEST`` for a later year."""
    sector, known = "S03", accounts().loc["S03"]
    if year in known.index:
        return float(ratios(known).at[year, "profit_ratio"])
    now = items(vintage="release").loc[(sector, year)]
    expenses = known.loc[LATEST, list(COMPONENTS[1:])].sum() / known.at[LATEST, "revenue"]
    return float(100 * now["profit"] / (now["cost_operating"] + expenses * now["revenue_operating"]))


def revenue_share(sector: str, year: int) -> float:
    """Return a sector's share of its tier's output in the input-output table of a year, in per cent."""
    output, tier = inputoutput.read_table(year).output, inputoutput.sectors()["tier"]
    return float(100 * output[sector] / output[tier == tier[sector]].sum())


def input_output_ratios(year: int) -> pd.DataFrame:
    """Return two ratios of all 42 sectors from the input-output table of a year, in per cent.

    ``intermediate``: intermediate input over output. ``surplus``: operating surplus over output less
    surplus and net production tax. They resemble the two ratios but follow the national accounts.
    """
    frame = data.load("input_output_flows").query("period == @year")
    cells = frame.pivot(index="row", columns="column", values="value").fillna(0)[list(inputoutput.sectors().index)]
    output = inputoutput.read_table(year).output
    surplus, tax = cells.loc["operating_surplus"], cells.loc["net_production_tax"]
    intermediate = inputoutput.read_table(year).flows.sum()
    return pd.DataFrame({"intermediate": 100 * intermediate / output, "surplus": 100 * surplus / (output - surplus - tax)})


def _industry() -> pd.Index:
    """Return the sectors of mining, manufacturing and utilities."""
    sectors = inputoutput.sectors()
    return sectors.index[sectors["section"].isin(["B", "C", "D"])]
