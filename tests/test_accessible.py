"""Every page keeps to WCAG 2.2 AA as far as axe-core can tell, in both themes, and is reached by keyboard."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
from test_pages import PAGES

SOURCES = ["_modules/digital_economy/accounts", "search", "genindex"]
CHINESE = [f"zh/{name}" for name in ("book/index", "search", "notebooks/ch1_new_stage/fig02_scale", "notebooks/ch3_new_paths/fig09_forecast")]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
COLOURS = ["color-contrast", "link-in-text-block"]  # the rules that can come out otherwise in another theme
SHOWN = "* { content-visibility: visible !important; transition: none !important; }"  # rows out of view have no true size


@pytest.fixture(scope="module")
def axe() -> str:
    package = find_spec("axe_playwright_python")
    if package is None:
        pytest.skip("no axe-core: install axe-playwright-python")
    return (Path(package.origin).parent / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def context(browser):
    """Yield a context whose pages let the checker in, against their policy."""
    context = browser.new_context(bypass_csp=True)
    yield context
    context.close()


def breaches(page, what: dict) -> list[str]:
    found = page.evaluate("what => axe.run(document, {runOnly: what, resultTypes: ['violations']})", what)
    return [f"{rule['id']}: {node['html'][:150]}" for rule in found["violations"] for node in rule["nodes"]]


@pytest.mark.parametrize("name", [*PAGES, *SOURCES, *CHINESE])
def test_page_keeps_to_the_rules(context, axe: str, html: Path, name: str) -> None:
    page = context.new_page()
    page.goto((html / f"{name}.html").as_uri())
    page.add_style_tag(content=SHOWN)
    page.evaluate(axe)
    assert not breaches(page, {"type": "tag", "values": RULES})
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert not breaches(page, {"type": "rule", "values": COLOURS})
    page.close()


def test_opened_boxes_and_interactive_charts_keep_to_the_rules_too(context, axe: str, html: Path) -> None:
    page = context.new_page()
    page.goto((html / "notebooks/ch3_new_paths/fig06_stabiliser.html").as_uri())
    page.add_style_tag(content=SHOWN)
    page.evaluate("document.querySelectorAll('details').forEach(box => box.open = true)")
    page.locator(".chart-view").first.scroll_into_view_if_needed()
    page.wait_for_selector(".chart-ready")
    page.evaluate(axe)
    for theme in ("light", "dark"):
        page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        assert not breaches(page, {"type": "tag", "values": RULES})
    page.close()


def test_keyboard_reaches_what_stands_under_a_figure_and_shows_where_it_is(browser, html: Path) -> None:
    page = browser.new_page()
    page.goto((html / "notebooks/ch2_new_drivers/fig04_electronics.html").as_uri())
    first = page.locator(".apparatus a").first
    first.focus()
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.innerText"))
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        assert page.evaluate(outline) != "none", reached[-1]
    assert {"SVG", "PNG", "The same as a table", "How was this computed?"} <= set(reached)
    page.keyboard.press("Shift+Tab")
    page.close()


def test_reduced_motion_is_respected(browser, html: Path) -> None:
    page = browser.new_page(reduced_motion="reduce")
    page.goto((html / "book/index.html").as_uri())
    moving = "[...document.querySelectorAll('*')].filter(each => parseFloat(getComputedStyle(each).transitionDuration) > 0.001).length"
    assert page.evaluate(moving) == 0
    page.close()
