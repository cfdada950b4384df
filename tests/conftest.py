"""Books for the tests: ours as `make book` leaves it, and copies that a test may spoil."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]
settings.register_profile("repeatable", derandomize=True, deadline=None)  # the same examples in every run
settings.load_profile("repeatable")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "tests", "*.egg-info", "__pycache__", ".pytest_cache", ".hypothesis", "print-*.html"
)


def make_book(root: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `make book` in a folder, on the package of that folder; in English, which is what most tests look at."""
    environment = {**os.environ, "PYTHONPATH": str(root / "src"), "EDITIONS": "en", **variables}
    return subprocess.run(["make", "book"], cwd=root, env=environment, capture_output=True, text=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest file first, and files that look at the book last: one worker builds it while another computes."""
    lookers = {item.path for item in items if "html" in item.fixturenames}
    items.sort(key=lambda item: (item.path.stem != "test_staleness", item.path in lookers))


@pytest.fixture(scope="session")
def html(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the built book, in both languages; of several workers the first builds it while the others wait."""
    run = tmp_path_factory.getbasetemp()
    run = run.parent if "PYTEST_XDIST_WORKER" in os.environ else run
    with (run / "turn").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not (run / "built").exists():
            done = make_book(ROOT, EDITIONS="en zh")
            assert done.returncode == 0, done.stdout + done.stderr
            (run / "built").touch()
    return ROOT / "_build" / "html"


@pytest.fixture(scope="module")
def browser() -> Iterator:
    """Yield Chromium without a window; a module's own, since printing starts another in the same thread."""
    playwright = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM:
        if os.environ.get("CI"):
            pytest.fail("no Chromium: .ci/run installs it")
        pytest.skip("no Chromium on this machine")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def copy(html: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project with its build, on the same environment."""
    root = tmp_path_factory.mktemp("copy") / "project"
    shutil.copytree(ROOT, root, ignore=LEFT_OUT)
    (root / ".venv").symlink_to(ROOT / ".venv")
    return root


@pytest.fixture
def edit() -> Callable[[Path, str, str], None]:
    """Return a function that replaces text in a file, once and only if it is there."""

    def replace(path: Path, old: str, new: str) -> None:
        text = path.read_text(encoding="utf-8")
        assert text.count(old) >= 1, f"{path}: no {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return replace
