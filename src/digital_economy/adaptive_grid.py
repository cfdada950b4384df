"""A grid that finds where a density in up to three dimensions has its mass, and becomes as fine as the density asks for.

A log density is an array with a dimension for each axis; minus infinity where it was not computed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

DEPTH = 14.0  # log density below its maximum at which the grid ends
STEP = 0.42  # distance of the quadrature nodes in conditional standard deviations
FINEST = {0: 1, 1: 400, 2: 150, 3: 80}  # most nodes a dimension in the final grid


@dataclass(frozen=True)
class Axis:
    """Quadrature nodes of one Fisher z: the trapezoidal rule in s, z = centre + width sinh(s), fine inside and wide in the tails."""

    z: np.ndarray
    cell: np.ndarray
    centre: float
    width: float

    @classmethod
    def over(cls, low: float, high: float, *, centre: float, width: float, count: int) -> Axis:
        s, step = np.linspace(*np.arcsinh((np.array([low, high]) - centre) / width), count, retstep=True)
        return cls(centre + width * np.sinh(s), width * np.cosh(s) * step, centre, width)


def grid(arrays: list[np.ndarray]) -> np.ndarray:
    """Return the coordinates (D, N) of the nodes of a grid."""
    return np.stack(np.meshgrid(*arrays, indexing="ij")).reshape(len(arrays), -1) if arrays else np.zeros((0, 1))


def _weights(axes: list[Axis], density: np.ndarray) -> np.ndarray:
    """Return the posterior weights of the points of a grid, an axis a dimension."""
    cells = grid([axis.cell for axis in axes]).prod(axis=0).reshape(density.shape)
    weights = np.exp(density - density.max()) * cells
    return weights / weights.sum()


def adapted(axes: list[Axis], density: np.ndarray, length: int, *, edge: float, more: float) -> tuple[list[Axis], bool]:
    """Return axes around the mass, as far as it reaches, and whether they hardly moved; with ``more`` times the nodes.

    A node is left out if it lies far below the highest, allowing for a peak between it and the next, which
    rises the more the longer the sample is. An end that is not low, because an earlier grid missed a ridge, is moved out again,
    as far as ``edge``.
    """
    weights = _weights(axes, density)
    hidden = length / 8 * (grid([axis.cell for axis in axes]) ** 2).sum(axis=0).reshape(density.shape)
    kept = density > density.max() - DEPTH - hidden
    found, cut = [], False
    for dimension, axis in enumerate(axes):
        others = tuple(other for other in range(kept.ndim) if other != dimension)
        inside, marginal = np.flatnonzero(kept.any(axis=others)), weights.sum(axis=others)
        span = np.ptp(axis.z)
        low = axis.z[inside[0] - 1] if inside[0] else max(axis.z[0] - span, -edge)
        high = axis.z[inside[-1] + 1] if inside[-1] < len(axis.z) - 1 else min(axis.z[-1] + span, edge)
        cut |= low < axis.z[0] - 1e-6 or high > axis.z[-1] + 1e-6
        mean = marginal @ axis.z
        sd = math.hypot(math.sqrt(marginal @ (axis.z - mean) ** 2), 0.3 * axis.cell[marginal.argmax()])
        found.append(Axis.over(low, high, centre=mean, width=3 * sd, count=int(more * len(axis.z))))
    moved = [abs(math.log(new.width / old.width)) + abs(new.centre - old.centre) / new.width for new, old in zip(found, axes)]
    return found, max(moved) < 0.15 and not cut


def refined(axes: list[Axis], density: np.ndarray) -> list[Axis]:
    """Return the axes with nodes as dense as the curvature of the log density asks for, the mean over the posterior.

    For a normal density that is the conditional precision, whatever the distance of the nodes it is read from.
    """
    weights, density, found = _weights(axes, density), np.maximum(density, density.max() - 1000), []
    for dimension, axis in enumerate(axes):
        heights, inner = np.moveaxis(density, dimension, -1), np.moveaxis(weights, dimension, -1)[..., 1:-1]
        steps = np.diff(axis.z)
        bend = -2 * np.diff(np.diff(heights) / steps) / (steps[1:] + steps[:-1])
        sd = max((inner * bend).sum() / inner.sum(), 1e-6) ** -0.5
        span = np.ptp(np.arcsinh((axis.z - axis.centre) / axis.width))
        count = min(max(math.ceil(span * axis.width / (STEP * sd)) + 1, 9), FINEST[len(axes)])
        found.append(Axis.over(axis.z[0], axis.z[-1], centre=axis.centre, width=axis.width, count=count))
    return found


def interpolated(axes: list[Axis], density: np.ndarray, finer: list[Axis]) -> np.ndarray:
    """Return the density of a coarser grid on a finer one, linearly between its nodes."""
    density = np.maximum(density, density.max() - 1000)
    for dimension, (old, new) in enumerate(zip(axes, finer)):
        before = np.clip(np.searchsorted(old.z, new.z) - 1, 0, len(old.z) - 2)
        share = (new.z - old.z[before]) / (old.z[before + 1] - old.z[before])
        share = share.reshape(-1, *[1] * (density.ndim - dimension - 1))
        density = (1 - share) * density.take(before, dimension) + share * density.take(before + 1, dimension)
    return density
