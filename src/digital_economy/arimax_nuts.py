"""The ARIMAX as a PyMC model, sampled by NUTS.

The parameters are the partial autocorrelations and sigma. Given these the coefficients and the missing values are normal, so
they are integrated out of the density and drawn afterwards: a sampler that sees three parameters instead of five
has no funnel to get stuck in. It moves through normal quantiles of the partial autocorrelations, so that the density falls off like a
normal's towards a unit root instead of leaving a long tail there. The likelihood is a JAX function, which compiles in about a
second whatever the caches hold.
"""

from __future__ import annotations

import math
from functools import lru_cache, partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import nutpie
import pymc as pm
import pytensor
import pytensor.tensor as pt
from pymc.logprob.transforms import Transform

from digital_economy import arma
from digital_economy.arimax_priors import Priors
from digital_economy.arimax_sample import Sample

TUNE = 1000
DATA = ("series", "design", "missing")

jax.config.update("jax_enable_x64", True)
# A call takes some thirty microseconds; to hand it to another thread takes as long again.
jax.config.update("jax_cpu_enable_async_dispatch", False)


class Shape(NamedTuple):
    """What a compiled model depends on, besides the priors and the length of the series."""

    p: int
    q: int
    constant: int
    effects: int
    missing: int
    transfer: bool

    @classmethod
    def of(cls, sample: Sample) -> Shape:
        p, _, q = sample.order
        return cls(p, q, int(sample.constant), len(sample.x.columns), len(sample.missing), sample.transfer)


def model(sample: Sample, priors: Priors) -> pm.Model:
    """Return the PyMC model of a sample."""
    return _model(Shape.of(sample), priors, sample.series, sample.design, sample.missing)


def draw(
    sample: Sample, priors: Priors, *, draws: int, chains: int, seed: int, acceptance: float
) -> tuple[dict[str, np.ndarray], int]:
    """Return draws on the scale of the model, chain after chain, and the number of divergences."""
    shape, total = Shape.of(sample), draws * chains
    sampler, coefficients = _compiled(shape, len(sample.series), priors)
    data = {name: jnp.asarray(getattr(sample, name)) for name in DATA}  # handed over once, not at every call of the density
    trace, divergences = {}, 0
    if sampler is not None:
        tree = nutpie.sample(
            sampler.with_data(**data),
            draws=draws,
            tune=TUNE,
            chains=chains,
            cores=1,  # threads would wait for one another at every call: half as fast again, with the same draws
            seed=seed,
            target_accept=acceptance,
            progress_bar=False,
        )
        trace, divergences = tree.posterior, int(tree.sample_stats["diverging"].sum())

    def drawn(name: str, otherwise: np.ndarray) -> np.ndarray:
        return trace[name].to_numpy().reshape(otherwise.shape) if name in trace else otherwise

    ar, ma = drawn("partial_ar", np.zeros((total, shape.p))), drawn("partial_ma", np.zeros((total, shape.q)))
    sigma = drawn("sigma", np.full(total, priors.sigma or 1.0))
    factors = drawn("precision_factor", np.ones((total, shape.effects)))
    noise = np.random.default_rng(seed).standard_normal((total, shape.missing + len(sample.design)))
    away = np.asarray(coefficients(ar, ma, sigma, factors, noise, *data.values()))[:, shape.missing :]
    return {
        "phi": np.array(arma.from_partials(list(ar.T))).reshape(shape.p, total).T,
        "theta": np.array(arma.moving_average(list(ma.T))).reshape(shape.q, total).T,
        "sigma": sigma,
        "coefficients": np.asarray(_prior_mean(shape, priors)) + away,
    }, divergences


@lru_cache(maxsize=16)
def _compiled(shape: Shape, length: int, priors: Priors):
    """Return the compiled sampler and the compiled draw of the coefficients, for every sample of a shape."""
    blank = np.zeros(length), np.zeros((shape.constant + shape.effects, length)), np.zeros((shape.missing, length))
    built = _model(shape, priors, *blank)
    sampler = None  # where everything but the coefficients is known there is nothing to sample
    if built.free_RVs:
        sampler = nutpie.compile_pymc_model(built, backend="jax", gradient_backend="jax", freeze_model=False)

    def coefficients(ar, ma, sigma, factors, noise, series, design, missing):
        form, _, _ = _conditional(shape, priors, ar, ma, sigma, factors, series, design, missing)
        half = jnp.linalg.cholesky(form[:-1, :-1])
        return jnp.linalg.solve(half.T, jnp.linalg.solve(half, form[:-1, -1]) + noise)

    return sampler, jax.jit(jax.vmap(coefficients, in_axes=(0,) * 5 + (None,) * 3))


def _model(shape: Shape, priors: Priors, series: np.ndarray, design: np.ndarray, missing: np.ndarray) -> pm.Model:
    with pm.Model() as built:
        data = [pm.Data(name, values) for name, values in zip(DATA, (series, design, missing))]
        ar, ma = _partials("partial_ar", shape.p, priors.partial_sd), _partials("partial_ma", shape.q, priors.partial_sd)
        if priors.sigma is not None:
            sigma = pt.as_tensor(float(priors.sigma))
        elif math.isinf(priors.sigma_scale):
            sigma = pm.HalfFlat("sigma")
        else:
            sigma = pm.HalfNormal("sigma", priors.sigma_scale)
        factors = pt.ones(shape.effects)
        if math.isfinite(priors.effect_df) and shape.effects:  # the Student t is a mixture of normals
            factors = pm.Gamma("precision_factor", priors.effect_df / 2, priors.effect_df / 2, shape=shape.effects)

        @pytensor.wrap_jax
        def likelihood(*arguments):
            return log_marginal(shape, priors, *arguments)

        pm.Potential("likelihood", likelihood(ar, ma, sigma, factors, *data))
    return built


class NormalQuantile(Transform):
    """From between -1 and 1 to all numbers: a uniform variable becomes a standard normal one."""

    name = "normal_quantile"

    def forward(self, value, *inputs):
        return math.sqrt(2) * pt.erfinv(value)

    def backward(self, value, *inputs):
        return pt.erf(value / math.sqrt(2))

    def log_jac_det(self, value, *inputs):
        return 0.5 * (math.log(2 / math.pi) - value**2)


def _partials(name: str, count: int, sd: float):
    if not count:
        return pt.zeros(0)
    if math.isinf(sd):
        return pm.Uniform(name, -1, 1, shape=count, default_transform=NormalQuantile())
    return pm.TruncatedNormal(name, 0, sd, lower=-1, upper=1, shape=count, default_transform=NormalQuantile())


def log_marginal(shape: Shape, priors: Priors, ar, ma, sigma, factors, series, design, missing):
    """Return the log density of the observed data given the autocorrelations and sigma, the coefficients integrated out."""
    form, precision, log_determinant = _conditional(shape, priors, ar, ma, sigma, factors, series, design, missing)
    squares, more = arma.eliminated(form, len(form) - 1, jnp)
    proper = jnp.log(jnp.where(precision > 0, precision, 1.0)).sum()
    length = series.shape[0]
    constant = (length - shape.missing) * math.log(2 * math.pi) + 2 * length * jnp.log(sigma)
    return -0.5 * (constant + log_determinant + more - proper + squares[0, 0])


def _conditional(shape: Shape, priors: Priors, ar, ma, sigma, factors, series, design, missing):
    """Return the quadratic form, over sigma^2, of the missing values, the coefficients and the series, given the rest.

    The coefficients are measured from their prior mean, and their prior precision, returned second, is added;
    the third is log |V|.
    """
    divide = partial(arma.divide_by_squaring, xp=jnp, once=jax.lax.optimization_barrier)  # two to four times as fast
    scale = jnp.broadcast_to(jnp.asarray(priors.effect_sd, dtype=float), (shape.effects,))
    level = jnp.full(shape.constant, priors.constant_sd**-2.0)
    precision = jnp.concatenate([jnp.zeros(shape.missing), level, factors * scale**-2.0])
    partials, theta = list(ar), arma.moving_average(list(ma))
    if shape.transfer:
        phi = [1.0, *(-value[None, None] for value in arma.from_partials(partials))]
        design = jnp.concatenate([design[: shape.constant], divide(design[shape.constant :], phi)])
    columns = jnp.concatenate([missing, design, (series - _prior_mean(shape, priors) @ design)[None]])
    form, log_determinant = arma.quadratic_form(columns, partials, theta, xp=jnp, divide=divide)
    return form / sigma**2 + jnp.diag(jnp.append(precision, 0.0)), precision, log_determinant


def _prior_mean(shape: Shape, priors: Priors):
    effects = jnp.broadcast_to(jnp.asarray(priors.effect_mean, dtype=float), (shape.effects,))
    return jnp.concatenate([jnp.zeros(shape.constant), effects])
