"""Every specification, its common effect, the bounds, and what the report's coefficients can mean."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.formula.api import ols

from digital_economy import costs, inputoutput, regressions, report, specifications


@pytest.fixture(scope="module")
def curve() -> pd.DataFrame:
    return specifications.curve("cost_ratio")


def test_curve_has_every_specification_once(curve: pd.DataFrame) -> None:
    choices = ["form", "sample", *inputoutput.definitions().names]
    assert len(curve) == 3 * 7 * 32 and not curve.duplicated(choices).any()
    assert curve["effect"].is_monotonic_increasing
    assert curve["effect"].between(curve["effect_low"], curve["effect_high"]).all()


def test_a_cross_section_against_the_formula_interface(curve: pd.DataFrame) -> None:
    whole = pd.DataFrame({"y": specifications.sample()["cost_ratio"], "x": specifications.digital_input()})
    frame = whole.xs(2018, level="year")
    for form, formula in {"level-log": "y ~ np.log(x)", "log-log": "np.log(y) ~ np.log(x)", "level-level": "y ~ x"}.items():
        theirs = ols(formula, frame).fit(cov_type="HC3", use_t=True)
        row = curve.query("form == @form and sample == '2018' and measure == 'complete_share'")
        row = row.query("products == 'hardware_software' and imports == 'removed'").iloc[0]
        expected = [theirs.params.iloc[1], *theirs.conf_int().iloc[1]]
        np.testing.assert_allclose(row[["coefficient", "low", "high"]].astype(float), expected)


@pytest.mark.parametrize(("form", "effect"), [("level-log", 3.0), ("log-log", 0.5), ("level-level", 2.0)])
def test_forms_recover_the_slope_and_share_one_effect(form: str, effect: float) -> None:
    x = pd.Series(np.linspace(1, 3, 26), index=pd.MultiIndex.from_product([range(26), [2020]], names=["sector", "year"]))
    y = {"level-log": 5 + 3 * np.log(x), "log-log": 4 * x**0.5, "level-level": 1 + 2 * x}[form]
    row = specifications.estimate(y, x, form=form, sample="2020")
    assert row["coefficient"] == pytest.approx(effect)
    scale = {"level-log": 1, "log-log": y.mean(), "level-level": x.mean()}[form]
    assert row["effect"] == pytest.approx(effect * scale)


def test_refusals() -> None:
    y = costs.ratios(costs.accounts())["profit_ratio"].xs(2016, level="year", drop_level=False)
    y = y.rename(index={2016: 2020}, level="year")
    x = pd.Series(1.0, index=y.index).add(np.arange(len(y)))
    with pytest.raises(ValueError, match="log-log: found values of zero or less"):
        specifications.estimate(y, x, form="log-log", sample="2020")
    with pytest.raises(ValueError, match="found 'cubic', '2020'; right is one of"):
        specifications.estimate(y, x, form="cubic", sample="2020")


def test_no_specification_tells_the_effect_from_zero() -> None:
    for ratio in costs.RATIOS:
        rows = specifications.curve(ratio)
        assert ((rows["effect_low"] <= 0) & (rows["effect_high"] >= 0)).all()


def test_readings_in_points_per_log_unit(curve: pd.DataFrame) -> None:
    printed = report.claim("c3s2-cost-ratio-effect").value
    readings = specifications.readings("cost_ratio")
    assert readings.iloc[0].to_dict() == pytest.approx(
        {
            "per_log_unit": -printed,
            "per_doubling": -printed * np.log(2),
            "per_percent": -printed / 100,
            "slopes": 100 * ((curve["effect_low"] <= -printed) & (curve["effect_high"] >= -printed)).mean(),
        }
    )
    assert readings.at["points per doubling", "per_doubling"] == pytest.approx(-printed)
    assert readings.at["points per 1 per cent", "per_percent"] == pytest.approx(-printed)
    assert readings.at["per cent per 1 per cent (log-log, as printed)", "slopes"] == 0


def test_bound_holds_for_every_log_log_slope_of_the_main_definition(curve: pd.DataFrame) -> None:
    bounds = specifications.bounds("cost_ratio").rename(index=str)
    main = dict(zip(inputoutput.definitions().names, specifications.MAIN_DEFINITION, strict=True))
    rows = curve.query("form == 'log-log'").set_index("sample")
    rows = rows[(rows[list(main)] == pd.Series(main)).all(axis=1)]
    assert (rows["coefficient"].reindex(bounds.index).abs() <= bounds).all()
    assert bounds.max() < 0.2
    assert bounds.max() < specifications.widest_bound("cost_ratio") < 1 < report.claim("c3s2-cost-ratio-effect").value
    assert specifications.widest_bound("profit_ratio") < report.claim("c3s2-cost-profit-ratio-effect").value


def test_main_effect_is_the_pooled_slope_over_the_mean_ratio() -> None:
    y, x = specifications.sample()["cost_ratio"], np.log(specifications.digital_input())
    slope = regressions.panel(y, x.to_frame(), entity_effects=False, time_effects=True).iloc[0]
    found = specifications.main_effect("cost_ratio")
    assert found.value == pytest.approx(-slope["coefficient"] / y.mean())
    assert (found.low, found.high) == pytest.approx((-slope["high"] / y.mean(), -slope["low"] / y.mean()))


def test_bootstrap_agrees_with_the_clustered_interval() -> None:
    rows = specifications.bootstrap("cost_ratio")
    widths = (rows["wild_high"] - rows["wild_low"]) / (rows["high"] - rows["low"])
    assert widths.between(0.7, 1.4).all()


def test_wild_p_values_stand_beside_the_panels_only(curve: pd.DataFrame) -> None:
    panels = curve["sample"].isin(specifications.EFFECTS)
    assert curve.loc[panels, "wild_p"].between(0, 1).all() and curve.loc[~panels, "wild_p"].isna().all()
    zero_outside = (curve["effect_low"] > 0) | (curve["effect_high"] < 0)
    agreeing = (curve["wild_p"] < 0.05) == zero_outside
    assert agreeing[panels].mean() > 0.9
