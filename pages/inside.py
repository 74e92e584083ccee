"""Lesson 6: what happens inside a network between a digit and its answer."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from core.data import Inputs
from core.errors import DigitLabError
from core.explain.forward import LayerOutput, forward_pass, layer_outputs
from core.inference.predictor import Prediction
from core.jobs.inspection import Map, maps_of
from core.models.keras_layers import SavedLayer
from core.models.saved_model import SavedModel
from core.tasks.base import Task
from core.workers.job import Job
from ui.inside.input import CLASS, MODEL, address, choose_input, choose_task, take_address
from ui.inside.layers import show_diagram, show_layers, show_one_layer
from ui.inside.maps import TITLES, show_maps
from ui.inside.weights import show_weights
from ui.services import inspection, saved_models
from ui.session.settings import share_address
from ui.widgets.job_progress import Retry, follow_jobs, offer_retry
from ui.widgets.pickers import choose_model, start_anew_if_gone
from ui.widgets.prediction import show_prediction, show_probabilities

THE_ANSWER = "the answer"
NOT_COMPUTED = "This could not be computed"


@st.fragment
def render(task: Task, model: SavedModel) -> None:
    start_anew_if_gone(model)
    left, right = st.columns([5, 6], gap="large")
    with left:
        x = choose_input(task)
    share_address(address(task))
    if x is None:
        return
    try:
        prediction = saved_models.predictor(model).predict_one(x)
    except DigitLabError as error:
        st.error(str(error))
        return
    with right:
        show_prediction(prediction, task.classes)
        show_probabilities(prediction, task.classes, key="inside_probabilities")
    if model.is_ensemble:
        offer_members(model)
        return
    try:
        layers = layers_of(model)
        show_forward_pass(model, layers, x, task)
        show_learned(layers, task)
        show_questions(model, x, prediction, task)
    except DigitLabError as error:  # for example, the model was deleted in another tab
        st.error(str(error))


def offer_members(model: SavedModel) -> None:
    """Says that an ensemble consists of several networks, with a button for each."""
    st.info(
        "This is an ensemble: several networks that vote. Choose one of them to look inside it.",
        icon=":material/groups:",
    )
    with st.container(horizontal=True):
        for name in model.members:
            st.button(name, on_click=MODEL.set, args=(name,), key=f"inside_member_{name}")


def layers_of(model: SavedModel) -> tuple[SavedLayer, ...]:
    """Returns the network's layers; none, with an explanation, if they cannot be read."""
    try:
        return inspection.saved_layers(model)
    except DigitLabError as error:
        st.caption(str(error))
        return ()


def show_forward_pass(
    model: SavedModel, layers: tuple[SavedLayer, ...], x: Inputs, task: Task
) -> None:
    """Shows the forward pass: a diagram if the network fits, and the output of every layer."""
    flow = forward_pass(layers, x) if layers else None
    if flow is not None:
        show_diagram(flow, task)
    st.subheader("The output of every layer")
    st.markdown(
        "**What it shows:** what each layer passes on, from the first to the last: the strongest"
        " few maps as pictures, units as bars.  \n**How to read it:** bright blue-green is a large"
        " number, black is zero, orange is negative. Early maps still look like the digit; late"
        " ones only tell which features were found."
    )
    outputs = layer_outputs(layers, x) if layers else None
    if outputs is not None:
        show_outputs(outputs, task)
        return
    job = inspection.activations_job(model, x)
    if follow_jobs([job], lambda: show_waiting(job)):
        return
    if job.result:
        show_outputs(job.result, task)
    else:
        forget = partial(inspection.activations_job.clear, model, x)
        offer_retry([Retry(job, forget, NOT_COMPUTED)], key="inside_layers")


def show_waiting(job: Job[Any]) -> None:
    """Says what the page is waiting for, in place of the layers."""
    with st.container(height=160, border=True):
        st.caption(waiting(job))


def show_outputs(outputs: Sequence[LayerOutput], task: Task) -> None:
    show_layers(outputs)
    show_one_layer(outputs, task.classes)


def show_learned(layers: tuple[SavedLayer, ...], task: Task) -> None:
    """Shows the network's weights, which are the same for every digit."""
    if not layers:
        return
    st.subheader("Filters and weights")
    st.markdown(
        "These numbers are what the network has learned. They are the same for every input."
    )
    show_weights(layers, task)


def show_questions(model: SavedModel, x: Inputs, prediction: Prediction, task: Task) -> None:
    """Shows four maps of what the score of a digit depends on."""
    st.subheader("What was it looking at?")
    names = [THE_ANSWER, *task.classes]
    if CLASS.get() not in names:
        CLASS.set(THE_ANSWER)
    st.segmented_control("Explain the score of", names, required=True, **CLASS.widget)
    target = prediction.digit if CLASS.get() == THE_ANSWER else task.classes.index(CLASS.get())
    st.markdown(
        f"Four methods show what the score of **{task.classes[target]}** depends on. The *score* is"
        " the network's number for a digit before softmax turns all ten into probabilities. The"
        " methods ask different questions, so they may disagree: trust what several of them show."
    )
    job = inspection.maps_job(model, x, target)
    if follow_jobs([job], lambda: show_found(job, x, target, task)):
        return
    forget = partial(inspection.maps_job.clear, model, x, target)
    offer_retry([Retry(job, forget, NOT_COMPUTED)], key="inside_maps")
    if found := maps_of(job):
        show_maps(found, x, target, task, awaited=False)


def show_found(job: Job[Sequence[Map]], x: Inputs, target: int, task: Task) -> None:
    """Shows the maps one by one as a worker computes them."""
    found = maps_of(job)
    show_maps(found, x, target, task, awaited=True)
    done = len(found)
    st.progress(done / len(TITLES), f"{done} of {len(TITLES)} maps. {waiting(job)}")


def waiting(job: Job[Any]) -> str:
    """Says what the page is waiting for."""
    if job.state == "waiting":
        return (
            "Waiting for a worker process. The first time, it has to load TensorFlow, which takes"
            " about ten seconds."
        )
    return "A worker process is computing."


st.title("Inside a network")
st.markdown(
    "What happens between a digit and its answer? See the output of **every layer**, what the"
    " network has **learned**, and which parts of the picture the prediction **depends on**."
)
take_address()
chosen_task = choose_task()
chosen_model = choose_model(MODEL, chosen_task)
if chosen_model:
    render(chosen_task, chosen_model)
