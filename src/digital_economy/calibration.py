"""Simulation-based calibration: does the engine return the posterior of the model that it says it does?

Parameters are drawn from the prior and a series from the model given these; the posterior of that series is drawn from.
If the posterior is right, the rank of the true value among its draws is uniform, for every quantity and
whatever the length of the series (talts2018, modrak2025). A pooled table of ranks shows it for any quantity that can be computed
from parameters and data, here also the log-likelihood and the series itself seven years on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from zlib import crc32

import numpy as np
import pandas as pd
from arviz_stats.ecdf_utils import get_pointwise_confidence_band, simulate_confidence_bands
from scipy import stats
from statsmodels.stats.multitest import multipletests

from digital_economy import arimax, forecast
from digital_economy import arimax_simulation as simulation
from digital_economy.arimax_priors import Priors
from digital_economy.arimax_sample import Sample

LENGTHS = (12, 24, 60)
DATA_SETS = 1000
BATCH = 50  # data sets under one seed: a task of its own, and the reduced version that the tests and the book run
DRAWS = 199  # so that the bounds of the intervals below fall between ranks
BINS = 40
AHEAD = 7
SEED = 2018
LEVELS = (0.5, 0.8, 0.95)
KEYS = ["model", "posterior", "length"]
LOG_LIKELIHOOD, FUTURE = "log-likelihood", "seven years ahead"


@dataclass(frozen=True)
class Model:
    """A model to be calibrated: its order, how its regressor changes (``steady`` or ``rising``, none without one) and its priors."""

    order: tuple[int, int, int]
    changes: str | None = None
    priors: Priors = Priors()

    def regressor(self, length: int) -> pd.Series | None:
        """Return a regressor whose changes have mean zero and variance one over a sample of ``length`` changes."""
        if self.changes is None:
            return None
        count = length + AHEAD
        noise = np.random.default_rng(length).standard_normal(count)
        changes = noise if self.changes == "steady" else np.arange(count, dtype=float)
        changes = (changes - changes[:length].mean()) / changes[:length].std(ddof=1)
        path = np.r_[0.0, np.cumsum(changes)] if self.order[1] else changes
        return pd.Series(path, name="x")


CHANGES = {None: None, "log": "steady", "level": "rising"}  # what a form's regressor does from year to year
MODELS = {name: Model(form.order, CHANGES[form.regressor]) for name, form in forecast.FORMS.items()} | {
    "M2, heavy tails": Model(forecast.FORMS["M2"].order, "steady", forecast.PRIORS["heavy tails"]),
    "ARMA(1,1)+x": Model((1, 0, 1), "steady"),
}
Posterior = Callable[..., Mapping[str, np.ndarray] | arimax.Fit]


# -- right and wrong posteriors --------------------------------------------------------------------------


def exact(y: pd.Series, x: pd.Series | None, model: Model, *, seed: int) -> arimax.Fit:
    """Return the posterior by integration, with priors on the scale that the parameters were drawn on."""
    return arimax.fit(
        y, x, order=model.order, priors=model.priors, standardise=False, draws=DRAWS, chains=1, seed=seed, method="exact"
    )


def nuts(y: pd.Series, x: pd.Series | None, model: Model, *, seed: int) -> arimax.Fit:
    """Return the posterior by NUTS, thinned until its draws hardly depend on one another."""
    found = arimax.fit(y, x, order=model.order, priors=model.priors, standardise=False, draws=500, seed=seed)
    step = len(found.draws["sigma"]) // DRAWS
    return replace(found, draws={name: values[::step][:DRAWS] for name, values in found.draws.items()})


def wrong_sign(y: pd.Series, x: pd.Series | None, model: Model, *, seed: int) -> arimax.Fit:
    """Return a posterior with a mistake: the effect enters the likelihood with the wrong sign."""
    found = exact(y, -x, model, seed=seed)
    return replace(found, sample=exact_sample(y, x, model))


class WithoutJacobian(Priors):
    """Priors with a mistake: the density of a partial autocorrelation taken for that of its Fisher z."""

    def log_partials(self, z: np.ndarray) -> np.ndarray:
        return super().log_partials(z) - np.log1p(-(np.tanh(z) ** 2))


def without_jacobian(y: pd.Series, x: pd.Series | None, model: Model, *, seed: int) -> arimax.Fit:
    """Return a posterior with a mistake: the Jacobian of the transformation to Fisher's z is left out."""
    return exact(y, x, replace(model, priors=WithoutJacobian()), seed=seed)


POSTERIORS = {"exact": exact, "NUTS": nuts, "wrong sign": wrong_sign, "no Jacobian": without_jacobian}


# -- studies: what is run, at what size --------------------------------------------------------------------


@dataclass(frozen=True)
class Study:
    """A posterior of a model at one length, held against ``data_sets`` made-up series."""

    model: str
    length: int
    posterior: str = "exact"
    data_sets: int = DATA_SETS

    def tasks(self) -> dict[str, dict]:
        """Return the study's batches by key, each the arguments of ``ranks``."""
        key = f"{self.model}, {self.posterior}, {self.length}"
        given = {"name": self.model, "length": self.length, "posterior": self.posterior}
        return {f"{key}: {batch}": given | {"batch": batch} for batch in range(self.data_sets // BATCH)}


STUDIES = [Study(model, length) for model, length in product(MODELS, LENGTHS)] + [
    Study("ARMA(1,1)+x", 12, "wrong sign"),
    Study("ARMA(1,1)+x", 12, "no Jacobian"),
    Study("M2", 24, "NUTS", 200),
]


def table(found: Mapping[str, pd.DataFrame], studies: list[Study] = STUDIES) -> pd.DataFrame:
    """Return the ranks of all batches of each study as counts: ``model, posterior, length, quantity, bin, count``."""
    frames = {
        (study.model, study.posterior, study.length): counts(pd.concat([found[key] for key in study.tasks()])) for study in studies
    }
    return pd.concat(frames, names=KEYS).reset_index(KEYS).reset_index(drop=True)


# -- ranks ---------------------------------------------------------------------------------------------


def ranks(name: str, *, length: int, batch: int = 0, data_sets: int = BATCH, posterior: str = "exact") -> pd.DataFrame:
    """Return the ranks of the true values among ``DRAWS`` draws of their posterior, a row a data set and a column a quantity.

    A batch has random numbers of its own, so that batches can be run anywhere and in any order.
    """
    model = MODELS[name]
    x, rng = model.regressor(length), np.random.default_rng([SEED, crc32(name.encode()), length, batch, data_sets])
    d = model.order[1]
    whole = exact_sample(pd.Series(rng.standard_normal(d + length + AHEAD)), x, model)
    truth = simulation.prior_draws(whole, model.priors, data_sets, rng)
    series = simulation.replicate(whole, truth, rng)
    seeds = rng.integers(2**31, size=data_sets)
    rows = [
        _ranks(model, POSTERIORS[posterior], values, x, {key: draws[[row]] for key, draws in truth.items()}, seed=int(seed))
        for row, (values, seed) in enumerate(zip(series, seeds))
    ]
    return pd.DataFrame(rows)


def exact_sample(y: pd.Series, x: pd.Series | None, model: Model) -> Sample:
    """Return a sample on the scale that it comes in, whose priors do not depend on it."""
    return Sample.of(y, x, order=model.order, form="regression", constant=True, standardise=False)


def _ranks(model: Model, posterior: Posterior, values: np.ndarray, x: pd.Series | None, truth: dict, *, seed: int) -> dict[str, int]:
    known, last = len(values) - AHEAD, len(values) - 1
    y = pd.Series(values[:known])
    found = posterior(y, None if x is None else x.iloc[:known], model, seed=seed)
    ahead = found.forecast(horizon=AHEAD) if x is None else found.forecast(x.iloc[known:])
    true, drawn = (_quantities(found.sample, draws) for draws in (truth, found.draws))
    true[FUTURE], drawn[FUTURE] = values[last], ahead[last].to_numpy()
    return {name: int((drawn[name] < true[name]).sum()) for name in true}


def _quantities(sample: Sample, draws: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    coefficients = draws["coefficients"].T
    named = {"constant": coefficients[:1], "effect": coefficients[1:], "ar": draws["phi"].T, "ma": draws["theta"].T}
    found = {name: values[0] for name, values in named.items() if len(values)}
    return found | {"sigma": draws["sigma"], LOG_LIKELIHOOD: sample.log_likelihood(draws)}


# -- what the ranks say ------------------------------------------------------------------------------------


def counts(found: pd.DataFrame) -> pd.DataFrame:
    """Return how many ranks fall in each of ``BINS`` bins of equal width: ``quantity, bin, count``."""
    bins = {name: np.bincount(values * BINS // (DRAWS + 1), minlength=BINS) for name, values in found.items()}
    wide = pd.DataFrame(bins).rename_axis(index="bin", columns="quantity")
    return wide.T.stack().rename("count").reset_index()


def summary(table: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Return what the ranks of each group say: data sets, chi-square test, coverage of central intervals, ECDF against its band.

    ``p`` is that of Pearson's chi-square test of uniform ranks; ``coverage_50`` and so on are shares in per
    cent; ``outside`` tells whether the empirical distribution function leaves its simultaneous 95 per cent band anywhere.
    """
    return pd.DataFrame([dict(zip(by, key)) | _summary(group) for key, group in table.groupby(by, sort=False)])


def _summary(group: pd.DataFrame) -> dict:
    values = group.sort_values("bin")["count"].to_numpy()
    total, row = int(values.sum()), {}
    for level in LEVELS:
        outer = round(BINS * (1 - level) / 2)
        row[f"coverage_{100 * level:.0f}"] = 100 * values[outer : BINS - outer].sum() / total
    gap, (low, high) = difference(values), band(total)
    test = stats.chisquare(values.reshape(BINS // 2, 2).sum(axis=1))  # half as many bins: five or more in each
    return {"data_sets": total, "chi_square": test.statistic, "p": test.pvalue} | row | {
        "departure": np.abs(gap).max(),
        "outside": bool(((gap < low - 1e-12) | (gap > high + 1e-12)).any()),
    }


def holm(p: pd.Series) -> np.ndarray:
    """Return p-values adjusted for their number by Holm's method."""
    return multipletests(p, method="holm")[1]


def difference(values: np.ndarray) -> np.ndarray:
    """Return the empirical distribution function of binned ranks less the uniform one, at the inner ends of the bins."""
    return (np.cumsum(values) / values.sum() - np.arange(1, BINS + 1) / BINS)[:-1]


def differences(table: pd.DataFrame) -> pd.DataFrame:
    """Return ``difference`` of every group of counts, a row a group and point: ``KEYS``, ``quantity``, ``x``, ``value``."""
    points = np.arange(1, BINS) / BINS
    frames = [
        pd.DataFrame(dict(zip([*KEYS, "quantity"], key)) | {"x": points, "value": difference(group.sort_values("bin")["count"].to_numpy())})
        for key, group in table.groupby([*KEYS, "quantity"], sort=False)
    ]
    return pd.concat(frames, ignore_index=True)


@cache
def band(data_sets: int, *, probability: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Return the simultaneous band of ``difference`` if ranks are uniform. Source: sailynoja2022, as computed by ArviZ."""
    points, rng = np.arange(1, BINS) / BINS, np.random.default_rng(SEED)
    pointwise = simulate_confidence_bands(data_sets, 1, points, probability, 2000, rng)
    low, high = get_pointwise_confidence_band(pointwise, data_sets, points)
    return low - points, high - points
