"""Time the scenario explorer in headless Chromium, from a reader's movement to the painted picture, and weigh its data.

Needs a built book. Run: .venv/bin/python benchmarks/explorer.py [folder of the book]
"""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
PAGE = "notebooks/ch3_new_paths/fig09_forecast.html"
GOALS = {"input to picture (ms)": 50, "data (kB)": 300}
MOVE = """async () => {
  const form = document.querySelector(".explorer form"), took = [];
  const painted = () => new Promise((done) => requestAnimationFrame(() => {
    const channel = new MessageChannel();  // its message comes after the frame
    channel.port1.onmessage = done;
    channel.port2.postMessage(0);
  }));
  for (const outcome of form.elements.outcome)
    for (const prior of form.elements.prior)
      for (const rate of [0, 4.5, 11.53, 20]) {
        await painted();
        outcome.checked = prior.checked = true;
        form.elements.slider.value = rate;
        const start = performance.now();
        form.elements.slider.dispatchEvent(new Event("input", { bubbles: true }));
        document.body.offsetHeight;  // makes the browser lay the page out
        const computed = performance.now() - start;
        await painted();
        took.push([computed, performance.now() - start]);
      }
  return took;
}"""


def milliseconds(page_path: Path, *, slower: int = 1) -> list[list[float]]:
    """Return for each of a series of movements the milliseconds to the laid-out page and to the painted one."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
        page.goto(page_path.as_uri() + "#rate=0")
        took = [time for _ in range(3) for time in page.evaluate(MOVE)]
        browser.close()
    return took


def data_kilobytes(page_path: Path) -> float:
    """Return the kilobytes of the explorer's data block in the written page."""
    explorer = page_path.read_text(encoding="utf-8").split('class="explorer"')[1]
    return len(explorer.split('<script type="application/json">')[1].split("</script>")[0].encode()) / 1000


def main() -> None:
    page = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "_build" / "html", PAGE).resolve()
    print(f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}")
    print(f"data {data_kilobytes(page):.0f} kB (goal {GOALS['data (kB)']}), page {page.stat().st_size / 1000:.0f} kB")
    for slower in (1, 4):
        computed, painted = zip(*milliseconds(page, slower=slower))
        print(f"processor {slower} times slower, {len(painted)} movements (goal {GOALS['input to picture (ms)']} ms from input to picture)")
        for name, times in {"computed and laid out": computed, "painted": painted}.items():
            print(f"    {name:22} fastest {min(times):5.1f} ms, median {statistics.median(times):5.1f} ms, slowest {max(times):5.1f} ms")


if __name__ == "__main__":
    main()
