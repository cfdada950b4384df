"""Run the notebooks whenever they must be run, and let none of them fail quietly."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from docutils import nodes
from jupyter_cache import get_cache
from jupyter_cache.executors import load_executor
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError

INPUTS = ("src/**/*.py", "data/**/*.csv", "data/datapackage.json", "requirements.lock", ".python-version")
PAGE_INPUTS = ("book/_ext/*.py", "book/_static/*", "book/_templates/**/*.html", "CITATION.cff")
OWN_DATA = "DIGITAL_ECONOMY_DATA"


def inputs(root: Path) -> Iterable[Path]:
    """Yield every file, besides a notebook's own, that its numbers may depend on."""
    for pattern in INPUTS:
        yield from sorted(root.glob(pattern))
    if folder := os.environ.get(OWN_DATA):
        yield from sorted(Path(folder).glob("*.csv"))


def digest(root: Path, paths: Iterable[Path]) -> str:
    """Return a short name for the state of some files."""
    state = hashlib.sha256()
    for path in paths:
        state.update(os.path.relpath(path, root).encode())
        state.update(path.read_bytes())
    return state.hexdigest()[:16]


def name_cache(app: Sphinx, config: Config) -> None:
    """Give each state of the code and the data an execution cache of its own.

    Jupyter Book's cache looks only at a notebook's own cells. Ours are thin: the work is in
    ``src`` and ``data``, so these take part in the cache's name. As the name is a setting that
    pages depend on, another name also reads every page anew.
    """
    root = Path(app.srcdir)
    config.nb_execution_cache_path = str(root / "_build" / "cache" / digest(root, inputs(root)))


def watch_page_inputs(app: Sphinx, config: Config) -> None:
    """Make the pages anew, from the same outputs, when a style, a script or an extension has changed."""
    root = Path(app.srcdir)
    config.page_inputs = digest(root, (path for pattern in PAGE_INPUTS for path in sorted(root.glob(pattern))))


def own_profile(app: Sphinx, config: Config) -> None:
    """Run kernels in a profile of the book's own: a reader's IPython settings can't change a result."""
    profile = Path(app.srcdir, "_build", "ipython", "profile_default")
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "ipython_kernel_config.py").write_text("c.IPKernelApp.log_level = 'ERROR'\nc.HistoryManager.enabled = False\n", encoding="utf-8")
    os.environ["IPYTHONDIR"] = str(profile.parent)


def write_all(app: Sphinx, env: BuildEnvironment, added: set, changed: set, removed: set) -> set[str]:
    """Read and write every page when any is new: its numbers may stand on the others too."""
    return set(env.found_docs) if added | changed | removed else set()


def forget_removed(app: Sphinx, env: BuildEnvironment, added: set, changed: set, removed: set) -> list[str]:
    """Take away what was written for pages that are gone."""
    for name in removed:
        Path(app.outdir, f"{name}.html").unlink(missing_ok=True)
        Path(app.outdir, "_sources", f"{name}.md").unlink(missing_ok=True)
        shutil.rmtree(Path(app.outdir, "_downloads", name), ignore_errors=True)
    return []


def run_ahead(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Execute the notebooks that the cache lacks, on all cores; reading the pages then finds them there.

    A notebook that fails is not cached. Reading its page runs it again and reports the failure.
    """
    cache = get_cache(app.config.nb_execution_cache_path)
    notebooks = [str(env.doc2path(name)) for name in docnames if name.startswith("notebooks/")]
    for path in notebooks:
        cache.add_nb_to_project(path, read_data={"name": "myst_nb_md", "type": "plugin"})
    quiet = logging.getLogger("run_ahead")
    quiet.setLevel(logging.ERROR)
    executor = load_executor("local-parallel", cache, quiet)
    executor.run_and_cache(filter_uris=notebooks, timeout=app.config.nb_execution_timeout)


def refuse_tracebacks(app: Sphinx, tree: nodes.document) -> None:
    """Fail on a page that shows a traceback.

    IPython prints an error in a chart's display and goes on, so that the cell counts as run.
    """
    for block in tree.findall(nodes.literal_block):
        if "traceback" in block["classes"]:
            raise ExtensionError(f"{app.env.docname}: a cell shows a traceback\n{block.astext()}")


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_config_value("page_inputs", "", "env")
    app.connect("config-inited", name_cache)
    app.connect("config-inited", watch_page_inputs)
    app.connect("config-inited", own_profile)
    app.connect("env-get-outdated", write_all)
    app.connect("env-get-outdated", forget_removed)
    app.connect("env-before-read-docs", run_ahead)
    app.connect("doctree-read", refuse_tracebacks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
