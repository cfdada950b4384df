"""The posteriors of thousands of regressions with ARIMA errors of one shape at once, in JAX, on a CPU or a GPU.

Model, priors and standardisation are those of ``arimax.fit`` in the regression form, and so is the answer; but where that fits a grid
to each posterior, here all series share the one of ``arimax_angles``. Every integral is also taken on each second of its nodes: series
whose two answers differ too much go to a grid twice as fine, and what still differs on the finest is named.
"""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
import pandas as pd

from digital_economy.arimax_angles import integrals, jax, nodes, swept
from digital_economy.arimax_exact import WIDE
from digital_economy.arimax_priors import Priors

LARGEST = 2  # p + q
COLLINEAR = 1e-13  # share of a regressor's squares
SPACING = 0.55  # distance of the angles, in units of 1 / sqrt(T)
FINER = (1, 2, 4)  # times as many nodes a dimension, tried in turn
TOLERANCE = 0.015  # largest difference of the two answers, in posterior standard deviations and in log evidence
BLOCK = {"cpu": 12_000, "gpu": 8_000_000}  # nodes times series at once: as many as a core's cache, or a card, takes well


@dataclass(frozen=True)
class Panel:
    """The posteriors of N series with P parameters, a row a series; rows of refused series are NaN.

    ``names`` (P,): constant, effect[1], ..., ar[1], ..., ma[1], ..., sigma. ``mean``, ``sd`` (N, P) in the units of the data,
    ``standard_mean``, ``standard_sd`` (N, P) on the scale of the model. ``log_evidence`` (N,) is that of ``arimax.Fit``, NaN
    under a flat prior. ``difference`` (N,): how far the answer from every second node is off, in posterior standard deviations
    or in log evidence, whichever is more; the answer itself is far closer. ``refused`` says why, by row.
    """

    names: tuple[str, ...]
    mean: np.ndarray
    sd: np.ndarray
    standard_mean: np.ndarray
    standard_sd: np.ndarray
    log_evidence: np.ndarray
    difference: np.ndarray
    refused: dict[int, str]

    @property
    def unsettled(self) -> list[int]:
        """The rows whose answer the finest grid has not settled: work for ``arimax.fit``."""
        return np.flatnonzero(self.difference > TOLERANCE).tolist()

    def moments(self, row: int) -> pd.DataFrame:
        """Return mean and standard deviation of a series' parameters in the units of the data, as ``arimax.Fit.moments``."""
        return pd.DataFrame({"mean": self.mean[row], "sd": self.sd[row]}, index=list(self.names))


def integrate(
    y: np.ndarray,
    x: np.ndarray | None = None,
    *,
    order: tuple[int, int, int] = (1, 1, 0),
    priors: Priors = Priors(),
    constant: bool = True,
) -> Panel:
    """Return the posteriors of an ARIMAX(p, d, q) in the regression form of each row of ``y`` on its regressors.

    ``y`` (N, T); ``x`` (N, T, R), or (T, R) where all series have the same regressors. A series that holds missing values, is constant or
    determined by its regressors, or whose regressors hold missing values, are constant or collinear, is named in ``refused`` and
    the rest are done.

    Raises
    ------
    ValueError
        Arrays of another shape, an order that is negative or too large (p + q up to 2), series too short for it, a Student t prior
        or a known sigma; all before anything is compiled.
    """
    y, x = _arrays(y, x)
    _check(y.shape[1], x.shape[2] + constant, x.shape[2], order, priors)
    p, d, q = order
    sample = _Sample.of(y, x, d=d, constant=constant, priors=priors)
    names = ["constant"] * constant + [f"effect[{i + 1}]" for i in range(x.shape[2])]
    names += [f"ar[{i + 1}]" for i in range(p)] + [f"ma[{i + 1}]" for i in range(q)] + ["sigma"]
    found, rows = np.full((len(y), 4 * len(names) + 2), np.nan), np.setdiff1d(np.arange(len(y)), list(sample.refused))
    count = 2 * math.ceil(math.pi * math.sqrt(len(sample.columns)) / SPACING / 2)
    for finer in FINER:
        if len(rows):
            found[rows] = _answers(sample, rows, *_integrated(sample, rows, (p, q), finer * count, priors))
            rows = rows[found[rows, -1] > TOLERANCE]
    parts = np.split(found, len(names) * np.arange(1, 5), axis=1)
    evidence = parts[4][:, 0] + _constant(priors, sample)
    return Panel(tuple(names), *parts[:4], evidence, parts[4][:, 1], sample.refused)


def _constant(priors: Priors, sample: _Sample) -> np.ndarray | float:
    """Return what every node's log density has in common, in the units of the data."""
    if not priors.proper:
        return math.nan
    half_normal = 0.5 * math.log(2 / math.pi) - math.log(priors.sigma_scale)
    with np.errstate(all="ignore"):
        return half_normal - len(sample.columns) * (0.5 * math.log(2 * math.pi) + np.log(sample.scale))


def _integrated(
    sample: _Sample, rows: np.ndarray, order: tuple[int, int], count: int, priors: Priors
) -> tuple[np.ndarray, np.ndarray]:
    """Return the sums (2, Q, rows) and the logs of their units of chosen series, block by block, on all cores or one card."""
    backend = jax.default_backend()
    at, bound = nodes(order, len(sample.columns), count, priors), priors.sigma_scale**-2.0
    size = min(max(16, BLOCK.get(backend, BLOCK["gpu"]) // at.weights.shape[1]), 2 ** math.ceil(math.log2(len(rows))))

    def block(first: int) -> tuple[np.ndarray, np.ndarray]:
        chosen = np.resize(rows[first : first + size], size)  # the last block is filled up, so that all are of one shape
        sums, shift = integrals(at, bound, sample.columns[..., chosen], sample.start[:, chosen])
        return np.asarray(sums), np.asarray(shift)

    with ThreadPoolExecutor(os.cpu_count() if backend == "cpu" else 1) as pool:
        sums, shifts = zip(*pool.map(block, range(0, len(rows), size)))
    return np.concatenate(sums, axis=2)[..., : len(rows)], np.concatenate(shifts)[: len(rows)]


def _answers(sample: _Sample, rows: np.ndarray, sums: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Return (rows, 4 P + 2): means and sds in the data's units and in the model's, log evidence, difference of the quadratures."""
    size = len(sample.sd)
    with np.errstate(all="ignore"):  # every second node may miss the mass: then the difference is infinite
        logs = np.log(sums[:, 0]) + shift
        first, second, mean, square = np.split(np.moveaxis(sums[:, 1:] / sums[:, :1], 1, 0), _ends(size, sums.shape[1]))
        covariance = np.empty((size, size, *logs.shape))
        for product, (i, j) in zip(second, combinations_with_replacement(range(size), 2)):
            covariance[i, j] = covariance[j, i] = product - first[i] * first[j]
        sd = np.sqrt(square - mean**2)

        def stated(matrix: np.ndarray, offset: np.ndarray, unit: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
            means = np.einsum("ijn,jgn->ign", matrix, first) + offset[:, None]
            sds = np.sqrt(np.einsum("ijn,jkgn,ikn->ign", matrix, covariance, matrix))
            return np.concatenate([means, mean[:-1], unit * mean[-1:]]), np.concatenate([sds, sd[:-1], unit * sd[-1:]])

        original = stated(sample.matrix[..., rows], sample.offset[:, rows], sample.scale[rows])
        means, sds = stated(np.tile(np.diag(sample.sd)[..., None], len(rows)), sample.fit[:, rows], 1.0)
        apart = [*(np.abs(means[:, 0] - means[:, 1]) / sds[:, 0]), *np.abs(np.log(sds[:, 1] / sds[:, 0])), np.abs(logs[0] - logs[1])]
    difference = np.nan_to_num(apart, nan=np.inf).max(axis=0)
    return np.concatenate([*(part[:, 0] for part in (*original, means, sds)), logs[:1], difference[None]]).T


def _ends(size: int, sums: int) -> list[int]:
    """Return where the parts of the sums end: the coefficients, their products, the other parameters."""
    coefficients = size + size * (size + 1) // 2
    return [size, coefficients, coefficients + (sums - 1 - coefficients) // 2]


# -- the series


@dataclass(frozen=True)
class _Sample:
    """N series, time first, in coordinates in which the coefficients c are N(-start, 1)."""

    columns: np.ndarray  # (T, K + 1, N) design and residual of the least-squares fit
    start: np.ndarray  # (K, N)
    sd: np.ndarray  # (K,) prior standard deviations: sd c + fit are the coefficients on the scale of the model
    fit: np.ndarray  # (K, N)
    matrix: np.ndarray  # (K, K, N): matrix c + offset are the coefficients in the units of the data
    offset: np.ndarray  # (K, N)
    scale: np.ndarray  # (N,)
    refused: dict[int, str]

    @classmethod
    def of(cls, y: np.ndarray, x: np.ndarray, *, d: int, constant: bool, priors: Priors) -> _Sample:
        """Return the sample, each series standardised as ``arimax_sample.Sample`` does it."""
        levels, paths, first = y.T.copy(), x.transpose(1, 2, 0).copy(), int(constant)
        effects = paths.shape[1]
        sd = np.minimum(np.r_[[priors.constant_sd] * first, np.broadcast_to(priors.effect_sd, effects)], WIDE)[:, None]
        mean = np.r_[[0.0] * first, np.broadcast_to(priors.effect_mean, effects)][:, None]
        with np.errstate(all="ignore"):  # what is not finite is refused
            series, regressors = np.diff(levels, d, axis=0), np.diff(paths, d, axis=0)
            scale, x_scale = series.std(axis=0, ddof=1), regressors.std(axis=0, ddof=1)
            centre, x_centre = first * series.mean(axis=0), first * regressors.mean(axis=0)
            design = np.concatenate([np.ones((len(series), first, len(y))), (regressors - x_centre) / x_scale], axis=1)
            standard, slope = (series - centre) / scale, scale / x_scale
            fit, residual, share = _least_squares(design, standard)
            left = np.linalg.norm(residual, axis=0) / np.linalg.norm(standard, axis=0)
            matrix = np.zeros((first + effects, first + effects, len(y)))
            for row, unit in enumerate([*[scale] * first, *slope]):
                matrix[row, row] = unit * sd[row]
            matrix[:first, first:] = -x_centre * slope * sd[first:]
            offset = np.concatenate([centre[None, :first * len(y)], np.zeros_like(slope)]) if first else np.zeros_like(slope)
            return cls(
                columns=np.concatenate([design * sd, residual[:, None]], axis=1),
                start=(fit - mean) / sd,
                sd=sd[:, 0],
                fit=fit,
                matrix=matrix,
                offset=offset + np.einsum("ijn,jn->in", matrix, fit / sd),
                scale=scale,
                refused=_refused(levels, paths, np.ptp(series, axis=0), x_scale, share, left, d),
            )


def _refused(
    levels: np.ndarray, paths: np.ndarray, range_: np.ndarray, x_scale: np.ndarray, share: np.ndarray, left: np.ndarray, d: int
) -> dict[int, str]:
    """Return the first reason against each series that can't be done."""
    finite, number = np.isfinite(levels).all(axis=0), "holds values that are missing or infinite; right is a number for every period"
    reasons = {
        f"y: {number}": ~finite,
        f"y: is constant after {d} differences; right is a series that varies": range_ <= 1e-12 * np.abs(levels).max(axis=0),
        f"x: {number}": ~np.isfinite(paths).all(axis=(0, 1)),
        f"x: a regressor is constant after {d} differences; right is one that varies": (x_scale <= 1e-12 * np.abs(paths).max(axis=0)).any(axis=0),
        "x: a regressor is collinear with those before it; right is one that they do not determine": (share < COLLINEAR).any(axis=0),
        "y: is an exact linear function of x; right is a series that x does not determine": left < 1e-9,
    }
    return {int(row): reason for reason, wrong in reversed(reasons.items()) for row in np.flatnonzero(wrong)}


def _least_squares(design: np.ndarray, series: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return coefficients (K, N), residual (T, N) and the share (K, N) of a column's squares that those before it leave."""
    size = design.shape[1]
    fit, residual, share = np.zeros(design.shape[1:]), series, np.ones(design.shape[1:])
    for _ in range(2):  # the second time for the digits
        columns = [*design.swapaxes(0, 1), residual]
        form = {(i, j): (columns[i] * columns[j]).sum(axis=0) for i, j in combinations_with_replacement(range(size + 1), 2)}
        solved, pivots = swept(form, size)
        for k in range(size):
            fit[k] += solved[k, size]
            share[k] = pivots[k] / form[k, k]
            residual = residual - solved[k, size] * design[:, k]
    return fit, residual, share


# -- what is refused for all


def _arrays(y: np.ndarray, x: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    y = np.asarray(y, dtype=float)
    if y.ndim != 2 or not y.size:
        raise ValueError(f"y: found an array of shape {y.shape}; right is (series, periods)")
    x = np.zeros((*y.shape, 0)) if x is None else np.asarray(x, dtype=float)
    if x.shape[-2:-1] != y.shape[1:] or x.ndim not in (2, 3) or x.ndim == 3 and len(x) != len(y):
        raise ValueError(f"x: found an array of shape {x.shape}; right is {(*y.shape, 'regressors')}, or {(y.shape[1], 'regressors')} for all series")
    return y, np.broadcast_to(x, (*y.shape, x.shape[-1]))


def _check(length: int, coefficients: int, effects: int, order: tuple[int, int, int], priors: Priors) -> None:
    if len(order) != 3 or any(not isinstance(part, int) or part < 0 for part in order) or order[0] + order[2] > LARGEST or order[1] > 2:
        raise ValueError(f"order: found {order}; right is (p, d, q) of whole numbers from 0, p + q and d up to {LARGEST}")
    least = order[0] + order[2] + coefficients + 2
    if length - order[1] < least:
        raise ValueError(f"y: found {length - order[1]} values after {order[1]} differences; order {order} with {coefficients} coefficients needs {least}")
    for name in ("effect_mean", "effect_sd"):
        if np.size(getattr(priors, name)) not in (1, effects):
            raise ValueError(f"{name}: found {np.size(getattr(priors, name))} numbers; right is one, or one for each of {effects} regressors")
    if math.isfinite(priors.effect_df):
        raise ValueError(f"effect_df: found a Student t with {priors.effect_df:g} degrees of freedom; right for many series at once is a normal")
    if priors.sigma is not None:
        raise ValueError(f"sigma: found a known {priors.sigma:g}; right for many series at once is a half-normal prior")
