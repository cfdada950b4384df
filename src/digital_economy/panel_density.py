"""The density of a panel of short series whose effects are alike and whose years bring shocks to all, for NumPy and for JAX.

With x_it the (differenced) regressors of series i and n_it its own ARMA errors, on standardised data:

    y_it = constant_i + effect_i' x_it + shock u_t + n_it,    effect_i ~ N(mean, spread^2),    u_t ~ N(0, 1)

Given the autocorrelations, the sigmas, ``spread`` and ``shock`` all else is normal: constants, effects and their
mean, the u_t, missing values. It is integrated out in two steps, first what is a series' own, then what all share.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from digital_economy import arma
from digital_economy.arimax_priors import Priors
from digital_economy.arimax_sample import Sample


class Group(NamedTuple):
    """M series of one shape: what ``Sample`` holds, stacked, and which of the Y years of the panel each of its T times is."""

    rows: np.ndarray  # (M,) positions among all series
    series: np.ndarray  # (M, T)
    design: np.ndarray  # (M, C + K, T): a constant, if any, and the regressors
    missing: np.ndarray  # (M, G, T)
    years: np.ndarray  # (M, Y, T)
    constant: int
    transfer: bool

    @property
    def own(self) -> int:
        """The number of things that are integrated out for each series by itself."""
        return self.missing.shape[1] + self.design.shape[1]

    @property
    def effects(self) -> int:
        return self.design.shape[1] - self.constant


def groups(samples: Sequence[Sample]) -> list[Group]:
    """Return the series of a panel by shape."""
    index = [list(found.y.index[found.order[1] :]) for found in samples]
    all_years = sorted(set().union(*index))
    shapes: dict[tuple, list[int]] = {}
    for row, found in enumerate(samples):
        shapes.setdefault((found.series.shape, found.missing.shape), []).append(row)
    return [
        Group(
            rows=np.array(rows),
            series=np.stack([samples[row].series for row in rows]),
            design=np.stack([samples[row].design for row in rows]),
            missing=np.stack([samples[row].missing for row in rows]),
            years=np.stack([np.equal.outer(all_years, index[row]).astype(float) for row in rows]),
            constant=int(samples[0].constant),
            transfer=samples[0].transfer,
        )
        for rows in shapes.values()
    ]


def log_marginal(panel: Sequence[Group], priors: Priors, given: Mapping[str, Any], xp: Any = np) -> Any:
    """Return the log density of what was observed, given ``partial_ar`` (N, p), ``partial_ma`` (N, q), ``sigma`` (N,), ``spread`` (K,), ``shock``."""
    whole, log_density = swept(panel, priors, given, xp)
    half = xp.linalg.cholesky(whole[:-1, :-1])
    scores = xp.linalg.solve(half, whole[:-1, -1])
    log_determinant = 2 * xp.log(xp.diag(half)).sum() - np.log(_shared_precision(panel, priors)).sum()
    return log_density - 0.5 * (log_determinant + whole[-1, -1] - scores @ scores)


def mean_effects(panel: Sequence[Group], priors: Priors, given: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation (K,) of the mean effects, given the same."""
    whole, _ = swept(panel, priors, given)
    covariance = np.linalg.inv(whole[:-1, :-1])
    effects = panel[0].effects
    return priors.effect_mean + (covariance @ whole[:-1, -1])[:effects], np.sqrt(np.diag(covariance)[:effects])


def swept(panel: Sequence[Group], priors: Priors, given: Mapping[str, Any], xp: Any = np) -> tuple[Any, Any]:
    """Return the quadratic form of what all series share, with its prior precision, and the log density as far as it is done.

    Its rows: mean effects, u_t, and last the series. What is a series' own has been integrated out.
    """
    whole, log_density = np.diag(np.append(_shared_precision(panel, priors), 0.0)), 0.0
    for group in panel:
        form, log_determinant = forms(group, priors, given, xp)
        rest, pivots = arma.eliminated(form, group.own, xp)
        whole = whole + rest.sum(axis=0)
        length, gaps = group.series.shape[1], group.missing.shape[1]
        known = (length - gaps) * math.log(2 * math.pi) + 2 * group.constant * math.log(priors.constant_sd)
        log_density -= 0.5 * (log_determinant + pivots + 2 * length * xp.log(given["sigma"][group.rows]) + known).sum()
    return whole, log_density


def forms(group: Group, priors: Priors, given: Mapping[str, Any], xp: Any = np) -> tuple[Any, Any]:
    """Return the quadratic form of each series over sigma^2, with the prior precision of what is its own, and log |V|.

    Its rows: missing values, constant, own effects in units of ``spread``; mean effects, u_t; the series, measured
    from the prior mean of the effects.
    """
    divide = arma.divide if xp is np else partial(arma.divide_by_squaring, xp=xp)
    partials = [column[group.rows] for column in given["partial_ar"].T]
    theta = arma.moving_average([column[group.rows] for column in given["partial_ma"].T])
    effects = group.design[:, group.constant :]
    if group.transfer:
        effects = divide(effects, [1.0, *(-value[:, None, None] for value in arma.from_partials(partials))])
    series = group.series[:, None] - np.broadcast_to(priors.effect_mean, (1, group.effects)) @ effects
    own = [group.missing, group.design[:, : group.constant], given["spread"][:, None] * effects]
    columns = xp.concatenate([*own, effects, given["shock"] * group.years, series], axis=1)
    form, log_determinant = arma.quadratic_form(columns, partials, theta, xp=xp, divide=divide)
    precision = np.zeros(columns.shape[1])
    precision[group.missing.shape[1] : group.own] = np.r_[[priors.constant_sd**-2.0] * group.constant, np.ones(group.effects)]
    return form / given["sigma"][group.rows, None, None] ** 2 + np.diag(precision), log_determinant


def _shared_precision(panel: Sequence[Group], priors: Priors) -> np.ndarray:
    sd = np.broadcast_to(np.asarray(priors.effect_sd, dtype=float), (panel[0].effects,))
    return np.r_[sd**-2.0, np.ones(panel[0].years.shape[1])]
