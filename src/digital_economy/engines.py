"""One function on many tasks: on processes over the cores of this machine, or on a Dask cluster, with the same results.

A task travels as bytes: the function by its import path, numbers, arrays and frames as data, seeds as
numbers. What comes back depends on nothing else, so it does not matter who computes it, how often or in what order.
"""

from __future__ import annotations

import os
import pickle
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from digital_economy import result_store, task_workers
from digital_economy.result_store import Refusal, digest, fingerprint


@dataclass(frozen=True)
class Outcomes:
    """The results of the tasks that have one and the reasons of the others, by key, in the order of the tasks."""

    results: dict[str, Any]
    refused: dict[str, str]


def run(
    function: Callable[..., Any],
    tasks: Mapping[str, Mapping[str, Any]] | Iterable[tuple[str, Mapping[str, Any]]],
    *,
    store: Path | None = None,
    workers: int | None = None,
    progress: bool | TextIO = True,
) -> Outcomes:
    """Return what ``function(**arguments)`` returns for every task, a key and its arguments.

    Tasks run on ``workers`` processes, by default one a core, or, where DASK_SCHEDULER_ADDRESS is set, on that cluster;
    with ``workers=1`` in this process whatever is set. A task whose worker dies goes to another.

    A task is refused, and the others are still done, if the function raises ValueError or RuntimeError, its workers
    die again and again, its key occurs twice or its stored result is corrupt.

    With ``store``, a folder, a result is kept as soon as it is there, and not computed again while its arguments, all source
    and the public tables are the same. ``progress`` goes to a terminal, or to the text stream given.

    Raises
    ------
    ValueError
        A function without an import path; no workers.
    TypeError
        A key that is no text, arguments that are not data.
    ConnectionError, RuntimeError, ModuleNotFoundError
        No scheduler at the address, or lost in mid-run; no worker; a worker with other source, tables or libraries; no ``distributed``.
    """
    _check_function(function)
    if workers is not None and workers < 1:
        raise ValueError(f"workers: found {workers}; right is a number above 0")
    given, twice = _distinct(tasks)
    expected = fingerprint(function.__module__)
    inputs = {key: digest(_path(function), expected, arguments) for key, arguments in given.items()}
    found = ({} if store is None else result_store.read(store, inputs)) | twice
    calls = {key: pickle.dumps((function, dict(arguments))) for key, arguments in given.items() if key not in found}
    address = os.environ.get(task_workers.ADDRESS)
    distant = address and workers != 1
    answers = task_workers.on_cluster(calls, function, expected, address) if distant else task_workers.on_processes(calls, expected, workers)
    with closing(answers):
        for key, answer in _shown(answers, len(calls), progress) if calls else ():
            found[key] = answer
            if store is not None and not isinstance(answer, Refusal):
                result_store.write(store, key, inputs[key], answer)
    refused = {key: str(found[key]) for key in given if isinstance(found[key], Refusal)}
    return Outcomes({key: found[key] for key in given if key not in refused}, refused)


def _shown(answers: Iterable[tuple[str, Any]], total: int, progress: bool | TextIO) -> Iterator[tuple[str, Any]]:
    stream = sys.stderr if isinstance(progress, bool) else progress
    shown = progress and sys.stderr.isatty() if isinstance(progress, bool) else True
    start = time.monotonic()
    for done, pair in enumerate(answers, start=1):
        if shown:
            left = (time.monotonic() - start) * (total / done - 1)
            print(f"\r{done} of {total} done, about {left:.0f} s left  ", end="\n" * (done == total), file=stream, flush=True)
        yield pair


# -- what is refused -------------------------------------------------------------------------------------


def _path(function: Callable) -> str:
    return f"{function.__module__}.{function.__qualname__}"


def _check_function(function: Callable) -> None:
    name = getattr(function, "__qualname__", repr(function))
    module = getattr(function, "__module__", None)
    if module in (None, "__main__") or getattr(sys.modules.get(module), name, None) is not function:
        raise ValueError(f"function: found {name} of {module}; right is a function of a module, which a worker can import")


def _distinct(tasks: Any) -> tuple[dict[str, Mapping[str, Any]], dict[str, Any]]:
    """Return the tasks by key, and a refusal for each key that occurs twice."""
    given: dict[str, Mapping[str, Any]] = {}
    refused: dict[str, Any] = {}
    for key, arguments in tasks.items() if isinstance(tasks, Mapping) else tasks:
        if not isinstance(key, str):
            raise TypeError(f"tasks: found the key {key!r}; right is text")
        if key in given:
            refused[key] = Refusal(f"tasks: found the key {key!r} twice; right is once")
        given[key] = arguments
    return given, refused
