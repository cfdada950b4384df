"""The panel of the divisions of industry: its bases, and what is stored against what can be computed again."""

from __future__ import annotations

import numpy as np
import pytest

from digital_economy import arimax_panel, data, sector_costs, stored
from digital_economy.arimax_priors import Priors


def test_every_division_has_its_changes_on_one_basis_each() -> None:
    panel = sector_costs.panel()
    assert panel["key"].nunique() == 41 and not panel.isna().any(axis=None)
    y, x, breaks = arimax_panel.series(panel[panel["key"] == "textiles"], [sector_costs.REGRESSOR])
    assert list(y.index) == list(range(2003, 2023)) and breaks == [2007, 2011] and len(x) == 20
    late = arimax_panel.series(panel[panel["key"] == "automobiles"], [sector_costs.REGRESSOR])
    assert list(late[0].index) == list(range(2011, 2023)) and late[2] == []


def test_a_change_is_that_of_the_ratio_within_a_release() -> None:
    """Textiles in 2018, from the printed figures: operating items of 2018 and of 2017 as that year's release restates them."""
    now, before = data.load("enterprise_accounts"), data.load("enterprise_history")
    now = now.query("branch == 'textiles' and vintage == 'release' and period == 2018").set_index("series_id")["value"]
    before = before.query("branch == 'textiles' and vintage == 'prior_year' and period == 2017").set_index("series_id")["value"]
    expected = 100 * np.log(now["cost_operating"] / now["revenue_operating"] * before["revenue"] / before["cost"])
    panel = sector_costs.panel()
    y, _, _ = arimax_panel.series(panel[panel["key"] == "textiles"], [])
    assert y[2018] - y[2017] == pytest.approx(expected, rel=1e-12)


def test_divisions_that_the_classification_changed_start_anew() -> None:
    scope = sector_costs.same_scope()
    assert not scope.loc[["culture_sports_goods", "instruments", "other_manufacturing"], "same"].any()
    assert scope["same"].sum() == 34


@pytest.mark.parametrize("model", sector_costs.POOLINGS)
def test_the_stored_hierarchy_agrees_with_a_grid(model: str) -> None:
    posterior = stored.load("sectors").query("model == @model")
    pooling = sector_costs.POOLINGS[model]
    checked = sector_costs.plug_in(posterior, pooling)
    mean, spread = (posterior.query("parameter == @name").iloc[0] for name in ("mean", "spread"))
    assert abs(checked["mean"] - mean["mean"]) < 0.2 * mean["sd"]
    assert checked["sd"] == pytest.approx(mean["sd"], rel=0.15)
    assert abs(checked["spread"] - spread["mean"]) < spread["sd"]


def test_pooled_effects_lie_between_alone_and_the_mean() -> None:
    posterior = stored.load("sectors").query("model == 'independent'")
    frame = sector_costs.comparison(posterior)
    centre = posterior.query("parameter == 'mean'")["mean"].iloc[0]
    ratio = ((frame["pooled"] - centre) / (frame["own"] - centre))[(frame["own"] - centre).abs() > 0.15]
    assert len(ratio) > 15 and ratio.between(0, 1).all()
    assert frame["digital_input"].notna().all() and len(frame) == 41


def test_evidence_of_a_division_is_that_of_its_own_model() -> None:
    panel, name = sector_costs.panel(), "gas_supply"
    rows = panel[panel["key"] == name].reset_index(drop=True)
    both = [
        arimax_panel.single(rows=rows, regressors=names, order=(1, 1, 0), form="regression", priors=Priors(), draws=10, seed=1)["log_evidence"]
        for names in ([sector_costs.REGRESSOR], [])
    ]
    frame = sector_costs.comparison(stored.load("sectors").query("model == 'shared'"))
    assert frame.at[name, "evidence"] == pytest.approx(both[0] - both[1], abs=1e-9)
