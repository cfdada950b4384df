"""From the book's Markdown, with its roles and directives, to Markdown that any Jupyter shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from myst_nb.core.variables import format_plain_text
from pybtex.database import Entry, parse_file
from pybtex.plugin import find_plugin

ROLE = re.compile(r"\{(glue:text|glue:|doc|ref|cite|cite:t|numref)\}`([^`]*)`")
TARGET = re.compile(r"^\([\w-]+\)=\n", re.MULTILINE)
FIGURE = re.compile(r"^```\{glue:figure\} \w+\n:name: (\S+)\n\n(.*?)\n```$", re.DOTALL | re.MULTILINE)
EXERCISE = re.compile(r"^```\{exercise-start\} ([^\n]+)\n:label: (\S+)\n```\n\n(.*?)\n\n```\{exercise-end\}\n```$", re.DOTALL | re.MULTILINE)
SOLUTION = re.compile(r"^```\{solution-start\} \S+\n:class: dropdown\n```\n\n(.*?)\n\n```\{solution-end\}\n```$", re.DOTALL | re.MULTILINE)
DEFINITION = re.compile(r"^(\S.*)\n: ", re.MULTILINE)
TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
ANSWER = "*Your answer:*\n\n```{code-cell} ipython3\n```"  # where a solution was
LEFT_OVER = re.compile(r"^```\{(?!code-cell)|\{[a-z:-]+\}`", re.MULTILINE)


class MarkdownError(ValueError):
    """A role or directive that plain Markdown has no form for; the message names it."""


def title(text: str) -> str:
    """Return the title of a page."""
    return TITLE.search(text)[1]


def exercises(text: str) -> list[tuple[str, str]]:
    """Return the exercises of a notebook as (title, question)."""
    return [(found[1], found[3]) for found in EXERCISE.finditer(text)]


def without_solutions(text: str) -> str:
    """Return the text of a notebook with an empty cell in place of each solution."""
    return SOLUTION.sub(ANSWER, text)


def plain(text: str, *, page: str, values: Mapping[str, Mapping[str, str]], titles: Mapping[str, str], bibliography: Path) -> str:
    """Return a notebook's text with its directives and roles in plain Markdown, its code cells as they were.

    ``values`` holds what each page glued, by the page's stem and the value's name, as text that Python reads;
    ``titles`` the title of each page by its stem. A link to another notebook becomes one to its ``.ipynb``.

    Raises
    ------
    MarkdownError
        A value that no page glued, an unknown page or key, or a role or directive without a plain form.
    """
    charts = {found[1]: str(place) for place, found in enumerate(FIGURE.finditer(text), start=1)}
    entries = cited(text, bibliography)
    text = FIGURE.sub(lambda found: f"**Chart {charts[found[1]]}.** {found[2]}", text)
    count = iter(range(1, len(exercises(text)) + 1))
    text = EXERCISE.sub(lambda found: f"### Exercise {next(count)}: {found[1]}\n\n{found[3]}", text)
    text = SOLUTION.sub(r"**Solution.**\n\n\1", text)
    text = DEFINITION.sub(r"- **\1**: ", TARGET.sub("", text))

    def replace(found: re.Match) -> str:
        match found[1]:
            case "glue:text" | "glue:":
                return number(found[2], values)
            case "numref":
                return f"Chart {_known(charts, found[2], page)}"
            case "cite" | "cite:t":
                people = "; ".join(author_year(_known(entries, key.strip(), page)) for key in found[2].split(","))
                return people if found[1] == "cite:t" else f"({people})"
            case "ref":
                return found[2].partition("<")[0].strip()
        words, _, target = found[2].rpartition("<")
        stem = Path(target.rstrip(">")).stem
        return f"[{words.strip() or _known(titles, stem, page)}]({stem}.ipynb)"

    text = ROLE.sub(replace, text)
    if left := LEFT_OVER.search(text):
        raise MarkdownError(f"{page}: found {left[0]!r}, which has no plain form; right is a role or directive that teaching knows")
    return text + references(entries)


def number(reference: str, values: Mapping[str, Mapping[str, str]]) -> str:
    """Return a glued value as the book prints it; ``reference`` is ``page.md::name:format``.

    Raises
    ------
    MarkdownError
        No page glued such a value.
    """
    place, _, rest = reference.rpartition("::")
    name, _, form = rest.partition(":")
    stem = Path(place).stem
    if name not in values.get(stem, {}):
        raise MarkdownError(f"{stem}: found no value {name!r}; right is one of {sorted(values.get(stem, {}))}")
    return format_plain_text(values[stem][name], form or "s")


def cited(text: str, bibliography: Path) -> dict[str, Entry]:
    """Return the entries of the bibliography that a text cites, by key, in the order of its citations."""
    keys = [key.strip() for role, body in ROLE.findall(text) if role.startswith("cite") for key in body.split(",")]
    return {key: entry for key in dict.fromkeys(keys) if (entry := _entries(bibliography).get(key))}


def author_year(entry: Entry) -> str:
    """Return a citation in words: names of authors, editors or the organisation, and the year if there is one."""
    people = entry.persons.get("author") or entry.persons.get("editor", [])
    names = [" ".join(map(str, person.rich_last_names)) for person in people] or [entry.fields["organization"]]
    who = " and ".join(names) if len(names) < 3 else f"{names[0]} and others"
    return f"{who} {entry.fields.get('year', '')}".strip()


def references(entries: Mapping[str, Entry]) -> str:
    """Return a list of references in Markdown, empty without any."""
    if not entries:
        return ""
    style, backend = find_plugin("pybtex.style.formatting", "plain")(), find_plugin("pybtex.backends", "markdown")()
    lines = [f"- {entry.text.render(backend)}" for entry in style.format_entries(entries.values())]
    return "\n\n## References\n\n" + "\n".join(lines) + "\n"


@cache
def _entries(bibliography: Path) -> dict[str, Entry]:
    return dict(parse_file(str(bibliography)).entries)


def _known(table: Mapping, key: str, page: str):
    if key not in table:
        raise MarkdownError(f"{page}: found {key!r}; right is one of {sorted(table)}")
    return table[key]
