"""The parts of the Data page: sizes, classes, samples with paging, mean and spread."""

from __future__ import annotations

import math

import streamlit as st

from core.data import NO_CLASS
from core.datasets.summary import MAX_SPREAD, SAMPLES_OF_A_CLASS, DatasetSummary, Part, balance
from core.metrics.accuracy import percent
from core.tasks.base import Task
from ui.components.plot import plot
from ui.dataset.figures import balance_figure, class_words
from ui.session.settings import Setting
from ui.session.state import Key
from ui.widgets.tiles import show_tiles

PAGE_SIZE = 24
PART_WORDS = {"training": "Training part", "test": "Test part"}
_PART: Setting[str] = Setting("dataset_samples_part", lambda: "test")


def show_sizes(task: Task, summary: DatasetSummary) -> None:
    """Shows the shape of an example and how many there are in each part."""
    st.subheader("Shape and size")
    st.markdown(shape_words(task))
    for column, part in zip(st.columns(len(summary.parts)), summary.parts, strict=True):
        column.metric(part.name[:1].upper() + part.name[1:], f"{part.size:,}", border=True)
    st.caption(
        "The network learns from the **training** examples only. **Validation** examples are looked"
        " at after every epoch, to see whether it still gets better on what it has not seen."
        " **Test** examples are kept for the end: its accuracy is measured on them once."
    )


def shape_words(task: Task) -> str:
    """Says what one example is to a network, as Markdown."""
    shape = task.input_shape
    count = math.prod(shape)
    written = f"`float32`, shape `{shape}`" if len(shape) > 1 else f"`float32`, shape `({count},)`"
    if len(shape) == 3:
        return (
            f"To a network, an example is a picture of {shape[0]} × {shape[1]} pixels: **{count}"
            f" numbers** from 0 (no ink) to 1 (full ink) ({written})."
        )
    return f"To a network, an example is **{count} numbers** from 0 (dark) to 1 (lit) ({written})."


def show_balance(task: Task, summary: DatasetSummary) -> None:
    """Shows what share of each part every class has, and says whether that is even."""
    st.subheader("How many of each class")
    plot(
        balance_figure(summary.parts, task.classes),
        key="dataset_balance",
        label="Share of each class in each part",
        height=340,
    )
    st.markdown(balance_words(summary.parts[0], task.classes))


def balance_words(part: Part, classes: tuple[str, ...]) -> str:
    """Says how even the classes of the training part are, and what follows, as Markdown."""
    if part.size == 0:
        return "The training part is empty."
    found = balance(part)
    extra = (
        f" Besides, {part.counts[-1]:,} examples show none of the classes: from these a network"
        " learns to be unsure."
        if part.counts[-1]
        else ""
    )
    if found.even:
        return (
            "In the training part the classes are **even**: a network that always gave the same"
            f" answer would be right {percent(found.share, 1)} of the time.{extra}"
        )
    most, least = part.counts[found.most], part.counts[found.least]
    times = f", {found.ratio:.2f} times as many" if math.isfinite(found.ratio) else ""
    return (
        f"In the training part the classes are **not quite even**: {most:,} of “"
        f"{classes[found.most]}”, but {least:,} of “{classes[found.least]}”{times}. A network that"
        f" always answered “{classes[found.most]}” would be right {percent(found.share, 1)} of the"
        f" time, and what is rare is learned a little less well.{extra}"
    )


@st.fragment
def show_samples(task: Task, summary: DatasetSummary) -> None:
    """Shows examples of one class, a page at a time."""
    st.subheader("Samples")
    left, right = st.columns([2, 5])
    with left:
        st.segmented_control(
            "From the",
            list(PART_WORDS),
            format_func=PART_WORDS.__getitem__,
            required=True,
            **_PART.widget,
        )
    part = _PART.get()
    found = summary.samples[part]
    chosen: Key[int] = Key(f"dataset_class_{task.name}", lambda: 0)
    if chosen.get() not in found:
        chosen.set(next(iter(found)))
    with right:
        st.pills(
            "Class",
            list(found),
            format_func=lambda label: class_words(label, task.classes),
            required=True,
            wrap=True,
            key=chosen.name,
            persist_state="session",
        )
    label = chosen.get()
    samples = found[label]
    pages = -(-len(samples.indices) // PAGE_SIZE)
    page: Key[int] = Key(f"dataset_page_{task.name}_{part}_{label}", lambda: 1)
    page.set(min(max(1, page.get()), pages))
    first = (page.get() - 1) * PAGE_SIZE
    shown = slice(first, first + PAGE_SIZE)
    name = _part_named(summary, part)
    show_tiles(
        list(samples.pictures[shown]),
        [f"{index:,}" for index in samples.indices[shown]],
        key="dataset_samples",
    )
    _turn_pages(page, pages)
    counts = name.counts[label if label != NO_CLASS else -1]
    st.caption(
        f"Examples {first + 1} to {min(first + PAGE_SIZE, len(samples.indices))} of {counts:,} of"
        f" “{class_words(label, task.classes)}” in the {PART_WORDS[part].lower()}"
        f" ({name.name}); under each its place in that part, counted from 0."
        + (
            f" The first {SAMPLES_OF_A_CLASS} can be looked at here."
            if counts > SAMPLES_OF_A_CLASS
            else ""
        )
    )


def _part_named(summary: DatasetSummary, part: str) -> Part:
    """Returns the part behind "training" or "test", which is the most important test."""
    return summary.parts[0 if part == "training" else 2]


def _turn_pages(page: Key[int], pages: int) -> None:
    def turn(by: int) -> None:
        page.set(page.get() + by)

    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Previous",
            icon=":material/chevron_left:",
            disabled=page.get() <= 1,
            on_click=turn,
            args=(-1,),
            key="dataset_previous",
        )
        st.text(f"Page {page.get()} of {pages}")
        st.button(
            "Next",
            icon=":material/chevron_right:",
            icon_position="right",
            disabled=page.get() >= pages,
            on_click=turn,
            args=(1,),
            key="dataset_next",
        )


def show_mean_and_spread(task: Task, summary: DatasetSummary) -> None:
    """Shows the mean and the standard deviation of each class as pictures."""
    st.subheader("Mean and spread of each class")
    pictures = len(task.input_shape) == 3
    names = list(task.classes)
    st.markdown("**Mean**: all training examples of a class laid on top of each other.")
    show_tiles(list(summary.means), names, key="dataset_means")
    st.caption(
        "Bright is where most examples are bright. A sharp mean says that all look alike; a blurred"
        " one that people write this digit in many ways."
        if pictures
        else "The brighter a segment, the more often it is lit when this digit is shown."
    )
    st.markdown("**Spread** (standard deviation): where the examples of a class differ.")
    show_tiles(list(summary.spreads), names, key="dataset_spreads")
    always = "always ink, or never" if pictures else "always lit, or never"
    st.caption(
        f"Dark is where all are the same: {always}. White is a spread of {MAX_SPREAD:g}, the most"
        " there can be: half of the examples have it and half do not. There a network cannot rely"
        " on a single value."
    )
