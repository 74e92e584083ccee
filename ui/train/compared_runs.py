"""Runs over each other: their curves, their results, and simple methods beside them on request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import partial

import streamlit as st

from core.baselines.judging import MeasuredBaseline, MeasuredBaselines
from core.baselines.learning import LearnedFrom
from core.metrics.accuracy import Accuracy, percent
from core.runs.info import RunInfo
from core.training.history import History
from core.workers.job import Job
from ui.components.plot import plot
from ui.services import server
from ui.services.baselines import baselines_job, learned_by
from ui.session.settings import Setting
from ui.train.figures import compare_curves
from ui.widgets.job_progress import Retry, ask_for, offer_retry
from ui.wording.baselines import stored
from ui.wording.measured import interval_words
from ui.wording.runs import Result, result

# In no link: opening one would train what nobody here has asked for.
SIMPLE = Setting("runs_simple_methods", bool)
HEADINGS = {
    "ending": "How it ended",
    "test_accuracy": "Test accuracy (95 % interval)",
    "test_data": "Test data",
    "best_validation": "Best validation accuracy",
    "epochs": "Epochs",
    "seconds": "Training (s)",
    "speed": "Examples a second",
    "parameters": "Parameters",
}


def common_data(infos: Sequence[RunInfo]) -> LearnedFrom | None:
    """Returns what all of the runs learn from; None if they learn from different data."""
    found = {learned_by(info.config) for info in infos}
    return found.pop() if len(found) == 1 else None


def simple_job(infos: Sequence[RunInfo]) -> Job[MeasuredBaselines] | None:
    """Returns the job of the simple methods; None unless a person wants them and they fit."""
    learned = common_data(infos)
    return baselines_job(learned) if learned is not None and SIMPLE.get() else None


def show_curves_and_results(
    infos: Sequence[RunInfo], short: Mapping[str, str], names: Mapping[str, str]
) -> None:
    """Shows the runs' curves and a table of their results.

    Args:
        infos: the runs.
        short: their names in the chart, by id.
        names: their names in the table, by id.
    """
    histories = {info.id: server.runs().history(info.id) for info in infos}
    job = simple_job(infos)
    found = job.result if job else None
    levels = {
        each.title: each.validation.value
        for each in (found.each if found else ())
        if each.validation
    }
    st.caption("Solid lines: validation data. Dotted lines: training data.")
    for quantity in ("accuracy", "loss"):
        plot(
            compare_curves(
                {short[info.id]: histories[info.id] for info in infos},
                quantity=quantity,
                simple=levels,
            ),
            key=f"compared_{quantity}",
            label=f"{quantity.capitalize()} by epoch of the chosen runs",
            height=420,
        )
        if quantity == "accuracy":
            _show_switch(infos, job)
    st.subheader("Results")
    _show_results(infos, histories, names, found)


def _show_switch(infos: Sequence[RunInfo], job: Job[MeasuredBaselines] | None) -> None:
    learned = common_data(infos)
    with st.container(horizontal=True, vertical_alignment="center", key="runs_simple"):
        st.toggle(
            "Simple methods",
            disabled=learned is None,
            help="Do you need a network? Trains four simple methods on the data of these runs."
            " Their accuracy on the validation examples becomes level lines, and they join the"
            " results.",
            width="content",
            **SIMPLE.widget,
        )
        if learned is None:
            st.caption("For runs that learn from the same data with the same seed.")
        elif job is not None and job.active:
            ask_for([job])
            st.caption("Training …" if job.progress.note else "Waiting …")
        elif job is not None and job.result:
            st.caption("Grey lines: validation")
    if job is not None and learned is not None:
        offer_retry([Retry(job, partial(baselines_job.clear, learned))], key="runs_simple_methods")


def _show_results(
    infos: Sequence[RunInfo],
    histories: Mapping[str, History],
    names: Mapping[str, str],
    found: MeasuredBaselines | None,
) -> None:
    results = [result(info, histories[info.id]) for info in infos]
    tested = any(each.test_accuracy != "–" for each in results)
    methods = found.each if found else ()
    results += [result_of(each, tested=tested) for each in methods]
    titles = [*(names[info.id] for info in infos), *(each.title for each in methods)]
    columns = {
        HEADINGS[field.name]: [getattr(each, field.name) for each in results]
        for field in fields(Result)
    }
    st.dataframe(
        {"Run": titles} | columns,
        hide_index=True,
        width="stretch",
        # With more rows it is another table, whose columns are as wide as these need.
        key="results_with_methods" if methods else "results",
        column_config={HEADINGS["ending"]: st.column_config.TextColumn(width="medium")},
    )


def result_of(each: MeasuredBaseline, *, tested: bool) -> Result:
    """Returns a simple method's row in the table of results.

    Args:
        each: the method.
        tested: whether a run of the table was measured on test data: else nothing here is.
    """
    figure: Accuracy | None = each.parts[0].accuracy if tested and each.parts else None
    return Result(
        ending="simple method",
        test_accuracy=f"{percent(figure.value)} ({interval_words(figure)})" if figure else "–",
        test_data=figure.data if figure else "–",
        best_validation=percent(each.validation.value) if each.validation else "–",
        epochs="–",
        seconds=f"{each.seconds:.1f}",
        speed="–",
        parameters=stored(each),
    )
