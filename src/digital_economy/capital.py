"""Capital: stocks, services and deepening, and the routes to China's digital capital per worker."""

from __future__ import annotations

import pandas as pd

from digital_economy import data

ROUTES = ("apo",)


def digital_capital_per_worker(route: str = "apo") -> pd.Series:
    """Return digital capital per worker by year under one route, over the years it is observed, nothing extrapolated.

    ``apo``: the volume index of information-technology capital services of the APO Productivity Database
    over its number of workers, 2010 = 1, 2000 to 2023.

    Raises
    ------
    ValueError
        Unknown route.
    """
    if route not in ROUTES:
        raise ValueError(f"no route {route!r} to digital capital per worker: right is one of {list(ROUTES)}")
    services, workers = (data.series("apo_productivity", name) for name in ("it_capital_services", "workers"))
    per_worker = services / workers
    return (per_worker / per_worker[2010]).rename("digital_capital_per_worker")
