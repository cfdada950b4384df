"""What answers which claim: every computation of this edition, the notebook that tells it, and what it rests on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from digital_economy import (
    accounts,
    capital,
    checks,
    costs,
    data,
    digital_tfp,
    elasticities,
    forecast_evaluation,
    indicators,
    industries,
    inputoutput,
    real_economy,
    report,
    specifications,
    stabiliser,
)
from digital_economy.accounts import Estimate


@dataclass(frozen=True)
class Entry:
    """One computation and the claims it answers: ``basis`` is what it rests on, ``notebook`` tells it."""

    claims: tuple[str, ...]
    notebook: str
    basis: str
    compute: Callable[[], Estimate | float]

    @property
    def function(self) -> str:
        """The name of the computing function, as a reader would call it."""
        function = getattr(self.compute, "func", self.compute)
        return f"{function.__module__.removeprefix('digital_economy.')}.{function.__name__}"


FRAMEWORK = "ch1_new_stage/fig01_framework"
SCALE = "ch1_new_stage/fig02_scale"
INDUSTRY = "ch2_new_drivers/fig03_digital_industry_revenue"
ELECTRONICS = "ch2_new_drivers/fig04_electronics"
STABILISER = "ch3_new_paths/fig06_stabiliser"
DIGITAL_INDUSTRY = "ch2_new_drivers/digital_industry"
TRANSFORMATION = "ch2_new_drivers/transformation"
DATA_FACTOR = "ch2_new_drivers/data_as_a_factor"
ABROAD = "ch2_new_drivers/firms_abroad"
GOVERNANCE = "ch2_new_drivers/governance"
WATCH_LIST = "ch4_new_prospects/watch_list"
CAPITAL = "ch3_new_paths/digital_capital"
GROWTH = "ch3_new_paths/growth_accounting"
BY_INDUSTRY = "ch3_new_paths/fig05_tfp_by_industry"
TIERS = "ch3_new_paths/digital_tiers"
COSTS = "ch3_new_paths/fig07_costs_and_profits"
REGRESSION = "ch3_new_paths/digital_input_regression"
COMPONENTS = "ch3_new_paths/fig08_cost_components"
RATIOS = "ch3_new_paths/real_economy_ratios"
FORECAST = "ch3_new_paths/fig09_forecast"
SECTIONS = {  # the notebook that tells a section, for claims that neither an entry nor a reason places
    "2.1": DIGITAL_INDUSTRY, "2.2": TRANSFORMATION, "2.3": DATA_FACTOR, "2.4": ABROAD, "2.5": GOVERNANCE, "4": WATCH_LIST
}  # fmt: skip


def _both(name: str) -> tuple[str, str]:
    return f"fw-{name}", f"c1-{name}"


def _effect(ratio: str) -> Entry:
    claim = specifications.PUBLISHED[ratio]
    claims = (claim.replace("c3s2", "fw"), claim)
    return Entry(claims, REGRESSION, "open_method", partial(specifications.main_effect, ratio))


def _elasticities(component: str) -> tuple[Entry, ...]:
    name = elasticities.CLAIMS[component]
    responses = (f"{name}-response-avg", *([f"{name}-response-to-2020"] if component == "production" else []))
    return (
        Entry((f"{name}-elasticity-avg",), COMPONENTS, "open_method", partial(elasticities.average, component)),
        Entry(responses, COMPONENTS, "open_method", partial(elasticities.response, component)),
    )


def _tier_mean(ratio: str, tier: str, **choice: bool) -> Entry:
    kind = "without_primary" if choice else ratio
    claim = costs.PUBLISHED[kind].format(tier=tier)
    return Entry((claim,), COSTS, "public_proxy", partial(costs.tier_mean, ratio, tier, **choice))


ENTRIES = (
    Entry(("fw-intro-de-components",), FRAMEWORK, "identity", report.framework_parts),
    Entry(_both("de-size"), SCALE, "identity", partial(accounts.size_from_growth, 2024)),
    Entry(_both("de-nominal-growth"), SCALE, "identity", partial(accounts.growth_from_sizes, 2024)),
    Entry(_both("de-growth-gap-over-gdp"), SCALE, "public_data", partial(accounts.growth_gap, 2024)),
    Entry(_both("de-gdp-share"), SCALE, "public_data", partial(accounts.share_of_gdp, 2024)),
    Entry(_both("de-gdp-share-change"), SCALE, "public_data", partial(accounts.share_change, 2024)),
    Entry(("c2s1-digind-growth-band",), INDUSTRY, "public_proxy", accounts.digital_industry_mean_growth),
    Entry(("c2s1-digind-revenue",), INDUSTRY, "public_data", partial(accounts.digital_industry_revenue, 2024)),
    Entry(("c2s1-digind-revenue-growth",), INDUSTRY, "public_data", partial(accounts.digital_industry_growth, 2024)),
    Entry(("c2s1-digind-growth-gap-over-gdp",), INDUSTRY, "public_data", partial(accounts.digital_industry_gap, 2024)),
    Entry(
        ("c2s1-elec-va-growth-2024",),
        ELECTRONICS,
        "public_data",
        partial(accounts.electronics_value_added_growth, 2024),
    ),
    Entry(("c2s1-elec-va-over-revenue-gap",), ELECTRONICS, "public_data", partial(accounts.electronics_gap, 2024)),
    Entry(
        ("c3s1-gdp-nominal-growth-change-2024",), STABILISER, "public_data", partial(accounts.gdp_growth_change, 2024)
    ),
    Entry(("c3s1-de-tfp-contribution-change-2024",), STABILISER, "identity", stabiliser.tfp_change),
    Entry(("c3s1-gdp-nominal-growth-sd",), STABILISER, "public_data", stabiliser.gdp_growth_sd),
    Entry(("c3s1-gdp-nominal-growth-cv",), STABILISER, "public_data", stabiliser.gdp_growth_cv),
    Entry(
        ("c3s3-digital-capital-deepening-rate-cost", "c3s3-digital-capital-deepening-rate-profit"),
        CAPITAL,
        "open_method",
        capital.deepening_rate,
    ),
    Entry(("c3s1-de-tfp-contribution-2013",), GROWTH, "open_method", partial(digital_tfp.share, 2013)),
    Entry(("c3s1-de-tfp-contribution-2023",), GROWTH, "open_method", partial(digital_tfp.share, 2023)),
    *(
        Entry((claim,), BY_INDUSTRY, "open_method", partial(industries.digital_phase_mean, group, phase))
        for (group, phase), claim in industries.CLAIMS.items()
    ),
    Entry(("c3s2-sectors",), TIERS, "public_data", inputoutput.number_of_sectors),
    Entry(("c3s2-tiers",), TIERS, "identity", inputoutput.number_of_tiers),
    *(_tier_mean(ratio, tier) for ratio in costs.RATIOS for tier in inputoutput.TIERS),
    *(_tier_mean("profit_ratio", tier, with_primary=False) for tier in ("medium", "low")),
    *(_effect(ratio) for ratio in costs.RATIOS),
    *(entry for component in costs.COMPONENTS for entry in _elasticities(component)),
    Entry(("c3s2-finance-cost-rank",), COMPONENTS, "open_method", partial(elasticities.rank, "finance")),
    Entry(("c3s2-cost-components",), COMPONENTS, "identity", elasticities.number_of_components),
    Entry(("fw-cost-ratio-2023", "c3s3-cost-ratio-2023"), RATIOS, "public_proxy", real_economy.cost_ratio),
    Entry(("c3s3-cost-profit-ratio-2023",), RATIOS, "public_proxy", real_economy.profit_ratio),
    Entry(
        ("fw-cost-ratio-2027", "c3s3-cost-ratio-2027"),
        FORECAST,
        "public_proxy",
        partial(forecast_evaluation.cost_ratio_forecast, 2027),
    ),
    Entry(("c3s3-cost-ratio-2030",), FORECAST, "public_proxy", partial(forecast_evaluation.cost_ratio_forecast, 2030)),
    Entry(("c3s3-cost-profit-ratio-2027",), FORECAST, "public_proxy", partial(forecast_evaluation.profit_ratio_forecast, 2027)),
    Entry(("c3s3-cost-profit-ratio-2030",), FORECAST, "public_proxy", partial(forecast_evaluation.profit_ratio_forecast, 2030)),
    Entry(("fw-report-series-years",), FRAMEWORK, "public_data", partial(checks.computed, "report-series")),
    Entry(("c2s1-software-revenue-growth",), DIGITAL_INDUSTRY, "public_data", indicators.software_half_year_growth),
    Entry(("c2s4-crossborder-ecommerce",), ABROAD, "public_data", indicators.ecommerce_from_growth),
    Entry(("c2s4-crossborder-ecommerce-growth",), ABROAD, "public_data", indicators.ecommerce_growth),
)


def every() -> tuple[Entry, ...]:
    """Return every computation: those above, and what tables name for a claim.

    These are the public series of ``public_answers``, the relations of ``checks`` whose left side answers a
    claim, and the figures of ``public_figures`` for claims that nothing else answers.
    """
    notebooks = data.load("claims").set_index("claim")["section"].map(told)
    series, relations, figures = (data.load(name) for name in ("public_answers", "checks", "public_figures"))
    known = [
        *ENTRIES,
        *(Entry((row.claim,), row.notebook, row.basis, partial(indicators.published, row.claim)) for row in series.itertuples()),
        *(
            Entry((row.answers,), notebooks[row.answers], "identity", partial(checks.computed, row.check))
            for row in relations[relations["answers"] != ""].itertuples()
        ),
    ]
    answered = {name for entry in known for name in entry.claims} | {""}
    rest = figures[~figures["claim"].isin(answered)].itertuples()
    single = (Entry((row.claim,), notebooks[row.claim], "public_data", partial(checks.public_figure, row.figure)) for row in rest)
    return (*known, *single)


def told(section: str) -> str | None:
    """Return the notebook that tells a section."""
    return SECTIONS.get(section[:3], SECTIONS.get(section[:1]))
