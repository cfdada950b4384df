"""Weigh the built pages and time their loading: a first visit, later pages, the longest block of the main thread, shifts.

Sizes are those of files packed with gzip, as a server sends them. The processor is slowed down
four times. Run after `make book`: .venv/bin/python benchmarks/pages.py
"""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

from playwright.sync_api import Browser, sync_playwright

HTML = Path(__file__).parents[1] / "_build" / "html"
GOALS = {"first visit": 1500, "later page": 150, "blocked": 200, "shift": 0.1}  # kB, kB, ms, score
SLOWER = 4
WATCH = """
window.measured = {blocked: 0, shift: 0};
new PerformanceObserver(list => list.getEntries().forEach(e => measured.blocked = Math.max(measured.blocked, e.duration)))
  .observe({type: 'longtask', buffered: true});
new PerformanceObserver(list => list.getEntries().forEach(e => { if (!e.hadRecentInput) measured.shift += e.value; }))
  .observe({type: 'layout-shift', buffered: true});
"""


def packed(path: Path) -> float:
    """Return the size of a file in kB as it is sent: text packed, pictures and fonts as they are."""
    content = path.read_bytes()
    return len(content if path.suffix in (".png", ".woff2") else gzip.compress(content)) / 1000


def visit(browser: Browser, page_file: Path) -> tuple[set[Path], dict[str, float]]:
    """Return the files that a page loads, its charts included, and what was measured while it loaded."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    loaded: set[Path] = set()
    page.on("request", lambda request: loaded.add(Path(unquote(urlsplit(request.url).path))))
    page.add_init_script(WATCH)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(page_file.as_uri())
    page.wait_for_timeout(3000)
    measured = page.evaluate("measured")
    for chart in page.locator(".chart-view").all()[:1]:
        chart.scroll_into_view_if_needed()
        page.wait_for_selector(".chart-ready", timeout=60_000)
    page.close()
    return {path for path in loaded if path.is_file()}, measured


def main() -> None:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        pages = sorted(path for folder in ("book", "notebooks") for path in (HTML / folder).rglob("*.html"))
        found = {path: visit(browser, path) for path in pages}
        browser.close()
    print(f"{'page':45} {'first':>8} {'later':>8} {'blocked':>8} {'shift':>6}")
    worst = dict.fromkeys(GOALS, 0.0)
    for path, (files, measured) in found.items():
        row = {"first visit": sum(map(packed, files)), "later page": packed(path), **measured}
        worst = {name: max(worst[name], row[name]) for name in GOALS}
        print(f"{path.stem:45} {row['first visit']:5.0f} kB {row['later page']:5.0f} kB {row['blocked']:5.0f} ms {row['shift']:6.3f}")
    for name, goal in GOALS.items():
        print(f"{name}: at most {worst[name]:.3g} (goal {goal})")


if __name__ == "__main__":
    main()
