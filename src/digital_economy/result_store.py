"""Results of tasks kept in a folder, each in a file with its key, a digest of what it was made from, and a checksum."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import platform
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from digital_economy import data

LIBRARIES = ("numpy", "pandas", "scipy")  # another version of these may round in another way


class Refusal(str):
    """Why a task has no result."""


def write(folder: Path, key: str, inputs: str, result: Any) -> None:
    """Keep a result, whole or not at all: it gets its name when all of it is on disk."""
    payload, path = pickle.dumps(result), _file(folder, key)
    head = json.dumps({"key": key, "inputs": inputs, "sha256": hashlib.sha256(payload).hexdigest()})
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.write_bytes(head.encode() + b"\n" + payload)
    unfinished.replace(path)


def read(folder: Path, inputs: Mapping[str, str]) -> dict[str, Any]:
    """Return the results kept for these keys and digests of inputs, and a refusal for each file that is corrupt.

    A result of other inputs is not taken. Results are read by pickle: take no folder from strangers.
    """
    found = {}
    for key, expected in inputs.items():
        path = _file(folder, key)
        if not path.exists():
            continue
        head, _, payload = path.read_bytes().partition(b"\n")
        try:
            said = json.loads(head)
            whole = said["sha256"] == hashlib.sha256(payload).hexdigest()
        except (ValueError, KeyError, TypeError):
            whole = False
        if not whole:
            found[key] = Refusal(f"{path}: found a corrupt stored result; right is to delete it and run again")
        elif (said.get("key"), said.get("inputs")) == (key, expected):
            found[key] = pickle.loads(payload)
    return found


def digest(*values: Any) -> str:
    """Return a digest of plain data that is the same for equal data in every process.

    Raises
    ------
    TypeError
        A value that is no number, text, array or frame, nor a list, mapping or dataclass of these.
    """
    found = hashlib.sha256()
    for part in _parts(values):
        found.update(part)
    return found.hexdigest()


def fingerprint(module: str) -> str:
    """Return a digest of what a result rests on besides its arguments: this package, the module, public tables, Python, libraries."""
    package = Path(__file__).parent
    own = os.environ.get("DIGITAL_ECONOMY_DATA")
    tables = [*sorted((data.DATA / "public").glob("*.csv")), *(sorted(Path(own).glob("*.csv")) if own else [])]
    files = [*sorted(package.rglob("*.py")), *tables, Path(import_module(module).__file__)]
    return digest(platform.python_version(), *map(version, LIBRARIES), *((file.name, file.read_bytes()) for file in files))[:16]


def _file(folder: Path, key: str) -> Path:
    return Path(folder) / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.result"


def _parts(value: Any) -> Iterator[bytes]:
    match value:
        case np.ndarray() if value.dtype != object:
            yield f"{value.dtype}{value.shape}".encode() + np.ascontiguousarray(value).tobytes()
        case pd.DataFrame() | pd.Series() | pd.Index():
            labels = value.columns if isinstance(value, pd.DataFrame) else [value.name]
            yield from _parts([type(value).__name__, *map(repr, labels), pd.util.hash_pandas_object(value).to_numpy()])
        case Mapping():
            yield from _parts(list(value.items()))
        case list() | tuple():
            yield f"{len(value)} of:".encode()
            for item in value:
                yield from _parts(item)
        case _ if is_dataclass(value):
            yield from _parts([type(value).__name__, *((field.name, getattr(value, field.name)) for field in fields(value))])
        case bytes() | None | bool() | int() | float() | str() | np.generic():
            yield f"{type(value).__name__} {value!r};".encode()
        case _:
            raise TypeError(f"arguments: found {type(value).__name__}; right is numbers, text, arrays, frames and lists of these")
