"""The form that takes a network from outside: the file, what is found out about it, saving."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Any, cast

import streamlit as st

from core.errors import DigitLabError
from core.importing.bounded import Upload
from core.importing.uploaded import MAX_BYTES
from core.jobs.importing import ImportJob
from core.tasks.base import Task, get_task
from core.training.card import ImportedCard, TrainedModel
from core.workers.job import Job
from ui.services import server, user_jobs
from ui.session.state import Key
from ui.widgets.job_progress import follow_job, progress_words
from ui.widgets.password import note_lock
from ui.widgets.save_model import offer_saving
from ui.wording.measured import measured_on
from ui.wording.models import UNKNOWN_TRAINING
from ui.wording.phrases import accuracy_words, plain

_UPLOADED: Key[Any] = Key("import_upload", lambda: None)  # the widget's own
_PROBLEM: Key[str] = Key("import_problem", str)  # why the last start failed


def offer_import(task: Task, owner: str) -> None:
    """Offers to bring a network from outside, and shows the progress or what was found out.

    Args:
        task: the task that it is to do.
        owner: the visitor.
    """
    with st.expander("Bring a network of your own", icon=":material/upload:", key="import"):
        _show(task, owner)


@st.fragment
def _show(task: Task, owner: str) -> None:
    job = user_jobs.import_jobs().get(owner)
    shape = " × ".join(map(str, task.input_shape))
    st.markdown(
        f"A **Keras** file (`.keras`) or a **LiteRT** file (`.tflite`) for **{plain(task.title)}**:"
        f" {shape} values in, {len(task.classes)} classes out. It is checked, measured on the test"
        " data, and then works on every page."
    )
    st.file_uploader(
        f"Keras or LiteRT file, up to {MAX_BYTES / 1e6:.0f} MB",
        key=_UPLOADED.name,
        help="In Python: model.save('mine.keras'). Networks with Lambda layers or classes of your"
        " own are refused: they would run your code on this server.",
    )
    taken = _UPLOADED.get()
    st.button(
        "Check and measure it",
        type="primary",
        icon=":material/fact_check:",
        disabled=taken is None or (job is not None and job.active),
        on_click=_start,
        args=(task, owner),
    )
    note_lock()
    if _PROBLEM.get():
        st.error(plain(_PROBLEM.get()), icon=":material/error:")
    if job is None:
        return
    spec = cast(ImportJob, job.spec)
    if spec.network.task != task.name:
        if job.active:
            st.caption(
                f"Your network for {plain(get_task(spec.network.task).title.lower())} is being"
                " checked."
            )
        return
    checked = spec.network.file_name
    if not job.active and taken is not None and taken.name != checked:
        st.caption(f"“{plain(checked)}” was checked before. Press the button to check this file.")
        return
    model = follow_job(job, None, _progress_words, key="import", stoppable=True)
    if model is not None:
        _show_outcome(job, model)


def _start(task: Task, owner: str) -> None:
    _PROBLEM.set("")
    taken = _UPLOADED.get()
    if taken is None:
        return
    try:
        upload = Upload(taken.getvalue(), taken.name, task.name, task.available_source().name)
        spec = ImportJob.of(upload)
        user_jobs.import_jobs().start(owner, lambda: server.workers().submit(spec))
    except DigitLabError as error:
        _PROBLEM.set(str(error))


def _progress_words(job: Job[TrainedModel]) -> str:
    file = cast(ImportJob, job.spec).network.file_name
    return progress_words(job, f"Opening “{plain(file)}”, and reading the test data with it")


def _show_outcome(job: Job[TrainedModel], model: TrainedModel) -> None:
    card = model.card
    assert isinstance(card, ImportedCard)
    st.markdown(f"**“{plain(card.imported.file)}”**: {plain(card.imported.layers)}")
    for figure in card.figures:
        st.markdown(f"{accuracy_words(figure)}, {plain(measured_on(figure))}")
    for finding in card.imported.findings:
        st.info(plain(finding), icon=":material/build:")
    st.caption(UNKNOWN_TRAINING)
    offer_saving(
        model,
        job.id,
        label="Name of the network",
        name=_name_of(card.imported.file),
        words="Save it",
    )


def _name_of(file: str) -> str:
    """Returns what a model may be called after its file."""
    stem = re.sub(r"[^a-z0-9]+", "-", PurePath(file).stem.lower()).strip("-")
    return stem[:40].strip("-") or "my-network"
