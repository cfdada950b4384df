"""Weigh the built pages and time their loading: a first visit, later pages, the main thread's longest task, shifts.

Sizes are those of files packed with gzip, as a server sends them. The processor is slowed down four times.
A task is timed by the processor time that its thread took, so that other work on the machine counts little,
and each page is loaded a few times, the least counts. Needs a built book.
Run: .venv/bin/python benchmarks/pages.py [folder of the book] [width of the window]
"""

from __future__ import annotations

import gzip
import json
import shutil
import sys
from collections import defaultdict
from pathlib import Path
from urllib.parse import unquote, urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

HTML = Path(__file__).parents[1] / "_build" / "html"
GOALS = {"first": 1500, "later": 150, "longest": 200, "drawing": 200, "shift": 0.1}
UNITS = {"first": "kB", "later": "kB", "longest": "ms", "blocked": "ms", "drawing": "ms", "shift": ""}
SLOWER = 4
VISITS = 3
WATCH = """
window.measured = {shift: 0, busy: 0};
new PerformanceObserver(list => list.getEntries().forEach(e => measured.busy = Math.max(measured.busy, e.startTime + e.duration)))
  .observe({type: 'longtask', buffered: true});
new PerformanceObserver(list => list.getEntries().forEach(e => { if (!e.hadRecentInput) measured.shift += e.value; }))
  .observe({type: 'layout-shift', buffered: true});
"""
QUIET = "performance.now() - measured.busy > 1500"


def packed(path: Path) -> float:
    """Return the size of a file in kB as it is sent: text packed, pictures and fonts as they are."""
    content = path.read_bytes()
    return len(content if path.suffix in (".png", ".woff2") else gzip.compress(content)) / 1000


def tasks(trace: bytes) -> list[float]:
    """Return the processor time in ms of each task of the page's main thread, which is the busiest of the trace."""
    events = json.loads(trace)["traceEvents"]
    threads = {(e["pid"], e["tid"]) for e in events if e["name"] == "thread_name" and e["args"]["name"] == "CrRendererMain"}
    found = defaultdict(list)
    for event in events:
        if event["name"] == "RunTask" and (event["pid"], event["tid"]) in threads:
            found[event["pid"]].append(event.get("tdur", 0) / 1000)
    return max(found.values(), key=sum)


def wait(page: Page, condition: str) -> None:
    """Wait till a condition holds, asked from outside: the pages' policy forbids to evaluate text inside."""
    while not page.evaluate(condition):
        page.wait_for_timeout(250)


def scroll_through(page: Page) -> None:
    """Bring each chart near the view and wait till all are drawn."""
    for chart in page.locator(".chart-view").all():
        chart.scroll_into_view_if_needed()
    wait(page, "!document.querySelector('.chart:not(.chart-ready)')")


def visit(browser: Browser, address: str, width: int) -> tuple[set[Path], dict[str, float]]:
    """Return the files that a page and its charts load, and what was measured meanwhile."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    loaded: set[Path] = set()
    page.on("request", lambda request: loaded.add(Path(unquote(urlsplit(request.url).path))))
    page.add_init_script(WATCH)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    steps = []
    for step in (lambda: page.goto(address, timeout=120_000), lambda: scroll_through(page)):
        browser.start_tracing(page=page, categories=["disabled-by-default-devtools.timeline"])
        step()
        wait(page, QUIET)
        steps.append(tasks(browser.stop_tracing()))
    shift = page.evaluate("measured.shift")
    page.context.close()
    load, draw = steps
    blocked = sum(max(0, task - 50) for task in load)
    measured = {"longest": max(load), "blocked": blocked, "drawing": max(draw), "shift": shift}
    return {path for path in loaded if path.is_file()}, measured


def measure(browser: Browser, path: Path, width: int) -> dict[str, float]:
    """Return the row of a page: the least of its times, the greatest of its shifts."""
    visits = [visit(browser, path.as_uri(), width) for _ in range(VISITS)]
    row = {name: min(measured[name] for _, measured in visits) for name in ("longest", "blocked", "drawing")}
    weight = {"first": sum(map(packed, set.union(*(files for files, _ in visits)))), "later": packed(path)}
    return {**weight, **row, "shift": max(measured["shift"] for _, measured in visits)}


def line(name: str, row: dict[str, float]) -> str:
    """Return a row as it is printed."""
    cells = (f"{row[key]:7.3f}" if key == "shift" else f"{row[key]:6.0f} {unit}" for key, unit in UNITS.items())
    return f"{name:28} {' '.join(cells)}"


def main(html: Path = HTML, width: int = 1280) -> None:
    rows = {}
    print(f"{'page':28} {' '.join(f'{name:>{7 if name == "shift" else 9}}' for name in UNITS)}")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        for path in sorted(path for folder in ("book", "notebooks") for path in (html / folder).rglob("*.html")):
            rows[path] = measure(browser, path.resolve(), width)
            print(line(path.stem, rows[path]), flush=True)
        browser.close()
    for name, goal in GOALS.items():
        worst = max(rows, key=lambda path: rows[path][name])
        print(f"{name}: at most {rows[worst][name]:.3g} {UNITS[name]} (goal {goal}), {worst.stem}")


if __name__ == "__main__":
    main(*(read(argument) for read, argument in zip((Path, int), sys.argv[1:])))
