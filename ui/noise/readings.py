"""The read-out of the Noise page: each network's accuracy at the level, and the best possible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from core.evaluation.robustness import NoisePoint
from core.metrics.accuracy import percent
from core.noise.base import Noise
from core.segments.bayes import share_of_ceiling
from ui.noise.figures import Line
from ui.noise.theory import Study

_WAITING = "…"


@dataclass(frozen=True)
class Reading:
    """One row of the read-out.

    Args:
        name: of the network or the rule.
        value: its accuracy, or a sign that it is not known yet.
        detail: the 95 % interval or, where theory is exact, the share of the best possible.
    """

    name: str
    value: str
    detail: str


def readings(
    points: Mapping[str, Sequence[NoisePoint]],
    study: Study | None,
    noise: Noise,
    level: float,
    *,
    limited: bool = False,
) -> list[Reading]:
    """Returns the rows at a level: exact where theory gives the accuracy, else measured.

    Args:
        points: by network, what has been measured so far.
        study: what theory says, or None where it says nothing.
        noise: the kind of noise.
        level: one of its levels.
        limited: whether the measured points say what is the best possible. Defaults to False.
    """
    if study is None:
        rows = [_measured(name, at(measured, level)) for name, measured in points.items()]
        if not limited:
            return rows
        known = (point for measured in points.values() if (point := at(measured, level)))
        best = next((point.accuracy.best for point in known if point.accuracy.best), None)
        # Its line is there from the beginning, so that nothing moves when it is known.
        return [
            *rows,
            Reading("Best possible", _WAITING, _WAITING) if best is None else _best(best),
        ]
    here = noise.levels.index(level)
    rows = []
    for name, values in study.networks.items():
        share = share_of_ceiling(study.rules[name], study.likelihoods[here], study.prior)
        rows.append(Reading(name, percent(values[here], 1), percent(share, 1)))
    return [*rows, _best(study.best.values[here])]


def _best(share: float) -> Reading:
    return Reading("Best possible", percent(share, 1), "the limit")


def simple_readings(
    points: Mapping[str, Sequence[NoisePoint]],
    lines: Sequence[Line],
    study: Study | None,
    noise: Noise,
    level: float,
) -> list[Reading]:
    """Returns the rows of simple methods at a level.

    Args:
        points: by method, what has been measured so far.
        lines: their exact curves, where theory gives them.
        study: what theory says, or None where it says nothing.
        noise: the kind of noise.
        level: one of its levels.
    """
    here = noise.levels.index(level)
    if study is None:
        return [_measured(_upper(name), at(measured, level)) for name, measured in points.items()]
    best = study.best.values[here]
    return [
        Reading(
            _upper(line.name),
            percent(line.values[here], 1),
            percent(round(line.values[here] / best, 12), 1),
        )
        for line in lines
    ]


def _upper(words: str) -> str:
    return words[0].upper() + words[1:]


def at(measured: Sequence[NoisePoint], level: float) -> NoisePoint | None:
    """Returns the point at a level, or None if it has not been measured."""
    return next((point for point in measured if point.level == level), None)


def _measured(name: str, point: NoisePoint | None) -> Reading:
    if point is None:
        return Reading(name, _WAITING, _WAITING)
    low, high = point.accuracy.interval
    return Reading(name, percent(point.accuracy.value, 1), f"{100 * low:.1f} to {percent(high, 1)}")


def show_readings(rows: Sequence[Reading], *, exact: bool, level_text: str) -> None:
    """Shows the rows as a table whose height depends only on their number.

    Args:
        rows: the rows.
        exact: whether theory gives them.
        level_text: the level as people read it.
    """
    st.html(readings_table(rows, exact=exact, level_text=level_text))


def readings_table(rows: Sequence[Reading], *, exact: bool, level_text: str) -> str:
    """Returns the rows as an HTML table; see `show_readings`."""
    headings = (
        (f"At level {level_text}", "exact", "of best possible")
        if exact
        else (f"At level {level_text}", "measured", "95 % interval")
    )
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in headings)
    body = "".join(
        f'<tr><th scope="row" title="{escape(row.name)}">{escape(row.name)}</th>'
        f'<td class="value">{escape(row.value)}</td><td>{escape(row.detail)}</td></tr>'
        for row in rows
    )
    return (
        '<table class="digit-lab-readings"><caption>Accuracy at this noise level</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )
