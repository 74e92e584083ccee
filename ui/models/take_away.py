"""A saved model's files to take away, by where it is to be used."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.errors import ModelUnusable
from core.export.format import Exported, QuickFormat, WorkerFormat
from core.models.saved_model import SavedModel
from core.networks.formats import LITERT_FILE
from core.workers.job import Job
from ui.models.offers import PURPOSES, Offer, Purpose
from ui.services.exports import export_job
from ui.session.settings import Setting
from ui.session.state import Key
from ui.widgets.download_button import offer_file
from ui.widgets.job_progress import follow_job, progress_words
from ui.wording.int8 import SCHEME_WORDS, cost_words
from ui.wording.phrases import plain

PURPOSE: Setting[str] = Setting("take_away_purpose", lambda: "python")
# The files that this person asked a worker for: names of model, its version and the format.
_WANTED: Key[set[tuple[str, str, str]]] = Key("take_away_wanted", set)


def show_take_away(model: SavedModel) -> None:
    """Offers a model's files; none is made before somebody asks for it."""
    st.subheader("Take it away", anchor=False)
    purposes = {each.name: each for each in PURPOSES if each.offers}
    if PURPOSE.get() not in purposes:
        PURPOSE.set("python")
    chosen = st.pills(
        "Where will you use it?",
        list(purposes),
        format_func=lambda name: purposes[name].label,
        required=True,
        **PURPOSE.widget,
    )
    _show(model, purposes[chosen or "python"])


def _show(model: SavedModel, purpose: Purpose) -> None:
    reasons = {offer.format.unavailable(model) for offer in purpose.offers}
    if len(reasons) == 1 and (same := reasons.pop()):
        st.caption(plain(same))
        return
    for offer in purpose.offers:
        with st.container(border=True, gap="small", key=f"take_away_{offer.format.name}"):
            st.markdown(f"**{offer.title}**")
            st.caption(offer.good_for)
            if why := offer.format.unavailable(model):
                st.caption(f":material/block: {plain(why)}")
                continue
            try:
                facts = offer.facts(model)
            except ModelUnusable as error:
                st.caption(f":material/block: {plain(str(error))}")
                continue
            if facts:
                st.caption(facts)
            _offer(model, offer)


def _offer(model: SavedModel, offer: Offer) -> None:
    file_format = offer.format
    if isinstance(file_format, QuickFormat):
        offer_file(
            offer.button,
            partial(file_format.make, model),
            file_format.file_name(model),
            file_format.mime,
        )
        return
    assert isinstance(file_format, WorkerFormat)
    exported = file_format.kept(model) or _made(model, file_format)
    if exported is not None:
        _download(model, offer, exported)


def _made(model: SavedModel, file_format: WorkerFormat) -> Exported | None:
    """Returns the file once a worker has made it, and before that offers to have it made."""
    wanted = (model.name, model.version, file_format.name)
    if wanted not in _WANTED.get():
        st.button(
            f"Make {file_format.title}",
            icon=":material/build:",
            key=f"take_away_make_{file_format.name}",
            help="A worker process makes it. That takes a few seconds.",
            on_click=lambda: _WANTED.set(_WANTED.get() | {wanted}),
        )
        return None
    return follow_job(
        export_job(model, file_format.name),
        partial(export_job.clear, model, file_format.name),
        _progress_words,
        key=f"take_away_{file_format.name}",
    )


def _download(model: SavedModel, offer: Offer, exported: Exported) -> None:
    offer_file(
        offer.button,
        lambda: exported.data,
        offer.format.file_name(model),
        offer.format.mime,
    )
    for note in exported.notes:
        st.caption(f":material/straighten: {plain(note)}")
    if exported.int8 is not None:
        before = (model.folder / LITERT_FILE).stat().st_size
        st.caption(cost_words(exported.int8, before, len(exported.data)))
        st.caption(SCHEME_WORDS[exported.int8.scheme])


def _progress_words(job: Job[Exported]) -> str:
    return progress_words(job, job.progress.note or "Opening the network")
