"""Input-output algebra, the digital share of a sector's inputs, and tiers of sectors by that share.

Notation: flows Z (row: supplying product, column: using sector), output x, technical coefficients
A = Z / x, Leontief inverse L = (I - A)^-1, complete coefficients B = L - I. Source: millerblair2009.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.stats import spearmanr

from digital_economy import data

YEARS = (2012, 2015, 2017, 2018, 2020)  # the years with a table
FINAL_USES = ("household", "government", "fixed_capital", "inventories", "exports", "error")
VALUE_ADDED = ("labour_compensation", "net_production_tax", "depreciation", "operating_surplus")
MEASURES = ("direct_output", "direct_intermediate", "complete", "complete_share")
PRODUCTS = {
    "hardware": ("hardware",),
    "software": ("software",),
    "hardware_software": ("hardware", "software"),
    "with_instruments": ("hardware", "software", "instruments"),
}
IMPORTS = ("included", "removed")
TIERS = ("high", "medium", "low")
SIZES = (6, 20, 16)  # of the report's footnote 4
BALANCE = 1e-6  # relative; aggregating the printed figures leaves 2e-7
SINGULAR = 1e12  # condition number beyond which an inverse has lost its digits


@dataclass(frozen=True)
class Table:
    """A square table in one unit: ``flows`` n x n, the other parts by sector; ``final_use`` includes exports."""

    flows: pd.DataFrame
    output: pd.Series
    final_use: pd.Series
    value_added: pd.Series
    imports: pd.Series
    exports: pd.Series


def check_balance(table: Table, *, tolerance: float = BALANCE) -> None:
    """Refuse a table whose rows or columns do not add to output, naming the worst sector and by how much.

    Raises
    ------
    ValueError
        Flows + final uses - imports differ from output along a row, or flows + value added down a
        column, by more than ``tolerance`` of output.
    """
    found = {
        "row": table.flows.sum(axis=1) + table.final_use - table.imports,
        "column": table.flows.sum() + table.value_added,
    }
    for side, total in found.items():
        gap = (total / table.output - 1).abs().fillna(np.inf)
        worst = gap.idxmax()
        if gap[worst] > tolerance:
            raise ValueError(
                f"input-output table: found {side} {worst} to add to {total[worst]:,.2f} against an output of "
                f"{table.output[worst]:,.2f}, {gap.gt(tolerance).sum()} {side}s out of balance; right is a difference "
                f"of at most {tolerance:g} of output"
            )


def technical_coefficients(flows: pd.DataFrame, output: pd.Series) -> pd.DataFrame:
    """Return A = Z / x, what a unit of a column's output uses of each row's product.

    Raises
    ------
    ValueError
        Output that is not positive, or a negative flow.
    """
    bad = output.index[~(output > 0)]
    if len(bad):
        raise ValueError(f"output: found {output[bad[0]]} in {list(bad)}; right is a positive output in every sector")
    if (flows.to_numpy() < 0).any():
        row, column = flows.stack().idxmin()
        raise ValueError(f"flows: found {flows.at[row, column]} from {row} to {column}; right is no negative flow")
    return flows / output


def domestic_coefficients(coefficients: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return A without imports, each product's imported share of domestic use removed alike for all users."""
    supply = table.output + table.imports - table.exports
    return coefficients.mul(1 - table.imports / supply, axis=0)


def leontief_inverse(coefficients: pd.DataFrame) -> pd.DataFrame:
    """Return L = (I - A)^-1: output of each row that a unit of final use of each column calls for.

    Raises
    ------
    ValueError
        A is not productive (spectral radius one or more) or I - A is singular. A nonnegative A is
        productive just when its inverse exists and is nonnegative (Hawkins and Simon).
    """
    matrix = np.eye(len(coefficients)) - coefficients.to_numpy(dtype=float)
    try:
        inverse = np.linalg.inv(matrix)
    except np.linalg.LinAlgError:
        inverse = np.full_like(matrix, np.inf)
    condition = np.linalg.norm(matrix, 1) * np.linalg.norm(inverse, 1)
    if not condition < SINGULAR or inverse.min() < -1e-12 * inverse.max():
        radius = abs(np.linalg.eigvals(coefficients.to_numpy(dtype=float))).max()
        raise ValueError(
            f"coefficients: found a spectral radius of {radius:.6g} and a condition number of {condition:.3g}; "
            "right is a productive matrix, with a radius below 1"
        )
    return pd.DataFrame(inverse, index=coefficients.index, columns=coefficients.columns)


def complete_coefficients(coefficients: pd.DataFrame) -> pd.DataFrame:
    """Return B = L - I: what a unit of a column's output uses of each row's product, directly and through suppliers."""
    return leontief_inverse(coefficients) - np.eye(len(coefficients))


def input_share(coefficients: pd.DataFrame, products: list[str], *, measure: str) -> pd.Series:
    """Return what each sector uses of some products, as a coefficient or as a share (a number, not per cent).

    ``measure``: ``direct_output`` per unit of output, ``direct_intermediate`` as a share of direct
    inputs, ``complete`` per unit of output with all rounds of suppliers, ``complete_share`` as a
    share of all complete inputs.

    Raises
    ------
    ValueError
        Unknown measure, or a share in a sector without inputs.
    """
    _one_of("measure", measure, MEASURES)
    used = coefficients if measure.startswith("direct") else complete_coefficients(coefficients)
    amount, total = used.loc[products].sum(), used.sum()
    if measure in ("direct_output", "complete"):
        return amount
    if (total <= 0).any():
        raise ValueError(f"inputs: found none in {list(total.index[total <= 0])}; right is some input in every sector")
    return amount / total


def tiers(share: pd.Series, sizes: tuple[int, ...] = SIZES, names: tuple[str, ...] = TIERS) -> pd.Series:
    """Return the tier of each sector, the highest ``sizes[0]`` of ``share`` first; ties keep their order.

    Raises
    ------
    ValueError
        Missing shares, or sizes that do not add to the number of sectors.
    """
    if share.isna().any():
        raise ValueError(f"tiers: found no share for {list(share.index[share.isna()])}; right is a share for each sector")
    if sum(sizes) != len(share):
        raise ValueError(f"tiers: found sizes {sizes} for {len(share)} sectors; right is sizes that add to that")
    rank = share.rank(ascending=False, method="first")
    return pd.cut(rank, [0, *np.cumsum(sizes)], labels=list(names)).astype(str).rename("tier")


def natural_breaks(values: pd.Series, classes: int = len(TIERS)) -> tuple[int, ...]:
    """Return the class sizes, highest values first, that leave the least variation inside the classes.

    The optimum over all cuts of the sorted values (Jenks and Fisher), by trying each.
    """
    ordered = np.sort(values.to_numpy())[::-1]

    def within(cuts: tuple[int, ...]) -> float:
        return sum(part.var() * len(part) for part in np.split(ordered, cuts))

    best = min(combinations(range(1, len(ordered)), classes - 1), key=within)
    return tuple(int(size) for size in np.diff([0, *best, len(ordered)]))


def clusters(values: pd.Series, classes: int = len(TIERS)) -> tuple[int, ...]:
    """Return the class sizes, highest values first, of average-linkage clustering."""
    ordered = values.sort_values(ascending=False)
    labels = fcluster(linkage(ordered.to_numpy()[:, None], "average"), classes, "maxclust")
    return tuple(int((labels == label).sum()) for label in dict.fromkeys(labels))


# -- China's tables -------------------------------------------------------------------------------


@data.remembered
def sectors() -> pd.DataFrame:
    """Return the 42 sectors by code: names, digital product, and the report's ``tier`` and ``order`` in footnote 4."""
    reported = data.load("sector_tiers").set_index("order")["tier"]
    frame = data.load("input_output_sectors").set_index("sector")
    return frame.assign(tier=frame["order"].map(reported))


def number_of_sectors() -> int:
    """Return the number of sectors of the tables."""
    return len(sectors())


def number_of_tiers() -> int:
    """Return the number of tiers of footnote 4."""
    return sectors()["tier"].nunique()


@data.remembered
def read_table(year: int) -> Table:
    """Return the input-output table of a year in 100 million yuan, balanced to ``BALANCE``.

    Raises
    ------
    ValueError
        No table for the year, or one that does not balance.
    """
    frame = data.load("input_output_flows")
    years = sorted(int(period) for period in frame["period"].unique())
    if year not in years:
        raise ValueError(f"input-output table: found none for {year}; right is one of {years}")
    cells = frame[frame["period"] == year].pivot(index="row", columns="column", values="value").fillna(0)
    codes = list(data.load("input_output_sectors")["sector"])
    cells = cells.reindex(index=[*codes, *VALUE_ADDED], columns=[*codes, *FINAL_USES, "imports", "output"], fill_value=0)
    table = Table(
        flows=cells.loc[codes, codes],
        output=cells.loc[codes, "output"],
        final_use=cells.loc[codes, list(FINAL_USES)].sum(axis=1),
        value_added=cells.loc[list(VALUE_ADDED), codes].sum(),
        imports=cells.loc[codes, "imports"],
        exports=cells.loc[codes, "exports"],
    )
    check_balance(table)
    return table


def digital_input_share(
    year: int, *, measure: str = "complete_share", products: str = "hardware_software", imports: str = "removed"
) -> pd.Series:
    """Return the digital share of each sector's inputs in per cent, indexed S01 to S42.

    ``measure`` as in ``input_share``; ``products`` is a key of ``PRODUCTS``; ``imports`` are
    ``included`` in the inputs or ``removed`` in proportion. The defaults are the definition whose
    ranks come nearest to footnote 4 of the report (``agreements``).

    Raises
    ------
    ValueError
        Unknown choice, or no table for the year.
    """
    _one_of("products", products, PRODUCTS)
    _one_of("imports", imports, IMPORTS)
    table = read_table(year)
    coefficients = technical_coefficients(table.flows, table.output)
    if imports == "removed":
        coefficients = domestic_coefficients(coefficients, table)
    kinds = data.load("input_output_sectors").set_index("sector")["digital_product"]
    return 100 * input_share(coefficients, list(kinds.index[kinds.isin(PRODUCTS[products])]), measure=measure)


def definitions() -> pd.MultiIndex:
    """Return every definition of the digital share: ``measure, products, imports``."""
    return pd.MultiIndex.from_product([MEASURES, PRODUCTS, IMPORTS], names=["measure", "products", "imports"])


@data.remembered
def all_shares() -> pd.DataFrame:
    """Return the digital share in per cent under every definition and year: a row a sector, a column a definition."""
    columns = {
        (year, *choice): digital_input_share(year, **dict(zip(definitions().names, choice, strict=True)))
        for year, choice in product(YEARS, definitions())
    }
    return pd.DataFrame(columns).rename_axis(columns=["year", *definitions().names])


def agreement(share: pd.Series) -> pd.Series:
    """Return how a digital share agrees with footnote 4.

    ``rank_correlation`` (Spearman) of the share with the printed order, overall and inside each
    tier, and ``in_tier``, the number of sectors that fall into their tier at the report's sizes.
    """
    order, reported = sectors()["order"], sectors()["tier"]

    def correlation(members: pd.Series) -> float:
        return float(spearmanr(share[members], -order[members]).statistic)

    inside = {f"rank_correlation_{tier}": correlation(reported == tier) for tier in TIERS}
    in_tier = int((tiers(share) == reported).sum())
    return pd.Series({"rank_correlation": correlation(order > 0), **inside, "in_tier": in_tier})


@data.remembered
def agreements() -> pd.DataFrame:
    """Return the agreement with footnote 4 of every definition in every year, the best rank correlation first."""
    frame = all_shares().apply(agreement).T.astype({"in_tier": int})
    return frame.sort_values(["rank_correlation", "in_tier"], ascending=False)


def class_sizes(definitions: list[tuple]) -> pd.DataFrame:
    """Return the sizes of three classes as text, cut by natural breaks and by clusters, of the shares and of their logarithms."""
    shares = all_shares()[definitions]
    ways = {
        "natural breaks": natural_breaks,
        "natural breaks of logarithms": lambda share: natural_breaks(np.log(share)),
        "clusters": clusters,
        "clusters of logarithms": lambda share: clusters(np.log(share)),
    }
    sizes = {name: shares.apply(lambda share: ", ".join(map(str, way(share)))) for name, way in ways.items()}
    return pd.DataFrame(sizes)


def _one_of(name: str, found: str, right) -> None:
    if found not in right:
        raise ValueError(f"{name}: found {found!r}; right is one of {list(right)}")
