"""A person's samples: how many there are, what they look like, and what one can do with them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.errors import DigitLabError
from core.handwriting import sample_files
from core.handwriting.arrays import DIGITS, LABELS
from core.handwriting.repository import Sample
from ui.services import server
from ui.session.state import Key
from ui.widgets.download_button import offer_file
from ui.widgets.tiles import show_tiles
from ui.wording.articles import article, class_name

PAGE_SIZE = 20
TILE_WIDTH = 94  # pixels
_UPLOADED: Key[object] = Key("handwriting_upload", lambda: None)  # the widget's own
_DIGIT: Key[int | None] = Key("handwriting_digit", lambda: None)  # None is all
_SAID: Key[str] = Key("handwriting_said", str)  # how the last action went, shown once
_PROBLEM: Key[str] = Key("handwriting_problem", str)  # why it failed, shown once


def show_samples(owner: str, *, signs: bool = False) -> Sequence[int]:
    """Shows a person's samples with their controls, and returns how many of each label there are.

    Args:
        owner: the person.
        signs: whether signs can be chosen even if there are no samples of them. Defaults to False.

    Raises:
        DatabaseUnavailable: if they cannot be read.
    """
    counts = server.samples().counts(owner)
    total = sum(counts)
    _say()
    if total:
        labels = range(LABELS if signs or any(counts[DIGITS:]) else DIGITS)
        _show_tiles(owner, counts, labels)
    else:
        st.info(
            "You have no samples yet. Draw what the sheet asks for and press “Keep it, next”. Ten"
            " of each digit are a good start; the rings show how far you are.",
            icon=":material/edit_note:",
        )
    _show_files(owner, total)
    return counts


def _say() -> None:
    for key, show, icon in (
        (_SAID, st.success, ":material/check:"),
        (_PROBLEM, st.error, ":material/error:"),
    ):
        if key.get():
            show(key.get(), icon=icon)
            key.set("")


def _show_tiles(owner: str, counts: tuple[int, ...], labels: Sequence[int]) -> None:
    if _DIGIT.get() is not None and not counts[_DIGIT.get() or 0]:
        _DIGIT.set(None)  # the last one of them is gone
    digit = st.segmented_control(
        f"Your samples ({sum(counts):,}). Choose a digit to see only its samples:",
        labels,
        format_func=lambda label: f"{class_name(label)} ({counts[label]:,})",
        key=_DIGIT.name,
        persist_state="session",
        wrap=True,
    )
    count = sum(counts) if digit is None else counts[digit]
    tiles = st.container(horizontal=True, key="own_samples")
    pages = -(-count // PAGE_SIZE)
    page = st.pagination(pages, key=f"own_samples_page_{digit}") if pages > 1 else 1
    first = (min(page, pages) - 1) * PAGE_SIZE
    samples = server.samples().of(
        owner, label=digit, first=first, most=PAGE_SIZE, newest_first=True
    )
    st.caption("Use the button under a picture to say what it is or to delete it.")
    for place, sample in enumerate(samples):
        with tiles.container(width=TILE_WIDTH, gap="xsmall"):
            _show_tile(owner, sample, count - first - place, labels)


def _show_tile(owner: str, sample: Sample, number: int, labels: Sequence[int]) -> None:
    show_tiles([sample.picture], [article(sample.label)], key=f"sample_{sample.id}")
    with st.popover("Change", key=f"change_{sample.id}", help=f"No. {number}"):
        relabelled: Key[int] = Key(f"relabel_{sample.id}", lambda: sample.label)
        relabelled.set(sample.label)
        st.segmented_control(
            "This is …",
            labels,
            format_func=class_name,
            required=True,
            wrap=True,
            key=relabelled.name,
            on_change=_relabel,
            args=(owner, sample, relabelled),
        )
        st.button(
            "Delete it",
            icon=":material/delete:",
            key=f"delete_{sample.id}",
            on_click=_delete,
            args=(owner, sample),
        )


def _show_files(owner: str, total: int) -> None:
    service = server.samples()
    # The key keeps it open when something above it appears or disappears.
    with st.expander("Files: download, upload, delete all", key="own_files"):
        with st.container(horizontal=True):
            offer_file(
                "Download as .npz",
                lambda: sample_files.to_npz(*service.arrays(owner)),
                "handwriting.npz",
                "application/octet-stream",
                disabled=not total,
                help="For NumPy: x holds the pictures, y the digits; 10 and 11 are your signs.",
            )
            offer_file(
                "Download as pictures (.zip)",
                lambda: sample_files.to_zip(*service.arrays(owner)),
                "handwriting.zip",
                "application/zip",
                disabled=not total,
                help="PNG files, in one folder for each digit or sign.",
            )
            with st.popover("Delete all", icon=":material/delete:", disabled=not total):
                st.markdown(f"Delete all your samples ({total:,}) for good?")
                st.button(
                    "Yes, delete them all", type="primary", on_click=_delete_all, args=(owner,)
                )
        st.file_uploader(
            "Upload samples",
            type=["npz", "zip"],
            key=_UPLOADED.name,
            on_change=_take_upload,
            args=(owner,),
            help="A file downloaded here, or a zip file with pictures (such as photos) in folders"
            " named 0 to 9, and sign-a or sign-b for your own signs.",
        )


def _take_upload(owner: str) -> None:
    taken = _UPLOADED.get()
    if taken is None:
        return
    try:
        x, y = sample_files.read(taken.getvalue())  # type: ignore[attr-defined]
        added = server.samples().add_all(owner, x, y)
    except DigitLabError as error:
        _PROBLEM.set(f"Nothing was added. {error}")
        return
    known = len(y) - added
    known_words = f" {known:,} {'was' if known == 1 else 'were'} already there." if known else ""
    _SAID.set(f"{added:,} added.{known_words}")


def _relabel(owner: str, sample: Sample, relabelled: Key[int]) -> None:
    try:
        server.samples().relabel(owner, sample.id, relabelled.get())
    except DigitLabError as error:
        _PROBLEM.set(str(error))
    else:
        _SAID.set(f"The {class_name(sample.label)} is now {article(relabelled.get())}.")


def _delete(owner: str, sample: Sample) -> None:
    try:
        server.samples().delete(owner, sample.id)
    except DigitLabError as error:
        _PROBLEM.set(str(error))
    else:
        _SAID.set(f"The {class_name(sample.label)} was deleted.")


def _delete_all(owner: str) -> None:
    try:
        server.samples().delete_all(owner)
    except DigitLabError as error:
        _PROBLEM.set(str(error))
    else:
        _SAID.set("All samples were deleted.")
