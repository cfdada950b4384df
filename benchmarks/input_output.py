"""Print the time of a 500-sector Leontief inverse with shares (goal: under 0.2 s) and of the steps of the China pages.

Run: .venv/bin/python benchmarks/input_output.py
"""

from __future__ import annotations

from time import perf_counter

import numpy as np
import pandas as pd

from digital_economy import costs, drifting_slopes, elasticities, inputoutput, specifications

SECTORS = 500


def main() -> None:
    rng = np.random.default_rng(1)
    weights = rng.random((SECTORS, SECTORS))
    coefficients = pd.DataFrame(0.6 * weights / weights.sum(axis=0))
    steps = {
        f"{SECTORS}-sector inverse and complete shares": lambda: inputoutput.input_share(
            coefficients, [0, 1, 2], measure="complete_share"
        ),
        "five tables of China, 160 digital shares": inputoutput.all_shares,
        "agreement of 160 shares with footnote 4": inputoutput.agreements,
        "accounts of 26 industrial sectors": costs.accounts,
        "672 specifications of the cost ratio": lambda: specifications.curve("cost_ratio"),
        "wild cluster bootstrap, two intervals": lambda: specifications.bootstrap("cost_ratio"),
        "drifting slopes, exact posterior": elasticities.exact_draws,
        "drifting slopes, PyMC (compiling and sampling)": lambda: drifting_slopes.sample(elasticities.turned(), seed=1),
    }
    for name, step in steps.items():
        start = perf_counter()
        step()
        print(f"{perf_counter() - start:7.3f} s  {name}")


if __name__ == "__main__":
    main()
