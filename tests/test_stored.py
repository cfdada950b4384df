"""Stored results are written whole with their run, and one that is not there or not whole is named."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

from digital_economy import data, stored


@pytest.fixture
def folder(tmp_path, monkeypatch: pytest.MonkeyPatch):
    """Return a copy of the data package in which results can be written."""
    copy = tmp_path / "data"
    shutil.copytree(data.DATA, copy)
    monkeypatch.setattr(data, "DATA", copy)
    return copy / "results"


def test_a_kept_result_is_read_back_with_its_run(folder) -> None:
    frame = data.load("calibration").head(40)
    stored.keep("calibration", frame, seed=7, seconds=1.6)
    assert len(data.load("calibration")) == 40
    run = stored.run("calibration")
    assert (run["seed"], run["seconds"]) == (7, 2) and "numpy" in run["versions"]
    assert data.load("runs")["result"].is_unique
    assert not list(folder.glob("*.new"))
    assert len(stored.load("calibration")) == 40


def test_a_run_that_never_was_is_refused() -> None:
    with pytest.raises(data.DataError, match="'atlantis'.*calibration"):
        stored.run("atlantis")


@pytest.mark.parametrize("cut", [3, 7, 40])
def test_a_half_written_result_is_refused(folder, cut: int) -> None:
    path = folder / "calibration.csv"
    path.write_text(path.read_text()[:-cut])
    with pytest.raises(data.DataError, match="calibration: found a file .*make calibration"):
        stored.load("calibration")


@pytest.mark.parametrize("name", ["calibration", "sectors", "sensitivity", "batch_speed"])
def test_stored_results_are_those_of_their_runs(name: str) -> None:
    pd.testing.assert_frame_equal(stored.load(name), data.load(name))


def test_a_table_that_cannot_be_written_leaves_the_old_one(folder) -> None:
    before = (folder / "calibration.csv").read_bytes()
    (folder / "calibration.new").mkdir()  # in the way of the draft
    with pytest.raises(OSError):
        stored.keep("calibration", data.load("calibration").head(40), seed=1, seconds=1)
    assert (folder / "calibration.csv").read_bytes() == before
