"""The page of the ledger: every claim, relation and ordering has a row; what tables hold is shown as text."""

from __future__ import annotations

import html
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from digital_economy import checks, data, ledger, ledger_page, orderings, pages

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "&lt;b&gt; &amp;",
    "\u202eright to left\u202c العربية",
    "long " * 2000,
]
ALLOWED = {"a", "br", "caption", "code", "details", "div", "li", "p", "small", "span", "summary"}
ALLOWED |= {"table", "tbody", "td", "th", "thead", "tr", "ul"}


class Rows(HTMLParser):
    """Collect the tags, attributes, row anchors, links and text of a page's part."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.attributes, self.rows, self.links, self.text = set(), set(), [], [], ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.rows += [value for name, value in attrs if tag == "tr" and name == "id"]
        self.links += [value for name, value in attrs if tag == "a" and name == "href"]

    def handle_data(self, text: str) -> None:
        self.text += text


@pytest.fixture(scope="module")
def tables() -> dict[str, Rows]:
    parts = {"claims": ledger_page.claims, "relations": ledger_page.relations_table, "orderings": ledger_page.orderings_table}
    return {name: Rows(part().data) for name, part in parts.items()}


def test_every_claim_relation_and_ordering_has_a_row(tables: dict[str, Rows]) -> None:
    assert tables["claims"].rows == list(data.load("claims")["claim"])
    assert tables["relations"].rows == [f"check-{name}" for name in checks.checks()["check"]]
    assert tables["orderings"].rows == [f"ordering-{name}" for name in orderings.orderings()["ordering"]]


def test_links_inside_the_page_lead_to_rows(tables: dict[str, Rows]) -> None:
    rows = {f"#{row}" for table in tables.values() for row in table.rows}
    inside = {link for table in tables.values() for link in table.links if link.startswith("#")}
    assert inside <= rows and len(inside) > 500


def test_every_claim_of_chapters_two_and_four_has_a_page() -> None:
    frame = ledger.ledger()
    placed = frame[frame["chapter"].isin(["1", "2", "4"])]
    assert placed["notebook"].notna().all() and len(placed) == 198


def test_claims_of_a_notebook_stand_in_its_table() -> None:
    frame = ledger.ledger().query("chapter in ['2', '4']")
    for notebook, claims in frame.groupby("notebook"):
        shown = pages.claims_table(notebook).data
        assert all(html.escape(subject) in shown for subject in claims["subject_en"]), notebook


def test_page_shows_checks_and_evidence_beside_a_claim(tables: dict[str, Rows]) -> None:
    page = ledger_page.claims().data
    row = re.search(r'<tr role="row" id="c2s1-digind-revenue".*?</tr>', page, re.DOTALL)[0]
    assert "People&#x27;s Daily" in row and "(−0.5)" in row  # the public figure, its source and the difference
    assert 'href="#check-digind-revenue-public"' in row and "check-edge" in row


@pytest.mark.parametrize("text", HOSTILE, ids=["script", "attribute", "quote", "entity", "right to left", "very long"])
def test_hostile_text_is_shown_as_text(text: str, tmp_path: Path, monkeypatch) -> None:
    for table, columns in {
        "claims": ["subject_en", "subject_zh", "period"],
        "checks": ["note"],
        "orderings": ["statement", "note"],
        "public_figures": ["publisher", "where"],
        "reasons": ["reason"],
    }.items():
        frame = data.load(table).drop(columns="decimals", errors="ignore")
        frame.assign(**dict.fromkeys(columns, text)).to_csv(tmp_path / f"{table}.csv", index=False)
    monkeypatch.setenv("DIGITAL_ECONOMY_DATA", str(tmp_path))
    for part in (ledger_page.claims, ledger_page.relations_table, ledger_page.orderings_table):
        found = Rows(part().data)
        assert found.tags <= ALLOWED
        assert not {name for name in found.attributes if name.startswith("on")}
        assert text.split()[0] in found.text


def test_machine_readable_copies_hold_the_whole_ledger(tmp_path: Path) -> None:
    ledger_page.write(tmp_path)
    table = pd.read_csv(tmp_path / "ledger.csv")
    rows = json.loads((tmp_path / "ledger.json").read_text(encoding="utf-8"))
    assert len(table) == len(rows) == 286
    assert [row["claim"] for row in rows] == list(table["claim"])
    size = next(row for row in rows if row["claim"] == "c1-de-size")
    assert size["verdict"] == "within_interval" and "de-level-2023: edge" in size["checks"]


def test_cross_checks_give_a_difference_and_a_source() -> None:
    found = ledger_page.cross_checks(ledger.ledger()).set_index("claim")
    assert found.at["c2s3-ftz-total", "difference"] == 1
    assert found["where"].ne("").all() and found["confidence"].isin(ledger_page.CONFIDENCE).all()
