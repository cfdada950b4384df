"""Codes of the tables and names of the package in a reader's words."""

from __future__ import annotations

import re

import pandas as pd

from digital_economy import report
from digital_economy.apparatus import number

COLUMNS = {  # the package's names for quantities, in a reader's words
    "alone": "alone (%)",
    "by_evidence": "by evidence",
    "by_hand": "by hand",
    "original_url": "publisher's own address",
    "url": "read at",
    "coefficient": "slope",
    "contribution": "contribution (%)",
    "coverage_50": "50% holds",
    "coverage_80": "80% holds",
    "coverage_95": "95% holds",
    "chi_square": "chi-square",
    "data_sets": "data sets",
    "departure": "largest departure",
    "digital_input": "digital input (%)",
    "cost_per_100": "cost",
    "cost_per_100_change": "cost, change",
    "cost_ratio": "cost ratio",
    "crps": "CRPS",
    "cv": "CV",
    "divisor": "divisor in SD",
    "ess_bulk": "ESS, bulk",
    "ess_tail": "ESS, tail",
    "effective": "effective number",
    "evidence": "log Bayes factor",
    "exact_a_second": "one at a time, a second",
    "expense_per_100": "expenses",
    "expense_per_100_change": "expenses, change",
    "gap": "gap (points)",
    "high": "upper end",
    "gdp_growth": "GDP growth (%)",
    "growth": "published growth (%)",
    "growth_of_sizes": "growth of sizes (%)",
    "in_all": "with interactions (%)",
    "in_tier": "sectors in their tier",
    "interval_score": "interval score",
    "largest": "largest change",
    "largest_difference_sd": "largest difference (sd)",
    "last_month": "January to month",
    "low": "lower end",
    "matches_cv": "prints as CAICT's CV",
    "matches_sd": "prints as CAICT's SD",
    "mcse_mean": "error of the mean",
    "mean_rate": "growth in mean",
    "measure": "digital share",
    "needed": "needed of the unseen",
    "negative": "probability of a fall",
    "own": "alone",
    "nominal_growth": "nominal growth (%)",
    "nominal_points": "points of nominal growth",
    "per_doubling": "per doubling",
    "per_log_unit": "per log unit",
    "per_percent": "per 1%",
    "prior_mean": "mean before",
    "prior_sd": "sd before",
    "products": "digital products",
    "profit_if_constant": "profit ratio, other items constant",
    "profit_margin": "margin",
    "profit_ratio": "profit ratio",
    "r_hat": "R-hat",
    "range": "range (points)",
    "rank_correlation": "rank correlation",
    "rank_correlation_high": "inside high",
    "rank_correlation_low": "inside low",
    "rank_correlation_medium": "inside medium",
    "rate": "growth in SD",
    "real_growth": "real growth (%)",
    "real_points": "points of real growth",
    "revenue_growth": "revenue, growth (%)",
    "rmse": "RMSE",
    "sd": "SD",
    "seen": "sectors seen",
    "series_a_second": "at once, a second",
    "share": "share (%)",
    "share_change": "change of share (points)",
    "slopes": "intervals that hold it (%)",
    "standard_error": "standard error",
    "unseen": "sectors unseen",
    "value_added_growth": "value added, real growth (%)",
    "vintage": "GDP",
    "wild_high": "wild, high",
    "wild_low": "wild, low",
    "wild_p": "wild p",
}
MEASURE = {
    "direct_output": "direct coefficient",
    "direct_intermediate": "direct share",
    "complete": "complete coefficient",
    "complete_share": "complete share",
}
PRODUCTS = {
    "hardware": "hardware",
    "software": "software",
    "hardware_software": "hard- and software",
    "with_instruments": "with instruments",
}
DEFINITION = {"measure": MEASURE, "products": PRODUCTS}  # of digital input, by column
PARAMETER = {"ar": "autoregression", "ma": "moving average", "sigma": "scale of the shocks"}
RATIO = {"cost_ratio": "cost ratio", "profit_ratio": "profit ratio"}
BASIS = {
    "identity": "arithmetic on published numbers",
    "public_data": "public data",
    "public_proxy": "public proxy",
    "open_method": "open method",
    "quoted": "quoted",
}
VERDICT = {
    "reproduced": "reproduced",
    "within_interval": "within our interval",
    "different": "different",
    "not_recomputable": "not recomputable",
}
CHAPTER = {"fw": "Foreword", "1": "Chapter 1", "2": "Chapter 2", "3": "Chapter 3", "4": "Chapter 4"}
UNIT = {
    "trillion_yuan": "trillion yuan",
    "yuan_100m": "hundred million yuan",
    "usd_100m": "hundred million US dollars",
    "percent": "%",
    "ratio_percent": "%",
    "percentage_point": "points",
    "ratio": "",
    "elasticity": "",
    "count": "",
    "count_1k": "thousand",
    "count_10k": "ten thousand",
    "count_10m": "ten million",
    "count_100m": "hundred million",
    "square_metre_100m": "hundred million square metres",
    "gbps": "Gbit/s",
    "eflops": "EFLOPS",
    "eb": "EB",
    "second": "seconds",
    "week": "weeks",
    "year": "years",
    "year_label": "",
    "year_month": "",
    "rank": "in rank",
    "score_point": "score points",
    "k_resolution": "K",
    "task_per_month": "tasks a month",
}
DATES = ("year_label", "year_month")  # a date takes no thousands separator
OF_A_YEAR = re.compile(r"(\w+)_(\d{4})")  # a column of a wide table
SPAN = re.compile(r"last_(\d+)y")
PART = re.compile(r"(\d{4})(H1|H2|Q1|Q2|Q3|Q4)")
PART_NAMES = {
    "H1": "first half of",
    "H2": "second half of",
    "Q1": "first quarter of",
    "Q2": "second quarter of",
    "Q3": "third quarter of",
    "Q4": "fourth quarter of",
}
QUALIFIER = {"exact": "", "about": "about ", "more_than": "more than ", "nearly": "nearly ", "up_to": "up to "}


def column(name: str) -> str:
    """Return the heading of a column: ``sd`` is SD, ``growth_2024`` growth in 2024."""
    return COLUMNS.get(name) or OF_A_YEAR.sub(r"\1 in \2", str(name))


def published(row) -> str:
    """Return a claim's number as the report prints it, with its qualifier and unit."""
    printed = f"{row.value:.0f}" if row.unit in DATES else number(row.value, row.decimals)
    if not pd.isna(row.value_high):
        printed += f" to {row.value_high:.0f}"
    unit = "point" if row.unit == "percentage_point" and row.value == 1 else UNIT.get(row.unit, row.unit)
    return f"{QUALIFIER[row.qualifier]}{printed} {unit}".strip()


def answer(row) -> str:
    """Return our answer to a claim as text: one decimal more than the claim's, none for counts and dates."""
    if row.unit in DATES:
        return f"{row.ours:.0f}"
    whole = row.unit in report.COUNTED and float(row.ours).is_integer()
    return number(row.ours, row.decimals if whole else row.decimals + 1)


def interval(row) -> str:
    """Return the interval of our answer to a claim as text, empty where it is a point."""
    if pd.isna(row.ours) or row.ours_low == row.ours_high:
        return ""
    low, high = (number(end, row.decimals + 1) for end in (row.ours_low, row.ours_high))
    return f"[{low}, {high}]"


def period(code: str) -> str:
    """Return the time a claim speaks of in words: ``2013/2023`` is 2013 to 2023, ``2025H1`` the first half of 2025."""
    if span := SPAN.fullmatch(code):
        return f"last {span[1]} years"
    return " to ".join(PART.sub(lambda part: f"{PART_NAMES[part[2]]} {part[1]}", end) for end in code.split("/"))


def parameter(name: str) -> str:
    """Return a model's parameter in words: ``ar[2]`` is the second lag of its autoregression."""
    kind, _, which = name.removesuffix("]").partition("[")
    words = PARAMETER.get(kind, kind)
    if not which:
        return words
    return f"{words}, lag {which}" if which.isdecimal() else f"{words} of {which}"
