"""Lesson 6: what happens inside a network between a digit and its answer."""

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from core.data import Inputs
from core.errors import DigitLabError
from core.explain.forward import LayerOutput, forward_pass, layer_outputs
from core.inference.predictor import Prediction
from core.models.keras_layers import SavedLayer
from core.models.store import SavedModel
from core.tasks.base import Task
from core.workers.pool import Job
from ui.inside.input import CLASS, MODEL, address, choose_input, choose_task, take_address
from ui.inside.layers import show_diagram, show_layers, show_one_layer
from ui.inside.maps import TITLES, show_maps
from ui.inside.weights import show_weights
from ui.services import inspection, saved_models
from ui.session.settings import share_address
from ui.widgets.pickers import choose_model, start_anew_if_gone
from ui.widgets.prediction import show_prediction, show_probabilities

POLL_SECONDS = 0.4
THE_ANSWER = "the answer"


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
        show_way(model, layers, x, task)
        show_learned(layers, task)
        show_questions(model, x, prediction, task)
    except DigitLabError as error:  # the model was deleted meanwhile, in another tab say
        st.error(str(error))


def offer_members(model: SavedModel) -> None:
    """Says that an ensemble has several insides, and offers them one by one."""
    st.info(
        "This is an ensemble: several networks that vote, each with an inside of its own. Choose"
        " one of them to look into.",
        icon=":material/groups:",
    )
    with st.container(horizontal=True):
        for name in model.members:
            st.button(name, on_click=MODEL.set, args=(name,), key=f"inside_member_{name}")


def layers_of(model: SavedModel) -> tuple[SavedLayer, ...]:
    """Returns the network's layers; none, with a sentence, if they cannot be read here."""
    try:
        return inspection.saved_layers(model)
    except DigitLabError as error:
        st.caption(str(error))
        return ()


def show_way(model: SavedModel, layers: tuple[SavedLayer, ...], x: Inputs, task: Task) -> None:
    """Shows the digit's way through the network: a diagram where it fits, and every layer."""
    flow = forward_pass(layers, x) if layers else None
    if flow is not None:
        show_diagram(flow, task)
    st.subheader("What every layer makes of it")
    st.markdown(
        "**What it shows:** what each layer hands on, from the first to the last: maps as pictures"
        " (the strongest few), units as bars.  \n**How to read it:** bright blue-green is a large"
        " number, black is zero, orange is below zero. Early maps still look like the digit; late"
        " ones only say what was found in it."
    )
    outputs = layer_outputs(layers, x) if layers else None
    if outputs is not None:
        show_outputs(outputs, task)
        return
    work = inspection.activations(model, x)
    if work.job.active:
        follow_layers(model, x)
    elif work.outputs:
        show_outputs(work.outputs, task)
    else:
        again = partial(inspection.activations.clear, model, x)
        show_failure(work.job.error, again, key="layers")


@st.fragment(run_every=POLL_SECONDS)
def follow_layers(model: SavedModel, x: Inputs) -> None:
    """Waits for the layers, and has the page shown anew when they are there."""
    job = inspection.activations(model, x).job
    if not job.active:
        st.rerun()
    with st.container(height=160, border=True):
        st.caption(waiting(job))


def show_outputs(outputs: Sequence[LayerOutput], task: Task) -> None:
    show_layers(outputs)
    show_one_layer(outputs, task.classes)


def show_learned(layers: tuple[SavedLayer, ...], task: Task) -> None:
    """Shows what the network has learned, which is the same for every digit."""
    if not layers:
        return
    st.subheader("Filters and weights")
    st.markdown("What the network has learned. It is the same whatever it reads.")
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
        f"Four ways to ask what the score of **{task.classes[target]}** depends on. The *score* is"
        " the number before the softmax makes probabilities of all ten. The ways ask different"
        " questions, so they may disagree: trust what several of them say."
    )
    work = inspection.maps(model, x, target)
    if work.job.active:
        follow_maps(model, x, target, task)
        return
    if work.job.state == "failed":
        again = partial(inspection.maps.clear, model, x, target)
        show_failure(work.job.error, again, key="maps")
    if work.found:
        show_maps(work.found, x, target, task, awaited=False)


@st.fragment(run_every=POLL_SECONDS)
def follow_maps(model: SavedModel, x: Inputs, target: int, task: Task) -> None:
    """Shows the maps one by one as a worker tells them."""
    work = inspection.maps(model, x, target)
    if not work.job.active:
        st.rerun()
    show_maps(work.found, x, target, task, awaited=True)
    done = len(work.found)
    st.progress(done / len(TITLES), f"{done} of {len(TITLES)} maps. {waiting(work.job)}")


def waiting(job: Job) -> str:
    """Says what is being waited for."""
    if job.state == "waiting":
        return (
            "Waiting for a worker process. The first time it loads TensorFlow, which takes about"
            " ten seconds."
        )
    return "A worker process is at it."


def show_failure(error: str, again: Callable[[], None], *, key: str) -> None:
    """Says why a worker found nothing, and offers to have it try `again`."""
    st.warning(f"This could not be computed. {error}", icon=":material/info:")
    st.button("Try again", on_click=again, key=f"inside_again_{key}")


st.title("Inside a network")
st.markdown(
    "What happens between a digit and its answer? See what **every layer** makes of it, what the"
    " network has **learned**, and which places of the picture the prediction **depends on**."
)
take_address()
chosen_task = choose_task()
chosen_model = choose_model(MODEL, chosen_task)
if chosen_model:
    render(chosen_task, chosen_model)
