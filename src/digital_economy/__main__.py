"""Commands of the compendium: freeze the results, verify them, write the README's table, make the teaching material."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from digital_economy import calibration, data, engines, forecast, ledger, sector_costs, sensitivity, stored

ROOT = Path(__file__).parents[2]
RESULT_COLUMNS = ["claim", "value", "low", "high", "basis", "function", "monte_carlo_error"]
TABLE_START, TABLE_END = "<!-- table of report items: make readme -->\n", "<!-- end of table -->"


def freeze() -> int:
    """Write the answers of this edition to ``data/results.csv``."""
    ledger.answers()[RESULT_COLUMNS].to_csv(data.DATA / "results.csv", index=False, lineterminator="\n")
    return 0


def verify() -> int:
    """Recompute every frozen answer, write ``_build/verify.html``; return 1 if any moved."""
    table = ledger.compare(data.load("results"), ledger.answers()[RESULT_COLUMNS])
    page = ROOT / "_build" / "verify.html"
    page.parent.mkdir(exist_ok=True)
    page.write_text(f'<!doctype html><meta charset="utf-8"><title>Verify</title>{table.to_html()}', encoding="utf-8")
    moved = table[table["moved"]]
    print(f"{len(table)} results recomputed, {len(moved)} moved")
    for row in moved.itertuples():
        print(f"  {row.claim}: {row.value_frozen} [{row.low_frozen}, {row.high_frozen}] is now "
              f"{row.value_now} [{row.low_now}, {row.high_now}]")
    return int(len(moved) > 0)


def own_data() -> int:
    """Check the reader's own tables and those of ours that refer to them."""
    data.check_replaced()
    print(f"own data in place of these tables: {', '.join(data.replaced())}")
    return 0


def readme() -> int:
    """Write the table of report items into the README."""
    path = ROOT / "README.md"
    head, _, rest = path.read_text(encoding="utf-8").partition(TABLE_START)
    tail = rest.partition(TABLE_END)[2]
    path.write_text(head + TABLE_START + "\n" + items_table() + "\n" + TABLE_END + tail, encoding="utf-8")
    return 0


def calibrate() -> int:
    """Run simulation-based calibration and store how the ranks fall; return 1 if a batch was refused."""
    tasks = {key: arguments for study in calibration.STUDIES for key, arguments in study.tasks().items()}
    return _store("calibration", calibration.ranks, tasks, calibration.table, seed=calibration.SEED)


def vary() -> int:
    """Forecast 2030 under every combination of choices and store the answers; return 1 if a combination was refused."""
    tasks = {" ".join(map(str, choice.values())): choice for choice in sensitivity.grid()}
    return _store("sensitivity", sensitivity.outlook, tasks, sensitivity.table, seed=forecast.SEED)


def pool() -> int:
    """Sample the hierarchies of the sectors' cost ratios and store them; return 1 if one did not converge."""
    tasks = {model: {"model": model} for model in sector_costs.POOLINGS}
    return _store("sectors", sector_costs.hierarchy, tasks, sector_costs.table, seed=sector_costs.SEED)


def _store(name: str, function: Callable, tasks: dict[str, dict], gather: Callable, *, seed: int) -> int:
    """Run the tasks, those of an interrupted run only where they are not done, and store what ``gather`` makes of them."""
    start = time.monotonic()
    found = engines.run(function, tasks, store=ROOT / "_build" / name)
    for key, reason in found.refused.items():
        print(f"{key}: {reason}", file=sys.stderr)
    if found.refused:
        return 1
    stored.keep(name, gather(found.results), seed=seed, seconds=time.monotonic() - start)
    return 0


def items_table() -> str:
    """Return the table of report items in Markdown."""
    lines = ["| report item | notebook | function | tables | verdict |", "| --- | --- | --- | --- | --- |"]
    for row in ledger.items().itertuples():
        notebook = f"[{row.notebook}](notebooks/{row.notebook}.md)"
        lines.append(f"| {row.item}: {row.subject_en} | {notebook} | `{row.function}` | {row.tables} | {row.verdict} |")
    return "\n".join(lines) + "\n"


def teach() -> int:
    """Write the teaching material into ``_build/teaching``."""
    from digital_economy import teaching  # stands on the book's packages, which the other commands do without

    written = teaching.write(ROOT / "_build" / "teaching")
    print(f"_build/teaching: {len(written)} files from {len(teaching.taught())} notebooks")
    return 0


COMMANDS = {
    "freeze": freeze,
    "verify": verify,
    "own_data": own_data,
    "readme": readme,
    "calibration": calibrate,
    "sensitivity": vary,
    "sectors": pool,
    "teaching": teach,
}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:
        sys.exit(f"usage: python -m digital_economy {{{','.join(COMMANDS)}}}")
    try:
        sys.exit(COMMANDS[sys.argv[1]]())
    except data.DataError as error:
        sys.exit(f"DataError: {error}")
