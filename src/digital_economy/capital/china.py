"""Four routes to China's digital capital per worker, each under every choice the report leaves open."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

from digital_economy import accounts, data
from digital_economy.capital import algebra

YEARS = pd.RangeIndex(2004, 2024, name="year")
PRICE_YEARS = pd.RangeIndex(2003, 2024, name="year")  # producer prices of electronics compare with the year before from 2004 on
SPAN = (2018, 2023)  # the last five years before the report's forecast
BASE = 2010
PRICE_BASE = 2015  # of the sum of both parts
PER_CENT = 100
REAL_RATE = 0.04  # ex-ante real rate of return
ROUTES = ("apo", "input_output", "oecd", "fixed_assets")
ASSETS = {  # the two parts of digital capital under each route, and the price regimes that suit them
    "input_output": ("hardware", "software"),
    "oecd": ("hardware", "software"),
    "fixed_assets": ("electronics_manufacturing", "information_services"),
}
REVENUE = {  # whose revenue moves with an asset's investment where investment itself is not known
    "hardware": "electronics_revenue_growth",
    "electronics_manufacturing": "electronics_revenue_growth",
    "software": "software_revenue_growth",
    "information_services": "software_revenue_growth",
}
PRICES = {
    "input_output": ("producer prices", "GDP deflator", "falling 5% a year", "falling 10% a year"),
    "oecd": ("producer prices", "GDP deflator", "falling 5% a year", "falling 10% a year"),
    "fixed_assets": ("investment prices", "GDP deflator"),
}
RATES = {  # geometric depreciation of the two parts: middle, slow, fast
    "input_output": {"middle": (0.3, 0.315), "slow": (0.2, 0.2), "fast": (0.4, 0.4)},
    "oecd": {"middle": (0.3, 0.315), "slow": (0.2, 0.2), "fast": (0.4, 0.4)},
    "fixed_assets": {"middle": (0.1, 0.1), "slow": (0.05, 0.05), "fast": (0.15, 0.15)},
}
LIVES = {"input_output": 6, "oecd": 6, "fixed_assets": 16}  # mean service life of the hyperbolic profile, years
SHAPE, SPREAD, LONGEST = 0.8, 0.25, 1.5  # its shape, and deviation and maximum life as multiples of the mean
AGES = 120  # at which nothing is left of an asset
INITIAL = {"as computed": 1.0, "half": 0.5, "double": 2.0}
EXTENSIONS = ("trend", "level", "revenue")
COUNTED = ("sum of both", "services of both", "hardware side only", "software side only")
DIMENSIONS = (
    "investment between tables",
    "extrapolation",
    "price",
    "depreciation",
    "initial stock",
    "what is counted",
    "workers",
    "mean",
)
WORKERS = {"all industries": ("total",), "without agriculture": ("secondary", "tertiary")}
CENTRAL = {  # fixed before a growth rate of an inventory route was seen; the first price regime goes with it
    "investment between tables": "domestic demand",
    "extrapolation": "trend",
    "depreciation": "middle",
    "initial stock": "as computed",
    "what is counted": "sum of both",
    "workers": "all industries",
    "mean": "geometric",
}


def digital_capital_per_worker(route: str = "apo") -> pd.Series:
    """Return digital capital per worker by year under one route, 2010 = 1, nothing extrapolated.

    ``apo``: the volume index of information-technology capital services of the APO Productivity Database
    over its number of workers, 2000 to 2023. ``input_output``, ``oecd`` and ``fixed_assets``: stocks by the
    perpetual inventory method from capital formation in the national and the OECD's input-output tables,
    and from fixed-asset investment of the digital industries, under the central choices; they start in
    2004 and end with the last year whose investment is known.

    Raises
    ------
    ValueError
        Unknown route.
    """
    if route not in ROUTES:
        raise ValueError(f"no route {route!r} to digital capital per worker: right is one of {list(ROUTES)}")
    path = _path(route)
    return path[path.index <= last_observed(route)].rename_axis("year").rename("digital_capital_per_worker")


@data.remembered
def _path(route: str) -> pd.Series:
    """Return one route's digital capital per worker, 2010 = 1, its extrapolated years included."""
    if route == "apo":
        path = algebra.per_worker(*(data.series("apo_productivity", name) for name in ("it_capital_services", "workers")))
    else:
        path = _central(route)
    return path / path[BASE]


@data.remembered
def _routes() -> pd.DataFrame:
    frames = [
        pd.DataFrame({"route": route, "value": _path(route), "extrapolated": _path(route).index > last_observed(route)})
        for route in ROUTES
    ]
    return pd.concat(frames).rename_axis(index="year").reset_index()


def routes() -> pd.DataFrame:
    """Return digital capital per worker under the central choices, a row a route and year, 2010 = 1.

    Columns: ``year``, ``route``, ``value``, ``extrapolated`` (true where the investment of the year is
    not known for every part and had to be extended).
    """
    return _routes().copy()


def last_observed(route: str) -> int:
    """Return the last year for which every part of a route's investment is published."""
    if route == "apo":
        return int(data.series("apo_productivity", "it_capital_services").index.max())
    return int(min(_investment(route, asset, CENTRAL[DIMENSIONS[0]]).index.max() for asset in ASSETS[route]))


def digital_services(*, price: str = "producer prices", rates: str = "middle") -> pd.DataFrame:
    """Return what the use of digital capital costs by year, in 100 million yuan: user cost times stock, by part.

    The input-output route with a price regime and depreciation ``rates``; the stock is that at the end of the
    year before; years to the last table.

    Raises
    ------
    ValueError
        Unknown price regime or rates.
    """
    route = "input_output"
    if price not in PRICES[route] or rates not in RATES[route]:
        raise ValueError(
            f"digital services: found {price!r} and {rates!r}; right is one of {PRICES[route]} and of {list(RATES[route])}"
        )
    columns = {}
    for asset, depreciation in zip(ASSETS[route], RATES[route][rates], strict=True):
        prices = _price(asset, price)
        investment = _investment(route, asset, CENTRAL["investment between tables"]).loc[YEARS[0] :]
        stock = algebra.perpetual_inventory(investment, prices, depreciation)
        columns[asset] = algebra.user_cost(prices, _nominal_rate(), depreciation) * stock.shift(1)
    return pd.DataFrame(columns).dropna()


# -- one route under given choices ------------------------------------------------------------------


def _central(route: str) -> pd.Series:
    labels, levels = stocks_per_worker(route)
    chosen = {"price": PRICES[route][0], **CENTRAL}
    place = tuple(labels[name].index(chosen[name] if chosen[name] in labels[name] else labels[name][0]) for name in labels)
    return pd.Series(levels[(slice(None), *place)], index=YEARS)


@data.remembered
def stocks_per_worker(route: str) -> tuple[dict[str, list[str]], np.ndarray]:
    """Return the levels of each choice but the mean, and capital per worker as an array (years, one axis a choice)."""
    links = ["domestic demand", "constant growth"] if route == "input_output" else ["as published"]
    levels = (
        links,
        list(EXTENSIONS),
        list(PRICES[route]),
        [*RATES[route], "hyperbolic"],
        list(INITIAL),
        list(COUNTED),
        list(WORKERS),
    )
    labels = dict(zip(DIMENSIONS, levels, strict=False))  # the mean is taken later
    parts = [_stocks(route, place, links) for place in (0, 1)]
    counted = _counted(route, *parts)
    workers = np.stack([workers_counted(name).loc[YEARS] for name in WORKERS], axis=-1)
    workers = workers.reshape(len(YEARS), *[1] * (counted.ndim - 1), -1)
    return labels, counted[..., np.newaxis] / workers


def _stocks(route: str, place: int, links: list[str]) -> np.ndarray:
    """Return real stocks of one part as an array (years, links, extensions, prices, profiles, initial stocks)."""
    asset = ASSETS[route][place]
    investment = np.stack(
        [_extended(_investment(route, asset, link), asset, way) for link, way in product(links, EXTENSIONS)], axis=1
    )
    prices = np.stack([_price(asset, regime) for regime in PRICES[route]], axis=1)[1:]
    real = investment[:, :, np.newaxis] / prices[:, np.newaxis, :]
    step = algebra.HISTORY
    history = (real[step] / real[0]) ** (1 / step) - 1
    profiles = np.stack([_geometric(rates[place]) for rates in RATES[route].values()] + [_hyperbolic(LIVES[route])], axis=1)
    since_first = algebra.vintage_stock(real, profiles, history=np.full_like(history, -1))
    before_first = algebra.vintage_stock(real, profiles, history=history) - since_first
    stocks = since_first[..., np.newaxis] + before_first[..., np.newaxis] * np.array(list(INITIAL.values()))
    return stocks.reshape(len(YEARS), len(links), len(EXTENSIONS), *stocks.shape[2:])


def _counted(route: str, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the two parts as an array with one more axis: their sum, their services, and each alone."""
    values = np.stack([first * _user_costs(route, 0), second * _user_costs(route, 1)])
    weights = values / values.sum(axis=0)
    growth = np.diff(np.log(np.stack([first, second])), axis=1)
    mean_weights = (weights[:, 1:] + weights[:, :-1]) / 2
    services = np.exp(np.cumsum((mean_weights * growth).sum(axis=0), axis=0))
    services = np.concatenate([np.ones_like(services[:1]), services])
    base = [_price_level(route, place) for place in (0, 1)]
    return np.stack([first * base[0] + second * base[1], services, first, second], axis=-1)


def _user_costs(route: str, place: int) -> np.ndarray:
    """Return user costs of one part, shaped for its stocks: (years, 1, 1, prices, profiles, 1)."""
    rate = _nominal_rate().loc[YEARS].to_numpy()[:, np.newaxis, np.newaxis]
    prices = np.stack([_price(ASSETS[route][place], regime) for regime in PRICES[route]], axis=1)[..., np.newaxis]
    first_year = 1 - algebra.age_price(_hyperbolic(LIVES[route]), REAL_RATE)[1]
    depreciation = np.array([rates[place] for rates in RATES[route].values()] + [first_year])
    cost = prices[:-1] * rate + depreciation * prices[1:] - np.diff(prices, axis=0)
    return cost[:, np.newaxis, np.newaxis, :, :, np.newaxis]


def _price_level(route: str, place: int) -> np.ndarray:
    """Return the price of one part in the base year of the sum, shaped for its stocks."""
    level = [_price(ASSETS[route][place], regime)[PRICE_BASE] for regime in PRICES[route]]
    return np.array(level)[:, np.newaxis, np.newaxis]


# -- the pieces of a route --------------------------------------------------------------------------


@data.remembered
def _investment(route: str, asset: str, link: str) -> pd.Series:
    """Return yearly investment in one part at current prices, in 100 million yuan, to the last year known."""
    if route == "input_output":
        benchmarks = data.series("digital_investment", "capital_formation_input_output", asset=asset)
        span = pd.RangeIndex(benchmarks.index[0], benchmarks.index[-1] + 1, name="year")
        indicator = _demand(asset) if link == "domestic demand" else pd.Series(1.0, index=span)
        return algebra.link_benchmarks(benchmarks, indicator)
    if route == "oecd":
        dollars = data.series("digital_investment", "capital_formation_oecd", asset=asset)  # millions
        return (dollars * data.series("investment_prices", "exchange_rate") / 1e4).dropna()  # yuan for 100 dollars
    levels = data.series("digital_investment", "fixed_asset_investment", asset=asset)
    return _chained(levels, data.series("digital_investment", "fixed_asset_investment_growth", asset=asset))


def _demand(asset: str) -> pd.Series:
    """Return domestic demand for a product by year: output less exports plus imports, then the growth of its revenue."""
    output, exports, imports = (
        data.series("digital_investment", f"{name}_oecd", asset=asset) for name in ("output", "exports", "imports")
    )
    yuan = (output - exports + imports) * data.series("investment_prices", "exchange_rate")
    return _chained(yuan.dropna(), data.series("digital_industry", REVENUE[asset]))


def _chained(levels: pd.Series, growth: pd.Series) -> pd.Series:
    """Return levels continued after their last year with growth rates in per cent."""
    later = (1 + growth.loc[levels.index[-1] + 1 :] / PER_CENT).cumprod() * levels.iloc[-1]
    return pd.concat([levels, later]).rename_axis("year")


def _extended(investment: pd.Series, asset: str, way: str) -> np.ndarray:
    """Return investment of all years, continued after the last one known by its trend, its level or its industry's revenue."""
    last = investment.index[-1]
    years = pd.RangeIndex(last + 1, YEARS[-1] + 1)
    if way == "revenue":
        growth = data.series("digital_industry", REVENUE[asset]).reindex(years)
    else:
        trend = algebra.mean_growth(investment, (last - algebra.HISTORY, last)) if way == "trend" else 0.0
        growth = pd.Series(trend, index=years, dtype=float)
    return _chained(investment, growth).loc[YEARS[0] :].to_numpy()


@data.remembered
def _price(asset: str, regime: str) -> pd.Series:
    """Return the price of one part under a regime, 2003 = 1. An official index that ends is continued as the page says."""
    deflator = accounts.gdp_deflator_growth().loc[YEARS[0] : YEARS[-1]]
    if regime.startswith("falling"):
        growth = deflator - float(regime.split()[1].rstrip("%"))
    elif regime == "producer prices" and asset == "hardware":
        growth = data.series("investment_prices", "producer_price_electronics").loc[YEARS[0] :] - PER_CENT
        growth = growth.reindex(deflator.index, method="ffill")
    elif regime == "investment prices":
        growth = (
            (data.series("investment_prices", "price_fixed_asset_investment") - PER_CENT).reindex(deflator.index).fillna(deflator)
        )
    else:
        growth = deflator
    return pd.concat([pd.Series({PRICE_YEARS[0]: 1.0}), (1 + growth / PER_CENT).cumprod()]).rename_axis("year")


def investment_price() -> pd.Series:
    """Return the price of fixed-asset investment by year, 2003 = 1; the GDP deflator continues it after 2019."""
    return _price("all assets", "investment prices").copy()


def _nominal_rate() -> pd.Series:
    return (1 + REAL_RATE) * (1 + accounts.gdp_deflator_growth() / PER_CENT) - 1


def workers_counted(name: str) -> pd.Series:
    return sum(data.series("employment", "employed", industry=industry) for industry in WORKERS[name])


def _geometric(depreciation: float) -> np.ndarray:
    return (1 - depreciation) ** np.arange(AGES + 1)


def _hyperbolic(life: int) -> np.ndarray:
    """Return efficiency times survival at each age for a mean service life."""
    longest = int(LONGEST * life)
    left = algebra.age_efficiency(longest, SHAPE) * algebra.survival(longest, life=life, deviation=SPREAD * life)
    return np.pad(left, (0, AGES - longest))
