"""Cost ratios of the divisions of industry, and whether digital capital per worker helps to explain them: a panel of short series.

Digital capital is that of the whole economy, since none is public by sector: all series have the same regressor, and what
differs is how each has moved with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import numpy as np
import pandas as pd

from digital_economy import arimax_panel, capital, data, inputoutput, panel_density
from digital_economy.arimax_panel import PanelFit
from digital_economy.arimax_priors import Pooling, Priors

OPERATING_FROM = 2018  # until then cost and revenue are those of the main business
THRESHOLD, UNCOMPARABLE = 2007, 2011  # the reporting threshold rises to 5 million yuan for all, and to 20 million
SAME_SCOPE = 0.2  # by how much the revenue of 2011 may differ between the classifications, as a share
REGRESSOR = "digital"
ORDER = (1, 1, 0)  # as in Figure 9
SEED = 41
POOLINGS = {"shared": Pooling(), "independent": Pooling(shock_scale=0.0)}  # with shocks that a year brings to all sectors, and without


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
    return branches.str.replace("_", " ").str.capitalize().set_axis(branches)


# -- each sector by itself, and all as one hierarchy -----------------------------------------------------


def unpooled(*, with_regressor: bool = True) -> PanelFit:
    """Return the fit of every sector by itself, by the exact engine."""
    regressors = [REGRESSOR] if with_regressor else []
    return arimax_panel.fit_many(panel(), regressors=regressors, order=ORDER, seed=SEED, workers=1, progress=False)


def hierarchy(*, model: str) -> pd.DataFrame:
    """Return the posterior of a hierarchy of ``POOLINGS``, sampled by NUTS: a row a parameter.

    Columns ``parameter``, ``branch`` ("all" where it is one for all), ``mean, sd, low, high`` (95%), ``ess``, the smaller of
    the two effective sample sizes, and ``r_hat``.
    """
    found = arimax_panel.fit_many(
        panel(), regressors=[REGRESSOR], order=ORDER, pooling=POOLINGS[model], seed=SEED, workers=1, progress=False
    ).hierarchy
    parts = found.diagnostics.index.str.extract(r"^(\w+)(?:\[([^,\]]*))?")
    branch = parts[1].where(parts[1].isin(list(found.samples)), "all")
    frame = found.diagnostics.reset_index(drop=True).assign(parameter=parts[0], branch=branch)
    frame["ess"] = frame[["ess_bulk", "ess_tail"]].min(axis=1)
    return frame.loc[frame["parameter"] != "shocks", ["parameter", "branch", "mean", "sd", "low", "high", "ess", "r_hat"]]


def comparison(stored: pd.DataFrame) -> pd.DataFrame:
    """Return the effect of every sector by itself and in a stored hierarchy, in the order of the latter, a row a branch.

    Columns: ``own, own_low, own_high``; ``pooled, low, high`` (95%), all on standardised data; ``scale``, which takes an effect
    to per cent of the cost ratio for each per cent of digital capital; ``evidence``, the log Bayes factor of the sector's own
    model with the regressor against the one without; ``digital_input``, the share of digital products in its inputs in 2020.
    """
    alone, without = unpooled(), unpooled(with_regressor=False)
    own = alone.unpooled.droplevel("regressor").rename(columns={"mean": "own", "low": "own_low", "high": "own_high"})
    pooled = stored[stored["parameter"] == "effect"].set_index("branch").rename(columns={"mean": "pooled"})
    sector = data.load("enterprise_branches").set_index("branch")["sector"]
    share = inputoutput.digital_input_share(inputoutput.YEARS[-1])
    frame = own.drop(columns="sd").join(pooled[["pooled", "low", "high"]]).assign(evidence=alone.log_evidence - without.log_evidence)
    frame["digital_input"] = frame.index.map(sector).map(share)
    return frame.rename_axis("branch").sort_values("pooled")


def table(found: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the posteriors of several hierarchies as one table, to a millionth."""
    return pd.concat(found, names=["model"]).reset_index("model").astype({"ess": int}).round(6)


def plug_in(stored: pd.DataFrame, pooling: Pooling = POOLINGS["shared"]) -> pd.Series:
    """Return ``mean, sd`` of the mean effect and ``spread``, with sigmas and autocorrelations at their means of a stored posterior.

    What is left has two dimensions, spread and shock, and is integrated on a grid in a second: a check of the stored
    results that needs no sampler. It leaves out what is not known of the sigmas and autocorrelations.
    """
    means = stored.set_index(["parameter", "branch"])["mean"]
    samples = {key: arimax_panel.sample(rows, regressors=[REGRESSOR], order=ORDER) for key, rows in panel().groupby("key")}
    groups, priors = panel_density.groups(list(samples.values())), Priors()
    partial_ar, sigma = (means[name].loc[list(samples)].to_numpy() for name in ("partial_ar", "sigma"))
    known = {"partial_ar": partial_ar[:, None], "partial_ma": np.zeros((len(sigma), 0)), "sigma": sigma}
    shocks, rows = np.geomspace(0.1, 1.5, 12) if pooling.shock_scale else np.zeros(1), []
    for spread, shock in product(np.geomspace(0.005, 1, 18), shocks):
        given = {**known, "spread": np.array([spread]), "shock": shock}
        (mean,), (sd,) = panel_density.mean_effects(groups, priors, given)
        prior = np.log(spread) - 0.5 * (spread / pooling.spread_scale) ** 2
        prior += np.log(shock) - 0.5 * (shock / pooling.shock_scale) ** 2 if shock else 0.0
        rows.append((spread, mean, sd, panel_density.log_marginal(groups, priors, given) + prior))
    spread, mean, sd, height = np.array(rows).T
    weight = np.exp(height - height.max()) / np.exp(height - height.max()).sum()
    centre = weight @ mean
    return pd.Series({"mean": centre, "sd": np.sqrt(weight @ (sd**2 + (mean - centre) ** 2)), "spread": weight @ spread})


# -- the figures -----------------------------------------------------------------------------------------


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
