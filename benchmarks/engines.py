"""Efficiency from one to two workers for 200 tasks of exact fits: processes of this machine, and a Dask cluster on loopback.

    python benchmarks/engines.py

A task fits ARMA(1,1)+x to 92 values several times, each with 4,000 draws. Rates count from the tenth answer to the last, when the workers
have imported what they need; the whole time is beside it. One local worker is the calling process itself.
"""

from __future__ import annotations

import io
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TASKS, REPEATS, WARM = 200, 4, 10


def fits(*, seed: int) -> float:
    """Return the sum of the log evidence of some simulated series."""
    import numpy as np
    import pandas as pd

    from digital_economy import arimax

    samples = np.random.default_rng(seed).standard_normal((REPEATS, 2, 92))
    return sum(
        arimax.fit(pd.Series(y), pd.Series(x, name="x"), order=(1, 0, 1), seed=seed, method="exact").log_evidence for y, x in samples
    )


class Clock(io.StringIO):
    """A stream that notes when it is written to."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []

    def write(self, text: str) -> int:
        self.times += [time.perf_counter()] if text.strip() else []
        return len(text)


def measured(workers: int | None) -> tuple[float, float, dict]:
    """Return seconds a task once warm, seconds in all, and the results."""
    from engines import fits  # by this path a worker finds it too

    from digital_economy import engines

    clock, begin = Clock(), time.perf_counter()
    found = engines.run(fits, {str(seed): {"seed": seed} for seed in range(TASKS)}, workers=workers, progress=clock)
    return (clock.times[-1] - clock.times[WARM - 1]) / (TASKS - WARM), clock.times[-1] - begin, found.results


@contextmanager
def cluster(workers: int) -> Iterator[None]:
    """Set DASK_SCHEDULER_ADDRESS to a scheduler on loopback with so many workers."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "scheduler.json")
        path = os.pathsep.join([str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])])
        started = []
        for kind, *options in [("scheduler", "--port", "0"), *[("worker", "--nthreads", "1", "--no-nanny")] * workers]:
            command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", "--scheduler-file", str(file), *options]
            local = ["--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0"]
            started.append(subprocess.Popen([*command, *local], env={**os.environ, "PYTHONPATH": path}, stderr=subprocess.DEVNULL))
        while not file.exists():
            time.sleep(0.1)
        time.sleep(5)  # all workers are there
        os.environ["DASK_SCHEDULER_ADDRESS"] = json.loads(file.read_text())["address"]
        try:
            yield
        finally:
            del os.environ["DASK_SCHEDULER_ADDRESS"]
            for process in started:
                process.kill()
                process.wait()


def main() -> None:
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    found = {}
    for engine in ("processes", "Dask"):
        for workers in (1, 2):
            load = os.getloadavg()[0]
            if engine == "Dask":
                with cluster(workers):
                    found[engine, workers] = measured(None)
            else:
                found[engine, workers] = measured(workers)
            each, whole, _ = found[engine, workers]
            print(f"{engine:10} {workers} worker(s): {1000 * each:6.1f} ms a task, {whole:5.1f} s in all, load before {load:.1f}", flush=True)
        print(f"{engine:10} two against one: {found[engine, 1][0] / found[engine, 2][0]:.2f}")
    same = all(result == found["processes", 1][2] for _, _, result in found.values())
    print(f"the same results everywhere: {same}")


if __name__ == "__main__":
    main()
