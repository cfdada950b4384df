"""The posterior of a regression with ARMA errors by integration: arrays in, posterior out, no sampling.

The model, with w and X already differenced and scaled, and the first row of X a constant if there is one:

    regression   w = X b + n,                     phi(B) n = theta(B) e
    transfer     phi(B) (w - X0 b0) = X1 b1 + theta(B) e    (X0 the constant, X1 the regressors)

with e ~ N(0, sigma^2). The likelihood is that of ``arma``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import numpy as np

from digital_economy.adaptive_grid import DEPTH, Axis, adapted, grid, interpolated, refined
from digital_economy.arimax_priors import Priors
from digital_economy.arma import divide, eliminated, from_partials, joined, lagged, moving_average, past_root, stacked

WIDE = 1e4  # standard deviation that stands for an infinite one, on standardised data
EDGE = {0: 6.0, 1: 6.0, 2: 6.0, 3: 4.2}  # Fisher z at which the grid ends (0.99999; 0.9996), by p: nearer to unit roots digits go
SIGMA_STEP = 0.6  # and in those of log sigma
COARSE = {0: 1, 1: 31, 2: 17, 3: 15}  # nodes a dimension while the grid looks for the mass, by dimensions
LARGEST_BLOCK = 4_000_000  # numbers held at once


@dataclass(frozen=True)
class Posterior:
    """A posterior on N nodes of the autocorrelations times S nodes of sigma, normal in the coefficients at each.

    ``z`` (N, D): partial autocorrelations on the scale of Fisher's z, the autoregressive ones first; ``phi`` (N, p);
    ``theta`` (N, q); ``sigma``, ``weights`` (N, S); the coefficients have mean ``mean`` (N, S, K) and covariance
    root diag(variance) root', ``variance`` (N, S, K), ``root`` (N, K, K).
    ``cells`` (N, D) and ``sigma_cells`` (N,) are the widths of the nodes' cells in z and in log sigma.
    """

    z: np.ndarray
    phi: np.ndarray
    theta: np.ndarray
    sigma: np.ndarray
    weights: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
    root: np.ndarray
    cells: np.ndarray
    sigma_cells: np.ndarray
    log_evidence: float

    def draw(self, draws: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
        """Return independent draws of ``phi`` (draws, p), ``theta`` (draws, q), ``sigma`` and ``coefficients`` (draws, K).

        A draw takes a node by its weight and moves within the node's cell, towards the mean by as much as keeps
        the standard deviation.
        """
        index = np.searchsorted(np.cumsum(self.weights), rng.random(draws) * self.weights.sum(), side="right")
        node, level = np.divmod(np.minimum(index, self.weights.size - 1), self.weights.shape[1])
        partials = [
            np.tanh(_moved(values, self.weights.sum(axis=1), step, node, rng)) for values, step in zip(self.z.T, self.cells.T)
        ]
        step = np.repeat(self.sigma_cells, self.weights.shape[1])
        logs = _moved(np.log(self.sigma).ravel(), self.weights.ravel(), step, index, rng)
        noise = rng.standard_normal((len(node), self.mean.shape[2])) * np.sqrt(self.variance[node, level])
        p = self.phi.shape[1]
        return {
            "phi": _columns(from_partials(partials[:p]), draws),
            "theta": _columns(moving_average(partials[p:]), draws),
            "sigma": np.exp(logs),
            "coefficients": self.mean[node, level] + (self.root[node] @ noise[..., None])[..., 0],
        }

    def node_moments(self, values: np.ndarray) -> tuple[float, float]:
        """Return mean and standard deviation of a function of the nodes, (N, S) or (N, 1)."""
        mean = float((self.weights * values).sum() / self.weights.sum())
        return mean, math.sqrt((self.weights * (values - mean) ** 2).sum() / self.weights.sum())

    def linear_moments(self, matrix: np.ndarray, offset: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return means and standard deviations (J,) of matrix (N, J, K) times the coefficients plus offset (N, J)."""
        weights = self.weights / self.weights.sum()
        means = np.einsum("njk,nsk->nsj", matrix, self.mean) + offset[:, None]
        variances = np.einsum("njk,nsk->nsj", (matrix @ self.root) ** 2, self.variance)
        mean = np.einsum("ns,nsj->j", weights, means)
        return mean, np.sqrt(np.einsum("ns,nsj->j", weights, variances + (means - mean) ** 2))


def integrate(
    series: np.ndarray,
    design: np.ndarray,
    missing: np.ndarray,
    *,
    order: tuple[int, int],
    priors: Priors,
    constant: bool = True,
    transfer: bool = False,
) -> Posterior:
    """Return the posterior of a regression with ARMA(p, q) errors, by quadrature.

    ``series`` (T,) is centred and scaled; ``design`` (K, T) has the constant, if any, in its first row; ``missing``
    (G, T) is that of ``log_likelihood``. The coefficients are integrated out in closed form, sigma by the
    trapezoidal rule in its logarithm at each node, and the partial autocorrelations by the same rule on a grid in
    their Fisher z that is narrowed to where the mass is; on a density that falls off at both ends the rule is as
    good as exact. No number depends on a seed, a cache or a start.
    """
    problem = _Problem.of(series, design, missing, order=order, priors=priors, constant=constant, transfer=transfer)
    edge, dimensions = EDGE[order[0]], sum(order)
    found = problem.evaluate([Axis.over(-edge, edge, centre=0.0, width=3.0, count=COARSE[dimensions])] * dimensions)
    for attempt in range(15 if dimensions else 0):
        axes, settled = adapted(found.axes, found.density, len(series), edge=edge, more=1.5 if attempt % 5 == 4 else 1.0)
        found = problem.evaluate(axes)
        if settled:
            break
    for _ in range(3 if dimensions else 0):
        axes = refined(found.axes, found.density)
        if all(len(new.z) < 1.15 * len(old.z) for new, old in zip(axes, found.axes)):
            break
        found = problem.evaluate(axes, interpolated(found.axes, found.density, axes))
    return problem.posterior(found)


@dataclass(frozen=True)
class _Nodes:
    """The density on N nodes, in coordinates of the coefficients that are independent: b = prior mean + root c, c ~ N(0, 1)."""

    constant: np.ndarray  # (N,) log density as far as it depends on neither sigma nor the coefficients
    squares: np.ndarray  # (N,) residual sum of squares of generalised least squares
    estimate: np.ndarray  # (N, K) the generalised least squares estimate of c
    information: np.ndarray  # (N, K) its precision for unit sigma
    root: np.ndarray  # (N, K, K)


@dataclass(frozen=True)
class _Evaluation:
    """The posterior density on a grid, sigma integrated out by Laplace's method, and the nodes it was computed at."""

    axes: list[Axis]
    density: np.ndarray  # log density, an axis a dimension; minus infinity where it was not computed
    points: np.ndarray  # (N,) which point of the grid each node is, several under a mixture prior
    nodes: _Nodes
    log_sigma: np.ndarray  # (N,) the peak in log sigma
    spread: np.ndarray  # (N,) standard deviation there
    heights: np.ndarray  # (N,) log density


@dataclass(frozen=True)
class _Problem:
    columns: np.ndarray  # (G + K + 1, T): missing, design, least-squares residual
    fit: np.ndarray  # (K,) least-squares coefficients, already subtracted
    follows: np.ndarray  # (G + K + 1,) whether a column passes through the autoregression
    mean: np.ndarray  # (K,) prior mean
    sd: np.ndarray  # (K,) prior standard deviation
    mixed: np.ndarray  # (K,) whether the prior is a Student t
    order: tuple[int, int]
    priors: Priors
    observed: int

    @classmethod
    def of(cls, series, design, missing, *, order, priors, constant, transfer) -> _Problem:
        rows = np.concatenate([missing, design])
        effects, gaps = len(design) - constant, len(missing)
        follows = np.r_[[True] * (gaps + constant), [not transfer] * effects].astype(bool)
        fit = np.zeros(len(rows))
        fit[follows] = np.linalg.lstsq(rows[follows].T, series, rcond=None)[0]
        sd = np.r_[[priors.constant_sd] * constant, np.broadcast_to(priors.effect_sd, effects)]
        return cls(
            columns=np.concatenate([rows, (series - fit @ rows)[None, :]]),
            fit=fit[gaps:],
            follows=np.r_[follows, True],
            mean=np.r_[[0.0] * constant, np.broadcast_to(priors.effect_mean, effects)],
            sd=np.minimum(sd, WIDE),
            mixed=np.r_[[False] * constant, [math.isfinite(priors.effect_df)] * effects].astype(bool),
            order=order,
            priors=priors,
            observed=len(series) - gaps,
        )

    def evaluate(self, axes: list[Axis], expected: np.ndarray | None = None) -> _Evaluation:
        """Return the density on a grid; where it is ``expected`` to be negligible nothing is computed."""
        p, shape = self.order[0], tuple(len(axis.z) for axis in axes)
        ar, ma = grid([axis.z for axis in axes[:p]]), grid([axis.z for axis in axes[p:]])
        density = np.full((ar.shape[1], ma.shape[1]), -np.inf)
        worth = np.ones(density.shape, bool) if expected is None else expected.reshape(density.shape) > expected.max() - DEPTH - 6
        rows, columns = np.flatnonzero(worth.any(axis=1)), np.flatnonzero(worth.any(axis=0))
        nodes = self._nodes(ar[:, rows], ma[:, columns])
        log_sigma, spread = self._peak(nodes)
        heights = self._log_density(nodes, log_sigma[:, None])[:, 0] + np.log(spread)
        density[np.ix_(rows, columns)] = _log_sum(heights.reshape(-1, len(rows), len(columns)))
        points = np.add.outer(rows * ma.shape[1], columns).ravel()
        return _Evaluation(
            axes=axes,
            density=density.reshape(shape),
            points=np.tile(points, len(heights) // len(points)),
            nodes=nodes,
            log_sigma=log_sigma,
            spread=spread,
            heights=heights,
        )

    def posterior(self, found: _Evaluation) -> Posterior:
        """Return the posterior on a grid, sigma by quadrature, nodes of negligible weight left out."""
        kept = np.flatnonzero(found.heights > found.heights.max() - DEPTH - 3)
        nodes = _Nodes(*(getattr(found.nodes, name)[kept] for name in _Nodes.__dataclass_fields__))
        known = self.priors.sigma is not None
        steps = np.zeros(1) if known else SIGMA_STEP * np.arange(-11, 16)
        logs = found.log_sigma[kept, None] + found.spread[kept, None] * steps
        width = np.ones(len(kept)) if known else SIGMA_STEP * found.spread[kept]
        z = grid([axis.z for axis in found.axes])[:, found.points[kept]]
        cells = grid([axis.cell for axis in found.axes])[:, found.points[kept]]
        density = self._log_density(nodes, logs) + (np.log(width) + np.log(cells).sum(axis=0))[:, None]
        total = float(_log_sum(density.ravel()))
        unit = np.exp(2 * logs)[..., None]
        information = nodes.information[:, None]
        centre = information / (information + unit) * nodes.estimate[:, None]
        p = self.order[0]
        return Posterior(
            z=z.T,
            phi=_columns(from_partials(list(np.tanh(z[:p]))), len(kept)),
            theta=_columns(moving_average(list(np.tanh(z[p:]))), len(kept)),
            sigma=np.exp(logs),
            weights=np.exp(density - total),
            mean=self.mean + (nodes.root[:, None] @ centre[..., None])[..., 0],
            variance=unit / (information + unit),
            root=nodes.root,
            cells=cells.T,
            sigma_cells=0 * width if known else width,
            log_evidence=total if self.priors.proper else math.nan,
        )

    def _nodes(self, ar: np.ndarray, ma: np.ndarray) -> _Nodes:
        """Return the nodes of every autoregression (p, A) with every moving average (q, M), both in Fisher z."""
        form, constant = self._forms(ar, ma)
        parts = []
        factors, log_factors = self.priors.mixture() if self.mixed.any() else (np.ones(1), np.zeros(1))
        for choice in product(range(len(factors)), repeat=int(self.mixed.sum())):
            sd = self.sd.copy()
            sd[self.mixed] /= np.sqrt(factors[list(choice)])
            information, turn = np.linalg.eigh(form[:, :-1, :-1] * np.outer(sd, sd))
            information = np.maximum(information, 1e-14 * information.max(axis=1, keepdims=True, initial=1e-300))
            root = sd[:, None] * turn
            slope = (form[:, None, -1, :-1] @ root)[:, 0]
            start = (self.fit - self.mean) / sd @ turn
            parts.append(
                _Nodes(
                    constant=constant + log_factors[list(choice)].sum(),
                    squares=form[:, -1, -1] - (slope**2 / information).sum(axis=1),
                    estimate=start + slope / information,
                    information=information,
                    root=root,
                )
            )
        return _Nodes(*(np.concatenate([getattr(part, name) for part in parts]) for name in _Nodes.__dataclass_fields__))

    def _log_density(self, nodes: _Nodes, log_sigma: np.ndarray) -> np.ndarray:
        """Return the log density (N, S) of the series, the autocorrelations and log sigma, the coefficients integrated out."""
        variance = np.exp(2 * log_sigma)
        information = nodes.information[:, None]
        total = information + variance[..., None]
        lost = np.log(total / variance[..., None]) + information * nodes.estimate[:, None] ** 2 / total
        return (
            nodes.constant[:, None]
            - self.observed * log_sigma
            - 0.5 * (nodes.squares[:, None] / variance + lost.sum(axis=-1))
            + self._log_sigma_prior(log_sigma)
        )

    def _peak(self, nodes: _Nodes) -> tuple[np.ndarray, np.ndarray]:
        """Return for each node where the density in log sigma peaks and its standard deviation there, by Newton's method."""
        if self.priors.sigma is not None:
            return np.full(len(nodes.squares), math.log(self.priors.sigma)), np.ones(len(nodes.squares))
        log_sigma = 0.5 * np.log(nodes.squares / self.observed)
        for _ in range(50):
            variance = np.exp(2 * log_sigma)
            ratio = nodes.information / variance[:, None]
            share, squared = ratio / (1 + ratio), nodes.estimate**2
            bound = variance / self.priors.sigma_scale**2
            slope = nodes.squares / variance - self.observed + (share * (1 + squared / (1 + ratio))).sum(axis=1) + 1 - bound
            bend = -2 * (nodes.squares / variance + bound)
            bend -= 2 * (share / (1 + ratio) * (1 + squared * (1 - ratio) / (1 + ratio))).sum(axis=1)
            bend = np.minimum(bend, -0.1)
            step = np.clip(-slope / bend, -1, 1)
            log_sigma = log_sigma + step
            if np.abs(step).max() < 0.01:
                break
        return log_sigma, (-bend) ** -0.5

    def _log_sigma_prior(self, log_sigma: np.ndarray) -> np.ndarray | float:
        """Return the log prior density of log sigma."""
        scale = self.priors.sigma_scale
        if self.priors.sigma is not None:
            return 0.0
        if math.isinf(scale):
            return log_sigma
        return log_sigma + 0.5 * math.log(2 / math.pi) - math.log(scale) - 0.5 * np.exp(2 * log_sigma) / scale**2

    def _forms(self, ar: np.ndarray, ma: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return, for each node, the quadratic form of the columns and the constant of the log density.

        The moving average is divided out once for each of its nodes; the autoregression then only combines the
        sums of squares and products of lagged columns.
        """
        size, count = max(self.order), len(self.columns)
        ar, ma = ar[:, :, None], ma[:, None, :]
        partials = list(np.tanh(ar))
        phi, theta = from_partials(partials), moving_average(list(np.tanh(ma)))
        log_prior = sum((self.priors.log_partials(z) for z in [*ar, *ma]), np.zeros((1, 1)))
        moments = self._moments(theta)
        passes = np.append(self.follows, np.zeros(size))
        factors = [np.ones((1, count + size)), *(-coefficient * passes for coefficient in phi)]
        form = sum(
            one[:, None, :, None] * other[:, None, None, :] * moments[:, i, :, j]
            for i, one in enumerate(factors)
            for j, other in enumerate(factors)
        )
        columns, past, shared = form[..., :count, :count], form[..., count:, count:], form[..., count:, :count]
        root = stacked(past_root(partials, phi, theta), form.shape[:2]) if size else np.zeros((*form.shape[:2], 0, 0))
        gaps = count - 1 - len(self.fit)
        columns, log_determinant = eliminated(*joined(columns, shared, past, root))
        columns, more = eliminated(columns, gaps)
        constant = log_prior - 0.5 * (log_determinant + more + self.observed * math.log(2 * math.pi))
        return columns.reshape(-1, count - gaps, count - gaps), constant.ravel()

    def _moments(self, theta: list[np.ndarray]) -> np.ndarray:
        """Return (M, lags, P, lags, P) products of the P columns and impulses, divided by theta(B) and lagged 0 to p times."""
        p, size, length = self.order[0], max(self.order), self.columns.shape[1]
        series = np.concatenate([self.columns, np.eye(size, length)])
        nodes = theta[0].size if theta else 1
        block = max(1, LARGEST_BLOCK // ((p + 1) * series.size))
        moments = []
        for start in range(0, nodes, block):
            polynomial = [1.0, *(values[0, start : start + block, None, None] for values in theta)]
            divided = divide(series[None], polynomial)
            rows = np.concatenate([lagged(divided, lag) for lag in range(p + 1)], axis=1)
            moments.append(rows @ rows.swapaxes(1, 2))
        return np.concatenate(moments).reshape(nodes, p + 1, len(series), p + 1, len(series))


def _log_sum(values: np.ndarray) -> np.ndarray:
    top = values.max(axis=0)
    return top + np.log(np.exp(values - top).sum(axis=0))


def _columns(rows: list, count: int) -> np.ndarray:
    return np.stack(rows, axis=1) if rows else np.zeros((count, 0))


def _moved(values: np.ndarray, weights: np.ndarray, step: np.ndarray, node: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return values at chosen nodes, moved within a cell of width ``step`` and drawn in to keep the standard deviation."""
    mean = weights @ values / weights.sum()
    variance = weights @ (values - mean) ** 2 / weights.sum()
    step = np.broadcast_to(step, values.shape)
    added = weights @ step**2 / weights.sum() / 12
    kept = math.sqrt(max(0.0, 1 - added / variance)) if variance > 0 else 1.0
    return mean + kept * (values[node] - mean) + step[node] * rng.uniform(-0.5, 0.5, len(node))
