"""The variance of an answer splits among its choices as theory says; an incomplete factorial is refused."""

from __future__ import annotations

from itertools import product

import pandas as pd
import pytest

from digital_economy.factorial import variance_shares


def every_combination(function) -> pd.DataFrame:
    rows = [{"a": a, "b": b, "value": function(a, b)} for a, b in product((-1, 1), (-1, 0, 1))]
    return pd.DataFrame(rows)


def test_an_additive_answer_has_no_interactions() -> None:
    shares = variance_shares(every_combination(lambda a, b: a + 3 * b), "value", ["a", "b"])
    assert shares["alone"].tolist() == pytest.approx([100 / 7, 600 / 7])
    assert shares["in_all"].tolist() == pytest.approx(shares["alone"].tolist())
    assert shares["range"].tolist() == pytest.approx([2, 6])


def test_a_product_is_all_interaction() -> None:
    shares = variance_shares(every_combination(lambda a, b: a * b), "value", ["a", "b"])
    assert shares["alone"].tolist() == pytest.approx([0, 0])
    assert shares["in_all"].tolist() == pytest.approx([100, 100])


@pytest.mark.parametrize("change", [lambda frame: frame.iloc[1:], lambda frame: pd.concat([frame.iloc[1:], frame.iloc[-1:]])])
def test_an_incomplete_factorial_is_refused(change) -> None:
    with pytest.raises(ValueError, match="6 combinations"):
        variance_shares(change(every_combination(lambda a, b: a + b)), "value", ["a", "b"])
