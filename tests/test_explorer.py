"""The scenario explorer: its draws are the model's, and in a browser its numbers are Python's at any setting."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import pytest

from digital_economy import apparatus, explorer, explorer_page, forecast

playwright = pytest.importorskip("playwright.sync_api")

STATIC = Path(__file__).parents[1] / "book" / "_static"
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src blob:"
RANDOM = np.random.default_rng(2030)
SETTINGS = [
    (round(RANDOM.uniform(*explorer.RATES), 2), str(RANDOM.choice(explorer.OFFERED)), str(RANDOM.choice(["cost", "profit"]))) for _ in range(20)
]
SHOWN = ".explorer-outcome:not([hidden])"


@pytest.fixture(scope="module")
def block() -> dict:
    return explorer_page.block()


# -- the draws --------------------------------------------------------------------------------------


def test_thinning_takes_one_point_of_each_cell() -> None:
    line = np.arange(1024.0)[:, None]
    rows = explorer.spread(np.hstack([line, line**0]), 16, np.random.default_rng(1))
    assert sorted(rows // 64) == list(range(16))


def test_another_prior_by_reweighting_is_that_prior_where_there_are_no_data() -> None:
    """The posterior of no data is the prior: draws of N(0, 1) become draws of N(-0.5, 0.5)."""
    effect = np.random.default_rng(1).normal(size=explorer.COUNT) / explorer.STEP
    steps = np.column_stack([np.zeros((explorer.COUNT, forecast.HORIZON)), effect])
    made = explorer.Draws(steps, {"main": (0.0, 1.0), "optimistic": (-0.5, 0.5)})
    found = made.under("optimistic")[:, -1]
    assert found.mean() == pytest.approx(-0.5, abs=0.05) and found.std() == pytest.approx(0.5, abs=0.03)
    assert np.array_equal(made.under("main"), explorer.STEP * steps)


def test_stored_draws_are_the_forecast_s_own_at_any_rate() -> None:
    """A path at a rate is the path without deepening plus effect times years times log growth, to the rounding of the store."""
    ours = explorer.draws()["cost"].ahead(6.0, "main")
    model = forecast.draws(forecast.history("cost"), rate=6.0, size=forecast.LARGE, seed=forecast.SEED)
    nearest = np.abs(model[None] - ours[:50, None]).max(axis=2).min(axis=1)
    assert nearest.max() < explorer.STEP / 2 * (1 + forecast.HORIZON * np.log(1.06))


@pytest.mark.parametrize("name", ["cost", "other"])
@pytest.mark.parametrize("prior", explorer.OFFERED)
def test_effect_under_each_prior_is_that_of_a_fit_with_it(name: str, prior: str) -> None:
    """Reweighted draws against the posterior of another fit by integration: mean and standard deviation."""
    effect = explorer.draws()[name].under(prior)[:, -1]
    mean, sd = forecast.fit(forecast.history(name), prior=prior).moments().loc["effect[capital]"]
    assert effect.mean() == pytest.approx(mean, abs=4 * sd / np.sqrt(explorer.COUNT))
    assert effect.std() == pytest.approx(sd, rel=0.05)


def test_sceptic_and_optimist_mirror_each_other() -> None:
    priors = explorer.draws()["cost"].priors
    (none, doubt), (effect, hope) = priors["sceptical"], priors["optimistic"]
    assert none == 0 > effect and doubt == hope == pytest.approx(-effect)


def test_a_prior_that_weights_can_t_reach_is_refused(monkeypatch) -> None:
    monkeypatch.setitem(forecast.PRIORS, "sceptical", forecast.Priors(effect_sd=0.25, constant_sd=2))
    with pytest.raises(ValueError, match="sceptical: found a prior that differs from 'main' in more than"):
        explorer._check_priors()


def test_axis_holds_every_setting(block: dict) -> None:
    for outcome, scale in block["outcomes"].items():
        low, high = scale["axis"]
        for rate in (0, 3, 10, 20):
            for prior in explorer.OFFERED:
                values = explorer.quantiles(outcome, rate=rate, prior=prior)
                assert low <= values.min().min() and values.max().max() <= high


# -- the page ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a page that holds the explorer alone, under a strict policy."""
    folder = tmp_path_factory.mktemp("explorer")
    for name in ("tables.js", "explorer.js", "explorer.css", "book.css"):
        shutil.copy(STATIC / name, folder)
    (folder / "words.js").write_text("const _ = (text) => text;")  # Sphinx's translation of a script's words
    head = f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}"><title>Explorer</title>'
    head += '<meta name="viewport" content="width=device-width">'
    styles = "".join(f'<link rel="stylesheet" href="{name}.css">' for name in ("book", "explorer"))
    files = styles + "".join(f'<script defer src="{name}.js"></script>' for name in ("words", "tables", "explorer"))
    page = f'<!doctype html><html lang="en"><head>{head}{files}</head><body>{explorer_page.explorer_html().data}</body></html>'
    (folder / "page.html").write_text(page, encoding="utf-8")
    return (folder / "page.html").as_uri()


@pytest.fixture(scope="module")
def context(browser) -> Iterator:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    yield context
    context.close()


@pytest.fixture
def page(context, address: str) -> Iterator:
    """Return the explorer's page, freshly opened, which must not have had an error when the test is over."""
    page, errors = context.new_page(), []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(address)
    yield page
    page.close()
    assert not errors


def move(page, rate: float, prior: str, outcome: str) -> None:
    page.evaluate(f"location.hash = 'rate={rate:g}&prior={prior}&outcome={outcome}'")
    shown = page.locator(f"[data-outcome={outcome}]")
    playwright.expect(shown).to_be_visible()
    playwright.expect(shown.locator("[data-value=rate]")).to_have_text(f"{rate:.2f}")
    playwright.expect(shown.locator("[data-value=prior]")).to_have_text(prior)


def numbers(page) -> np.ndarray:
    """Return the quantiles in the table that shows, a row a year."""
    cells = page.locator(f"{SHOWN} tbody tr").evaluate_all("rows => rows.map(row => [...row.cells].map(cell => cell.textContent))")
    return np.array([[float(cell.replace("−", "-")) for cell in row[1:8]] for row in cells])


def test_page_agrees_with_python_at_random_settings(page) -> None:
    """To the last printed digit with the same draws, and within four Monte Carlo errors with a fit of its own under each prior."""
    for rate, prior, outcome in SETTINGS:
        move(page, rate, prior, outcome)
        shown = numbers(page)
        assert np.abs(shown - explorer.quantiles(outcome, rate=rate, prior=prior).to_numpy()).max() < 0.00501
        model = getattr(forecast.paths(rate=rate, prior=prior), outcome)
        level = np.array(explorer.QUANTILES)
        step = np.sqrt(level * (1 - level) / explorer.COUNT)
        low, middle, high = (np.quantile(model, probabilities, axis=0).T for probabilities in (level - step, level, level + step))
        assert (np.abs(shown - middle) < 4 * (high - low) / 2 + 0.005).all(), (rate, prior, outcome)


def test_first_picture_is_the_script_s_own(page) -> None:
    """What stands in the page without scripts is, letter by letter, what the script draws at the same setting."""
    for outcome in ("cost", "profit"):
        before = page.locator(f"[data-outcome={outcome}]").inner_html()
        move(page, forecast.report_rate(), "main", outcome)
        assert page.locator(f"[data-outcome={outcome}]").inner_html() == before


def test_bands_of_the_picture_are_the_numbers_of_the_table(page, block: dict) -> None:
    move(page, 3, "sceptical", "cost")
    low, high = block["outcomes"]["cost"]["axis"]
    path = page.locator(f"{SHOWN} .explorer-plot [data-band='1']").get_attribute("d")
    drawn = [float(pair.split(",")[1]) for pair in re.split("[MLZ]", path) if pair]
    expected = explorer.quantiles("cost", rate=3, prior="sceptical")
    ends = [*expected.iloc[:, 1], *expected.iloc[::-1, -2]]
    assert np.allclose(np.delete(drawn, [0, 15]), [100 * (high - end) / (high - low) for end in ends], atol=0.0051)


def test_a_sorted_table_goes_back_to_its_years_when_the_fan_moves(page) -> None:
    for _ in range(2):
        page.locator(f"{SHOWN} th button").nth(4).click()  # the median
    assert numbers(page)[0, 3] > numbers(page)[-1, 3]
    move(page, 4, "main", "cost")
    assert np.allclose(numbers(page), explorer.quantiles("cost", rate=4, prior="main"), atol=0.00501)
    assert not page.locator("[aria-sort]").count()


def test_keyboard_moves_every_setting(page) -> None:
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert page.locator("[name=rate]").input_value() == "11.6"
    answer = page.locator(f"{SHOWN} .explorer-answer").inner_text()
    page.keyboard.press("Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type("3.25")
    assert page.locator(f"{SHOWN} .explorer-answer").inner_text() != answer
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    playwright.expect(page).to_have_url(re.compile("#rate=3.25&prior=optimistic&outcome=profit$"))
    spoken = page.locator(".explorer-spoken").inner_text()
    assert spoken == page.locator(f"{SHOWN} .explorer-answer").inner_text() and "6.17 of 2023" in spoken


def test_address_carries_the_setting(context, address: str) -> None:
    sent = context.new_page()
    sent.goto(address + "#rate=17&prior=sceptical&outcome=profit")
    assert sent.get_by_label("sceptical").is_checked() and sent.locator("[name=slider]").input_value() == "17"
    assert np.allclose(numbers(sent), explorer.quantiles("profit", rate=17, prior="sceptical"), atol=0.00501)
    sent.close()


@pytest.mark.parametrize("fragment", ["rate=21&prior=nobody&outcome=", "rate=<img src=x onerror=alert(1)>", "rate=&prior[]=main", "%00", "rate=NaN"])
def test_an_address_that_makes_no_sense_changes_nothing(context, address: str, fragment: str) -> None:
    found = context.new_page()
    found.goto(f"{address}#{fragment}")
    assert found.locator("[name=rate]").input_value() == "11.53" and found.get_by_label("main").is_checked()
    assert np.allclose(numbers(found), explorer.quantiles("cost", rate=11.53, prior="main"), atol=0.00501)
    found.close()


def test_a_rate_outside_the_range_is_refused_and_the_fan_stays(page) -> None:
    before = page.locator(SHOWN).inner_html()
    for value in ("25", "-1", ""):
        page.locator("[name=rate]").fill(value)
        assert not page.locator("[name=rate]").evaluate("field => field.checkValidity()")
        assert page.locator(SHOWN).inner_html() == before


def test_numbers_can_be_copied_into_a_spreadsheet(page) -> None:
    move(page, 0, "main", "profit")
    page.get_by_role("button", name="Copy the numbers").click()
    playwright.expect(page.locator(".explorer-copied")).to_have_text("Copied.")
    title, head, *rows, link = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert "digital capital 0.00 per cent a year, prior main" in title and link.endswith("#rate=0&prior=main&outcome=profit")
    assert head.split("\t")[:2] == ["year", "95% from"] and len(rows) == forecast.HORIZON
    last = [float(cell) for cell in rows[-1].split("\t")[:8]]
    assert last[0] == 2030 and last[1] < -3 and np.allclose(last[1:], numbers(page)[-1])


def saved(page, kind: str) -> Path:
    """Return the file that the button saves, under its own name."""
    with page.expect_download() as waited:
        page.get_by_role("button", name=apparatus.LABELS[kind], exact=True).press("Enter")
    return waited.value.path().rename(waited.value.path().with_name(waited.value.suggested_filename))


def test_the_saved_data_are_what_is_drawn(page) -> None:
    """Every number of the fan and of the lines beside it, a row a year, with the setting in each row."""
    move(page, 17, "sceptical", "profit")
    path = saved(page, "csv")
    assert path.name == "scenario_17_sceptical_profit.csv" and path.read_bytes().startswith("\ufeffyear,".encode())
    table = pd.read_csv(path, index_col="year")
    assert list(table.index) == list(range(explorer.FIRST, explorer_page.LAST + 1))
    assert np.array_equal(table.loc[explorer.YEARS, list(explorer_page.COLUMNS)], numbers(page))
    known = explorer.known("profit")
    assert (table.loc[2023, list(explorer_page.COLUMNS)] == round(known.at[2023, "observed"], 2)).all()
    for name, series in explorer_page.SERIES.items():
        drawn = table[series.words.replace("path, as change since 2023", "change")].dropna()
        assert np.allclose(drawn, known[name].dropna(), atol=0.00501) and list(drawn.index) == list(known[name].dropna().index)
    setting = table.iloc[:, -4:].drop_duplicates()
    assert len(setting) == 1 and setting.iloc[0, 0] == 17 and setting.iloc[0, 1].startswith("sceptical: ") and setting.iloc[0, 2] == "profit ratio"
    assert setting.iloc[0, 3].endswith("#rate=17&prior=sceptical&outcome=profit")


def test_saved_data_keep_their_order_and_hold_no_formula(page) -> None:
    """A sorted table is saved by year, and words that a spreadsheet would compute are text."""
    for _ in range(2):
        page.locator(f"{SHOWN} th button").nth(4).click()
    formulas = ['=HYPERLINK("x", 1)', "-2+3"]
    for legend, formula in zip(page.locator("legend").all(), formulas, strict=True):
        legend.evaluate("(legend, formula) => legend.textContent = formula", formula)
    table = pd.read_csv(saved(page, "csv"))
    assert table["year"].is_monotonic_increasing and {f"'{formula}" for formula in formulas} <= set(table)


def test_nothing_is_saved_while_a_rate_is_typed_that_is_not_drawn(page) -> None:
    page.locator("[name=rate]").fill("25")
    downloads = []
    page.on("download", lambda download: downloads.append(download))
    page.get_by_role("button", name=apparatus.LABELS["csv"], exact=True).click()
    page.wait_for_timeout(300)
    assert not downloads and "rate=25" not in page.url


def test_the_saved_pictures_are_the_plot_with_its_title_and_key(page, context, tmp_path: Path) -> None:
    move(page, 3, "optimistic", "cost")
    text = saved(page, "svg").read_text(encoding="utf-8")
    for path in page.locator(f"{SHOWN} .explorer-plot path").all():
        assert path.get_attribute("d") in text
    assert "prior optimistic" in text and all(series.words in text for series in explorer_page.SERIES.values())
    (tmp_path / "alone.svg").write_text(text, encoding="utf-8")
    alone = context.new_page()
    alone.goto((tmp_path / "alone.svg").as_uri())
    sheet = alone.evaluate("document.documentElement.getBoundingClientRect().toJSON()")
    for words in alone.locator("text").all():
        box = words.bounding_box()
        assert 0 <= box["x"] and box["x"] + box["width"] <= sheet["width"] and box["y"] + box["height"] <= sheet["height"], words.inner_html()
    alone.close()
    assert saved(page, "png").read_bytes().startswith(b"\x89PNG")


def test_a_browser_that_refuses_to_copy_is_told_about(page) -> None:
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); }")
    page.get_by_role("button", name="Copy a link").click()
    playwright.expect(page.locator(".explorer-copied")).to_contain_text("by hand")


def test_without_scripts_the_report_s_scenario_shows(context, address: str) -> None:
    quiet = context.browser.new_context(java_script_enabled=False)
    page = quiet.new_page()
    page.goto(address)
    box = page.locator(f"{SHOWN} .explorer-plot > svg").bounding_box()
    assert box["width"] > 300 and box["height"] > 200
    assert "11.53 per cent a year, prior main" in page.locator(f"{SHOWN} caption").inner_text()
    assert not page.locator(".explorer-settings").is_visible() and page.locator(".explorer-outcome:visible").count() == 1
    quiet.close()


def test_it_answers_to_touch_and_fits_a_narrow_screen(context, address: str) -> None:
    phone = context.browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = phone.new_page()
    page.goto(address)
    page.locator("[name=slider]").tap()
    assert page.locator("[name=rate]").input_value() == "10"  # the middle of the slider
    page.get_by_role("radio", name="profit ratio").tap()
    assert page.locator("[data-outcome=profit]").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    places = page.locator(f"{SHOWN} .year").evaluate_all("years => years.map(year => year.getBoundingClientRect()).map(box => [box.left, box.right])")
    assert all(left > before for (_, before), (left, _) in zip(places, places[1:]))  # no two years overlap
    phone.close()


def test_data_are_light(address: str) -> None:
    written = Path(urlsplit(address).path).read_text(encoding="utf-8")
    text = re.search(r'<script type="application/json">(.*?)</script>', written)[1]
    assert len(text.encode()) < 300_000
    assert json.loads(text)["horizon"] == forecast.HORIZON
