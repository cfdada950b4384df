"""Read the project's tables, each checked against its schema before anyone computes with it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import deepcopy
from decimal import Decimal
from functools import cache, wraps
from pathlib import Path

import pandas as pd
from frictionless import Checklist, Package, Resource, checks, errors, system

_CLONE, _WHEEL = Path(__file__).parents[2] / "data", Path(__file__).parent / "tables"
DATA = _WHEEL if _WHEEL.exists() else _CLONE  # a wheel carries the tables inside
TYPES = {"string": "str", "integer": "Int64", "number": "float64"}
STATUS_ORDER = ("official_revised", "official", "secondary", "derived")  # the first is preferred

watchers: list[Callable[[Iterable[str]], None]] = []  # each is told the names of the tables that are read
_reading: ContextVar[tuple[set[str], ...]] = ContextVar("reading", default=())


class DataError(ValueError):
    """A table that does not keep to its schema; the message names table, row, finding and rule."""


@contextmanager
def reads() -> Iterator[set[str]]:
    """Yield a set that fills with the names of the tables loaded inside the block."""
    tables: set[str] = set()
    token = _reading.set((*_reading.get(), tables))
    try:
        yield tables
    finally:
        _reading.reset(token)


def remembered[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Return ``function`` with its results kept while the tables they rest on stay as they are.

    A kept result counts as a reading of its tables, and an edited or replaced table is read anew; the arguments
    must be hashable and the caller must not change what it gets.
    """
    kept: dict[tuple, tuple[R, dict[str, tuple[Path, int]]]] = {}

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        key = (args, tuple(sorted(kwargs.items())))
        if key not in kept or any(_stamp(name) != stamp for name, stamp in kept[key][1].items()):
            with reads() as tables:
                result = function(*args, **kwargs)
            kept[key] = result, {name: _stamp(name) for name in tables}
        result, stamps = kept[key]
        _note(stamps)
        return result

    return call


def _note(names: Iterable[str]) -> None:
    for tables in _reading.get():
        tables.update(names)
    for watcher in watchers:
        watcher(names)


def _stamp(name: str) -> tuple[Path, int]:
    path = _path(name)
    return path, path.stat().st_mtime_ns if path.exists() else 0


def load(name: str) -> pd.DataFrame:
    """Return the table ``name`` of the data package, typed and checked.

    Columns have the types of ``data/datapackage.json``. Each ``value`` gets a companion column
    ``decimals``, the number of decimals printed in the table, from which rounding intervals are
    built. A table of the same name in the folder ``DIGITAL_ECONOMY_DATA`` replaces ours.

    Raises
    ------
    DataError
        Unknown table, or a table that breaks its schema. Nothing is dropped, filled or guessed.
    """
    _note([name])
    _known(name)
    return _load(name, tuple(_stamp(table) for table in [name, *_referred(name)])).copy()


def series(table: str, series_id: str, /, **key: str | int) -> pd.Series:
    """Return one series of a long table by year, in the table's unit.

    Where two sources give the same year, the better ``status`` is taken: revised, official,
    secondary, derived. ``key`` narrows the choice, as in ``vintage="census5"``.

    Raises
    ------
    DataError
        No such series, mixed units, or two figures of equal status for one year.
    """
    return _chosen(table, series_id, **key)["value"].rename(series_id)


def printed(table: str, series_id: str, year: int, /, **key: str | int) -> tuple[float, float]:
    """Return the rounding interval of one figure of a series, in the table's unit.

    Raises
    ------
    DataError
        As ``series``, or no figure for the year.
    """
    chosen = _chosen(table, series_id, **key)
    if year not in chosen.index:
        raise DataError(f"{table}: found no {series_id} for {year}; right is one of {list(chosen.index)}")
    return rounding_interval(chosen.at[year, "value"], chosen.at[year, "decimals"])


def rounding_interval(value: float, decimals: int) -> tuple[float, float]:
    """Return the ends of the interval of numbers that print as ``value`` with ``decimals``."""
    exact, half = Decimal(str(value)), Decimal(5).scaleb(-int(decimals) - 1)
    return float(exact - half), float(exact + half)


@remembered
def _chosen(table: str, series_id: str, **key: str | int) -> pd.DataFrame:
    frame = load(table)
    for column, wanted in {"series_id": series_id, **key}.items():
        found = sorted(frame[column].unique())
        frame = frame[frame[column] == wanted]
        if frame.empty:
            raise DataError(f"{table}: found no {column} {wanted!r}; right is one of {found}")
    units = sorted(frame["unit"].unique())
    if len(units) > 1:
        raise DataError(f"{table}: found {series_id} in units {units}; right is one unit a series")
    rank = frame["status"].map(STATUS_ORDER.index)
    best = frame[rank == rank.groupby(frame["period"]).transform("min")]
    twice = best.index[best["period"].duplicated(keep=False)] + 2
    if len(twice):
        raise DataError(
            f"{table}, rows {list(twice)}: found {series_id} twice for one year with the same status; "
            "right is one figure a status"
        )
    return best.astype({"period": int}).set_index("period").rename_axis("year").sort_index()


@cache
def descriptor() -> dict:
    """Return the data package's descriptor: its tables with their schemas, licences and sources."""
    return json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))


def names() -> list[str]:
    """Return the names of all tables."""
    return [resource["name"] for resource in descriptor()["resources"]]


def replaced() -> list[str]:
    """Return the names of the tables that ``DIGITAL_ECONOMY_DATA`` replaces, refusing strangers."""
    folder = os.environ.get("DIGITAL_ECONOMY_DATA")
    if not folder:
        return []
    if not Path(folder).is_absolute():
        raise DataError(f"DIGITAL_ECONOMY_DATA: found the path {folder!r}; right is one from the root, as notebooks run in folders of their own")
    if not Path(folder).is_dir():
        raise DataError(f"DIGITAL_ECONOMY_DATA: found no folder {folder!r}; right is a folder of CSV tables")
    found = sorted(path.stem for path in Path(folder).glob("*.csv"))
    if not found:
        raise DataError(f"DIGITAL_ECONOMY_DATA: found no table in {folder!r}; right is a folder with a CSV file a table, not in folders below it")
    for name in found:
        _known(name)
    return found


def check_replaced() -> None:
    """Check the tables that ``DIGITAL_ECONOMY_DATA`` replaces, and those whose keys refer to one of them."""
    own = set(replaced())
    for name in names():
        if own & {name, *_referred(name)}:
            load(name)


def _known(name: str) -> None:
    if name not in names():
        raise DataError(f"{name}: found no such table; right is one of {', '.join(names())}")


def _referred(name: str) -> list[str]:
    """Return the tables that the keys of a table refer to."""
    schema = next(resource["schema"] for resource in descriptor()["resources"] if resource["name"] == name)
    return list(dict.fromkeys(key["reference"]["resource"] for key in schema.get("foreignKeys", [])))


def _path(name: str) -> Path:
    """Return where a table is: in the reader's own folder if it is there, else in ours."""
    if name in replaced():
        return Path(os.environ["DIGITAL_ECONOMY_DATA"], f"{name}.csv")
    return next(DATA / resource["path"] for resource in descriptor()["resources"] if resource["name"] == name)


def _resource(name: str) -> Resource:
    """Return a table with those that its keys refer to, as a package of their own: the whole one takes long to check."""
    known = {resource["name"]: resource for resource in descriptor()["resources"]}
    resources = [{**deepcopy(known[table]), "path": str(_path(table))} for table in dict.fromkeys([name, *_referred(name)])]
    return Package.from_descriptor({**descriptor(), "resources": resources}).get_resource(name)


@cache
def _load(name: str, stamps: tuple[tuple[Path, int], ...]) -> pd.DataFrame:
    """Return the checked table; ``stamps`` are there so that an edited file, or one that it refers to, is read anew."""
    with system.use_context(trusted=True):  # own tables lie outside the package's folder
        resource = _resource(name)
        report = resource.validate(Checklist(checks=[checks.table_dimensions(min_rows=1)]))
    found = [error for task in report.tasks for error in task.errors]
    if found:
        raise DataError("\n".join(_message(name, error, resource.schema.field_names) for error in found[:5]))
    return _typed(resource)


def _message(name: str, error: errors.Error, columns: list[str]) -> str:
    """Say which table and row broke the schema, what was found and what is right."""
    place = f"{name}, row {error.row_number}" if hasattr(error, "row_number") else name
    match error:
        case errors.MissingCellError() | errors.ExtraCellError():
            return f"{place}: found {len(error.cells)} cells; right is {len(columns)}"
        case errors.CellError():
            rule = error.note.replace('"', "").replace("/default", "")
            return f"{place}, column {error.field_name}: found {error.cell!r}; right is a value whose {rule}"
        case errors.ForeignKeyError():
            return f"{place}: found {', '.join(error.field_cells)!r}; right is a key of the table {error.reference_name}"
        case errors.PrimaryKeyError():
            return f"{place}: found a key {error.note}; right is a key that occurs once"
        case errors.LabelError() | errors.HeaderError():
            return f"{name}, row 1: found the columns {error.labels}; right is {columns}"
    return f"{place}: found {error.title.lower()}: {error.note}; right is a UTF-8 CSV file with a header and rows"


def _typed(resource: Resource) -> pd.DataFrame:
    text = pd.read_csv(resource.normpath, dtype=str, keep_default_na=False, encoding="utf-8")
    types = {field.name: TYPES[field.type] for field in resource.schema.fields}
    numeric = {name: pd.to_numeric(text[name]) for name, kind in types.items() if kind != "str"}
    frame = text.assign(**numeric).astype(types)
    if "value" in types:
        frame["decimals"] = text["value"].str.partition(".")[2].str.len()
    return frame
