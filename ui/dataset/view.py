"""The sections of the Data page: sizes, classes, samples with paging, mean and spread."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import streamlit as st

from core.data import NO_CLASS
from core.datasets.summary import (
    MAX_SPREAD,
    SAMPLES_OF_A_CLASS,
    DatasetSummary,
    Part,
    Samples,
    balance,
)
from core.metrics.accuracy import percent
from core.tasks.base import Task
from ui.components.plot import plot
from ui.dataset.figures import balance_figure, class_words
from ui.session.settings import Setting, note
from ui.session.state import Key
from ui.widgets.tiles import show_tiles

PAGE_SIZE = 24
WALL_SIZE = 60  # six of each digit
EVERY = -2  # stands for all classes; NO_CLASS is another
PART_WORDS = {"training": "Training part", "test": "Test part"}

# All digits of a kind stand in a column where ten fit, and the page keeps its height.
_WALL_STYLE = """
<style>
.st-key-dataset_wall { min-height: 17rem; }
.st-key-dataset_wall .digit-lab-tiles { display: grid; gap: 0.35rem;
  grid-template-columns: repeat(auto-fill, minmax(4.3rem, 1fr)); }
.st-key-dataset_wall .digit-lab-tiles img { height: auto; width: 3.6rem; max-width: 100%; }
@media (min-width: 700px) {
  .st-key-dataset_wall .digit-lab-tiles { grid-template-columns: repeat(20, 1fr); }
  .st-key-dataset_wall .digit-lab-tiles img { width: 100%; } }
</style>
"""


def show_sizes(task: Task, summary: DatasetSummary) -> None:
    """Shows the shape of an example and how many there are in each part."""
    st.subheader("Shape and size")
    st.markdown(shape_words(task))
    with st.container(key="side_by_side_sizes"):
        columns = st.columns(len(summary.parts))
    for column, part in zip(columns, summary.parts, strict=True):
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
        low, high = ("no ink", "full ink") if task.label == "digit" else ("black", "white")
        return (
            f"To a network, an example is a picture of {shape[0]} × {shape[1]} pixels: **{count}"
            f" numbers** from 0 ({low}) to 1 ({high}) ({written})."
        )
    if len(shape) == 2:
        return (
            f"To a network, an example is {shape[0]} steps of {shape[1]} numbers each: **{count}"
            f" numbers** from 0 to 1 ({written})."
        )
    words = " from 0 (dark) to 1 (lit)" if task.channel is not None else ""
    names = f", {task.features[0]} to {task.features[-1]}" if task.features else ""
    return f"To a network, an example is **{count} numbers**{words}{names} ({written})."


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
def show_samples(
    task: Task,
    summary: DatasetSummary,
    part_setting: Setting[str],
    class_setting: Setting[int],
    keep: Callable[[], None],
) -> None:
    """Shows a wall of examples of all classes, or those of one class; a page at a time.

    Args:
        task: the task.
        summary: of the data set.
        part_setting: which of PART_WORDS is shown.
        class_setting: the class shown, or EVERY.
        keep: writes both into the page's address.
    """
    left, right = st.columns([2, 5])
    with left:
        st.segmented_control(
            "Show",
            list(PART_WORDS),
            format_func=PART_WORDS.__getitem__,
            required=True,
            **part_setting.widget,
        )
    part = part_setting.get()
    found = summary.samples[part]
    choices = [EVERY, *found]
    if class_setting.get() not in choices:
        note("There is no such class here, so all are shown.")
        class_setting.set(EVERY)
    with right:
        st.pills(
            "Class",
            choices,
            format_func=lambda label: "all" if label == EVERY else class_words(label, task.classes),
            required=True,
            wrap=True,
            **class_setting.widget,
        )
    label = class_setting.get()
    places = (
        wall(found) if label == EVERY else [(label, n) for n in range(len(found[label].indices))]
    )
    size = WALL_SIZE if label == EVERY else PAGE_SIZE
    pages = -(-len(places) // size)
    page: Key[int] = Key(f"dataset_page_{task.name}_{part}_{label}", lambda: 1)
    page.set(min(max(1, page.get()), pages))
    first = (page.get() - 1) * size
    shown = places[first : first + size]
    last = first + len(shown)
    name = _part_named(summary, part)
    with st.container(key="dataset_wall"):
        st.html(_WALL_STYLE)
        show_tiles(
            [found[each].pictures[n] for each, n in shown],
            [
                class_words(each, task.classes)
                if label == EVERY
                else f"no. {found[each].indices[n]:,}"
                for each, n in shown
            ],
            key="dataset_samples",
        )
    _turn_pages(page, pages)
    keep()
    where = f"the {PART_WORDS[part].lower()}" + (f" ({name.name})" if name.name != part else "")
    if label == EVERY:
        st.caption(
            f"All classes in turn, from {where}: {first + 1:,} to {last:,} of"
            f" {len(places):,}. Below each: its class."
        )
        return
    counts = name.counts[label if label != NO_CLASS else -1]
    st.caption(
        f"Class “{class_words(label, task.classes)}” in {where}: examples {first + 1} to {last} of"
        f" {counts:,}. The number under each is its position in that part, counted from 0."
        + (
            f" This page shows only the first {SAMPLES_OF_A_CLASS}."
            if counts > SAMPLES_OF_A_CLASS
            else ""
        )
    )


def wall(samples: Mapping[int, Samples]) -> list[tuple[int, int]]:
    """Returns the examples of all classes in turn: one of each, then the next of each.

    Args:
        samples: of each class, by its label.

    Returns:
        The label of each, and its index among the samples of that class.
    """
    most = max((len(each.indices) for each in samples.values()), default=0)
    return [
        (label, n) for n in range(most) for label, each in samples.items() if n < len(each.indices)
    ]


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
    """Shows the mean and the standard deviation of each class as pictures.

    Of examples that are drawn, such as hands, or that have scales of their own, such as the rows of
    a table, a standard deviation is no picture.
    """
    spread = task.channel is not None or len(task.input_shape) > 1
    st.subheader("Mean and spread of each class" if spread else "Mean of each class")
    pictures = len(task.input_shape) == 3
    names = list(task.classes)
    st.markdown("**Mean**: the average of all training examples of a class.")
    show_tiles(list(summary.means), names, key="dataset_means")
    st.caption(mean_words(task))
    if not spread:
        return
    st.markdown("**Spread** (standard deviation): where the examples of a class differ.")
    show_tiles(list(summary.spreads), names, key="dataset_spreads")
    if task.channel is not None:
        dark, half = "Dark segments are always lit or never", "half of the examples light it"
    elif pictures and task.label == "digit":
        dark, half = "Dark areas always have ink or never do", "half of the examples have ink there"
    else:
        dark, half = "Dark areas are the same in all examples", "half of them are white there"
    st.caption(
        f"{dark}. White is the largest possible spread, {MAX_SPREAD:g}: {half} and half do not. A"
        " network cannot rely on a single value there."
    )


def mean_words(task: Task) -> str:
    """Says how to read the mean example of a class."""
    if task.channel is not None:
        return "The brighter a segment, the more often it is lit when this digit is shown."
    if len(task.input_shape) == 3 and task.label == "digit":
        return (
            "Bright areas have ink in most examples. A sharp mean shows that all examples look"
            " alike; a blurred one shows that people write this digit in many ways."
        )
    if len(task.input_shape) == 1:
        return (
            "Each input is averaged over all examples of a class; what comes out is drawn like an"
            " example. If the means of two classes look the same, no single input tells them apart."
        )
    return (
        "The examples of a class, laid over each other: bright areas are white in most of them. If"
        " the means of two classes look the same, no single place tells them apart."
    )
