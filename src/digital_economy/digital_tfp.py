"""The digital part of TFP: a regression of the residual on digital capital, its posterior exact and sampled.

Model, on 100 times log changes: tfp_t = other + elasticity * digital_t + e_t, e_t ~ N(0, sigma), with
elasticity ~ N(mean, sd) held positive, other ~ N(0, OTHER_SD), sigma ~ HalfNormal(SIGMA_SCALE).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy import optimize, stats
from scipy.special import log_ndtr, ndtr

from digital_economy import accounts, data, productivity
from digital_economy.accounts import Estimate

OTHER_SD = 2.0  # points of growth a year
SIGMA_SCALE = 1.5  # points
NODES = 200  # of the integral over sigma
WIDEST = 8.0  # standard deviations of sigma's prior that the integral reaches
NEGLIGIBLE = 1e-20  # weight of a node over the largest
LEVELS = (0.95, 0.80, 0.50)
RHAT, ESS = 1.01, 400  # what a converged run keeps to
PANDEMIC = (2020, 2021, 2022)
SPAN = (2013, 2023)  # the years of the report's figures that the data reach


class NotConverged(RuntimeError):
    """A sampler whose diagnostics forbid using its draws."""


@dataclass(frozen=True)
class Prior:
    """The prior of the elasticity: normal, held ``positive`` or not."""

    mean: float = 0.05
    sd: float = 0.05
    positive: bool = True


@dataclass(frozen=True)
class Elasticity:
    """A distribution of the elasticity: a mixture of (truncated) normals over the grid of sigma."""

    weights: np.ndarray
    means: np.ndarray
    sds: np.ndarray
    positive: bool

    def cdf(self, value: float) -> float:
        """Return the probability of an elasticity below ``value``."""
        above = ndtr((self.means - value) / self.sds) / self._kept
        return 1 - float(self.weights @ above) if value > 0 or not self.positive else 0.0

    def density(self, values: np.ndarray) -> np.ndarray:
        """Return the density at each of ``values``."""
        parts = stats.norm.pdf(values[:, np.newaxis], self.means, self.sds) / self._kept
        return np.where(values < 0, 0.0, parts @ self.weights) if self.positive else parts @ self.weights

    def quantile(self, probability: float) -> float:
        """Return the elasticity below which ``probability`` lies."""
        reach = np.abs(self.means).max() + 10 * self.sds.max()
        return float(optimize.brentq(lambda value: self.cdf(value) - probability, -reach, reach, xtol=1e-13))

    @property
    def mean(self) -> float:
        """The mean elasticity."""
        return float(self.weights @ self._moments[0])

    @property
    def sd(self) -> float:
        """The standard deviation of the elasticity."""
        mean, variance = self._moments
        return float(np.sqrt(self.weights @ (variance + mean**2) - self.mean**2))

    @property
    def _kept(self) -> np.ndarray:
        return ndtr(self.means / self.sds) if self.positive else np.ones_like(self.means)

    @property
    def _moments(self) -> tuple[np.ndarray, np.ndarray]:
        cut = -self.means / self.sds
        push = stats.norm.pdf(cut) / self._kept if self.positive else np.zeros_like(cut)
        return self.means + self.sds * push, self.sds**2 * (1 + cut * push - push**2)


def conjugate(
    design: np.ndarray, outcome: np.ndarray, *, mean: np.ndarray, covariance: np.ndarray, sigma: float
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return posterior mean and covariance of normal coefficients and the log evidence, ``sigma`` being known.

    Source: gelman2013bda.
    """
    surprise = outcome - design @ mean
    precision = np.linalg.inv(covariance) + design.T @ design / sigma**2
    after = np.linalg.inv(precision)
    pull = design.T @ surprise / sigma**2
    misfit = surprise @ surprise / sigma**2 - pull @ after @ pull
    volume = np.linalg.slogdet(covariance)[1] + np.linalg.slogdet(precision)[1]
    evidence = -(len(outcome) * np.log(2 * np.pi * sigma**2) + volume + misfit) / 2
    return mean + after @ pull, after, float(evidence)


def posterior(tfp: pd.Series, digital: pd.Series, *, prior: Prior = Prior()) -> Elasticity:
    """Return the exact posterior of the elasticity from ``tfp`` and ``digital``, 100 times log changes by year.

    Given sigma the coefficients are normal; sigma is integrated by Gauss-Legendre quadrature.

    Raises
    ------
    ValueError
        Other years in the two series, or fewer than three.
    """
    if not tfp.index.equals(digital.index) or len(tfp) < 3:
        raise ValueError(f"digital TFP: found years {list(tfp.index)} and {list(digital.index)}; right is the same three or more")
    nodes, quadrature = np.polynomial.legendre.leggauss(NODES)
    sigmas = SIGMA_SCALE * WIDEST * (nodes + 1) / 2
    design = np.column_stack([np.ones(len(digital)), digital])
    start = np.array([0.0, prior.mean]), np.diag([OTHER_SD**2, prior.sd**2])
    found = [conjugate(design, tfp.to_numpy(), mean=start[0], covariance=start[1], sigma=sigma) for sigma in sigmas]
    means, sds = np.array([part[0][1] for part in found]), np.array([np.sqrt(part[1][1, 1]) for part in found])
    weight = np.array([part[2] for part in found]) + stats.halfnorm(scale=SIGMA_SCALE).logpdf(sigmas) + np.log(quadrature)
    if prior.positive:
        weight += log_ndtr(means / sds)
    weight = np.exp(weight - weight.max())
    kept = weight > NEGLIGIBLE
    return Elasticity(weight[kept] / weight[kept].sum(), means[kept], sds[kept], prior.positive)


def of_prior(prior: Prior = Prior()) -> Elasticity:
    """Return the prior of the elasticity in the form of a posterior."""
    return Elasticity(np.ones(1), np.array([prior.mean]), np.array([prior.sd]), prior.positive)


def sample(tfp: pd.Series, digital: pd.Series, *, seed: int, prior: Prior = Prior(), draws: int = 1500):
    """Return PyMC's draws of ``elasticity``, ``other`` and ``sigma``: the second computation of ``posterior``.

    Raises
    ------
    NotConverged
        R-hat above 1.01, an effective sample size below 400, or a divergence.
    """
    import pymc as pm

    with pm.Model():
        other = pm.Normal("other", 0, OTHER_SD)
        elasticity = pm.TruncatedNormal("elasticity", prior.mean, prior.sd, lower=0 if prior.positive else None)
        sigma = pm.HalfNormal("sigma", SIGMA_SCALE)
        pm.Normal("tfp", other + elasticity * digital.to_numpy(), sigma, observed=tfp.to_numpy())
        found = pm.sample(
            draws,
            tune=1000,
            chains=4,
            cores=2,
            random_seed=seed,
            target_accept=0.97,
            nuts_sampler="nutpie",
            progressbar=False,
            quiet=True,
        )
    _refuse_unconverged(found)
    return found


def prior_draws(size: int, generator: np.random.Generator, *, prior: Prior = Prior()) -> dict[str, np.ndarray]:
    """Return draws of ``other``, ``elasticity`` and ``sigma`` from their priors."""
    low = -prior.mean / prior.sd if prior.positive else -np.inf
    return {
        "other": generator.normal(0, OTHER_SD, size),
        "elasticity": stats.truncnorm(low, np.inf, prior.mean, prior.sd).rvs(size, random_state=generator),
        "sigma": np.abs(generator.normal(0, SIGMA_SCALE, size)),
    }


def predictive(
    draws: dict[str, np.ndarray], digital: pd.Series, generator: np.random.Generator, *, level: float = 0.95
) -> pd.DataFrame:
    """Return the interval of TFP growth that draws of the parameters predict, by year: columns ``year``, ``low``, ``high``."""
    mean = draws["other"][:, np.newaxis] + np.outer(draws["elasticity"], digital)
    tfp = mean + draws["sigma"][:, np.newaxis] * generator.normal(size=mean.shape)
    low, high = np.quantile(tfp, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return pd.DataFrame({"year": digital.index, "low": low, "high": high})


def _refuse_unconverged(found) -> None:
    import arviz as az

    summary = az.summary(found, round_to="none")
    divergences = int(found["sample_stats"]["diverging"].sum())
    rhat, ess = summary["r_hat"].max(), summary[["ess_bulk", "ess_tail"]].min(axis=None)
    if not (rhat <= RHAT and ess >= ESS and divergences == 0):
        raise NotConverged(
            f"digital TFP: found R-hat {rhat:.3f}, effective sample size {ess:.0f} and {divergences} divergences; "
            f"right is at most {RHAT}, at least {ESS} and none"
        )


# -- China ------------------------------------------------------------------------------------------


def years_of(sample_name: str) -> pd.Index:
    """Return the years of a sample: ``whole``, ``report`` (2013 on), or either ``_without_pandemic``."""
    whole = productivity.YEARS
    kept = whole if sample_name.startswith("whole") else whole[whole >= SPAN[0]]
    return kept.difference(PANDEMIC) if sample_name.endswith("without_pandemic") else kept


SAMPLES = ("whole", "report", "whole_without_pandemic", "report_without_pandemic")
PRIORS = {"positive, around 0.05": Prior(), "around zero, wide": Prior(0.0, 0.1, positive=False)}


@data.remembered
def elasticity(sample_name: str = "whole", prior: Prior = Prior()) -> Elasticity:
    """Return the posterior of the elasticity of TFP to digital capital from China's growth accounts."""
    years = years_of(sample_name)
    tfp, digital = productivity.growth_accounts()["tfp"], productivity.digital_capital_growth()
    return posterior(tfp.loc[years], digital.loc[years], prior=prior)


def sensitivity() -> pd.DataFrame:
    """Return the elasticity by sample and prior: years, prior and posterior mean and sd, their ratio, 95% interval."""
    rows = []
    for (name, prior), years in product(PRIORS.items(), SAMPLES):
        found, before = elasticity(years, prior), of_prior(prior)
        moments = {
            "prior_mean": before.mean,
            "prior_sd": before.sd,
            "mean": found.mean,
            "sd": found.sd,
            "ratio": found.sd / before.sd,
        }
        interval = {"low": found.quantile(0.025), "high": found.quantile(0.975)}
        rows.append({"prior": name, "sample": years, "n": len(years_of(years)), **moments, **interval})
    return pd.DataFrame(rows)


def contribution(*, growth: str = "real", sample_name: str = "whole") -> pd.DataFrame:
    """Return the digital part of TFP by year, a row a year and level of probability.

    Columns: ``year``, ``level`` (per cent), ``points`` of growth with ``points_low`` and ``points_high``, and
    the ``share`` of ``real`` or ``nominal`` growth in per cent with ``share_low`` and ``share_high``; the middle is the median.
    """
    found, digital = elasticity(sample_name), productivity.digital_capital_growth().loc[productivity.YEARS]
    shares = 100 * digital / _growth(growth)
    frames = []
    for level in LEVELS:
        ends = {"": found.quantile(0.5), "_low": found.quantile((1 - level) / 2), "_high": found.quantile((1 + level) / 2)}
        columns = {
            f"{name}{end}": factor * value
            for name, factor in (("points", digital), ("share", shares))
            for end, value in ends.items()
        }
        frames.append(pd.DataFrame(columns).loc[productivity.YEARS].assign(level=round(100 * level)))
    return pd.concat(frames).rename_axis("year").reset_index()


def shares_by_denominator() -> pd.DataFrame:
    """Return the digital part of TFP as per cent of real and of nominal growth by year: median and 95% interval."""
    names = {"share": "median", "share_low": "2.5%", "share_high": "97.5%"}
    columns = {}
    for kind in ("real", "nominal"):
        frame = contribution(growth=kind).query("level == 95").set_index("year")
        columns |= {f"{kind} growth: {words}": frame[column] for column, words in names.items()}
    return pd.DataFrame(columns)


def share(year: int) -> Estimate:
    """Return the digital part of TFP as per cent of real growth in a year: median and 95% interval of the posterior."""
    factor = 100 * productivity.digital_capital_growth()[year] / _growth("real")[year]
    return Estimate(*(factor * elasticity().quantile(probability) for probability in (0.5, 0.025, 0.975)))


def _growth(kind: str) -> pd.Series:
    rates = {"real": accounts.gdp_real_growth, "nominal": accounts.gdp_growth}[kind]()
    return 100 * np.log1p(rates / 100)
