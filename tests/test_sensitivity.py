"""The grid of choices is whole, and the stored answers are those of the code."""

from __future__ import annotations

import pandas as pd
import pytest

from digital_economy import data, forecast, real_economy, sensitivity

CHOICES = list(sensitivity.CHOICES)


def test_equal_evidence_weighs_equally() -> None:
    frame = pd.DataFrame({"first": [2008] * 4, "value": [1.0, 2, 3, 6], "log_evidence": -7.0})
    assert sensitivity.weighted(frame, "value").loc[2008].tolist() == pytest.approx([3, 3, 4, 4])
    frame["log_evidence"] = [-7.0, -700, -700, -700]
    assert sensitivity.weighted(frame, "value").loc[2008].tolist() == pytest.approx([3, 1, 4, 1])


def test_the_reports_change_is_held_or_not() -> None:
    frame = pd.DataFrame({"ratio": ["cost_ratio", "cost_ratio"], "low_2030": [-9.0, 0.0], "high_2030": [0.0, 9.0]})
    assert sensitivity.covered(frame, 2030).tolist() == [True, False]


def test_the_choice_of_figure_9_is_its_forecast() -> None:
    parts = (
        forecast.draws(forecast.history(name), "M2", rate=forecast.report_rate(), size=sensitivity.SIZE, seed=forecast.SEED + place)
        for place, name in enumerate(("cost", "other"))
    )
    paths = forecast.Paths.of(*parts)
    cost, profit = sensitivity.outlook(**sensitivity.OURS)
    for row, values in ((cost, paths.cost), (profit, paths.profit)):
        change = forecast.central(values[:, -1]) - real_economy.base_ratios()[row["ratio"]]
        assert [row[f"{name}_2030"] for name in ("low", "median", "high")] == pytest.approx(change.tolist(), abs=1e-9)


# -- the stored table ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    return data.load("sensitivity")


def test_every_combination_is_stored_once(answers: pd.DataFrame) -> None:
    assert len(answers) == 2 * len(sensitivity.grid()) == len(answers.drop_duplicates([*CHOICES, "ratio"]))
    assert {name: set(answers[name]) for name in CHOICES} == {name: set(levels) for name, levels in sensitivity.CHOICES.items()}


def test_stored_answers_are_those_of_the_code(answers: pd.DataFrame) -> None:
    count, apart = sensitivity.recomputed(answers, every=37)
    assert count == 13 and apart < 1e-5
    moved = answers.assign(median_2030=answers["median_2030"] + 1)
    assert sensitivity.recomputed(moved, every=240)[1] == pytest.approx(1)


def test_uncertainty_splits_as_normals_do() -> None:
    frame = pd.DataFrame({"low_2030": [-2.5631, -0.5631], "median_2030": [0.0, 2.0], "high_2030": [2.5631, 4.5631]})
    assert sensitivity.uncertainty(frame, 2030).tolist() == pytest.approx([2, 1, 20], abs=1e-3)


def test_without_autoregression_both_forms_are_one_model(answers: pd.DataFrame) -> None:
    plain = answers[answers["order"] == "(0,1,0)"].set_index([*CHOICES, "ratio"])["median_2030"]
    assert plain.xs("regression", level="form").to_numpy() == pytest.approx(plain.xs("transfer", level="form").to_numpy(), abs=1e-6)
