"""The final step: how scores become the percentages above."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from core.inference.final_step import FinalStep
from core.inference.predictor import Prediction
from core.metrics.accuracy import percent
from ui.inside.figures import signed
from ui.widgets.prediction import confidence_words

HEIGHT = 430  # in pixels, kept while the scores are awaited

_STYLE = """
<style>
.digit-lab-final { width: 100%; max-width: 36rem; border-collapse: collapse; font-size: 0.9rem;
  font-variant-numeric: tabular-nums; }
.digit-lab-final th, .digit-lab-final td { padding: 0.2rem 0.4rem; text-align: right;
  border: 0 solid rgba(128, 128, 128, 0.3); border-bottom-width: 1px; }
.digit-lab-final thead th { font-weight: 600; vertical-align: bottom; line-height: 1.2; }
.digit-lab-final small { display: block; font-weight: 400; font-style: italic; }
.digit-lab-final th:first-child { text-align: left; white-space: nowrap; }
.digit-lab-final td:last-child { width: 38%; padding-right: 0; }
.digit-lab-final .share { display: flex; align-items: center; gap: 0.4rem; }
.digit-lab-final .share span { flex: 0 0 5.2em; white-space: nowrap; }
.digit-lab-final .share i { flex: 1; min-width: 2rem; height: 0.7rem; }
.digit-lab-final .share i b { display: block; height: 100%; background: rgba(128, 128, 128, 0.55); }
.digit-lab-final .first { font-weight: 700; }
.digit-lab-final .first .share i b { background: light-dark(#00796b, #35d0ba); }
.digit-lab-final .second .share i b { background: light-dark(#c8500a, #ff9a56); }
.digit-lab-final .mark { font-size: 0.75rem; font-weight: 400; margin-left: 0.35rem; }
</style>
"""


def show_final_step(step: FinalStep | None, prediction: Prediction, classes: Sequence[str]) -> None:
    """Shows how the scores of one answer become its percentages.

    Args:
        step: the scores and the answer; None while they are awaited.
        prediction: the same answer, as the page shows it.
        classes: the name of each class.
    """
    st.subheader("The final step: from scores to percentages")
    with st.container(key="inside_final_step", height="content" if step else HEIGHT):
        if step is None:
            st.caption("This follows as soon as the layers are computed.")
            return
        left, right = st.columns([6, 5], gap="large")
        with left:
            st.html(_STYLE + table_html(step, classes))
        with right:
            st.markdown(words(step, prediction, classes))
            with st.expander("The formula"):
                st.markdown(
                    "The probability of a class is"
                    r" $p_i = \dfrac{e^{z_i / T}}{\sum_j e^{z_j / T}}$,"
                    " with its score $z_i$ (*logit*) and the *temperature* $T$."
                    " Dividing changes no order, so it never changes the answer, only how sure it"
                    " is. $T$ was chosen on validation data, to make the correct answers there as"
                    " probable as possible (*temperature scaling*)."
                )
            if not step.agrees:
                st.caption(
                    "Here the table's scores do not lead exactly to its percentages: some were too"
                    " far apart to be stored exactly. The percentages are those of the answer."
                )


def table_html(step: FinalStep, classes: Sequence[str]) -> str:
    """Returns the table: each class with its score, what is left of it, and its probability."""
    marks = {step.winner: ("first", "highest"), step.second: ("second", "runner-up")}
    rows = []
    for index, name in enumerate(classes):
        kind, mark = marks.get(index, ("", ""))
        share = float(step.probabilities[index])
        vote = "" if step.votes is None else f"<td>{percent(float(step.votes[index]), 1)}</td>"
        rows.append(
            f'<tr class="{kind}"><th scope="row">{escape(name)}'
            + (f'<span class="mark">{mark}</span>' if mark else "")
            + f"</th>{vote}<td>{signed(float(step.scores[index]))}</td>"
            f"<td>{signed(float(step.divided[index]))}</td>"
            f'<td><div class="share"><span>{confidence_words(share)}</span>'
            f'<i aria-hidden="true"><b style="width:{100 * share:.1f}%"></b></i></div></td></tr>'
        )
    voted = "" if step.votes is None else "<th scope=col>Vote</th>"
    score = "<small>logit</small>" if step.votes is None else "<small>logarithm</small>"
    return (
        '<table class="digit-lab-final" aria-label="From scores to percentages"><thead><tr>'
        f'<th scope="col">Answer</th>{voted}<th scope="col">Score{score}</th>'
        f'<th scope="col">÷ {step.temperature:g}<small>temperature</small></th>'
        '<th scope="col">Probability<small>softmax</small></th>'
        f"</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def words(step: FinalStep, prediction: Prediction, classes: Sequence[str]) -> str:
    """Explains the step with the numbers of the two most probable classes, as Markdown."""
    first, second = classes[step.winner], classes[step.second]
    start = (
        "The last layer gives each possible answer a **score** (*logit*)."
        if step.votes is None
        else "The members' vote is turned back into a **score** for each possible answer (its"
        " natural *logarithm*)."
    )
    parts = (
        start,
        _divided(step, first),
        _softmax(step, first, second),
        _refused(prediction),
    )
    return "\n\n".join(part for part in parts if part)


def _divided(step: FinalStep, first: str) -> str:
    if step.temperature == 1:
        return (
            "The scores are divided by the **temperature**. For this network it is 1, so they stay"
            " as they are."
        )
    before = confidence_words(float(step.uncorrected[step.winner]))
    after = confidence_words(float(step.probabilities[step.winner]))
    whole = "network was" if step.votes is None else "ensemble was"
    fault = f"too {'sure' if step.temperature > 1 else 'unsure'} of itself"
    without = (
        f"Here it hardly matters: {first} gets {after} with it and without"
        if before == after
        else f"Without it, {first} would get {before} instead of {after}"
    )
    return (
        f"All scores are divided by **{step.temperature:g}**, the **temperature**, because on"
        f" validation data this {whole} {fault} (*calibration*). {without}."
    )


def _softmax(step: FinalStep, first: str, second: str) -> str:
    ratio = float(step.probabilities[step.winner]) / max(
        float(step.probabilities[step.second]), 1e-30
    )
    times = f"{ratio:.2f}" if ratio < 100 else f"{ratio:,.0f}" if ratio < 1e6 else "over a million"
    return (
        "**Softmax** turns the scores into percentages that add up to 100 %. Only the leads count:"
        f" {first} is {step.lead:.2f} ahead of {second}, which makes it $e^{{{step.lead:.2f}}}$ ≈"
        f" **{times} times** as probable."
    )


def _refused(prediction: Prediction) -> str:
    if prediction.threshold == 0:
        return ""
    confidence = confidence_words(prediction.confidence)
    limit = confidence_words(prediction.threshold)
    if prediction.recognised:
        return (
            f"This counts as a digit, because the network is at least {limit} confident; with"
            " less, the page would say that it does not look like one (*rejection*)."
        )
    return (
        f"{confidence} is below {limit}, so the page says that this does not look like a digit"
        " (*rejection*)."
    )
