"""The same results from one process, from several and from a Dask cluster, whoever dies and whatever is interrupted."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import engine_tasks
from digital_economy import engines, task_workers

ROOT = Path(__file__).parents[1]
SERIES = np.random.default_rng(6).standard_normal((6, 30))
TASKS = {f"series {row}": {"series": pd.Series(values), "seed": row} for row, values in enumerate(SERIES)}


class Cluster:
    """A Dask scheduler on loopback and its workers, all processes of their own."""

    def __init__(self, folder: Path) -> None:
        self.file, self.processes = folder / "scheduler.json", []
        self._start("scheduler", ROOT / "src", "--port", "0")
        _wait(self.file.exists)
        self.address = json.loads(self.file.read_text())["address"]

    def add_worker(self, source: Path = ROOT / "src") -> subprocess.Popen:
        return self._start("worker", source, "--nthreads", "1", "--no-nanny")

    def _start(self, kind: str, source: Path, *options: str) -> subprocess.Popen:
        command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", "--scheduler-file", str(self.file), *options]
        environment = {**os.environ, "PYTHONPATH": f"{source}:{ROOT / 'tests'}"}
        local = ["--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0"]
        self.processes.append(subprocess.Popen([*command, *local], env=environment, stderr=subprocess.DEVNULL))
        return self.processes[-1]


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    started = Cluster(tmp_path)
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", started.address)
    yield started
    for process in started.processes:
        process.kill()
        process.wait()


@pytest.fixture(autouse=True)
def no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DASK_SCHEDULER_ADDRESS", raising=False)


def _wait(until: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end
        time.sleep(0.02)


def executions(folder: Path) -> Counter[int]:
    """Return how often each number was worked on."""
    return Counter(int(path.name.split(".")[0]) for path in folder.iterdir())


def same(one: engines.Outcomes, other: engines.Outcomes) -> bool:
    return list(one.results) == list(other.results) and all(
        np.array_equal(one.results[key], other.results[key]) for key in one.results
    )


# -- the same results everywhere -------------------------------------------------------------------------


def test_one_process_two_processes_and_a_cluster_draw_the_same(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        cluster.add_worker()
    spread = engines.run(engine_tasks.draws, TASKS)
    monkeypatch.delenv("DASK_SCHEDULER_ADDRESS")
    alone = engines.run(engine_tasks.draws, TASKS, workers=1)
    assert same(alone, spread) and same(alone, engines.run(engine_tasks.draws, TASKS, workers=2))
    assert list(alone.results) == list(TASKS) and not alone.refused


@pytest.mark.parametrize("workers", [1, 2])
def test_a_worker_uses_one_thread(workers: int) -> None:
    found = engines.run(engine_tasks.threads, {"a": {}, "b": {}}, workers=workers)
    assert found.results == {"a": {1}, "b": {1}}


def test_a_refusal_is_named_and_the_rest_is_done() -> None:
    tasks = [(name, {"number": number}) for name, number in [("a", 1), ("b", 2), ("a", 3), ("c", 4)]]
    found = engines.run(engine_tasks.fussy, tasks, workers=1)
    assert found.results == {"c": 4}
    assert found.refused == {"a": "tasks: found the key 'a' twice; right is once", "b": "number: found 2; right is another"}


def test_a_mistake_of_the_program_stops_the_run() -> None:
    with pytest.raises(KeyError, match="wrong"):
        engines.run(engine_tasks.wrong, {"a": {}, "b": {}}, workers=2)


# -- who dies --------------------------------------------------------------------------------------------


def test_a_task_outlives_its_worker_but_not_three(tmp_path: Path) -> None:
    tasks = {str(number): {"number": number, "folder": str(tmp_path), "times": times} for number, times in [(1, 1), (2, 9), (3, 0)]}
    found = engines.run(engine_tasks.deadly, tasks, workers=2)
    assert found.results == {"1": 1, "3": 9}
    assert "found its worker dead 3 times" in found.refused["2"]
    assert executions(tmp_path) == {1: 2, 2: 3, 3: 1}


def test_a_worker_of_the_cluster_killed_in_mid_run(cluster: Cluster, tmp_path: Path) -> None:
    """Nothing is lost and nothing done twice but what the dead worker had in hand."""
    for _ in range(2):
        cluster.add_worker()
    work = tmp_path / "work"
    work.mkdir()

    def kill() -> None:
        _wait(lambda: len(list(work.iterdir())) > 6)
        os.kill(int(next(work.iterdir()).name.split(".")[1]), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    tasks = {str(number): {"number": number, "folder": str(work), "pause": 0.05} for number in range(30)}
    found = engines.run(engine_tasks.counted, tasks)
    killer.join()
    assert found.results == {str(number): number**2 for number in range(30)} and not found.refused
    assert len({path.name.split(".")[1] for path in work.iterdir()}) == 2
    assert 30 <= executions(work).total() <= 34


@pytest.mark.parametrize(("dead", "patience", "error", "message"), [
    (slice(0, 1), 60, ConnectionError, "lost the scheduler at"),
    (slice(1, 3), 1, RuntimeError, "found no workers left at"),
])  # fmt: skip
def test_a_cluster_lost_in_mid_run_is_named(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dead: slice, patience: float, error: type[Exception], message: str
) -> None:
    monkeypatch.setattr(task_workers, "PATIENCE", patience)
    for _ in range(2):
        cluster.add_worker()
    work, store = tmp_path / "work", tmp_path / "store"
    work.mkdir()

    def kill() -> None:
        _wait(lambda: len(list(store.glob("*.result"))) > 1)
        for process in cluster.processes[dead]:
            process.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    tasks = {str(number): {"number": number, "folder": str(work), "pause": 0.1} for number in range(60)}
    with pytest.raises(error, match=f"DASK_SCHEDULER_ADDRESS: {message}"):
        engines.run(engine_tasks.counted, tasks, store=store)
    killer.join()
    assert 1 < len(list(store.glob("*.result"))) < 60


# -- what is kept ----------------------------------------------------------------------------------------


def test_an_interrupted_run_goes_on_where_it_was(tmp_path: Path) -> None:
    work, store = tmp_path / "work", tmp_path / "store"
    work.mkdir()
    tasks = {str(number): {"number": number, "folder": str(work), "pause": 0.03} for number in range(40)}
    script = f"import engine_tasks; from digital_economy import engines; engines.run(engine_tasks.counted, {tasks!r}, store={str(store)!r}, workers=2)"
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT / 'tests'}"}
    process = subprocess.Popen([sys.executable, "-c", script], env=environment, stderr=subprocess.DEVNULL, start_new_session=True)
    _wait(lambda: len(list(store.glob("*.result"))) >= 5)
    process.kill()
    process.wait()
    os.killpg(process.pid, signal.SIGKILL)  # its workers, which outlive it
    kept = len(list(store.glob("*.result")))
    found = engines.run(engine_tasks.counted, tasks, store=store, workers=2)
    assert found.results == {str(number): number**2 for number in range(40)}
    assert 5 <= kept < 40 and executions(work).total() <= 40 + 4  # two in work, two finished but not yet kept
    again = engines.run(engine_tasks.counted, tasks, store=store, workers=2)
    assert again == found and executions(work).total() <= 40 + 4


def test_a_result_of_other_inputs_is_not_taken(tmp_path: Path) -> None:
    def results(number: int) -> dict:
        return engines.run(engine_tasks.fussy, {"a": {"number": number}}, store=tmp_path, workers=1).results

    assert [results(1), results(3), results(1)] == [{"a": 1}, {"a": 3}, {"a": 1}]


def test_a_result_of_other_tables_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, store = tmp_path / "own", tmp_path / "store"
    own.mkdir()
    tasks = {"1": {"number": 1, "folder": str(tmp_path)}}
    monkeypatch.setenv("DIGITAL_ECONOMY_DATA", str(own))
    for table in ("one", "one", "another"):
        (own / "employment.csv").write_text(table)
        engines.run(engine_tasks.counted, tasks, store=store, workers=1)
    assert len(list(tmp_path.glob("1.*"))) == 2


@pytest.mark.parametrize("spoil", [lambda whole: whole[:-3], lambda whole: b"", lambda whole: whole[:-3] + b"abc"])
def test_a_corrupt_result_is_named_and_the_rest_is_done(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    engines.run(engine_tasks.fussy, {"a": {"number": 1}}, store=tmp_path, workers=1)
    file = next(tmp_path.iterdir())
    file.write_bytes(spoil(file.read_bytes()))
    found = engines.run(engine_tasks.fussy, {"a": {"number": 1}, "b": {"number": 3}}, store=tmp_path, workers=1)
    assert found.results == {"b": 3} and found.refused["a"].startswith(f"{file}: found a corrupt stored result")


# -- progress --------------------------------------------------------------------------------------------


def test_progress_goes_where_it_is_asked_for_and_nowhere_else(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    for progress in (True, False, stream):
        engines.run(engine_tasks.fussy, {"a": {"number": 1}, "b": {"number": 3}}, workers=1, progress=progress)
    assert capsys.readouterr() == ("", "")
    assert "1 of 2 done" in stream.getvalue() and stream.getvalue().endswith("2 of 2 done, about 0 s left  \n")


# -- refusals --------------------------------------------------------------------------------------------


def test_an_unreachable_scheduler_is_named_within_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", address)
    monkeypatch.setattr(task_workers, "WAIT", 2)
    begin = time.monotonic()
    with pytest.raises(ConnectionError, match=f"DASK_SCHEDULER_ADDRESS: found no scheduler at {address}"):
        engines.run(engine_tasks.fussy, {"a": {"number": 1}})
    assert time.monotonic() - begin < 2 + 5


def test_a_scheduler_without_workers_is_refused(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task_workers, "WAIT", 1)
    with pytest.raises(RuntimeError, match=f"DASK_SCHEDULER_ADDRESS: found no workers at {cluster.address}"):
        engines.run(engine_tasks.fussy, {"a": {"number": 1}})


def test_a_worker_with_another_version_is_refused(cluster: Cluster, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src", tmp_path / "src")
    with (tmp_path / "src/digital_economy/arma.py").open("a") as file:
        file.write("\n")
    cluster.add_worker(tmp_path / "src")
    with pytest.raises(RuntimeError, match="worker tcp://127.0.0.1:.*: found source, tables and libraries"):
        engines.run(engine_tasks.fussy, {"a": {"number": 1}})


def test_distributed_is_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", "tcp://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ModuleNotFoundError, match=r"digital-economy\[cluster\]"):
        engines.run(engine_tasks.fussy, {"a": {"number": 1}})


@pytest.mark.parametrize("function", [lambda number: number, same.__get__(1)])
def test_a_function_that_a_worker_cannot_import_is_refused(function: Callable) -> None:
    with pytest.raises(ValueError, match="right is a function of a module"):
        engines.run(function, {"a": {"number": 1}})


def test_arguments_that_are_no_data_are_refused() -> None:
    with pytest.raises(TypeError, match="arguments: found object"):
        engines.run(engine_tasks.fussy, {"a": {"number": object()}})
    with pytest.raises(TypeError, match="tasks: found the key 1"):
        engines.run(engine_tasks.fussy, {1: {"number": 1}})
    with pytest.raises(ValueError, match="workers: found 0"):
        engines.run(engine_tasks.fussy, {"a": {"number": 1}}, workers=0)
