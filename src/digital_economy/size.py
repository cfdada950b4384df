"""An open size of the digital economy: digital industries, digital capital elsewhere, digital content of final output."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

from digital_economy import accounts, capital, data, inputoutput, productivity

DIGITAL = {"hardware and software": ("hardware", "software"), "with instruments": ("hardware", "software", "instruments")}
MEASURES = {
    "digital_industries": "Digital industries: value added",
    "lower_bound": "Lower bound: with digital capital elsewhere",
    "upper_reading": "Upper reading: digital content of final output",
}


def digital_sectors(definition: str) -> list[str]:
    """Return the codes of the digital sectors of the input-output tables under a definition."""
    kinds = data.load("input_output_sectors").set_index("sector")["digital_product"]
    return list(kinds.index[kinds.isin(DIGITAL[definition])])


def digital_industries(definition: str = "hardware and software") -> pd.Series:
    """Return value added of the digital industries by year of an input-output table, in trillion yuan."""
    by_sector = productivity.value_added().sum(axis=1).unstack("sector")
    return (by_sector[digital_sectors(definition)].sum(axis=1) / 1e4).rename("digital_industries")


def services_elsewhere(*, price: str = "producer prices", rates: str = "middle", own_use: bool = True) -> pd.Series:
    """Return digital capital services used outside the digital industries by year of a table, in trillion yuan.

    With ``own_use`` the digital industries use the part of all services that they have of all capital income,
    without it none: no public series tells who uses digital capital.
    """
    components = productivity.value_added()
    capital_income = (components["depreciation"] + components["operating_surplus"]).unstack("sector")
    digital_part = capital_income[digital_sectors("hardware and software")].sum(axis=1) / capital_income.sum(axis=1)
    services = capital.digital_services(price=price, rates=rates).sum(axis=1) / 1e4
    used = services.reindex(digital_part.index) * (1 - digital_part * own_use)
    return used.dropna().rename("services_elsewhere")


def digital_content(definition: str = "hardware and software") -> pd.Series:
    """Return the digital output that final output calls for, also through suppliers, by year of a table, in trillion yuan.

    The digital rows of the Leontief inverse times final uses less imports. It counts a digital product each
    time one industry sells it to another, so it is an upper reading and not value added.
    """
    found = {}
    for year in inputoutput.YEARS:
        table = inputoutput.read_table(year)
        inverse = inputoutput.leontief_inverse(inputoutput.technical_coefficients(table.flows, table.output))
        found[year] = (inverse.loc[digital_sectors(definition)] @ (table.final_use - table.imports)).sum() / 1e4
    return pd.Series(found, name="digital_content").rename_axis("year")


@data.remembered
def _estimates() -> pd.DataFrame:
    central = digital_industries()
    grid = product(capital.PRICES["input_output"], capital.RATES["input_output"], (True, False))
    services = pd.concat([services_elsewhere(price=price, rates=rates, own_use=own) for price, rates, own in grid], axis=1)
    industries = pd.concat([digital_industries(definition) for definition in DIGITAL], axis=1)
    content = pd.concat([digital_content(definition) for definition in DIGITAL], axis=1)
    lower = industries.reindex(services.index)
    frames = {
        "digital_industries": _band(central, industries),
        "lower_bound": pd.DataFrame({
            "value": central + services_elsewhere(),
            "low": lower.min(axis=1) + services.min(axis=1),
            "high": lower.max(axis=1) + services.max(axis=1),
        }).dropna(),
        "upper_reading": _band(digital_content(), content),
    }  # fmt: skip
    frame = pd.concat(frames, names=["measure"]).reset_index()
    whole = frame["year"].map(productivity.value_added().groupby("year").sum().sum(axis=1) / 1e4)
    return frame.assign(
        **{f"share{end}": 100 * frame[column] / whole for end, column in (("", "value"), ("_low", "low"), ("_high", "high"))}
    )


def estimates() -> pd.DataFrame:
    """Return the open sizes, a row a measure and year of a table.

    Columns: ``measure`` (a key of ``MEASURES``), ``year``, ``value`` in trillion yuan with ``low`` and ``high``
    over definitions, prices, depreciation and own use, and the ``share`` of the table's value added in per
    cent with ``share_low`` and ``share_high``.
    """
    return _estimates().copy()


def number_of_variants() -> int:
    """Return how many combinations the band of the lower bound covers."""
    return len(DIGITAL) * len(capital.PRICES["input_output"]) * len(capital.RATES["input_output"]) * 2


def beside_published() -> pd.DataFrame:
    """Return the open shares beside CAICT's and the official core industries', by year, in per cent of value added or GDP."""
    ours = estimates().pivot(index="year", columns="measure", values="share")
    official = data.series("caict_digital_economy", "nbs_digital_core_industries_share_gdp")
    caict = accounts.share(accounts.size(), accounts.gdp())
    return ours.join(pd.DataFrame({"caict": caict, "official": official}), how="outer").loc[2012:].rename_axis("year")


def _band(central: pd.Series, variants: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"value": central, "low": variants.min(axis=1), "high": variants.max(axis=1)}).astype(np.float64)
