"""Write the notebooks for students and teachers, run once, with the package as a wheel beside them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

from digital_economy import apparatus
from digital_economy.teaching import handout, markdown

ROOT = Path(__file__).parents[3]
BIBLIOGRAPHY = ROOT / "book" / "references.bib"
RECORD = "application/papermill.record/"  # what myst-nb's glue writes
DRAWN = re.compile(r"^( *)pages\.figure\(f?\"[^\"]+\", (\w+)\)$", re.MULTILINE)
TAG = re.compile(r"<[^>]+>")
FOLDED = {"hide-input", "hide-cell", "remove-cell", "remove-input"}
SETUP = '''\
# Set-up: installs the package, data included, from the wheel beside this notebook or one folder up, unless it is there already.
import importlib.metadata
import importlib.util
import pathlib
import subprocess
import sys

if importlib.util.find_spec("digital_economy") is None:
    wheels = [wheel for folder in (".", "..") for wheel in pathlib.Path(folder).resolve().glob("digital_economy-*.whl")]
    if not wheels:
        raise FileNotFoundError(
            "digital_economy-*.whl: found none beside this notebook; right is the wheel that `make teaching` writes "
            "(on Colab and other hosts: upload it to the notebook's folder)"
        )
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", f"{wheels[0]}[book]"], check=True)
    importlib.invalidate_caches()
    loaded = [name for name in ("numpy", "pandas") if name in sys.modules]
    if any(sys.modules[name].__version__ != importlib.metadata.version(name) for name in loaded):
        raise RuntimeError("numpy or pandas is newer now than the one in memory: restart the kernel, then run all cells again")

from digital_economy import pages

pages.stand_alone()
'''
EXPLORER = "explorer_page.explorer_html()"  # answers to the reader in the book's pages only
EXPLORED = '# Change the rate, the prior ("sceptical", "optimistic") or the outcome ("profit").\nexplorer.quantiles("cost", rate=forecast.report_rate(), prior="main")'


def taught() -> list[Path]:
    """Return the notebooks of the book that have exercises."""
    return [path for path in sorted(ROOT.glob("notebooks/*/*.md")) if markdown.exercises(path.read_text(encoding="utf-8"))]


def write(folder: Path, notebooks: list[Path] | None = None) -> list[Path]:
    """Write the material of some notebooks, or of all, into a folder made anew, and return the files written.

    ``student/`` and ``teacher/`` hold notebooks, ``handouts/`` a page each, and the folder itself a wheel with the
    package and its data. A teacher's notebook is run here, and a student's is the same without solutions, so that its
    code has run as well.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        A cell that fails; nothing is written then.
    MarkdownError
        A page that plain Markdown has no form for.
    """
    chosen = taught() if notebooks is None else notebooks
    titles = {path.stem: markdown.title(path.read_text(encoding="utf-8")) for path in ROOT.glob("notebooks/*/*.md")}
    with ProcessPoolExecutor(max_workers=2, mp_context=get_context("spawn")) as pool:
        ran = dict(zip((path.stem for path in chosen), pool.map(solved, chosen), strict=True))
    values = {stem: glued(notebook) for stem, notebook in ran.items()}
    shutil.rmtree(folder, ignore_errors=True)
    written = [wheel(folder)]
    for path in chosen:
        words = {"page": path.stem, "values": values, "titles": titles, "bibliography": BIBLIOGRAPHY}
        text = alone(path.read_text(encoding="utf-8"))
        teacher = with_outputs(readable(markdown.plain(text, **words)), ran[path.stem])
        student = readable(markdown.plain(markdown.without_solutions(text), **words))
        for name, notebook in (("teacher", teacher), ("student", student)):
            written.append(folder / name / f"{path.stem}.ipynb")
            written[-1].parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook, written[-1])
        written += handout.write(folder / "handouts", path.stem, markdown.plain(markdown.without_solutions(text), **words))
    return [*written, *handout.print_all(folder / "handouts")]


def solved(path: Path) -> nbformat.NotebookNode:
    """Return a notebook of the book after running every cell, those of the solutions too, in a fresh kernel."""
    notebook = jupytext.reads(alone(path.read_text(encoding="utf-8")), fmt="md:myst")
    with tempfile.TemporaryDirectory() as away:
        run(notebook, Path(away))
    return notebook


def alone(text: str) -> str:
    """Return a notebook's text with a call that a student can change in place of what only the book's pages can do."""
    return text.replace(EXPLORER, EXPLORED)


def run(notebook: nbformat.NotebookNode, folder: Path) -> None:
    """Run every cell of a notebook in a folder, in place."""
    quiet = ["--IPKernelApp.log_level=40"]
    NotebookClient(notebook, timeout=300, kernel_name="python3", extra_arguments=quiet, resources={"metadata": {"path": str(folder)}}).execute()


def glued(notebook: nbformat.NotebookNode) -> dict[str, str]:
    """Return what a run notebook glued for its prose: text that Python reads, by name; of HTML its words."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", []) if "scrapbook" in output.get("metadata", {})]
    return {output.metadata.scrapbook.name: _read(output.data) for output in outputs}


def _read(data: dict) -> str:
    page = data.get(f"{RECORD}text/html")
    return repr(TAG.sub("", page)) if page else data[f"{RECORD}text/plain"]


def readable(text: str) -> nbformat.NotebookNode:
    """Return a plain notebook with the set-up cell: charts shown where they are drawn, the book's hidden cells folded."""
    notebook = jupytext.reads(text, fmt="md:myst")
    notebook.metadata.pop("jupytext", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = DRAWN.sub(r"\1display(\2)", cell.source)
            if FOLDED & set(cell.metadata.pop("tags", [])):
                cell.metadata["jupyter"] = {"source_hidden": True}
    notebook.cells.insert(1, nbformat.v4.new_code_cell(SETUP, metadata={"jupyter": {"source_hidden": True}}))
    return notebook


def with_outputs(notebook: nbformat.NotebookNode, ran: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a readable notebook with the outputs of its run: of a glued chart the chart, of a glued number nothing."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"][1:]
    for cell, twin in zip(code, (cell for cell in ran.cells if cell.cell_type == "code"), strict=True):
        cell.execution_count = twin.execution_count
        cell.outputs = [shown for output in twin.outputs if (shown := _shown(output))]
    return notebook


def _shown(output: nbformat.NotebookNode) -> nbformat.NotebookNode | None:
    if "scrapbook" in output.get("metadata", {}):
        chart = output.data.get(f"{RECORD}text/html")
        return nbformat.v4.new_output("display_data", {"text/html": apparatus.unlinked(chart)}) if chart and "<svg" in chart else None
    if "text/html" in output.get("data", {}):
        output.data["text/html"] = apparatus.unlinked(output.data["text/html"])
    return output


def wheel(folder: Path) -> Path:
    """Write the package with its data as a wheel into a folder and return its path."""
    with tempfile.TemporaryDirectory() as made:
        source = Path(made, "project")
        shutil.copytree(ROOT / "src", source / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        shutil.copytree(ROOT / "data", source / "src" / "digital_economy" / "tables")
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / name, source)
        options = ["--quiet", "--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--wheel-dir", str(folder)]
        subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(source)], check=True)
    return next(folder.glob("*.whl"))
