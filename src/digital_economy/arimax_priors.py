"""The priors of the ARIMAX, each with its reason."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Priors:
    """Priors on standardised data: the (differenced) series and regressors centred, each in units of its standard deviation.

    effect_mean, effect_sd
        Normal prior of each regressor's effect, numbers or one for each regressor: 0 and 0.5. An effect of one
        would let the regressor explain all of the series; larger ones are rarely met in short annual data, and the
        sign is left to the data. A scale of the data's own makes the prior one for every unit of measurement.
    effect_df
        Degrees of freedom if the prior of the effects is a Student t of that location and scale: heavier tails, for
        effects that are mostly small and seldom large. Infinite, the normal, by default.
    constant_sd
        Normal prior of the level (of the drift, where the series is differenced) around the sample mean: 1. The mean of
        a stationary process is seldom further from that of its sample than the sample varies.
    partial_sd
        Each partial autocorrelation has a normal prior with mean 0 and this standard deviation, cut off at -1 and
        1: 0.5, which leans towards little memory and leaves room for nearly a unit root. Infinite: uniform.
    sigma_scale
        Half-normal prior of the innovations' standard deviation: 1, since the model should not leave more
        unexplained than the series varies. Infinite: flat.
    sigma
        The innovations' standard deviation where it is known; then it has no prior.

    Infinite scales are limits for comparison with maximum likelihood; with one the evidence is not defined.
    """

    effect_mean: float | tuple[float, ...] = 0.0
    effect_sd: float | tuple[float, ...] = 0.5
    effect_df: float = math.inf
    constant_sd: float = 1.0
    partial_sd: float = 0.5
    sigma_scale: float = 1.0
    sigma: float | None = None

    def __post_init__(self) -> None:
        scales = ("effect_sd", "effect_df", "constant_sd", "partial_sd", "sigma_scale", *(["sigma"] if self.sigma is not None else []))
        for name in scales:
            if not (np.atleast_1d(getattr(self, name)) > 0).all():
                raise ValueError(f"{name}: found {getattr(self, name)}; right is a number above 0")

    @classmethod
    def flat(cls) -> Priors:
        """Return priors that are flat in the effects, the level, the partial autocorrelations and sigma."""
        return cls(effect_sd=math.inf, constant_sd=math.inf, partial_sd=math.inf, sigma_scale=math.inf)

    @property
    def proper(self) -> bool:
        """Whether every prior integrates to one."""
        scales = (*np.atleast_1d(self.effect_sd), self.constant_sd, *([self.sigma_scale] if self.sigma is None else []))
        return bool(np.isfinite(scales).all())

    def log_partials(self, z: np.ndarray) -> np.ndarray:
        """Return the log density of a partial autocorrelation tanh(z) with respect to z."""
        partial = np.tanh(z)
        if math.isinf(self.partial_sd):
            return np.log1p(-(partial**2)) - math.log(2)
        inside = math.erf(1 / (self.partial_sd * math.sqrt(2))) * self.partial_sd * math.sqrt(2 * math.pi)
        return np.log1p(-(partial**2)) - 0.5 * (partial / self.partial_sd) ** 2 - math.log(inside)

    def mixture(self) -> tuple[np.ndarray, np.ndarray]:
        """Return precision factors and their log weights: the Student t as a mixture of normals, one factor for a normal."""
        half = self.effect_df / 2
        if math.isinf(half):
            return np.ones(1), np.zeros(1)

        def log_density(logs: np.ndarray) -> np.ndarray:
            return half * (math.log(half) + logs - np.exp(logs)) - math.lgamma(half)

        scan = np.linspace(-60, 5, 2000)
        reach = log_density(scan) + scan / 2  # a factor also scales the height of its normal
        inside = scan[reach > reach.max() - 20]
        count = math.ceil((inside[-1] - inside[0]) * math.sqrt(1 + half) / 0.6) + 1
        logs, step = np.linspace(inside[0], inside[-1], count, retstep=True)
        return np.exp(logs), log_density(logs) + math.log(step)


@dataclass(frozen=True)
class Pooling:
    """How alike many series are, on standardised data, each scale with its reason. The mean effect has the prior of an effect.

    spread_scale
        Half-normal prior of the standard deviation of the effects around their mean: 0.5, the prior standard deviation of
        one effect. Before the data the series may differ as much as their mean may be away from nothing.
    spread
        That standard deviation where it is known: near 0 there is one effect for all, large there is no pooling.
    shock_scale
        Half-normal prior of what a year does to all series at once, in standard deviations of each: 0.5. Without such
        shocks series that go through the same crisis would count as so many witnesses. 0: none.
    memory_scale
        The partial autocorrelations are alike too: on the scale of Fisher's z normal around a mean, itself normal around
        0 with this standard deviation, with a half-normal spread of this scale: 0.5, much as for one series. Infinite:
        each has the prior of one series.
    """

    spread_scale: float = 0.5
    spread: float | None = None
    shock_scale: float = 0.5
    memory_scale: float = 0.5

    def __post_init__(self) -> None:
        for name in ("spread_scale", "memory_scale", *(["spread"] if self.spread is not None else [])):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name}: found {getattr(self, name)}; right is a number above 0")
        if not self.shock_scale >= 0:
            raise ValueError(f"shock_scale: found {self.shock_scale}; right is a number above 0, or 0 for no shocks")
