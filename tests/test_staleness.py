"""A change reaches every page that shows its number; a failure names its cell and spoils nothing."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from conftest import ROOT, make_book

SCALE = "notebooks/ch1_new_stage/fig02_scale"
LEDGER = "notebooks/reproduction/ledger"
CATALOGUE = "notebooks/reproduction/data_catalogue"
SHORT_TOC = f"""\
format: jb-book
root: book/index
chapters:
  - file: {SCALE}
  - file: {LEDGER}
  - file: {CATALOGUE}
  - file: book/references
"""


def page(root: Path, name: str) -> str:
    return (root / "_build" / "html" / f"{name}.html").read_text(encoding="utf-8")


def executed(root: Path) -> int:
    """Return how many notebooks the caches of a folder hold."""
    return len(list(root.glob("_build/cache/*/executed/*/base.ipynb")))


@pytest.fixture(scope="module")
def short(copy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy whose book is the beginning of the front page and the notebooks whose numbers stand there, built."""
    root = tmp_path_factory.mktemp("short") / "project"
    shutil.copytree(copy, root, symlinks=True, ignore=shutil.ignore_patterns("draft", "html", "chinese"))
    (root / "book/_toc.yml").write_text(SHORT_TOC, encoding="utf-8")
    front = root / "book/index.md"
    front.write_text(front.read_text(encoding="utf-8").partition("## Three findings")[0], encoding="utf-8")
    done = make_book(root)
    assert done.returncode == 0, done.stdout + done.stderr
    return root


def test_nothing_changed_executes_nothing(copy: Path) -> None:
    assert make_book(copy).returncode == 0
    before = executed(copy)
    assert make_book(copy).returncode == 0
    assert executed(copy) == before > 0


def test_a_changed_style_reaches_the_book_and_executes_nothing(copy: Path, edit) -> None:
    before = executed(copy)
    edit(copy / "book/_static/book.css", ".chart-data { margin: 0;", ".chart-data { margin: 0.125rem;")
    assert make_book(copy).returncode == 0
    assert "0.125rem" in (copy / "_build/html/_static/book.css").read_text(encoding="utf-8")
    assert executed(copy) == before


def test_a_changed_notebook_executes_alone(copy: Path, edit) -> None:
    before = executed(copy)
    edit(copy / f"{SCALE}.md", "size_2024=size[2024]", "size_2024=size[2024] + 1000")
    done = make_book(copy)
    assert done.returncode == 0, done.stdout + done.stderr
    assert executed(copy) == before + 1
    for name in (SCALE, "book/index"):  # the front page shows the number of the notebook
        assert "1059.2" in page(copy, name)
    edit(copy / f"{SCALE}.md", " + 1000", "")


def test_a_changed_value_runs_every_notebook_and_reaches_every_page(copy: Path, edit) -> None:
    before = executed(copy)
    row = "digital_economy_size,2024,59.2,"
    edit(copy / "data/public/caict_digital_economy.csv", row, row.replace("59.2", "77.7"))
    done = make_book(copy)
    assert done.returncode == 0, done.stdout + done.stderr
    assert executed(copy) == before + len(list(copy.glob("notebooks/*/*.md")))
    for name in (SCALE, "book/index"):
        assert "77.7" in page(copy, name)
    assert "57.64" in page(copy, LEDGER)  # 77.7 over the GDP of 2024
    edit(copy / "data/public/caict_digital_economy.csv", row.replace("59.2", "77.7"), row)


def test_own_data_are_used_and_announced_on_every_page(copy: Path, tmp_path: Path, edit) -> None:
    own = tmp_path / "caict_digital_economy.csv"
    shutil.copy(copy / "data/public/caict_digital_economy.csv", own)
    edit(own, "digital_economy_size,2024,59.2,", "digital_economy_size,2024,66.6,")
    done = make_book(copy, DIGITAL_ECONOMY_DATA=str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "66.6" in page(copy, SCALE)
    pages = [*copy.glob("_build/html/book/*.html"), *copy.glob("_build/html/notebooks/*/*.html")]
    assert len(pages) > 10
    banner = 'own data in place of these tables: <span class="notranslate">caict_digital_economy</span>'
    assert all(banner in path.read_text("utf-8") for path in pages)
    assert make_book(copy).returncode == 0
    assert "own data in place" not in page(copy, SCALE) and "66.6" not in page(copy, SCALE)


def test_an_own_table_that_breaks_its_schema_is_named_before_anything_runs(copy: Path, tmp_path: Path, edit) -> None:
    own, before = tmp_path / "caict_digital_economy.csv", executed(copy)
    shutil.copy(copy / "data/public/caict_digital_economy.csv", own)
    edit(own, "digital_economy_size,2024,59.2,", "digital_economy_size,2024,a lot,")
    done = make_book(copy, DIGITAL_ECONOMY_DATA=str(tmp_path))
    assert done.returncode != 0 and executed(copy) == before
    wrong = "DataError: caict_digital_economy, row [0-9]+, column value: found 'a lot'; right is a value whose type is number.*\n"
    assert re.match(wrong, done.stderr) and "Traceback" not in done.stderr


def test_a_failing_cell_names_itself_and_leaves_the_last_good_book(short: Path, edit) -> None:
    before = page(short, SCALE)
    edit(short / f"{SCALE}.md", "size = accounts.size()", "size = accounts.sizes_of_nothing()")
    done = make_book(short)
    output = done.stdout + done.stderr
    assert done.returncode != 0
    assert "fig02_scale" in output and "sizes_of_nothing" in output
    assert page(short, SCALE) == before
    edit(short / f"{SCALE}.md", "sizes_of_nothing", "size")


def test_a_chart_that_cannot_be_drawn_fails_the_build(short: Path, edit) -> None:
    before = page(short, SCALE)
    edit(short / f"{SCALE}.md", 'pages.figure("fig02_size", bars)', 'pages.figure("fig02_size", bars.properties(description=""))')
    done = make_book(short)
    assert done.returncode != 0
    assert "fig02_scale" in done.stdout + done.stderr and "no description" in done.stdout + done.stderr
    assert page(short, SCALE) == before
    edit(short / f"{SCALE}.md", 'bars.properties(description="")', "bars")


def test_a_warning_fails_the_build_again_and_again(short: Path, edit) -> None:
    edit(short / f"{SCALE}.md", "How did it get", "{doc}`nowhere` How did it get")
    for _ in range(2):
        done = make_book(short)
        assert done.returncode != 0 and "fig02_scale" in done.stdout + done.stderr
    edit(short / f"{SCALE}.md", "{doc}`nowhere` ", "")


def test_what_changes_in_the_chinese_edition_shows_or_leaves_the_last_good_book(short: Path, edit) -> None:
    messages, title = short / f"book/locale/zh_CN/LC_MESSAGES/{SCALE}.po", "差距与占比：逐个版本"
    assert make_book(short, EDITIONS="en zh").returncode == 0
    assert title in page(short, f"zh/{SCALE}")
    edit(messages, title, f"{title}再看")
    assert make_book(short, EDITIONS="en zh").returncode == 0
    assert f"{title}再看" in page(short, f"zh/{SCALE}")
    edit(messages, f"{title}再看", "")
    done = make_book(short, EDITIONS="en zh")
    assert done.returncode != 0 and f"{SCALE}: 1 empty" in done.stderr
    assert f"{title}再看" in page(short, f"zh/{SCALE}") and "language-switch" in page(short, SCALE)
    shutil.copy(ROOT / messages.relative_to(short), messages)


def test_a_page_taken_out_is_gone_in_both_languages(short: Path, edit) -> None:
    assert make_book(short, EDITIONS="en zh").returncode == 0
    html = short / "_build/html"
    assert {path.stem for path in html.rglob("data_catalogue*")} == {"data_catalogue"}
    edit(short / "book/_toc.yml", f"  - file: {CATALOGUE}\n", "")
    assert make_book(short, EDITIONS="en zh").returncode == 0
    assert not list(html.rglob("data_catalogue*")) and (html / f"zh/{SCALE}.html").exists()
