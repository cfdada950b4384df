"""What a reader sees is words: no table, chart or legend shows a name from the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from test_pages import PAGES

from digital_economy import wording

CODE_NAME = re.compile(r"\b(?!(?:calc|pub|list)_)[A-Za-z]\w*_\w+")  # the ledger explains the names that begin so
SHOWN = "td, th, svg text, .explorer-key li, caption"
CATALOGUE, ENVIRONMENT = (f"notebooks/reproduction/{name}" for name in ("data_catalogue", "what_was_reproduced"))  # list names: tables, seeds


def names_in(element: Tag) -> list[str]:
    """Return the names from the code in an element, those left out that are marked as code or as a name."""
    texts = (text for text in element.find_all(string=True) if not text.find_parent(["code", "pre"]) and not text.find_parent(class_="notranslate"))
    return CODE_NAME.findall(" ".join(texts))


@pytest.mark.parametrize("edition", ["", "zh/"])
@pytest.mark.parametrize("name", [name for name in PAGES if name not in (CATALOGUE, ENVIRONMENT)])
def test_tables_and_charts_of_a_page_speak_in_words(html: Path, edition: str, name: str) -> None:
    page = BeautifulSoup((html / f"{edition}{name}.html").read_text(encoding="utf-8"), "html.parser")
    assert not {found for element in page.select(SHOWN) for found in names_in(element)}


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("2025", "2025"),
        ("2013/2023", "2013 to 2023"),
        ("2025-01/2025-05", "2025-01 to 2025-05"),
        ("2025H1", "first half of 2025"),
        ("2023H2/2024-07", "second half of 2023 to 2024-07"),
        ("2024Q3", "third quarter of 2024"),
        ("last_10y", "last 10 years"),
    ],
)
def test_the_time_of_a_claim_is_in_words(code: str, words: str) -> None:
    assert wording.period(code) == words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("constant", "constant"),
        ("effect[capital]", "effect of capital"),
        ("ar[2]", "autoregression, lag 2"),
        ("ma", "moving average"),
        ("sigma", "scale of the shocks"),
    ],
)
def test_a_parameter_is_in_words(name: str, words: str) -> None:
    assert wording.parameter(name) == words
