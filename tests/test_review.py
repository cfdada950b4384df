"""The reviewer's page is made of what the ledger and the package say."""

from __future__ import annotations

from digital_economy import apparatus, data, ledger, review, wording


def test_counts_by_figure_add_up_to_all_claims() -> None:
    counts = review.counts_by_figure()
    assert counts["all"].sum() == 286
    assert counts[list(wording.VERDICT.values())].sum(axis=1).tolist() == counts["all"].tolist()


def test_largest_differences_come_first_and_have_a_reason() -> None:
    frame = review.largest_differences()
    distances = frame["distance (% of the printed number)"].tolist()
    assert distances == sorted(distances, reverse=True) and len(frame) <= 5
    assert frame["claim"].iloc[0].text == "change in digital economy share of GDP on the year"
    assert frame["why"].ne("").all()


def test_a_reason_for_a_difference_belongs_to_a_claim_that_differs() -> None:
    different = set(ledger.ledger().query("verdict == 'different'")["claim"])
    assert set(data.load("differences")["claim"]) <= different


def test_assumptions_and_watch_list_lead_to_pages() -> None:
    links = [*review.assumptions()["assumption"], *review.watch_list()["indicator"]]
    assert all(isinstance(link, apparatus.Link) and link.notebook for link in links)


def test_environment_names_versions_and_seeds() -> None:
    rows = review.environment().set_index("what")["value"]
    assert {"date", "platform", "Python", "pandas", "pymc", "seeds"} <= set(rows.index)
    assert rows.map(type).eq(apparatus.Code).all(), "another computer has other words, and no catalogue knows them"
