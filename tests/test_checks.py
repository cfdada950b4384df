"""Every relation of the report is evaluated, and its verdict is the computed one."""

from __future__ import annotations

import ast
from pathlib import Path

import pandas as pd
import pytest

from digital_economy import checks, data, relations, report

WORDS = {"rounding": "edge"}  # what the reading by hand called an edge
DIFFERENCES = {  # by hand, computed, and why the computed one stands
    "icv-total-sales": ("edge", "consistent"),  # 3290 lies inside 3286 to 3292
    "phone-5g-share": ("edge", "consistent"),  # 86.2 lies inside 85.7 to 87.2
    "gdp-mean-public": ("edge", "consistent"),  # 7.85 lies inside 7.71 to 7.96
    "production-elasticity-subperiods-exclusive": ("edge", "consistent"),  # 2.33 lies inside 2.20 to 2.42
    "harmony-categories": ("inconsistent", "consistent"),  # more than 2000 and more than 1200 can both be true
    "gdp-change-public": ("consistent", "inconsistent"),  # -0.647 prints as -0.6
}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return checks.checks()


def test_every_relation_is_evaluated(frame: pd.DataFrame) -> None:
    assert len(frame) == 238 and frame["check"].is_unique
    assert frame["verdict"].isin(relations.VERDICTS).all()
    assert ((frame["low"] <= frame["value"] + 1e-9) & (frame["value"] <= frame["high"] + 1e-9)).all()


def test_computed_verdicts_differ_from_those_by_hand_where_known(frame: pd.DataFrame) -> None:
    hand = frame["by_hand"].replace(WORDS)
    apart = frame[hand != frame["verdict"]].assign(hand=hand)
    assert {row.check: (row.hand, row.verdict) for row in apart.itertuples()} == DIFFERENCES


@pytest.mark.parametrize(
    ("check", "value", "low", "high"),
    [
        ("de-level-2023", 53.9703, 53.9222, 54.0174),  # audit A1
        ("de-share-change-from-growth", 2.1962, 2.174, 2.219),  # A4, by 43.8 * 5.5 / 109.69
        ("ai-leader-score-2024-12", 46.5, 45.53, 47.51),  # G6
        ("ai-revenue-sum", 6421.8, 6421.65, 6421.95),  # G1
        ("cost-elasticity-2027-2030", -0.0455, -0.0459, -0.0451),
        ("tfp-mean-from-cv", 21.36, 20.39, 22.43),  # D1
        ("icv-value-per-car", 10928, 10924, 10932),  # yuan a car
    ],
)
def test_known_values(frame: pd.DataFrame, check: str, value: float, low: float, high: float) -> None:
    row = frame.set_index("check").loc[check]
    assert [row["value"], row["low"], row["high"]] == pytest.approx([value, low, high], rel=2e-3)


def test_an_uncertain_name_occurs_once_where_algebra_allows(frame: pd.DataFrame) -> None:
    """Then the interval is exact; elsewhere it is an outer bound."""
    lookup = checks.names()

    def repeated(formula: str) -> bool:
        relation = relations.parse(formula)
        sides = [side for side in (relation.left, relation.right) if side is not None]
        used = [node.id for side in sides for node in ast.walk(side) if isinstance(node, ast.Name)]
        uncertain = [name for name in used if name not in relations.FUNCTIONS and _wide(lookup(relation.names[name]))]
        return len(uncertain) > len(set(uncertain))

    assert set(frame.loc[frame["formula"].map(repeated), "check"]) == {"total-cost-elasticity"}


def _wide(quantity: relations.Quantity) -> bool:
    return quantity.high > quantity.low


def test_names_of_every_kind() -> None:
    lookup = checks.names()
    assert lookup("c1-de-size").unit == (("yuan", 1),) and lookup("c1-de-size").high == pytest.approx(59.25e12)
    assert lookup("c1-de-nominal-growth").value == pytest.approx(0.0969)
    assert lookup("pub_miit_racks_2024").high == float("inf")  # more than 8.8 million
    assert lookup("list_tier_low").value == 16 and lookup("list_components").value == 4
    assert lookup("calc_gdp_growth_log_sd").value == pytest.approx(0.028214, rel=1e-3)
    with pytest.raises(relations.RelationError, match="c1-de-sise"):
        lookup("c1-de-sise")


def test_a_wrong_unit_is_refused(tmp_path: Path, monkeypatch) -> None:
    table = data.load("checks").head(1).assign(unit="percent")
    table.to_csv(tmp_path / "checks.csv", index=False)
    monkeypatch.setenv("DIGITAL_ECONOMY_DATA", str(tmp_path))
    with pytest.raises(relations.RelationError, match="dup-fw-de-size: found a result in yuan"):
        checks.checks()


def test_claims_of_a_relation_exist(frame: pd.DataFrame) -> None:
    assert set().union(*frame["claims"]) <= set(report.claims()["claim"])


def test_a_relation_answers_the_claim_on_its_right_from_printed_numbers(frame: pd.DataFrame) -> None:
    for row in frame.query("answers != ''").itertuples():
        left, right = row.formula.split(" = ")
        assert right == row.answers and "pub_" not in left and "calc_" not in left


def test_public_figures_belong_to_claims() -> None:
    named = checks.public_figures()["claim"]
    assert set(named[named != ""]) <= set(report.claims()["claim"])


def test_titles_in_the_contents_are_those_of_the_text() -> None:
    assert checks.items_alike("figure_titles_contents", "figure_titles_captions") == 9
