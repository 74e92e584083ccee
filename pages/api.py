"""Lesson 7: another program asks the network, over HTTP."""

from typing import Any

import streamlit as st

from core.models.saved_model import SavedModel
from core.tasks.base import Task, get_task
from ui.api.explanation import show_explanation
from ui.api.input import FORM, INDEX, LANGUAGE, ORIGIN, PATTERN, START_TASK, choose_input
from ui.api.input import settings_of as settings_of_input
from ui.api.snippets import FORMS, LANGUAGES, Question, rounded
from ui.components.try_request import Ask, try_request
from ui.services import saved_models
from ui.services.address import server_address
from ui.session.settings import Setting, restore, share, start_over
from ui.session.state import ENTERED_PAGE
from ui.widgets.pickers import choose_model, choose_task, start_anew_if_gone
from ui.widgets.prediction import show_prediction
from ui.wording.phrases import plain

PAGE = "api"
# A longer program is scrolled: input, request and answer fit on a screen.
LINES, CODE = 7, 215  # lines, and their height in pixels
TASK = Setting("api_task", lambda: START_TASK, "task", lambda name: get_task(name).name)
MODEL = Setting("api_model", lambda: get_task(START_TASK).default_model, "model", of=TASK)
SETTINGS: tuple[Setting[Any], ...] = (TASK, MODEL, PATTERN, ORIGIN, INDEX, FORM, LANGUAGE)
STYLE = """
<style>
@media (min-width: 641px) {
  .st-key-api_models [data-testid=stColumn]:first-child { min-width: 14.5rem; } }
.st-key-api_lab { display: grid; gap: 1rem 2.5rem; align-items: start;
  grid-template-columns: minmax(0, 4fr) minmax(0, 7fr); grid-template-rows: auto 1fr;
  grid-template-areas: "input request" "answer request"; }
.st-key-api_lab > :has(> .st-key-api_input) { grid-area: input; }
.st-key-api_lab > :has(> .st-key-api_own) { grid-area: answer; }
.st-key-api_lab > :has(> .st-key-api_request) { grid-area: request; }
.st-key-api_own [role=status] { display: flex; align-items: center; gap: 1.2rem; }
.st-key-api_own .digit-lab-answer { font-size: 3.5rem; }
.st-key-api_own .digit-lab-confidence { font-size: 1rem; margin: 0; }
@media (max-width: 640px) {
  .st-key-api_lab { grid-template: "input" auto "answer" auto "request" auto / minmax(0, 1fr); }
}
</style>
"""


def take_address() -> None:
    """Applies the URL when the person enters the page; a model alone says which task it is for."""
    entering = ENTERED_PAGE.get() != PAGE
    given = restore(PAGE, SETTINGS)
    if not entering:
        return
    found = {model.name: model for model in saved_models.survey().models}.get(MODEL.get())
    if MODEL.name in given and found is not None and TASK.name not in given:
        TASK.set(found.card.task)
    elif TASK.name in given and MODEL.name not in given:
        start_over(TASK, SETTINGS)
        MODEL.set(get_task(TASK.get()).default_model)


def forget_model() -> None:
    """Chooses the default model of a task that was just chosen."""
    MODEL.set(get_task(TASK.get()).default_model)


@st.fragment
def render(task: Task, model: SavedModel) -> None:
    start_anew_if_gone(model)
    st.html(STYLE)
    with st.container(key="api_lab"):
        with st.container(key="api_input"):
            x = choose_input(task)
        own, request = st.container(key="api_own"), st.container(key="api_request")
    if isinstance(x, str):
        with request:
            st.info(plain(x), icon=":material/draw:")
    else:
        x = rounded(x)  # so that the page is asked exactly what the program asks
        with own:
            st.caption("What this page itself reads:")
            show_prediction(saved_models.predictor(model).predict_one(x), task.classes)
        with request:
            base = server_address(st.context.url, PAGE)
            show_request(task, Question(base, model.name, x, FORM.get()))
    share((TASK, MODEL, *settings_of_input(task), FORM, LANGUAGE))


def show_request(task: Task, question: Question) -> None:
    """Shows the request in the chosen form and language, and lets the browser send it."""
    with st.container(horizontal=True, key="api_how"):
        st.segmented_control(
            "Form of the request",
            list(FORMS),
            format_func=FORMS.__getitem__,
            required=True,
            label_visibility="collapsed",
            **FORM.widget,
        )
        st.segmented_control(
            "Language",
            list(LANGUAGES),
            format_func=lambda name: LANGUAGES[name].title,
            required=True,
            label_visibility="collapsed",
            **LANGUAGE.widget,
        )
    language = LANGUAGES[LANGUAGE.get()]
    program = language.write(question).rstrip()
    st.code(
        program,
        language=language.highlight,
        height=CODE if program.count("\n") >= LINES else "content",
    )
    st.caption(language.note)
    try_request(Ask(question.url, question.json, task.classes, task.label), key="api_try")


st.title("Ask a network from your own program")
st.markdown(
    "An **API** (*application programming interface*) is a door for programs: they send numbers,"
    " and the network's answer comes back."
)
take_address()
with st.container(key="side_by_side"):
    left, right = st.columns([5, 13])
    with left:
        chosen_task = choose_task(TASK, SETTINGS, on_change=forget_model)
    with right, st.container(key="api_models"):
        chosen_model = choose_model(MODEL, chosen_task)
if chosen_model:
    render(chosen_task, chosen_model)
    show_explanation(chosen_task, chosen_model, server_address(st.context.url, PAGE))
else:
    share((TASK, MODEL))
