"""Every answer this edition gives, held against every claim of the report."""

from __future__ import annotations

import math

import pandas as pd

from digital_economy import data, entries, report
from digital_economy.accounts import Estimate
from digital_economy.entries import Entry

EDGE = 1e-9  # relative; a float this near to the end of a rounding interval lies on it
MONTE_CARLO_ERRORS = 4  # a posterior quantity may move by so many standard errors
QUOTED = {  # why a claim is quoted, by the source that the report names for it
    "caict": "measured by CAICT; the data behind it are not public",
    "idc": "a market researcher's figure; the release behind it is not public",
    "gartner": "a market researcher's figure; the release behind it is not public",
    "company": "a company's own statement; no public series holds it",
    "unstated": "the report names no source, and no public figure of the same thing was found",
}
SOURCE_NOT_FOUND = "the report names its source, but no public copy of the figure was found"
PLANNED = "a forecast or a plan; there is no outcome to hold it against"
COLUMNS = ["claim", "value", "low", "high", "basis", "function", "monte_carlo_error", "notebook", "tables", "verdict"]
VERDICTS = ("reproduced", "within_interval", "different", "not_recomputable")


def verdict(claim: report.Claim, answer: Estimate) -> str:
    """Return how an answer meets a claim.

    ``reproduced``: our value prints as the claim. ``within_interval``: it does not, but numbers of
    our interval do. ``different``: none of them does. The ends of an interval belong to it.
    """

    def reach(edge: float) -> float:
        return EDGE * max(1, abs(edge)) if math.isfinite(edge) else 0

    low, high = claim.low - reach(claim.low), claim.high + reach(claim.high)
    if low <= answer.value <= high:
        return "reproduced"
    return "within_interval" if answer.low <= high and answer.high >= low else "different"


def answers(notebook: str | None = None) -> pd.DataFrame:
    """Return one row a claim that can be recomputed, of one notebook or of all.

    Columns: ``claim, value, low, high`` (in the claim's unit), ``basis``, ``function``,
    ``monte_carlo_error`` (missing for exact quantities), ``notebook``, ``tables``, ``verdict``.
    """
    wanted = [entry for entry in entries.every() if notebook in (None, entry.notebook)]
    return pd.DataFrame([row for entry in wanted for row in _rows(entry)], columns=COLUMNS)


def ledger(notebook: str | None = None) -> pd.DataFrame:
    """Return every claim of the report, or those that one notebook treats, in printed order.

    To the columns of ``report.claims`` come those of ``answers`` (``ours``, ``ours_low`` and
    ``ours_high`` for its numbers) and ``reason``, why a claim has none; then basis is ``quoted``.
    """
    ours = answers(notebook).rename(columns={"value": "ours", "low": "ours_low", "high": "ours_high"})
    frame = report.claims().merge(ours.drop(columns="notebook"), on="claim", how="left", validate="one_to_one")
    frame["notebook"] = _notebooks(frame)
    unanswered = frame["verdict"].isna()
    reasons = frame["claim"].map(data.load("reasons").set_index("claim")["reason"])
    frame["reason"] = reasons.fillna(_quoted(frame)).where(unanswered, "")
    frame.loc[unanswered, ["basis", "verdict"]] = "quoted", "not_recomputable"
    return frame if notebook is None else frame[frame["notebook"] == notebook]


def items() -> pd.DataFrame:
    """Return the table of report items: item, notebook, function, tables, verdict; a number said twice has one row."""
    frame = ledger().dropna(subset="function")
    frame["item"] = frame["figure"].map("Figure {}".format, na_action="ignore").fillna("section " + frame["section"])
    first = frame.drop_duplicates(["notebook", "function", "subject_en", "period"], keep="last")
    return first[["item", "subject_en", "notebook", "function", "tables", "verdict"]].reset_index(drop=True)


def compare(frozen: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Return frozen and recomputed answers side by side, with ``moved`` for those that differ.

    Exact quantities may differ by 1e-9 of their size, posterior ones by four Monte Carlo standard
    errors; an answer that only one side has has moved.
    """
    both = frozen.merge(now, on="claim", how="outer", suffixes=("_frozen", "_now"))
    allowed = MONTE_CARLO_ERRORS * both["monte_carlo_error_frozen"].astype(float)
    moved = both["basis_frozen"] != both["basis_now"]
    for column in ("value", "low", "high"):
        before, after = both[f"{column}_frozen"].astype(float), both[f"{column}_now"].astype(float)
        moved |= ~((after == before) | ((after - before).abs() <= allowed.fillna(EDGE * before.abs().replace(math.inf, 0))))
    return both.assign(moved=moved)


def _notebooks(claims: pd.DataFrame) -> pd.Series:
    """Return the notebook of each claim: where it is computed, else where its reason stands, else its section's."""
    computed = {name: entry.notebook for entry in entries.every() for name in entry.claims}
    explained = data.load("reasons").set_index("claim")["notebook"]
    return claims["claim"].map(computed).fillna(claims["claim"].map(explained)).fillna(claims["section"].map(entries.told))


def _quoted(claims: pd.DataFrame) -> pd.Series:
    """Return why each claim can only be quoted, by its kind and by the source that the report names."""
    by_source = claims["origin"].map(QUOTED).fillna(SOURCE_NOT_FOUND)
    return by_source.mask(claims["kind"].isin(["forecast", "target"]), PLANNED)


def _rows(entry: Entry) -> list[dict]:
    with data.reads() as tables:
        found = entry.compute()
        answer = found if isinstance(found, Estimate) else Estimate(float(found), float(found), float(found))
    place = {
        "basis": entry.basis,
        "function": entry.function,
        "monte_carlo_error": answer.monte_carlo_error,
        "notebook": entry.notebook,
        "tables": ", ".join(sorted(tables)),
    }
    numbers = {"value": answer.value, "low": answer.low, "high": answer.high}
    return [
        {"claim": name, **numbers, **place, "verdict": verdict(report.claim(name), answer)} for name in entry.claims
    ]
