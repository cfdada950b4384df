"""How far the answer for 2030 depends on what a forecaster chooses: every combination of choices, and which one matters.

The answer is the change of a ratio of the public proxy since 2023, with digital capital growing at the report's rate.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import numpy as np
import pandas as pd
from scipy import stats

from digital_economy import arimax, capital, forecast, forecast_evaluation, ratios, real_economy
from digital_economy.real_economy import REPORT_YEAR

CHOICES = {
    "regressor": ("log", "level"),
    "form": arimax.FORMS,
    "order": ("(0,1,0)", "(1,1,0)", "(0,1,1)"),
    "prior": tuple(forecast.PRIORS),
    "route": capital.ROUTES,
    "first": (2008, 2011),
}
OURS = {"regressor": "log", "form": "regression", "order": "(1,1,0)", "prior": "main", "route": "apo", "first": 2008}  # of Figure 9
IN_WORDS = {  # choices and levels whose names say too little
    "first": "first change",
    "apo": "APO services",
    "input_output": "national tables",
    "oecd": "OECD tables",
    "fixed_assets": "fixed assets",
}
RATIOS = ("cost_ratio", "profit_ratio")
YEARS = ratios.YEARS[1:]
SIZE = 1000  # draws a chain


def grid() -> list[dict]:
    """Return every combination of the choices, a full factorial."""
    return [dict(zip(CHOICES, values)) for values in product(*CHOICES.values())]


def outlook(*, regressor: str, form: str, order: str, prior: str, route: str, first: int) -> list[dict]:
    """Return the change of both ratios since 2023 under one combination of choices, a row a ratio.

    Columns: the choices, ``ratio``, and ``low``, ``median`` and ``high`` of the central 80 per cent in points for 2027 and
    2030, and ``log_evidence`` of the fits behind it. Cost and other items are each forecast; profit follows from
    them by the accounts. ``first`` is the year of the sample's first change.
    """
    path = _path(route)
    path = np.log(path) if regressor == "log" else path / path[REPORT_YEAR]
    orders = tuple(int(part) for part in order.strip("()").split(","))
    fits = [
        _fit(forecast.history(name, since=first), path, order=orders, form=form, prior=prior, seed=forecast.SEED + place)
        for place, name in enumerate(("cost", "other"))
    ]
    cost, other = (fit.forecast(path.loc[REPORT_YEAR + 1 :]).to_numpy() for fit in fits)
    paths, base = forecast.Paths.of(cost, other), real_economy.base_ratios()
    choice = {"regressor": regressor, "form": form, "order": order, "prior": prior, "route": route, "first": first}
    changes = {"cost_ratio": paths.cost - base["cost_ratio"], "profit_ratio": paths.profit - base["profit_ratio"]}
    evidence = {"cost_ratio": fits[0].log_evidence, "profit_ratio": fits[0].log_evidence + fits[1].log_evidence}
    return [
        choice | {"ratio": ratio} | _intervals(change) | {"log_evidence": evidence[ratio]} for ratio, change in changes.items()
    ]


def table(found: Mapping[str, list[dict]]) -> pd.DataFrame:
    """Return the outlooks of many combinations as one table, to a millionth of a point."""
    return pd.DataFrame([row for rows in found.values() for row in rows]).round(6)


def covered(answers: pd.DataFrame, year: int) -> pd.Series:
    """Return whether each row's 80 per cent band of a year holds the report's change since 2023."""
    report = {ratio: forecast_evaluation.report_change(ratio, np.array([year]))[0] for ratio in RATIOS}
    return answers["ratio"].map(report).between(answers[f"low_{year}"], answers[f"high_{year}"])


def uncertainty(answers: pd.DataFrame, year: int) -> pd.Series:
    """Return the standard deviation in points ``within`` a forecast, on average, and ``between`` the medians of the choices.

    ``share`` is that of the choices in the variance of both, in per cent. A forecast's is read from its central interval as a normal's.
    """
    reach = 2 * stats.norm.ppf((1 + forecast.PROBABILITY) / 2)
    within = (answers[f"high_{year}"] - answers[f"low_{year}"]).mean() / reach
    between = answers[f"median_{year}"].std(ddof=0)
    return pd.Series({"within": within, "between": between, "share": 100 * between**2 / (between**2 + within**2)})


def recomputed(answers: pd.DataFrame, every: int) -> tuple[int, float]:
    """Return how many combinations were computed again, one in so many, and by how much they differ at most from stored answers."""
    again = table({str(place): outlook(**choice) for place, choice in enumerate(grid()[::every])})
    keys = [*CHOICES, "ratio"]
    apart = again.set_index(keys) - answers.set_index(keys).loc[pd.MultiIndex.from_frame(again[keys])]
    return len(again) // len(RATIOS), float(apart.abs().max(axis=None))


def spread(answers: pd.DataFrame, value: str) -> pd.DataFrame:
    """Return mean, tenth and ninetieth percentile of a value over all combinations and over those that share a level of a choice.

    Columns: ``label`` (the choice and the level in words), ``value``, ``low``, ``high``.
    """
    groups = {"All combinations": answers[value]}
    groups |= {f"{IN_WORDS.get(choice, choice)} {IN_WORDS.get(level, level)}": rows[value] for choice in CHOICES for level, rows in answers.groupby(choice, sort=False)}
    rows = [
        {"label": label, "value": group.mean(), "low": group.quantile(0.1), "high": group.quantile(0.9)} for label, group in groups.items()
    ]
    return pd.DataFrame(rows)


def weighted(answers: pd.DataFrame, value: str) -> pd.DataFrame:
    """Return the mean of a value over combinations by the sample's ``first`` year, weighted equally and by evidence.

    Evidence compares fits of the same changes only, hence by first year. ``effective`` is the number of combinations
    that would count as much if all that count counted the same, the inverse of the sum of squared weights.
    """
    rows = {}
    for first, group in answers.groupby("first"):
        weights = np.exp(group["log_evidence"] - group["log_evidence"].max())
        weights = weights / weights.sum()
        rows[first] = {
            "equal": group[value].mean(),
            "by_evidence": (weights * group[value]).sum(),
            "combinations": len(group),
            "effective": 1 / (weights**2).sum(),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("first")


def _path(route: str) -> pd.Series:
    """Return a route's digital capital per worker, its extrapolated years too, continued from 2023 at the report's rate."""
    frame = capital.routes()
    known = frame[frame["route"] == route].set_index("year")["value"].loc[:REPORT_YEAR]
    return forecast.continued(known, 1 + forecast.report_rate() / 100).rename("capital")


def _fit(series: pd.Series, path: pd.Series, *, order: tuple, form: str, prior: str, seed: int) -> arimax.Fit:
    priors, x = forecast.PRIORS[prior], path.loc[series.index]
    return arimax.fit(series, x, order=order, form=form, priors=priors, draws=SIZE, seed=seed, method="exact")


def _intervals(change: np.ndarray) -> dict[str, float]:
    values = {year: forecast.central(change[:, year - REPORT_YEAR - 1]) for year in YEARS}
    return {f"{name}_{year}": float(value) for year in YEARS for name, value in zip(("low", "median", "high"), values[year])}
