"""Least squares with honest intervals for few clusters, and tests for a break in a short series.

Estimation is that of statsmodels and wildboottest. Nothing here knows which country or which
figures it is given.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import brentq

LEVEL = 0.95
DRAWS = 999
TRIM = 2  # values that a break leaves at least on each side


def cross_section(y: pd.Series, X: pd.DataFrame, *, level: float = LEVEL) -> pd.DataFrame:
    """Return least squares of y on a constant and X, a row a regressor, with HC3 errors and Student's t of n - k.

    Columns ``coefficient, standard_error, low, high, n, clusters``, where each observation is its own
    cluster. Source: mackinnonwhite1985.

    Raises
    ------
    ValueError
        Missing values, or no more observations than parameters.
    """
    _complete(y, X)
    _enough(len(y), X.shape[1] + 1, "observations")
    fit = _fit(y.to_numpy(), np.column_stack([X, np.ones(len(X))]), cov_type="HC3")
    return _table(fit, X.columns, level=level).assign(n=len(y), clusters=len(y))


def panel(
    y: pd.Series, X: pd.DataFrame, *, entity_effects: bool, time_effects: bool, level: float = LEVEL
) -> pd.DataFrame:
    """Return least squares of y on X in a balanced panel (entity, time), with errors clustered by entity.

    Columns as in ``cross_section``. Effects, or else the constant, are taken out beforehand. The
    covariance has the corrections for G clusters and for n observations, and the interval takes
    Student's t with G - 1 degrees of freedom. Entity effects lie inside the clusters and are not
    counted as parameters.

    Raises
    ------
    ValueError
        Missing values, gaps in the panel, or no more clusters than parameters.
    """
    _complete(y, X)
    entities, times = (y.index.get_level_values(place).nunique() for place in (0, 1))
    taken_out = times if time_effects else 1
    _enough(entities, X.shape[1] + taken_out, "clusters")
    effects = {"entity_effects": entity_effects, "time_effects": time_effects}
    groups = y.index.get_level_values(0).factorize()[0]
    left = within(y, **effects).to_numpy(), X.apply(within, **effects).to_numpy()
    fit = _fit(*left, cov_type="cluster", cov_kwds={"groups": groups})
    counted = np.sqrt(fit.df_resid / (fit.df_resid - taken_out))
    return _table(fit, X.columns, level=level, scale=counted).assign(n=len(y), clusters=entities)


def within(values: pd.Series, *, entity_effects: bool, time_effects: bool) -> pd.Series:
    """Return a balanced panel's values less their means by entity, by time or both: what the effects leave.

    Raises
    ------
    ValueError
        A panel in which some entity lacks a time.
    """
    groups = [values.index.get_level_values(place).factorize()[0] for place in (0, 1)]
    gaps = (groups[0].max() + 1) * (groups[1].max() + 1) - len(values)
    if gaps or values.index.has_duplicates:
        raise ValueError(f"panel: found {gaps} gaps; right is every time once for every entity")
    left = values.to_numpy(dtype=float) - values.mean()
    for codes, used in zip(groups, (entity_effects, time_effects), strict=True):
        left = left - (np.bincount(codes, left) / np.bincount(codes))[codes] if used else left
    return pd.Series(left, values.index)


def wild_cluster_p(
    y: np.ndarray, X: np.ndarray, clusters: np.ndarray, *, seed: int, null: float = 0, draws: int = DRAWS
) -> float:
    """Return the p-value of "the first coefficient is ``null``" by the restricted wild cluster bootstrap.

    Rademacher weights by cluster, null imposed; fixed effects are taken out beforehand (``within``).
    Source: cameron2008.
    """
    from wildboottest.wildboottest import WildboottestCL  # slow to import, and every page imports this module

    boot = WildboottestCL(X=X, Y=y - null * X[:, 0], cluster=clusters, R=np.eye(X.shape[1])[0], B=draws, seed=seed)
    boot.get_scores(bootstrap_type="11", impose_null=True)
    boot.get_weights("rademacher")
    boot.get_numer()
    boot.denom = _denominators(boot)  # the library's own step compiles a loop on every call
    for step in (boot.get_tboot, boot.get_vcov, boot.get_tstat, boot.get_pvalue):
        step()
    return float(boot.pvalue)


def _denominators(boot) -> np.ndarray:
    """Return the squared standard error of the tested coefficient in each draw, as ``WildboottestCL.get_denom`` does."""
    bread = boot.R @ boot.tXXinv @ np.stack(boot.tXgXg_list) @ boot.tXXinv
    left = boot.Cg[:, None] * boot.v - bread @ boot.scores_mat @ boot.v
    return boot.ssc * (left**2).sum(axis=0)


def wild_cluster_interval(
    y: np.ndarray, X: np.ndarray, clusters: np.ndarray, *, seed: int, level: float = LEVEL, draws: int = DRAWS
) -> tuple[float, float]:
    """Return the values of the first coefficient that ``wild_cluster_p`` does not reject: its confidence interval."""
    fit = _fit(y, X, cov_type="cluster", cov_kwds={"groups": clusters})

    def beyond(null: float) -> float:
        return wild_cluster_p(y, X, clusters, seed=seed, null=null, draws=draws) - (1 - level)

    def end(direction: int) -> float:
        reach = fit.params[0] + direction * np.array([0.0, 20.0]) * fit.bse[0]
        return brentq(beyond, *reach, xtol=fit.bse[0] / 1e3)

    return end(-1), end(1)


def slope_bound(y: pd.Series, x: pd.Series) -> float:
    """Return the largest slope, up or down, that least squares of y on x can have: sd(y) / sd(x).

    The slope is the correlation times that ratio, and a correlation is at most one.
    """
    return float(y.std() / x.std())


def break_f(values: np.ndarray, at: int) -> np.ndarray:
    """Return the F statistic of a change of the mean before position ``at`` of the last axis (1, n - 2 degrees of freedom).

    Raises
    ------
    ValueError
        Fewer than three values, or none on one side of the break.
    """
    n = np.shape(values)[-1]
    if n < 3 or not 0 < at < n:
        raise ValueError(f"break: found position {at} of {n}; right is at least 3 values, some on each side")
    gap = np.mean(values[..., :at], axis=-1) - np.mean(values[..., at:], axis=-1)
    between = gap**2 * at * (n - at) / n
    return between / ((np.var(values, axis=-1) * n - between) / (n - 2))


def largest_break_f(values: np.ndarray, *, trim: int = TRIM) -> np.ndarray:
    """Return the largest F statistic over all breaks that leave at least ``trim`` values on each side."""
    return _break_fs(values, trim).max(axis=0)


def unknown_break(values: np.ndarray, *, trim: int = TRIM) -> tuple[int, float]:
    """Return the position of the largest F statistic of one series, and that statistic."""
    statistics = _break_fs(values, trim)
    return trim + int(statistics.argmax()), float(statistics.max())


def autoregressions(n: int, *, persistence: float, rng: np.random.Generator, draws: int = 20_000) -> np.ndarray:
    """Return normal autoregressions of order one (draw, n), started in their stationary distribution."""
    paths = rng.standard_normal((draws, n))
    paths[:, 0] /= np.sqrt(1 - persistence**2)
    for step in range(1, n):
        paths[:, step] += persistence * paths[:, step - 1]
    return paths


def unknown_break_null(n: int, *, rng: np.random.Generator, draws: int = 20_000, trim: int = TRIM) -> np.ndarray:
    """Return draws of the largest F statistic for independent normal values without a break, whatever their mean and variance."""
    return largest_break_f(rng.standard_normal((draws, n)), trim=trim)


def _break_fs(values: np.ndarray, trim: int) -> np.ndarray:
    return np.array([break_f(values, at) for at in range(trim, np.shape(values)[-1] - trim + 1)])


def _fit(y: np.ndarray, X: np.ndarray, **covariance):
    from statsmodels.regression.linear_model import OLS  # slow to import, and every page imports this module

    return OLS(y, X).fit(use_t=True, **covariance)


def _table(fit, names: pd.Index, *, level: float, scale: float = 1) -> pd.DataFrame:
    """Return the fit's first coefficients with their intervals; ``scale`` corrects the standard errors."""
    k = len(names)
    middle, reach = fit.params[:k], scale * (fit.conf_int(1 - level)[:k, 1] - fit.params[:k])
    columns = {"coefficient": middle, "standard_error": scale * fit.bse[:k], "low": middle - reach, "high": middle + reach}
    return pd.DataFrame(columns, index=names)


def _complete(y: pd.Series, X: pd.DataFrame) -> None:
    gaps = int(y.isna().sum() + X.isna().sum().sum())
    if gaps:
        raise ValueError(f"regression: found {gaps} missing values; right is none")


def _enough(found: int, parameters: int, of: str) -> None:
    if found <= parameters:
        raise ValueError(f"regression: found {found} {of} for {parameters} parameters; right is more {of} than parameters")
