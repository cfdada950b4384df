"""The same ARIMAX for many series: each by itself, and all of them as one hierarchical model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import numpy as np
import pandas as pd

from digital_economy import arimax, engines
from digital_economy.arimax_priors import Pooling, Priors
from digital_economy.arimax_sample import Sample

if TYPE_CHECKING:
    from digital_economy.arimax_hierarchy import Hierarchy

LEVEL = 0.95


@dataclass(frozen=True)
class PanelFit:
    """The posteriors of many series. Effects are on standardised data, so that they can be compared.

    ``unpooled``: a row a series and regressor (``key, regressor``) with ``mean, sd, low, high`` (95%) of its effect, and
    ``scale``, which takes an effect to the units of the data. ``log_evidence`` by key, in the units of the data.
    ``hierarchy``: the posterior of all series as one model, if asked for. ``refused``: the series
    that could not be fitted, with the reason.
    """

    unpooled: pd.DataFrame
    log_evidence: pd.Series
    refused: dict[str, str]
    hierarchy: Hierarchy | None = None

    def pooled(self) -> pd.DataFrame:
        """Return the effects of the hierarchical model in the form of ``unpooled``.

        Raises
        ------
        ValueError
            The series were not pooled.
        """
        if self.hierarchy is None:
            raise ValueError("pooled: found no hierarchy; right is a fit with pooling=Pooling()")
        labels = [f"effect[{key}, {regressor}]" for key, regressor in self.unpooled.index]
        table = self.hierarchy.diagnostics.loc[labels, ["mean", "sd", "low", "high"]]
        return table.set_axis(self.unpooled.index).assign(scale=self.unpooled["scale"])


def fit_many(
    panel: pd.DataFrame,
    *,
    regressors: Sequence[str] | None = None,
    order: tuple[int, int, int] = (1, 1, 0),
    form: str = "regression",
    priors: Priors = Priors(),
    pooling: Pooling | None = None,
    draws: int = 1000,
    chains: int = 4,
    seed: int,
    store: Path | None = None,
    workers: int | None = None,
    progress: bool | TextIO = True,
) -> PanelFit:
    """Return the posterior of one ARIMAX for every series of a panel, by the exact engine, and pooled if ``pooling`` says how.

    ``panel`` is tidy: ``key, year, y``, the regressors (by default all other columns) and, if levels are comparable
    only within segments, ``segment``. Two segments of a series may share one year, in which they are joined; where they
    do not, the change from one to the other is not used. A year without y has a row with a missing y. ``store``, ``workers``
    and ``progress`` are those of ``engines.run``, which makes the unpooled fits.

    A series that ``arimax.fit`` refuses, in which a year occurs twice or whose segments overlap is
    named in ``refused``, and the rest is fitted.

    Raises
    ------
    ValueError
        A column is absent, a row lacks its key or year, or fewer than two series are left to be pooled.
    RuntimeError
        The hierarchical model did not converge; the message names the parameter.
    """
    names = [name for name in panel if name not in ("key", "year", "y", "segment")] if regressors is None else list(regressors)
    absent = [name for name in ("key", "year", "y", *names) if name not in panel]
    if absent:
        raise ValueError(f"panel: found no column {absent}; right is key, year, y, the regressors and, if need be, segment")
    if panel[["key", "year"]].isna().any(axis=None):
        raise ValueError("panel: found a row without key or year; right is both in every row")
    model = {"regressors": names, "order": order, "form": form}
    rows = {key: group.reset_index(drop=True) for key, group in panel.astype({"year": int, "key": str}).groupby("key", sort=False)}
    tasks = {key: {"rows": group, **model, "priors": priors, "draws": draws * chains, "seed": seed} for key, group in rows.items()}
    found = engines.run(single, tasks, store=store, workers=workers, progress=progress)
    index = ["key", "regressor"]
    frames = [result["effects"].assign(key=key) for key, result in found.results.items()]
    unpooled = pd.concat(frames or [pd.DataFrame(columns=index)]).set_index(index)
    evidence = pd.Series({key: result["log_evidence"] for key, result in found.results.items()}, name="log_evidence", dtype=float)
    hierarchy = None
    if pooling is not None:
        from digital_economy import arimax_hierarchy  # PyMC and JAX take seconds to import, and the exact fits need neither

        samples = {key: sample(rows[key], **model) for key in found.results}
        hierarchy = arimax_hierarchy.draw(samples, priors, pooling, draws=draws, chains=chains, seed=seed)
    return PanelFit(unpooled, evidence.rename_axis("key"), found.refused, hierarchy)


def single(
    *, rows: pd.DataFrame, regressors: list[str], order: tuple[int, int, int], form: str, priors: Priors, draws: int, seed: int
) -> dict:
    """Return ``effects`` (a row a regressor) and ``log_evidence`` of one series of a panel, by the exact engine."""
    y, x, breaks = series(rows, regressors)
    fit = arimax.fit(y, x, order=order, form=form, priors=priors, draws=draws, chains=1, seed=seed, method="exact", breaks=breaks)
    scale = fit.sample.scale / fit.sample.x_scale
    moments = fit.moments().loc[[f"effect[{name}]" for name in regressors]]
    drawn = fit.draws["coefficients"][:, int(fit.sample.constant) :]
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    columns = {"regressor": regressors, "mean": moments["mean"].to_numpy() / scale, "sd": moments["sd"].to_numpy() / scale}
    effects = pd.DataFrame({**columns, "low": low, "high": high, "scale": scale})
    return {"effects": effects, "log_evidence": fit.log_evidence if priors.proper else np.nan}


def series(rows: pd.DataFrame, regressors: Sequence[str]) -> tuple[pd.Series, pd.DataFrame | None, list[int]]:
    """Return y by year, its regressors and the years of its breaks, from the rows of one series of a panel.

    Segments are joined in a year that they share, so that every change is one within a segment; levels mean nothing then.

    Raises
    ------
    ValueError
        A year twice in a segment, segments that share more than a year, a regressor with two values in a year.
    """
    segments = rows["segment"] if "segment" in rows else pd.Series("all", index=rows.index)
    twice = rows.assign(segment=segments).duplicated(["segment", "year"])
    if twice.any():
        raise ValueError(f"year: found {rows['year'][twice].iloc[0]} twice; right is once in a segment")
    pieces = sorted((piece.set_index("year")["y"].sort_index() for _, piece in rows.groupby(segments)), key=lambda piece: piece.index[0])
    y, breaks = pieces[0], []
    for piece in pieces[1:]:
        first, last = piece.index[0], y.index[-1]
        if first < last:
            raise ValueError(f"segment: found one that begins in {first} and one that ends in {last}; right is at most one year shared")
        if first == last and pd.notna(y[last]) and pd.notna(piece[first]):
            y = pd.concat([y, piece.iloc[1:] + (y[last] - piece[first])])
        elif (later := piece[piece.index > last]).size:
            y = pd.concat([y, later])
            breaks.append(int(later.index[0]))
    x = rows.groupby("year")[list(regressors)]
    unlike = x.nunique().gt(1).any()
    if unlike.any():
        raise ValueError(f"{unlike[unlike].index[0]}: found two values in a year; right is one")
    return y, x.first().loc[y.index] if regressors else None, breaks


def sample(rows: pd.DataFrame, *, regressors: Sequence[str], order: tuple[int, int, int], form: str = "regression") -> Sample:
    """Return one series of a panel on the scale of the model.

    Raises
    ------
    ValueError
        As ``series`` and ``arimax.fit``.
    """
    y, x, breaks = series(rows, regressors)
    return Sample.of(y, x, order=order, form=form, constant=True, standardise=True, breaks=breaks)
