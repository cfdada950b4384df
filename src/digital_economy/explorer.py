"""The scenario explorer of Figure 9: posterior draws in a page, from which its script draws the fan at any setting.

Stored are draws under the main prior, thinned. Another prior weights them by the ratio of the two densities of the
effect and resamples (gelman2013bda, section 10.4). ``book/_static/explorer.js`` does what ``under`` and ``ratio`` do here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from digital_economy import data, forecast, forecast_evaluation, ratios, real_economy
from digital_economy.forecast import HORIZON, LARGE, LEVELS, PRIORS, REPORT_YEAR, SEED, Paths

FIRST = 2012  # year shown
RATES = (0.0, 20.0)  # per cent a year, the ends of the slider
SAMPLED, OFFERED = "main", ("sceptical", "main", "optimistic")
COUNT = 2048
STEP = 0.01  # of stored numbers: hundredths of a per cent or of a point
PAIRS = 4  # a cost draw meets four draws of other items: given the data the two are independent
QUANTILES = [(1 - level) / 2 for level in LEVELS] + [0.5] + [(1 + level) / 2 for level in reversed(LEVELS)]
YEARS = REPORT_YEAR + 1 + np.arange(HORIZON)


@dataclass(frozen=True)
class Draws:
    """Draws of one series ahead: ``steps`` of STEP (COUNT, HORIZON + 1) hold the path without deepening, and last the effect.

    ``priors`` gives mean and standard deviation of the effect under each prior, in units of the series for a log of one.
    """

    steps: np.ndarray
    priors: dict[str, tuple[float, float]]

    def under(self, prior: str) -> np.ndarray:
        """Return the draws under a prior, with a row as often as its weight says (systematic resampling)."""
        values = STEP * self.steps
        wanted, had = (stats.norm.pdf(values[:, -1], *self.priors[name]) for name in (prior, SAMPLED))
        total = np.cumsum(wanted / had)
        return values[np.searchsorted(total, total[-1] * (np.arange(COUNT) + 0.5) / COUNT)]

    def ahead(self, rate: float, prior: str) -> np.ndarray:
        """Return paths (COUNT, HORIZON) at a rate of deepening: the effect times the log growth of digital capital is added."""
        values = self.under(prior)
        return values[:, :-1] + values[:, -1:] * np.arange(1, HORIZON + 1) * np.log1p(rate / 100)


@data.remembered
def draws() -> dict[str, Draws]:
    """Return the draws of the log cost ratio (times 100) and of other items (points) that the page holds."""
    _check_priors()
    return {name: _draws(name, place) for place, name in enumerate(("cost", "other"))}


def ratio(outcome: str, *, rate: float, prior: str) -> np.ndarray:
    """Return draws of the proxy's cost or profit ratio, a column a year from 2024 on, as the page computes them."""
    cost, other = (part.ahead(rate, prior) for part in draws().values())
    if outcome == "cost":
        return real_economy.cost_ratio_at(cost)
    met = [np.roll(other, -COUNT // PAIRS * pair, axis=0) for pair in range(PAIRS)]
    return Paths.of(np.tile(cost, (PAIRS, 1)), np.concatenate(met)).profit


def quantiles(outcome: str, *, rate: float, prior: str) -> pd.DataFrame:
    """Return the quantiles that the page shows, a row a year."""
    values = np.quantile(ratio(outcome, rate=rate, prior=prior), QUANTILES, axis=0)
    return pd.DataFrame(values.T, index=pd.Index(YEARS, name="year"), columns=QUANTILES)


@data.remembered
def known(outcome: str) -> pd.DataFrame:
    """Return the proxy's ratio to 2023 (``observed``) and since (``later``), and CAICT's path as change since 2023."""
    past = Paths.of(*(real_economy.index(name) for name in ("cost", "other")))
    path = ratios.report_path()[f"{outcome}_ratio"]
    columns = {
        "observed": getattr(past, outcome).loc[FIRST:REPORT_YEAR],
        "later": forecast_evaluation.outcomes()[f"{outcome}_ratio"],
        "report": path - path[REPORT_YEAR] + real_economy.base_ratios()[f"{outcome}_ratio"],
    }
    return pd.DataFrame(columns)


def spread(points: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return the rows of ``count`` points that lie as all of them do: one of each cell, cells made by halving.

    Each half is cut again at the median along the direction in which it is longest.
    """
    if count == 1:
        return rng.integers(len(points), size=1)
    centred = points - points.mean(axis=0)
    longest = np.linalg.eigh(centred.T @ centred)[1][:, -1]
    order, half = np.argsort(centred @ longest), len(points) // 2
    return np.concatenate([rows[spread(points[rows], count // 2, rng)] for rows in (order[:half], order[half:])])


def _check_priors() -> None:
    main = PRIORS[SAMPLED]
    for name in OFFERED:
        if replace(PRIORS[name], effect_mean=main.effect_mean, effect_sd=main.effect_sd) != main:
            raise ValueError(
                f"{name}: found a prior that differs from {SAMPLED!r} in more than mean and standard deviation of the effect; "
                "right is one that differs in nothing else, since the draws are weighted by these two alone"
            )


def _draws(name: str, place: int) -> Draws:
    series, choice = forecast.history(name), {"prior": SAMPLED, "size": LARGE, "seed": SEED + place}
    still, fast = (forecast.draws(series, rate=rate, **choice) for rate in RATES)
    effect = (fast - still)[:, :1] / np.log1p(RATES[1] / 100)
    rng = np.random.default_rng([SEED, place])
    rows = rng.permutation(spread(np.hstack([still, fast]), COUNT, rng))  # in no order, so that any pairing of two series is a random one
    steps = np.round(np.hstack([still, effect])[rows] / STEP).astype(int)
    fitted = forecast.fit(series, prior=SAMPLED)
    return Draws(steps, {prior: forecast.effect_prior(fitted, prior) for prior in OFFERED})
