"""The parts of the Evaluate page that are about one network."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.datasets.uploads import is_upload
from core.evaluation.evaluation import ClassScores, Evaluation, Scores, rates
from core.metrics.accuracy import percent
from core.metrics.reliability import calibration_error, reliability, verdict
from core.models.saved_model import SavedModel
from ui.components.plot import plot
from ui.evaluate.figures import confusion_figure, reliability_figure, reliability_words
from ui.evaluate.gallery import Album, show_examples
from ui.session.settings import Setting, choose, one_of, whole_number
from ui.widgets.prediction import confidence_words
from ui.wording.phrases import worst_pair

CELLS = {"counts": "Counts", "rates": "Rates"}
SHOWN = Setting("evaluate_cells", lambda: "counts", "cells", one_of(list(CELLS)))
LABEL: Setting[str] = Setting("evaluate_label", str, "label")
ANSWER: Setting[str] = Setting("evaluate_answer", str, "answer")
MAX_SAMPLES = 9_999
SAMPLE = Setting("evaluate_sample", lambda: 1, "sample", whole_number(1, MAX_SAMPLES))
SAMPLES = 12
# Patterns are shown once each, and many are the same.
MIN_SURE = {"pictures": 48, "patterns": 1_000}


def show_numbers(model: SavedModel, evaluation: Evaluation, scores: Scores, source: str) -> None:
    """Shows accuracy, loss, F1 and calibration error, and what each of them means."""
    accuracy = evaluation.accuracy
    error = calibration_error(evaluation.probabilities, evaluation.y)
    st.subheader("How often is it right?")
    first, second, third, fourth = st.columns(4)
    first.metric("Accuracy", percent(accuracy.value), border=True, help=str(accuracy))
    low, high = accuracy.interval
    first.caption(
        f"{accuracy.correct:,} of {accuracy.total:,} right"
        + (
            ", exactly"
            if accuracy.exhaustive
            else f"; 95 % interval {percent(low)} to {percent(high)}"
        )
        + (f"; best possible on average {percent(accuracy.best)}" if accuracy.best else "")
    )
    second.metric("Loss", f"{scores.loss:.4f}", border=True)
    second.caption(
        "Mean cross-entropy: how surprising the right answers were to it. 0 is perfect; blind"
        f" guessing would give {np.log(evaluation.probabilities.shape[1]):.2f}."
    )
    third.metric("Mean F1", percent(scores.mean_f1), border=True)
    third.caption("F1 is explained below; this is the plain mean over all digits (macro F1).")
    fourth.metric("Calibration error", percent(error), border=True)
    fourth.caption("How far confidence and accuracy lie apart, on average; more of it below.")
    threshold = model.calibration.threshold
    refused = int((evaluation.confidence < threshold).sum())
    words = f"All numbers are of “{model.name}” on {len(evaluation.y):,} examples:"
    words += f" {evaluation.data}. "
    words += kept_apart(model, evaluation, source)
    if refused:
        words += (
            f" Below {confidence_words(threshold)} confidence the other pages say “this does not"
            f" look like a digit”; that would be so for {refused:,} of these. Here every answer"
            " counts."
        )
    st.caption(words)


def kept_apart(model: SavedModel, evaluation: Evaluation, source: str) -> str:
    """Says in which sense the examples are new to the network.

    Args:
        model: the network.
        evaluation: of it.
        source: name of the data set that the examples are from.
    """
    if evaluation.exhaustive:
        return "There are no others, so the network has learned from the same."
    if model.task.channel is not None:
        return (
            "They were drawn by chance apart from those that it learned from, but of only 128"
            " possible patterns it has met most before."
        )
    learned = str(model.card["source"])
    if learned != source and (is_upload(learned) or is_upload(source)):
        return (
            "The network learned from another data set. One of the two was uploaded, so nobody here"
            " can tell whether some of these examples are in both."
        )
    return "The network has learned from none of them."


def show_classes(evaluation: Evaluation, scores: Scores, classes: Sequence[str]) -> None:
    """Shows precision, recall and F1 of each class as a table."""
    st.subheader("Digit by digit")
    st.markdown(hardest(scores.classes, classes))
    st.table(class_table(scores.classes, classes), hide_index=True)
    st.caption(
        "**Precision**: of all that it called a 3, how many are a 3? **Recall**: of all that are a"
        " 3, how many did it call a 3? **F1** is high only where both are (their harmonic mean)."
        f" Measured on {evaluation.data}."
    )


def class_table(scores: Sequence[ClassScores], classes: Sequence[str]) -> dict[str, list[str]]:
    """Returns the columns of the table; "–" where there is nothing to divide by."""

    def shares(values: Sequence[float | None]) -> list[str]:
        # In a narrow table the sign stays with its number.
        return [
            "–" if value is None else percent(value, 1).replace(" ", "\N{NO-BREAK SPACE}")
            for value in values
        ]

    return {
        "Digit": list(classes),
        "Precision": shares([each.precision for each in scores]),
        "Recall": shares([each.recall for each in scores]),
        "F1": shares([each.f1 for each in scores]),
        "Examples": [f"{each.examples:,}" for each in scores],
        "Answers": [f"{each.answers:,}" for each in scores],
    }


def hardest(scores: Sequence[ClassScores], classes: Sequence[str]) -> str:
    """Says which class is read worst, and why that is."""
    known = [
        (each, name) for each, name in zip(scores, classes, strict=True) if each.f1 is not None
    ]
    worst, name = min(known, key=lambda pair: pair[0].f1 or 0.0)
    if worst.f1 == 1:
        return "Every digit is read perfectly."
    recall, precision = worst.recall, worst.precision
    words = f"The hardest is the **{name}**, with an F1 of {percent(worst.f1 or 0.0, 1)}:"
    missed = "none came up" if recall is None else f"{percent(1 - recall, 1)} of them are missed"
    taken = (
        "nothing is taken for one"
        if precision is None
        else f"{percent(1 - precision, 1)} of what it calls {name} is something else"
    )
    return f"{words} {missed}, and {taken}."


def show_confusion(album: Album, evaluation: Evaluation, *, key: str) -> None:
    """Shows the confusion matrix, and the examples of the cell that was chosen.

    Args:
        album: the examples.
        evaluation: the answers.
        key: of what is shown: another model or other data begin anew.
    """
    classes = album.task.classes
    counts = evaluation.confusion
    shares = rates(counts)
    st.subheader("What is taken for what?")
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
    left, right = st.columns([6, 5], gap="medium")
    sentence = worst_pair(shares, classes)
    with left:
        clicked = plot(
            confusion_figure(
                counts,
                classes,
                as_rates=SHOWN.get() == "rates",
                selected=(selected[0], selected[1]),
                title=f"{'Per cent of each row' if SHOWN.get() == 'rates' else 'Counts'},"
                f" {len(evaluation.y):,} examples",
            ),
            key="evaluate_confusion",
            label="Which digits are taken for which",
            description=sentence.replace("*", ""),
            height=480,
            on_click=True,
        )
        cell = (clicked.get("y"), clicked.get("x")) if clicked else (None, None)
        if all(part in classes for part in cell) and cell != (LABEL.get(), ANSWER.get()):
            LABEL.set(str(cell[0]))
            ANSWER.set(str(cell[1]))
            st.rerun()  # the frame around the chosen cell is drawn above
        st.caption(
            "A *confusion matrix*: each row is a digit, each column an answer; the diagonal holds"
            " what was classified correctly. The colours are stretched to show even a few mistakes."
            f" Measured on {evaluation.data}."
        )
    with right:
        st.markdown(f"{sentence} **Choose a cell to see those very {album.things}.**")
        one, other = st.columns(2)
        with one:
            label = choose(LABEL, "Digit", classes)
        with other:
            answer = choose(ANSWER, "Taken for", classes)
        row, column = classes.index(label), classes.index(answer)
        count, total = int(counts[row, column]), int(counts[row].sum())
        share = f" ({percent(count / total, 1)})" if total else ""
        st.markdown(
            f"**{count:,}** of the {total:,} examples of **{label}**{share}"
            + (" were classified correctly." if row == column else f" were read as **{answer}**.")
        )
        show_examples(
            album,
            evaluation.cell(row, column),
            key=f"{key}_cell_{row}_{column}",
            label=f"Examples of {label} read as {answer}",
        )
    show_legend(album)


def show_legend(album: Album) -> None:
    """Says what is written under the examples."""
    words = (
        "Under each: its label, then an arrow and the answer where that is wrong, and the"
        " network's confidence in its answer."
    )
    if album.task.channel is not None:
        words += (
            " Equal patterns share a tile; where it stands for several digits, the mouse resting on"
            " it tells which."
        )
    st.caption(f"{words} Choose one to look inside the network while it reads it.")


def show_galleries(album: Album, evaluation: Evaluation, *, key: str) -> None:
    """Shows the most confident mistakes, the least sure answers, and samples."""
    mistakes = evaluation.mistakes()
    st.subheader("The most confident mistakes")
    remark = (
        "Would you have read them correctly? Some of the labels are wrong, too."
        if album.task.channel is None
        else "The noise has made them look more like another digit."
    )
    st.markdown(
        f"All **{len(mistakes):,}** mistakes on {evaluation.data}, those first of which the network"
        f" was surest. {remark}"
        if len(mistakes)
        else f"On {evaluation.data} it makes no mistake."
    )
    if len(mistakes):
        show_examples(album, mistakes, key=f"{key}_mistakes", label="The most confident mistakes")
    st.subheader("The least sure")
    st.markdown(
        f"The {album.things} that it was least sure of, right or wrong: close calls, where a person"
        " would look twice as well."
    )
    show_examples(
        album,
        evaluation.least_sure(MIN_SURE[album.things]),
        key=f"{key}_least",
        label="The least sure",
    )
    st.subheader("Sample predictions")
    left, right = st.columns([3, 1], vertical_alignment="center")
    left.markdown(
        f"{min(SAMPLES, len(evaluation.y))} {album.things} by chance: this is what most of the"
        " test data looks like."
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
    """Shows how often answers are right by their confidence."""
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
        "So few examples say little about that, and its confidence allows for the noise that it was"
        " trained on."
        if evaluation.exhaustive
        else verdict(bins, error)
    )
    right.markdown(
        "When a network is 80 % sure of each of a hundred examples, eighty of them should be right:"
        " the dots then lie on the dashed line (a *reliability diagram*). Below the line the"
        " network is too sure of itself, above it not sure enough. Larger dots stand for more"
        " answers, bars for the 95 % interval.\n\n"
        f"{judged} On average, confidence and accuracy differ by **{percent(error)}**:"
        " the *expected calibration error*, over 15 ranges of equal width, weighted by the number"
        " of answers in each."
    )
    right.caption(f"Measured on {evaluation.data}, with the confidence that the other pages show.")
