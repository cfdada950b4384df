"""Results that take longer than a page may: kept as tables of ``data/results/`` with their seed, versions, date and duration."""

from __future__ import annotations

import os
import platform
from datetime import date
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from digital_economy import data

PACKAGES = ("numpy", "scipy", "pandas", "pymc", "nutpie", "jax")


def keep(name: str, frame: pd.DataFrame, *, seed: int, seconds: float) -> None:
    """Write a stored result and enter its run in the table ``runs``; a reader meets the old files or the new, never half of one."""
    run = {"result": name, "date": date.today().isoformat(), "seed": seed, "seconds": round(seconds), "versions": versions()}
    before = data.load("runs")
    others = before[before["result"] != name]
    _write(name, frame)
    _write("runs", pd.concat([others, pd.DataFrame([run])]).sort_values("result"))


def run(name: str) -> pd.Series:
    """Return when and with what a stored result was made: ``date, seed, seconds, versions``.

    Raises
    ------
    DataError
        No such result.
    """
    runs = data.load("runs").set_index("result")
    if name not in runs.index:
        raise data.DataError(f"runs: found no result {name!r}; right is one of {list(runs.index)}")
    return runs.loc[name]


def versions() -> str:
    """Return Python's version and those of the packages that numbers depend on."""
    return ", ".join([f"python {platform.python_version()}", *(f"{name} {version(name)}" for name in PACKAGES)])


def _write(name: str, frame: pd.DataFrame) -> None:
    path = data.DATA / "results" / f"{name}.csv"
    draft = Path(f"{path}.new")
    frame.to_csv(draft, index=False, lineterminator="\n")
    os.replace(draft, path)
