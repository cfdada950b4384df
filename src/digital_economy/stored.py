"""Results that take longer than a page may: kept as tables of ``data/results/`` with their seed, versions, date and duration."""

from __future__ import annotations

import hashlib
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
    before = data.load("runs")
    others = before[before["result"] != name]
    run = {
        "result": name,
        "date": date.today().isoformat(),
        "seed": seed,
        "seconds": round(seconds),
        "digest": _write(name, frame),
        "versions": versions(),
    }
    _write("runs", pd.concat([others, pd.DataFrame([run])]).sort_values("result"))


def load(name: str) -> pd.DataFrame:
    """Return a stored result, checked against its schema and against the digest of its run.

    Raises
    ------
    DataError
        No such result, or a file that is not the one that its run wrote.
    """
    expected, found = run(name)["digest"], digest((_folder() / f"{name}.csv").read_text(encoding="utf-8"))
    if found != expected:
        raise data.DataError(f"{name}: found a file with the digest {found}; right is {expected}, that of its run: make {name}")
    return data.load(name)


def run(name: str) -> pd.Series:
    """Return when and with what a stored result was made: ``date, seed, seconds, digest, versions``.

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


def digest(text: str) -> str:
    """Return the first sixteen digits of the SHA-256 digest of a table's text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _folder() -> Path:
    return data.DATA / "results"


def _write(name: str, frame: pd.DataFrame) -> str:
    """Write a table whole or not at all, and return its digest."""
    text, path = frame.to_csv(index=False, lineterminator="\n"), _folder() / f"{name}.csv"
    draft = path.with_suffix(".new")
    draft.write_text(text, encoding="utf-8", newline="\n")
    os.replace(draft, path)
    return digest(text)
