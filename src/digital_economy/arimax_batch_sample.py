"""Many series of one shape as the ARIMAX sees them: checked, differenced, standardised, and the way back to the data's units."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

import numpy as np

from digital_economy.arimax_exact import WIDE
from digital_economy.arimax_priors import Priors

LARGEST = 2  # p + q, and d
COLLINEAR = 1e-13  # share of a regressor's squares that those before it leave

Form = Mapping[tuple[int, int], Any]  # the upper triangle of a symmetric matrix of arrays


@dataclass(frozen=True)
class BatchSample:
    """N series, time first, in coordinates in which the coefficients c are N(-start, 1)."""

    columns: np.ndarray  # (T, K + 1, N) design and residual of the least-squares fit
    start: np.ndarray  # (K, N)
    sd: np.ndarray  # (K,) prior standard deviations: sd c + fit are the coefficients on the scale of the model
    fit: np.ndarray  # (K, N)
    matrix: np.ndarray  # (K, K, N): matrix c + offset are the coefficients in the units of the data
    offset: np.ndarray  # (K, N)
    scale: np.ndarray  # (N,)
    names: list[str]  # of the coefficients
    refused: dict[int, str]

    @property
    def accepted(self) -> np.ndarray:
        """The numbers of the series that can be done."""
        return np.setdiff1d(np.arange(len(self.scale)), list(self.refused))

    @classmethod
    def of(
        cls, y: np.ndarray, x: np.ndarray | None, *, order: tuple[int, int, int], priors: Priors, constant: bool
    ) -> BatchSample:
        """Return the sample, each series standardised as ``arimax_sample.Sample`` does it; see ``arimax_batch.integrate``."""
        levels, paths = _time_first(y, x)
        first, d, effects = int(constant), order[1], paths.shape[1]
        _check(len(levels), effects, first, order, priors)
        sd = np.minimum(np.r_[[priors.constant_sd] * first, np.broadcast_to(priors.effect_sd, effects)], WIDE)
        mean = np.r_[[0.0] * first, np.broadcast_to(priors.effect_mean, effects)]
        with np.errstate(all="ignore"):  # what is not finite is refused
            series, regressors = np.diff(levels, d, axis=0), np.diff(paths, d, axis=0)
            scale, x_scale = series.std(axis=0, ddof=1), regressors.std(axis=0, ddof=1)
            centre, x_centre = first * series.mean(axis=0), first * regressors.mean(axis=0)
            design = np.concatenate([np.ones((len(series), first, len(scale))), (regressors - x_centre) / x_scale], axis=1)
            standard = (series - centre) / scale
            fit, residual, share = _least_squares(design, standard)
            left = np.linalg.norm(residual, axis=0) / np.linalg.norm(standard, axis=0)
            matrix, offset = _to_data(scale, x_scale, centre, x_centre, first)
            return cls(
                columns=np.concatenate([design * sd[:, None], residual[:, None]], axis=1),
                start=(fit - mean[:, None]) / sd[:, None],
                sd=sd,
                fit=fit,
                matrix=matrix * sd[:, None],
                offset=offset + np.einsum("ijn,jn->in", matrix, fit),
                scale=scale,
                names=["constant"] * first + [f"effect[{number}]" for number in range(1, effects + 1)],
                refused=_refused(levels, paths, scale, x_scale, share, left, d),
            )


def _to_data(
    scale: np.ndarray, x_scale: np.ndarray, centre: np.ndarray, x_centre: np.ndarray, first: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return A (K, K, N) and a (K, N) that take coefficients of the model to the units of the data, A b + a."""
    slope = scale / x_scale
    units = np.concatenate([np.tile(scale, (first, 1)), slope])
    matrix, offset = np.eye(len(units))[..., None] * units, np.zeros_like(units)
    matrix[:first, first:] = -x_centre * slope
    offset[:first] = centre
    return matrix, offset


def _refused(
    levels: np.ndarray, paths: np.ndarray, scale: np.ndarray, x_scale: np.ndarray, share: np.ndarray, left: np.ndarray, d: int
) -> dict[int, str]:
    """Return the first reason against each series that can't be done."""
    number = "holds values that are missing or infinite; right is a number for every period"
    flat = f"is constant after {d} differences"
    reasons = {
        f"y: {number}": ~np.isfinite(levels).all(axis=0),
        f"y: {flat}; right is a series that varies": scale <= 1e-12 * np.abs(levels).max(axis=0),
        f"x: {number}": ~np.isfinite(paths).all(axis=(0, 1)),
        f"x: a regressor {flat}; right is one that varies": (x_scale <= 1e-12 * np.abs(paths).max(axis=0)).any(axis=0),
        "x: a regressor is collinear with those before it": (share < COLLINEAR).any(axis=0),
        "y: is an exact linear function of x; right is a series that x does not determine": left < 1e-9,
    }
    return {int(row): reason for reason, wrong in reversed(reasons.items()) for row in np.flatnonzero(wrong)}


def _least_squares(design: np.ndarray, series: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return coefficients (K, N), residual (T, N) and the share (K, N) of a column's squares that those before it leave."""
    size = design.shape[1]
    fit, share, residual = np.zeros(design.shape[1:]), np.ones(design.shape[1:]), series
    for _ in range(2):  # the second time for the digits
        columns = [*design.swapaxes(0, 1), residual]
        form = {(i, j): (columns[i] * columns[j]).sum(axis=0) for i, j in pairs(size + 1)}
        solved, pivots = swept(form, size)
        for k in range(size):
            fit[k] += solved[k, size]
            share[k] = pivots[k] / form[k, k]
            residual = residual - solved[k, size] * design[:, k]
    return fit, residual, share


def swept(form: Form, size: int) -> tuple[Form, list]:
    """Return a symmetric matrix with its first ``size`` rows swept, and their pivots; for NumPy and for JAX.

    With A these rows and columns, b the rest of the rows and c what remains: -A^-1, A^-1 b and c - b' A^-1 b.
    """
    pivots = []
    for k in range(size):
        row = {i: form[min(i, k), max(i, k)] for pair in form for i in pair}
        inverse = 1 / row[k]
        pivots.append(row[k])
        form = {
            (i, j): -inverse if i == j == k else row[i + j - k] * inverse if k in (i, j) else value - row[i] * row[j] * inverse
            for (i, j), value in form.items()
        }
    return form, pivots


def pairs(size: int) -> list[tuple[int, int]]:
    """Return the places of the upper triangle of a square matrix, row by row."""
    return list(combinations_with_replacement(range(size), 2))


# -- what is refused for all


def _time_first(y: np.ndarray, x: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    y = np.asarray(y, dtype=float)
    if y.ndim != 2 or not y.size:
        raise ValueError(f"y: found an array of shape {y.shape}; right is (series, periods)")
    x = np.zeros((*y.shape, 0)) if x is None else np.asarray(x, dtype=float)
    if x.shape[-2:-1] != y.shape[1:] or x.ndim not in (2, 3) or x.ndim == 3 and len(x) != len(y):
        own, shared = (*y.shape, "regressors"), (y.shape[1], "regressors")
        raise ValueError(f"x: found an array of shape {x.shape}; right is {own}, or {shared} for all series")
    return y.T.copy(), np.broadcast_to(x, (*y.shape, x.shape[-1])).transpose(1, 2, 0).copy()


def _check(length: int, effects: int, constant: int, order: tuple[int, int, int], priors: Priors) -> None:
    whole = len(order) == 3 and all(isinstance(part, int) and part >= 0 for part in order)
    if not whole or order[0] + order[2] > LARGEST or order[1] > LARGEST:
        raise ValueError(f"order: found {order}; right is (p, d, q) of whole numbers from 0, p + q and d up to {LARGEST}")
    values, coefficients = length - order[1], effects + constant
    least = order[0] + order[2] + coefficients + 2
    if values < least:
        raise ValueError(
            f"y: found {values} values after {order[1]} differences; order {order} with {coefficients} coefficients needs {least}"
        )
    for name in ("effect_mean", "effect_sd"):
        found = np.size(getattr(priors, name))
        if found not in (1, effects):
            raise ValueError(f"{name}: found {found} numbers; right is one, or one for each of {effects} regressors")
    if math.isfinite(priors.effect_df):
        raise ValueError(f"effect_df: found a Student t, {priors.effect_df:g}; right for many series at once is a normal prior")
    if priors.sigma is not None:
        raise ValueError(f"sigma: found a known {priors.sigma:g}; right for many series at once is a half-normal prior")
