"""Simple methods beside a run: lines in its accuracy curve, and a table below its result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import streamlit as st

from core.baselines.learning import LearnedFrom
from core.errors import ModelUnusable
from core.runs.info import RunInfo
from core.training.card import TrainedModel
from ui.services.baselines import baselines_job, learned_by, run_answers_job
from ui.session.settings import Setting
from ui.widgets.baselines import offer, show_part, wait_for
from ui.widgets.job_progress import Retry, ask_for
from ui.wording.baselines import Beside, weights
from ui.wording.measured import measured_on
from ui.wording.phrases import plain

# In no link: opening one would train what nobody here has asked for.
SIMPLE = Setting("train_simple_methods", bool)
SWITCH = "simple_methods"


def validation_lines(learned: LearnedFrom | None) -> Mapping[str, float]:
    """Returns each simple method's accuracy on a run's validation examples, by title.

    None before a person has asked for them and they are trained.

    Args:
        learned: what the run learns from; None if there is no run.
    """
    if learned is None or not SIMPLE.get():
        return {}
    found = baselines_job(learned).result
    if found is None:
        return {}
    return {each.title: each.validation.value for each in found.each if each.validation}


def show_switch(learned: LearnedFrom | None) -> None:
    """Shows the switch under the accuracy, and beside it what is shown or waited for."""
    with st.container(horizontal=True, vertical_alignment="center", key=SWITCH):
        st.toggle(
            "Simple methods",
            disabled=learned is None,
            help="Trains four simple methods on the same data, which takes a few seconds. Their"
            " accuracy on the validation examples becomes lines in the curve; below the run's"
            " result they are compared with the network.",
            width="content",
            **SIMPLE.widget,
        )
        if learned is not None and SIMPLE.get():
            job = baselines_job(learned)
            ask_for([job])
            if job.state == "failed":
                st.caption(plain(job.error))
            elif job.active:
                st.caption("Training …" if job.progress.note else "Waiting …")
            else:
                st.caption("Grey lines: validation")


def show_need(info: RunInfo, model: TrainedModel) -> None:
    """Sets simple methods beside the network that a run has left, once a person asks for it."""
    if not model.card.figures:
        return  # it belongs to a search, and test data is kept for the winner
    offer(SIMPLE, key="train_simple_methods_ask")
    if not SIMPLE.get():
        return
    learned = learned_by(info.config)
    try:
        methods, network = baselines_job(learned), run_answers_job(info.id)
    except ModelUnusable as error:
        st.warning(plain(str(error)))
        return
    ready = wait_for(
        Retry(methods, partial(baselines_job.clear, learned)),
        Retry(network, partial(run_answers_job.clear, info.id)),
        key="train_simple_methods",
    )
    if not (ready and methods.result and network.result):
        return
    found, answers = methods.result, network.result
    for place, right in enumerate(answers.right):
        alike = found.each[0].parts[place].accuracy
        figure = replace(alike, correct=int(right.sum()))
        row = Beside(
            "This run's network",
            figure,
            model.card.training_seconds,
            answers.milliseconds,
            weights(model.card.parameters),
        )
        classes = info.config.get_task().classes
        if place == 0:
            show_part(row, right, found, place, classes=classes)
        else:
            with st.expander(f"The same {measured_on(figure)}"):
                show_part(row, right, found, place, classes=classes, explained=False)
