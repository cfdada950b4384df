"""One grid for the posteriors of all series of a length, and the integrals over it as matrix products, in JAX.

- Partial autocorrelations are the sines of angles at equal distances. With one lag an angle's posterior standard deviation is
  near 1 / sqrt(T) wherever it lies (that of Fisher's z is not), so one distance serves all series; and the nodes fill the
  interval from -1 to 1, so that there is no edge for the mass to touch. The weights are those of Fejer's and of Gauss's rule, as
  good as exact on smooth densities (waldvogel2006).
- phi(B) n has the covariance of the moving average but for its first values, and that of a moving average is diagonal in sines
  but for its corners. So the spectra of the nodes times products of the lagged and transformed columns give the quadratic forms
  of all series at all nodes, and a matrix of the corners' size puts the ends right.
- Given the forms the coefficients are integrated out in closed form, and sigma by the trapezoidal rule in its logarithm.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from digital_economy import arma
from digital_economy.arimax_batch_sample import Form, pairs, swept
from digital_economy.arimax_priors import Priors

try:
    import jax
    import jax.numpy as jnp
except ImportError as error:
    raise ImportError("many series at once: found no JAX; right is `pip install jax`, or jax[cuda12] for a GPU") from error

jax.config.update("jax_enable_x64", True)

SIGMA_STEPS = np.arange(-4.0, 9.0)  # nodes of log sigma around its peak, in its standard deviations there: one apart
MOST_MORE = 4.0  # times as many nodes of the first partial autocorrelation


class Nodes(NamedTuple):
    """N = A M nodes: A of the autoregression with p coefficients, M of the moving average with q."""

    weights: Any  # (2, N) quadrature times prior times the root of 1 / |V|; of all nodes, and of every second alone
    values: Any  # (p + q, N) phi and theta
    sines: Any  # (T, T) the transform
    spectra: Any  # (M, T) 1 / spectrum of the moving average
    filters: Any  # (A, p + 1) phi(B)
    ends: Any  # (M, R, T) the transforms of the R values at the corners, times 1 / spectrum
    corner: Any  # (N, R, R) what these take from a quadratic form


@lru_cache(maxsize=16)
def nodes(order: tuple[int, int], length: int, count: int, priors: Priors) -> Nodes:
    """Return the nodes for series of a length, an angle each 1 / ``count`` of a half circle, on the device."""
    p, q = order
    (ar, ar_weights), (ma, ma_weights) = _partials(p, count, autoregressive=True), _partials(q, count, autoregressive=False)
    partials = np.concatenate([np.repeat(ar, ma.shape[1], axis=1), np.tile(ma, ar.shape[1])])
    phi, theta = arma.from_partials(list(partials[:p])), arma.moving_average(list(partials[p:]))
    angles = math.pi / (length + 1) * np.arange(1, length + 1)
    sines = math.sqrt(2 / (length + 1)) * np.sin(np.outer(angles, np.arange(1, length + 1)))
    waves = (one[:, None] * np.exp(1j * lag * angles) for lag, one in enumerate(arma.moving_average(list(ma)), start=1))
    spectrum = np.abs(sum(waves, np.ones((1, length)))) ** 2
    at, added = _corner(partials, phi, theta)
    ends = sines[at] / spectrum[:, None]
    inner = np.eye(len(at)) + added @ np.tile(ends @ sines[at].T, (ar.shape[1], 1, 1))
    log_determinant = np.tile(np.log(spectrum).sum(axis=1), ar.shape[1]) + np.linalg.slogdet(inner)[1]
    log_prior = sum((priors.log_partials(np.arctanh(values)) - np.log1p(-(values**2)) for values in partials), np.zeros(1))
    quadrature = (ar_weights[:, :, None] * ma_weights[:, None]).reshape(2, -1)
    found = Nodes(
        weights=quadrature * np.exp(log_prior - 0.5 * log_determinant),
        values=np.array([*phi, *theta]).reshape(p + q, partials.shape[1]),
        sines=sines,
        spectra=1 / spectrum,
        filters=np.column_stack([np.ones(ar.shape[1]), *(-one for one in arma.from_partials(list(ar)))]),
        ends=ends,
        corner=np.linalg.solve(inner, added),
    )
    return jax.device_put(found)


def _partials(lags: int, count: int, *, autoregressive: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return nodes (lags, N) of up to two partial autocorrelations and two rows of weights, as ``_rule`` does for one.

    The first is known the better, and has the more nodes, the nearer the second is to -1 in an autoregression and to 1 in a
    moving average.
    """
    if lags == 0:
        return np.zeros((0, 1)), np.ones((2, 1))
    if lags == 1:
        first, weights = _rule(count, root=autoregressive)
        return first[None], weights
    parts = []
    for second, outer in zip(*(part.T for part in _rule(count, root=False))):
        known = -second if autoregressive else second
        more = min(math.sqrt((1 + max(known, 0)) / (1 - max(known, 0))), MOST_MORE)
        first, inner = _rule(2 * math.ceil(more * count / 2), root=autoregressive)
        parts.append((np.stack([first, np.full_like(first, second)]), inner * outer[:, None]))
    partials, weights = (np.concatenate(part, axis=1) for part in zip(*parts))
    return partials, weights


def _rule(count: int, *, root: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return nodes (count - 1,) between -1 and 1 and two rows of weights: of all of them, and of every second alone.

    Fejer's second rule; with ``root`` that of Gauss and Chebyshev for a density with the factor sqrt(1 - r^2), which the
    likelihood has in partial autocorrelations of odd lags.
    """

    def weights(parts: int) -> np.ndarray:
        angles, odd = math.pi / parts * np.arange(1, parts), np.arange(1, parts // 2 * 2, 2)
        wave = 4 / math.pi * (np.sin(np.outer(angles, odd)) / odd).sum(axis=1)
        return math.pi / parts * np.sin(angles) * (1.0 if root else wave)

    second = np.zeros(count - 1)
    second[1::2] = weights(count // 2)
    return np.cos(math.pi / count * np.arange(1, count)), np.array([weights(count), second])


def _corner(partials: np.ndarray, phi: list, theta: list) -> tuple[list[int], np.ndarray]:
    """Return R positions and (N, R, R): what the covariance of phi(B) n has there and the one that is diagonal in sines has not.

    The autoregression acts on its first p values, a second-order moving average on the first and the last.
    """
    if len(theta) == 2:
        return [0, -1], theta[1][:, None, None] * np.eye(2)
    if not phi:
        return [], np.zeros((partials.shape[1], 0, 0))
    past = arma.stacked(arma.past_root(list(partials[: len(phi)]), phi, theta), phi[0].shape)
    shocks = theta[0][:, None, None] ** 2 if theta else 0.0
    return list(range(len(phi))), past @ past.swapaxes(1, 2) - shocks


@jax.jit
def integrals(at: Nodes, bound: float, columns: Any, start: Any) -> tuple[Any, Any]:
    """Return sums (2, Q, B), over all nodes and over every second, and the log of their unit (B,), for B series.

    ``columns`` (T, K + 1, B): design and residual in coordinates in which the coefficients c are N(-start, 1), ``start`` (K, B);
    sigma is half-normal with precision ``bound``. The sums are of the weights and, weighted, of the c, of their products (upper
    triangle), of phi and theta and sigma, and of the squares of these.
    """
    length, size = columns.shape[0], columns.shape[1] - 1
    form = _forms(at, columns)
    peak = 0.5 * jnp.log(_likely_variance(form, start, bound, length))
    spread = (2 * length + 2 * bound * jnp.exp(2 * peak)) ** -0.5

    def height(log_sigma: Any, variance: Any) -> tuple[Any, Any, Form]:
        solved, pivots = _conditional(form, start, variance)
        exponent = (size + 1 - length) * log_sigma - 0.5 * (solved[size, size] / variance + bound * variance)
        return exponent, math.prod(pivots, start=jnp.ones(())) ** -0.5, solved

    shift = height(peak, jnp.exp(2 * peak))[0].max(axis=0)

    def add(carried: tuple[Any, list], step: Any) -> tuple[tuple[Any, list], None]:
        sigma, sums = carried
        variance = sigma**2
        exponent, root, solved = height(peak + spread * step, variance)
        weight = spread * root * jnp.exp(exponent - shift)
        terms = [1.0, *(solved[i, size] for i in range(size))]
        terms += [solved[i, size] * solved[j, size] - variance * solved[i, j] for i, j in pairs(size)]
        return (sigma * jnp.exp(spread), [old + weight * term for old, term in zip(sums, [*terms, sigma, variance])]), None

    blank = [jnp.zeros_like(peak)] * (3 + size + len(pairs(size)))
    (_, (*plain, sigmas, squares)), _ = jax.lax.scan(add, (jnp.exp(peak + spread * SIGMA_STEPS[0]), blank), SIGMA_STEPS)
    values = [at.weights @ one for one in plain] + [(at.weights * one) @ plain[0] for one in at.values] + [at.weights @ sigmas]
    values += [(at.weights * one**2) @ plain[0] for one in at.values] + [at.weights @ squares]
    return jnp.stack(values, axis=1), shift


def _forms(at: Nodes, columns: Any) -> Form:
    """Return the quadratic forms columns' V^-1 columns at the nodes, each (N, B)."""
    length, count, _ = columns.shape
    filters = list(at.filters.T)
    lagged = [jnp.pad(columns[: length - lag], ((lag, 0), (0, 0), (0, 0))) for lag in range(len(filters))]
    waves = jnp.tensordot(at.sines, jnp.stack(lagged, axis=1), 1)
    ends = jnp.tensordot(at.ends, waves, 1)
    ends = sum(one[:, None, None, None, None] * ends[:, :, lag] for lag, one in enumerate(filters))
    ends = ends.reshape(len(at.corner), -1, *columns.shape[1:])
    lags = list(product(range(len(filters)), repeat=2))
    factors = jnp.stack([filters[i] * filters[j] for i, j in lags], axis=1)
    form = {}
    for one, other in pairs(count):
        power = jnp.tensordot(at.spectra, jnp.stack([waves[:, i, one] * waves[:, j, other] for i, j in lags], axis=1), 1)
        whole = jnp.einsum("al,mlb->amb", factors, power).reshape(len(at.corner), -1)
        form[one, other] = whole - jnp.einsum("nrs,nrb,nsb->nb", at.corner, ends[:, :, one], ends[:, :, other])
    return form


def _likely_variance(form: Form, start: Any, bound: float, length: int) -> Any:
    """Return sigma squared (N, B) near the peak of the density in its logarithm, by expectation and maximisation."""
    size = len(start)
    variance = form[size, size] / length
    for _ in range(3):
        solved, _ = _conditional(form, start, variance)
        squares = solved[size, size] - variance * sum((solved[i, size] + start[i]) ** 2 for i in range(size))
        expected = squares + variance * sum(1 + variance * solved[i, i] for i in range(size))
        variance = expected / (length - 1 + bound * variance)
    return variance


def _conditional(form: Form, start: Any, variance: Any) -> tuple[Form, list]:
    """Return the form of coefficients and series with the prior of the coefficients in it, swept."""
    size, form = len(start), dict(form)
    for i in range(size):
        form[i, i] = form[i, i] + variance
        form[i, size] = form[i, size] - variance * start[i]
        form[size, size] = form[size, size] + variance * start[i] ** 2
    return swept(form, size)
