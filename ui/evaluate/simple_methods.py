"""The part of the Evaluate page that sets simple methods beside the network."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.baselines.learning import LearnedFrom
from core.evaluation.evaluation import Evaluation
from core.jobs.evaluation import HeldOut
from core.models.saved_model import SavedModel
from ui.services.baselines import baselines_job
from ui.session.settings import Setting
from ui.widgets.baselines import offer, show_part, wait_for
from ui.widgets.job_progress import Retry
from ui.wording.baselines import Beside, weights

# In no link: opening one would train what nobody here has asked for.
SIMPLE = Setting("evaluate_simple_methods", bool)


def show_need(model: SavedModel, data: HeldOut, evaluation: Evaluation, place: int) -> None:
    """Sets simple methods beside the network, once a person asks for it.

    They learn from the training part of the data that the page shows.

    Args:
        model: the network.
        data: the page's test data.
        evaluation: the network's answers to the test part that is shown.
        place: of that part in the data.
    """
    offer(SIMPLE, key="evaluate_simple_methods_ask")
    if not SIMPLE.get():
        return
    st.toggle("Simple methods", **SIMPLE.widget)
    learned = LearnedFrom(data.task, data.source, data.noise, data.level, data.seed)
    job = baselines_job(learned)
    retry = Retry(job, partial(baselines_job.clear, learned))
    if not wait_for(retry, key="evaluate_simple_methods") or job.result is None:
        return
    card = model.card
    row = Beside(
        model.name, evaluation.accuracy, card.training_seconds, None, weights(card.parameters)
    )
    show_part(row, evaluation.right, job.result, place, classes=model.task.classes)
    if (card.source, card.noise, card.noise_level) != (data.source, data.noise, data.level):
        title = model.task.source(data.source).title
        noise = "no noise" if data.noise == "none" else f"noise at {data.level:g}"
        st.caption(
            f"The simple methods learned from “{title}” with {noise}, which is what is tested here."
            f" “{model.name}” learned from other data."
        )
