"""What the reviewer's page and the watch list show: verdicts, differences, assumptions, environment, trends."""

from __future__ import annotations

import importlib
import pkgutil
import platform
from datetime import date
from importlib import metadata

import pandas as pd

import digital_economy
from digital_economy import apparatus, data, ledger, outlook, stored, wording
from digital_economy.apparatus import Code

PACKAGES = (*stored.PACKAGES, "statsmodels", "mpmath", "altair", "vl-convert-python", "jupyter-book")
SEE_PAGE = "told on its page"
TREND = {"level": "%", "share": "points"}


def counts_by_figure() -> pd.DataFrame:
    """Return the number of claims by verdict for each figure of the report and for the text without figures."""
    frame = ledger.ledger()
    place = frame["figure"].map("Figure {}".format, na_action="ignore").fillna("text without a figure")
    counts = pd.crosstab(place, frame["verdict"]).reindex(columns=list(ledger.VERDICTS), fill_value=0)
    counts["all"] = counts.sum(axis=1)
    return counts.rename(columns=wording.VERDICT).rename_axis(index="Figure", columns=None).reset_index()


def largest_differences(number: int = 5) -> pd.DataFrame:
    """Return the claims that come out most different, by the distance to the printed number relative to its size.

    One answer to several wordings of a number counts once, and dates are left out.
    """
    frame = ledger.ledger().query("verdict == 'different'").iloc[::-1]
    frame = frame[~frame["unit"].isin(wording.DATES)].assign(size=lambda f: f["ours"].abs().round(9))
    frame = frame.drop_duplicates(["notebook", "size"])
    distance = (frame["ours"] - frame["value"]).abs() / frame["value"].abs()
    whys = frame["claim"].map(data.load("differences").set_index("claim")["why"]).fillna(SEE_PAGE)
    rows = frame.assign(distance=100 * distance, why=whys).nlargest(number, "distance")
    return pd.DataFrame(
        {
            "claim": _links(rows["subject_en"], rows["notebook"]),
            "CAICT": [wording.published(row) for row in rows.itertuples()],
            "this edition": [f"{wording.answer(row)} {wording.interval(row)}".strip() for row in rows.itertuples()],
            "distance (% of the printed number)": rows["distance"],
            "why": rows["why"],
        }
    )


def assumptions() -> pd.DataFrame:
    """Return every assumption with how it is taken, why, and where it matters."""
    frame = data.load("assumptions")
    linked = _links(frame["assumption"], frame["notebook"])
    return frame.assign(assumption=linked).drop(columns="notebook").rename(columns={"taken_as": "taken as"})


def watch_list() -> pd.DataFrame:
    """Return the watch list in words: field, indicator, latest value, trend, and what the forecast assumes."""
    frame = outlook.watch_list()
    return pd.DataFrame(
        {
            "field": frame["field_en"] + " " + frame["field_zh"],
            "indicator": _links(frame["name"], frame["notebook"]),
            "latest": [f"{row.latest:,.3g} {row.unit}".strip() + f" ({row.year})" for row in frame.itertuples()],
            "trend": [
                f"{row.trend:+.1f} {TREND[row.kind]} a year since {row.since}".replace("-", "−") for row in frame.itertuples()
            ],
            "the forecast of Figure 9 assumes": frame["forecast"],
        }
    )


def environment() -> pd.DataFrame:
    """Return what the book was computed with: platform, versions, seeds and the day, none of them words to translate."""
    rows = {"date": date.today().isoformat(), "platform": platform.platform(), "Python": platform.python_version()}
    rows |= {name: metadata.version(name) for name in PACKAGES}
    rows["seeds"] = ", ".join(f"{name}: {value}" for name, value in seeds().items()) or "none: nothing is drawn at random"
    return pd.DataFrame({"what": rows.keys(), "value": map(Code, rows.values())})


def seeds() -> dict[str, int]:
    """Return the seeds that the package's modules fix, by module and name."""
    names = [module.name for module in pkgutil.iter_modules(digital_economy.__path__) if module.name != "__main__"]
    modules = {name: importlib.import_module(f"digital_economy.{name}") for name in names}
    return {
        f"{name}.{key}": value
        for name, module in modules.items()
        for key, value in vars(module).items()
        if "SEED" in key and isinstance(value, int)
    }


def _links(texts: pd.Series, notebooks: pd.Series) -> list[apparatus.Link]:
    return [apparatus.Link(text, notebook) for text, notebook in zip(texts, notebooks, strict=True)]
