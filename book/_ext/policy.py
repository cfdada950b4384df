"""The last pass over the written pages: a content security policy on each, and only the scripts it needs.

The policy allows the book's own files and the theme's few inline scripts, each by the hash of its
text. It is a tag of the page, so that it holds on any host and in a folder.
"""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

from sphinx.application import Sphinx

RULES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
}
INLINE = re.compile(r"<(script|style)(?![^>]*(?: src=|application/json))[^>]*>(.*?)</\1>", re.DOTALL)
ICONS = re.compile(r'<script defer src="[^"]*fontawesome\.js[^"]*"></script>')  # icons.css draws them
CHARSET = '<meta charset="utf-8" />'
TAG = re.compile(r'<meta http-equiv="Content-Security-Policy" content="[^"]*" />')


def policy(page: str) -> str:
    """Return the content security policy of a page: what its inline scripts and styles hash to is allowed."""
    allowed = {"script": [], "style": []}
    for kind, text in INLINE.findall(page):
        allowed[kind].append(f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'")
    rules = {**RULES, **{f"{kind}-src": " ".join(["'self'", *dict.fromkeys(hashes)]) for kind, hashes in allowed.items()}}
    return "; ".join(f"{name} {sources}" for name, sources in rules.items())


def tag(page: str) -> str:
    """Return the tag that states the policy of a page."""
    return f'<meta http-equiv="Content-Security-Policy" content="{policy(page)}" />'


def finish(app: Sphinx, error: Exception | None) -> None:
    """Write the policy into each page."""
    if error or app.builder.format != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        plain = TAG.sub("", ICONS.sub("", text))
        if (finished := plain.replace(CHARSET, CHARSET + tag(plain), 1)) != text:
            path.write_text(finished, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("build-finished", finish, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
