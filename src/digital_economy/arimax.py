"""Bayesian ARIMAX: a regression with ARIMA errors, or a transfer function, its posterior and its forecasts.

    regression   y_t = constant + effect' x_t + n_t,   phi(B) (1-B)^d n_t = theta(B) e_t
    transfer     phi(B) (1-B)^d y_t = constant + effect' (1-B)^d x_t + theta(B) e_t

with e_t ~ N(0, sigma^2); in the first, where d > 0, ``constant`` is the drift. The likelihood is exact given the first
d values. In the transfer function the regressors stand at their sample mean before the sample begins.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial

import numpy as np
import pandas as pd
from scipy import stats

from digital_economy import arimax_exact as exact
from digital_economy.arimax_exact import Priors

FORMS = ("regression", "transfer")
METHODS = ("nuts", "exact")
LARGEST_ORDER = (3, 2, 3)
LARGEST_EXACT = 3  # p + q
FAR = 10  # standard deviations from the sample mean from which a future regressor is named an extrapolation
LARGEST_R_HAT, SMALLEST_ESS = 1.01, 400
BLOCK = 60_000  # numbers held at once, few enough for a processor's cache


# -- the sample ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sample:
    """A checked sample on the scale of the model: differenced, centred, in units of standard deviations."""

    y: pd.Series
    x: pd.DataFrame
    order: tuple[int, int, int]
    form: str
    constant: bool
    series: np.ndarray  # (T,)
    design: np.ndarray  # (K, T): the constant, if any, and the regressors
    missing: np.ndarray  # (G, T): what one unit of each missing y adds to the series
    centre: float
    scale: float
    x_centre: np.ndarray
    x_scale: np.ndarray

    @classmethod
    def of(
        cls,
        y: pd.Series,
        x: pd.Series | pd.DataFrame | None,
        *,
        order: tuple[int, int, int],
        form: str,
        constant: bool,
        standardise: bool,
    ) -> Sample:
        """Return the sample, or refuse it: see ``fit`` for what is refused."""
        _check_order(order, form)
        y, frame = _check_y(y, order[1]), _frame(x, y.index)
        gaps = np.flatnonzero(y.isna())
        d = order[1]
        # What stands in a gap is of no account, since a column of ``missing`` takes it out again.
        levels = y.ffill().to_numpy(float)
        differenced, regressors = np.diff(levels, d), np.diff(frame.to_numpy(float), d, axis=0)
        missing = np.diff(np.eye(len(y))[gaps], d, axis=1)
        seen = differenced[~missing.any(axis=0)]
        _check_length(seen, len(differenced) - len(gaps), order, frame.shape[1] + constant, y)
        centre, scale = (seen.mean(), seen.std(ddof=1)) if standardise else (0.0, 1.0)
        x_centre, x_scale = regressors.mean(axis=0), regressors.std(axis=0, ddof=1)
        _check_regressors(regressors, x_scale, frame, d)
        if not standardise:
            x_centre, x_scale = 0 * x_centre, np.ones_like(x_scale)
        design = np.concatenate([np.ones((int(constant), len(differenced))), ((regressors - x_centre) / x_scale).T])
        sample = cls(
            y=y,
            x=frame,
            order=tuple(order),
            form=form,
            constant=constant,
            series=(differenced - centre * constant) / scale,
            design=design,
            missing=missing / scale,
            centre=centre * constant,
            scale=scale,
            x_centre=x_centre,
            x_scale=x_scale,
        )
        _check_rank(sample)
        return sample

    @property
    def transfer(self) -> bool:
        return self.form == "transfer"

    @property
    def observed(self) -> int:
        """The number of values whose density the likelihood is: the first d are given."""
        return len(self.series) - len(self.missing)

    def names(self) -> list[str]:
        """Return the names of the coefficients in original units, in the order of the rows of ``linear``."""
        return ["constant"] * self.constant + [f"effect[{name}]" for name in self.x]

    def linear(self, phi: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return A (N, K, K) and a (N, K) that take coefficients of the model to original units, A b + a, at each phi (N, p)."""
        start, slope = int(self.constant), self.scale / self.x_scale
        matrix = np.tile(np.diag(np.r_[[self.scale] * start, slope]), (len(phi), 1, 1))
        offset = np.zeros((len(phi), len(self.design)))
        if self.constant:
            persistence = 1 - phi.sum(axis=1) if self.transfer else np.ones(len(phi))
            matrix[:, 0, 0] *= persistence
            matrix[:, 0, 1:] = -self.x_centre * slope
            offset[:, 0] = self.centre * persistence
        return matrix, offset

    def original(self, draws: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return draws in the units of the data, each of shape (draws, ...)."""
        matrix, offset = self.linear(draws["phi"])
        values = (matrix @ draws["coefficients"][..., None])[..., 0] + offset
        effect = values[:, int(self.constant) :]
        found = {"constant": values[:, 0]} if self.constant else {}
        found |= {"effect": effect} if len(self.x.columns) else {}
        if self.transfer and len(self.x.columns):
            found["long_run"] = effect / (1 - draws["phi"].sum(axis=1, keepdims=True))
        found |= {"ar": draws["phi"]} if self.order[0] else {}
        found |= {"ma": draws["theta"]} if self.order[2] else {}
        return found | {"sigma": self.scale * draws["sigma"]}

    def standard(self, params: dict[str, float | np.ndarray]) -> dict[str, np.ndarray]:
        """Return parameters in the units of the data as one draw of the model: the inverse of ``original``."""
        given = {name: np.atleast_1d(np.asarray(value, dtype=float)) for name, value in params.items()}
        sizes = {"constant": self.constant, "effect": self.x.shape[1], "ar": self.order[0], "ma": self.order[2], "sigma": 1}
        for name, size in sizes.items():
            found = len(given.get(name, ()))
            if found != size:
                raise ValueError(f"params: found {found} values of {name!r}; right is {int(size)}")
        phi, theta, effect = given.get("ar", np.zeros(0)), given.get("ma", np.zeros(0)), given.get("effect", np.zeros(0))
        persistence = 1 - phi.sum() if self.transfer else 1.0
        level = (given["constant"] + self.x_centre @ effect) / persistence - self.centre if self.constant else np.zeros(0)
        coefficients = np.concatenate([level / self.scale, effect * self.x_scale / self.scale])
        return {"phi": phi[None], "theta": theta[None], "sigma": given["sigma"] / self.scale, "coefficients": coefficients[None]}

    def mean(self, draws: dict[str, np.ndarray], design: np.ndarray) -> np.ndarray:
        """Return what the constant and the regressors make of the series, (draws, time)."""
        coefficients = draws["coefficients"]
        if not self.transfer:
            return coefficients @ design
        moved = exact.divide(coefficients[:, self.constant :] @ design[self.constant :], _ar(draws))
        return coefficients[:, : self.constant] @ design[: self.constant] + moved

    def levels(self, series: np.ndarray, start: np.ndarray) -> np.ndarray:
        """Return the levels that follow d given ones (draws or 1, d) from a series on the scale of the model."""
        values = self.centre + self.scale * series
        for times in reversed(range(self.order[1])):
            first = np.diff(start, times, axis=1)[:, -1:]
            values = first + np.cumsum(values, axis=1)
        return values


def _ar(draws: dict[str, np.ndarray]) -> list:
    return [1.0, *(-draws["phi"].T[..., None])]


def _ma(draws: dict[str, np.ndarray]) -> list:
    return [1.0, *draws["theta"].T[..., None]]


# -- what is refused -------------------------------------------------------------------------------------


def _check_order(order: tuple[int, int, int], form: str) -> None:
    if form not in FORMS:
        raise ValueError(f"form: found {form!r}; right is one of {list(FORMS)}")
    if len(order) != 3 or any(
        not isinstance(part, int) or not 0 <= part <= largest for part, largest in zip(order, LARGEST_ORDER)
    ):
        raise ValueError(f"order: found {order}; right is (p, d, q) of whole numbers from 0 to {LARGEST_ORDER}")


def _check_y(y: pd.Series, d: int) -> pd.Series:
    if not isinstance(y, pd.Series):
        raise TypeError(f"y: found {type(y).__name__}; right is a pandas Series indexed by year")
    _check_index(y.index, "y")
    values = y.astype(float)
    if np.isinf(values).any():
        raise ValueError(f"y: found {values[np.isinf(values)].iloc[0]} in {y.index[np.isinf(values)][0]}; right is a number")
    ends = values.iloc[: max(d, 1)].isna().any() or values.iloc[-max(d, 1) :].isna().any()
    if len(y) and ends:
        raise ValueError(
            f"y: a value among the first or last {max(d, 1)} is missing; right is a sample that begins and ends with observed "
            "years (only gaps inside it are integrated out)"
        )
    return values


def _check_index(index: pd.Index, name: str) -> None:
    steps = {_step(index[i], index[i + 1]) for i in range(len(index) - 1)}
    if steps - {1}:
        at = next(i for i in range(len(index) - 1) if _step(index[i], index[i + 1]) != 1)
        raise ValueError(
            f"{name}: {index[at + 1]} follows {index[at]}; right is every year in order, once (a missing y is NaN in its year)"
        )


def _step(one, other) -> int:
    step = other - one
    return getattr(step, "n", step)


def _frame(x: pd.Series | pd.DataFrame | None, index: pd.Index) -> pd.DataFrame:
    if x is None:
        return pd.DataFrame(index=index)
    frame = x.to_frame(x.name or "x") if isinstance(x, pd.Series) else x
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"x: found {type(x).__name__}; right is a pandas Series or DataFrame with the index of y")
    if not frame.index.equals(index):
        raise ValueError(
            f"x: found {len(frame)} rows, {_span(frame.index)}; right is the index of y, {len(index)} rows, {_span(index)}"
        )
    if not np.isfinite(frame.to_numpy(float)).all():
        name = frame.columns[~np.isfinite(frame.to_numpy(float)).all(axis=0)][0]
        raise ValueError(f"x: {name!r} holds values that are missing or infinite; right is a number for every year")
    return frame


def _span(index: pd.Index) -> str:
    return f"{index[0]} to {index[-1]}" if len(index) else "none"


def _check_length(seen: np.ndarray, observed: int, order: tuple[int, int, int], coefficients: int, y: pd.Series) -> None:
    least = order[0] + order[2] + coefficients + 2
    if observed < least or len(seen) < 2:
        raise ValueError(
            f"y: found {observed} observed values after {order[1]} differences; order {order} with {coefficients} "
            f"coefficients needs {least}"
        )
    if np.ptp(seen) <= 1e-12 * np.abs(y).max():
        raise ValueError(f"y: is constant after {order[1]} differences; right is a series that varies")


def _check_regressors(regressors: np.ndarray, scale: np.ndarray, frame: pd.DataFrame, d: int) -> None:
    flat = scale <= 1e-12 * np.abs(frame.to_numpy(float)).max(axis=0)
    if flat.any():
        raise ValueError(
            f"x: {frame.columns[flat][0]!r} is constant after {d} differences, so that its effect can't be told from the constant"
        )


def _check_rank(sample: Sample) -> None:
    scaled = sample.design / np.linalg.norm(sample.design, axis=1, keepdims=True)
    for row in range(sample.constant + 1, len(scaled)):
        before = scaled[:row].T
        left = scaled[row] - before @ np.linalg.lstsq(before, scaled[row], rcond=None)[0]
        if np.linalg.norm(left) < 1e-7:
            raise ValueError(f"x: {sample.x.columns[row - sample.constant]!r} is collinear with the regressors before it")
    columns = np.concatenate([sample.design, sample.missing]).T
    if len(columns.T):
        left = sample.series - columns @ np.linalg.lstsq(columns, sample.series, rcond=None)[0]
        if np.linalg.norm(left) < 1e-9 * np.linalg.norm(sample.series):
            raise ValueError("y: is an exact linear function of x; right is a series that x does not determine")


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
) -> Fit:
    """Return the posterior of an ARIMAX(p, d, q) of ``y`` on ``x``.

    ``y`` has every year of its index, a missing one inside the sample as NaN; ``x`` has the same index and no gaps.
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
    sample = Sample.of(y, x, order=order, form=form, constant=constant, standardise=standardise)
    if method == "nuts":
        return _nuts(sample, priors, draws=draws, chains=chains, seed=seed)
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
        import arviz

        table = arviz.summary(self.posterior, round_to="none")[["mean", "sd", "mcse_mean", "ess_bulk", "ess_tail", "r_hat"]]
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
        draw = self.sample.standard(params)
        exact.to_partials(list(-draw["theta"][0]))
        partials, noise = exact.to_partials(list(draw["phi"][0])), self.sample.series - self.sample.mean(draw, self.sample.design)[0]
        value = exact.log_likelihood(noise, self.sample.missing, partials, list(draw["theta"][0]), draw["sigma"][0])
        return value - self.sample.observed * math.log(self.sample.scale)

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
            _forecast(self.sample, {name: values[start : start + block] for name, values in self.draws.items()}, ahead, rng)
            for start in range(0, count, block)
        ]
        return pd.DataFrame(np.concatenate(parts), columns=future.index)

    def posterior_predictive(self, *, seed: int | None = None) -> pd.DataFrame:
        """Return replications of y over the sample's years, given its first d values, a row a draw of the posterior."""
        return self._replicate(self.draws, seed)

    def prior_predictive(self, *, draws: int = 1000, seed: int | None = None) -> pd.DataFrame:
        """Return what the priors alone expect of y over the sample's years, given its first d values, a row a draw."""
        return self._replicate(self.prior_draws(draws, seed), seed)

    def prior(self, *, draws: int = 4000, seed: int | None = None) -> dict[str, np.ndarray]:
        """Return draws of the parameters from their priors, in original units."""
        return self.sample.original(self.prior_draws(draws, seed))

    def prior_draws(self, draws: int, seed: int | None = None) -> dict[str, np.ndarray]:
        """Return draws of the parameters from their priors on the scale of the model.

        Raises
        ------
        ValueError
            A prior does not integrate to one.
        """
        if not self.priors.proper:
            raise ValueError("prior: found a flat prior, from which nothing can be drawn; right is one that integrates to one")
        rng = self._generator(seed, stream=2)
        p, _, q = self.sample.order
        priors, effects = self.priors, self.sample.x.shape[1]
        edge = min(1 / priors.partial_sd, 1e8)
        spread = priors.partial_sd if math.isfinite(priors.partial_sd) else 1e8
        partials = stats.truncnorm.rvs(-edge, edge, scale=spread, size=(p + q, draws), random_state=rng)
        if math.isinf(priors.partial_sd):
            partials = rng.uniform(-1, 1, size=(p + q, draws))
        units = rng.standard_normal((draws, effects))
        if math.isfinite(priors.effect_df):
            units = units / np.sqrt(rng.chisquare(priors.effect_df, units.shape) / priors.effect_df)
        level = priors.constant_sd * rng.standard_normal((draws, int(self.sample.constant)))
        sigma = np.abs(priors.sigma_scale * rng.standard_normal(draws)) if priors.sigma is None else np.full(draws, priors.sigma)
        return {
            "phi": np.array(exact.from_partials(list(partials[:p]))).reshape(p, draws).T,
            "theta": np.array(exact.moving_average(list(partials[p:]))).reshape(q, draws).T,
            "sigma": sigma,
            "coefficients": np.concatenate([level, np.asarray(priors.effect_mean) + np.asarray(priors.effect_sd) * units], axis=1),
        }

    def _generator(self, seed: int | None, *, stream: int) -> np.random.Generator:
        """Return random numbers that are independent of those that drew the parameters, also under one seed."""
        return np.random.default_rng([self.seed if seed is None else seed, stream])

    def _replicate(self, draws: dict[str, np.ndarray], seed: int | None) -> pd.DataFrame:
        rng = self._generator(seed, stream=3)
        sample, size = self.sample, max(self.sample.order[0], self.sample.order[2])
        length, d = len(sample.series), sample.order[1]
        root = _past_root(draws)
        past = draws["sigma"][:, None] * (root @ rng.standard_normal((len(root), size, 1)))[..., 0]
        shocks = draws["sigma"][:, None] * rng.standard_normal((len(root), length))
        series = sample.mean(draws, sample.design) + _simulate(draws, shocks, past)
        start = sample.y.to_numpy()[None, :d]
        replicated = np.concatenate([np.repeat(start, len(root), axis=0), sample.levels(series, start)], axis=1)
        return pd.DataFrame(replicated, columns=sample.y.index)

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
        import arviz

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


# -- sampling --------------------------------------------------------------------------------------------


def model(
    y: pd.Series,
    x: pd.Series | pd.DataFrame | None = None,
    *,
    order: tuple[int, int, int] = (1, 1, 0),
    form: str = "regression",
    priors: Priors = Priors(),
    constant: bool = True,
    standardise: bool = True,
):
    """Return the PyMC model that ``fit`` samples: partial autocorrelations and sigma, the coefficients integrated out."""
    sample = Sample.of(y, x, order=order, form=form, constant=constant, standardise=standardise)
    return _model(_shape(sample), priors, sample.series, sample.design, sample.missing)


def _shape(sample: Sample) -> tuple:
    return sample.order[0], sample.order[2], bool(sample.constant), sample.transfer, len(sample.design), len(sample.missing)


def _model(shape: tuple, priors: Priors, series: np.ndarray, design: np.ndarray, missing: np.ndarray):
    import pymc as pm
    import pytensor
    import pytensor.tensor as pt

    p, q, constant, _, size, _ = shape
    with pm.Model() as built:
        data = [pm.Data(name, values) for name, values in (("series", series), ("design", design), ("missing", missing))]
        partials = [pt.zeros(0), pt.zeros(0)]
        for place, (name, count) in enumerate({"partial_ar": p, "partial_ma": q}.items()):
            if count and math.isinf(priors.partial_sd):
                partials[place] = pm.Uniform(name, -1, 1, shape=count)
            elif count:
                partials[place] = pm.TruncatedNormal(name, 0, priors.partial_sd, lower=-1, upper=1, shape=count)
        if priors.sigma is not None:
            sigma = pt.as_tensor(float(priors.sigma))
        elif math.isinf(priors.sigma_scale):
            sigma = pm.HalfFlat("sigma")
        else:
            sigma = pm.HalfNormal("sigma", priors.sigma_scale)
        factors = pt.ones(size - constant)
        if math.isfinite(priors.effect_df) and size > constant:
            factors = pm.Gamma("precision_factor", priors.effect_df / 2, priors.effect_df / 2, shape=size - constant)

        @pytensor.wrap_jax
        def likelihood(*arguments):
            return _log_marginal(shape, priors, *arguments)

        pm.Potential("likelihood", likelihood(*partials, sigma, factors, *data))
    return built


def _log_marginal(shape: tuple, priors: Priors, ar, ma, sigma, factors, series, design, missing):
    """Return the log density of the observed data given the autocorrelations and sigma, the coefficients integrated out."""
    import jax.numpy as jnp

    form, precision, log_determinant = _conditional(shape, priors, ar, ma, sigma, factors, series, design, missing)
    squares, more = exact.eliminated(form, len(form) - 1, jnp)
    length, gaps = series.shape[0], missing.shape[0]
    proper = jnp.log(jnp.where(precision > 0, precision, 1.0)).sum()
    constant = (length - gaps) * math.log(2 * math.pi) + 2 * length * jnp.log(sigma)
    return -0.5 * (constant + log_determinant + more - proper + squares[0, 0])


def _conditional(shape: tuple, priors: Priors, ar, ma, sigma, factors, series, design, missing):
    """Return the quadratic form of the missing values, the coefficients and the series, given the rest, all over sigma^2.

    The coefficients are measured from their prior mean, and their prior precision, returned second, is added;
    the third is log |V|.
    """
    import jax.numpy as jnp

    p, q, constant, transfer, size, gaps = shape
    effects, divide = size - constant, partial(exact.divide_by_squaring, xp=jnp)
    mean = jnp.concatenate([jnp.zeros(int(constant)), jnp.broadcast_to(jnp.asarray(priors.effect_mean, dtype=float), (effects,))])
    scale = jnp.broadcast_to(jnp.asarray(priors.effect_sd, dtype=float), (effects,))
    level = jnp.full(int(constant), priors.constant_sd**-2.0)
    precision = jnp.concatenate([jnp.zeros(gaps), level, factors * scale**-2.0])
    partials = [ar[i] for i in range(p)]
    theta = exact.moving_average([ma[i] for i in range(q)])
    if transfer:
        phi = [1.0, *(-value[None, None] for value in exact.from_partials(partials))]
        design = jnp.concatenate([design[: int(constant)], divide(design[int(constant) :], phi)])
    columns = jnp.concatenate([missing, design, (series - mean @ design)[None]])
    form, log_determinant = exact.quadratic_form(columns, partials, theta, xp=jnp, divide=divide)
    return form / sigma**2 + jnp.diag(jnp.append(precision, 0.0)), precision, log_determinant


def _nuts(sample: Sample, priors: Priors, *, draws: int, chains: int, seed: int) -> Fit:
    """Return a fit by NUTS that converged, at the second try with smaller steps, or refuse it."""
    for acceptance in (0.95, 0.99):
        values, divergences = _sample(sample, priors, draws=draws, chains=chains, seed=seed, acceptance=acceptance)
        found = Fit(sample, priors, "nuts", seed, chains, values, divergences=divergences)
        trouble = _trouble(found)
        if not trouble:
            return found
    raise RuntimeError(f"NUTS did not converge: {trouble}")


def _trouble(found: Fit) -> str:
    """Return what is wrong with a sample of the posterior, or nothing."""
    table = found.diagnostics()
    worst = {"r_hat": table["r_hat"].idxmax(), "ess_bulk": table["ess_bulk"].idxmin(), "ess_tail": table["ess_tail"].idxmin()}
    value = {measure: table.at[name, measure] for measure, name in worst.items()}
    if found.divergences:
        return f"{found.divergences} divergences; the slowest parameter is {worst['ess_bulk']}"
    if not value["r_hat"] <= LARGEST_R_HAT:
        return f"R-hat of {worst['r_hat']} is {value['r_hat']:.3f}; right is at most {LARGEST_R_HAT}"
    small = min(("ess_bulk", "ess_tail"), key=value.get)
    if not value[small] >= SMALLEST_ESS:
        return f"{small} of {worst[small]} is {value[small]:.0f}; right is at least {SMALLEST_ESS} (more draws, or stronger priors)"
    return ""


@lru_cache(maxsize=16)
def _compiled(shape: tuple, length: int, priors: Priors):
    """Return the compiled sampler and the compiled draw of the coefficients, for every sample of a shape."""
    import jax
    import nutpie

    blank = np.zeros(length), np.zeros((shape[4], length)), np.zeros((shape[5], length))
    built = _model(shape, priors, *blank)
    sampler = nutpie.compile_pymc_model(built, backend="jax", gradient_backend="jax", freeze_model=False) if built.free_RVs else None

    def coefficients(ar, ma, sigma, factors, noise, series, design, missing):
        form, _, _ = _conditional(shape, priors, ar, ma, sigma, factors, series, design, missing)
        half = jax.numpy.linalg.cholesky(form[:-1, :-1])
        return jax.numpy.linalg.solve(half.T, jax.numpy.linalg.solve(half, form[:-1, -1]) + noise)

    return sampler, jax.jit(jax.vmap(coefficients, in_axes=(0,) * 5 + (None,) * 3))


def _sample(sample: Sample, priors: Priors, *, draws: int, chains: int, seed: int, acceptance: float):
    """Return draws on the scale of the model, chain after chain, and the number of divergences."""
    import jax
    import nutpie

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_cpu_enable_async_dispatch", False)  # a call takes 30 microseconds, handing it to a thread as many again
    shape, rng = _shape(sample), np.random.default_rng(seed)
    p, q, constant, _, size, gaps = shape
    sampler, coefficients = _compiled(shape, len(sample.series), priors)
    data = {"series": sample.series, "design": sample.design, "missing": sample.missing}
    total, trace, divergences = draws * chains, {}, 0
    if sampler is not None:
        tree = nutpie.sample(
            sampler.with_data(**data),
            draws=draws,
            tune=1000,
            chains=chains,
            seed=seed,
            target_accept=acceptance,
            progress_bar=False,
        )
        trace, divergences = tree.posterior, int(tree.sample_stats["diverging"].sum())

    def drawn(name: str, otherwise: np.ndarray) -> np.ndarray:
        return trace[name].to_numpy().reshape(total, *otherwise.shape[1:]) if name in trace else otherwise

    ar, ma = drawn("partial_ar", np.zeros((total, p))), drawn("partial_ma", np.zeros((total, q)))
    sigma = drawn("sigma", np.full(total, priors.sigma or 1.0))
    factors = drawn("precision_factor", np.ones((total, size - constant)))
    noise = rng.standard_normal((total, size + gaps))
    away = np.asarray(coefficients(ar, ma, sigma, factors, noise, *data.values()))[:, gaps:]
    mean = np.r_[np.zeros(int(constant)), np.broadcast_to(priors.effect_mean, size - constant)]
    return {
        "phi": np.array(exact.from_partials(list(ar.T))).reshape(p, total).T,
        "theta": np.array(exact.moving_average(list(ma.T))).reshape(q, total).T,
        "sigma": sigma,
        "coefficients": mean + away,
    }, divergences


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
    from statsmodels.tsa.statespace.sarimax import SARIMAX

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


# -- forecasts -------------------------------------------------------------------------------------------


def _forecast(sample: Sample, draws: dict[str, np.ndarray], ahead: np.ndarray, rng: np.random.Generator) -> np.ndarray:
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


def _simulate(draws: dict[str, np.ndarray], shocks: np.ndarray, past: np.ndarray) -> np.ndarray:
    """Return ARMA series (draws, time) from shocks and what the past adds to the first equations."""
    length = shocks.shape[1]
    driven = exact.multiply(shocks, _ma(draws))
    reach = min(past.shape[1], length)
    driven[:, :reach] = driven[:, :reach] + past[:, :reach]
    return exact.divide(driven, _ar(draws))


def _past_root(draws: dict[str, np.ndarray]) -> np.ndarray:
    """Return the root of ``arimax_exact.past_root`` for every draw: (draws, size, size)."""
    phi, theta = list(draws["phi"].T), list(draws["theta"].T)
    root = exact.past_root(exact.to_partials(phi), phi, theta)
    return exact.stacked(root, draws["sigma"].shape) if root else np.zeros((*draws["sigma"].shape, 0, 0))


def _completed(
    sample: Sample, draws: dict[str, np.ndarray], noise: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the noise, its innovations, and the last d levels, with a draw of what was not seen, given the data.

    Not seen are the past before the sample, which matters to a moving average, and the missing values.
    """
    (p, d, q), length, gaps = sample.order, len(sample.series), len(sample.missing)
    levels = sample.y.to_numpy()[None, len(sample.y) - d :]

    def innovations(series: np.ndarray) -> np.ndarray:
        ar, ma = ([factor if np.isscalar(factor) else factor[..., None] for factor in part] for part in (_ar(draws), _ma(draws)))
        return exact.divide(exact.multiply(series, ar), ma)

    if not gaps and not q:
        return noise, innovations(noise[:, None])[:, 0] if q else noise, levels
    size = max(p, q)
    errors = innovations(noise[:, None])[:, 0]
    impulse = exact.divide(np.eye(1, length)[None], [1.0, *draws["theta"].T[..., None, None]])
    impulses = np.concatenate([exact.lagged(impulse, lag) for lag in range(size)] or [np.zeros((len(noise), 0, length))], axis=1)
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


def bands(draws: pd.DataFrame, *, levels: tuple[float, ...] = (0.95, 0.8, 0.5)) -> pd.DataFrame:
    """Return central intervals of draws (a column a year) as rows ``year, low, high, level``, the widest first."""
    parts = [
        pd.DataFrame(
            {
                "year": draws.columns,
                "low": draws.quantile((1 - level) / 2).to_numpy(),
                "high": draws.quantile((1 + level) / 2).to_numpy(),
                "level": f"{100 * level:.0f}%",
            }
        )
        for level in levels
    ]
    return pd.concat(parts, ignore_index=True)
