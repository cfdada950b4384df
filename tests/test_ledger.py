"""The verdicts, the frozen answers, and the findings of the report's audit that belong to these figures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from digital_economy import __main__ as commands
from digital_economy import accounts, data, ledger, report, stabiliser
from digital_economy.accounts import Estimate

ROOT = Path(__file__).parents[1]


def claim(low: float, high: float) -> report.Claim:
    return report.Claim("made-up", "1", "", "", (low + high) / 2, low, high, "percent")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Estimate(5.45, 5.45, 5.45), "reproduced"),  # the ends belong to the interval
        (Estimate(5.55, 5.55, 5.55), "reproduced"),
        (Estimate(5.5500001, 5.5500001, 5.5500001), "different"),
        (Estimate(5.4499999, 5.4499999, 5.4499999), "different"),
        (Estimate(5.6, 5.55, 5.7), "within_interval"),  # the intervals meet in one point
        (Estimate(5.6, 5.5500001, 5.7), "different"),
        (Estimate(5.3, 5.2, 5.45), "within_interval"),
        (Estimate(5.0, 4.0, 9.0), "within_interval"),
        (Estimate(5.5, 4.0, 9.0), "reproduced"),  # a value that prints right counts, however wide its interval
        (Estimate(0.1 + 0.2 + 5.25, 0, 9), "reproduced"),  # 5.550000000000001: on the edge but for the float
    ],
)
def test_verdict_at_the_edges_of_rounding(answer: Estimate, expected: str) -> None:
    assert ledger.verdict(claim(5.45, 5.55), answer) == expected


def test_verdict_with_an_open_claim() -> None:
    assert ledger.verdict(claim(45, np.inf), Estimate(46, 46, 46)) == "reproduced"
    assert ledger.verdict(claim(45, np.inf), Estimate(44, 44, 44)) == "different"


def test_ledger_holds_every_claim_once_with_a_verdict() -> None:
    frame = ledger.ledger()
    assert list(frame["claim"]) == list(data.load("claims")["claim"])
    assert frame["verdict"].isin(ledger.VERDICTS).all()
    unanswered = frame["verdict"] == "not_recomputable"
    assert (frame.loc[unanswered, "basis"] == "quoted").all() and frame.loc[unanswered, "reason"].ne("").all()
    assert frame.loc[~unanswered, "function"].notna().all()


def test_ledger_of_a_notebook_is_its_part_of_the_whole() -> None:
    whole = ledger.ledger()
    for notebook, part in whole.dropna(subset="notebook").groupby("notebook"):
        pd.testing.assert_frame_equal(ledger.ledger(notebook), part)


def test_a_reason_is_given_only_where_there_is_no_answer() -> None:
    assert not set(data.load("reasons")["claim"]) & set(ledger.answers()["claim"])
    for notebook in data.load("reasons")["notebook"]:
        assert (ROOT / "notebooks" / f"{notebook}.md").exists()


def test_answers_hold_their_value_and_name_a_claim() -> None:
    answers = ledger.answers()
    assert answers["claim"].is_unique and answers["claim"].isin(data.load("claims")["claim"]).all()
    assert (answers["low"] <= answers["value"] + 1e-9).all() and (answers["value"] <= answers["high"] + 1e-9).all()
    for notebook in answers["notebook"]:
        assert (ROOT / "notebooks" / f"{notebook}.md").exists()


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("c1-de-size", "within_interval"),  # audit A1: holds at the edge of rounding
        ("c1-de-gdp-share", "within_interval"),  # A2
        ("c1-de-growth-gap-over-gdp", "reproduced"),  # A3
        ("c1-de-gdp-share-change", "different"),  # A4: two vintages of GDP
        ("c2s1-digind-growth-gap-over-gdp", "within_interval"),  # B1
        ("c2s1-digind-revenue", "within_interval"),  # B2
        ("c2s1-elec-va-over-revenue-gap", "reproduced"),  # B3
        ("c3s1-de-tfp-contribution-change-2024", "reproduced"),  # C1
        ("c3s1-gdp-nominal-growth-change-2024", "reproduced"),  # C2
        ("c3s1-gdp-nominal-growth-sd", "within_interval"),  # D2
        ("c3s1-de-tfp-contribution-2013", "within_interval"),
        ("c3s1-de-tfp-contribution-2023", "different"),
        ("c3s1-tfp-life-services-2013-2017", "different"),
        ("c3s3-digital-capital-deepening-rate-cost", "within_interval"),
    ],
)
def test_known_verdicts(claim: str, verdict: str) -> None:
    assert ledger.ledger().set_index("claim").at[claim, "verdict"] == verdict


def test_audit_figures_are_computed() -> None:
    assert accounts.size_from_growth(2024).value == pytest.approx(59.12, abs=0.005)  # A1
    assert accounts.share_change(2024).value == pytest.approx(2.2, abs=0.1)  # A4
    assert accounts.scale("census5_preliminary").at[2024, "contribution"] == pytest.approx(96.7, abs=0.05)  # A5
    assert stabiliser.tfp_mean().value == pytest.approx(21.36, abs=0.005)  # D1
    assert stabiliser.tfp_mean().low == pytest.approx(20.4, abs=0.05)
    assert stabiliser.tfp_mean().high == pytest.approx(22.4, abs=0.05)


def test_one_definition_in_sixteen_prints_both_statistics_of_gdp_growth() -> None:
    complete = stabiliser.gdp_growth_dispersion().query("complete")
    both = complete.query("matches_sd and matches_cv")
    assert (len(complete), len(both)) == (16, 1)
    assert both.iloc[0][["vintage", "rate", "divisor", "mean_rate"]].tolist() == [
        "census5_preliminary",
        "log",
        "population",
        "simple",
    ]


def test_exceptions_of_electronics() -> None:
    assert list(accounts.electronics().query("gap <= 0").index) == [2011, 2020]


def test_frozen_results_are_the_answers_of_today() -> None:
    now = ledger.answers()[commands.RESULT_COLUMNS]
    assert not ledger.compare(data.load("results"), now)["moved"].any()


def frozen(**change) -> pd.DataFrame:
    row = {"claim": "a", "value": 1.0, "low": 0.9, "high": 1.1, "basis": "identity", "monte_carlo_error": np.nan}
    return pd.DataFrame([{**row, **change}])


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        ({}, {"value": 1 + 5e-10}, False),
        ({}, {"value": 1 + 5e-9}, True),
        ({}, {"high": 1.2}, True),
        ({}, {"basis": "public_proxy"}, True),
        ({"monte_carlo_error": 0.01}, {"value": 1.039, "monte_carlo_error": 0.01}, False),
        ({"monte_carlo_error": 0.01}, {"value": 1.041, "monte_carlo_error": 0.01}, True),
        ({}, {"claim": "b"}, True),
        ({}, {"value": np.nan}, True),
        ({"high": np.inf}, {"high": np.inf}, False),
        ({"high": np.inf}, {"high": 5.0}, True),
    ],
)
def test_compare_says_what_moved(before: dict, after: dict, moved: bool) -> None:
    assert ledger.compare(frozen(**before), frozen(**after))["moved"].any() == moved


def test_verify_fails_and_names_what_moved(tmp_path: Path, monkeypatch, capsys) -> None:
    results = data.load("results")[commands.RESULT_COLUMNS]
    results.loc[0, "value"] += 1
    results.to_csv(tmp_path / "results.csv", index=False)
    monkeypatch.setenv("DIGITAL_ECONOMY_DATA", str(tmp_path))
    monkeypatch.setattr(commands, "ROOT", tmp_path)
    assert commands.verify() == 1
    assert results.loc[0, "claim"] in capsys.readouterr().out
    assert "<table" in (tmp_path / "_build" / "verify.html").read_text(encoding="utf-8")


def test_readme_table_is_that_of_the_ledger() -> None:
    assert commands.items_table() in (ROOT / "README.md").read_text(encoding="utf-8")
