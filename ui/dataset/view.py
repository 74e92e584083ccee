"""The sections of the Data page: sizes, classes, samples with paging, mean and spread."""

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
        "A network learns only from the **training** examples. The **validation** examples show"
        " after every epoch whether it still gets better on examples it has not learned from. The"
        " **test** examples are kept for the end: they measure its accuracy, once."
    )


def shape_words(task: Task) -> str:
    """Says what a network sees of one example, as Markdown."""
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
    """Shows the share of each class in each part, and says whether the classes are balanced."""
    st.subheader("How many of each class")
    plot(
        balance_figure(summary.parts, task.classes),
        key="dataset_balance",
        label="Share of each class in each part",
        height=340,
    )
    st.markdown(balance_words(summary.parts[0], task.classes))


def balance_words(part: Part, classes: tuple[str, ...]) -> str:
    """Says whether the training classes are balanced, and what follows from that, as Markdown."""
    if part.size == 0:
        return "The training part is empty."
    found = balance(part)
    extra = (
        f" Another {part.counts[-1]:,} examples show none of the classes; they teach a network to"
        " be unsure."
        if part.counts[-1]
        else ""
    )
    if found.even:
        return (
            "In the training part, the classes are **even** (balanced): a network that always gave"
            f" the same answer would be right {percent(found.share, 1)} of the time.{extra}"
        )
    most, least = part.counts[found.most], part.counts[found.least]
    ratio = f", a ratio of {found.ratio:.2f}" if math.isfinite(found.ratio) else ""
    return (
        "In the training part, the classes are **not quite even** (imbalanced): there are"
        f" {most:,} examples of “{classes[found.most]}” but {least:,} of"
        f" “{classes[found.least]}”{ratio}. A network that always answered"
        f" “{classes[found.most]}” would be right {percent(found.share, 1)} of the time. Networks"
        f" learn rare classes a little less well.{extra}"
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
        f"Class “{class_words(label, task.classes)}” in the {PART_WORDS[part].lower()}"
        f" ({name.name}): examples {first + 1} to"
        f" {min(first + PAGE_SIZE, len(samples.indices))} of {counts:,}. The number under each is"
        " its position in that part, counted from 0."
        + (
            f" This page shows only the first {SAMPLES_OF_A_CLASS}."
            if counts > SAMPLES_OF_A_CLASS
            else ""
        )
    )


def _part_named(summary: DatasetSummary, part: str) -> Part:
    """Returns the part called "training", or the most important test part."""
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
    st.markdown("**Mean**: the average of all training examples of a class.")
    show_tiles(list(summary.means), names, key="dataset_means")
    st.caption(
        "Bright areas have ink in most examples. A sharp mean shows that all examples look alike; a"
        " blurred one shows that people write this digit in many ways."
        if pictures
        else "The brighter a segment, the more often it is lit when this digit is shown."
    )
    st.markdown("**Spread** (standard deviation): where the examples of a class differ.")
    show_tiles(list(summary.spreads), names, key="dataset_spreads")
    if pictures:
        dark, half = "Dark areas always have ink or never do", "half of the examples have ink there"
    else:
        dark, half = "Dark segments are always lit or never", "half of the examples light it"
    st.caption(
        f"{dark}. White is the largest possible spread, {MAX_SPREAD:g}: {half} and half do not. A"
        " network cannot rely on a single value there."
    )
