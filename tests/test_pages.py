"""The built book stands alone: in a browser, from a folder, at two widths, with and without scripts."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml

from digital_economy import ledger

playwright = pytest.importorskip("playwright.sync_api")

ROOT = Path(__file__).parents[1]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
LOCAL = ("file:", "data:", "blob:")
LOADS = {("script", "src"), ("img", "src"), ("iframe", "src"), ("link", "href")}
TOC = yaml.safe_load((ROOT / "book" / "_toc.yml").read_text(encoding="utf-8"))
PAGES = [TOC["root"], *(page["file"] for part in TOC["parts"] for page in part["chapters"])]


class Links(HTMLParser):
    """Collect what a page links to, what it loads, and the anchors it has."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value and name in ("href", "src"):
                self.links.append(value)
                if (tag, name) in LOADS:
                    self.loads.append(value)


@pytest.mark.parametrize("name", PAGES)
def test_page_loads_nothing_from_outside_and_links_lead_somewhere(html: Path, name: str) -> None:
    page = html / f"{name}.html"
    found = Links(page)
    assert not [url for url in found.loads if urlsplit(url).netloc]
    inside = [urlsplit(url) for url in found.links]
    paths = {unquote(url.path) for url in inside if url.path and not url.scheme and not url.netloc}
    assert not [path for path in paths if not (page.parent / path).resolve().exists()]


@pytest.fixture(scope="module")
def browser() -> Iterator:
    if not CHROMIUM:
        if os.environ.get("CI"):
            pytest.fail("no Chromium: .ci/run installs it")
        pytest.skip("no Chromium on this machine")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", PAGES)
def test_page_in_a_browser(browser, html: Path, name: str, width: int) -> None:
    """No error in the console, no request to a host, every chart drawn, no sideways scroll."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    errors, requests = [], []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto((html / f"{name}.html").as_uri())
    page.wait_for_function("document.querySelectorAll('.chart:not(.chart-ready)').length === 0", timeout=15_000)
    assert not errors
    assert not [url for url in requests if not url.startswith(LOCAL)]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".chart .chart-view svg").count() == page.locator(".chart").count()
    if name.startswith("notebooks/"):
        assert not page.locator("mjx-merror").count()
    page.close()


def test_charts_show_without_scripts(browser, html: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((html / "notebooks/ch1_new_stage/fig02_scale.html").as_uri())
    boxes = [chart.bounding_box() for chart in page.locator(".chart .chart-view > svg").all()]
    assert len(boxes) == 6 and all(box["width"] > 300 and box["height"] > 200 for box in boxes)
    context.close()


def test_charts_answer_to_the_mouse_and_offer_their_data(browser, html: Path) -> None:
    page = browser.new_page()
    page.goto((html / "notebooks/ch2_new_drivers/fig04_electronics.html").as_uri())
    page.wait_for_selector(".chart-ready")
    page.locator(".chart-view path[aria-roledescription='point'][aria-label*='value added']").nth(2).hover()
    assert "value added" in page.locator("#vg-tooltip-element").inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="Data (CSV)").click()
    assert "value added (real)" in Path(download.value.path()).read_text(encoding="utf-8-sig")
    page.close()


def test_ledger_filters_and_its_rows_can_be_linked(browser, html: Path) -> None:
    page = browser.new_page()
    page.goto((html / "notebooks/reproduction/ledger.html").as_uri() + "#c1-de-gdp-share-change")
    claims = page.locator(".ledger[data-things=claims]")
    rows = claims.locator("tbody tr:visible")
    assert page.locator("#c1-de-gdp-share-change").is_visible()
    assert claims.locator("[role=status]").inner_text() == "286 of 286 claims"
    different = ledger.ledger().query("verdict == 'different'")
    claims.get_by_label("Verdict").select_option("different")
    assert rows.count() == len(different) > 1
    claims.get_by_label("Chapter").select_option("Chapter 1")
    assert rows.count() == 1
    claims.get_by_label("Verdict").select_option("")
    claims.get_by_label("Chapter").select_option("")
    claims.get_by_label("Search").fill("数字经济占GDP比重")
    assert rows.count() == 4
    claims.get_by_label("Search").fill("china new unicorns")
    assert 0 < rows.count() < 10  # words in any order
    claims.get_by_label("Origin").select_option("IDC")
    assert rows.count() == 0
    page.evaluate("location.hash = 'c1-de-size'")  # a link to a filtered row shows it again
    page.wait_for_function("!document.getElementById('c1-de-size').hidden")
    assert page.locator(".ledger[data-things=relations] [role=status]").inner_text() == "238 of 238 relations"
    page.close()


def test_ledger_is_light_and_offers_its_data(html: Path) -> None:
    assert (html / "notebooks/reproduction/ledger.html").stat().st_size < 600_000
    assert len(json.loads((html / "_static/ledger.json").read_text(encoding="utf-8"))) == 286


def test_scenario_explorer_follows_the_links_beside_it(browser, html: Path) -> None:
    page = browser.new_page()
    page.goto((html / "notebooks/ch3_new_paths/fig09_forecast.html").as_uri())
    links = page.locator("a[href^='#rate=']")
    assert links.count() == 4
    for place in range(4):
        links.nth(place).click()
        rate = links.nth(place).get_attribute("href").split("&")[0].removeprefix("#rate=")
        playwright.expect(page.locator(".explorer-outcome:not([hidden]) [data-value=rate]")).to_have_text(rate)
    page.close()


def test_search_works_from_a_folder(browser, html: Path) -> None:
    page = browser.new_page()
    page.goto((html / "search.html").as_uri() + "?q=vintage")
    page.wait_for_selector("#search-results li a")
    assert page.locator("#search-results li").count() > 0
    page.close()
