"""A sample as the ARIMAX sees it: checked, differenced, standardised, and the way back to the units of the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from digital_economy import arma

FORMS = ("regression", "transfer")
LARGEST_ORDER = (3, 2, 3)


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
    missing: np.ndarray  # (G, T): what one scale of each missing y, or of a break, adds to the series
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
        breaks: Sequence[int] = (),
    ) -> Sample:
        """Return the sample, or refuse it: see ``fit`` for what is refused."""
        _check_order(order, form)
        y, frame = _check_y(y, order[1]), _frame(x, y.index)
        gaps = np.flatnonzero(y.isna())
        d = order[1]
        steps = _steps(breaks, y.index, d)
        # What stands in a gap is of no account, since a column of ``missing`` takes it out again.
        levels = y.ffill().to_numpy(float)
        differenced, regressors = np.diff(levels, d), np.diff(frame.to_numpy(float), d, axis=0)
        missing = np.diff(np.concatenate([np.eye(len(y))[gaps], steps]), d, axis=1)
        seen = differenced[~missing.any(axis=0)]
        _check_length(seen, len(differenced) - len(missing), order, frame.shape[1] + constant, y)
        scale, x_scale = seen.std(ddof=1), regressors.std(axis=0, ddof=1)
        _check_regressors(x_scale, frame, d)
        centred = standardise and constant  # without a constant the model goes through the origin
        centre, x_centre = (seen.mean(), regressors.mean(axis=0)) if centred else (0.0, np.zeros_like(x_scale))
        if not standardise:
            scale, x_scale = 1.0, np.ones_like(x_scale)
        design = np.concatenate([np.ones((int(constant), len(differenced))), ((regressors - x_centre) / x_scale).T])
        sample = cls(
            y=y,
            x=frame,
            order=tuple(order),
            form=form,
            constant=constant,
            series=(differenced - centre) / scale,
            design=design,
            missing=missing,
            centre=centre,
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
        moved = arma.divide(coefficients[:, self.constant :] @ design[self.constant :], autoregressive(draws))
        return coefficients[:, : self.constant] @ design[: self.constant] + moved

    def log_likelihood(self, draws: dict[str, np.ndarray]) -> np.ndarray:
        """Return the exact log-likelihood (N,) at draws of the parameters, of the data on the scale of the model.

        Raises
        ------
        ValueError
            ar or ma lies outside the stationary or invertible region.
        """
        phi, theta = list(draws["phi"].T), list(draws["theta"].T)
        arma.to_partials([-one for one in theta])
        noise = self.series - self.mean(draws, self.design)
        return arma.log_likelihood(noise, self.missing, arma.to_partials(phi), theta, draws["sigma"])

    def levels(self, series: np.ndarray, start: np.ndarray) -> np.ndarray:
        """Return the levels that follow d given ones (draws or 1, d) from a series on the scale of the model."""
        values = self.centre + self.scale * series
        for times in reversed(range(self.order[1])):
            first = np.diff(start, times, axis=1)[:, -1:]
            values = first + np.cumsum(values, axis=1)
        return values


def autoregressive(draws: dict[str, np.ndarray]) -> list:
    """Return phi(B) of every draw, as ``arma.divide`` takes it for series (draws, time)."""
    return [1.0, *(-draws["phi"].T[..., None])]


def moving_average(draws: dict[str, np.ndarray]) -> list:
    """Return theta(B) of every draw."""
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


def _steps(breaks: Sequence[int], index: pd.Index, d: int) -> np.ndarray:
    """Return what one unit of each break, a change of level of unknown size, adds to the levels: (breaks, years)."""
    if len(breaks) and not d:
        raise ValueError("breaks: found some and d = 0; right is d of at least 1, where levels enter only by their changes")
    absent = [year for year in breaks if year not in index[1:]]
    if absent or len(set(breaks)) < len(breaks):
        raise ValueError(f"breaks: found {absent or list(breaks)}; right are years of the sample after its first, each once")
    return (index.to_numpy() >= np.asarray(breaks)[:, None]).astype(float) if len(breaks) else np.zeros((0, len(index)))


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


def _check_regressors(scale: np.ndarray, frame: pd.DataFrame, d: int) -> None:
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
