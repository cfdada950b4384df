"""The environment is pinned once, prose types no numbers, and set-up is never half made."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PIN = re.compile(r"^([A-Za-z0-9][^ ]*==[^ ;]+(?: ; [^\\\n]*[^\\ \n])?)", re.MULTILINE)
PROSE = [*ROOT.glob("book/*.md"), *ROOT.glob("notebooks/*/*.md")]
DIRECTIVE = re.compile(r"^```\{glue[^}]*\}[^\n]*\n(?::[^\n]*\n)*(.*?)^```$", re.DOTALL | re.MULTILINE)  # its body is prose
BLOCKS = re.compile(r"\A---\n.*?\n---\n|^```.*?^```$|\$\$.*?\$\$", re.DOTALL | re.MULTILINE)
WORDS = re.compile(
    r"\$[^$]+\$"
    r"|\{[a-z:]+\}`[^`]*`|`[^`]*`"  # roles and code
    r"|\b(19|20)\d\d\b"  # years
    r"|\bFigures? \d\b|\bG20\b|\b5G"  # figures of the report, names
)


def locked() -> list[str]:
    return PIN.findall((ROOT / "requirements.lock").read_text(encoding="utf-8"))


def test_environment_has_the_pins_of_the_lock() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    pins = next(part["pip"] for part in environment["dependencies"] if isinstance(part, dict))
    assert pins[:-1] == locked()
    assert pins[-1] == "--editable ."
    assert f"python={(ROOT / '.python-version').read_text().strip()}" in environment["dependencies"]


def test_every_pin_has_a_hash_and_no_address() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text)
    assert len(blocks) == len(locked()) > 100
    assert all("--hash=sha256:" in block for block in blocks)


@pytest.mark.parametrize("page", PROSE, ids=lambda page: page.stem)
def test_prose_types_no_number(page: Path) -> None:
    """A digit in prose that is not a year, a figure of the report or a name must come from a role."""
    text = page.read_text(encoding="utf-8")
    prose = WORDS.sub("", BLOCKS.sub("", DIRECTIVE.sub(r"\1", text)))
    assert not [line for line in prose.splitlines() if re.search(r"\d", line)]


def test_the_search_for_typed_numbers_finds_one(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("In 2024 the share in Figure 2 was {glue:text}`a.md::share:.1f`, up 1 point.", encoding="utf-8")
    with pytest.raises(AssertionError, match="up 1 point"):
        test_prose_types_no_number(page)


@pytest.mark.parametrize("notebook", sorted(ROOT.glob("notebooks/*/*.md")), ids=lambda page: page.stem)
def test_notebooks_are_in_the_book_on_its_front_page_and_thin(notebook: Path) -> None:
    toc = (ROOT / "book" / "_toc.yml").read_text(encoding="utf-8")
    page = notebook.relative_to(ROOT).with_suffix("").as_posix()
    assert f"file: {page}\n" in toc
    assert f"{{doc}}`../{page}`\n: " in (ROOT / "book" / "index.md").read_text(encoding="utf-8")
    cells = re.findall(r"```\{code-cell\}.*?```", notebook.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not [cell for cell in cells if re.search(r"^ *(def|for|while|class) |!pip|%cd|sys\.path", cell, re.MULTILINE)]


def test_citation_file_is_valid() -> None:
    """The keys that the Citation File Format 1.2.0 asks for, in the types it gives them."""
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited["cff-version"] == "1.2.0" and cited["type"] in ("software", "dataset")
    assert all(isinstance(cited[key], str) and cited[key] for key in ("message", "title"))
    for work in (cited, *cited["references"]):
        assert work["authors"] and all({"name"} <= set(author) or {"family-names"} <= set(author) for author in work["authors"])
        assert work["title"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", str(cited["date-released"]))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert str(cited["version"]) == project["version"]


@pytest.fixture
def planned(tmp_path: Path):
    """Return a function that says what make would do in a copy with the given environment."""
    for name in ("Makefile", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)

    def plan() -> str:
        return subprocess.run(["make", "-n", "test"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    def finish() -> None:
        (tmp_path / ".venv").mkdir()
        (tmp_path / re.search(r"touch (\S+)", plan())[1]).touch()

    plan.folder, plan.finish = tmp_path, finish
    return plan


def test_setup_is_made_once(planned) -> None:
    assert "pip install" in planned()
    planned.finish()
    assert "pip install" not in planned()


def test_setup_is_repeated_when_interrupted(planned) -> None:
    (planned.folder / ".venv" / "bin").mkdir(parents=True)
    assert "rm -rf .venv" in planned() and "pip install" in planned()


def test_setup_is_remade_when_the_lock_changes(planned) -> None:
    planned.finish()
    lock = planned.folder / "requirements.lock"
    lock.write_text(lock.read_text(encoding="utf-8").replace("altair==", "altair==0"), encoding="utf-8")
    assert "pip install" in planned()
