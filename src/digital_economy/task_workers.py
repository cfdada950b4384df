"""Who computes the tasks of ``engines``: this process, processes of its own, or the workers of a Dask cluster.

A call is bytes: a function by its import path, and its arguments. Each way yields keys and answers, results or refusals, as
they come.
"""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from multiprocessing import get_context
from queue import SimpleQueue
from typing import Any

from threadpoolctl import ThreadpoolController

from digital_economy.result_store import Refusal, fingerprint

ADDRESS = "DASK_SCHEDULER_ADDRESS"
ATTEMPTS = 3  # workers that may die over one task
WAIT = 10  # seconds for a scheduler to answer, and for its first worker to come
PATIENCE = 60  # seconds without a result after which workers are looked for
POLL = 0.02
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def _answer(call: bytes, expected: str) -> Any:
    """Return the result of a call on a worker, which may have come after the others were asked what they have."""
    found = _own_fingerprint(pickle.loads(call)[0].__module__)
    if found != expected:
        raise ImportError(f"worker: found source, tables and libraries {found}; right is {expected}")
    os.environ.update(ONE_THREAD)  # for what the function has yet to load; what is loaded is limited below
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


def on_processes(calls: dict[str, bytes], expected: str, workers: int | None) -> Iterator[tuple[str, Any]]:
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


def on_cluster(calls: dict[str, bytes], function: Callable, expected: str, address: str) -> Iterator[tuple[str, Any]]:
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
        ready = distributed.as_completed(futures, loop=client.loop, with_results=True, raise_errors=False)
        for future, answer in _finished(client, ready, address):
            if future.status == "error":
                _, error, _ = answer
                if not isinstance(error, distributed.KilledWorker):
                    raise error
                answer = Refusal("found its workers dead again and again; right is a task that fits into them")
            elif future.status != "finished":
                raise ConnectionError(f"{ADDRESS}: lost the scheduler at {address} in mid-run; what was kept is not redone")
            yield futures[future], answer
            future.release()


def _finished(client: Any, ready: Any, address: str) -> Iterator[Any]:
    """Yield futures and what they brought as they finish, as long as there are workers."""
    since = time.monotonic()
    while not ready.is_empty():
        batch = ready.next_batch(block=False)
        yield from batch
        if not batch and time.monotonic() - since < PATIENCE:
            time.sleep(POLL)
            continue
        if not batch and not client.scheduler_info()["workers"]:
            raise RuntimeError(f"{ADDRESS}: found no workers left at {address}; what was kept is not redone")
        since = time.monotonic()


def _check_workers(client: Any, function: Callable, expected: str, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=WAIT)
    except TimeoutError:
        raise RuntimeError(f"{ADDRESS}: found no workers at {address}; right is at least one") from None
    for worker, found in client.run(fingerprint, function.__module__, on_error="return").items():
        if found != expected and not isinstance(found, OSError):  # that one has just gone
            raise RuntimeError(f"worker {worker}: found source, tables and libraries {found!r}; right is {expected!r}, as in this process")
