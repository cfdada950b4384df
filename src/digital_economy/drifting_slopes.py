"""Slopes that drift over the years, for several outcomes of one balanced panel: PyMC, and the exact posterior.

For outcome k, entity i and year t, with a year effect g that is left free,

    y[k, i, t] = g[k, t] + a[k, i] + b[k, t] x[i, t] + e,   a ~ N(0, between[k]),   e ~ N(0, within[k]),
    b[k, 0] ~ N(0, FIRST),   b[k, t] = b[k, t-1] + drift[k] sqrt(years between) N(0, 1).

Contrasts over the entities take out the year effects; an orthogonal turn of the years splits the
entity effects off into the first turned year. What is left is independent given the three scales,
so neither g nor a need be sampled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import helmert

FIRST = 2.0  # prior sd of the first slope
SCALES = {"between": 1.0, "within": 0.5, "drift": 0.2}  # half-normal priors
MAX_R_HAT, MIN_DRAWS = 1.01, 400  # of each slope and scale


@dataclass(frozen=True)
class Turned:
    """Outcomes and regressors after contrasts and turn: ``y`` (k, m), ``X`` (m, t), ``repeats`` (m), ``gaps`` (t - 1).

    ``repeats`` is the number of years in which an entity effect enters a row: t or none.
    """

    y: np.ndarray
    X: np.ndarray
    repeats: np.ndarray
    gaps: np.ndarray


def turn(y: np.ndarray, x: np.ndarray, years: np.ndarray) -> Turned:
    """Return the panel ``y`` (outcome, entity, year), ``x`` (entity, year) as rows that are independent given the scales.

    Raises
    ------
    ValueError
        Shapes that do not fit, missing values, or years that do not rise.
    """
    entities, times = x.shape
    if y.shape[1:] != x.shape or len(years) != times:
        raise ValueError(f"panel: found y {y.shape}, x {x.shape}, {len(years)} years; right is y (k, n, t), x (n, t), t years")
    if not (np.isfinite(y).all() and np.isfinite(x).all() and (np.diff(years) > 0).all()):
        raise ValueError("panel: found missing values or years out of order; right is a full panel in rising years")
    contrasts, rotation = helmert(entities), helmert(times, full=True)
    rows = np.einsum("it,st->ist", contrasts @ x, rotation).reshape(-1, times)
    repeats = np.tile(np.r_[times, np.zeros(times - 1)], entities - 1)
    return Turned((contrasts @ y @ rotation.T).reshape(len(y), -1), rows, repeats, np.sqrt(np.diff(years)))


def model(data: Turned):
    """Return the PyMC model with the variables ``slope`` (k, t) and ``between``, ``within``, ``drift`` (k)."""
    import pymc as pm  # slow to import, and every page imports this module

    k, t = len(data.y), data.X.shape[1]
    with pm.Model() as built:
        between, within, drift = (pm.HalfNormal(name, sd, shape=k) for name, sd in SCALES.items())
        step = pm.Normal("step", 0, 1, shape=(k, t))
        size = np.r_[FIRST, 0 * data.gaps] + drift[:, None] * np.r_[0, data.gaps]
        slope = pm.Deterministic("slope", (step * size) @ np.triu(np.ones((t, t))))
        spread = pm.math.sqrt(within[:, None] ** 2 + between[:, None] ** 2 * data.repeats)
        pm.Normal("y", slope @ data.X.T, spread, observed=data.y)
    return built


def sample(data: Turned, *, seed: int, draws: int = 1000, chains: int = 4):
    """Return posterior draws of ``model`` as ArviZ inference data, checked by ``converged``."""
    import nutpie  # slow to import, and every page imports this module

    compiled = nutpie.compile_pymc_model(model(data), backend="numba")
    settings = {"draws": draws, "tune": draws, "chains": chains, "target_accept": 0.99, "progress_bar": False}
    return converged(nutpie.sample(compiled, seed=seed, **settings))


def converged(drawn):
    """Return the draws, or refuse them.

    Raises
    ------
    RuntimeError
        A divergence, an R-hat above 1.01 or fewer than 400 effective draws of a slope or scale
        (vehtari2021).
    """
    found = diagnostics(drawn)
    if found["divergences"] or found["r_hat"] > MAX_R_HAT or found["effective_draws"] < MIN_DRAWS:
        raise RuntimeError(
            f"drifting slopes: found {found}; right is no divergence, R-hat of at most {MAX_R_HAT} and at least "
            f"{MIN_DRAWS} effective draws"
        )
    return drawn


def predictive_coverage(drawn, data: Turned, *, rng: np.random.Generator, level: float = 0.95) -> float:
    """Return the share of the turned outcomes inside the central ``level`` of their posterior predictive draws."""
    draws = {name: drawn.posterior[name].stack(sample=("chain", "draw")).to_numpy() for name in ("slope", "between", "within")}
    mean = np.einsum("kts,mt->kms", draws["slope"], data.X)
    spread = np.sqrt(draws["within"][:, None, :] ** 2 + draws["between"][:, None, :] ** 2 * data.repeats[:, None])
    low, high = np.quantile(mean + spread * rng.standard_normal(mean.shape), [(1 - level) / 2, (1 + level) / 2], axis=2)
    return float(((low <= data.y) & (data.y <= high)).mean())


def diagnostics(drawn) -> dict[str, float]:
    """Return the number of divergences, the largest R-hat and the fewest effective draws (bulk or tail)."""
    import arviz as az

    table = az.summary(drawn, var_names=["slope", *SCALES], kind="diagnostics", round_to="none")
    return {
        "divergences": int(drawn.sample_stats["diverging"].sum()),
        "r_hat": float(table["r_hat"].max()),
        "effective_draws": float(table[["ess_bulk", "ess_tail"]].min(axis=None)),
    }


def exact(data: Turned, *, rng: np.random.Generator, draws: int = 4000, points: int = 16) -> np.ndarray:
    """Return independent draws of the slopes (draw, k, t) from the posterior, by a grid over the three scales.

    Given the scales the slopes are normal with moments in closed form; the grid, ``points`` a scale,
    carries the scales' posterior.
    """
    return np.stack([_exact_one(y, data, rng, draws, points) for y in data.y], axis=1)


def _exact_one(y: np.ndarray, data: Turned, rng: np.random.Generator, draws: int, points: int) -> np.ndarray:
    t, apart = data.X.shape[1], data.repeats > 0
    (between, within, drift), log_width = _grid(y, data, points)
    variances = np.stack([within**2 + between**2 * t, within**2])
    steps = np.concatenate([np.full((len(drift), 1), FIRST), drift[:, None] * data.gaps], axis=1)
    paths = np.tri(t) * steps[:, None, :]
    prior = paths @ paths.transpose(0, 2, 1)
    precision, score, fit = np.linalg.inv(prior), 0, 0
    for rows, variance in zip((apart, ~apart), variances, strict=True):
        X, left = data.X[rows], y[rows]
        precision = precision + X.T @ X / variance[:, None, None]
        score = score + X.T @ left / variance[:, None]
        fit = fit + left @ left / variance + rows.sum() * np.log(variance)
    covariance = np.linalg.inv(precision)
    mean = np.einsum("cst,ct->cs", covariance, score)
    determinants = np.linalg.slogdet(prior)[1] + np.linalg.slogdet(precision)[1]
    scaled = np.stack([between, within, drift], axis=1) / list(SCALES.values())
    log_posterior = (np.sum(score * mean, axis=1) - fit - determinants - np.sum(scaled**2, axis=1)) / 2 + log_width
    weights = np.exp(log_posterior - log_posterior.max())
    chosen = rng.choice(len(weights), size=draws, p=weights / weights.sum())
    roots = np.linalg.cholesky(covariance[chosen])
    return mean[chosen] + np.einsum("dst,dt->ds", roots, rng.standard_normal((draws, t)))


def _grid(y: np.ndarray, data: Turned, points: int) -> tuple[np.ndarray, np.ndarray]:
    """Return every triple of between, within and drift (3, cells) that has more than a trace of posterior, and log widths.

    The drift is spaced by squares, closer near zero, so its cells grow with their root.
    """
    apart, t = data.repeats > 0, data.X.shape[1]
    left = y - data.X @ np.linalg.lstsq(data.X, y, rcond=None)[0]
    within, between = left[~apart].std(), left[apart].std() / np.sqrt(t)
    middles = (np.arange(points) + 0.5) / points
    axes = between * (0.4 + 1.6 * middles), within * (0.6 + 0.8 * middles), 4 * SCALES["drift"] * middles**2
    cells = np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")])
    return cells, np.log(cells[2]) / 2
