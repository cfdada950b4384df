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
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TextIO

from threadpoolctl import ThreadpoolController

from digital_economy import result_store
from digital_economy.result_store import Refusal, digest, fingerprint

ADDRESS = "DASK_SCHEDULER_ADDRESS"
ATTEMPTS = 3  # workers that may die over one task
WAIT = 5  # seconds for a scheduler to answer, and for its first worker to come


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

    Runs on ``workers`` processes, by default one a core; where DASK_SCHEDULER_ADDRESS is set, on that cluster;
    with ``workers=1`` in this process, whatever is set. A task
    whose worker dies goes to another. A task is refused, and the others are still done, if the function
    raises ValueError or RuntimeError, its workers die again and again, its key occurs twice or its stored result is corrupt.
    With ``store``, a folder, a result is kept as soon as it is there and not computed again while the arguments, all
    source and the public tables are the same. ``progress`` goes to a terminal, or to the text stream given.

    Raises
    ------
    ValueError
        A function without an import path; no workers.
    TypeError
        A key that is no text, arguments that are not data.
    ConnectionError, RuntimeError, ModuleNotFoundError
        No scheduler at the address, no worker, a worker with other source, tables or libraries; no ``distributed``.
    """
    _check_function(function)
    if workers is not None and workers < 1:
        raise ValueError(f"workers: found {workers}; right is a number above 0")
    given, twice = _distinct(tasks)
    expected = fingerprint(function.__module__)
    inputs = {key: digest(_path(function), expected, arguments) for key, arguments in given.items()}
    found = ({} if store is None else result_store.read(store, inputs)) | twice
    calls = {key: pickle.dumps((function, dict(arguments))) for key, arguments in given.items() if key not in found}
    address = os.environ.get(ADDRESS)
    distant = address and workers != 1
    answers = _on_cluster(calls, function, expected, address) if distant else _on_processes(calls, expected, workers)
    with closing(answers):
        for key, answer in _shown(answers, len(calls), progress) if calls else ():
            found[key] = answer
            if store is not None and not isinstance(answer, Refusal):
                result_store.write(store, key, inputs[key], answer)
    refused = {key: str(found[key]) for key in given if isinstance(found[key], Refusal)}
    return Outcomes({key: found[key] for key in given if key not in refused}, refused)


# -- who computes ----------------------------------------------------------------------------------------


def _answer(call: bytes, expected: str) -> Any:
    """Return the result of a call on a worker, which may have come after the others were asked what they have."""
    found = _own_fingerprint(pickle.loads(call)[0].__module__)
    if found != expected:
        raise ImportError(f"worker: found source, tables and libraries {found}; right is {expected}")
    return _result(call)


def _result(call: bytes) -> Any:
    """Return the result of a call, made on one thread, or its refusal."""
    function, arguments = pickle.loads(call)
    try:
        with _threads().limit(limits=1):
            return function(**arguments)
    except (ValueError, RuntimeError) as error:
        return Refusal(str(error) or type(error).__name__)


_own_fingerprint = cache(fingerprint)


@cache
def _threads() -> ThreadpoolController:
    return ThreadpoolController()  # looking for the libraries takes longer than many a task


def _on_processes(calls: dict[str, bytes], expected: str, workers: int | None) -> Iterator[tuple[str, Any]]:
    """Yield keys and answers as they come. Each thread waits for a process of its own, so a death has one suspect."""
    count = min(workers or os.cpu_count() or 1, len(calls))
    if count == 1:
        yield from ((key, _result(call)) for key, call in calls.items())
        return
    idle: SimpleQueue[ProcessPoolExecutor] = SimpleQueue()
    for _ in range(count):
        idle.put(_process())

    def patiently(call: bytes) -> Any:
        process = idle.get()
        try:
            for _ in range(ATTEMPTS):
                try:
                    return process.submit(_answer, call, expected).result()
                except BrokenProcessPool:
                    process = _process()
            return Refusal(f"found its worker dead {ATTEMPTS} times; right is a task that fits into this machine")
        finally:
            idle.put(process)

    threads = ThreadPoolExecutor(count)
    futures = {threads.submit(patiently, call): key for key, call in calls.items()}
    try:
        for future in as_completed(futures):
            yield futures[future], future.result()
    finally:
        threads.shutdown(cancel_futures=True)
        while not idle.empty():
            idle.get().shutdown()


def _process() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


def _on_cluster(calls: dict[str, bytes], function: Callable, expected: str, address: str) -> Iterator[tuple[str, Any]]:
    """Yield keys and answers as they come from the workers of a Dask scheduler, who pass on a dead worker's tasks."""
    try:
        import distributed
    except ModuleNotFoundError:
        raise ModuleNotFoundError(f"{ADDRESS}: found no distributed; right is pip install 'digital-economy[cluster]'") from None
    try:
        client = distributed.Client(address, timeout=WAIT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ConnectionError(f"{ADDRESS}: found no scheduler at {address}; right is one that answers in {WAIT} s") from error
    with client:
        _check_workers(client, function, expected, address)
        futures = {client.submit(_answer, call, expected, pure=False): key for key, call in calls.items()}
        for future in distributed.as_completed(futures, loop=client.loop):
            try:
                yield futures[future], future.result()
            except distributed.KilledWorker:
                yield futures[future], Refusal("found its workers dead again and again; right is a task that fits into them")
            future.release()


def _check_workers(client: Any, function: Callable, expected: str, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=WAIT)
    except TimeoutError:
        raise RuntimeError(f"{ADDRESS}: found no workers at {address}; right is at least one") from None
    for worker, found in client.run(fingerprint, function.__module__, on_error="return").items():
        if found != expected and not isinstance(found, OSError):  # that one has just gone
            raise RuntimeError(f"worker {worker}: found source, tables and libraries {found!r}; right is {expected!r}, as in this process")


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
