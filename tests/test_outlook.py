"""The watch list names every policy field and computes what it shows."""

from __future__ import annotations

import pytest

from digital_economy import outlook


def test_watch_list_has_a_value_and_a_trend_for_every_field() -> None:
    frame = outlook.watch_list().set_index("indicator")
    assert set(frame["section"]) == {f"4.{field}" for field in range(1, 7)}
    assert set(frame.index) == set(outlook.WATCHED)
    assert frame.at["data_production", "trend"] == pytest.approx(100 * ((41.06 / 26.83) ** 0.5 - 1))
    assert frame.at["enterprise_ecommerce", "trend"] == pytest.approx((11.2 - 10.9) / 5)  # a share: points
    assert ((frame["year"] - frame["since"]) <= outlook.TREND_YEARS).all()
