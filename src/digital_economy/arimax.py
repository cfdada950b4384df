"""Bayesian ARIMAX: a regression with ARIMA errors, or a transfer function, its posterior and its forecasts.

    regression   y_t = constant + effect' x_t + n_t,   phi(B) (1-B)^d n_t = theta(B) e_t
    transfer     phi(B) (1-B)^d y_t = constant + effect' (1-B)^d x_t + theta(B) e_t

with e_t ~ N(0, sigma^2); in the first, where d > 0, ``constant`` is the drift. The likelihood is exact given the first
d values. In the transfer function the (differenced) regressors stand at their sample mean before the sample begins.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from digital_economy import arimax_exact as exact
from digital_economy import arimax_simulation as simulation
from digital_economy.arimax_priors import Priors
from digital_economy.arimax_sample import FORMS, Sample

METHODS = ("nuts", "exact")
LARGEST_EXACT = 3  # p + q
LARGEST_MIXTURE = 2  # effects with a Student t prior
FAR = 10  # standard deviations from the sample mean from which a future regressor is named an extrapolation
LARGEST_R_HAT, SMALLEST_ESS = 1.01, 400
BLOCK = 60_000  # numbers held at once, few enough for a processor's cache


# -- the fit ---------------------------------------------------------------------------------------------


def fit(
    y: pd.Series,
    x: pd.Series | pd.DataFrame | None = None,
    *,
    order: tuple[int, int, int] = (1, 1, 0),
    form: str = "regression",
    priors: Priors = Priors(),
    constant: bool = True,
    standardise: bool = True,
    draws: int = 1000,
    chains: int = 4,
    seed: int,
    method: str = "nuts",
    breaks: Sequence[int] = (),
) -> Fit:
    """Return the posterior of an ARIMAX(p, d, q) of ``y`` on ``x``.

    ``y`` has every year of its index, a missing one inside the sample as NaN; ``x`` has the same index and no gaps.
    ``breaks`` are years from which on y is measured on another basis: the change to that year is not used.
    Priors are on the differenced data, centred and scaled; with ``standardise=False`` on the data's own scale.
    ``method="nuts"`` samples the model in PyMC; ``"exact"`` integrates the same posterior (p + q up to 3).

    Raises
    ------
    ValueError
        An order that is negative or too large, a ``y`` that is too short, constant, infinite or missing at an end, an ``x`` of
        another index, with gaps, constant or collinear; all before anything is compiled.
    RuntimeError
        NUTS did not converge, after a second run with smaller steps; the message names the parameter.
    """
    if method not in METHODS:
        raise ValueError(f"method: found {method!r}; right is one of {list(METHODS)}")
    sample = Sample.of(y, x, order=order, form=form, constant=constant, standardise=standardise, breaks=breaks)
    _check_priors(priors, len(sample.x.columns), method)
    if method == "nuts":
        return _sampled(sample, priors, draws=draws, chains=chains, seed=seed)
    if order[0] + order[2] > LARGEST_EXACT:
        raise ValueError(f"order: found p + q = {order[0] + order[2]}; the exact engine takes up to {LARGEST_EXACT}")
    posterior = exact.integrate(
        sample.series,
        sample.design,
        sample.missing,
        order=(order[0], order[2]),
        priors=priors,
        constant=constant,
        transfer=sample.transfer,
    )
    return Fit(
        sample=sample,
        priors=priors,
        method=method,
        seed=seed,
        chains=chains,
        draws=posterior.draw(draws * chains, np.random.default_rng(seed)),
        integral=posterior,
    )


def _check_priors(priors: Priors, effects: int, method: str) -> None:
    for name in ("effect_mean", "effect_sd"):
        if np.size(getattr(priors, name)) not in (1, effects):
            raise ValueError(f"{name}: found {np.size(getattr(priors, name))} numbers; right is one, or one for each of {effects} regressors")
    if method == "exact" and math.isfinite(priors.effect_df) and effects > LARGEST_MIXTURE:
        raise ValueError(f"effect_df: found a Student t for {effects} effects; the exact engine takes up to {LARGEST_MIXTURE}")


def _sampled(sample: Sample, priors: Priors, *, draws: int, chains: int, seed: int) -> Fit:
    """Return a fit by NUTS that converged, at the second try with smaller steps, or refuse it."""
    from digital_economy import arimax_nuts  # PyMC and JAX take seconds to import, and exact fits need neither

    for acceptance in (0.9, 0.99):
        values, divergences = arimax_nuts.draw(sample, priors, draws=draws, chains=chains, seed=seed, acceptance=acceptance)
        found = Fit(sample, priors, "nuts", seed, chains, values, divergences=divergences)
        wrong = trouble(found.diagnostics(), found.divergences)
        if not wrong:
            return found
    raise RuntimeError(f"NUTS did not converge: {wrong}")


def trouble(table: pd.DataFrame, divergences: int) -> str:
    """Return what is wrong with a sample of a posterior, from its ``Fit.diagnostics``, or nothing."""
    worst = {"r_hat": table["r_hat"].idxmax(), "ess_bulk": table["ess_bulk"].idxmin(), "ess_tail": table["ess_tail"].idxmin()}
    value = {measure: table.at[name, measure] for measure, name in worst.items()}
    if divergences:
        return f"{divergences} divergences; the slowest parameter is {worst['ess_bulk']}"
    if not value["r_hat"] <= LARGEST_R_HAT:
        return f"R-hat of {worst['r_hat']} is {value['r_hat']:.3f}; right is at most {LARGEST_R_HAT}"
    small = min(("ess_bulk", "ess_tail"), key=value.get)
    if not value[small] >= SMALLEST_ESS:
        return f"{small} of {worst[small]} is {value[small]:.0f}; right is at least {SMALLEST_ESS} (more draws, or stronger priors)"
    return ""


@dataclass(frozen=True)
class Fit:
    """A posterior: draws of the parameters, and what follows from them.

    ``draws`` are on the scale of the model, chain after chain; ``integral`` is the exact engine's result.
    """

    sample: Sample
    priors: Priors
    method: str
    seed: int
    chains: int
    draws: dict[str, np.ndarray]
    integral: exact.Posterior | None = None
    divergences: int = 0

    @property
    def log_evidence(self) -> float:
        """The log density of the observed data under the model, in the units of the data; comparable at equal d.

        Raises
        ------
        ValueError
            A NUTS fit, or a prior that does not integrate to one.
        """
        if self.integral is None:
            raise ValueError("log evidence: found a NUTS fit; right is method='exact'")
        if not self.priors.proper:
            raise ValueError("log evidence: found a flat prior, under which it is not defined; right is one that integrates to one")
        return self.integral.log_evidence - self.sample.observed * math.log(self.sample.scale)

    @cached_property
    def posterior(self):
        """The draws in original units as an ArviZ DataTree: constant, effect, ar, ma, sigma, and long_run of a transfer function."""
        return self._tree({"posterior": self.sample.original(self.draws)})

    def diagnostics(self) -> pd.DataFrame:
        """Return mean, sd, Monte Carlo error of the mean, bulk and tail effective sample size and R-hat, a row a parameter."""
        import arviz  # slow to import, and every page imports this module

        unknown = None if self.priors.sigma is None else "~sigma"
        summary = arviz.summary(self.posterior, var_names=unknown, round_to="none")
        table = summary[["mean", "sd", "mcse_mean", "ess_bulk", "ess_tail", "r_hat"]]
        return table.astype(float).rename_axis("parameter")

    def moments(self) -> pd.DataFrame:
        """Return mean and standard deviation of every parameter in original units, by integration where the fit is exact.

        The long-run effect of a transfer function is not among them: it is a ratio, and may have neither.
        """
        if self.integral is None:
            values = {key: array for key, array in self.sample.original(self.draws).items() if key != "long_run"}
            flat = {name: column for key, array in values.items() for name, column in self._named(key, array)}
            return pd.DataFrame({"mean": pd.Series(flat).map(np.mean), "sd": pd.Series(flat).map(np.std)})
        coefficients = self.integral.linear_moments(*self.sample.linear(self.integral.phi))
        rows = dict(zip(self.sample.names(), zip(*coefficients)))
        for key, values in {"ar": self.integral.phi, "ma": self.integral.theta}.items():
            for column, (name, _) in zip(values.T, self._named(key, values)):
                rows[name] = self.integral.node_moments(column[:, None])
        mean, sd = self.integral.node_moments(self.integral.sigma)
        rows["sigma"] = self.sample.scale * mean, self.sample.scale * sd
        return pd.DataFrame.from_dict(rows, orient="index", columns=["mean", "sd"])

    def log_likelihood(self, params: dict[str, float | np.ndarray]) -> float:
        """Return the exact log-likelihood at parameters in original units: constant, effect, ar, ma, sigma.

        Raises
        ------
        ValueError
            A parameter is absent or of another length, or ar or ma lies outside the stationary or invertible region.
        """
        (value,) = self.sample.log_likelihood(self.sample.standard(params))
        return float(value) - self.sample.observed * math.log(self.sample.scale)

    def forecast(
        self, x_future: pd.Series | pd.DataFrame | None = None, *, horizon: int | None = None, seed: int | None = None
    ) -> pd.DataFrame:
        """Return draws of y for the years after the sample, a row a draw of the posterior and a column a year.

        The forecast is conditional on the path ``x_future`` (waggonerzha1999); a model without regressors takes
        ``horizon``. ``seed`` is that of the shocks, by default the fit's.

        Raises
        ------
        ValueError
            ``x_future`` does not begin with the year after the sample, skips a year or lacks a regressor.

        Warns
        -----
        UserWarning
            The path lies more than ten standard deviations from the regressor's sample mean.
        """
        future = self._future(x_future, horizon)
        ahead = self._ahead(future)
        rng = self._generator(seed, stream=1)
        count = len(self.draws["sigma"])
        block = max(1, BLOCK // (len(self.sample.series) * (1 + len(self.sample.missing) + max(self.sample.order))))
        parts = [
            simulation.forecast(self.sample, {name: values[start : start + block] for name, values in self.draws.items()}, ahead, rng)
            for start in range(0, count, block)
        ]
        return pd.DataFrame(np.concatenate(parts), columns=future.index)

    def posterior_predictive(self, *, seed: int | None = None) -> pd.DataFrame:
        """Return replications of y over the sample's years, given its first d values, a row a draw of the posterior."""
        values = simulation.replicate(self.sample, self.draws, self._generator(seed, stream=3))
        return pd.DataFrame(values, columns=self.sample.y.index)

    def prior_predictive(self, *, draws: int = 1000, seed: int | None = None) -> pd.DataFrame:
        """Return what the priors alone expect of y over the sample's years, given its first d values, a row a draw."""
        given = simulation.prior_draws(self.sample, self.priors, draws, self._generator(seed, stream=2))
        values = simulation.replicate(self.sample, given, self._generator(seed, stream=3))
        return pd.DataFrame(values, columns=self.sample.y.index)

    def prior(self, *, draws: int = 4000, seed: int | None = None) -> dict[str, np.ndarray]:
        """Return draws of the parameters from their priors, in original units."""
        generator = self._generator(seed, stream=2)
        return self.sample.original(simulation.prior_draws(self.sample, self.priors, draws, generator))

    def _generator(self, seed: int | None, *, stream: int) -> np.random.Generator:
        """Return random numbers that are independent of those that drew the parameters, also under one seed."""
        return np.random.default_rng([self.seed if seed is None else seed, stream])

    def _future(self, x_future: pd.Series | pd.DataFrame | None, horizon: int | None) -> pd.DataFrame:
        names, last = list(self.sample.x), self.sample.y.index[-1]
        if not names:
            if x_future is not None or not (isinstance(horizon, int) and horizon > 0):
                raise ValueError(f"forecast: the model has no regressors; right is horizon=n, a number of years, found {horizon}")
            return pd.DataFrame(index=pd.Index([last + step for step in range(1, horizon + 1)], name=self.sample.y.index.name))
        if horizon is not None or x_future is None:
            raise ValueError(f"forecast: the model has the regressors {names}; right is their path, x_future, and no horizon")
        frame = x_future.to_frame(names[0]) if isinstance(x_future, pd.Series) and len(names) == 1 else x_future
        if not isinstance(frame, pd.DataFrame) or list(frame) != names:
            found = list(frame) if isinstance(frame, pd.DataFrame) else type(frame).__name__
            raise ValueError(f"x_future: found {found}; right is the regressors {names}")
        expected = [last + step for step in range(1, len(frame) + 1)]
        if not len(frame) or list(frame.index) != expected:
            wrong = next((f"{found} in place of {right}" for found, right in zip(frame.index, expected) if found != right), "no years")
            raise ValueError(f"x_future: found {wrong}; right is every year from {last + 1}, the one after the sample")
        if not np.isfinite(frame.to_numpy(float)).all():
            raise ValueError("x_future: holds values that are missing or infinite; right is a number for every year")
        return frame

    def _ahead(self, future: pd.DataFrame) -> np.ndarray:
        """Return the design after the sample, (K, horizon), with a warning where it is far from the sample's."""
        sample, d = self.sample, self.sample.order[1]
        path = np.concatenate([sample.x.to_numpy(float)[len(sample.x) - d :], future.to_numpy(float)])
        ahead = (np.diff(path, d, axis=0) - sample.x_centre) / sample.x_scale
        distance = np.abs(ahead).max(axis=0, initial=0)
        if (distance > FAR).any():
            what = "changes of x_future" if d else "x_future"
            warnings.warn(
                f"{what}: {sample.x.columns[distance.argmax()]!r} goes {distance.max():.0f} standard deviations from its mean in the "
                "sample: the forecast is an extrapolation",
                stacklevel=3,
            )
        return np.concatenate([np.ones((len(future), int(sample.constant))), ahead], axis=1).T

    def _tree(self, groups: dict[str, dict[str, np.ndarray]]):
        import arviz  # slow to import, and every page imports this module

        shaped = {
            group: {name: values.reshape(self.chains, -1, *values.shape[1:]) for name, values in variables.items()}
            for group, variables in groups.items()
        }
        names = [str(name) for name in self.sample.x]
        p, _, q = self.sample.order
        return arviz.from_dict(
            shaped,
            coords={"regressor": names, "ar_lag": np.arange(1, p + 1), "ma_lag": np.arange(1, q + 1)},
            dims={"effect": ["regressor"], "long_run": ["regressor"], "ar": ["ar_lag"], "ma": ["ma_lag"]},
        )

    def _named(self, key: str, values: np.ndarray) -> list[tuple[str, np.ndarray]]:
        if values.ndim == 1:
            return [(key, values)]
        labels = self.sample.x if key == "effect" else range(1, values.shape[1] + 1)
        return [(f"{key}[{label}]", column) for label, column in zip(labels, values.T)]


# -- maximum likelihood ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class MaximumLikelihood:
    """The maximum-likelihood twin of a fit, in original units; ``estimates`` has the rows of ``Fit.moments``."""

    sample: Sample
    estimates: pd.DataFrame  # columns estimate, standard_error
    log_likelihood: float

    @property
    def params(self) -> dict[str, np.ndarray]:
        """The estimates as ``Fit.log_likelihood`` takes them."""
        values = self.estimates["estimate"]
        return {key: group.to_numpy() for key, group in values.groupby(values.index.str.split("[").str[0])}

    def forecast(
        self, x_future: pd.Series | pd.DataFrame | None = None, *, horizon: int | None = None, draws: int = 4000, seed: int
    ) -> pd.DataFrame:
        """Return draws of y after the sample as ``Fit.forecast`` does, as if the estimates were the truth."""
        values = {name: np.repeat(value, draws, axis=0) for name, value in self.sample.standard(self.params).items()}
        return Fit(self.sample, Priors.flat(), "mle", seed, 1, values).forecast(x_future, horizon=horizon)


def fit_mle(
    y: pd.Series, x: pd.Series | pd.DataFrame | None = None, order: tuple[int, int, int] = (1, 1, 0), *, constant: bool = True
) -> MaximumLikelihood:
    """Return the exact maximum-likelihood estimates of the regression form, by statsmodels.

    Raises
    ------
    ValueError
        As ``fit``; and a ``y`` with gaps where it is differenced.
    RuntimeError
        The optimiser did not converge.
    """
    from statsmodels.tsa.statespace.sarimax import SARIMAX  # slow to import, and every page imports this module

    sample = Sample.of(y, x, order=order, form="regression", constant=constant, standardise=True)
    p, d, q = order
    if d and len(sample.missing):
        raise ValueError(f"y: found {len(sample.missing)} missing values and d = {d}; right for maximum likelihood is none, or d = 0")
    series = np.where(sample.missing.any(axis=0), np.nan, sample.series)
    twin = SARIMAX(series, exog=sample.design.T if len(sample.design) else None, order=(p, 0, q))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # statsmodels' word on convergence is asked for below
        results = twin.fit(method="bfgs", gtol=1e-6, maxiter=500, disp=False)
        if not results.mle_retvals["converged"]:
            results = twin.fit(results.params, method="nm", maxiter=5000, disp=False)
    if not results.mle_retvals["converged"]:
        raise RuntimeError("maximum likelihood did not converge, neither by BFGS nor by Nelder and Mead's method")
    return MaximumLikelihood(
        sample, _original_estimates(sample, results), float(results.llf) - sample.observed * math.log(sample.scale)
    )


def _original_estimates(sample: Sample, results) -> pd.DataFrame:
    count = len(sample.design)
    matrix, offset = (part[0] for part in sample.linear(np.zeros((1, 0))))
    covariance = np.asarray(results.cov_params())
    values = np.r_[matrix @ results.params[:count] + offset, results.params[count:]]
    errors = np.sqrt(np.r_[np.diag(matrix @ covariance[:count, :count] @ matrix.T), np.diag(covariance)[count:]])
    sigma = np.sqrt(values[-1])
    values[-1], errors[-1] = sample.scale * sigma, sample.scale * errors[-1] / (2 * sigma)
    lags = [f"{name}[{lag}]" for name, order in (("ar", sample.order[0]), ("ma", sample.order[2])) for lag in range(1, order + 1)]
    return pd.DataFrame({"estimate": values, "standard_error": errors}, index=[*sample.names(), *lags, "sigma"])


def bands(draws: pd.DataFrame, *, levels: tuple[float, ...] = (0.95, 0.8, 0.5)) -> pd.DataFrame:
    """Return central intervals of draws (a column a year) as rows ``year, level, low, median, high``, the widest first."""
    parts = []
    for level in levels:
        low, median, high = np.quantile(draws, [(1 - level) / 2, 0.5, (1 + level) / 2], axis=0)
        parts.append(pd.DataFrame({"year": draws.columns, "level": f"{level:.0%}", "low": low, "median": median, "high": high}))
    return pd.concat(parts, ignore_index=True)
