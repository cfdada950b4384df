"""What the report states: its claims, each with the interval that its printed form allows."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from digital_economy import data

COUNTED = {"count", "rank", "year", "year_label", "year_month"}  # whole things: not rounded


@dataclass(frozen=True)
class Claim:
    """One number of the report: where it stands, what it says, and its interval [low, high]."""

    claim: str
    section: str
    subject_en: str
    subject_zh: str
    value: float
    low: float
    high: float
    unit: str


def claims() -> pd.DataFrame:
    """Return every claim of the report, in printed order, with ``low`` and ``high`` added.

    The ends are in the claim's unit; see ``printed_interval`` for how they follow from the print.
    """
    return _claims().copy()


def claim(identifier: str) -> Claim:
    """Return one claim.

    Raises
    ------
    KeyError
        The report has no claim of that name.
    """
    named = _named()
    if identifier not in named:
        raise KeyError(f"no claim {identifier!r} in the table claims")
    return named[identifier]


def printed_interval(row) -> tuple[float, float]:
    """Return the interval of true values that a row of the table ``claims`` is compatible with.

    ``exact`` allows half a unit of the last printed decimal on each side, ``about`` a whole one;
    ``more_than`` is open above, ``nearly`` and ``up_to`` are open below. Counted things are exact,
    and a printed span reaches from its first to its last number.
    """
    if not math.isnan(row.value_high):
        return row.value, row.value_high
    if row.qualifier == "more_than":
        return row.value, math.inf
    if row.qualifier in ("nearly", "up_to"):
        return -math.inf, row.value
    if row.qualifier == "about":
        low, high = data.rounding_interval(row.value, row.decimals)
        return 2 * low - row.value, 2 * high - row.value
    if row.unit in COUNTED:
        return row.value, row.value
    return data.rounding_interval(row.value, row.decimals)


@data.remembered
def _claims() -> pd.DataFrame:
    frame = data.load("claims")
    ends = [printed_interval(row) for row in frame.itertuples()]
    return frame.assign(low=[low for low, _ in ends], high=[high for _, high in ends])


@data.remembered
def _named() -> dict[str, Claim]:
    rows = _claims().itertuples()
    return {row.claim: Claim(**{name: getattr(row, name) for name in Claim.__dataclass_fields__}) for row in rows}


def framework() -> pd.DataFrame:
    """Return the parts of the digital economy with the items the report lists under each."""
    return data.load("framework")


def framework_parts() -> int:
    """Return the number of parts of the framework."""
    return framework()["part_en"].nunique()
