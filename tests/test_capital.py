"""Capital algebra against known answers, and the routes to China's digital capital."""

from __future__ import annotations

import pytest

from digital_economy import capital


def test_apo_route_is_services_over_workers() -> None:
    per_worker = capital.digital_capital_per_worker("apo")
    assert list(per_worker.index) == list(range(2000, 2024)) and per_worker[2010] == 1
    assert per_worker[2023] == pytest.approx(8.7795 * 761050 / 740410, rel=1e-12)


def test_unknown_route_is_refused() -> None:
    with pytest.raises(ValueError, match="no route 'guess'.*apo"):
        capital.digital_capital_per_worker("guess")
