"""What a person can keep of a run: the saved model, code, history and logs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.export.history_csv import history_csv
from core.export.keras_script import keras_code
from core.export.notebook import MIME, notebook
from core.export.script_data import needs_digit_lab
from core.metrics.accuracy import Accuracy
from core.networks.formats import KERAS_FILE, LITERT_FILE
from core.runs.info import RunInfo
from core.tasks.base import Task, get_task
from core.training.card import TrainedModel
from core.training.history import History
from ui.services import run_results
from ui.session.state import Key
from ui.widgets.download_button import offer_file
from ui.widgets.job_progress import follow_job
from ui.widgets.save_model import offer_saving

_LOGS_WANTED: Key[str] = Key("logs_wanted", str)


def show_saving(info: RunInfo, model: TrainedModel) -> None:
    """Offers to save the network for the other pages, and to download it."""
    name = f"my-{name_of_task(get_task(info.config.task))}"
    offer_saving(model, info.id, label="Name", name=name, words="Save model")
    keras, litert = st.columns(2)
    for where, label, file in ((keras, "Keras", KERAS_FILE), (litert, "LiteRT", LITERT_FILE)):
        offer_file(
            f"Download {label} file",
            partial(model.files.__getitem__, file),
            file,
            "application/octet-stream",
            where=where,
            width="stretch",
        )


def name_of_task(task: Task) -> str:
    """Returns what a model of a task is called at first; a table's own name is a checksum."""
    if task.table is None:
        return task.name
    letters = unicodedata.normalize("NFKD", task.title).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", letters).strip("-")[:40].strip("-") or "table"


def show_take_away(info: RunInfo, history: History, figures: Sequence[Accuracy] = ()) -> None:
    """Offers the run as code, as a notebook, as a table and as logs.

    Args:
        info: the run.
        history: what happened in it.
        figures: its accuracies on test data, as far as they are measured. Defaults to none.
    """
    with st.expander("Take it with you: code, notebook, history, logs"):
        where = "in Digit Lab's folder" if needs_digit_lab(info.config) else "without Digit Lab"
        st.markdown(f"**Keras code** that repeats this run {where} and reaches the same accuracy:")
        code = keras_code(info.config, history)
        st.code(code, language="python", height=300)
        with st.container(horizontal=True):
            offer_file("Download code", lambda: code, "train.py", "text/x-python")
            offer_file(
                "Download notebook",
                lambda: notebook(info.config, history, figures),
                "train.ipynb",
                MIME,
                help="The same code in cells, with explanations and pictures, for Jupyter.",
            )
            offer_file(
                "Download history (CSV)", partial(history_csv, history), "history.csv", "text/csv"
            )
        _show_logs(info)
        st.markdown("**From the command line**, in Digit Lab's folder:")
        st.code(info.config.command, language="shell")


def _show_logs(info: RunInfo) -> None:
    if _LOGS_WANTED.get() != info.id:
        if st.button("Make TensorBoard logs"):
            _LOGS_WANTED.set(info.id)
            st.rerun()
        return
    logs = follow_job(
        run_results.tensorboard_job(info.id),
        partial(run_results.tensorboard_job.clear, info.id),
        lambda job: "Writing the TensorBoard logs …",
        key="tensorboard",
        share=lambda job: 0.5,
    )
    if logs is not None:
        offer_file(
            "Download TensorBoard logs", lambda: logs, "tensorboard-logs.zip", "application/zip"
        )
        st.caption("Unpack the file, then run: tensorboard --logdir FOLDER")
