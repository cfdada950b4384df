"""Growth of China's digital capital per worker under every combination of the choices that the report leaves open."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

from digital_economy import data, factorial
from digital_economy.accounts import Estimate
from digital_economy.capital import algebra
from digital_economy.capital.china import (
    ASSETS,
    DIMENSIONS,
    LIVES,
    LONGEST,
    PER_CENT,
    RATES,
    ROUTES,
    SHAPE,
    SPAN,
    SPREAD,
    WORKERS,
    YEARS,
    routes,
    stocks_per_worker,
    workers_counted,
)

MEANS = ("geometric", "arithmetic")


@data.remembered
def _variants() -> pd.DataFrame:
    frames = {route: _growth_of_variants(*stocks_per_worker(route)) for route in ASSETS} | {"apo": _apo_variants()}
    return pd.concat(frames, names=["route"]).reset_index(level="route").reset_index(drop=True)


def all_variants() -> pd.DataFrame:
    """Return growth of digital capital per worker over the span under every combination of choices, a row each.

    Columns: ``route``, one for each choice (missing where a route does not have it), and ``growth`` in per cent a year.
    """
    return _variants().copy()


def fan() -> pd.DataFrame:
    """Return the spread over all variants of the three inventory routes, 2018 = 100.

    Columns: ``year``, ``level`` (the part of the variants between the ends, in words), ``low``, ``high``.
    """
    whole = np.concatenate([stocks_per_worker(route)[1].reshape(len(YEARS), -1) for route in ASSETS], axis=1)
    index = PER_CENT * whole / whole[YEARS.get_loc(SPAN[0])]
    rows = {"all variants": (0, 1), "nine in ten": (0.05, 0.95), "half": (0.25, 0.75)}
    frames = [
        pd.DataFrame({"year": YEARS, "level": level, "low": low, "high": high})
        for level, ends in rows.items()
        for low, high in [np.quantile(index, ends, axis=1)]
    ]
    return pd.concat(frames, ignore_index=True)


def main_effects() -> pd.DataFrame:
    """Return how far each choice moves growth over the span, a row a route and choice.

    Columns: ``low`` and ``high``, the lowest and highest mean over the variants that make one choice, with
    ``at_low`` and ``at_high`` naming it; ``range`` in points; ``share`` of the variance of the route's
    variants that the choice explains alone, in per cent (the variants are a full factorial).
    """
    rows = []
    for route, variants in all_variants().groupby("route", sort=False):
        choices = [choice for choice in DIMENSIONS if variants[choice].nunique() > 1]
        shares = factorial.variance_shares(variants, "growth", choices)
        for choice in choices:
            means = variants.groupby(choice, sort=False)["growth"].mean()
            ends = {"low": means.min(), "at_low": means.idxmin(), "high": means.max(), "at_high": means.idxmax()}
            row = {"route": route, "choice": choice} | ends
            rows.append(row | {"range": shares.at[choice, "range"], "share": shares.at[choice, "alone"]})
    return pd.DataFrame(rows).sort_values(["route", "share"], ascending=[True, False], ignore_index=True)


def routes_growth() -> pd.DataFrame:
    """Return growth over the span by route, in per cent a year: central value, lowest and highest variant, their number."""
    variants = all_variants()
    by_route = variants.groupby("route", sort=False)["growth"]
    levels = routes().pivot(index="year", columns="route", values="value")
    central = {route: algebra.mean_growth(levels[route], SPAN) for route in ROUTES}
    return pd.DataFrame(
        {"value": central, "low": by_route.min(), "high": by_route.max(), "variants": by_route.size()}
    ).rename_axis("route")


def deepening_rate(route: str = "apo") -> Estimate:
    """Return growth of digital capital per worker over the span in per cent a year, with nine in ten of all variants."""
    low, high = all_variants()["growth"].quantile([0.05, 0.95])
    return Estimate(routes_growth().at[route, "value"], low, high)


def parameters() -> pd.DataFrame:
    """Return depreciation rates and service lives by route: the grid of the inventory routes."""
    rows = []
    for route, assets in ASSETS.items():
        life = {"mean life": LIVES[route], "shape": SHAPE, "deviation": SPREAD * LIVES[route], "maximum": LONGEST * LIVES[route]}
        for place, asset in enumerate(assets):
            rates = {f"{name} rate": rates[place] for name, rates in RATES[route].items()}
            rows.append({"route": route, "part": asset.replace("_", " "), **rates, **life})
    return pd.DataFrame(rows)


def _growth_of_variants(labels: dict[str, list[str]], paths: np.ndarray) -> pd.DataFrame:
    first, last = (YEARS.get_loc(year) for year in SPAN)
    geometric = (paths[last] / paths[first]) ** (1 / (last - first)) - 1
    arithmetic = (paths[first + 1 : last + 1] / paths[first:last] - 1).mean(axis=0)
    growth = PER_CENT * np.stack([geometric, arithmetic], axis=-1)
    index = pd.MultiIndex.from_product([*labels.values(), MEANS], names=DIMENSIONS)
    return pd.DataFrame({"growth": growth.ravel()}, index=index).reset_index()


def _apo_variants() -> pd.DataFrame:
    services = data.series("apo_productivity", "it_capital_services")
    counts = {"of the database": data.series("apo_productivity", "workers")} | {name: workers_counted(name) for name in WORKERS}
    return pd.DataFrame([
        {"workers": name, "mean": mean, "growth": algebra.deepening(services, workers, SPAN, mean=mean)}
        for (name, workers), mean in product(counts.items(), MEANS)
    ])  # fmt: skip
