"""Commands of the Chinese edition, on a built English book (``_build/html`` unless a folder is named).

messages   bring the catalogues up to date with the book
draft      write what is translated; the rest stays English
chinese    write the edition, or say what it lacks; English pages then lead to it
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from translation import catalogues, edition

BUILT = catalogues.ROOT / "_build" / "html"
SHOWN = 5  # problems named of each page


def messages(book: Path) -> int:
    """Write the catalogues anew and say how many messages each has left; refuse a book without all its pages, whose messages would go."""
    if absent := sorted(set(edition.contents()) - set(edition.pages(book))):
        print(f"{book}: found no page {', '.join(absent)}; right is the whole book, as `make book` leaves it", file=sys.stderr)
        return 1
    left = catalogues.update(edition.found(book))
    for name, count in sorted(left.items()):
        print(f"{name}: {count} to translate")
    print(f"{sum(left.values())} in all")
    return 0


def draft(book: Path) -> int:
    """Write the edition with English where a translation is missing."""
    chinese = edition.Edition(book)
    chinese.write()
    _report(chinese)
    return 0


def whole(book: Path) -> int:
    """Write the edition and the switches that lead to it; return 1, and leave none of it, where a message lacks its translation.

    What a reader's own data say stays English, and is named.
    """
    chinese = edition.Edition(book)
    chinese.write()
    if chinese.problems:
        _report(chinese)
    if not chinese.whole():
        chinese.remove()
        return 1
    chinese.switch()
    print(chinese.out / "index.html")
    return 0


def _report(chinese: edition.Edition) -> None:
    for name, problems in chinese.problems.items():
        counts = Counter(wrong.partition(" ")[0] if wrong in ("missing", "empty", "fuzzy") else "wrong" for wrong in problems.values())
        print(f"{name}: {', '.join(f'{count} {kind}' for kind, count in counts.items())}", file=sys.stderr)
        named = sorted(problems.items(), key=lambda problem: problem[1] in ("missing", "empty", "fuzzy"))
        for message, wrong in named[:SHOWN]:
            print(f"  {message[:100]!r}: {wrong}", file=sys.stderr)
    print(f"{len({text for problems in chinese.problems.values() for text in problems})} messages lack their translation", file=sys.stderr)


COMMANDS = {"messages": messages, "draft": draft, "chinese": whole}

if __name__ == "__main__":
    if len(sys.argv) not in (2, 3) or sys.argv[1] not in COMMANDS:
        sys.exit(f"usage: python -m translation {{{','.join(COMMANDS)}}} [folder of the built book]")
    sys.exit(COMMANDS[sys.argv[1]](Path(sys.argv[2]) if len(sys.argv) == 3 else BUILT))
