"""What the tests of the engines have done by workers, who import it by this path."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_info


def draws(series: pd.Series, *, seed: int) -> np.ndarray:
    """Return draws of a persistence: real work, of a length and a shape like that of the package's own."""
    from digital_economy import arimax  # seconds, which the other tasks do not need

    return arimax.fit(series, order=(1, 0, 1), seed=seed, method="exact", draws=25).draws["phi"]


def counted(number: int, *, folder: str, pause: float = 0.0) -> int:
    """Return the square of a number; each execution leaves a file, named for its worker."""
    Path(folder, f"{number}.{os.getpid()}.{time.monotonic_ns()}").touch()
    time.sleep(pause)
    return number**2


def deadly(number: int, *, folder: str, times: int) -> int:
    """Return the square of a number, after so many executions that kill the worker."""
    counted(number, folder=folder)
    if len(list(Path(folder).glob(f"{number}.*"))) <= times:
        os.kill(os.getpid(), signal.SIGKILL)
    return number**2


def fussy(number: int) -> int:
    """Return the number, or refuse it."""
    if number == 2:
        raise ValueError("number: found 2; right is another")
    return number


def wrong() -> None:
    """Raise what is a mistake of the programmer, not of the data."""
    raise KeyError("wrong")


def threads() -> set[int]:
    """Return the numbers of threads that the linear algebra would use."""
    return {library["num_threads"] for library in threadpool_info()}
