"""Growth and its swings: what a standard deviation can and cannot say about a stabiliser."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
from mpmath import iv
from scipy import stats

from digital_economy import accounts, data, report
from digital_economy.accounts import Estimate

SPAN = range(2013, 2025)  # the years of the report's Figures 5 and 6
DISPERSION_CLAIMS = (
    "de-tfp-contribution-sd",
    "de-tfp-contribution-cv",
    "gdp-nominal-growth-sd",
    "gdp-nominal-growth-cv",
)
DIVISORS = {"population": 0, "sample": 1}
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


def constant_share(share: float) -> pd.DataFrame:
    """Return nominal GDP growth in points split at a constant share (per cent): ``digital`` and ``rest``."""
    rates = gdp_growth_rates(accounts.CURRENT, rate="simple")
    return pd.DataFrame({"digital": rates * share / 100, "rest": rates * (1 - share / 100)})


def gdp_growth_rates(vintage: str, *, rate: str) -> pd.Series:
    """Return nominal GDP growth in per cent as simple or log rates, for the years of the span the vintage has."""
    rates = accounts.gdp_growth(vintage).loc[SPAN[0] : SPAN[-1]]
    return rates if rate == "simple" else 100 * np.log1p(rates / 100)


def gdp_growth_dispersion() -> pd.DataFrame:
    """Return mean, standard deviation and coefficient of variation of GDP growth under every definition.

    A row a combination of GDP vintage, rate in the deviation, divisor, and rate in the mean; ``n``
    is the number of years the vintage has in the span, ``complete`` whether that is all of them.
    ``matches_sd`` and ``matches_cv`` say whether a row prints as the report's numbers.
    """
    rows = [
        _dispersion(*choice) for choice in product(accounts.VINTAGES, ("simple", "log"), DIVISORS, ("simple", "log"))
    ]
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
    frame = pd.DataFrame({"share": share, "real_growth": real, "nominal_growth": accounts.gdp_growth()}).loc[share.index].rename_axis("year")
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
