"""Cost and profit ratios on digital input under every specification, and what the report's coefficients can mean.

A specification is a ratio, a functional form, a sample and a definition of digital input. Its slope
is also expressed as one effect that all forms share: percentage points of the ratio per unit of
the logarithm of digital input, at the means of the sample.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

from digital_economy import costs, data, inputoutput, regressions, report
from digital_economy.accounts import Estimate

FORMS = ("level-log", "log-log", "level-level")
SAMPLES = (*map(str, inputoutput.YEARS), "pooled", "two-way")  # a cross-section a year, with year effects, with both effects
EFFECTS = {
    "pooled": {"entity_effects": False, "time_effects": True},
    "two-way": {"entity_effects": True, "time_effects": True},
}
MAIN_DEFINITION = ("complete_share", "hardware_software", "removed")  # the nearest to the order of footnote 4
MAIN = {"form": "level-log", "sample": "pooled"}
PUBLISHED = {"cost_ratio": "c3s2-cost-ratio-effect", "profit_ratio": "c3s2-cost-profit-ratio-effect"}
SIGN = {"cost_ratio": -1, "profit_ratio": 1}  # the report prints a fall of the cost ratio as a positive number
SEED = 20250401


@data.remembered
def sample() -> pd.DataFrame:
    """Return the two ratios of the industrial sectors in the years with a table, in per cent, by (sector, year)."""
    frame = costs.ratios(costs.accounts())
    return frame[frame.index.get_level_values("year").isin(inputoutput.YEARS)]


@data.remembered
def digital_input(definition: tuple[str, str, str] = MAIN_DEFINITION) -> pd.Series:
    """Return the digital share in per cent by (sector, year) of ``sample`` under a definition."""
    choice = dict(zip(inputoutput.definitions().names, definition, strict=True))
    shares = pd.concat({year: inputoutput.digital_input_share(year, **choice) for year in inputoutput.YEARS}, axis=1).stack()
    return shares.reindex(sample().index).rename("digital_input")


def estimate(y: pd.Series, x: pd.Series, *, form: str, sample: str) -> dict[str, float]:
    """Return one specification: slope with its 95 per cent interval, and the common effect with its own.

    ``y`` and ``x`` in per cent by (sector, year). The effect is the slope in points of ``y`` per unit
    of ln x: times 1 for level-log, the mean of y for log-log, the mean of x for level-level.

    Raises
    ------
    ValueError
        Logarithm of a value that is not positive, or an unknown form or sample.
    """
    if form not in FORMS or sample not in SAMPLES:
        raise ValueError(f"specification: found {form!r}, {sample!r}; right is one of {FORMS} and one of {SAMPLES}")
    if sample not in EFFECTS:
        y, x = y.xs(int(sample), level="year"), x.xs(int(sample), level="year")
    scale = {"level-log": 1.0, "log-log": y.mean(), "level-level": x.mean()}[form]
    left, right = transformed(y, x, form=form)
    effects = EFFECTS.get(sample)
    fit = regressions.panel(left, right.to_frame(), **effects) if effects else regressions.cross_section(left, right.to_frame())
    row = fit.iloc[0].to_dict()
    effect = {"effect": row["coefficient"], "effect_low": row["low"], "effect_high": row["high"]}
    return row | {name: scale * value for name, value in effect.items()}


def transformed(y: pd.Series, x: pd.Series, *, form: str) -> tuple[pd.Series, pd.Series]:
    """Return y and x with the logarithms of a form.

    Raises
    ------
    ValueError
        Logarithm of a value that is not positive.
    """
    logged = {"level-log": (False, True), "log-log": (True, True), "level-level": (False, False)}[form]
    if any((values <= 0).any() for values, use in zip((y, x), logged, strict=True) if use):
        raise ValueError(f"{form}: found values of zero or less; right is positive values under a logarithm")
    left, right = (np.log(values) if use else values for values, use in zip((y, x), logged, strict=True))
    return left, right


def wild_p(y: pd.Series, x: pd.Series, *, form: str, sample: str, seed: int = SEED) -> float:
    """Return the wild cluster bootstrap's p-value of a zero slope in a panel sample, missing for a cross-section."""
    if sample not in EFFECTS:
        return np.nan
    left, right = (regressions.within(values, **EFFECTS[sample]).to_numpy() for values in transformed(y, x, form=form))
    clusters = y.index.get_level_values("sector").factorize()[0]
    return regressions.wild_cluster_p(left, right[:, None], clusters, seed=seed)


@data.remembered
def curve(ratio: str) -> pd.DataFrame:
    """Return every specification for a ratio, sorted by its effect.

    Columns: the choices, slope and effect with their intervals, ``n``, ``clusters``, and ``wild_p``.
    """
    y = sample()[ratio]
    rows = []
    for definition in inputoutput.definitions():
        x = digital_input(definition)
        named = dict(zip(inputoutput.definitions().names, definition, strict=True))
        rows += [
            {**choice, **named, **estimate(y, x, **choice), "wild_p": wild_p(y, x, **choice)}
            for choice in (dict(zip(("form", "sample"), pair, strict=True)) for pair in product(FORMS, SAMPLES))
        ]
    return pd.DataFrame(rows).sort_values("effect", ignore_index=True)


def main_effect(ratio: str) -> Estimate:
    """Return what the report states per 1 per cent more digital input, from the main specification, in per cent.

    The level-log slope b is b / 100 points of the ratio for 1 per cent; over the mean ratio that is a
    change in per cent of it, a fall counted as positive for the cost ratio.
    """
    y = sample()[ratio]
    row = estimate(y, digital_input(), **MAIN)
    value, *ends = (float(SIGN[ratio] * row[name] / y.mean()) for name in ("coefficient", "low", "high"))
    return Estimate(value, *sorted(ends))


@data.remembered
def bootstrap(ratio: str, *, seed: int = SEED) -> pd.DataFrame:
    """Return clustered and wild cluster bootstrap intervals of the main definition, pooled and two-way, level-log."""
    y, x = sample()[ratio], np.log(digital_input())
    clusters = y.index.get_level_values("sector").factorize()[0]
    rows = {}
    for name, effects in EFFECTS.items():
        fit = regressions.panel(y, x.to_frame(), **effects).iloc[0]
        left, right = (regressions.within(values, **effects).to_numpy() for values in (y, x))
        low, high = regressions.wild_cluster_interval(left, right[:, None], clusters, seed=seed)
        p = regressions.wild_cluster_p(left, right[:, None], clusters, seed=seed)
        rows[name] = {**fit, "wild_low": low, "wild_high": high, "wild_p": p}
    return pd.DataFrame(rows).T.rename_axis("sample")


def leave_one_out(ratio: str) -> pd.Series:
    """Return the main slope without each sector in turn, in points per log unit, sorted, by the sector's name."""
    y, x = sample()[ratio], digital_input()
    names = inputoutput.sectors()["name_en"]
    slopes = {
        names[sector]: estimate(y.drop(sector, level="sector"), x.drop(sector, level="sector"), **MAIN)["coefficient"]
        for sector in y.index.unique("sector")
    }
    return pd.Series(slopes).sort_values()


# -- what the published coefficients can mean ------------------------------------------------------


def bounds(ratio: str, definition: tuple[str, str, str] = MAIN_DEFINITION) -> pd.Series:
    """Return the largest log-log slope, up or down, that the spread of the data allows, by year: sd(ln y) / sd(ln x)."""
    logs = np.log(pd.DataFrame({"y": sample()[ratio], "x": digital_input(definition)}))
    return logs.groupby("year").apply(lambda year: regressions.slope_bound(year["y"], year["x"])).rename("bound")


def widest_bound(ratio: str) -> float:
    """Return the largest of ``bounds`` over all definitions of digital input and years."""
    return max(bounds(ratio, definition).max() for definition in inputoutput.definitions())


def readings(ratio: str) -> pd.DataFrame:
    """Return what the report's coefficient would mean under each reading, in points of the ratio at its sample mean.

    Columns: ``per_log_unit``, ``per_doubling`` (times ln 2), ``per_percent``, and ``slopes``, the share
    of our specifications in per cent whose 95 per cent interval holds it.
    """
    published = SIGN[ratio] * report.claim(PUBLISHED[ratio]).value
    mean, share = sample()[ratio].mean(), digital_input().mean()
    per_log_unit = {
        "points per log unit (level-log)": published,
        "points per doubling": published / np.log(2),
        "points per point of digital share (level-level)": published * share,
        "per cent per log unit (100 times log-log)": published * mean / 100,
        "points per 1 per cent": 100 * published,
        "per cent per 1 per cent (log-log, as printed)": published * mean,
    }
    rows = curve(ratio)
    return pd.DataFrame(
        {
            reading: {
                "per_log_unit": effect,
                "per_doubling": effect * np.log(2),
                "per_percent": effect / 100,
                "slopes": 100 * ((rows["effect_low"] <= effect) & (effect <= rows["effect_high"])).mean(),
            }
            for reading, effect in per_log_unit.items()
        }
    ).T.rename_axis("reading")


# -- for the charts --------------------------------------------------------------------------------


def labelled(rows: pd.DataFrame) -> pd.DataFrame:
    """Return a curve with the columns ``value, low, high, label`` of its common effect."""
    words = choices_in_words(rows)
    return pd.DataFrame(
        {
            "value": rows["effect"].round(3),
            "low": rows["effect_low"].round(2),
            "high": rows["effect_high"].round(2),
            "label": words.apply(", ".join, axis=1),
        }
    )


def choices_in_words(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the choices of a curve, a column a choice, in a reader's words."""
    return rows[["form", "sample", *inputoutput.definitions().names]].assign(imports="imports " + rows["imports"])


def published_lines(ratio: str) -> dict[str, float]:
    """Return the report's coefficient in points per log unit under the readings that fit on a chart."""
    effects = readings(ratio)["per_log_unit"]
    names = {"CAICT: points per log unit": 0, "CAICT: points per doubling": 1, "CAICT: 100 × log-log": 3}
    return {name: float(effects.iloc[row]) for name, row in names.items()}
