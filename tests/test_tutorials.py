"""The pages on own data and on the next edition: each command runs, and what the page says it prints it prints."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from conftest import LEFT_OUT

ROOT = Path(__file__).parents[1]
STEP = re.compile(r"^```bash\n(.*?)^```\n\n(?:```text\n(.*?)^```)?", re.DOTALL | re.MULTILINE)
SHORT_TOC = """\
format: jb-book
root: book/references
chapters:
  - file: notebooks/ch1_new_stage/fig02_scale
  - file: notebooks/reproduction/data_catalogue
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a copy of the project, without anything built, whose book is two notebooks."""
    root = tmp_path / "project"
    shutil.copytree(ROOT, root, ignore=lambda folder, names: {*LEFT_OUT(folder, names), "_build"} & set(names))
    (root / ".venv").symlink_to(ROOT / ".venv")
    (root / "book" / "_toc.yml").write_text(SHORT_TOC, encoding="utf-8")
    return root


def follow(page: str, root: Path) -> list[str]:
    """Run the commands of a page one after another in one shell, check what each prints, and return that."""
    steps = STEP.findall((ROOT / "book" / f"{page}.md").read_text(encoding="utf-8"))
    script = "\n".join(f"{{\n{commands}}}\necho '--- next ---'" for commands, _ in steps)
    environment = {name: value for name, value in os.environ.items() if name != "DIGITAL_ECONOMY_DATA"} | {"PYTHONPATH": str(root / "src")}
    done = subprocess.run(["bash"], input=script, cwd=root, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    printed = done.stdout.split("--- next ---\n")
    assert len(printed) == len(steps) + 1, done.stdout
    for (commands, expected), output in zip(steps, printed):
        missing = [line for line in expected.splitlines() if line not in output and "Built with own data" not in line]
        assert not missing, f"{commands}\nfound\n{output}\nright would hold {missing}"
    return printed


def test_own_data_from_an_empty_folder_to_a_changed_figure(project: Path, tmp_path: Path) -> None:
    steps = STEP.findall((ROOT / "book" / "own_data.md").read_text(encoding="utf-8"))
    assert [commands for commands, _ in steps if "make book" in commands] == ["make book\n"]
    printed = follow("own_data", project)
    page = (project / "_build/html/notebooks/ch1_new_stage/fig02_scale.html").read_text(encoding="utf-8")
    words = "Built with own data in place of these tables: caict_digital_economy, sources."
    assert "46.8" in page  # in the chart
    assert BeautifulSoup(page, "html.parser").get_text().count(words) == 1 + page.count("<figcaption>")
    assert not (project / "own-data").exists()
    assert "notebooks/reproduction/data_catalogue: 2 missing" in "".join(printed) and "fig02_scale: " not in "".join(printed)

    page, catalogue = (
        BeautifulSoup((project / f"_build/html/zh/notebooks/{name}.html").read_text(encoding="utf-8"), "html.parser")
        for name in ("ch1_new_stage/fig02_scale", "reproduction/data_catalogue")
    )
    words = "本书以自有数据替换了以下各表：caict_digital_economy, sources。"
    assert page.get_text().count(words) == 1 + len(page.find_all("figcaption"))
    assert page.select("a.language-switch") and not page.select("[lang=en]:not(.language-switch)")
    assert [cell.get_text() for cell in catalogue.select("td[lang=en]")] == ["ourselves", "A split made up for this page"]


def test_next_edition_tells_new_unanswered_and_moved_claims(project: Path) -> None:
    printed = follow("next_edition", project)
    moved = set(re.findall(r"^  (\S+): ", printed[-2], re.MULTILINE))
    tables = subprocess.run(
        [".venv/bin/python", "-c", "from digital_economy import ledger; print(*ledger.answers().query('tables.str.contains(\"gross\")').claim)"],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(project / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert moved and moved <= set(tables.stdout.split())
    assert not {"fw-de-size", "c2s1-5g-base-stations", "n1-5g-base-stations"} & moved
