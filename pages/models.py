"""Lesson 6, continued: every saved model, what it is and how good it is."""

from collections.abc import Sequence

import streamlit as st

from core.metrics.accuracy import Accuracy, ExactAccuracy
from core.models.saved_model import SavedModel
from core.tasks.base import get_task, tasks
from ui.models.card import show_card
from ui.models.changes import EVERYBODY, offer_changes, offer_deleting_unusable, show_outcome
from ui.models.import_form import offer_import
from ui.models.rows import ROWS_SHOWN, show_chosen_card, show_rows
from ui.models.take_away import show_take_away
from ui.services import saved_models
from ui.session.settings import Setting, choose, note, restore, share
from ui.session.visitor import visitor
from ui.widgets.pickers import choose_task
from ui.wording.cards import created_words, size_words
from ui.wording.measured import interval_words, measured_on
from ui.wording.models import whose
from ui.wording.phrases import plain

TASK = Setting("models_task", lambda: next(iter(tasks())), "task", lambda text: get_task(text).name)
MODEL = Setting("models_model", str, "model")
SETTINGS = (TASK, MODEL)
ROW_PIXELS = 35


def show_table(models: Sequence[SavedModel], owner: str) -> None:
    """Shows all models as a table; a click on a heading sorts them."""
    best = {model.name: accuracy_of(model) for model in models}
    st.dataframe(
        {
            "Model": [model.name for model in models],
            "Accuracy": [figure.value if figure else None for figure in best.values()],
            "measured": [measured_on(figure) if figure else "–" for figure in best.values()],
            "95 % interval": [interval_words(figure) for figure in best.values()],
            "Files": [size_words(model.size) for model in models],
            "Made on": [created_words(model) for model in models],
            "Whose": [whose(model, owner) for model in models],
            "What it is": [model.summary for model in models],
        },
        hide_index=True,
        width="stretch",
        height=ROW_PIXELS * (min(len(models), ROWS_SHOWN) + 1) + 3,
        column_config={"Accuracy": st.column_config.NumberColumn(format="percent")},
        placeholder="–",
        key="models_list",
    )
    st.caption("Compare accuracies only if they were measured on the same data.")


def accuracy_of(model: SavedModel) -> Accuracy | ExactAccuracy | None:
    """Returns a model's exact accuracy or, where there is none, the first one on its card."""
    return saved_models.exact_accuracy(model) or (model.figures[0] if model.figures else None)


def follow_link() -> None:
    """Switches to the task of the model in a link, and notes a name that does not exist."""
    name = MODEL.get()
    for model in saved_models.survey().models:
        if model.name == name:
            TASK.set(model.card.task)
            return
    if name:
        note(f"There is no model “{name[:60]}” here, so the first is shown.")
        MODEL.set("")


st.title("Saved models")
st.markdown(
    "Choose a trained network and use it on any page. Its **card** tells what is inside, what it"
    " learned from, how often it is right, and how to train it again."
)
person = visitor()
if MODEL.name in restore("models", SETTINGS):
    follow_link()
show_outcome()
task = choose_task(TASK, width=320)
models = {model.name: model for model in saved_models.models(task.name)}
if models:
    show_rows(list(models.values()), MODEL, person)
    with st.expander("All models in a table", icon=":material/table_rows:"):
        show_table(list(models.values()), person)
    st.caption(EVERYBODY)
    if MODEL.get() not in models:  # another task, or it is gone
        MODEL.set("")
    model = models[choose(MODEL, "Look at", list(models), width=320)]
    with st.container(key="models_card"):
        st.header(model.name)
        offer_changes(model, MODEL, person)
        show_take_away(model)
        show_card(model, saved_models.exact_accuracy(model))
    show_chosen_card()
else:
    st.info(
        f"There is no saved model for “{plain(task.title)}” yet. Train one on the Train page and"
        " save it; it appears here at once.",
        icon=":material/model_training:",
    )
offer_import(task, person)
if broken := saved_models.unusable():
    st.header("Folders without a usable model")
    for folder in broken:
        offer_deleting_unusable(folder, person)
share(SETTINGS)
