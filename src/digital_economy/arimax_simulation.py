"""Series simulated from draws of the parameters of an ARIMAX: forecasts, replications, and draws from the priors."""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from digital_economy import arma
from digital_economy.arimax_priors import Priors
from digital_economy.arimax_sample import Sample, autoregressive, moving_average


def forecast(sample: Sample, draws: dict[str, np.ndarray], ahead: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return draws (draws, horizon) of the levels after the sample, one path a draw of the parameters."""
    (p, _, q), length, horizon = sample.order, len(sample.series), ahead.shape[1]
    design = np.concatenate([sample.design, ahead], axis=1)
    mean = sample.mean(draws, design)
    noise, errors, filled = _completed(sample, draws, sample.series - mean[:, :length], rng)
    size = max(p, q)
    past = np.zeros((len(noise), size))
    for step in range(size):
        for lag in range(step + 1, size + 1):
            if lag <= p:
                past[:, step] += draws["phi"][:, lag - 1] * noise[:, length + step - lag]
            if lag <= q:
                past[:, step] += draws["theta"][:, lag - 1] * errors[:, length + step - lag]
    shocks = draws["sigma"][:, None] * rng.standard_normal((len(noise), horizon))
    return sample.levels(mean[:, length:] + _simulate(draws, shocks, past), filled)


def replicate(sample: Sample, draws: dict[str, np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Return levels over the sample's years (draws, years), given its first d values, one series a draw of the parameters."""
    root, d = _past_root(draws), sample.order[1]
    past = draws["sigma"][:, None] * (root @ rng.standard_normal((*root.shape[:2], 1)))[..., 0]
    shocks = draws["sigma"][:, None] * rng.standard_normal((len(root), len(sample.series)))
    series = sample.mean(draws, sample.design) + _simulate(draws, shocks, past)
    start = np.repeat(sample.y.to_numpy()[None, :d], len(root), axis=0)
    return np.concatenate([start, sample.levels(series, start)], axis=1)


def prior_draws(sample: Sample, priors: Priors, draws: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return draws of the parameters from their priors, on the scale of the model.

    Raises
    ------
    ValueError
        A prior does not integrate to one.
    """
    if not priors.proper:
        raise ValueError("prior: found a flat prior, from which nothing can be drawn; right is one that integrates to one")
    p, _, q = sample.order
    size = (p + q, draws)
    if math.isinf(priors.partial_sd):
        partials = rng.uniform(-1, 1, size=size)
    else:
        edge = 1 / priors.partial_sd
        partials = stats.truncnorm.rvs(-edge, edge, scale=priors.partial_sd, size=size, random_state=rng)
    units = rng.standard_normal((draws, len(sample.x.columns)))
    if math.isfinite(priors.effect_df):
        units = units / np.sqrt(rng.chisquare(priors.effect_df, units.shape) / priors.effect_df)
    effects = np.asarray(priors.effect_mean) + np.asarray(priors.effect_sd) * units
    level = priors.constant_sd * rng.standard_normal((draws, int(sample.constant)))
    return {
        "phi": np.array(arma.from_partials(list(partials[:p]))).reshape(p, draws).T,
        "theta": np.array(arma.moving_average(list(partials[p:]))).reshape(q, draws).T,
        "sigma": np.abs(priors.sigma_scale * rng.standard_normal(draws)) if priors.sigma is None else np.full(draws, priors.sigma),
        "coefficients": np.concatenate([level, effects], axis=1),
    }


def _simulate(draws: dict[str, np.ndarray], shocks: np.ndarray, past: np.ndarray) -> np.ndarray:
    """Return ARMA series (draws, time) from shocks and what the past adds to the first equations."""
    length = shocks.shape[1]
    driven = arma.multiply(shocks, moving_average(draws))
    reach = min(past.shape[1], length)
    driven[:, :reach] = driven[:, :reach] + past[:, :reach]
    return arma.divide(driven, autoregressive(draws))


def _past_root(draws: dict[str, np.ndarray]) -> np.ndarray:
    """Return the root of ``arma.past_root`` for every draw: (draws, size, size)."""
    phi, theta = list(draws["phi"].T), list(draws["theta"].T)
    root = arma.past_root(arma.to_partials(phi), phi, theta)
    return arma.stacked(root, draws["sigma"].shape) if root else np.zeros((*draws["sigma"].shape, 0, 0))


def _completed(
    sample: Sample, draws: dict[str, np.ndarray], noise: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the noise, its innovations, and the last d levels, with a draw of what was not seen, given the data.

    Not seen are the past before the sample, which matters to a moving average, and the missing values.
    """
    (p, d, q), length, gaps = sample.order, len(sample.series), len(sample.missing)
    levels = sample.y.to_numpy()[None, len(sample.y) - d :]

    if not gaps and not q:
        return noise, noise, levels  # an autoregression needs no innovations
    ar, ma = ([1.0, *(factor[..., None] for factor in part[1:])] for part in (autoregressive(draws), moving_average(draws)))

    def innovations(series: np.ndarray) -> np.ndarray:
        return arma.divide(arma.multiply(series, ar), ma)

    size = max(p, q)
    errors = innovations(noise[:, None])[:, 0]
    impulse = arma.divide(np.eye(1, length)[None], ma)
    impulses = np.concatenate([arma.lagged(impulse, lag) for lag in range(size)] or [np.zeros((len(noise), 0, length))], axis=1)
    impulses = np.broadcast_to(impulses, (len(noise), *impulses.shape[1:]))
    rows = [_past_root(draws).swapaxes(1, 2) @ impulses]
    if gaps:
        rows.append(innovations(np.broadcast_to(sample.missing, (len(noise), gaps, length))))
    unseen = np.concatenate(rows, axis=1)
    precision = unseen @ unseen.swapaxes(1, 2) + np.diag(np.r_[np.ones(size), np.zeros(gaps)])
    half = np.linalg.cholesky(precision)
    scores = np.linalg.solve(half, unseen @ errors[..., None])
    scores = scores + draws["sigma"][:, None, None] * rng.standard_normal(scores.shape)
    values = np.linalg.solve(half.swapaxes(1, 2), scores)
    errors = errors - (values.swapaxes(1, 2) @ unseen)[:, 0]
    return noise - values[:, size:, 0] @ sample.missing, errors, levels
