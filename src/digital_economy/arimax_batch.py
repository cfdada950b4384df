"""The posteriors of thousands of regressions with ARIMA errors of one shape at once, in JAX, on a CPU or a GPU.

Model, priors and standardisation are those of ``arimax.fit`` in the regression form, and so is the answer; but where that fits a
grid to each posterior, here all series share the one of ``arimax_angles``. Every integral is also taken on each second of its
nodes: series whose two answers differ too much go to a grid twice as fine, and what still differs on the finest is named. That
happens where a series is known far better than its length says: a cycle with hardly any noise, a flat prior of the level.
"""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd

from digital_economy.arimax_angles import integrals, jax, nodes  # jax by way of the room that names its absence
from digital_economy.arimax_batch_sample import BatchSample, pairs
from digital_economy.arimax_priors import Priors

SPACING = 0.5  # distance of the angles, in units of 1 / sqrt(T)
FINER = (1, 2, 4)  # times as many nodes a dimension, tried in turn
TOLERANCE = 0.006  # largest difference of the two answers, in posterior standard deviations and in log evidence
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

    ``y`` (N, T); ``x`` (N, T, R), or (T, R) where all series have the same regressors. A series that holds missing values, is
    constant or determined by its regressors, or whose regressors hold missing values, are constant or collinear, is named in
    ``refused`` and the rest are done.

    Raises
    ------
    ValueError
        Arrays of another shape, an order that is negative or too large (p + q up to 2), series too short for it, a Student t
        prior or a known sigma; all before anything is compiled.
    """
    sample, (p, _, q) = BatchSample.of(y, x, order=order, priors=priors, constant=constant), order
    names = sample.names + [f"ar[{lag}]" for lag in range(1, p + 1)] + [f"ma[{lag}]" for lag in range(1, q + 1)] + ["sigma"]
    found, rows = np.full((len(sample.scale), 4 * len(names) + 2), np.nan), sample.accepted
    count = 2 * math.ceil(math.pi * math.sqrt(len(sample.columns)) / SPACING / 2)
    for finer in FINER:
        if len(rows):
            found[rows] = _answers(sample, rows, *_integrated(sample, rows, (p, q), finer * count, priors))
            rows = rows[found[rows, -1] > TOLERANCE]
    parts = np.split(found, len(names) * np.arange(1, 5), axis=1)
    evidence = parts[4][:, 0] + _constant(priors, sample)
    return Panel(tuple(names), *parts[:4], evidence, parts[4][:, 1], sample.refused)


def _constant(priors: Priors, sample: BatchSample) -> np.ndarray | float:
    """Return what every node's log density has in common, in the units of the data."""
    if not priors.proper:
        return math.nan
    half_normal = 0.5 * math.log(2 / math.pi) - math.log(priors.sigma_scale)
    with np.errstate(all="ignore"):
        return half_normal - len(sample.columns) * (0.5 * math.log(2 * math.pi) + np.log(sample.scale))


def _integrated(
    sample: BatchSample, rows: np.ndarray, order: tuple[int, int], count: int, priors: Priors
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


def _answers(sample: BatchSample, rows: np.ndarray, sums: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Return (rows, 4 P + 2): means and sds in the data's units and the model's, log evidence, difference of the quadratures."""
    size = len(sample.sd)
    with np.errstate(all="ignore"):  # every second node may miss the mass: then the difference is infinite
        logs = np.log(sums[:, 0]) + shift
        first, second, mean, square = np.split(np.moveaxis(sums[:, 1:] / sums[:, :1], 1, 0), _ends(size, sums.shape[1]))
        covariance = np.empty((size, size, *logs.shape))
        for product, (i, j) in zip(second, pairs(size)):
            covariance[i, j] = covariance[j, i] = product - first[i] * first[j]
        sd = np.sqrt(square - mean**2)

        def stated(matrix: np.ndarray, offset: np.ndarray, unit: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
            means = np.einsum("ijn,jgn->ign", matrix, first) + offset[:, None]
            sds = np.sqrt(np.einsum("ijn,jkgn,ikn->ign", matrix, covariance, matrix))
            return np.concatenate([means, mean[:-1], unit * mean[-1:]]), np.concatenate([sds, sd[:-1], unit * sd[-1:]])

        original = stated(sample.matrix[..., rows], sample.offset[:, rows], sample.scale[rows])
        means, sds = stated(np.tile(np.diag(sample.sd)[..., None], len(rows)), sample.fit[:, rows], 1.0)
        apart = np.concatenate([(means[:, 1] - means[:, 0]) / sds[:, 0], np.log(sds[:, 1] / sds[:, 0]), logs[1:] - logs[:1]])
    difference = np.nan_to_num(np.abs(apart), nan=np.inf).max(axis=0)
    return np.concatenate([*(part[:, 0] for part in (*original, means, sds)), logs[:1], difference[None]]).T


def _ends(size: int, sums: int) -> list[int]:
    """Return where the parts of the sums end: the coefficients, their products, the other parameters."""
    coefficients = size + size * (size + 1) // 2
    return [size, coefficients, coefficients + (sums - 1 - coefficients) // 2]
