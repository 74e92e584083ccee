"""Lesson 6: what happens inside a network between a digit and its answer."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from core.data import Inputs
from core.errors import DigitLabError
from core.explain.forward import LayerOutput, forward_pass, layer_outputs, scores_of
from core.inference.final_step import FinalStep
from core.inference.predictor import Prediction
from core.jobs.inspection import Map, maps_of
from core.models.saved_model import SavedModel
from core.networks.saved_layers import SavedLayer
from core.tasks.base import Task
from core.workers.job import Job
from ui.inside.final_step import show_final_step
from ui.inside.input import CLASS, MODEL, address, choose_input, choose_task, take_address
from ui.inside.layers import show_diagram, show_layers, show_one_layer
from ui.inside.maps import TITLES, show_maps
from ui.inside.weights import show_weights
from ui.services import inspection, saved_models
from ui.session.settings import share_address
from ui.widgets.job_progress import Retry, follow_jobs, offer_retry
from ui.widgets.pickers import choose_model, start_anew_if_gone
from ui.widgets.prediction import show_prediction
from ui.wording.phrases import plain

DIAGRAM, LAYERS = 440, 460  # heights in pixels: input, answer and network fit on a screen
HOW_TO_READ = (
    "Bright blue-green is a large number, black is zero, orange is negative. Early maps still look"
    " like the input; late ones only tell which features were found."
)
STYLE = """
<style>
/* Wide enough for the models' names. */
@media (min-width: 641px) {
  .st-key-inside_models [data-testid=stColumn]:first-child { min-width: 14.5rem; } }
.st-key-inside_lab {
  display: grid; gap: 1rem 3rem; grid-template-columns: minmax(0, 5fr) minmax(0, 7fr);
  grid-template-rows: auto auto 1fr;
  grid-template-areas: "answer network" "moves network" "choice network"; }
.st-key-inside_lab > :has(> .st-key-inside_both) { grid-area: answer; }
.st-key-inside_lab > :has(> .st-key-inside_moves) { grid-area: moves; }
.st-key-inside_lab > :has(> .st-key-inside_lamps) { grid-area: choice; }
.st-key-inside_lab > :has(> .st-key-inside_examples) { grid-area: choice; }
.st-key-inside_lab > :has(> .st-key-inside_network_area) { grid-area: network; }
@media (max-width: 640px) {
  .st-key-inside_models [data-testid=stColumn]:last-child { display: none; }
  .st-key-inside_lab { grid-template-columns: minmax(0, 1fr); grid-template-rows: none;
    grid-template-areas: "answer" "moves" "choice" "network"; }
  /* The network comes before the choice of another example. */
  .st-key-inside_lab:has(> * > .st-key-inside_examples) {
    grid-template-areas: "answer" "moves" "network" "choice"; }
}
/* The answer stands above its input, in one line with its confidence: they stay together. */
.st-key-inside_answer { min-height: 4.6rem; }
.st-key-inside_both { flex-wrap: nowrap; }
.st-key-inside_answer [role=status] { display: flex; align-items: center; gap: 1.2rem;
  min-height: 4.2rem; }
.st-key-inside_answer .digit-lab-answer { font-size: 4rem; }
.st-key-inside_answer .digit-lab-confidence { font-size: 1rem; line-height: 1.3; margin: 0; }
</style>
"""
THE_ANSWER = "the answer"
NOT_COMPUTED = "This could not be computed"


@st.fragment
def render(task: Task, model: SavedModel) -> None:
    start_anew_if_gone(model)
    show_all(task, model)
    share_address(address(task))  # last: what was chosen further down is in it


def show_all(task: Task, model: SavedModel) -> None:
    """Shows the input, its answer and the network on one screen, and the details below."""
    st.html(STYLE)
    lab = st.container(key="inside_lab")
    # Side by side on a phone, too: the picture and its answer.
    both = lab.container(horizontal=True, vertical_alignment="center", key="inside_both")
    is_picture = task.channel is None
    picture = both.container(width=150) if is_picture else both
    above = both.container(key="inside_answer", width="stretch")
    moves = lab.container(key="inside_moves")
    with lab.container(key="inside_examples" if is_picture else "inside_lamps"):
        x = choose_input(task, picture, moves)
    right = lab.container(key="inside_network_area")
    if x is None:
        return
    try:
        classifier = saved_models.predictor(model)
        prediction = classifier.predict_one(x)
        with above:
            show_prediction(prediction, task.classes)
        if model.is_ensemble:
            with right:
                offer_members(model)
            votes = classifier.predict_uncalibrated(x[np.newaxis])[0]
            step = FinalStep.of_vote(votes, classifier.temperature, prediction.probabilities)
            show_final_step(step, prediction, task.classes)
            return
        if not model.has_layers:
            with right:
                st.info(
                    "This network came as a LiteRT file, which holds the operations that compute"
                    " an answer, but no layers to look into. To look inside, bring its Keras file.",
                    icon=":material/visibility_off:",
                )
            return
        layers = layers_of(model)
        with right:
            outputs, diagram = show_network(model, layers, x, prediction, task)
        scores = scores_of(layers, outputs) if outputs else None
        if scores is not None or outputs is None:
            show_final_step(
                None
                if scores is None
                else FinalStep(
                    scores.astype(np.float64), classifier.temperature, prediction.probabilities
                ),
                prediction,
                task.classes,
            )
        if outputs:
            show_outputs(outputs, layers, x, task, diagram=diagram)
        show_learned(layers, task)
        show_questions(model, x, prediction, task)
    except DigitLabError as error:  # for example, the model was deleted in another tab
        st.error(plain(str(error)))


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
        st.caption(plain(str(error)))
        return ()


def show_network(
    model: SavedModel,
    layers: tuple[SavedLayer, ...],
    x: Inputs,
    prediction: Prediction,
    task: Task,
) -> tuple[Sequence[LayerOutput] | None, bool]:
    """Shows the network beside its input: as a diagram if it fits, else every layer's output.

    Returns:
        The layers' outputs, as soon as they are known, and whether there is a diagram.
    """
    flow = forward_pass(layers, x) if layers else None
    if flow is not None and show_diagram(flow, task, prediction.digit, height=DIAGRAM):
        return layer_outputs(layers, x), True
    st.markdown(
        "**The output of every layer**, from the first to the last: the strongest few maps as"
        " pictures (*maps*), units as bars. Blue-green is positive, orange negative.",
        help=HOW_TO_READ,
    )
    outputs: Sequence[LayerOutput] | None = layer_outputs(layers, x) if layers else None
    with st.container(height=LAYERS, border=True, key="inside_network"):
        if outputs is not None:
            show_layers(outputs)
            return outputs, False
        job = inspection.activations_job(model, x)
        if follow_jobs([job], lambda: st.caption(waiting(job))):
            return None, False
        if job.result:
            show_layers(job.result)
            return job.result, False
        forget = partial(inspection.activations_job.clear, model, x)
        offer_retry([Retry(job, forget, NOT_COMPUTED)], key="inside_layers")
        return None, False


def show_outputs(
    outputs: Sequence[LayerOutput],
    layers: tuple[SavedLayer, ...],
    x: Inputs,
    task: Task,
    *,
    diagram: bool,
) -> None:
    """Shows one layer in full; for a network shown as a diagram, every layer as well."""
    st.subheader("Layer by layer")
    if diagram:
        st.markdown(f"What each layer passes on. {HOW_TO_READ}")
        show_layers(outputs)
    show_one_layer(outputs, layers, x, task)


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
        f" the network's number for a {task.label} before softmax turns all {len(task.classes)}"
        " into probabilities. The methods ask different questions, so they may disagree: trust what"
        " several of them show."
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
    return "Computing …"


st.title("Inside a network")
st.markdown(
    "What happens between an input and its answer? Follow it through **every layer**, and see what"
    " the network has **learned**."
)
take_address()
with st.container(key="side_by_side"):
    left, right = st.columns([5, 13])
    with left:
        chosen_task = choose_task()
    with right, st.container(key="inside_models"):
        chosen_model = choose_model(MODEL, chosen_task)
if chosen_model:
    render(chosen_task, chosen_model)
