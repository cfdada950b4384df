"""Time the two ways to the ARIMAX posterior, and pymc-extras' BayesianSARIMAX beside them where it can be imported.

ARMA(1, 1) with a regressor (friedman2, 92 quarters) and AR(2) with a trend (Lake Huron, 98 years), 4 chains of 1,000 + 1,000.
Every sampler runs in a fresh process with empty caches; the exact engine's times are the best of many.

    .venv/bin/python benchmarks/arimax.py                            ours alone
    PEER_PYTHON=/path/to/python .venv/bin/python benchmarks/arimax.py   with the peer of another environment
                                                                     (pip install pymc-extras numpyro nutpie)
    ... benchmarks/arimax.py --default                               and with the peer's default sampler: minutes
"""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CASES = {"ARMA(1,1)+x": (1, 0, 1), "AR(2)+x": (2, 0, 0)}
COLUMNS = ("tool", "total s", "compile s", "sample s", "least ESS", "ESS a second", "R-hat", "divergences", "off by sd", "memory MB")


def ours(case: str) -> dict:
    """Return the times and the posterior of our NUTS path, the imports counted, and of a second fit."""
    begin = time.perf_counter()
    from digital_economy import arimax

    y, x = data(case)
    fit = arimax.fit(y, x, order=CASES[case], seed=1)
    total = time.perf_counter() - begin
    again = time.perf_counter()
    arimax.fit(y + 1, x, order=CASES[case], seed=2)
    second = time.perf_counter() - again
    table = fit.diagnostics()
    return {"total": total, "sample": second, "divergences": fit.divergences, **summary(table)}


def integrated(case: str) -> dict:
    """Return the times of the exact engine."""
    from digital_economy import arimax, arimax_exact
    from digital_economy.arimax_sample import Sample

    y, x = data(case)

    def best(action, times: int = 30) -> float:
        took = []
        for _ in range(times):
            start = time.perf_counter()
            action()
            took.append(time.perf_counter() - start)
        return min(took)

    sample = Sample.of(y, x, order=CASES[case], form="regression", constant=True, standardise=True)
    p, _, q = CASES[case]
    fit = arimax.fit(y, x, order=CASES[case], seed=1, method="exact")
    future = x.iloc[-7:].set_axis([x.index[-1] + step for step in range(1, 8)])
    return {
        "integrate": best(
            lambda: arimax_exact.integrate(sample.series, sample.design, sample.missing, order=(p, q), priors=arimax.Priors())
        ),
        "fit": best(lambda: arimax.fit(y, x, order=CASES[case], seed=1, method="exact")),
        "fit and forecast": best(lambda: arimax.fit(y, x, order=CASES[case], seed=1, method="exact").forecast(future)),
        "lengths": {
            length: best(lambda: arimax.fit(*simulated(length), order=(1, 0, 1), seed=1, method="exact", draws=250), 3)
            for length in (100, 1000, 10_000)
        },
        "mean": fit.moments()["mean"].to_dict(),
        "sd": fit.moments()["sd"].to_dict(),
        "memory": memory(),
    }


def peer(case: str, sampler: str, draws: int) -> dict:
    """Return the times and the posterior of BayesianSARIMAX with the same priors on the same standardised data."""
    y, x, order = json.load(sys.stdin)
    begin = time.perf_counter()
    import arviz
    import numpy as np
    import pandas as pd
    import pymc as pm
    import pytensor.tensor as pt
    from pymc_extras.statespace import BayesianSARIMAX

    p, _, q = order
    exog = pd.DataFrame({"constant": np.ones(len(y)), "x": x})
    model = BayesianSARIMAX(order=tuple(order), exog_state_names=["constant", "x"], verbose=False)
    with pm.Model(coords=model.coords):
        for name, count, sign in (("ar", p, 1), ("ma", q, -1)):
            if count:
                partial = pm.TruncatedNormal(f"partial_{name}", 0, 0.5, lower=-1, upper=1, shape=count)
                phi: list = []
                for i in range(count):
                    last = sign * partial[i]
                    phi = [one - last * other for one, other in zip(phi, reversed(phi))] + [last]
                pm.Deterministic(f"{name}_params", sign * pt.stack(phi), dims=model.param_dims[f"{name}_params"])
        pm.Deterministic("beta_exog", pt.stack([pm.Normal("level", 0, 1), pm.Normal("effect", 0, 0.5)]))
        pm.HalfNormal("sigma_state", 1)
        pm.Data("exogenous_data", exog.to_numpy())
        model.build_statespace_graph(pd.DataFrame({"y": y}))
        compiled = {"backend": "jax", "compile_kwargs": {"gradient_backend": "jax"}}
        settings = {"default": {}, "numpyro": {"nuts_sampler": "numpyro"}, "nutpie": {"nuts_sampler": "nutpie", **compiled}}[sampler]
        trace = pm.sample(draws, tune=1000, chains=4, random_seed=1, progressbar=False, target_accept=0.9, **settings)
    total = time.perf_counter() - begin
    names = ["beta_exog", *(["ar_params"] if p else []), *(["ma_params"] if q else []), "sigma_state"]
    table = arviz.summary(trace, var_names=names, round_to="none").astype(float)
    return {"total": total, "divergences": int(trace.sample_stats["diverging"].sum()), **summary(table)}


def data(case: str):
    """Return the series and the regressor of a case."""
    import numpy as np
    import pandas as pd
    from statsmodels.tsa.arima.datasets.brockwell_davis_2002 import lake
    from statsmodels.tsa.statespace.tests.results import results_sarimax

    if case == "AR(2)+x":
        return pd.Series(lake.to_numpy() + 570, index=range(1875, 1973)), pd.Series(np.arange(98.0) - 45, index=range(1875, 1973), name="x")
    friedman = results_sarimax.friedman2_data
    return pd.Series(friedman["consump"]), pd.Series(friedman["m2"], name="x")


def simulated(length: int):
    """Return a series and a regressor of a length."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(length)
    return pd.Series(rng.standard_normal(length)), pd.Series(rng.standard_normal(length), name="x")


def summary(table) -> dict:
    return {
        "ess": table["ess_bulk"].min(),
        "r_hat": table["r_hat"].max(),
        "mean": table["mean"].to_dict(),
        "sd": table["sd"].to_dict(),
        "mcse": table["mcse_mean"].to_dict(),
        "memory": memory(),
    }


def memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def child(python: str, *arguments: str, given: str = "") -> dict:
    """Return what this file prints in a fresh process with empty caches."""
    with tempfile.TemporaryDirectory() as folder:
        caches = {"PYTENSOR_FLAGS": f"base_compiledir={folder}", "NUMBA_CACHE_DIR": folder}
        command = [python, str(Path(__file__).resolve()), *arguments]
        done = subprocess.run(command, env={**os.environ, **caches}, input=given, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def standardised(case: str) -> str:
    y, x = data(case)
    return json.dumps([((v - v.mean()) / v.std()).tolist() for v in (y, x)] + [CASES[case]])


def off(case: str, found: dict, reference: dict, *, theirs: bool = False) -> float:
    """Return the largest difference from the exact means, in posterior standard deviations."""
    means = found["mean"]
    if theirs:
        y, x = data(case)
        p, _, q = CASES[case]
        values, slope = list(means.values()), y.std() / x.std()
        effect = values[1] * slope
        means = dict(zip(reference["mean"], [y.mean() + y.std() * values[0] - effect * x.mean(), effect, *values[2 : 2 + p + q], y.std() * values[-1]]))
    return max(abs(means[name] - value) / reference["sd"][name] for name, value in reference["mean"].items())


def row(tool: str, found: dict, difference: float) -> str:
    sample = found.get("sample")
    cells = (
        f"{found['total']:.1f}",
        "" if sample is None else f"{found['total'] - sample:.1f}",
        "" if sample is None else f"{sample:.1f}",
        f"{found['ess']:.0f}",
        f"{found['ess'] / found['total']:.1f}",
        f"{found['r_hat']:.3f}",
        f"{found['divergences']}",
        f"{difference:.3f}",
        f"{found['memory']:.0f}",
    )
    return f"{tool:34}" + "".join(f"{cell:>13}" for cell in cells)


def main() -> None:
    python, default = os.environ.get("PEER_PYTHON"), "--default" in sys.argv
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {sys.version.split()[0]}, load {os.getloadavg()[0]:.1f}")
    for case in CASES:
        exact = child(sys.executable, "integrated", case)
        print(f"\n{case}\nexact engine: posterior and evidence {1000 * exact['integrate']:.1f} ms; fit with 4,000 draws {1000 * exact['fit']:.1f} ms; "
              f"and a 7-step forecast {1000 * exact['fit and forecast']:.1f} ms; {exact['memory']:.0f} MB")
        print("by length, ARMA(1,1)+x: " + ", ".join(f"{length} in {1000 * took:.0f} ms" for length, took in exact["lengths"].items()))
        print(f"{COLUMNS[0]:34}" + "".join(f"{name:>13}" for name in COLUMNS[1:]))
        nuts = child(sys.executable, "ours", case)
        print(row("NUTS, ours (sample: a second fit)", nuts, off(case, nuts, exact)), flush=True)
        for sampler in ["nutpie", "numpyro", *(["default"] if default else [])] if python else []:
            found = child(python, "peer", case, sampler, "1000", given=standardised(case))
            print(row(f"BayesianSARIMAX, {sampler}", found, off(case, found, exact, theirs=True)), flush=True)
    if not python:
        print("\nBayesianSARIMAX: not run; set PEER_PYTHON to a Python that has pymc-extras")


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] in ("ours", "integrated", "peer"):
        kind, case, *rest = sys.argv[1:]
        print(json.dumps({"ours": ours, "integrated": integrated, "peer": lambda *a: peer(a[0], a[1], int(a[2]))}[kind](case, *rest)))
    else:
        main()
