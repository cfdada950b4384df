"""The algebra of capital: stocks from investment, services from stocks, growth per worker. It knows no country."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

HISTORY = 5  # years of investment whose growth stands for the time before the first
JUMP = 3  # the number of workers changes by less than this factor within a year


def perpetual_inventory(
    investment: pd.Series, price: pd.Series, depreciation: float, initial_stock: float | None = None
) -> pd.Series:
    """Return the capital stock by year, in prices of the index's base, under geometric depreciation.

    K_t = (1 - depreciation) K_{t-1} + I_t / q_t, from the year before the first investment on. Without
    ``initial_stock`` the first stock is that of steady growth at the mean rate of the first five years.
    Source: oecd2009capital.

    Raises
    ------
    ValueError
        A gap in the years, a price that is not positive, depreciation outside (0, 1), a negative stock.
    """
    years = _whole_years(investment, "investment")
    _between_0_and_1(depreciation, "depreciation")
    real = (investment / _prices(price, years)).loc[years]
    if initial_stock is None:
        initial_stock = steady_state_stock(real.iloc[0], _history_growth(real), depreciation)
    if not initial_stock >= 0:
        raise ValueError(f"initial stock: found {initial_stock}; right is a number of at least 0")
    stock = [float(initial_stock)]
    for added in real:
        stock.append((1 - depreciation) * stock[-1] + added)
    return pd.Series(stock, index=pd.RangeIndex(years[0] - 1, years[-1] + 1, name="year"), name="stock")


def steady_state_stock(investment: float, growth: float, depreciation: float) -> float:
    """Return the stock a year before an ``investment`` if both have always grown at ``growth`` (a fraction).

    Raises
    ------
    ValueError
        Growth and depreciation that sum to nothing or less: no such stock exists.
    """
    if growth + depreciation <= 0:
        raise ValueError(f"steady state: found growth {growth} and depreciation {depreciation}; right is a positive sum")
    return float(investment / (growth + depreciation))


def declining_rate(life: float, residual_value: float) -> float:
    """Return the geometric rate of depreciation that leaves ``residual_value`` (a fraction) after ``life`` years."""
    if life <= 0:
        raise ValueError(f"life: found {life}; right is a positive number of years")
    _between_0_and_1(residual_value, "residual value")
    return 1 - residual_value ** (1 / life)


def age_efficiency(life: int, shape: float) -> np.ndarray:
    """Return the efficiency left at ages 0 to ``life``: hyperbolic, (life - s) / (life - shape s).

    ``shape`` 0 is a straight line, 1 an asset as good as new until it fails. Source: oecd2009capital.
    """
    if life < 1 or not 0 <= shape <= 1:
        raise ValueError(f"age efficiency: found life {life}, shape {shape}; right is life >= 1 and shape in [0, 1]")
    ages = np.arange(life)
    return np.append((life - ages) / (life - shape * ages), 0.0)


def survival(ages: int, *, life: float, deviation: float) -> np.ndarray:
    """Return the share of a vintage still in use at ages 0 to ``ages``, retirement being normal around ``life``."""
    return stats.norm.sf(np.arange(ages + 1), loc=life, scale=deviation)


def age_price(efficiency: np.ndarray, rate: float) -> np.ndarray:
    """Return the price of an asset at each age over that of a new one: its discounted rentals to come.

    Rentals are paid at the end of a year and fall with ``efficiency``. Source: oecd2009capital.
    """
    discounted = efficiency / (1 + rate) ** np.arange(1, len(efficiency) + 1)
    to_come = np.cumsum(discounted[::-1])[::-1] * (1 + rate) ** np.arange(len(efficiency))
    return to_come / to_come[0]


def vintage_stock(investment: np.ndarray, profile: np.ndarray, *, history: np.ndarray) -> np.ndarray:
    """Return the stocks that the vintages of ``investment`` leave, for many cases at once.

    ``investment`` (years, cases...) is real; ``profile`` (ages, profiles) is what is left of a vintage at
    each age, as efficiency times survival. Before the first year investment is taken to have grown at
    ``history`` (cases...), a fraction a year; -1 stands for no investment before. Result: (years, cases..., profiles).
    """
    ages = np.arange(len(profile) - 1, 0, -1).reshape(-1, *[1] * (investment.ndim - 1))
    nothing = np.isclose(history, -1)
    before = np.where(nothing, 0.0, investment[0] / np.where(nothing, 1.0, 1 + history) ** ages)
    vintages = np.lib.stride_tricks.sliding_window_view(np.concatenate([before, investment]), len(profile), axis=0)
    return vintages @ profile[::-1]


def linking_coefficient(first: float, last: float, indicator_first: float, indicator_last: float, years: int) -> float:
    """Return the lead of an investment's growth over its indicator's between two benchmarks, a fraction a year."""
    return (last / first) ** (1 / years) - (indicator_last / indicator_first) ** (1 / years)


def link_benchmarks(benchmarks: pd.Series, indicator: pd.Series) -> pd.Series:
    """Return yearly values that meet every benchmark and move with the indicator in between.

    The gap between the two growths is spread geometrically, so that the path closes exactly; the
    difference of rates (``linking_coefficient``) leaves a remainder.

    Raises
    ------
    ValueError
        Benchmarks out of order, fewer than two or not positive; a gap in the indicator.
    """
    years = list(benchmarks.index)
    if len(years) < 2 or years != sorted(set(years)) or not (benchmarks > 0).all():
        raise ValueError(
            f"benchmarks: found {list(benchmarks)} for {years}; right is two or more positive values in the order of years"
        )
    span = pd.RangeIndex(years[0], years[-1] + 1, name="year")
    moved = _prices(indicator, span, "indicator")
    gap = np.log(benchmarks / moved.loc[years])
    return (moved * np.exp(np.interp(span, years, gap))).rename("investment")


def harmonised_price_growth(other: float, reference_ict: float, reference_other: float) -> float:
    """Return the growth of a digital price: that of other goods at home and the relative fall abroad, in per cent.

    Source: schreyer2002, colecchia2002.
    """
    return other + (reference_ict - reference_other)


def user_cost(price: pd.Series, rate: float | pd.Series, depreciation: float) -> pd.Series:
    """Return the yearly cost of using a unit of capital, without taxes: q_{t-1} r + depreciation q_t - (q_t - q_{t-1}).

    From the second year of ``price`` on, in its unit. Source: halljorgenson1967.
    """
    _between_0_and_1(depreciation, "depreciation")
    price = _prices(price, _whole_years(price, "price"))
    before = price.shift(1)
    return (before * rate + depreciation * price - (price - before)).dropna().rename("user_cost")


def tornqvist_index(quantities: pd.DataFrame, prices: pd.DataFrame) -> pd.Series:
    """Return the volume index of several quantities, first period 1: growth weighted by mean value shares.

    Source: diewert1976.

    Raises
    ------
    ValueError
        A quantity or a price that is not positive.
    """
    if not ((quantities > 0).all(axis=None) and (prices > 0).all(axis=None)):
        raise ValueError("tornqvist index: found a quantity or a price of 0 or less; right is positive numbers only")
    value = quantities * prices
    weights = value.div(value.sum(axis=1), axis=0)
    growth = ((weights + weights.shift(1)) / 2 * np.log(quantities).diff()).sum(axis=1)
    return np.exp(growth.cumsum()).rename("volume")


def per_worker(stock: pd.Series, workers: pd.Series) -> pd.Series:
    """Return capital per worker for the years of ``stock``.

    Raises
    ------
    ValueError
        A year without workers, or workers that change their unit.
    """
    found = workers.reindex(stock.index)
    for year in found.index[~(found > 0)]:
        raise ValueError(f"workers: found {found[year]} for {year}; right is a positive number for each year of the stock")
    for year in found.index[np.abs(np.log(found).diff()) > np.log(JUMP)]:
        raise ValueError(
            f"workers: found {found[year]:g} in {year} after {found.shift(1)[year]:g}; right is one unit for all years"
        )
    return (stock / found).rename("capital_per_worker")


def deepening(stock: pd.Series, workers: pd.Series, years: tuple[int, int], *, mean: str = "geometric") -> float:
    """Return the mean growth of capital per worker from the first to the last of ``years``, in per cent a year."""
    return mean_growth(per_worker(stock, workers), years, mean=mean)


def mean_growth(levels: pd.Series, years: tuple[int, int], *, mean: str = "geometric") -> float:
    """Return the mean growth of ``levels`` between two years in per cent a year, geometric or arithmetic.

    Raises
    ------
    ValueError
        Years out of order or without a value, or another mean.
    """
    first, last = years
    if not (first < last and levels.notna().reindex(range(first, last + 1), fill_value=False).all()):
        raise ValueError(
            f"growth from {first} to {last}: found values for {list(levels.dropna().index)}; right is every year of the span"
        )
    if mean == "geometric":
        return float(100 * ((levels[last] / levels[first]) ** (1 / (last - first)) - 1))
    if mean == "arithmetic":
        return float(100 * levels.loc[first:last].pct_change().mean())
    raise ValueError(f"mean: found {mean!r}; right is 'geometric' or 'arithmetic'")


def _history_growth(real: pd.Series) -> float:
    """Return the mean yearly growth of the first years of a series, as a fraction."""
    step = min(HISTORY, len(real) - 1)
    return (real.iloc[step] / real.iloc[0]) ** (1 / step) - 1 if step else 0.0


def _whole_years(values: pd.Series, name: str) -> pd.RangeIndex:
    years = pd.RangeIndex(values.index.min(), values.index.max() + 1, name="year")
    absent = [year for year in years if pd.isna(values.get(year))]
    if absent:
        raise ValueError(f"{name}: found no value for {absent}; right is one for every year of {years[0]} to {years[-1]}")
    return years


def _prices(price: pd.Series, years: pd.Index, name: str = "price") -> pd.Series:
    found = price.reindex(years)
    bad = [year for year in years if not found[year] > 0]
    if bad:
        raise ValueError(
            f"{name}: found {found[bad[0]]} in {bad[0]}; right is a positive number for every year of {years[0]} to {years[-1]}"
        )
    return found


def _between_0_and_1(value: float, name: str) -> None:
    if not 0 < value < 1:
        raise ValueError(f"{name}: found {value}; right is a number between 0 and 1")
