"""The hierarchical ARIMAX of ``panel_density`` as a PyMC model, sampled by NUTS.

What is sampled are the autocorrelations and sigma of each series and two scales; effects, their mean and the shocks of the
years are integrated out and drawn afterwards, so that no funnel is left.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import arviz
import jax
import jax.numpy as jnp
import numpy as np
import nutpie
import pandas as pd
import pymc as pm
import pytensor
import pytensor.tensor as pt

from digital_economy import arimax, panel_density
from digital_economy.arimax_nuts import TUNE
from digital_economy.arimax_priors import Pooling, Priors
from digital_economy.arimax_sample import Sample

BATCH = 50  # draws whose coefficients are drawn at once
SAMPLED = ("partial_ar", "partial_ma", "sigma", "spread", "shock")


@dataclass(frozen=True)
class Hierarchy:
    """A posterior of N series with K regressors on standardised data, chain after chain.

    ``draws``: ``mean``, ``spread`` (draws, K), ``effect`` (draws, N, K), ``shock`` (draws,), ``shocks`` (draws, years),
    ``sigma`` (draws, N), ``partial_ar`` (draws, N, p), ``partial_ma`` (draws, N, q).
    """

    samples: Mapping[str, Sample]
    draws: dict[str, np.ndarray]
    chains: int
    divergences: int

    @cached_property
    def diagnostics(self) -> pd.DataFrame:
        """Mean, sd, central 95% interval, Monte Carlo error of the mean, effective sample sizes and R-hat, a row a parameter."""
        varied = {name: values for name, values in self.draws.items() if values.size and np.ptp(values)}
        shaped = {name: values.reshape(self.chains, -1, *values.shape[1:]) for name, values in varied.items()}
        regressors = list(next(iter(self.samples.values())).x)
        dims = {"mean": ["regressor"], "spread": ["regressor"], "effect": ["key", "regressor"], "sigma": ["key"], "shocks": ["year"]}
        dims |= {name: ["key", "lag"] for name in ("partial_ar", "partial_ma")}
        years = set().union(*(found.y.index[found.order[1] :] for found in self.samples.values()))
        coordinates = {"key": list(self.samples), "regressor": regressors, "year": sorted(years)}
        tree = arviz.from_dict({"posterior": shaped}, coords=coordinates, dims=dims)
        table = arviz.summary(tree, ci_prob=0.95, ci_kind="eti", round_to="none").rename(columns={"eti95_lb": "low", "eti95_ub": "high"})
        return table[["mean", "sd", "low", "high", "mcse_mean", "ess_bulk", "ess_tail", "r_hat"]].astype(float).rename_axis("parameter")


def draw(samples: Mapping[str, Sample], priors: Priors, pooling: Pooling, *, draws: int, chains: int, seed: int) -> Hierarchy:
    """Return the posterior of a panel.

    Raises
    ------
    ValueError
        Fewer than two series, no regressors; priors other than normal and half-normal ones of a finite scale.
    RuntimeError
        NUTS did not converge, after a second run with smaller steps; the message names the parameter.
    """
    if len(samples) < 2:
        raise ValueError(f"panel: found {len(samples)} series; right for a hierarchy is at least 2")
    if not len(next(iter(samples.values())).x.columns):
        raise ValueError("regressors: found none; right for a hierarchy is at least one")
    if not priors.proper or math.isfinite(priors.effect_df) or priors.sigma is not None:
        raise ValueError(f"priors: found {priors}; right for a hierarchy is finite scales, normal effects and an unknown sigma")
    compiled = nutpie.compile_pymc_model(model(samples, priors, pooling), backend="jax", gradient_backend="jax")
    for acceptance in (0.9, 0.99):
        tree = nutpie.sample(
            compiled, draws=draws, tune=TUNE, chains=chains, cores=1, seed=seed, target_accept=acceptance, progress_bar=False
        )
        given = {name: tree.posterior[name].to_numpy().reshape(draws * chains, *tree.posterior[name].shape[2:]) for name in SAMPLED}
        found = Hierarchy(samples, given | _linear(samples, priors, given, seed), chains, int(tree.sample_stats["diverging"].sum()))
        wrong = arimax.trouble(found.diagnostics, found.divergences)
        if not wrong:
            return found
    raise RuntimeError(f"NUTS did not converge: {wrong}")


def model(samples: Mapping[str, Sample], priors: Priors, pooling: Pooling) -> pm.Model:
    """Return the PyMC model of a panel."""
    first, panel, count = next(iter(samples.values())), panel_density.groups(list(samples.values())), len(samples)
    (p, _, q), effects = first.order, first.x.shape[1]
    with pm.Model() as built:
        parameters = [_memory(name, (count, order), priors, pooling) for name, order in (("ar", p), ("ma", q))]
        parameters.append(pm.HalfNormal("sigma", priors.sigma_scale, shape=count))
        parameters.append(_scale("spread", pooling.spread_scale, pooling.spread, shape=(effects,)))
        parameters.append(_scale("shock", pooling.shock_scale, None if pooling.shock_scale else 0.0, shape=()))

        @pytensor.wrap_jax
        def likelihood(*values):
            return panel_density.log_marginal(panel, priors, dict(zip(SAMPLED, values)), jnp)

        pm.Potential("likelihood", likelihood(*parameters))
    return built


def _scale(name: str, scale: float, known: float | None, *, shape: tuple[int, ...]):
    if known is None:
        return pm.HalfNormal(name, scale, shape=shape)
    return pm.Deterministic(name, pt.full(shape, float(known)))


def _memory(name: str, shape: tuple[int, int], priors: Priors, pooling: Pooling):
    """Return the partial autocorrelations of every series."""
    if not shape[1]:
        return pm.Deterministic(f"partial_{name}", pt.zeros(shape))
    if math.isinf(pooling.memory_scale):
        return pm.TruncatedNormal(f"partial_{name}", 0, priors.partial_sd, lower=-1, upper=1, shape=shape)
    mean = pm.Normal(f"{name}_mean", 0, pooling.memory_scale, shape=shape[1])
    spread = pm.HalfNormal(f"{name}_spread", pooling.memory_scale, shape=shape[1])
    return pm.Deterministic(f"partial_{name}", pt.tanh(mean + spread * pm.Normal(f"{name}_units", shape=shape)))


def _linear(samples: Mapping[str, Sample], priors: Priors, given: dict[str, np.ndarray], seed: int) -> dict[str, np.ndarray]:
    """Return a draw of the mean effects, the effects and the shocks for each draw of the rest."""
    panel, count = panel_density.groups(list(samples.values())), len(samples)
    effects = panel[0].effects

    def normal(key, matrix, right):
        half = jnp.linalg.cholesky(matrix)
        scores = jnp.linalg.solve(half, right[..., None]) + jax.random.normal(key, (*right.shape, 1))
        return jnp.linalg.solve(half.swapaxes(-1, -2), scores)[..., 0]

    def one(arguments):
        key, values = arguments
        whole, _ = panel_density.swept(panel, priors, values, jnp)
        shared = normal(key, whole[:-1, :-1], whole[:-1, -1])
        own = jnp.zeros((count, effects))
        for place, group in enumerate(panel):
            form, _ = panel_density.forms(group, priors, values, jnp)
            right = form[:, : group.own, -1] - form[:, : group.own, group.own : -1] @ shared
            local = normal(jax.random.fold_in(key, place), form[:, : group.own, : group.own], right)
            own = own.at[group.rows].set(local[:, group.own - effects :])
        mean = jnp.asarray(priors.effect_mean) + shared[:effects]
        return {"mean": mean, "effect": mean + values["spread"] * own, "shocks": shared[effects:] * values["shock"]}

    keys = jax.random.split(jax.random.key(seed), len(given["sigma"]))
    found = jax.jit(lambda *arguments: jax.lax.map(one, arguments, batch_size=BATCH))(keys, given)
    return {name: np.asarray(values) for name, values in found.items()}
