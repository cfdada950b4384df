"""The texts in a chart's Vega-Lite specification, and Chinese titles broken into lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

import vl_convert as vlc

from digital_economy import charts
from translation.messages import Slot, text_slots

WORD = re.compile(r"[\u2e80-\uffef][，。、；：？！）》”’％]*|[^\s\u2e80-\uffef]+\s*|\s")  # a character with the stops after it, or a word
COLON = "split(datum.label, ': ')"
FONTS = re.compile(r'(?<=font-family=")')
CHINESE_FONT = "Noto Sans CJK SC, "


def chart_slots(spec: dict[str, Any], names: dict[str, str]) -> Iterator[Slot]:
    """Yield the slots of a specification: title, description, axes, legends, tooltips, and words in its data."""
    title = spec["title"]
    yield from text_slots(" ".join(title) if isinstance(title, list) else title, lambda text: spec.update(title=wrap(text, charts.TITLE_WIDTH)), names)
    yield from _key(spec, "description", names)
    for part in ("datasets", "layer", "encoding"):
        yield from _walk(spec.get(part, {}), names, data=part == "datasets")


def localise(spec: dict[str, Any]) -> None:
    """Let labels break at the Chinese colon, where the English ones break at theirs."""
    for node in _nodes(spec):
        if node.get("labelExpr") == COLON:
            node["labelExpr"] = COLON.replace(": ", "：")


def pictures(view: str) -> dict[str, bytes]:
    """Return the picture in a chart's view as files; as PNG in a Chinese font, which a browser finds by itself."""
    picture = view[view.index("<svg") : view.rindex("</svg>") + len("</svg>")]
    return {"svg": picture.encode(), "png": vlc.svg_to_png(FONTS.sub(CHINESE_FONT, picture), scale=2)}


def wrap(text: str, width: int) -> list[str]:
    """Return text in lines of at most ``width`` Latin characters; a Chinese one counts as two."""
    lines = [""]
    for word in WORD.findall(text):
        if _width(lines[-1] + word.rstrip()) > width:
            lines.append("")
        lines[-1] += word
    return [line.strip() for line in lines]


def _width(text: str) -> int:
    return sum(2 if ord(character) >= 0x2E80 else 1 for character in text)


def _walk(node: Any, names: dict[str, str], *, data: bool = False) -> Iterator[Slot]:
    if isinstance(node, list):
        for part in node:
            yield from _walk(part, names, data=data)
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        if isinstance(value, str) and (data or key == "title"):
            yield from _key(node, key, names)
        elif key in ("sort", "domain") and isinstance(value, list):
            for place in range(len(value)):
                yield from _key(value, place, names)
        elif key == "tooltip":
            yield from _tooltip(value, names)
        else:
            yield from _walk(value, names, data=data)


def _tooltip(entries: list[dict] | dict, names: dict[str, str]) -> Iterator[Slot]:
    """Yield the titles of a tooltip's lines; one without a title is called as its field."""
    for entry in entries if isinstance(entries, list) else [entries]:
        if "field" in entry:
            entry.setdefault("title", entry["field"])
            yield from _key(entry, "title", names)


def _key(place: dict | list, key: str | int, names: dict[str, str]) -> Iterator[Slot]:
    if isinstance(place[key], str):
        yield from text_slots(place[key], partial(place.__setitem__, key), names)


def _nodes(node: Any) -> Iterator[dict]:
    if isinstance(node, dict):
        yield node
    for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _nodes(part)
