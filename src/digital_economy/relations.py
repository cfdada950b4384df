"""A small language for relations between printed numbers, evaluated with their units in interval arithmetic.

A relation is an expression, or two with one of ``=``, ``<``, ``<=``, ``>``, ``>=`` between them::

    c1-de-size / (1 + c1-de-nominal-growth) = pub_caict_de_2023

An expression has numbers, names, ``+ - * / ^`` with the usual precedence, parentheses and the functions
``ln``, ``min`` and ``max``. A hyphen inside a word belongs to a name; a minus sign stands between spaces.
A name stands for a printed number or, as in ``4.2 * percent``, for one of a unit. Python's parser reads
the text, a white list of its nodes is evaluated, and nothing else can run.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass

from mpmath import iv

NAME = re.compile(r"(?<![\w.])[a-zA-Z]\w*(?:-\w+)*", re.ASCII)
ORDERS = {"<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE}
SIGNS = {"=": ast.Eq, **ORDERS}
LONGEST = 1000  # characters; deeper nesting than this allows would exhaust the parser
HIGHEST_POWER = 9
REACH = 1e-9  # relative; a float this near to the end of an interval lies on it
VERDICTS = ("consistent", "edge", "inconsistent", "implied")


class RelationError(ValueError):
    """A relation that can't be read or evaluated; the message says what was found and what is right."""


@dataclass(frozen=True)
class Quantity:
    """A number with the interval that rounding leaves open, and its unit as powers of base units."""

    value: float
    interval: iv.mpf
    unit: tuple[tuple[str, int], ...] = ()

    @classmethod
    def of(cls, value: float, low: float, high: float, unit: str | None = None) -> Quantity:
        """Return a quantity in a base unit, or a pure number."""
        return cls(value, iv.mpf((low, high)), ((unit, 1),) if unit else ())

    @property
    def low(self) -> float:
        """The lower end of the interval."""
        return float(self.interval.a)

    @property
    def high(self) -> float:
        """The upper end of the interval."""
        return float(self.interval.b)


@dataclass(frozen=True)
class Relation:
    """A parsed relation: two sides and the sign between them, or a left side alone; and the names it uses."""

    left: ast.expr
    sign: str | None
    right: ast.expr | None
    names: dict[str, str]  # Python's spelling of a name, and ours


@dataclass(frozen=True)
class Outcome:
    """What a relation comes to: ``computed`` is its left side, for an order the left less the right one.

    ``stated`` is the right side of an equation.
    """

    verdict: str
    computed: Quantity
    stated: Quantity | None


def parse(text: str) -> Relation:
    """Return a relation as a tree.

    Raises
    ------
    RelationError
        The text is too long, is no expression, or compares more than once.
    """
    if len(text) > LONGEST:
        raise RelationError(f"relation: found {len(text)} characters; right is at most {LONGEST}")
    names = {name.replace("-", "_"): name for name in NAME.findall(text)}
    python = re.sub(r"(?<![<>=!])=(?!=)", "==", NAME.sub(lambda found: found[0].replace("-", "_"), text))
    try:
        tree = ast.parse(python.replace("^", "**").strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise RelationError(f"{text!r} is no relation: {error}") from None
    if not isinstance(tree, ast.Compare):
        return Relation(tree, None, None, names)
    sign = next((sign for sign, kind in SIGNS.items() if isinstance(tree.ops[0], kind)), None)
    if len(tree.ops) > 1 or sign is None:
        raise RelationError(f"{text!r}: found another comparison; right is one of {' '.join(SIGNS)}, once")
    return Relation(tree.left, sign, tree.comparators[0], names)


def evaluate(text: str, lookup: Callable[[str], Quantity]) -> Outcome:
    """Return what a relation comes to, with ``lookup`` giving the quantity of a name.

    ``consistent``: one side's printed value lies inside the interval that rounding leaves to the other, or
    an order holds for the printed values. ``edge``: only numbers at the limits of rounding agree.
    ``inconsistent``: none do. ``implied``: there is nothing to compare with. In interval
    arithmetic an interval holds every value that its inputs allow, and only those where each
    uncertain name occurs once.

    Raises
    ------
    RelationError
        Unknown name, units that don't fit, or division by an interval that contains zero.
    """
    relation = parse(text)

    def known(name: str) -> Quantity:
        return lookup(relation.names[name])

    left = _evaluate(relation.left, known)
    if relation.right is None:
        return Outcome("implied", left, None)
    right = _evaluate(relation.right, known)
    gap = _subtract(left, right)
    if relation.sign == "=":
        return Outcome(_agreement(left, right, gap), left, right)
    return Outcome(_order(relation.sign, gap), gap, None)


def _agreement(left: Quantity, right: Quantity, gap: Quantity) -> str:
    if _inside(left.value, right) or _inside(right.value, left):
        return "consistent"
    reach = REACH * max(abs(left.value), abs(right.value))
    return "edge" if gap.low <= reach and gap.high >= -reach else "inconsistent"


def _order(sign: str, gap: Quantity) -> str:
    lead, most = (gap.value, gap.high) if ">" in sign else (-gap.value, -gap.low)
    if lead > 0 or (lead == 0 and "=" in sign):
        return "consistent"
    return "edge" if most > 0 or (most == 0 and "=" in sign) else "inconsistent"


def _inside(value: float, other: Quantity) -> bool:
    """Return whether a value lies strictly within an interval, or is its only point."""
    reach = REACH * abs(value)
    if other.high - other.low <= reach:
        return abs(value - other.value) <= reach
    return other.low + reach < value < other.high - reach


def _evaluate(node: ast.expr, lookup: Callable[[str], Quantity]) -> Quantity:
    match node:
        case ast.Constant(value=number) if type(number) in (int, float):
            return Quantity.of(number, number, number)
        case ast.Name(id=name):
            return lookup(name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _multiply(Quantity.of(-1, -1, -1), _evaluate(operand, lookup))
        case ast.BinOp(op=ast.Pow(), left=base, right=ast.Constant(value=int(power))) if 0 < power <= HIGHEST_POWER:
            return _raise(_evaluate(base, lookup), power)
        case ast.BinOp(op=operator, left=left, right=right) if type(operator) in OPERATIONS:
            return OPERATIONS[type(operator)](_evaluate(left, lookup), _evaluate(right, lookup))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
            return FUNCTIONS[name](*(_evaluate(argument, lookup) for argument in arguments))
    raise RelationError(
        f"found {ast.unparse(node)!r}; right are numbers, names, + - * / ^ with a whole power up to "
        f"{HIGHEST_POWER}, parentheses and {', '.join(FUNCTIONS)}"
    )


def _add(left: Quantity, right: Quantity) -> Quantity:
    _same_unit(left, right)
    return Quantity(left.value + right.value, left.interval + right.interval, left.unit)


def _subtract(left: Quantity, right: Quantity) -> Quantity:
    _same_unit(left, right)
    return Quantity(left.value - right.value, left.interval - right.interval, left.unit)


def _multiply(left: Quantity, right: Quantity) -> Quantity:
    unit = _powers(left, right, 1)
    return Quantity(left.value * right.value, left.interval * right.interval, unit)


def _divide(left: Quantity, right: Quantity) -> Quantity:
    if 0 in right.interval:
        raise RelationError(f"division by [{right.low:g}, {right.high:g}]; right is an interval without zero")
    unit = _powers(left, right, -1)
    return Quantity(left.value / right.value, left.interval / right.interval, unit)


def _raise(base: Quantity, power: int) -> Quantity:
    return Quantity(base.value**power, base.interval**power, tuple((name, power * n) for name, n in base.unit))


def _ln(number: Quantity) -> Quantity:
    _same_unit(number, Quantity.of(1, 1, 1))
    if number.low <= 0:
        raise RelationError(f"ln of [{number.low:g}, {number.high:g}]; right is an interval above zero")
    return Quantity(float(iv.log(iv.mpf(number.value)).mid), iv.log(number.interval))


def _extreme(choose: Callable) -> Callable[..., Quantity]:
    def extreme(first: Quantity, *others: Quantity) -> Quantity:
        for other in others:
            _same_unit(first, other)
        chosen = [choose(getattr(q, part) for q in (first, *others)) for part in ("value", "low", "high")]
        return Quantity(chosen[0], iv.mpf(chosen[1:]), first.unit)

    return extreme


def _powers(left: Quantity, right: Quantity, sign: int) -> tuple[tuple[str, int], ...]:
    powers = dict(left.unit)
    for name, power in right.unit:
        powers[name] = powers.get(name, 0) + sign * power
    return tuple(sorted((name, power) for name, power in powers.items() if power))


def _same_unit(left: Quantity, right: Quantity) -> None:
    if left.unit != right.unit:
        raise RelationError(f"found {in_words(left.unit)} beside {in_words(right.unit)}; right is one unit on both sides")


def in_words(unit: tuple[tuple[str, int], ...]) -> str:
    """Return a unit as text, such as ``yuan * person^-1``."""
    return " * ".join(name if power == 1 else f"{name}^{power}" for name, power in unit) or "a pure number"


OPERATIONS = {ast.Add: _add, ast.Sub: _subtract, ast.Mult: _multiply, ast.Div: _divide}
FUNCTIONS = {"ln": _ln, "min": _extreme(min), "max": _extreme(max)}
