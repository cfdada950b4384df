"""The language of relations: precedence, intervals, units, verdicts, and what it refuses."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digital_economy import relations
from digital_economy.relations import Quantity, RelationError, evaluate

KNOWN = {
    "a": Quantity.of(2, 1.5, 2.5),
    "b-1": Quantity.of(4, 3.5, 4.5),
    "zero": Quantity.of(0, -0.5, 0.5),
    "many": Quantity.of(100, 100, math.inf),
    "yuan": Quantity.of(1, 1, 1, "yuan"),
    "person": Quantity.of(1, 1, 1, "person"),
    "5g": Quantity.of(5, 5, 5),
}


def lookup(name: str) -> Quantity:
    if name not in KNOWN:
        raise RelationError(f"no name {name!r}")
    return KNOWN[name]


def value(text: str) -> float:
    return evaluate(text, lookup).computed.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("2 * 3 ^ 2", 18),
        ("-2 ^ 2", -4),
        ("8 / 4 / 2", 1),
        ("8 - 4 - 2", 2),
        ("b-1 - 1", 3),  # the hyphen is the name's, the minus is not
        ("2 - -1", 3),
        ("ln(1)", 0),
        ("max(1, min(3, 2))", 2),
        ("1.5e1", 15),  # the exponent of a number is no name
    ],
)
def test_precedence(text: str, expected: float) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("a + b-1", 5, 7),
        ("a - b-1", -3, -1),
        ("a * b-1", 5.25, 11.25),
        ("a / b-1", 1.5 / 4.5, 2.5 / 3.5),
        ("zero ^ 2", 0, 0.25),  # not -0.25: an even power
        ("max(a, b-1)", 3.5, 4.5),
        ("1 / many", 0, 0.01),
        ("ln(a)", math.log(1.5), math.log(2.5)),
        ("a - a", -1, 1),  # two uses of a name count as two numbers: an outer bound
    ],
)
def test_intervals(text: str, low: float, high: float) -> None:
    found = evaluate(text, lookup).computed
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))


@given(st.floats(1.5, 2.5), st.floats(3.5, 4.5))
def test_an_interval_holds_every_value_its_inputs_allow(a: float, b: float) -> None:
    found = evaluate("(a + b-1) / (1 + a * b-1)", lookup).computed
    assert found.low <= (a + b) / (1 + a * b) <= found.high


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("a", "implied"),
        ("a = 2", "consistent"),
        ("a = 2.4", "consistent"),
        ("a = 2.5", "edge"),
        ("a = 2.50001", "inconsistent"),
        ("a = b-1 / 1.5", "edge"),  # 1.5..2.5 and 2.33..3 meet, but neither holds the other's printed value
        ("many = 100000", "consistent"),
        ("many = 99", "inconsistent"),
        ("0.1 + 0.2 = 0.3", "consistent"),
        ("b-1 > a", "consistent"),
        ("a > b-1", "inconsistent"),
        ("a > 2.2", "edge"),
        ("a >= 2", "consistent"),
        ("a > 2", "edge"),
        ("2 < a", "edge"),
        ("3 <= a", "inconsistent"),
    ],
)
def test_verdicts(text: str, verdict: str) -> None:
    assert evaluate(text, lookup).verdict == verdict


def test_units_multiply_and_cancel() -> None:
    assert evaluate("6 * yuan / (2 * person)", lookup).computed.unit == (("person", -1), ("yuan", 1))
    assert evaluate("(yuan * person) ^ 2 / yuan ^ 2", lookup).computed.unit == (("person", 2),)
    assert evaluate("yuan / yuan", lookup).computed.unit == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a / zero", "division by .*-0.5, 0.5.* without zero"),
        ("1 / (a - 2)", "without zero"),
        ("ln(zero)", "above zero"),
        ("a + unheard-of", "'unheard-of'"),
        ("yuan + person", "yuan beside person; right is one unit"),
        ("yuan > 0", "yuan beside a pure number"),
        ("ln(yuan)", "one unit"),
        ("max(yuan, a)", "one unit"),
        ("1 < a < 3", "once"),
        ("a != 2", "another comparison"),
        ("a ^ 0.5", "whole power"),
        ("a ^ 99", "whole power"),
        ("a ^ a", "whole power"),
        ("a % 2", "right are numbers"),
        ("a // 2", "right are numbers"),
        ("True", "right are numbers"),
        ("'text'", "right are numbers"),
        ("a.real", "right are numbers"),
        ("a[0]", "right are numbers"),
        ("abs(a)", "right are numbers"),
        ("__import__('os').system('true')", "right are numbers"),
        ("(lambda: 1)()", "right are numbers"),
        ("[x for x in a]", "right are numbers"),
        ("max(a, key=a)", "right are numbers"),
        ("a; a", "no relation"),
        ("a = ", "no relation"),
        ("", "no relation"),
        ("(" * 400 + "a" + ")" * 400, "no relation"),
        ("a + " * 300 + "a", "1201 characters"),
    ],
)  # fmt: skip
def test_refusals(text: str, words: str) -> None:
    with pytest.raises(RelationError, match=words):
        evaluate(text, lookup)


def test_names_keep_their_hyphens() -> None:
    assert set(relations.parse("b-1 / c2s1-5g-phone-share = pub_x").names.values()) == {
        "b-1",
        "c2s1-5g-phone-share",
        "pub_x",
    }
