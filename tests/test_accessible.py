"""Every page keeps to WCAG 2.2 AA as far as axe-core can tell, in both themes, and is reached by keyboard."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import accessible
import pytest
from bs4 import BeautifulSoup
from test_pages import PAGES
from translation.messages import CHINESE

OTHERS = ["search", "genindex"]
WIDTHS = {"": 1280, "zh/": 390}  # both editions have the same pages; so both layouts are checked
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
COLOURS = ["color-contrast", "link-in-text-block"]  # the slow rules, and the ones that can come out otherwise in another theme
LOOKS = (Path(__file__).parent / "looks.js").read_text(encoding="utf-8")
SHOWN = "* { content-visibility: visible !important; }"  # rows out of view have no true size
FLAT = "* { max-height: none !important; } .bd-header, [class*=bd-sidebar], thead, caption { position: static !important; }"  # covers no text


def test_chinese_words_are_marked_as_chinese() -> None:
    kept = '<pre>数字</pre><td lang="zh">数字</td><svg><text>数字</text></svg>'
    marked = accessible.marked(f'<p title="数字">the economy (数字经济), 《报告（2025年）》 5G基站</p>{kept}')
    words = [accessible.MARK.format(text) for text in ("数字经济", "《报告（2025年）》", "基站")]
    assert marked == '<p title="数字">the economy ({}), {} 5G{}</p>'.format(*words) + kept
    assert accessible.unmarked(marked) == f'<p title="数字">the economy (数字经济), 《报告（2025年）》 5G基站</p>{kept}'


@pytest.mark.parametrize("name", PAGES)
def test_no_chinese_stands_unmarked_in_an_english_page(html: Path, name: str) -> None:
    page = BeautifulSoup((html / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
    texts = [text for text in page.find_all(string=CHINESE) if not text.find_parent(["pre", "script", "style", "svg"])]
    assert not [text for text in texts if not text.find_parent(lang=True)["lang"].startswith("zh")]


def test_english_references_are_marked_in_the_chinese_edition(html: Path) -> None:
    page = BeautifulSoup((html / "zh/book/references.html").read_text(encoding="utf-8"), "html.parser")
    english = [entry for entry in page.select("div.citation") if not CHINESE.search(entry.get_text())]
    assert len(english) > 10 and all(entry.get("lang") == "en" for entry in english)


@pytest.fixture(scope="module")
def axe() -> str:
    package = find_spec("axe_playwright_python")
    if package is None:
        pytest.skip("no axe-core: install axe-playwright-python")
    return (Path(package.origin).parent / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(browser):
    """Yield a page that lets the checker in, against the book's policy, and where nothing fades in."""
    context = browser.new_context(bypass_csp=True, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def problems(page, where: str, *, kinds: tuple[str, ...] = ("violations",), **options) -> list[str]:
    """Return what the checker found in a part of the page, with the reason."""
    found = page.evaluate(f"options => axe.run({where}, options)", {**options, "resultTypes": kinds})
    nodes = [(rule["id"], node) for kind in kinds for rule in found[kind] for node in rule["nodes"]]
    return [f"{rule}: {node['html'][:150]} {node['failureSummary']}" for rule, node in nodes]


def check(page, axe: str, path: Path) -> None:
    """Check a page with every box on it opened, its text in both themes."""
    page.goto(path.as_uri())
    page.add_style_tag(content=SHOWN)
    page.evaluate("document.querySelectorAll('details').forEach(box => box.open = true)")
    page.evaluate(axe)
    slow = {rule: {"enabled": False} for rule in COLOURS}
    assert not problems(page, "document", runOnly=RULES, rules=slow)
    page.add_style_tag(content=FLAT)
    for theme in ("light", "dark"):
        page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        found = problems(page, f"{{ include: {LOOKS} }}", runOnly=COLOURS, kinds=("violations", "incomplete"))
        assert not found, theme  # nor is there text whose contrast could not be told


@pytest.mark.parametrize("edition", WIDTHS)
@pytest.mark.parametrize("name", [*PAGES, *OTHERS])
def test_page_keeps_to_the_rules(page, axe: str, html: Path, name: str, edition: str) -> None:
    page.set_viewport_size({"width": WIDTHS[edition], "height": 900})
    check(page, axe, html / f"{edition}{name}.html")


@pytest.mark.parametrize("edition", WIDTHS)
def test_source_pages_keep_to_the_rules(page, axe: str, html: Path, edition: str) -> None:
    """They are of one kind: every fourth, others in the other edition."""
    page.set_viewport_size({"width": 1280, "height": 900})
    sources = sorted((html / edition / "_modules").rglob("*.html"))
    assert len(sources) > 50
    for source in sources[2 if edition else 0 :: 4]:
        check(page, axe, source)


PALE = """<!doctype html><html lang="en"><title>A page</title><style>[data-theme=dark] .pale { color: #bbb; }</style>
<main><h1>A page</h1><p>Words.</p><details><summary>A box</summary><p class="pale">Pale words.</p></details></main></html>"""


def test_pale_words_in_a_closed_box_are_found_in_the_theme_that_has_them(page, axe: str, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(PALE, encoding="utf-8")
    with pytest.raises(AssertionError, match="(?s)^dark.*color-contrast: <p class=.*Pale words"):
        check(page, axe, path)


def test_interactive_charts_and_what_opens_over_a_page_keep_to_the_rules_too(page, axe: str, html: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto((html / "notebooks/ch3_new_paths/fig06_stabiliser.html").as_uri())
    page.locator(".chart-view").first.scroll_into_view_if_needed()
    page.wait_for_selector(".chart-ready")
    page.evaluate(axe)
    for theme in ("light", "dark"):
        page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        for button in (".primary-toggle", ".secondary-toggle", ".search-button"):
            page.locator(f"{button}:visible").click()
            assert not problems(page, "document", runOnly=RULES), button
            page.keyboard.press("Escape")
        page.evaluate("document.getElementById('pst-back-to-top').style.display = 'block'")
        assert not problems(page, "'#pst-back-to-top'", runOnly=COLOURS)


@pytest.mark.parametrize("name", ["book/index", "search", *(page for page in PAGES if "fig04" in page or "fig09" in page)])
def test_keyboard_reaches_everything_and_shows_where_it_is(page, html: Path, name: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto((html / f"{name}.html").as_uri())
    page.evaluate("addEventListener('focusin', ({ target }) => (target.dataset.outline = getComputedStyle(target).outlineStyle))")
    places = page.locator("a[href], button, input:not([type=radio]), select, summary, [tabindex='0']").locator("visible=true")
    assert places.count() > 40
    for _ in range(2 * places.count()):  # some come into view only then
        page.keyboard.press("Tab")
    missed = places.and_(page.locator(":not([data-outline=solid])"))
    assert not missed.evaluate_all("missed => missed.map(each => each.outerHTML.slice(0, 150))")


def test_reduced_motion_is_respected(browser, html: Path) -> None:
    page = browser.new_page(reduced_motion="reduce")
    page.goto((html / "book/index.html").as_uri())
    moving = "[...document.querySelectorAll('*')].filter(each => parseFloat(getComputedStyle(each).transitionDuration) > 0.001).length"
    assert page.evaluate(moving) == 0
    page.close()
