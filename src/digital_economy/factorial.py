"""How the variance of an answer splits among the choices behind it, where every combination of choices was tried."""

from __future__ import annotations

import numpy as np
import pandas as pd


def variance_shares(answers: pd.DataFrame, value: str, choices: list[str]) -> pd.DataFrame:
    """Return which choice moves a value most, a row a choice, for a table with every combination once.

    ``alone``: the share of the variance over all combinations, in per cent, that lies between the means of the
    choice's levels (the main effect); ``in_all``: the share that is left where all choices but this one are fixed,
    that is with its interactions (first-order and total indices, saltelli2010). ``range``: between
    the highest and the lowest mean.

    Raises
    ------
    ValueError
        A combination is absent or occurs twice.
    """
    levels = [answers[name].nunique() for name in choices]
    if len(answers) != np.prod(levels) or answers.duplicated(choices).any():
        raise ValueError(f"choices: found {len(answers)} rows for {np.prod(levels)} combinations; right is each combination once")
    variance = answers[value].var(ddof=0)
    rows = {}
    for name in choices:
        means = answers.groupby(name)[value].mean()
        others = answers.groupby([other for other in choices if other != name])[value]
        rows[name] = {
            "alone": 100 * means.var(ddof=0) / variance,
            "in_all": 100 * others.var(ddof=0).mean() / variance,
            "range": means.max() - means.min(),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("choice")
