"""A figure's functions and tables are those that its notebook used for it, and no others."""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell

from digital_economy import provenance
from digital_economy.provenance import Origin

SETUP = """
import pandas as pd
from digital_economy import accounts, charts, data, pages, provenance, stabiliser
from digital_economy.accounts import gdp_growth
provenance.watch()
"""


@pytest.fixture(scope="module")
def shell():
    shell = InteractiveShell.instance()
    yield shell
    InteractiveShell.clear_instance()


@pytest.fixture
def origin(shell):
    """Return a function that runs cells and gives the origin that the last statement of the last one finds."""

    def run(*cells: str) -> Origin:
        for cell in (SETUP, *cells):
            shell.run_cell(cell, store_history=True).raise_error()
        return shell.user_ns["found"]

    return run


def test_functions_and_tables_behind_a_figure(origin) -> None:
    found = origin(
        "growth = accounts.gdp_growth()",
        "other = stabiliser.tfp_in_points()\nshown = growth.rename('x')",
        "found = provenance.origin() if len(shown) else None",
    )
    assert found == Origin(("accounts.gdp_growth",), ("gross_domestic_product",))


def test_a_name_that_is_used_again_has_only_its_last_meaning(origin) -> None:
    found = origin("x = stabiliser.tfp_in_points()", "x = accounts.gdp_growth()", "found = (x, provenance.origin())[1]")
    assert found.functions == ("accounts.gdp_growth",)


def test_a_changed_frame_rests_on_both(origin) -> None:
    found = origin(
        "x = accounts.gdp_growth().to_frame()", "x['claims'] = len(data.load('claims'))", "found = (x, provenance.origin())[1]"
    )
    assert found == Origin(("accounts.gdp_growth", "data.load"), ("gross_domestic_product", "claims"))


def test_words_of_a_figure_and_drawing_do_not_count(origin) -> None:
    found = origin(
        "rows = gdp_growth()\nshow = lambda *parts, **words: parts[1]",
        "found = show(\n    charts.lines and rows,\n    provenance.origin(),\n    title=str(len(data.load('claims'))),\n)",
    )
    assert found == Origin(("accounts.gdp_growth",), ("gross_domestic_product",))


def test_names_inside_a_comprehension_are_its_own(origin) -> None:
    found = origin("row = stabiliser.tfp_in_points()", "x = [row for row in accounts.gdp_growth()]", "found = (x, provenance.origin())[1]")
    assert found.functions == ("accounts.gdp_growth",)


def test_a_remembered_result_still_names_its_tables(origin) -> None:
    for _ in range(2):
        found = origin("x = accounts.gdp_growth()", "found = (x, provenance.origin())[1]")
        assert found.tables == ("gross_domestic_product",)


def test_outside_a_notebook_nothing_is_known() -> None:
    assert provenance.origin() == Origin()
