"""Growth and its swings: what can and what cannot show that a part of growth steadies the whole."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
from mpmath import iv
from scipy import stats

from digital_economy import accounts, data, digital_tfp, productivity, report
from digital_economy.accounts import Estimate

SPAN = range(2013, 2025)  # the years of the report's Figures 5 and 6
DISPERSION_CLAIMS = (
    "de-tfp-contribution-sd",
    "de-tfp-contribution-cv",
    "gdp-nominal-growth-sd",
    "gdp-nominal-growth-cv",
)
DIVISORS = {"population": 0, "sample": 1}
BLOCK, DRAWS = 3, 4000  # years a block of the bootstrap, and resamples
SHOCK = (2020, 2021)
STATISTICS = {  # what is asked of a part of growth
    "mean": "mean, points",
    "sd": "SD, points",
    "cv": "CV",
    "contribution": "share of the variance of growth",
    "correlation": "correlation with growth",
    "sd_with": "SD of growth, points",
    "sd_without": "SD of growth without it, points",
}
TFP_SHARE = {  # the years of Figure 5 that the report prints
    2013: "c3s1-de-tfp-contribution-2013",
    2023: "c3s1-de-tfp-contribution-2023",
    2024: "c3s1-de-tfp-contribution-2024",
}


def coefficient_of_variation(values: pd.Series, *, divisor: str = "sample") -> float:
    """Return the standard deviation over the mean, with divisor n (population) or n-1 (sample).

    Raises
    ------
    ValueError
        Fewer than two values, or a mean of zero, where the coefficient is not defined.
    """
    if len(values) < 2 or np.isclose(values.mean(), 0):
        raise ValueError(
            f"coefficient of variation: found {len(values)} values with mean {values.mean():g}; "
            "right is at least two with a mean other than zero"
        )
    return float(values.std(ddof=DIVISORS[divisor]) / values.mean())


def cv_interval(cv: float, n: int, *, level: float = 0.95) -> tuple[float, float]:
    """Return the modified McKay interval for a coefficient of variation of n normal values.

    ``cv`` is the sample coefficient (divisor n-1); the values are taken as independent, which
    yearly growth rates are not, so the interval is if anything too narrow. Source: vangel1996.
    """
    if cv <= 0 or n < 2 or not 0 < level < 1:
        raise ValueError(f"cv_interval: found cv={cv}, n={n}, level={level}; right is cv > 0, n > 1, 0 < level < 1")
    upper_point, lower_point = stats.chi2.ppf([(1 + level) / 2, (1 - level) / 2], n - 1)

    def end(point: float) -> float:
        return float(cv / np.sqrt(((point + 2) / n - 1) * cv**2 + point / (n - 1)))

    return end(upper_point), end(lower_point)


def variance_contributions(parts: pd.DataFrame) -> pd.Series:
    """Return each part's share of the variance of the total: Cov(part, total) / Var(total).

    The shares sum to one; a part with a negative share steadies the total.
    """
    total = parts.sum(axis=1)
    return parts.apply(lambda part: part.cov(total)) / total.var()


def steadiness(parts: np.ndarray) -> np.ndarray:
    """Return the ``STATISTICS`` of the first part of growth, for any number of samples at once.

    ``parts`` (..., years, parts) sum to growth over the last axis; the result is (..., statistics).
    """
    part, total = parts[..., 0], parts.sum(axis=-1)
    deviation, swing = part - part.mean(axis=-1, keepdims=True), total - total.mean(axis=-1, keepdims=True)
    freedom = parts.shape[-2] - 1
    covariance, variance = (deviation * swing).sum(axis=-1) / freedom, (swing**2).sum(axis=-1) / freedom
    sd, mean = part.std(axis=-1, ddof=1), part.mean(axis=-1)
    without = (total - part).std(axis=-1, ddof=1)
    found = mean, sd, sd / mean, covariance / variance, covariance / (sd * np.sqrt(variance)), np.sqrt(variance), without
    return np.stack(found, axis=-1)


def block_bootstrap(parts: np.ndarray, generator: np.random.Generator, *, block: int = BLOCK, draws: int = DRAWS) -> np.ndarray:
    """Return resamples (draws, years, parts) made of circular blocks of neighbouring years, which keep short swings whole.

    Raises
    ------
    ValueError
        A block that is longer than the series.
    """
    years = len(parts)
    if not 1 <= block <= years:
        raise ValueError(f"block bootstrap: found a block of {block} in {years} years; right is 1 to {years}")
    starts = generator.integers(years, size=(draws, -(-years // block), 1))
    return parts[((starts + np.arange(block)) % years).reshape(draws, -1)[:, :years]]


def pitman_morgan(first: pd.Series, second: pd.Series) -> float:
    """Return the p-value of equal variances of two paired series, which need the same unit.

    Source: pitman1939, morgan1939.
    """
    return float(stats.pearsonr(first + second, first - second).pvalue)


def parts_of_growth() -> pd.DataFrame:
    """Return real growth by part for the years of the report's figures that data reach, in points; they sum to growth.

    Columns: ``digital_tfp`` (at the median elasticity), ``other_tfp``, ``capital`` and ``labour``.
    """
    frame = productivity.growth_accounts().loc[SPAN[0] : SPAN[-1]]
    digital = digital_tfp.elasticity().quantile(0.5) * productivity.digital_capital_growth().loc[frame.index]
    return pd.DataFrame({
        "digital_tfp": digital,
        "other_tfp": frame["tfp"] - digital,
        "capital": frame["digital_capital"] + frame["other_capital"],
        "labour": frame["hours"] + frame["quality"],
    })  # fmt: skip


def growth_statistics(*, seed: int, without_shock: bool = False) -> pd.DataFrame:
    """Return the ``STATISTICS`` of each part of growth, a row a part and statistic, with 95% block-bootstrap intervals.

    Columns: ``part``, ``statistic``, ``value``, ``low``, ``high``. ``without_shock`` leaves out 2020 and 2021.
    The elasticity is held at its median: its uncertainty scales the part and not its correlation.
    """
    parts = parts_of_growth()
    kept = parts.drop(list(SHOCK)) if without_shock else parts
    resamples = block_bootstrap(kept.to_numpy(), np.random.default_rng(seed))
    frames = []
    for place, part in enumerate(kept):
        order = [place, *(other for other in range(kept.shape[1]) if other != place)]
        ends = np.quantile(steadiness(resamples[..., order]), [0.025, 0.975], axis=0)
        values = steadiness(kept.to_numpy()[:, order])
        frames.append(
            pd.DataFrame({"part": part, "statistic": list(STATISTICS), "value": values, "low": ends[0], "high": ends[1]})
        )
    return pd.concat(frames, ignore_index=True)


def constant_share(share: float) -> pd.DataFrame:
    """Return nominal GDP growth in points split at a constant share (per cent): ``digital`` and ``rest``."""
    rates = gdp_growth_rates(accounts.CURRENT, rate="simple")
    return pd.DataFrame({"digital": rates * share / 100, "rest": rates * (1 - share / 100)})


def gdp_growth_rates(vintage: str, *, rate: str) -> pd.Series:
    """Return nominal GDP growth in per cent as simple or log rates, for the years of the span the vintage has."""
    rates = accounts.gdp_growth(vintage).loc[SPAN[0] : SPAN[-1]]
    return rates if rate == "simple" else 100 * np.log1p(rates / 100)


@data.remembered
def gdp_growth_dispersion() -> pd.DataFrame:
    """Return mean, standard deviation and coefficient of variation of GDP growth under every definition.

    A row a combination of GDP vintage, rate in the deviation, divisor, and rate in the mean; ``n``
    is the number of years the vintage has in the span, ``complete`` whether that is all of them.
    ``matches_sd`` and ``matches_cv`` say whether a row prints as the report's numbers.
    """
    rows = [_dispersion(*choice) for choice in product(accounts.VINTAGES, ("simple", "log"), DIVISORS, ("simple", "log"))]
    frame = pd.DataFrame([row for row in rows if row])
    for column, claim in {"sd": "c3s1-gdp-nominal-growth-sd", "cv": "c3s1-gdp-nominal-growth-cv"}.items():
        printed = report.claim(claim)
        frame[f"matches_{column}"] = frame[column].between(printed.low, printed.high)
    return frame


def gdp_growth_sd() -> Estimate:
    """Return the sample standard deviation of simple GDP growth, with the range over all definitions."""
    return _over_definitions("sd")


def gdp_growth_cv() -> Estimate:
    """Return the sample coefficient of variation of simple GDP growth, with the range over all definitions."""
    return _over_definitions("cv")


def tfp_mean() -> Estimate:
    """Return the mean TFP contribution that the printed deviation and coefficient imply, in per cent."""
    deviation, ratio = (report.claim(f"c3s1-de-tfp-contribution-{name}") for name in ("sd", "cv"))
    ends = iv.mpf((deviation.low, deviation.high)) / iv.mpf((ratio.low, ratio.high))
    return Estimate.of(deviation.value / ratio.value, ends)


def tfp_change() -> Estimate:
    """Return the rise of the TFP contribution in 2024 from the two printed levels, in points."""
    before, now = (report.claim(TFP_SHARE[year]) for year in (2023, 2024))
    return Estimate.of(now.value - before.value, iv.mpf((now.low, now.high)) - iv.mpf((before.low, before.high)))


def tfp_in_points() -> pd.DataFrame:
    """Return the printed TFP contributions, GDP growth, and their product: points of growth.

    Columns: ``share`` (per cent of growth), and for the real and the nominal rate of growth
    ``real_growth``, ``real_points``, ``nominal_growth`` and ``nominal_points``. Which of the two
    the report divides by is not stated.
    """
    share = pd.Series({year: report.claim(name).value for year, name in TFP_SHARE.items()}, name="share")
    real = accounts.gdp_real_growth().rename("real_growth")
    frame = (
        pd.DataFrame({"share": share, "real_growth": real, "nominal_growth": accounts.gdp_growth()})
        .loc[share.index]
        .rename_axis("year")
    )
    return frame.assign(
        real_points=frame["share"] * frame["real_growth"] / 100,
        nominal_points=frame["share"] * frame["nominal_growth"] / 100,
    )


def _dispersion(vintage: str, rate: str, divisor: str, mean_rate: str) -> dict | None:
    rates = gdp_growth_rates(vintage, rate=rate)
    if len(rates) < 2:
        return None
    sd = rates.std(ddof=DIVISORS[divisor])
    mean = gdp_growth_rates(vintage, rate=mean_rate).mean()
    choice = {"vintage": vintage, "rate": rate, "divisor": divisor, "mean_rate": mean_rate}
    return {**choice, "n": len(rates), "complete": len(rates) == len(SPAN), "mean": mean, "sd": sd, "cv": sd / mean}


def _over_definitions(column: str) -> Estimate:
    frame = gdp_growth_dispersion().query("complete")
    standard = "vintage == @accounts.CURRENT and rate == 'simple' and divisor == 'sample' and mean_rate == 'simple'"
    return Estimate.of(frame.query(standard)[column].item(), *(iv.mpf(value) for value in frame[column]))
