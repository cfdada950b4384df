"""From what on a page to where it comes from: the functions that a notebook called and the tables these read.

Nothing is written down by hand. The tables are noted while the notebook runs, with the line of the
cell that asked for them; the functions are found in the notebook's own cells, by going back from
the line that shows a figure through the lines that made its parts.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from IPython import get_ipython

from digital_economy import data

PACKAGE = "digital_economy"
DRAWING = ("charts.", "provenance.", "wording.", "pages.figure", "pages.table", "pages.numbers")  # these show numbers, name things and compute none
WORDS = ("title", "description", "caption")  # of a figure: its words, not what it draws

_read: dict[tuple[int, int], set[str]] = defaultdict(set)  # the tables read from a cell's line


@dataclass(frozen=True)
class Origin:
    """What a figure rests on: functions as ``module.function`` and tables, each in the order of the notebook."""

    functions: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


@dataclass(frozen=True)
class Statement:
    """One statement of a cell."""

    cell: int
    tree: ast.stmt


def watch() -> None:
    """Note from now on which line of which cell reads which tables."""
    if _note not in data.watchers:
        data.watchers.append(_note)


def origin() -> Origin:
    """Return what the figure or table rests on that the notebook's running statement shows; empty outside a notebook."""
    place = _place()
    if place is None:
        return Origin()
    names = get_ipython().user_ns
    before = list(_statements(names["In"]))
    shown = next(index for index, statement in enumerate(before) if place in _lines(statement))
    chain = _behind(before[: shown + 1])
    functions = dict.fromkeys(name for part in chain for name in _functions(part, names))
    tables = dict.fromkeys(table for part in chain for line in _lines(part) for table in sorted(_read.get(line, ())))
    return Origin(tuple(functions), tuple(tables))


def _note(names: Iterable[str]) -> None:
    if place := _place():
        _read[place].update(names)


def _place() -> tuple[int, int] | None:
    """Return the cell and the line that is running, if one is; the running cell is the last in the shell's list."""
    shell, frame = get_ipython(), sys._getframe()
    while shell and frame and not (frame.f_globals is shell.user_global_ns and frame.f_code.co_name == "<module>"):
        frame = frame.f_back
    return (len(shell.user_ns["In"]) - 1, frame.f_lineno) if shell and frame else None


def _statements(cells: list[str]) -> Iterator[Statement]:
    for number, source in enumerate(cells):
        for tree in ast.parse(source).body:
            yield Statement(number, tree)


def _lines(statement: Statement) -> list[tuple[int, int]]:
    """Return the lines of a statement as (cell, line), those of a figure's words left out."""
    words = {line for node in _words(statement.tree) for line in range(node.value.lineno, node.value.end_lineno + 1)}
    first, last = statement.tree.lineno, statement.tree.end_lineno
    return [(statement.cell, line) for line in range(first, last + 1) if line not in words or first == last]


def _words(tree: ast.AST) -> list[ast.keyword]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg in WORDS]


def _walk(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a statement in their order, the words of a figure left out."""
    for child in ast.iter_child_nodes(tree):
        if not (isinstance(child, ast.keyword) and child.arg in WORDS):
            yield child
            yield from _walk(child)


def _behind(statements: list[Statement]) -> list[Statement]:
    """Return the last statement and those before it that made what it uses, in their order."""
    chain, needed = [], set()
    for statement in reversed(statements):
        made, whole = _made(statement.tree)
        if not chain or made & needed:
            chain.append(statement)
            needed = (needed - whole) | _used(statement.tree)
    return chain[::-1]


def _used(tree: ast.stmt) -> set[str]:
    """Return the names that a statement reads from the statements before it."""
    arguments = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    read = {node.id for node in _walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return read - _looped(tree) - arguments


def _made(tree: ast.stmt) -> tuple[set[str], set[str]]:
    """Return the names that a statement makes or changes, and of these the ones it makes anew."""
    if isinstance(tree, ast.Import | ast.ImportFrom):
        return set(), set()
    targets = [node for node in ast.walk(tree) if isinstance(getattr(node, "ctx", None), ast.Store)]
    names = {part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)} - _looped(tree)
    whole = {target.id for target in targets if isinstance(target, ast.Name)}
    return names, set() if isinstance(tree, ast.AugAssign) else whole


def _looped(tree: ast.stmt) -> set[str]:
    """Return the names that live only inside a comprehension of a statement."""
    loops = [node.target for node in ast.walk(tree) if isinstance(node, ast.comprehension)]
    return {part.id for target in loops for part in ast.walk(target) if isinstance(part, ast.Name)}


def _functions(statement: Statement, names: dict[str, Any]) -> Iterator[str]:
    """Yield the functions of the package that a statement names, as ``module.function``."""
    for node in _walk(statement.tree):
        match node:
            case ast.Attribute(value=ast.Name(id=module), attr=name) if isinstance(names.get(module), ModuleType):
                found = getattr(names[module], name, None)
            case ast.Name(id=name):
                found = names.get(name)
            case _:
                continue
        found = inspect.unwrap(found) if callable(found) else found
        if inspect.isfunction(found) or inspect.isclass(found):
            package, _, module = found.__module__.partition(".")
            place = f"{module}.{found.__qualname__}"
            if package == PACKAGE and not place.startswith(DRAWING):
                yield place
