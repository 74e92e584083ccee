"""The parts of the Evaluate page about one network."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.datasets.uploads import is_upload
from core.evaluation.evaluation import ClassScores, Evaluation, Scores, rates
from core.metrics.accuracy import percent
from core.metrics.reliability import calibration_error, reliability
from core.models.saved_model import SavedModel
from core.tasks.base import DataSource
from ui.components.plot import plot
from ui.evaluate.figures import confusion_figure, reliability_figure, reliability_words
from ui.evaluate.gallery import Album, show_examples
from ui.session.settings import Setting, choose, one_of, whole_number
from ui.widgets.prediction import confidence_words
from ui.wording.measured import measured_on
from ui.wording.nouns import all_of, of_noun, plural
from ui.wording.phrases import worst_pair
from ui.wording.reliability import verdict

CELLS = {"counts": "Counts", "rates": "Rates"}
SHOWN = Setting("evaluate_cells", lambda: "counts", "cells", one_of(list(CELLS)))
LABEL: Setting[str] = Setting("evaluate_label", str, "label")
ANSWER: Setting[str] = Setting("evaluate_answer", str, "answer")
MAX_SAMPLES = 9_999
SAMPLE = Setting("evaluate_sample", lambda: 1, "sample", whole_number(1, MAX_SAMPLES))
SAMPLES = 12
MATRIX = 350  # height in pixels: mistakes and matrix fit on the first screen
MISTAKES = 15  # on a page of their gallery: three rows
MIN_SURE = 48
MIN_SURE_PATTERNS = 1_000  # each pattern is shown once, and many examples share one


def show_accuracy(model: SavedModel, evaluation: Evaluation, source: DataSource) -> None:
    """Shows the accuracy in one line, with its interval and the data.

    Args:
        model: the network.
        evaluation: its evaluation.
        source: the data set that holds the examples.
    """
    news = kept_apart(model, evaluation, source.name)
    st.markdown(accuracy_words(evaluation), help=f"{source.note} {news}")


def accuracy_words(evaluation: Evaluation) -> str:
    """Returns the accuracy with its interval and the data, as Markdown."""
    accuracy = evaluation.accuracy
    low, high = accuracy.interval
    words = f"**Accuracy: {percent(accuracy.value)}**"
    if not accuracy.exhaustive:
        words += f" (95 % interval {percent(low)} to {percent(high)})"
    words += f", {accuracy.correct:,} right {measured_on(accuracy)}"
    if accuracy.exhaustive:
        words += ", exactly"
    if accuracy.best:
        words += f"; best possible on average {percent(accuracy.best)}"
    return f"{words}."


def show_numbers(model: SavedModel, evaluation: Evaluation, scores: Scores) -> None:
    """Shows loss, F1 and calibration error, and explains each."""
    error = calibration_error(evaluation.probabilities, evaluation.y)
    st.subheader("In numbers")
    first, second, third = st.columns(3)
    first.metric("Loss", f"{scores.loss:.4f}", border=True)
    first.caption(
        "Mean cross-entropy: how much the correct answers surprised the network. 0 is perfect;"
        f" blind guessing gives {np.log(evaluation.probabilities.shape[1]):.2f}."
    )
    second.metric("Mean F1", percent(scores.mean_f1), border=True)
    second.caption(
        f"The plain average of F1 over all {plural(model.task.label)} (macro F1). F1 is explained"
        " below."
    )
    third.metric("Calibration error", percent(error), border=True)
    third.caption("How far confidence and accuracy differ on average. More about it below.")
    threshold = model.calibration.threshold
    refused = int((evaluation.confidence < threshold).sum())
    words = f"All numbers describe “{model.name}”, measured {measured_on(evaluation.accuracy)}."
    if refused:
        words += (
            f" Below {confidence_words(threshold)} confidence, the other pages say “this does not"
            f" look like a digit”. That applies to {refused:,} of these examples, but here every"
            " answer counts."
        )
    st.caption(words)


def kept_apart(model: SavedModel, evaluation: Evaluation, source: str) -> str:
    """Says how new the examples are to the network.

    Args:
        model: the network.
        evaluation: its evaluation.
        source: name of the data set that holds the examples.
    """
    if evaluation.exhaustive:
        return "No other examples exist, so the network also learned from these."
    if model.task.channel is not None:
        return (
            "They were drawn separately from the training examples. But only 128 patterns exist, so"
            " the network has seen most of them before."
        )
    learned = model.card.source
    if learned != source and (is_upload(learned) or is_upload(source)):
        return (
            "The network learned from another data set. One of the two was uploaded, so Digit Lab"
            " cannot tell whether some of these examples are in both."
        )
    return "The network did not learn from any of them."


def show_classes(evaluation: Evaluation, scores: Scores, classes: Sequence[str], noun: str) -> None:
    """Shows precision, recall and F1 of each class as a table."""
    one = classes[3] if len(classes) > 3 else classes[-1]
    st.subheader(f"{noun.capitalize()} by {noun}")
    st.markdown(hardest(scores.classes, classes, noun))
    st.table(class_table(scores.classes, classes, noun), hide_index=True)
    st.caption(
        f"**Precision**: how many of its answers “{one}” are correct? **Recall**: how many of the"
        f" real {all_of(one)} did it find? **F1** is high only if both are high (their harmonic"
        f" mean). Measured {measured_on(evaluation.accuracy)}."
    )


def class_table(
    scores: Sequence[ClassScores], classes: Sequence[str], noun: str = "digit"
) -> dict[str, list[str]]:
    """Returns the columns of the table; "–" where there is nothing to divide by."""

    def shares(values: Sequence[float | None]) -> list[str]:
        # In a narrow table, the % sign stays on the line of its number.
        return [
            "–" if value is None else percent(value, 1).replace(" ", "\N{NO-BREAK SPACE}")
            for value in values
        ]

    return {
        noun.capitalize(): list(classes),
        "Precision": shares([each.precision for each in scores]),
        "Recall": shares([each.recall for each in scores]),
        "F1": shares([each.f1 for each in scores]),
        "Examples": [f"{each.examples:,}" for each in scores],
        "Answers": [f"{each.answers:,}" for each in scores],
    }


def hardest(scores: Sequence[ClassScores], classes: Sequence[str], noun: str = "digit") -> str:
    """Says which class is read worst, and why."""
    known = [
        (each, name) for each, name in zip(scores, classes, strict=True) if each.f1 is not None
    ]
    worst, name = min(known, key=lambda pair: pair[0].f1 or 0.0)
    if worst.f1 == 1:
        return f"Every {noun} is read perfectly."
    recall, precision = worst.recall, worst.precision
    words = f"The hardest {noun} is **{name}**, with an F1 of {percent(worst.f1 or 0.0, 1)}:"
    missed = (
        "there was none to read"
        if recall is None
        else f"{percent(1 - recall, 1)} of all {all_of(name)} are missed"
    )
    wrong = (
        f"“{name}” is never the answer"
        if precision is None
        else f"{percent(1 - precision, 1)} of the answers “{name}” are wrong"
    )
    return f"{words} {missed}, and {wrong}."


def show_confusion(album: Album, evaluation: Evaluation) -> None:
    """Shows the confusion matrix, where a click chooses a cell.

    Args:
        album: the examples.
        evaluation: the answers.
    """
    classes = album.task.classes
    counts = evaluation.confusion
    shares = rates(counts)
    title, choice = st.columns([3, 2], vertical_alignment="center")
    title.subheader(of_noun("Which digits get mixed up?", album.task.label))
    with choice:
        st.segmented_control(
            "In the cells",
            list(CELLS),
            format_func=CELLS.__getitem__,
            required=True,
            label_visibility="collapsed",
            **SHOWN.widget,
        )
    if not LABEL.get() and not ANSWER.get():
        wrong = shares - np.diag(np.diag(shares))
        row, column = divmod(int(wrong.argmax()), len(wrong))
        LABEL.set(classes[row])
        ANSWER.set(classes[column])
    selected = tuple(
        classes.index(setting.get()) if setting.get() in classes else 0
        for setting in (LABEL, ANSWER)
    )
    sentence = worst_pair(shares, classes, album.task.label)
    clicked = plot(
        confusion_figure(
            counts,
            classes,
            as_rates=SHOWN.get() == "rates",
            selected=(selected[0], selected[1]),
            title=f"{'Per cent of each row' if SHOWN.get() == 'rates' else 'Counts'},"
            f" {len(evaluation.y):,} examples",
            noun=album.task.label,
        ),
        key="evaluate_confusion",
        label="Confusion matrix",
        description=sentence.replace("*", ""),
        height=MATRIX,
        on_click=True,
    )
    cell = (clicked.get("y"), clicked.get("x")) if clicked else (None, None)
    if all(part in classes for part in cell) and cell != (LABEL.get(), ANSWER.get()):
        LABEL.set(str(cell[0]))
        ANSWER.set(str(cell[1]))
        st.rerun()  # the frame around the chosen cell is drawn above
    st.caption(
        f"{sentence} **Choose a cell to see its {album.things}.**",
        help=(
            f"A *confusion matrix*: each row is the true {album.task.label}, each column an answer;"
            " the diagonal holds the correct answers. The colour scale is stretched to show even a"
            f" few mistakes. Measured {measured_on(evaluation.accuracy)}."
        ),
    )


def show_cell(album: Album, evaluation: Evaluation, *, key: str) -> None:
    """Shows the examples of the chosen cell of the confusion matrix.

    Args:
        album: the examples.
        evaluation: the answers.
        key: unique for this model and data; with another key, the galleries start afresh.
    """
    classes = album.task.classes
    counts = evaluation.confusion
    st.subheader("One cell of the matrix")
    one, other, told = st.columns([1, 1, 3], vertical_alignment="bottom")
    with one:
        label = choose(LABEL, album.task.label.capitalize(), classes)
    with other:
        answer = choose(ANSWER, "Read as", classes)
    row, column = classes.index(label), classes.index(answer)
    count, total = int(counts[row, column]), int(counts[row].sum())
    share = f" ({percent(count / total, 1)})" if total else ""
    told.markdown(
        f"**{count:,}** of the {total:,} **{all_of(label)}**{share}"
        f" {'was' if count == 1 else 'were'}"
        + (" classified correctly." if row == column else f" read as **{answer}**.")
    )
    show_examples(
        album,
        evaluation.cell(row, column),
        key=f"{key}_cell_{row}_{column}",
        label=f"Every {label} read as {answer}",
    )
    show_legend(album)


def show_legend(album: Album) -> None:
    """Explains the captions of the examples."""
    words = (
        "Below each one: its label (for a mistake, an arrow and the answer), and the network's"
        " confidence."
    )
    if album.task.channel is not None:
        words += (
            " Equal patterns share a tile; if it stands for several digits, hover over it to see"
            " which."
        )
    st.caption(f"{words} Choose one to look inside the network as it reads it.")


def show_mistakes(album: Album, evaluation: Evaluation, *, key: str) -> None:
    """Shows the mistakes, the most confident first."""
    mistakes = evaluation.mistakes()
    st.subheader("The mistakes")
    if not len(mistakes):
        st.markdown(f"It makes no mistakes {measured_on(evaluation.accuracy)}.")
        return
    remark = ""
    if album.task.channel is not None:
        remark = " The noise has made them look more like another digit."
    elif (album.task.label, album.task.example) == ("digit", "picture"):
        remark = " Would you have read them correctly? Some of the labels are wrong."
    st.caption(
        f"**{len(mistakes):,}** mistake{'s' * (len(mistakes) > 1)}. Most confident mistakes first:"
        " what it was → what it was read as.",
        help=f"Measured {measured_on(evaluation.accuracy)}.{remark}",
    )
    show_examples(
        album,
        mistakes,
        key=f"{key}_mistakes",
        label="The most confident mistakes",
        per_page=MISTAKES,
    )


def show_galleries(album: Album, evaluation: Evaluation, *, key: str) -> None:
    """Shows the least sure answers, and samples."""
    st.subheader("The least confident answers")
    st.markdown(
        f"The {album.things} that the network was least sure about, right or wrong. A person would"
        " look twice at these, too."
    )
    show_examples(
        album,
        evaluation.least_confident(MIN_SURE if album.task.channel is None else MIN_SURE_PATTERNS),
        key=f"{key}_least",
        label="The least confident answers",
    )
    st.subheader("Sample predictions")
    left, right = st.columns([3, 1], vertical_alignment="center")
    left.markdown(
        f"{min(SAMPLES, len(evaluation.y))} random {album.things}: this is what most of the test"
        " data looks like."
    )
    right.button("Others", icon=":material/casino:", on_click=_other_samples, width="stretch")
    show_examples(
        album,
        evaluation.samples(SAMPLES, random_state=SAMPLE.get()),
        key=f"{key}_samples",
        label="Sample predictions",
    )


def _other_samples() -> None:
    SAMPLE.set(SAMPLE.get() % MAX_SAMPLES + 1)


def show_reliability(evaluation: Evaluation) -> None:
    """Shows how often answers are right, by their confidence."""
    bins = reliability(evaluation.probabilities, evaluation.y)
    error = calibration_error(evaluation.probabilities, evaluation.y)
    st.subheader("Can you trust its confidence?")
    left, right = st.columns([6, 5], gap="medium", vertical_alignment="center")
    with left:
        plot(
            reliability_figure(bins, title=f"Reliability on {len(evaluation.y):,} examples"),
            key="evaluate_reliability",
            label="How often the network is right, by its confidence",
            description="; ".join(map(reliability_words, bins)),
            height=380,
        )
    judged = (
        "So few examples say little, and its confidence allows for the noise in its training data."
        if evaluation.exhaustive
        else verdict(bins, error)
    )
    right.markdown(
        "If a network is 80 % confident in each of a hundred answers, about eighty of them should"
        " be right. Its dots then lie on the dashed line (a *reliability diagram*). Dots below the"
        " line mean too much confidence, dots above it too little. Larger dots stand for more"
        " answers; bars are 95 % intervals.\n\n"
        f"{judged} On average, confidence and accuracy differ by **{percent(error)}**. This is the"
        " *expected calibration error*, over 15 ranges of equal width, each weighted by its number"
        " of answers."
    )
    right.caption(
        f"Measured {measured_on(evaluation.accuracy)}, with the confidence that the other pages"
        " show."
    )
