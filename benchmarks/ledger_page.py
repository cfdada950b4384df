"""Time the ledger: its computation, and in headless Chromium the filtering of its page, layout included.

Needs a built book. Run: .venv/bin/python benchmarks/ledger_page.py [folder of the book]
"""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
PAGE = "notebooks/reproduction/ledger.html"
GOALS = {"ledger (s)": 3, "page (kB)": 600, "filter (ms)": 50}
LEDGER = """import time
from digital_economy import ledger
start = time.perf_counter()
ledger.ledger()
print(time.perf_counter() - start)"""
FILTER = """async () => {
  const ledger = document.querySelector(".ledger"), search = ledger.querySelector("input"), took = [];
  for (const words of ["GDP", "", "数字经济", "5g 基站", "", "cost ratio", "no such words", ""]) {
    await new Promise(requestAnimationFrame);
    search.value = words;
    const start = performance.now();
    search.dispatchEvent(new Event("input", { bubbles: true }));
    document.body.offsetHeight;  // makes the browser lay the page out
    took.push(performance.now() - start);
  }
  return took;
}"""


def ledger_seconds() -> float:
    """Return the seconds that the whole ledger takes in a new process, reading and checking the tables included."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, "-c", LEDGER], env=environment, check=True, capture_output=True, text=True)
    return float(done.stdout)


def filter_milliseconds(page_path: Path) -> list[float]:
    """Return the milliseconds of each of a series of searches, from the key to the laid-out page."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(page_path.as_uri())
        took = [time for _ in range(5) for time in page.evaluate(FILTER)]
        browser.close()
    return took


def main() -> None:
    page = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "_build" / "html", PAGE).resolve()
    times = filter_milliseconds(page)
    found = {
        "ledger (s)": ledger_seconds(),
        "page (kB)": page.stat().st_size / 1000,
        "filter (ms)": max(times),
    }
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {sys.version.split()[0]}")
    for name, value in found.items():
        print(f"{name:12} {value:7.1f}   (goal {GOALS[name]})")
    print(f"filter: median {statistics.median(times):.1f} ms of {len(times)} searches, the slowest above")


if __name__ == "__main__":
    main()
