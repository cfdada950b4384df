"""Claims and the intervals that their print allows."""

from __future__ import annotations

import math

import pytest

from digital_economy import report


@pytest.mark.parametrize(
    ("claim", "low", "high"),
    [
        ("c1-de-size", 59.15, 59.25),
        ("c3s1-de-tfp-contribution-2013", 16.295, 16.305),  # printed 16.30
        ("c3s1-de-tfp-contribution-2024", 23.74, 23.76),  # about 23.75
        ("c2s1-digind-growth-band", 9, 11),  # about 10
        ("c3s2-sectors", 42, 42),  # counted
        ("c3s1-phase-fluctuation", 2018, 2024),  # a span
        ("c2s1-advanced-storage-finance", 45, math.inf),  # more than
        ("c3s1-smart-home-trade-ins", -math.inf, 1000),  # nearly
    ],
)
def test_printed_interval(claim: str, low: float, high: float) -> None:
    found = report.claim(claim)
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))


def test_every_claim_lies_in_its_interval() -> None:
    claims = report.claims()
    assert ((claims["low"] <= claims["value"]) & (claims["value"] <= claims["high"])).all()


def test_unknown_claim_is_named() -> None:
    with pytest.raises(KeyError, match="no-such-claim"):
        report.claim("no-such-claim")
