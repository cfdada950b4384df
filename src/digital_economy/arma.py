"""The exact likelihood of an ARMA process: lag polynomials and one quadratic form, for NumPy and for JAX.

With phi(B) n = theta(B) e, phi(B) = 1 - phi_1 B - ..., theta(B) = 1 + theta_1 B + ... and unit innovations e, what the past hands
to a sample is one vector of max(p, q) numbers with a known normal distribution, so that

    e = theta(B)^-1 (phi(B) n - the past in the first max(p, q) places)

is a regression on that vector, and no covariance matrix of the sample is ever formed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np

LARGEST_PARTIAL = 1 - 1e-12  # nearer to a unit root 1 - r^2 has no digits left


# -- lag polynomials: lists of coefficients, each a number or an array, NumPy's or JAX's ------------


def from_partials(partials: Sequence) -> list:
    """Return the coefficients of a stationary autoregression from its partial autocorrelations.

    The recursion of Durbin and Levinson: any values between -1 and 1 give a stationary process, and
    every stationary process has such values. Source: monahan1984.
    """
    phi: list = []
    for partial in partials:
        phi = [one - partial * other for one, other in zip(phi, reversed(phi))] + [partial]
    return phi


def moving_average(partials: Sequence) -> list:
    """Return the coefficients of an invertible moving average, theta, from its partial autocorrelations."""
    return [-coefficient for coefficient in from_partials([-partial for partial in partials])]


def to_partials(phi: Sequence) -> list:
    """Return the partial autocorrelations of an autoregression: the recursion of ``from_partials`` backwards.

    Raises
    ------
    ValueError
        The autoregression is not stationary.
    """
    phi, partials = list(phi), []
    while phi:
        *phi, last = phi
        if not np.all(np.abs(last) < 1):
            raise ValueError(f"found a partial autocorrelation of {np.abs(last).max():g}; right is one between -1 and 1")
        phi = [(one + last * other) / (1 - last**2) for one, other in zip(phi, reversed(phi))]
        partials.insert(0, last)
    return partials


def past_root(partials: Sequence, phi: Sequence, theta: Sequence) -> list[list]:
    """Return a root C: the past adds C z, z ~ N(0, 1), to the first max(p, q) equations, for unit innovations.

    With v the autoregression phi(B) v = e, n = theta(B) v, and the past acts on equation i+1 as row i of the Bezout
    matrix of phi and theta times (v_0, v_-1, ...); v itself starts as the recursion of Durbin and Levinson says.
    """
    size = max(len(phi), len(theta))
    a = [-1.0, *phi, *[0.0] * (size - len(phi))]
    m = [1.0, *theta, *[0.0] * (size - len(theta))]
    deviation = math.prod((1 - partial**2 for partial in partials), start=1.0) ** -0.5
    start: list[list] = []
    for k in range(size):
        known = from_partials(partials[:k])
        row = [sum((known[j] * start[k - 1 - j][i] for j in range(len(known))), 0.0) for i in range(size)]
        row[k] = deviation
        start.append(row)
        deviation = deviation * (1 - partials[k] ** 2) ** 0.5 if k < len(partials) else deviation
    root = [[0.0] * size for _ in range(size)]
    for i, j, k in product(range(size), repeat=3):
        bezout = sum(a[i + j + 1 - h] * m[h] - m[i + j + 1 - h] * a[h] for h in range(max(0, i + j + 1 - size), min(i, j) + 1))
        root[i][k] = root[i][k] + bezout * start[size - 1 - j][k]
    return root


def lagged(series: Any, lag: int, xp: Any = np) -> Any:
    """Return a series (time on the last axis) ``lag`` steps later, with zeros before its start."""
    return xp.concatenate([xp.zeros_like(series[..., :lag]), series[..., :-lag]], axis=-1) if lag else series


def multiply(series: Any, polynomial: Sequence, xp: Any = np, *, step: int = 1) -> Any:
    """Return polynomial(B^step) applied to a series, its leading coefficient one."""
    length = series.shape[-1]
    terms = [(lag * step, factor) for lag, factor in enumerate(polynomial) if 0 < lag * step < length]
    return sum((factor * lagged(series, lag, xp) for lag, factor in terms), series)


def divide(series: np.ndarray, polynomial: Sequence) -> np.ndarray:
    """Return 1 / polynomial(B) applied to a series: a recursion over time, for all series and polynomials at once."""
    taps = [np.asarray(factor)[..., 0] if np.ndim(factor) else factor for factor in polynomial[1:]]
    shape = np.broadcast_shapes(series.shape[:-1], *(np.shape(tap) for tap in taps))
    divided = np.empty((series.shape[-1], *shape))
    divided[:] = np.moveaxis(series, -1, 0)[(slice(None), *[None] * (len(shape) - series.ndim + 1))]
    for time in range(1, len(divided)):
        for lag, tap in enumerate(taps[:time], start=1):
            divided[time] -= tap * divided[time - lag]
    return np.moveaxis(divided, 0, -1)


def divide_by_squaring(
    series: Any, polynomial: Sequence, xp: Any, *, once: Callable[[Any], Any] = lambda product: product
) -> Any:
    """Return what ``divide`` returns in log2(T) products, without a recursion over time: for a compiler, a tenth of the steps.

    Graeffe's root squaring: c(z) c(-z) is a polynomial in z^2, hence 1/c(z) = c(-z) c1(-z^2) c2(-z^4) ...,
    and from the factor in z^T on nothing happens within the sample. Exact, not an approximation. ``once`` is called on each
    product: a compiler that would compute it again wherever it is used can be told there not to.
    """
    step, order = 1, len(polynomial)
    while step < series.shape[-1] and order > 1:
        mirrored = [factor if lag % 2 == 0 else -factor for lag, factor in enumerate(polynomial)]
        series = once(multiply(series, mirrored, xp, step=step))
        polynomial = [
            sum(polynomial[i] * mirrored[2 * k - i] for i in range(max(0, 2 * k - order + 1), min(2 * k + 1, order)))
            for k in range(order)
        ]
        step *= 2
    return series


# -- the likelihood -------------------------------------------------------------------------------------


def quadratic_form(
    columns: Any, partials: Sequence, theta: Sequence, *, xp: Any = np, divide: Callable[[Any, Sequence], Any] = divide
) -> tuple[Any, Any]:
    """Return columns V^-1 columns' and log |V| for the covariance V of an ARMA process with unit innovations.

    ``columns`` (..., C, T) holds a series a row; the partial autocorrelations of the autoregression, taken as at most
    ``LARGEST_PARTIAL``, and the coefficients theta are numbers or arrays (...). Works on NumPy's arrays and, with JAX's ``xp`` and its own ``divide``, on JAX's.
    """
    partials = [xp.clip(partial, -LARGEST_PARTIAL, LARGEST_PARTIAL) for partial in partials]
    phi, size, length = from_partials(partials), max(len(partials), len(theta)), columns.shape[-1]
    ar, ma = ([1.0, *(xp.asarray(factor)[..., None, None] for factor in part)] for part in ([-factor for factor in phi], theta))
    errors = divide(multiply(columns, ar, xp), ma)
    form = errors @ errors.swapaxes(-1, -2)
    if size == 0:
        return form, xp.zeros(form.shape[:-2])
    impulse = divide(xp.eye(1, length), ma)
    past = xp.concatenate([lagged(impulse, lag, xp) for lag in range(size)], axis=-2)
    root = stacked(past_root(partials, phi, theta), form.shape[:-2], xp)
    return eliminated(*joined(form, past @ errors.swapaxes(-1, -2), past @ past.swapaxes(-1, -2), root, xp), xp)


def joined(form: Any, shared: Any, past: Any, root: Any, xp: Any = np) -> tuple[Any, int]:
    """Return the quadratic form of the past, a normal vector with that root, and the columns, and the size of the past."""
    size, turned = root.shape[-1], root.swapaxes(-1, -2)
    inner, cross = xp.eye(size) + turned @ past @ root, turned @ shared
    upper = xp.concatenate([inner, cross], axis=-1)
    return xp.concatenate([upper, xp.concatenate([cross.swapaxes(-1, -2), form], axis=-1)], axis=-2), size


def eliminated(matrix: Any, count: int, xp: Any = np) -> tuple[Any, Any]:
    """Return what is left of a symmetric matrix (..., N, N) when its first rows are swept out, and the log of their pivots' product."""
    log_determinant = xp.zeros(matrix.shape[:-2])
    for _ in range(count):
        pivot, row = matrix[..., 0, 0], matrix[..., 0, 1:]
        log_determinant = log_determinant + xp.log(pivot)
        matrix = matrix[..., 1:, 1:] - row[..., :, None] * (row / pivot[..., None])[..., None, :]
    return matrix, log_determinant


def stacked(rows: list[list], shape: tuple[int, ...], xp: Any = np) -> Any:
    """Return the matrix (*shape, I, J) of rows of numbers or arrays that broadcast to ``shape``."""
    return xp.stack([xp.stack([xp.broadcast_to(xp.asarray(entry), shape) for entry in row], axis=-1) for row in rows], axis=-2)


def log_likelihood(series: np.ndarray, missing: np.ndarray, partials: Sequence, theta: Sequence, sigma: Any) -> Any:
    """Return the exact log-likelihood of an ARMA process, or one for each of many series (..., T) and parameters (...).

    ``missing`` (G, T) holds a row for each value of the level that was not observed: what one unit of it adds to
    the series. These values are integrated out, so the result is the density of what was observed.
    """
    unseen = np.broadcast_to(missing, (*series.shape[:-1], *missing.shape))
    form, log_determinant = quadratic_form(np.concatenate([unseen, series[..., None, :]], axis=-2), partials, theta)
    squares, more = eliminated(form, len(missing))
    constant = (series.shape[-1] - len(missing)) * np.log(2 * math.pi * sigma**2)
    return -0.5 * (constant + log_determinant + more + squares[..., 0, 0] / sigma**2)
