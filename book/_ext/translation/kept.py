"""Pages of the Chinese edition kept from one build to the next, each under the digest of all that it is made from."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from execution import digest, inputs
from translation.search import PageWords

CODE = ("book/_ext/**/*.py", "book/locale/zh_CN/*.csv")


@dataclass(frozen=True)
class Written:
    """A page of the edition with its downloads by name, its words, and its messages that lack a good translation."""

    html: str
    words: PageWords = PageWords()
    downloads: dict[str, bytes] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


class Kept:
    """The kept pages of a book, in ``folder``; a page that is made from something else than it was is not found."""

    def __init__(self, folder: Path, book: Path, shared: str) -> None:
        self.folder, self.book, self.shared = folder, book, shared

    def find(self, name: str) -> Written | None:
        """Return a page as it was written from the same page, or None."""
        path = self._path(name)
        return pickle.loads(path.read_bytes()) if path.exists() else None

    def keep(self, name: str, page: Written) -> None:
        """Keep a page that is whole; an interrupted build leaves none that is half written."""
        if not page.problems:
            path = self._path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            new = path.with_suffix(".new")
            new.write_bytes(pickle.dumps(page))
            new.replace(path)

    def only(self, names: Iterable[str]) -> None:
        """Forget what is no longer a page of the book, or was made from something else."""
        now = {self._path(name) for name in names}
        for path in self.folder.glob("*"):
            if path not in now:
                path.unlink()

    def _path(self, name: str) -> Path:
        """Return where a page is kept: under the digest of its English page, its tables and what all pages share."""
        tables = sorted((self.book / "_downloads" / name).glob("*.csv"))
        return self.folder / f"{digest(self.book, [self.book / f'{name}.html', *tables])}-{self.shared}"


def shared(root: Path, catalogues: Path) -> str:
    """Return the digest of what every page is made from: the catalogues, the code, the data and the environment."""
    code = (path for pattern in CODE for path in sorted(root.glob(pattern)))
    return digest(root, [*inputs(root), *code, *sorted(catalogues.rglob("*.po"))])
