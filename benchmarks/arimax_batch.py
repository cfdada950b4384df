"""Time thousands of ARIMAX posteriors at once, and the exact engine on a sample of the same series beside them.

Full posterior and evidence in double precision, from NumPy arrays to NumPy arrays, on the device that JAX finds; the best
of up to three runs in two seconds, after one that compiles.

    .venv/bin/python benchmarks/arimax_batch.py            print
    .venv/bin/python benchmarks/arimax_batch.py --store    and keep the rows of this device in data/results/batch_speed.csv
"""

from __future__ import annotations

import os
import platform
import sys
import time
from datetime import date
from pathlib import Path

import jax
import numpy as np
import pandas as pd

from digital_economy import arimax, arimax_batch, arimax_exact, arma, data, stored
from digital_economy.arimax_sample import Sample

SERIES = {(1, 0, 0): 10_000, (1, 0, 1): 2_000, (2, 0, 0): 2_000}
LENGTHS, ALONE, SEED = (12, 40, 100), 40, 1


def panel(order: tuple[int, int, int], length: int) -> tuple[np.ndarray, np.ndarray]:
    """Return series (N, T) drawn from the priors' autocorrelations, each with a random walk for a regressor (N, T, 1)."""
    rng, series = np.random.default_rng(SEED), SERIES[order]
    ar, ma = (np.clip(rng.normal(0, 0.5, (size, series)), -0.99, 0.99) for size in order[::2])
    phi = [1.0, *(-one[:, None] for one in arma.from_partials(list(ar)))]
    theta = [1.0, *(one[:, None] for one in arma.moving_average(list(ma)))]
    noise = arma.divide(arma.multiply(rng.standard_normal((series, length + 200)), theta), phi)[:, 200:]
    x = rng.standard_normal((series, length, 1)).cumsum(axis=1)
    return noise + 0.3 * x[..., 0], x


def measured(order: tuple[int, int, int], length: int) -> dict:
    """Return the times of one size and its distance from the exact engine."""
    y, x = panel(order, length)
    load, took = os.getloadavg()[0], []
    while len(took) < 2 or len(took) < 4 and sum(took[1:]) < 2:
        start = time.perf_counter()
        found = arimax_batch.integrate(y, x, order=order)
        took.append(time.perf_counter() - start)
    settled = np.setdiff1d(np.arange(len(y)), found.unsettled)[:ALONE]
    alone, apart = zip(*(beside(found, row, y[row], x[row], order) for row in settled))
    return {
        "order": str(order).replace(" ", ""),
        "length": length,
        "series": len(y),
        "seconds": round(min(took[1:]), 4),
        "series_a_second": round(len(y) / min(took[1:])),
        "first_seconds": round(took[0], 2),
        "exact_a_second": round(1 / np.median(alone), 1),
        "largest_difference_sd": float(f"{max(apart):.1e}"),
        "unsettled": len(found.unsettled),
        "load": round(load, 1),
    }


def beside(found: arimax_batch.Panel, row: int, y: np.ndarray, x: np.ndarray, order: tuple[int, int, int]) -> tuple[float, float]:
    """Return the exact engine's seconds for one series, and how far apart the two are: moments in sds, evidence in logs."""
    sample = Sample.of(
        pd.Series(y), pd.DataFrame(x, columns=["1"]), order=order, form="regression", constant=True, standardise=True
    )
    start = time.perf_counter()
    posterior = arimax_exact.integrate(sample.series, sample.design, sample.missing, order=order[::2], priors=arimax.Priors())
    took = time.perf_counter() - start
    fit = arimax.Fit(sample, arimax.Priors(), "exact", SEED, 1, {}, integral=posterior)
    moments, ours = fit.moments(), found.moments(row)
    apart = (np.abs(ours - moments).to_numpy() / moments[["sd"]].to_numpy()).max()
    return took, max(apart, abs(fit.log_evidence - found.log_evidence[row]))


def device() -> str:
    """Return the name of what JAX computes on."""
    if jax.default_backend() != "cpu":
        return jax.devices()[0].device_kind
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{os.cpu_count()} cores, {names[0] if names else platform.machine()}"


def main() -> None:
    start, rows = time.perf_counter(), []
    made = {"device": device(), "date": date.today().isoformat(), "versions": stored.versions()}
    print(*made.values(), sep=", ")
    for order in SERIES:
        for length in LENGTHS:
            rows.append(measured(order, length))
            print(pd.DataFrame(rows[-1:]).to_string(index=False, header=len(rows) == 1), flush=True)
    if "--store" in sys.argv:
        before = data.load("batch_speed")
        others = before[before["device"] != made["device"]]
        frame = pd.concat([others, pd.DataFrame(rows).assign(**made)[list(before)]])
        stored.keep("batch_speed", frame, seed=SEED, seconds=time.perf_counter() - start)


if __name__ == "__main__":
    main()
