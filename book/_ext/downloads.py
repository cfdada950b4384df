"""Give each page's downloads files of their own, its links their addresses, and the edition its name."""

from __future__ import annotations

import base64
import html
import re
import shutil
import subprocess
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

PACKAGE = "digital-economy-data"  # the archive of all tables
WITH_IT = ("LICENSE", "CITATION.cff")
DOWNLOAD = re.compile(r'download="([\w.-]+)" href="data:[\w/+-]+;base64,([^"]*)"')
ADDRESS = re.compile(r'(href|src)="book:')
CITATION = re.compile(r'<span class="citation">(.*?)</span>', re.DOTALL)


@cache
def edition(root: Path) -> dict[str, str]:
    """Return what names this build: title, authors, version, commit and date."""
    cited = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    command = ["git", "describe", "--always", "--dirty=, with changes", "--exclude=*"]
    described = subprocess.run(command, cwd=root, capture_output=True, text=True)
    return {
        "title": cited["title"],
        "authors": ", ".join(author.get("name") or author["family-names"] for author in cited["authors"]),
        "version": str(cited["version"]),
        "year": str(cited["date-released"])[:4],
        "commit": described.stdout.strip() if described.returncode == 0 else "unknown",
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
    }


def state_edition(app: Sphinx, config: Config) -> None:
    """Say at the foot of every page which version, commit and day it was built from."""
    named = edition(Path(app.srcdir))
    config.html_theme_options["extra_footer"] = (
        f'<p class="edition">Version {named["version"]}, commit <span class="notranslate">{named["commit"]}</span>, built on {named["date"]}.</p>'
    )


def finish_page(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: nodes.document | None) -> None:
    """Move the page's downloads into files, resolve its ``book:`` addresses and complete its citations."""
    body = context.get("body")
    if not body:
        return
    root = "../" * page.count("/")
    title = re.sub(r"<[^>]*>", "", context.get("title", ""))
    body = DOWNLOAD.sub(lambda found: _file(Path(app.outdir), page, root, *found.groups()), body)
    body = ADDRESS.sub(rf'\1="{root}', body)
    context["body"] = CITATION.sub(lambda found: _citation(Path(app.srcdir), found[1], title, page), body)


def _file(out: Path, page: str, root: str, name: str, content: str) -> str:
    path = Path("_downloads", page, name)
    (out / path).parent.mkdir(parents=True, exist_ok=True)
    (out / path).write_bytes(base64.b64decode(content))
    return f'download="{name}" href="{root}{path.as_posix()}"'


def _citation(root: Path, title: str, page_title: str, page: str) -> str:
    named = {key: html.escape(value) for key, value in edition(root).items()}
    return (
        f'<span class="citation">{named["authors"]} ({named["year"]}): “<span>{title}</span>”, in “<span class="page-title">{page_title}</span>” '
        f'(<span class="notranslate">{html.escape(page)}</span>), <span>{named["title"]}</span>, '
        f'version {named["version"]}, commit <span class="notranslate">{named["commit"]}</span>.</span>'
    )


def write_data(app: Sphinx, error: Exception | None) -> None:
    """Put the data package beside the pages, as single files and as one archive, with its licence."""
    if error or app.builder.format != "html":
        return
    source, folder = Path(app.srcdir), Path(app.outdir, "_static", "data")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source / "data", folder)
    for name in WITH_IT:
        shutil.copy(source / name, folder)
    shutil.make_archive(str(Path(app.outdir, "_static", PACKAGE)), "zip", folder)


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("config-inited", state_edition)
    app.connect("html-page-context", finish_page, priority=800)
    app.connect("build-finished", write_data)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
