"""Every page keeps to WCAG 2.2 AA as far as axe-core can tell, in both themes, and is reached by keyboard."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
from test_pages import PAGES

OTHERS = ["search", "genindex"]
WIDTHS = {"": 1280, "zh/": 390}  # both editions have the same pages; so both layouts are checked
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
COLOURS = ["color-contrast", "link-in-text-block"]  # the slow rules, and the ones that can come out otherwise in another theme
LOOKS = (Path(__file__).parent / "looks.js").read_text(encoding="utf-8")
SHOWN = "* { content-visibility: visible !important; }"  # rows out of view have no true size
UNFOLDED = "* { max-height: none !important; } .bd-header, [class*=bd-sidebar], thead, caption { position: static !important; }"  # nothing covers text


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


def problems(page, where: str, **options) -> list[str]:
    """Return what breaks a rule, and whose contrast could not be told."""
    found = page.evaluate(f"options => axe.run({where}, options)", {**options, "resultTypes": ["violations", "incomplete"]})
    rules = [*found["violations"], *(rule for rule in found["incomplete"] if rule["id"] in COLOURS)]
    return [f"{rule['id']}: {node['html'][:150]} {node['failureSummary']}" for rule in rules for node in rule["nodes"]]


def check(page, axe: str, path: Path) -> None:
    """Check a page with every box on it opened, its text in both themes."""
    page.goto(path.as_uri())
    page.add_style_tag(content=SHOWN)
    page.evaluate("document.querySelectorAll('details').forEach(box => box.open = true)")
    page.evaluate(axe)
    slow = {rule: {"enabled": False} for rule in COLOURS}
    assert not problems(page, "document", runOnly={"type": "tag", "values": RULES}, rules=slow)
    page.add_style_tag(content=UNFOLDED)
    for theme in ("light", "dark"):
        page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        assert not problems(page, f"{{ include: {LOOKS} }}", runOnly=COLOURS), theme


@pytest.mark.parametrize("edition", WIDTHS)
@pytest.mark.parametrize("name", [*PAGES, *OTHERS])
def test_page_keeps_to_the_rules(page, axe: str, html: Path, name: str, edition: str) -> None:
    page.set_viewport_size({"width": WIDTHS[edition], "height": 900})
    check(page, axe, html / f"{edition}{name}.html")


@pytest.mark.parametrize("edition", WIDTHS)
def test_source_pages_keep_to_the_rules(page, axe: str, html: Path, edition: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    sources = sorted((html / edition / "_modules").rglob("*.html"))
    assert len(sources) > 50
    for source in sources:
        check(page, axe, source)


def test_pale_words_in_a_closed_box_are_found(page, axe: str, html: Path, tmp_path: Path) -> None:
    """The check can fail, in the theme where it should."""
    text = (html / "book/how_to_read.html").read_text(encoding="utf-8")
    style = '<style>[data-theme="dark"] .pale { color: #555; }</style>'
    path = tmp_path / "page.html"
    path.write_text(text.replace("</article>", f'{style}<details><summary>A box</summary><p class="pale">pale words</p></details></article>'))
    with pytest.raises(AssertionError, match="(?s)color-contrast.*pale words.*dark"):
        check(page, axe, path)


def test_interactive_charts_and_opened_dialogs_keep_to_the_rules_too(page, axe: str, html: Path) -> None:
    page.goto((html / "notebooks/ch3_new_paths/fig06_stabiliser.html").as_uri())
    page.locator(".chart-view").first.scroll_into_view_if_needed()
    page.wait_for_selector(".chart-ready")
    page.evaluate(axe)
    page.locator(".search-button-field:visible").first.click()
    for theme in ("light", "dark"):
        page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        assert not problems(page, "document", runOnly={"type": "tag", "values": RULES})


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
