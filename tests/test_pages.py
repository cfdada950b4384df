"""The built book stands alone: in a browser, from a folder, at two widths, with and without scripts."""

from __future__ import annotations

import functools
import gzip
import http.server
import json
import re
import threading
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import product
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml

from digital_economy import ledger

playwright = pytest.importorskip("playwright.sync_api")

ROOT = Path(__file__).parents[1]
LOCAL = ("file:", "data:", "blob:")
LOADS = {("script", "src"), ("img", "src"), ("iframe", "src"), ("link", "href")}
TOC = yaml.safe_load((ROOT / "book" / "_toc.yml").read_text(encoding="utf-8"))
PAGES = [TOC["root"], *(page["file"] for part in TOC["parts"] for page in part["chapters"])]
CHINESE = [f"zh/{name}" for name in PAGES]


class Links(HTMLParser):
    """Collect what a page links to, what it loads, and the anchors it has."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.anchors: set[str] = set()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value and name == "id":
                self.anchors.add(value)
            if value and name in ("href", "src"):
                self.links.append(value)
                if (tag, name) in LOADS:
                    self.loads.append(value)


@pytest.mark.parametrize("name", [*PAGES, *CHINESE])
def test_page_loads_nothing_from_outside_and_links_lead_somewhere(html: Path, name: str) -> None:
    page = html / f"{name}.html"
    found = Links(page)
    assert not [url for url in found.loads if urlsplit(url).netloc]
    inside = [urlsplit(url) for url in found.links]
    paths = {unquote(url.path) for url in inside if url.path and not url.scheme and not url.netloc}
    assert not [path for path in paths if not (page.parent / path).resolve().exists()]
    to_source = [url for url in inside if "_modules/" in url.path or "data_catalogue" in url.path]
    assert not [url for url in to_source if url.fragment and url.fragment not in anchors((page.parent / url.path).resolve())]


@pytest.mark.parametrize("name", PAGES)
def test_each_page_leads_to_itself_in_the_other_language(html: Path, name: str) -> None:
    for here, there in ((name, f"zh/{name}"), (f"zh/{name}", name)):
        page = html / f"{here}.html"
        (address,) = re.findall(r'<a class="btn btn-sm language-switch" href="([^"]+)"', page.read_text(encoding="utf-8"))
        assert (page.parent / address).resolve() == (html / f"{there}.html").resolve()
    assert re.search('<html[^>]* lang="zh-CN"', (html / f"zh/{name}.html").read_text(encoding="utf-8"))


@functools.cache
def anchors(page: Path) -> set[str]:
    return Links(page).anchors


@pytest.mark.parametrize("name", PAGES)
def test_figures_and_tables_have_what_a_reader_needs(html: Path, name: str) -> None:
    """Source, downloads and origin under each, no anchor twice, no address left unresolved."""
    text = (html / f"{name}.html").read_text(encoding="utf-8")
    assert '"book:' not in text and "base64," not in text
    charts, boxes = text.count('class="chart"'), text.count('class="apparatus"')
    assert text.count(">SVG</a>") == text.count(">PNG</a>") == text.count("The same as a table") == charts
    assert text.count("How was this computed?") == text.count('class="source"') == boxes >= charts
    assert text.count(">Data (CSV)</a>") == boxes - text.count('class="explorer"')  # which saves its own
    citations = re.findall(r'<span class="citation">(.*?)</dd>', text)
    assert len(citations) == boxes and all("version " in citation for citation in citations)
    ids = re.findall(r' id="([^"]+)"', text)
    assert not {each for each in ids if ids.count(each) > 1}


@pytest.mark.parametrize("name", [*PAGES, *CHINESE])
def test_page_is_light(html: Path, name: str) -> None:
    assert len(gzip.compress((html / f"{name}.html").read_bytes())) < 150_000


def scroll_through(page) -> None:
    """Bring each chart into the view, where it becomes interactive."""
    for chart in page.locator(".chart-view").all():
        chart.scroll_into_view_if_needed()
    playwright.expect(page.locator(".chart:not(.chart-ready)")).to_have_count(0, timeout=15_000)


CUT_IN_CHARTS = """[...document.querySelectorAll(".chart-view svg text")].filter((text) => {
  const [words, chart] = [text, text.closest("svg")].map((element) => element.getBoundingClientRect());
  return words.left < chart.left - 1 || words.right > chart.right + 1;
}).map((text) => text.textContent)"""


NOT_DRAWN = """[...document.querySelectorAll(".math")].filter((formula) =>
  !formula.querySelector("svg :is(use, path, rect)") || [...formula.querySelectorAll("use")].some((sign) => !document.querySelector(sign.getAttribute("href")))
).map((formula) => formula.dataset.tex)"""


@pytest.mark.parametrize(("name", "width"), [*product(PAGES, (1280, 390)), *product(CHINESE, (390,))])
def test_page_in_a_browser(browser, html: Path, name: str, width: int) -> None:
    """No error in the console, no request to a host, every chart drawn, no sideways scroll."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    errors, requests = [], []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto((html / f"{name}.html").as_uri())
    scroll_through(page)
    assert not errors  # a breach of the content security policy is one
    assert not [url for url in requests if not url.startswith(LOCAL) or "fontawesome" in url]  # icons.css draws the icons
    assert not [url for url in requests if "searchtools" in url or "searchindex" in url]  # the search page has them
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".chart .chart-view svg").count() == page.locator(".chart").count()
    assert not page.evaluate(CUT_IN_CHARTS)
    assert not page.evaluate(NOT_DRAWN)
    formulas = "[...document.querySelectorAll('div.math mjx-container')]"
    cut = "formula => formula.getBoundingClientRect().left < formula.parentElement.getBoundingClientRect().left - 1"
    assert not page.evaluate(f"{formulas}.filter({cut}).length")  # a wide one scrolls from its beginning
    page.close()


TURNS = """
window.turn = 0;
window.turns = [];
const { port1, port2 } = new MessageChannel();
port1.onmessage = () => { turn++; port2.postMessage(null); };
port2.postMessage(null);
new MutationObserver((changes) => {
  for (const { target } of changes) if (target.matches(".chart-ready")) turns.push(turn);
}).observe(document, { subtree: true, attributeFilter: ["class"] });
"""


def test_page_answers_between_charts(browser, html: Path) -> None:
    """Each chart is drawn in a task of its own: a message that the page sends to itself comes in between."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.add_init_script(TURNS)
    page.goto((html / "notebooks/ch1_new_stage/fig02_scale.html").as_uri())
    scroll_through(page)
    turns = page.evaluate("turns")
    assert len(set(turns)) == len(turns) == page.locator(".chart").count() > 5
    page.close()


GAPS = """
window.gaps = [];
let last;
const { port1, port2 } = new MessageChannel();
port1.onmessage = () => {
  if (document.querySelector(".chart-ready")) return;
  if (last && window.vegaEmbed) gaps.push(performance.now() - last);
  last = performance.now();
  port2.postMessage(null);
};
port2.postMessage(null);
"""


def test_page_answers_while_a_large_chart_is_drawn(browser, html: Path) -> None:
    """It is drawn in tasks none of which takes the most of the time."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.add_init_script(GAPS)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto((html / "notebooks/ch3_new_paths/calibration.html").as_uri())
    playwright.expect(page.locator(".chart.chart-ready")).not_to_have_count(0, timeout=30_000)
    gaps = page.evaluate("gaps")
    assert max(gaps) < 0.3 * sum(gaps)
    page.close()


def test_code_is_reached_by_the_keyboard_once_it_is_unfolded_and_too_wide(browser, html: Path) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto((html / "notebooks/ch3_new_paths/fig09_forecast.html").as_uri())
    box = page.locator("details.hide", has_text="pages.figure").first
    code = box.locator("pre")
    playwright.expect(code).to_have_attribute("tabindex", "-1")
    playwright.expect(code).to_be_hidden()
    box.locator("summary").click()
    playwright.expect(code).to_have_attribute("tabindex", "0")
    page.close()


def test_charts_out_of_view_wait(browser, html: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto((html / "notebooks/ch1_new_stage/fig02_scale.html").as_uri())
    playwright.expect(page.locator(".chart.chart-ready").first).to_be_attached()
    page.wait_for_timeout(1000)
    assert "chart-ready" not in page.locator(".chart").last.get_attribute("class")
    page.close()


@pytest.mark.parametrize(("width", "more"), [(1280, 1), (390, 40)])
def test_an_interactive_chart_takes_the_place_of_the_static_one(browser, html: Path, width: int, more: int) -> None:
    """On a small screen up to two lines more or less, as its title and legend are broken anew."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto((html / "notebooks/ch3_new_paths/fig09_forecast.html").as_uri())
    heights = "[...document.querySelectorAll('.chart:not(.chart-ready) .chart-view')].map((view) => view.offsetHeight)"
    before = page.evaluate(heights)
    scroll_through(page)
    after = page.evaluate(heights.replace(":not(.chart-ready)", ""))[-len(before) :]
    assert len(before) > 3 and max(abs(now - then) for then, now in zip(before, after)) <= more
    page.close()


def test_images_have_their_size(html: Path) -> None:
    """So that nothing moves when one comes."""
    for name in [*PAGES, *CHINESE]:
        images = re.findall(r"<img\b[^>]*>", (html / f"{name}.html").read_text(encoding="utf-8"))
        assert not [image for image in images if " width=" not in image or " height=" not in image], name


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
    scroll_through(page)
    page.locator(".chart-view .mark-symbol.role-mark path").nth(2).hover()
    assert "value added" in page.locator("#vg-tooltip-element").inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="Data (CSV)").first.click()
    assert "value added (real)" in Path(download.value.path()).read_text(encoding="utf-8-sig")
    page.close()


def test_a_table_sorts_by_mouse_and_keyboard(browser, html: Path) -> None:
    page = browser.new_page()
    page.goto((html / "notebooks/reproduction/what_was_reproduced.html").as_uri())
    table = page.locator("table.data-table").first
    heading = table.get_by_role("columnheader", name="reproduced").first
    cells = lambda: [int(text) for text in table.locator(f"tbody td:nth-child({1 + heading.evaluate('th => th.cellIndex')})").all_inner_texts()]
    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") == "ascending" and cells() == sorted(cells())
    heading.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "descending" and cells() == sorted(cells(), reverse=True)
    assert table.locator("[aria-sort]").count() == 1
    page.close()


def test_sorting_puts_numbers_by_size_words_by_alphabet_and_gaps_last(browser, html: Path) -> None:
    values = ["–", "1,200.5", "−3", "about 40 %", "", "12", "beta", "Alpha"]
    rows = "".join(f"<tr><td>{value}</td></tr>" for value in values)
    page = browser.new_page()
    page.set_content(f'<table class="data-table"><thead><tr><th>x</th></tr></thead><tbody>{rows}</tbody></table>')
    page.add_script_tag(path=html / "_static" / "tables.js")
    found = []
    for _ in range(2):
        page.get_by_role("button").click()
        found.append([text for text in page.locator("td").all_inner_texts() if text not in ("", "–")])
    numbers = ["−3", "12", "1,200.5"]
    assert [text for text in found[0] if text in numbers] == numbers and found[1] == found[0][::-1]
    assert page.locator("td").all_inner_texts()[-2:] in (["–", ""], ["", "–"])
    page.close()


@pytest.fixture(scope="module")
def served(html: Path) -> Iterator[str]:
    """Yield the address of a small server of the book."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=html))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_policy_holds_on_a_host_too(browser, served: str) -> None:
    """Charts, mathematics, search, the themes and the copy buttons work under the policy, and break it nowhere."""
    page = browser.new_page()
    errors = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(f"{served}/notebooks/ch3_new_paths/fig06_stabiliser.html")
    assert page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content").startswith("default-src 'none'")
    scroll_through(page)
    assert page.locator("mjx-container svg").count() > 5
    page.locator("button.theme-switch-button").first.click()
    page.locator("button.copybtn").first.click(force=True)
    page.goto(f"{served}/search.html?q=vintage")
    page.wait_for_selector("#search-results li .context")
    assert not errors
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.broken = 1'}))")
    assert page.evaluate("window.broken") is None and "Content Security Policy" in errors[0]
    page.close()


def test_edition_and_data_are_with_the_book(html: Path) -> None:
    assert re.search(r"Version [\d.]+, commit <span[^>]*>[^<]+</span>, built on \d{4}-\d\d-\d\d", (html / "book/index.html").read_text(encoding="utf-8"))
    names = zipfile.ZipFile(html / "_static" / "digital-economy-data.zip").namelist()
    assert {"datapackage.json", "LICENSE", "CITATION.cff", "README.md", "results.csv", "public/employment.csv"} <= set(names)


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
    page.locator("#c1-de-size").wait_for()
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
