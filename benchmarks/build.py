"""Time `make book` in a copy of the project: cold, with nothing changed, with one notebook edited.

Set-up is not counted: the copy shares the environment. Run: .venv/bin/python benchmarks/build.py
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from jupyter_cache import get_cache

ROOT = Path(__file__).parents[1]
NOTEBOOK = "notebooks/ch1_new_stage/fig02_scale.md"
GOALS = {"cold": 60, "nothing changed": 8, "one notebook edited": 20}  # seconds


def build(root: Path) -> float:
    """Return the seconds that `make book` takes."""
    start = time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(root / "src")}
    subprocess.run(["make", "book"], cwd=root, env=environment, check=True, capture_output=True)
    return time.perf_counter() - start


def notebook_seconds(root: Path) -> dict[str, float]:
    """Return the seconds each notebook took, the start of its kernel included."""
    (path,) = root.glob("_build/cache/*")
    records = get_cache(path).list_cache_records()
    return {Path(record.uri).stem: record.data["execution_seconds"] for record in records}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(".git", ".venv", "_build", "*.egg-info"))
        (root / ".venv").symlink_to(ROOT / ".venv")
        seconds = {"cold": build(root), "nothing changed": build(root)}
        notebooks = notebook_seconds(root)
        path = root / NOTEBOOK
        path.write_text(path.read_text(encoding="utf-8").replace("size_2024=size[2024]", "size_2024=1 + size[2024]"))
        seconds["one notebook edited"] = build(root)
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {sys.version.split()[0]}")
    for name, took in seconds.items():
        print(f"{name:22} {took:6.1f} s   (goal {GOALS[name]} s)")
    print(f"{len(notebooks)} notebooks, run on all cores at once: {sum(notebooks.values()):.1f} s of kernels, start included")
    for name, took in sorted(notebooks.items(), key=lambda pair: -pair[1]):
        print(f"    {name:32} {took:5.1f} s")
    print(f"the rest is Sphinx and copying the pages: {seconds['one notebook edited'] - notebooks[Path(NOTEBOOK).stem]:.1f} s")


if __name__ == "__main__":
    main()
