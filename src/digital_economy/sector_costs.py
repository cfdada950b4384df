"""Cost ratios of the divisions of industry, and whether digital capital per worker helps to explain them: a panel of short series.

Digital capital is that of the whole economy, since none is public by sector: all series have the same regressor, and what
differs is how each has moved with it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from digital_economy import arimax_panel, capital, data
from digital_economy.arimax_panel import PanelFit

OPERATING_FROM = 2018  # until then cost and revenue are those of the main business
THRESHOLD, UNCOMPARABLE = 2007, 2011  # the reporting threshold rises to 5 million yuan for all, and to 20 million
SAME_SCOPE = 0.2  # by how much the revenue of 2011 may differ between the classifications, as a share
REGRESSOR = "digital"
ORDER = (1, 1, 0)  # as in Figure 9
SEED = 41


@data.remembered
def panel() -> pd.DataFrame:
    """Return the panel for ``arimax_panel.fit_many``: ``key`` (branch), ``year, segment, y`` and ``digital``.

    ``y`` is 100 times the log of cost over revenue, ``digital`` 100 times the log of digital capital per worker. A segment
    holds years on one basis and bears the year in which it begins, or, if it is a year and the one before in the
    same release, the year of that.
    """
    now, before, old = _release(), _history("prior_year"), _history("classification_2002")
    now = now[(now["year"] - 1).isin(before["year"])]
    scope = same_scope()
    old = old[old["branch"].isin(scope.index[scope["same"]]) & (old["year"] < UNCOMPARABLE)]
    threshold = (old["year"] < THRESHOLD).map({True: old["year"].min(), False: THRESHOLD})
    parts = [old.assign(segment=threshold), before.assign(segment=before["year"] + 1), now.assign(segment=now["year"])]
    frame = pd.concat(parts).rename(columns={"branch": "key"}).sort_values(["key", "segment", "year"], ignore_index=True)
    path = 100 * np.log(capital.digital_capital_per_worker())
    values = {"y": 100 * np.log(frame["cost"] / frame["revenue"]), REGRESSOR: frame["year"].map(path)}
    return frame[["key", "year", "segment"]].assign(**values)


def same_scope() -> pd.DataFrame:
    """Return revenue of 2011 by branch in the ``old`` and the ``new`` classification, and whether they are the ``same`` branch."""
    sums = [_history(vintage).query("year == @UNCOMPARABLE").set_index("branch")["revenue"] for vintage in ("classification_2002", "prior_year")]
    frame = pd.concat(sums, axis=1, keys=["old", "new"], join="inner")
    return frame.assign(same=(frame["new"] / frame["old"] - 1).abs() < SAME_SCOPE)


def names() -> pd.Series:
    """Return a short name of each branch."""
    branches = data.load("enterprise_branches")["branch"]
    return branches.str.replace("_", " ").set_axis(branches)


def _history(vintage: str) -> pd.DataFrame:
    return _wide(data.load("enterprise_history").query("vintage == @vintage"))


def _release() -> pd.DataFrame:
    """Return cost and revenue as each release states them for its own year."""
    frame = data.load("enterprise_accounts").query("vintage == 'release'")
    concept = (frame["period"] < OPERATING_FROM).map({True: "main_business", False: "operating"})
    wanted = (frame["series_id"] == "cost_" + concept) | (frame["series_id"] == "revenue_" + concept)
    industry = frame["branch"].isin(data.load("enterprise_history")["branch"])
    return _wide(frame[wanted & industry])


def _wide(frame: pd.DataFrame) -> pd.DataFrame:
    item, year = frame["series_id"].str.split("_").str[0].rename("item"), frame["period"].astype(int).rename("year")
    return frame.groupby(["branch", year, item])["value"].sum().unstack("item").reset_index()
