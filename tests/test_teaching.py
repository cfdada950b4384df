"""Exercises come with solutions that run; what is handed out runs in a clean environment, without the repository."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections import defaultdict
from pathlib import Path

import pytest

from digital_economy import teaching
from digital_economy.teaching import handout, markdown
from digital_economy.teaching import material as written

ROOT = Path(__file__).parents[1]
KINDS = ("reading", "coding", "criticism")
REFERENCE_ONLY = {"fig01_framework"}
TAUGHT = teaching.taught()


def glued_by_any_page(text: str) -> dict[str, dict[str, str]]:
    """Return a value for every number that a text asks for, of a kind that its format takes."""
    values = defaultdict(dict)
    for role, place, name, form in re.findall(r"\{(glue:(?:text)?)\}`([^`]+)::(\w+):?([^`]*)`", text):
        values[Path(place).stem][name] = "1" if role == "glue:text" and form != "s" else "'words'"
    return values


def plain(text: str, page: str = "page") -> str:
    titles = {path.stem: path.stem for path in ROOT.glob("notebooks/*/*.md")}
    return markdown.plain(text, page=page, values=glued_by_any_page(text), titles=titles, bibliography=ROOT / "book" / "references.bib")


def test_every_analysis_notebook_ends_in_exercises() -> None:
    chapters = {path.stem for path in ROOT.glob("notebooks/ch*/*.md")}
    assert chapters - {path.stem for path in TAUGHT} == REFERENCE_ONLY


@pytest.mark.parametrize("path", TAUGHT, ids=lambda path: path.stem)
def test_exercises_go_from_reading_to_criticism_and_have_solutions(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    labels = re.findall(r"^```\{exercise-start\} [^\n]+\n:label: (\S+)$", text, re.MULTILINE)
    assert labels == [f"{path.stem.replace('_', '-')}-{kind}" for kind in KINDS]
    assert re.findall(r"^```\{solution-start\} (\S+)$", text, re.MULTILINE) == labels
    assert len(markdown.SOLUTION.findall(text)) == len(markdown.exercises(text)) == len(KINDS)
    assert all("```{code-cell}" in solution for solution in markdown.SOLUTION.findall(text))


@pytest.mark.parametrize("path", TAUGHT, ids=lambda path: path.stem)
def test_every_notebook_has_a_plain_form(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    teacher, student = plain(text), plain(markdown.without_solutions(text))
    assert "**Solution.**" in teacher and "**Solution.**" not in student
    assert student.count("*Your answer:*") == len(KINDS)
    cells = {name: re.findall(r"```\{code-cell\}.*?```", page, re.DOTALL) for name, page in (("teacher", teacher), ("student", student))}
    shared = len(cells["student"]) - len(KINDS)  # the student's code is the teacher's up to the first solution
    assert cells["student"][:shared] == cells["teacher"][:shared] and len(cells["teacher"]) > shared


def test_roles_become_words() -> None:
    text = (
        "# A page\n\nRose by {glue:text}`page.md::rise:.1f` per cent, see {doc}`../ch1/fig02_scale` and {doc}`Figure 4 <fig04_electronics>`, "
        "{cite}`solow1957,garciaherrero2018`, {numref}`a-chart`, {ref}`below <there>`.\n\n```{glue:figure} a_chart\n:name: a-chart\n\nWhat it shows.\n```\n\nterm\n: meaning\n"
    )
    found = plain(text)
    assert "Rose by 1.0 per cent, see [fig02_scale](fig02_scale.ipynb) and [Figure 4](fig04_electronics.ipynb), (Solow 1957; García-Herrero and Xu 2018), Chart 1, below." in found
    assert "**Chart 1.** What it shows." in found and "- **term**: meaning" in found and "## References" in found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# A\n\n{doc}`nowhere`", "found 'nowhere'; right is one of"),
        ("# A\n\n{cite}`nobody2020`", "found 'nobody2020'; right is one of"),
        ("# A\n\n```{margin}\nx\n```", "which has no plain form"),
    ],
)
def test_what_has_no_plain_form_is_refused(text: str, message: str) -> None:
    with pytest.raises(markdown.MarkdownError, match=re.escape(message)):
        plain(text)


def test_a_number_that_no_page_glued_is_refused() -> None:
    with pytest.raises(markdown.MarkdownError, match="scale: found no value 'share'; right is one of \\['size'\\]"):
        markdown.number("../ch1/scale.md::share:.1f", {"scale": {"size": "1.5"}})


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the teaching material of the quickest notebook."""
    folder = tmp_path_factory.mktemp("teaching")
    teaching.write(folder, [ROOT / "notebooks/ch2_new_drivers/governance.md"])
    return folder


def test_material_is_complete(material: Path) -> None:
    teacher, student = (json.loads((material / name / "governance.ipynb").read_text(encoding="utf-8")) for name in ("teacher", "student"))
    assert any("image" in json.dumps(cell.get("outputs", [])) or "<svg" in json.dumps(cell.get("outputs", [])) for cell in teacher["cells"])
    assert not any(cell.get("outputs") for cell in student["cells"])
    assert "book:" not in json.dumps(teacher), "a link into a book that is not there"
    sheet = (material / "handouts" / "governance.html").read_text(encoding="utf-8")
    assert sheet.count("<h3>") == len(KINDS) and "*Your answer:*" not in sheet
    if any(map(shutil.which, handout.BROWSERS)):
        printed = (material / "handouts" / "governance.pdf").read_bytes()
        assert len(re.findall(rb"/Type ?/Page\b(?!s)", printed)) == 1


def test_a_students_notebook_runs_in_a_clean_environment(material: Path, tmp_path: Path) -> None:
    """No repository, no git, no network: the set-up cell installs the wheel that lies beside the notebook."""
    shutil.copytree(material, tmp_path / "elsewhere")
    python = clean_environment(tmp_path / "environment")
    run = (
        "import nbformat, nbclient, sys; notebook = nbformat.read(sys.argv[1], 4); "
        "nbclient.NotebookClient(notebook, timeout=300, kernel_name='python3').execute(); nbformat.write(notebook, sys.argv[1])"
    )
    done = subprocess.run(
        [python, "-c", run, "governance.ipynb"],
        cwd=tmp_path / "elsewhere" / "student",
        env={**outside(), "PIP_NO_INDEX": "1", "PATH": str(python.parent)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    shown = (tmp_path / "elsewhere" / "student" / "governance.ipynb").read_text(encoding="utf-8")
    assert "<table" in shown and "<svg" in shown and "book:" not in shown
    where = subprocess.run([python, "-c", "from digital_economy import data; print(data.DATA)"], cwd=tmp_path, env=outside(), capture_output=True, text=True)
    assert where.stdout.strip().startswith(str(tmp_path / "environment"))


def test_an_older_pandas_in_memory_is_noticed(material: Path, tmp_path: Path) -> None:
    """As on Colab, where it is loaded before the first cell: what was installed is not what would run."""
    python = clean_environment(tmp_path / "environment")
    loaded = f"import pandas; pandas.__version__ = '2.2.2'\n{written.SETUP}"
    done = subprocess.run([python, "-c", loaded], cwd=material / "student", env={**outside(), "PIP_NO_INDEX": "1"}, capture_output=True, text=True)
    assert done.stderr.strip().endswith("numpy or pandas is newer now than the one in memory: restart the kernel, then run all cells again")


def outside() -> dict[str, str]:
    """Return the variables of the environment that say nothing of this project."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "DIGITAL_ECONOMY_DATA")}


def clean_environment(folder: Path) -> Path:
    """Return the Python of an environment made anew that has the pinned packages and not the project's own."""
    base = getattr(sys, "_base_executable", sys.executable)
    subprocess.run([base, "-m", "venv", str(folder)], check=True)
    ours, theirs = Path(sysconfig.get_path("purelib")), next(folder.glob("lib/python*/site-packages"))
    for path in ours.iterdir():
        if not re.match(r"digital_economy|__editable__|pip\b|_distutils_hack|distutils-precedence", path.name) and not (theirs / path.name).exists():
            (theirs / path.name).symlink_to(path)
    return folder / "bin" / "python"


def test_what_only_the_books_pages_can_do_becomes_a_call_to_change() -> None:
    text = (ROOT / "notebooks/ch3_new_paths/fig09_forecast.md").read_text(encoding="utf-8")
    alone = written.alone(text)
    assert "explorer_html" in text and "explorer_html" not in alone and 'explorer.quantiles("cost", rate=forecast.report_rate(), prior="main")' in alone
